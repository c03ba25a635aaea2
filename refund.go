package mss

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// Proration is how the price of the days used is reckoned. The product's document
// grants a refund of what was not used and gives no formula: these two are the
// library's. The zero Proration is not valid.
type Proration uint8

// The prorations. Their text is "day" and "month".
const (
	// ByDay charges Paid × UsedDays ÷ TotalDays. It is the second of the three
	// ways in Tencent Cloud's general rule on returns (document 555/7440): used
	// time ÷ total time × price, less than a day counting as one day.
	ByDay Proration = iota + 1
	// ByMonth charges whole service months at the band's price, and of the month
	// under way price × days used in it ÷ days in it, as some of Tencent Cloud's
	// products do. For a plan priced by the day it equals ByDay.
	ByMonth
)

var prorationNames = []string{ByDay: "day", ByMonth: "month"}

// Refund is the reckoning of a refund at an instant; Amount is the figure to
// apply for at [ContactURL]. Consumed and Amount add up to Paid.
//
// In JSON, every field must be there, and a refund that cannot be one of any
// subscription is neither written nor read ([ErrInconsistent]).
type Refund struct {
	At        time.Time       `json:"at"` // the instant it is reckoned for
	By        Proration       `json:"by"`
	UsedDays  int             `json:"used_days"`  // days begun by At
	TotalDays int             `json:"total_days"` // days of the term
	Paid      decimal.Decimal `json:"paid"`       // yuan: the quote's amount
	Consumed  decimal.Decimal `json:"consumed"`   // yuan, to the fen
	Amount    decimal.Decimal `json:"amount"`     // yuan: Paid less Consumed
}

// Change is a subscription closed and another opened in its place.
type Change struct {
	Refund Refund          `json:"refund"` // of the subscription that is closed
	Closed Subscription    `json:"closed"`
	Opened Subscription    `json:"opened"`
	Net    decimal.Decimal `json:"net"` // yuan: the new amount less the refund; below 0 it is owed to the customer
}

// String returns "day" or "month", or "Proration(9)" for an invalid proration.
func (p Proration) String() string { return enumString("Proration", prorationNames, p) }

// MarshalText returns [Proration.String]. An invalid proration is
// [ErrInconsistent].
func (p Proration) MarshalText() ([]byte, error) {
	return enumText("proration", prorationNames, p, ErrInconsistent)
}

// UnmarshalText sets p to the proration that text names, "day" or "month". Any
// other text is [ErrInconsistent] and leaves p untouched.
func (p *Proration) UnmarshalText(text []byte) error {
	return unmarshalEnum(p, "proration", prorationNames, text, ErrInconsistent)
}

// UnmarshalJSON reads a refund and checks it: used days of total days, amounts in
// whole fen that add up, and by day the consumed share. What is refused is
// [ErrInconsistent] and leaves r untouched. Whether it is the refund of a
// subscription, [Subscription.Cancel] tells.
func (r *Refund) UnmarshalJSON(data []byte) error {
	refund, err := decodeRefund(data)
	if err != nil {
		return fmt.Errorf("mss: decode refund: %w: %w", err, ErrInconsistent)
	}
	*r = refund
	return nil
}

// MarshalJSON writes a refund that UnmarshalJSON accepts, its time in Beijing; any
// other is [ErrInconsistent].
func (r Refund) MarshalJSON() ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("mss: encode refund: %w: %w", err, ErrInconsistent)
	}
	type plain Refund
	r.At = r.At.In(beijing)
	return json.Marshal(plain(r))
}

// Equal reports whether r and q are the same refund. Times are compared as
// instants and amounts by their value.
func (r Refund) Equal(q Refund) bool { return r.differs(q) == nil }

// Refund reckons what is to be paid back at an instant, and changes nothing: it
// is a preview, good for the same Beijing day. A day that has begun counts as
// used, and before Start nothing is used. Consumed is rounded once, half away
// from zero, to the fen; Amount is the rest of what was paid. On the last day
// Consumed is all of it and Amount 0.
//
// One year for 252000 yuan from 31 January 2026, on 15 March: 44 of 365 days are
// used. By day 252000 × 44 ÷ 365 = 30378.08 yuan are consumed and 221621.92 to be
// paid back. By month it is one month (to 27 February) and 16 of the 31 days to
// 30 March: 21000 + 21000 × 16 ÷ 31 = 31838.71, and 220161.29.
//
// Refund checks, in this order: that s adds up ([ErrInconsistent]), that it is not
// cancelled ([ErrCancelled]), the proration ([ErrInconsistent]), that at is not
// before Purchased ([ErrDate]), and that it is before End ([ErrExpired]).
func (s Subscription) Refund(at time.Time, by Proration) (Refund, error) {
	r, err := Refund{}, s.checkOpen()
	if err == nil {
		r, err = s.refund(at, by)
	}
	if err != nil {
		return Refund{}, fmt.Errorf("mss: %s: %w", operation("refund", s.Quote.Plan), err)
	}
	return r, nil
}

