package mss

import (
	"cmp"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// Proration is how the price of the days used is calculated. The billing document says
// that actual use is deducted from a refund and gives no formula; these two are the
// library's choice. Use one for all figures of a subscription. The zero Proration is
// not valid.
type Proration int

// The prorations. Their text is "day" and "month".
const (
	// ByDay charges Paid × days used ÷ days of the term; less than a day counts as one.
	// It is the second of three ways in Tencent Cloud's page on returns (云服务退货说明,
	// document 555/7440), which leaves the choice to each product.
	ByDay Proration = iota + 1
	// ByMonth charges whole service months at the band's price (a twelfth of it for a
	// plan priced by the year), and the current service month at that price × days used
	// in it ÷ days in it. A service month runs from anchor day to anchor day. Some other
	// Tencent Cloud products do so (for one, document 1047/55095). For a plan priced by
	// the day it equals ByDay.
	ByMonth
)

var prorations = enum[Proration]{"Proration", []string{"day", "month"}, ErrInconsistent}

// String returns "day" or "month", or "Proration(9)" for an invalid proration.
func (p Proration) String() string { return prorations.text(p) }

// MarshalText implements [encoding.TextMarshaler]: it returns the text of p, or an
// error wrapping [ErrInconsistent] if p is not valid.
func (p Proration) MarshalText() ([]byte, error) { return prorations.marshal(p) }

// UnmarshalText implements [encoding.TextUnmarshaler]. For any text but "day" and
// "month" it returns an error wrapping [ErrInconsistent] and leaves p unchanged.
func (p *Proration) UnmarshalText(text []byte) error { return prorations.unmarshal(p, text) }

// Value implements [driver.Valuer]: it returns what MarshalText does.
func (p Proration) Value() (driver.Value, error) { return columnValue(p.MarshalText()) }

// Scan implements [database/sql.Scanner]: it reads a text column as UnmarshalText
// does. For any other column, NULL too, it returns an error wrapping
// [ErrInconsistent] and leaves p unchanged.
func (p *Proration) Scan(src any) error { return prorations.scan(p, src) }

// GormDataType returns "string", so that GORM makes a text column.
func (Proration) GormDataType() string { return gormText }

// Consumed returns the price, in yuan, of the days of service that begin before
// until: 0 up to Start, and all that was paid once the last day has begun. So
// Consumed(b) less Consumed(a) is what the days of [a, b) cost. It is rounded once,
// half up, to the fen.
//
// until may be before the purchase or after End. A cancelled subscription consumes up
// to Refunded.Consumed and no further. As a day that has begun counts as used in a
// refund, Refund(at).Consumed is what was consumed one nanosecond after at.
//
// One year for 252000 yuan from 31 January 2026, until 16 March: 44 of 365 days. By
// day that is 252000 × 44 ÷ 365 = 30378.08 yuan. By month it is one month (to 27
// February) and 16 of the 31 days to 30 March: 21000 + 21000 × 16 ÷ 31 = 31838.71.
//
// Consumed returns an error wrapping
//   - [ErrInconsistent] if s is not valid;
//   - [ErrInconsistent] if by is not valid, or if s is cancelled and by is not the
//     proration of its refund;
//   - [ErrDate] if until is the zero time or outside the years 1 to 9999.
func (s Subscription) Consumed(until time.Time, by Proration) (decimal.Decimal, error) {
	c, err := s.prorated(by)
	if err = cmp.Or(err, checkDate("until", until)); err != nil {
		return decimal.Decimal{}, wrap(err, "consumed", s.Quote.Plan)
	}
	return c.consumed(c.used(until.Add(-1)), by).yuan(), nil
}

// Deferred returns what was paid before until, in yuan, and is by then neither
// consumed nor paid back: the deferred revenue, or the prepaid expense, of a balance
// sheet. It is 0 while until is not after Purchased, and what was paid less
// [Subscription.Consumed] after that. For a cancelled subscription it is so up to
// Refunded.At, and 0 after it: a refund does not change an earlier balance.
//
// Of one year for 252000 yuan from 31 January 2026, 251309.59 yuan are deferred at
// the end of January, by day, even after a refund in March.
//
// It returns the errors of Consumed.
func (s Subscription) Deferred(until time.Time, by Proration) (decimal.Decimal, error) {
	c, err := s.prorated(by)
	if err = cmp.Or(err, checkDate("until", until)); err != nil {
		return decimal.Decimal{}, wrap(err, "deferred", s.Quote.Plan)
	}
	return c.deferred(until, c.consumed(c.used(until.Add(-1)), by)).yuan(), nil
}

// Period is the part of a calendar month, in Beijing, in which a subscription was
// served. Reading one from JSON checks nothing.
type Period struct {
	// Start is 00:00 Beijing of the first day served.
	Start time.Time `json:"start"`
	// End is 00:00 Beijing of the day after the last.
	End time.Time `json:"end"`
	// Days is the number of days from Start to End.
	Days int `json:"days"`
	// Amount is what these days cost, in yuan.
	Amount decimal.Decimal `json:"amount"`
	// Deferred is what Subscription.Deferred returns for End, in yuan.
	Deferred decimal.Decimal `json:"deferred"`
}

// Amortize returns one [Period] for each calendar month in Beijing that has days of
// service, in order: for revenue recognition and for amortized cost by month.
// Amount is [Subscription.Consumed] at the period's End less that at its Start, so
// the amounts sum to what was paid, or to Refunded.Consumed if s is cancelled. The
// result is empty for a subscription that was cancelled before its first day. Between
// the purchase and the first period all that was paid is deferred.
//
// Amortize returns an error wrapping
//   - [ErrInconsistent] if s is not valid;
//   - [ErrInconsistent] if by is not valid, or if s is cancelled and by is not the
//     proration of its refund.
func (s Subscription) Amortize(by Proration) ([]Period, error) {
	c, err := s.prorated(by)
	if err != nil {
		return nil, wrap(err, "amortize", s.Quote.Plan)
	}
	periods := make([]Period, 0, (c.end-c.start)/28+2) // not nil: none is [] in JSON
	var consumed fen
	for start := c.start; start < c.end; {
		year, month, _ := start.date()
		end := min(newDay(year, month+1, 1), c.end)
		total := c.consumed(end-c.start, by)
		periods = append(periods, Period{Start: start.midnight(), End: end.midnight(), Days: int(end - start),
			Amount: (total - consumed).yuan(), Deferred: c.deferred(end.midnight(), total).yuan()})
		start, consumed = end, total
	}
	return periods, nil
}

// Refund is what is paid back for a subscription at an instant. Amount is the figure
// to apply for at [ContactURL]; it is Paid less Consumed.
//
// In JSON, every field must be there, and a refund that is not consistent is neither
// written nor read; see [Refund.UnmarshalJSON].
type Refund struct {
	At        time.Time       `json:"at"` // the instant it is calculated for
	By        Proration       `json:"by"`
	UsedDays  int             `json:"used_days"`  // days begun by At
	TotalDays int             `json:"total_days"` // days of the term
	Paid      decimal.Decimal `json:"paid"`       // yuan: the quote's amount
	Consumed  decimal.Decimal `json:"consumed"`   // yuan
	Amount    decimal.Decimal `json:"amount"`     // yuan: Paid less Consumed
}

// Equal reports whether r and q are the same refund. Times are compared as instants
// and amounts by value.
func (r Refund) Equal(q Refund) bool { return r.checkEqual(q) == nil }

// String returns r on one line, such as "by day, 44 of 365 days: paid 252000.00,
// consumed 30378.08, amount 221621.92 yuan", or "invalid refund" and the reason if r
// is not consistent.
func (r Refund) String() string {
	if _, err := r.checked(); err != nil {
		return "invalid refund: " + err.Error()
	}
	return fmt.Sprintf("by %v, %d of %s: paid %s, consumed %s, amount %s yuan", r.By, r.UsedDays,
		count(r.TotalDays, "day"), yuan(r.Paid), yuan(r.Consumed), yuan(r.Amount))
}

// MarshalJSON writes r with its time in Beijing, or returns an error wrapping
// [ErrInconsistent] if r is not consistent.
func (r Refund) MarshalJSON() ([]byte, error) {
	r, err := r.checked()
	return encode(refundFields(r), err, "refund")
}

// UnmarshalJSON reads a refund and checks what can be checked without the
// subscription: that Amount is Paid less Consumed and, if it is by day or if none or all
// of the days are used, that Consumed is right. [Subscription.Cancel] checks that it is
// the refund of a subscription. If UnmarshalJSON returns an error, which wraps
// [ErrInconsistent], r is unchanged.
func (r *Refund) UnmarshalJSON(data []byte) error { return decode(r, data, "refund", readRefund) }

// Value implements [driver.Valuer]: it returns what MarshalJSON does, for a text or
// JSON column.
func (r Refund) Value() (driver.Value, error) { return columnValue(r.MarshalJSON()) }

// Scan implements [database/sql.Scanner]: it reads a text column as UnmarshalJSON
// does. For any other column, NULL too, it returns an error wrapping
// [ErrInconsistent] and leaves r unchanged.
func (r *Refund) Scan(src any) error { return scan(src, "refund", r.UnmarshalJSON, ErrInconsistent) }

// GormDataType returns "string", so that GORM makes a text column.
func (Refund) GormDataType() string { return gormText }

// Refund calculates what is paid back for s at an instant. It is a preview, which
// changes nothing and is valid until the end of its Beijing day. A day that has
// begun counts as used; before Start no day is. Consumed is as for
// [Subscription.Consumed], Amount the rest of what was paid. On the last day all is
// consumed and Amount is 0.
//
// One year for 252000 yuan from 31 January 2026, refunded on 15 March: 44 of 365 days
// are used, 30378.08 yuan are consumed by day, and 221621.92 are paid back; by month
// 31838.71 and 220161.29.
//
// The billing document says that a refund is applied for and that actual use is
// deducted. Refund returns an error wrapping
//   - [ErrInconsistent] if s is not valid;
//   - [ErrCancelled] if s is cancelled already;
//   - [ErrInconsistent] if by is not valid;
//   - [ErrDate] if at is before s.Purchased, or outside the years 1 to 9999;
//   - [ErrExpired] if at is at s.End or later.
func (s Subscription) Refund(at time.Time, by Proration) (Refund, error) {
	c, err := s.uncancelled()
	if err != nil {
		return Refund{}, wrap(err, "refund", s.Quote.Plan)
	}
	r, err := c.refund(at, by)
	return r, wrap(err, "refund", s.Quote.Plan)
}

// Cancel closes s with a refund that [Subscription.Refund] returned, confirmed at an
// instant of the same Beijing day, and returns the subscription to store. If service
// had begun, the days charged are still served, which is the library's policy: End
// moves to Start + UsedDays, and Status is Active until then and Cancelled from
// then. If it had not, Status is Cancelled from r.At.
//
// The package keeps no link between s and its renewal: refund the renewal first.
//
// Cancel returns an error wrapping
//   - [ErrInconsistent] if s is not valid;
//   - [ErrCancelled] if s is cancelled already;
//   - the error of Refund if there is no refund for r.At and r.By;
//   - [ErrInconsistent] if a field of r differs from that refund;
//   - [ErrDate] if at is before r.At, on another Beijing day, or the zero time.
func (s Subscription) Cancel(r Refund, at time.Time) (Subscription, error) {
	c, err := s.uncancelled()
	if err == nil {
		c, err = c.cancel(r, at)
	}
	return c.Subscription, wrap(err, "cancel", s.Quote.Plan)
}

// Change is a subscription closed and another opened in its place. Reading one from
// JSON checks its parts, but not that they belong together.
type Change struct {
	// Refund is the refund of Closed.
	Refund Refund       `json:"refund"`
	Closed Subscription `json:"closed"`
	Opened Subscription `json:"opened"`
	// Net is the amount of Opened less that of Refund, in yuan. If it is below 0, it is
	// owed to the customer.
	Net decimal.Decimal `json:"net"`
}

// Change replaces s, at an instant, by a subscription of q: another number of
// machines, another plan or term. It closes s like [Subscription.Refund] and
// [Subscription.Cancel], and opens the new one at the End of the closed one. So no day
// is billed twice and none is left out, provided that a renewal of s is refunded
// first: the package keeps no link to it.
//
// The new subscription keeps the anchor day if neither term is of days and whole
// service months of s end there: nothing was used, or at is on the last day of a
// service month. So a year from 31 January, changed on 30 March to the ten months
// left, ends when it would have. Otherwise the anchor day is the day on which it
// starts.
//
// Tencent Cloud's page on returns (555/7440) says that a downgrade is done this way, by a
// refund and then a purchase; doing an upgrade so, too, is the library's choice.
//
// Change returns an error wrapping
//   - [ErrInconsistent] if s is not valid;
//   - [ErrCancelled] if s is cancelled already;
//   - [ErrInconsistent] if q is not valid;
//   - the error of Refund if there is no refund for at and by;
//   - [ErrDate] if q cannot begin at the End of the closed one, because of its lead
//     days: cancel and buy separately;
//   - [ErrDate] if q is priced by the month or year, s by the day, and that End is
//     later than the day after at: change it later, or cancel and buy separately;
//   - [ErrDate] if the new End is after the year 9999.
func (s Subscription) Change(q Quote, at time.Time, by Proration) (Change, error) {
	c, err := s.uncancelled()
	o, invalid := q.check()
	if err = cmp.Or(err, prefix(invalid, "new quote")); err != nil {
		return Change{}, wrap(err, "change", s.Quote.Plan)
	}
	r, err := c.refund(at, by)
	if err != nil {
		return Change{}, wrap(err, "change", s.Quote.Plan)
	}
	closed := c.close(r)
	opened, err := closed.follow(o, at)
	if err == nil && opened.start != closed.end {
		err = fmt.Errorf("start %v: want %v or later, as bought on %v with %s; cancel and buy separately: %w",
			closed.end, opened.start, dayOf(at), count(q.LeadDays, "lead day"), ErrDate)
	}
	if err != nil {
		return Change{}, wrap(prefix(err, "new plan "+quoted(q.Plan)), "change", s.Quote.Plan)
	}
	refunded, _ := toFen(r.Amount) // which was made of whole fen
	return Change{r, closed.Subscription, opened.Subscription, (opened.paid - refunded).yuan()}, nil
}

// prorated returns s checked, if it can be prorated that way.
func (s Subscription) prorated(by Proration) (contract, error) {
	c, err := s.checked()
	err = cmp.Or(err, prorations.check(by))
	if err == nil && c.Refunded != nil && by != c.Refunded.By {
		err = fmt.Errorf("proration %v: want %v, as refunded: %w", by, c.Refunded.By, ErrInconsistent)
	}
	return c, err
}

// consumed returns the price of the first days of service.
func (c contract) consumed(days day, by Proration) fen {
	if by == ByDay || c.Quote.Unit == Day {
		return c.paid.prorate(int64(days), int64(c.term))
	}
	months, first, next := c.month(c.start + days)
	length := next - first
	part := day(months)*length + c.start + days - first
	priced := day(Term{1, c.Quote.Unit}.quantity(Month)) // months that the price buys
	return c.price.prorate(int64(part), int64(priced*length))
}

// deferred returns what was paid before until and is by then neither consumed nor paid
// back.
func (c contract) deferred(until time.Time, consumed fen) fen {
	if !until.After(c.Purchased) || c.Refunded != nil && until.After(c.Refunded.At) {
		return 0
	}
	return c.paid - consumed
}

// refund is Refund for a c that is not cancelled.
func (c contract) refund(at time.Time, by Proration) (Refund, error) {
	if err := cmp.Or(prorations.check(by), c.checkSincePurchase(at)); err != nil {
		return Refund{}, err
	}
	if dayOf(at) >= c.end {
		return Refund{}, fmt.Errorf("%s: want a time before %s, the end: %w", instant(at), instant(c.End), ErrExpired)
	}
	used := c.used(at)
	consumed := c.consumed(used, by)
	return Refund{At: at.In(beijing), By: by, UsedDays: int(used), TotalDays: int(c.term),
		Paid: c.Quote.Amount, Consumed: consumed.yuan(), Amount: (c.paid - consumed).yuan()}, nil
}

// cancel closes c, which is not cancelled, if r is its refund and at on its day.
func (c contract) cancel(r Refund, at time.Time) (contract, error) {
	want, err := c.refund(r.At, r.By)
	if err = cmp.Or(err, r.checkEqual(want), checkDate("confirmation", at)); err != nil {
		return contract{}, err
	}
	if at.Before(r.At) || dayOf(at) != dayOf(r.At) {
		return contract{}, fmt.Errorf("confirmed at %s: want %s, the time of the preview, or later on that day: %w",
			instant(at), instant(r.At), ErrDate)
	}
	return c.close(want), nil
}

func (c contract) close(r Refund) contract {
	c.end = c.start + day(r.UsedDays)
	c.End = c.end.midnight()
	c.Refunded = &r
	return c
}

// checked returns r with its time in Beijing, or what is inconsistent in r alone.
func (r Refund) checked() (Refund, error) {
	if err := cmp.Or(checkDate("at", r.At), prorations.check(r.By)); err != nil {
		return Refund{}, as(err, ErrInconsistent)
	}
	if r.TotalDays < 1 || r.TotalDays > maxDays || r.UsedDays < 0 || r.UsedDays > r.TotalDays {
		return Refund{}, fmt.Errorf("used_days %d, total_days %d: want 0 to the total_days, of 1 to %d: %w",
			r.UsedDays, r.TotalDays, maxDays, ErrInconsistent)
	}
	paid, paidOK := toFen(r.Paid)
	consumed, consumedOK := toFen(r.Consumed)
	_, amountOK := toFen(r.Amount)
	if !paidOK || !consumedOK || !amountOK || paid < 1 || paid > maxPrice*maxDays || consumed < 0 || consumed > paid {
		return Refund{}, fmt.Errorf("paid %s, consumed %s, amount %s: want whole fen, paid above 0, of which consumed is a part: %w",
			yuan(r.Paid), yuan(r.Consumed), yuan(r.Amount), ErrInconsistent)
	}
	if r.By == ByDay || r.UsedDays == 0 || r.UsedDays == r.TotalDays { // else only the subscription knows the price
		consumed = paid.prorate(int64(r.UsedDays), int64(r.TotalDays))
	}
	want := r
	want.At, want.Consumed, want.Amount = r.At.In(beijing), consumed.yuan(), (paid - consumed).yuan()
	return want, r.checkEqual(want)
}

// checkEqual returns an error that names the fields in which r may differ from want.
func (r Refund) checkEqual(want Refund) error {
	switch {
	case !r.At.Equal(want.At) || r.By != want.By:
		return fmt.Errorf("at %s by %v: want %s by %v: %w", instant(r.At), r.By, instant(want.At), want.By, ErrInconsistent)
	case r.UsedDays != want.UsedDays || r.TotalDays != want.TotalDays:
		return fmt.Errorf("used_days %d, total_days %d: want %d and %d: %w",
			r.UsedDays, r.TotalDays, want.UsedDays, want.TotalDays, ErrInconsistent)
	case compare(r.Paid, want.Paid) != 0 || compare(r.Consumed, want.Consumed) != 0 || compare(r.Amount, want.Amount) != 0:
		return fmt.Errorf("paid %s, consumed %s, amount %s: want %s, %s and %s: %w", yuan(r.Paid), yuan(r.Consumed),
			yuan(r.Amount), yuan(want.Paid), yuan(want.Consumed), yuan(want.Amount), ErrInconsistent)
	}
	return nil
}

// refundFields has no methods of Refund, so that encoding/json writes the fields.
type refundFields Refund

// UnmarshalJSON reads into fields that are not valid as long as one is missing.
func (f *refundFields) UnmarshalJSON(data []byte) error {
	type fields refundFields
	none := decimal.NewFromInt(-1)
	read := fields{UsedDays: -1, Consumed: none, Amount: none}
	err := json.Unmarshal(data, &read)
	*f = refundFields(read)
	return err
}

func readRefund(data []byte) (Refund, error) {
	check := func(f refundFields) (Refund, error) { return Refund(f).checked() }
	return readDocument(data, refundFields{}, check, refundSchema)
}

func refundSchema([]byte) []field {
	var r Refund
	return []field{
		{"at", &r.At, anInstant}, {"by", &r.By, "day or month"},
		{"used_days", &r.UsedDays, aNumber}, {"total_days", &r.TotalDays, aNumber},
		{"paid", &r.Paid, anAmount}, {"consumed", &r.Consumed, anAmount}, {"amount", &r.Amount, anAmount},
	}
}
