package mss

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// Proration is how the price of the days used is calculated. The billing document
// grants a refund less actual use and gives no formula: choosing these two is the
// library's. The zero Proration is not valid.
type Proration uint8

// The prorations. Their text is "day" and "month".
const (
	// ByDay charges Paid × days used ÷ days of the term. It is the second of three
	// ways in Tencent Cloud's page on returns (云服务退货说明, 555/7440): used time ÷
	// total time × price × discount (none here), and less than a day counts as one.
	ByDay Proration = iota + 1
	// ByMonth charges whole months of service at the band's price, and the current
	// month at price × days used in it ÷ days of it, as other Tencent Cloud products
	// do (for one, 即时通信 IM, document 1047/55095). For a plan priced by the day it
	// equals ByDay.
	ByMonth
)

var prorations = enum[Proration]{"Proration", []string{"day", "month"}, ErrInconsistent}

// String returns "day" or "month", or "Proration(9)" for an invalid proration.
func (p Proration) String() string { return prorations.text(p) }

// MarshalText returns [Proration.String], or an error wrapping [ErrInconsistent] if
// p is not valid.
func (p Proration) MarshalText() ([]byte, error) { return prorations.marshal(p) }

// UnmarshalText sets p to the proration that text names, "day" or "month". For any
// other text it returns an error wrapping [ErrInconsistent] and leaves p unchanged.
func (p *Proration) UnmarshalText(text []byte) error { return prorations.unmarshal(p, text) }

// Value returns [Proration.String] for a text column, or an error wrapping
// [ErrInconsistent] if p is not valid.
func (p Proration) Value() (driver.Value, error) { return columnValue(p.MarshalText()) }

// Scan sets p from a text column, as [Proration.UnmarshalText] does. For anything
// else, NULL too, it returns an error wrapping [ErrInconsistent] and leaves p
// unchanged.
func (p *Proration) Scan(column any) error {
	return scan(column, "proration", p.UnmarshalText, ErrInconsistent)
}

// Consumed returns the price, in yuan, of the days of service that begin before
// until: 0 up to Start, and all that was paid once the last day has begun. So
// Consumed(b) less Consumed(a) is what the days of [a, b) cost, at month-end or
// between any two instants. It is rounded once, half away from zero, to the fen.
//
// until may be any instant, also before the purchase and after End. A cancelled
// subscription consumes up to Refunded.Consumed. Refund(at).Consumed equals Consumed
// at one nanosecond after at, as a day that has begun counts as used.
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
	valid, err := s.prorated(by)
	if err = cmp.Or(err, checkDate("until", until)); err != nil {
		return decimal.Decimal{}, wrap(err, "consumed", s.Quote.Plan)
	}
	return valid.consumed(valid.usedDays(until.Add(-1)), by), nil
}

// Period is the part of a calendar month, in Beijing, in which a subscription was
// served. In JSON it is written and not read.
type Period struct {
	Start     time.Time       `json:"start"`     // 00:00 Beijing, first day served
	End       time.Time       `json:"end"`       // 00:00 Beijing, the day after the last
	Days      int             `json:"days"`      // from Start to End
	Amount    decimal.Decimal `json:"amount"`    // yuan: what these days cost
	Remaining decimal.Decimal `json:"remaining"` // yuan: what is consumed after End
}