// Cancel closes s with a refund that [Subscription.Refund] returned, confirmed at
// the instant at, and returns the subscription to store. A day that was charged
// is served: End moves to Start + UsedDays, and Status is Active until then and
// Cancelled from then on. Before Start nothing was charged, and Status is
// Cancelled from r.At on. That a charged day is served is the library's policy.
//
// An s that does not add up is [ErrInconsistent], one refunded before
// [ErrCancelled]. The refund is reckoned again: what Refund answers with an error
// is that error, a field that differs is [ErrInconsistent]. A preview does not
// keep: r.At on another Beijing day than at, or after it, is [ErrDate].
func (s Subscription) Cancel(r Refund, at time.Time) (Subscription, error) {
	closed, err := s.cancel(r, at)
	if err != nil {
		return Subscription{}, fmt.Errorf("mss: %s: %w", operation("cancel", s.Quote.Plan), err)
	}
	return closed, nil
}

// Change replaces s, at an instant, by a subscription of q: another number of
// machines, another plan or term. It closes s like [Subscription.Refund] and
// [Subscription.Cancel], and opens the new one where the old one now ends, with a
// new anchor day, so that no day is billed twice and none is left out. Net is
// what the customer still pays; below 0, what the customer is owed.
//
// Tencent Cloud's rule for downgrading is the same: first the refund, then the
// purchase. Change checks, in this order: that s adds up ([ErrInconsistent]) and is
// not cancelled ([ErrCancelled]), that q adds up ([ErrInconsistent]), what else
// Refund checks, that q can begin by then in spite of its lead days ([ErrDate]:
// cancel and buy apart), and that it ends by the year 9999 ([ErrDate]).
func (s Subscription) Change(q Quote, at time.Time, by Proration) (Change, error) {
	c, err := s.change(q, at, by)
	if err != nil {
		return Change{}, fmt.Errorf("mss: %s: %w", operation("change", s.Quote.Plan), err)
	}
	return c, nil
}

// refund is Refund for an s that is open and adds up.
func (s Subscription) refund(at time.Time, by Proration) (Refund, error) {
	if by != ByDay && by != ByMonth {
		return Refund{}, fmt.Errorf("proration %v: want day or month: %w", by, ErrInconsistent)
	}
	if err := s.checkSincePurchase(at); err != nil {
		return Refund{}, err
	}
	if !at.Before(s.End) {
		return Refund{}, fmt.Errorf("%s: want a time before %s, the end: %w",
			at.In(beijing).Format(time.RFC3339Nano), s.End.In(beijing).Format(time.RFC3339Nano), ErrExpired)
	}
	r := Refund{
		At:        at.Round(0).In(beijing), // Round strips the monotonic reading
		By:        by,
		UsedDays:  s.usedDays(at),
		TotalDays: s.days(),
		Paid:      s.Quote.Amount,
	}
	if by == ByDay || s.Quote.Term.Unit == Day {
		r.Consumed = prorate(r.Paid, r.UsedDays, r.TotalDays)
	} else {
		r.Consumed = s.consumedByMonth(r.UsedDays)
	}
	r.Amount = r.Paid.Sub(r.Consumed)
	return r, nil
}

// consumedByMonth returns the price of the first used days of a term of months.
func (s Subscription) consumedByMonth(used int) decimal.Decimal {
	start, end := s.Start.In(beijing), addDays(s.Start, used)
	months := 12*(end.Year()-start.Year()) + int(end.Month()-start.Month())
	if s.monthsOn(months).After(end) {
		months--
	}
	underWay := s.monthsOn(months)
	length := daysBetween(underWay, s.monthsOn(months+1))
	return prorate(s.Quote.Tier.Price, months*length+daysBetween(underWay, end), length)
}

// prorate returns amount × part ÷ whole to the fen, rounded half away from zero.
func prorate(amount decimal.Decimal, part, whole int) decimal.Decimal {
	return amount.Mul(decimal.NewFromInt(int64(part))).DivRound(decimal.NewFromInt(int64(whole)), 2)
}

func (s Subscription) cancel(r Refund, at time.Time) (Subscription, error) {
	if err := s.checkOpen(); err != nil {
		return Subscription{}, err
	}
	want, err := s.refund(r.At, r.By)
	if err != nil {
		return Subscription{}, err
	}
	if err := r.differs(want); err != nil {
		return Subscription{}, fmt.Errorf("%w: %w", err, ErrInconsistent)
	}
	if err := checkDate("confirmation", at); err != nil {
		return Subscription{}, err
	}
	if at.Before(r.At) || date(at) != date(r.At) {
		return Subscription{}, fmt.Errorf("confirmed at %s: want %s, the time of the preview, or later on that day: %w",
			at.In(beijing).Format(time.RFC3339Nano), want.At.Format(time.RFC3339Nano), ErrDate)
	}
	return s.close(want), nil
}

// close returns s cancelled by its refund r.
func (s Subscription) close(r Refund) Subscription {
	s = s.inBeijing()
	s.End = addDays(s.Start, r.UsedDays)
	s.Refunded = &r
	return s
}

func (s Subscription) change(q Quote, at time.Time, by Proration) (Change, error) {
	if err := s.checkOpen(); err != nil {
		return Change{}, err
	}
	if err := q.check(); err != nil {
		return Change{}, fmt.Errorf("new quote: %w: %w", err, ErrInconsistent)
	}
	r, err := s.refund(at, by)
	if err != nil {
		return Change{}, err
	}
	closed := s.close(r)
	if earliest := q.earliestStart(at); earliest.After(closed.End) {
		return Change{}, fmt.Errorf("start of %s on %s: want %s or later, after its notice of %s: cancel and buy apart: %w",
			q.Plan, date(closed.End), date(earliest), count(q.LeadDays, "day"), ErrDate)
	}
	opened, err := q.open(at, closed.End, closed.End.Day())
	if err != nil {
		return Change{}, err
	}
	return Change{Refund: r, Closed: closed, Opened: opened, Net: q.Amount.Sub(r.Amount)}, nil
}

func (r Refund) check() error {
	if !validDate(r.At) {
		return fmt.Errorf("at %s: want a time in the years 1 to 9999", date(r.At))
	}
	if r.By != ByDay && r.By != ByMonth {
		return fmt.Errorf("proration %v: want day or month", r.By)
	}
	if r.TotalDays < 1 || r.TotalDays > maxDays {
		return fmt.Errorf("total_days %d: want 1 to %d", r.TotalDays, maxDays)
	}
	if r.UsedDays < 0 || r.UsedDays > r.TotalDays {
		return fmt.Errorf("used_days %d: want 0 to %d, the total_days", r.UsedDays, r.TotalDays)
	}
	paid, paidExact := floorFen(r.Paid)
	consumed, consumedExact := floorFen(r.Consumed)
	amount, amountExact := floorFen(r.Amount)
	if !paidExact || !consumedExact || !amountExact || paid < 1 || paid > maxAmount || paid-consumed != amount {
		return fmt.Errorf("paid %s less consumed %s is amount %s: want three amounts in whole fen that add up",
			yuan(r.Paid), yuan(r.Consumed), yuan(r.Amount))
	}
	// Of days in the middle of a term by month, only the subscription knows the price.
	if r.By == ByDay || r.UsedDays == 0 || r.UsedDays == r.TotalDays {
		if want := prorate(r.Paid, r.UsedDays, r.TotalDays); !want.Equal(r.Consumed) {
			return fmt.Errorf("consumed %s: want %s, for %d of %d days", yuan(r.Consumed), yuan(want), r.UsedDays, r.TotalDays)
		}
	}
	return nil
}

// differs tells in which field r is not want.
func (r Refund) differs(want Refund) error {
	if !r.At.Equal(want.At) {
		return fmt.Errorf("at %s: want %s", r.At.Format(time.RFC3339Nano), want.At.Format(time.RFC3339Nano))
	}
	if r.By != want.By {
		return fmt.Errorf("by %v: want %v", r.By, want.By)
	}
	if r.UsedDays != want.UsedDays {
		return fmt.Errorf("used_days %d: want %d", r.UsedDays, want.UsedDays)
	}
	if r.TotalDays != want.TotalDays {
		return fmt.Errorf("total_days %d: want %d", r.TotalDays, want.TotalDays)
	}
	if !sameAmount(r.Paid, want.Paid) {
		return fmt.Errorf("paid %s: want %s", yuan(r.Paid), yuan(want.Paid))
	}
	if !sameAmount(r.Consumed, want.Consumed) {
		return fmt.Errorf("consumed %s: want %s", yuan(r.Consumed), yuan(want.Consumed))
	}
	if !sameAmount(r.Amount, want.Amount) {
		return fmt.Errorf("amount %s: want %s", yuan(r.Amount), yuan(want.Amount))
	}
	return nil
}

func decodeRefund(data []byte) (r Refund, err error) {
	err = decodeObject(data, false,
		field{key: "at", read: into(&r.At, anInstant)},
		field{key: "by", read: text(&r.By, func(s string) (Proration, error) { return parseEnum[Proration](prorationNames, s) })},
		field{key: "used_days", read: into(&r.UsedDays, wholeNumber)},
		field{key: "total_days", read: into(&r.TotalDays, wholeNumber)},
		field{key: "paid", read: amount(&r.Paid)},
		field{key: "consumed", read: amount(&r.Consumed)},
		field{key: "amount", read: amount(&r.Amount)})
	if err != nil {
		return Refund{}, err
	}
	r.At = r.At.In(beijing)
	return r, r.check()
}