// Amortize returns one [Period] for each calendar month in Beijing that has days of
// service, in order: for revenue recognition and for amortized cost by month.
// Amount is [Subscription.Consumed] at the period's End less that at its Start, so
// the amounts sum to what was paid, or to Refunded.Consumed if s is cancelled.
// Remaining is what is consumed later, the deferred revenue at the period's End: 0
// in the last period. The result is empty for a subscription that was cancelled
// before its first day.
//
// Amortize returns an error wrapping
//   - [ErrInconsistent] if s is not valid;
//   - [ErrInconsistent] if by is not valid, or if s is cancelled and by is not the
//     proration of its refund.
func (s Subscription) Amortize(by Proration) ([]Period, error) {
	valid, err := s.prorated(by)
	if err != nil {
		return nil, wrap(err, "amortize", s.Quote.Plan)
	}
	periods := make([]Period, 0, valid.days()/28+2) // not nil: none is [] in JSON
	total := valid.consumed(valid.days(), by)
	start, remaining := valid.Start, total
	for start.Before(valid.End) {
		end := time.Date(start.Year(), start.Month()+1, 1, 0, 0, 0, 0, beijing)
		if end.After(valid.End) {
			end = valid.End
		}
		later := total.Sub(valid.consumed(daysBetween(valid.Start, end), by))
		periods = append(periods, Period{start, end, daysBetween(start, end), remaining.Sub(later), later})
		start, remaining = end, later
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
	Consumed  decimal.Decimal `json:"consumed"`   // yuan, to the fen
	Amount    decimal.Decimal `json:"amount"`     // yuan: Paid less Consumed
}

// Equal reports whether r and q are the same refund. Times are compared as instants
// and amounts by value.
func (r Refund) Equal(q Refund) bool { return r.checkEqual(q) == nil }

// MarshalJSON writes r with its time in Beijing, or returns an error wrapping
// [ErrInconsistent] if r is not consistent.
func (r Refund) MarshalJSON() ([]byte, error) {
	type refund Refund // as for Subscription
	r, err := r.checked()
	return encode(refund(r), err, "refund")
}

// UnmarshalJSON reads a refund and checks it: its used days are among the total days,
// its amounts are whole fen and consistent, and Consumed is the share of the days
// used, by day, or by month if no day or every day is used. Whether it is the refund
// of a subscription, [Subscription.Cancel] checks. If UnmarshalJSON returns an error,
// which wraps [ErrInconsistent], r is unchanged.
func (r *Refund) UnmarshalJSON(data []byte) error { return decode(r, data, "refund", decodeRefund) }

// Value returns the JSON document of r for a text column, or an error wrapping
// [ErrInconsistent] if r is not consistent.
func (r Refund) Value() (driver.Value, error) { return columnValue(r.MarshalJSON()) }

// Scan reads the JSON document of a text column, as UnmarshalJSON does. For
// anything else, NULL too, it returns an error wrapping [ErrInconsistent] and
// leaves r unchanged.
func (r *Refund) Scan(column any) error {
	return scan(column, "refund", r.UnmarshalJSON, ErrInconsistent)
}

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
// That actual use is deducted is in the billing document. Refund returns an error
// wrapping
//   - [ErrInconsistent] if s is not valid;
//   - [ErrCancelled] if s is cancelled already;
//   - [ErrInconsistent] if by is not valid;
//   - [ErrDate] if at is before s.Purchased or is not a valid date;
//   - [ErrExpired] if at is at s.End or later.
func (s Subscription) Refund(at time.Time, by Proration) (Refund, error) {
	valid, err := s.uncancelled()
	if err != nil {
		return Refund{}, wrap(err, "refund", s.Quote.Plan)
	}
	r, err := valid.refund(at, by)
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
//   - [ErrDate] if at is before r.At or on another Beijing day.
func (s Subscription) Cancel(r Refund, at time.Time) (Subscription, error) {
	closed, err := s.uncancelled()
	if err == nil {
		closed, err = closed.cancel(r)
	}
	if err == nil && (at.Before(r.At) || date(at) != date(r.At)) {
		err = fmt.Errorf("confirmed at %s: want %s, the time of the preview, or later on that day: %w",
			instant(at), instant(r.At), ErrDate)
	}
	if err != nil {
		return Subscription{}, wrap(err, "cancel", s.Quote.Plan)
	}
	return closed, nil
}

// Change is a subscription closed and another opened in its place. In JSON it is
// written and not read.
type Change struct {
	Refund Refund          `json:"refund"` // of the subscription that is closed
	Closed Subscription    `json:"closed"`
	Opened Subscription    `json:"opened"`
	Net    decimal.Decimal `json:"net"` // yuan: the new amount less the refund; below 0 it is owed to the customer
}

// Change replaces s, at an instant, by a subscription of q: another number of
// machines, another plan or term. It closes s like [Subscription.Refund] and
// [Subscription.Cancel], and opens the new one at the End of the closed one, with a
// new anchor day. So no day is billed twice and none is left out. Net is what the
// customer still pays, or is owed if it is below 0.
//
// Tencent Cloud's page on returns (555/7440) has downgrades done this way, a refund
// and then a purchase; that upgrades are done the same way is the library's choice.
//
// Change returns an error wrapping
//   - [ErrInconsistent] if s is not valid;
//   - [ErrCancelled] if s is cancelled already;
//   - [ErrInconsistent] if q is not valid;
//   - the error of Refund if there is no refund for at and by;
//   - [ErrDate] if the new End is after the year 9999;
//   - [ErrDate] if q cannot begin by the End of the closed one, because of its lead
//     days: cancel and buy separately;
//   - [ErrDate] if q is priced by the month, s by the day, and that End is later than
//     the day after at: cancel and buy separately, as q begins when it is bought.
func (s Subscription) Change(q Quote, at time.Time, by Proration) (Change, error) {
	old, err := s.uncancelled()
	var r Refund
	if err = cmp.Or(err, prefix(q.check(), "new quote")); err == nil {
		r, err = old.refund(at, by)
	}
	if err != nil {
		return Change{}, wrap(err, "change", s.Quote.Plan)
	}
	closed := old.close(r)
	opened, err := q.open(at, closed.End, closed.End.Day())
	if tomorrow := addDays(at, 1); old.Quote.Term.Unit == Day && q.Term.Unit != Day && closed.End.After(tomorrow) {
		err = fmt.Errorf("start %s: want %s or earlier, as a plan priced by the month begins when it is bought: %w",
			date(closed.End), date(tomorrow), ErrDate)
	}
	if err != nil {
		return Change{}, wrap(fmt.Errorf("new plan %.40q: cancel and buy separately: %w", q.Plan, err), "change", s.Quote.Plan)
	}
	return Change{Refund: r, Closed: closed, Opened: opened, Net: q.Amount.Sub(r.Amount)}, nil
}

// prorated returns s checked, if it can be prorated that way.
func (s Subscription) prorated(by Proration) (Subscription, error) {
	s, err := s.checked()
	err = cmp.Or(err, prorations.check(by))
	if err == nil && s.Refunded != nil && by != s.Refunded.By {
		err = fmt.Errorf("proration %v: want %v, as refunded: %w", by, s.Refunded.By, ErrInconsistent)
	}
	return s, err
}

// refund is Refund for an s that is valid and not cancelled.
func (s Subscription) refund(at time.Time, by Proration) (Refund, error) {
	if err := cmp.Or(prorations.check(by), s.checkSincePurchase(at)); err != nil {
		return Refund{}, err
	}
	if !at.Before(s.End) {
		return Refund{}, fmt.Errorf("%s: want a time before %s, the end: %w", instant(at), instant(s.End), ErrExpired)
	}
	used, paid := s.usedDays(at), s.Quote.Amount
	consumed := s.consumed(used, by)
	return Refund{At: at.In(beijing), By: by, UsedDays: used, TotalDays: s.days(),
		Paid: paid, Consumed: consumed, Amount: paid.Sub(consumed)}, nil
}

// cancel closes s, which is valid and not cancelled, if r is its refund.
func (s Subscription) cancel(r Refund) (Subscription, error) {
	want, err := s.refund(r.At, r.By)
	if err = cmp.Or(err, r.checkEqual(want)); err != nil {
		return Subscription{}, err
	}
	return s.close(want), nil
}

func (s Subscription) close(r Refund) Subscription {
	s.End = addDays(s.Start, r.UsedDays)
	s.Refunded = &r
	return s
}

// consumed returns the price of the first days of service.
func (s Subscription) consumed(days int, by Proration) decimal.Decimal {
	if by == ByDay || s.Quote.Term.Unit == Day {
		total := s.days()
		if s.Refunded != nil {
			total = s.Refunded.TotalDays
		}
		return prorate(s.Quote.Amount, days, total)
	}
	end := addDays(s.Start, days)
	startYear, startMonth, _ := s.Start.Date()
	endYear, endMonth, _ := end.Date()
	months := 12*(endYear-startYear) + int(endMonth-startMonth)
	current := s.anchored(months)
	if current.After(end) {
		months--
		current = s.anchored(months)
	}
	length := daysBetween(current, s.anchored(months+1))
	return prorate(s.Quote.Tier.Price, months*length+daysBetween(current, end), length)
}

// prorate returns amount × part ÷ whole to the fen, rounded half away from zero.
func prorate(amount decimal.Decimal, part, whole int) decimal.Decimal {
	return amount.Mul(decimal.NewFromInt(int64(part))).DivRound(decimal.NewFromInt(int64(whole)), 2)
}

func decodeRefund(data []byte) (Refund, error) {
	type refund Refund
	none := decimal.NewFromInt(-1)
	fields := refund{UsedDays: -1, Consumed: none, Amount: none} // not valid, so that none can be left out
	err := unmarshal(data, &fields, ErrInconsistent)
	r, inconsistent := Refund(fields).checked()
	return r, cmp.Or(err, inconsistent)
}

// checked returns r with its time in Beijing, or an error that says what is
// inconsistent.
func (r Refund) checked() (Refund, error) {
	if err := cmp.Or(checkDate("at", r.At), prorations.check(r.By)); err != nil {
		return Refund{}, relabel(err, ErrInconsistent)
	}
	if r.TotalDays < 1 || r.TotalDays > maxDays || r.UsedDays < 0 || r.UsedDays > r.TotalDays {
		return Refund{}, fmt.Errorf("used_days %d, total_days %d: want 0 to the total_days, of 1 to %d: %w",
			r.UsedDays, r.TotalDays, maxDays, ErrInconsistent)
	}
	paid, paidOK := fen(r.Paid)
	consumed, consumedOK := fen(r.Consumed)
	_, amountOK := fen(r.Amount)
	if !paidOK || !consumedOK || !amountOK || paid < 1 || paid > maxPrice*maxDays || consumed < 0 || consumed > paid {
		return Refund{}, fmt.Errorf("paid %s, consumed %s, amount %s: want whole fen, paid above 0, of which consumed is a part: %w",
			yuan(r.Paid), yuan(r.Consumed), yuan(r.Amount), ErrInconsistent)
	}
	want := r
	if r.By == ByDay || r.UsedDays == 0 || r.UsedDays == r.TotalDays { // else only the subscription knows the price
		want.Consumed = prorate(r.Paid, r.UsedDays, r.TotalDays)
	}
	want.At, want.Amount = r.At.In(beijing), r.Paid.Sub(want.Consumed)
	return want, r.checkEqual(want)
}

// checkEqual returns an error that names the first field in which r is not want.
func (r Refund) checkEqual(want Refund) error {
	mismatch := func(field string, got, want any) error {
		return fmt.Errorf("%s %v: want %v: %w", field, got, want, ErrInconsistent)
	}
	switch {
	case !r.At.Equal(want.At):
		return mismatch("at", instant(r.At), instant(want.At))
	case r.By != want.By:
		return mismatch("by", r.By, want.By)
	case r.UsedDays != want.UsedDays:
		return mismatch("used_days", r.UsedDays, want.UsedDays)
	case r.TotalDays != want.TotalDays:
		return mismatch("total_days", r.TotalDays, want.TotalDays)
	case compare(r.Paid, want.Paid) != 0:
		return mismatch("paid", yuan(r.Paid), yuan(want.Paid))
	case compare(r.Consumed, want.Consumed) != 0:
		return mismatch("consumed", yuan(r.Consumed), yuan(want.Consumed))
	case compare(r.Amount, want.Amount) != 0:
		return mismatch("amount", yuan(r.Amount), yuan(want.Amount))
	}
	return nil
}
