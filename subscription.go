package mss

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"
)

// Subscription is a quote that was bought: service from Start until End.
//
// A subscription is made by [Quote.Subscribe], [Quote.SubscribeFrom],
// [Subscription.Renew], [Subscription.Cancel] and [Subscription.Change], which
// leave the value they are called on as it is: store the one they return.
//
// In JSON, every field but refunded must be there, and a subscription that
// [Subscription.Validate] refuses is neither written nor read.
type Subscription struct {
	Quote     Quote     `json:"quote"`
	Purchased time.Time `json:"purchased"`          // the instant of the purchase
	Start     time.Time `json:"start"`              // 00:00 Beijing, first day of service
	End       time.Time `json:"end"`                // 00:00 Beijing, the day after the last day of service
	AnchorDay int       `json:"anchor_day"`         // 1..31, the day of the month that renewals keep to
	Refunded  *Refund   `json:"refunded,omitempty"` // nil until cancelled; not to be written to
}

// Status is where a subscription is in its life. The zero Status is not valid.
type Status uint8

// The statuses, in the order of a life. Their text is the name in lower case.
const (
	Scheduled Status = iota + 1 // bought, service has not begun
	Active                      // service is under way
	Expired                     // the term is over
	Cancelled                   // refunded, and the days charged are over
)

var statusNames = []string{Scheduled: "scheduled", Active: "active", Expired: "expired", Cancelled: "cancelled"}

// String returns "scheduled", "active", "expired" or "cancelled", or "Status(9)"
// for an invalid status.
func (s Status) String() string { return enumString("Status", statusNames, s) }

// MarshalText returns [Status.String]. An invalid status is [ErrInconsistent].
func (s Status) MarshalText() ([]byte, error) {
	return enumText("status", statusNames, s, ErrInconsistent)
}

// UnmarshalText sets s to the status that text names, in lower case. Any other
// text is [ErrInconsistent] and leaves s untouched.
func (s *Status) UnmarshalText(text []byte) error {
	return unmarshalEnum(s, "status", statusNames, text, ErrInconsistent)
}

// Value returns [Status.String] for a text column of a database. An invalid status
// is [ErrInconsistent].
func (s Status) Value() (driver.Value, error) { return textValue(s.MarshalText()) }

// Scan sets s to the status that a text column names. Anything else, NULL too, is
// [ErrInconsistent] and leaves s untouched.
func (s *Status) Scan(column any) error {
	return scan(s.UnmarshalText, "status", column, ErrInconsistent)
}

// EarliestStart returns 00:00 Beijing of the first day on which service bought at
// the instant purchased can begin: the day of purchase plus the lead days. Event
// protection bought on 31 January begins on 5 February at the earliest, routine
// operations on 31 January. The result is the zero time where q does not add up,
// where purchased is the zero time, and where either day lies outside the years 1
// to 9999.
func (q Quote) EarliestStart(purchased time.Time) time.Time {
	if q.check() != nil || !validDate(purchased) {
		return time.Time{}
	}
	start := q.earliestStart(purchased)
	if !validDate(start) {
		return time.Time{}
	}
	return start
}

// Subscribe buys q at the instant purchased, for service from the earliest day
// on: it is [Quote.SubscribeFrom] with [Quote.EarliestStart].
func (q Quote) Subscribe(purchased time.Time) (Subscription, error) {
	return q.SubscribeFrom(purchased, q.EarliestStart(purchased))
}

// SubscribeFrom buys q at the instant purchased, for service from the Beijing day
// in which start lies. A plan priced by the day begins on the earliest day or on
// any later one, a plan priced by the month on the earliest day. End is the day
// after the last day of service: 28 February for one month from 31 January 2026,
// 12 February for 7 days from 5 February.
//
// A quote that does not add up is [ErrInconsistent]; any other start, and a
// purchase, a start or an end outside the years 1 to 9999, is [ErrDate].
func (q Quote) SubscribeFrom(purchased, start time.Time) (Subscription, error) {
	if err := q.check(); err != nil {
		return Subscription{}, fmt.Errorf("mss: subscribe: %w: %w", err, ErrInconsistent)
	}
	s, err := q.subscribeFrom(purchased, start)
	if err != nil {
		return Subscription{}, fmt.Errorf("mss: subscribe %s: %w", q.Plan, err)
	}
	return s, nil
}

// UnmarshalJSON reads a subscription and validates it; its times may be in any
// zone. What is refused is [ErrInconsistent] and leaves s untouched.
func (s *Subscription) UnmarshalJSON(data []byte) error {
	subscription, err := decodeSubscription(data)
	if err != nil {
		return fmt.Errorf("mss: decode subscription: %w: %w", err, ErrInconsistent)
	}
	*s = subscription
	return nil
}

// MarshalJSON writes a subscription that [Subscription.Validate] accepts, its
// times in Beijing; any other is [ErrInconsistent].
func (s Subscription) MarshalJSON() ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("mss: encode subscription: %w: %w", err, ErrInconsistent)
	}
	type plain Subscription
	return json.Marshal(plain(s.inBeijing()))
}

// Value returns the JSON document of s for a text column of a database. A
// subscription that does not add up is [ErrInconsistent].
func (s Subscription) Value() (driver.Value, error) { return textValue(s.MarshalJSON()) }

// Scan reads the JSON document of a text column, as UnmarshalJSON does. Anything
// else, NULL too, is [ErrInconsistent] and leaves s untouched.
func (s *Subscription) Scan(column any) error {
	return scan(s.UnmarshalJSON, "subscription", column, ErrInconsistent)
}

// LogValue returns what a line of a log should tell of s: the plan, the number of
// machines, the term, the amount, the first day of service, the day after the
// last, and the amount refunded. For an s that does not add up it is the reason.
func (s Subscription) LogValue() slog.Value {
	if err := s.check(); err != nil {
		return slog.StringValue("invalid subscription: " + err.Error())
	}
	attrs := []slog.Attr{
		slog.String("plan", s.Quote.Plan),
		slog.Int("machines", s.Quote.Machines),
		slog.String("term", s.Quote.Term.String()),
		slog.String("amount", yuan(s.Quote.Amount)),
		slog.String("start", date(s.Start)),
		slog.String("end", date(s.End)),
	}
	if s.Refunded != nil {
		attrs = append(attrs, slog.String("refund", yuan(s.Refunded.Amount)))
	}
	return slog.GroupValue(attrs...)
}

// Validate returns [ErrInconsistent] unless s adds up: its quote is valid, Start
// is not before the earliest day for Purchased, AnchorDay is the day of Start (or
// a later one, where Start is the last day of a month and the term is of months),
// and End is where the term leads from Start. Where s is cancelled, Refunded must
// be the refund of its At to the last field, and End the end of the days charged.
func (s Subscription) Validate() error {
	if err := s.check(); err != nil {
		return fmt.Errorf("mss: validate subscription: %w: %w", err, ErrInconsistent)
	}
	return nil
}

// Equal reports whether s and t are the same subscription. Times are compared as
// instants, amounts by their value, and refunds by what is pointed to.
func (s Subscription) Equal(t Subscription) bool {
	return s.Quote.Equal(t.Quote) && s.Purchased.Equal(t.Purchased) &&
		s.Start.Equal(t.Start) && s.End.Equal(t.End) && s.AnchorDay == t.AnchorDay &&
		(s.Refunded == t.Refunded || s.Refunded != nil && t.Refunded != nil && s.Refunded.Equal(*t.Refunded))
}

// Status returns what s is at an instant: Scheduled before Start, Active from
// Start on, Expired from End on. A cancelled subscription stays Active for the
// days that were charged and is Cancelled from End on; one cancelled before Start
// is Scheduled until the refund's At and Cancelled from At on. The result is 0
// where s does not add up.
func (s Subscription) Status(at time.Time) Status {
	if s.check() != nil {
		return 0
	}
	end, ended := s.End, Expired
	if s.Refunded != nil {
		ended = Cancelled
		if s.Refunded.UsedDays == 0 {
			end = s.Refunded.At
		}
	}
	switch {
	case !at.Before(end):
		return ended
	case at.Before(s.Start):
		return Scheduled
	}
	return Active
}

// Days returns the number of days from Start to End: of the term, or, once
// cancelled, of those charged. It is 0 where s does not add up.
func (s Subscription) Days() int {
	if s.check() != nil {
		return 0
	}
	return s.days()
}

// UsedDays returns the number of days of service that have begun by an instant: 0
// before Start, 1 from 00:00 Beijing of the first day on, [Subscription.Days]
// from 00:00 of the last day on. It is 0 where s does not add up.
func (s Subscription) UsedDays(at time.Time) int {
	if s.check() != nil {
		return 0
	}
	return s.usedDays(at)
}

// DaysLeft returns the number of days of service that have not begun by an
// instant: Days less UsedDays, so 0 on the last day. It is 0 where s does not add
// up.
func (s Subscription) DaysLeft(at time.Time) int {
	if s.check() != nil {
		return 0
	}
	return s.days() - s.usedDays(at)
}

// ContactBy returns the time by which the customer is contacted: the end (24:00
// Beijing) of the first working day after the day of purchase. After a purchase
// on Friday, 30 January 2026 that is 00:00 on Tuesday, 3 February.
//
// The function workday reports whether the day that begins at its argument, 00:00
// Beijing, is worked; nil means Monday to Friday. Pass a calendar that knows the
// public holidays and the weekends worked in exchange. A subscription that does
// not add up is [ErrInconsistent]; no working day within 366 days, or a time
// after the year 9999, is [ErrDate].
func (s Subscription) ContactBy(workday func(day time.Time) bool) (time.Time, error) {
	if err := s.check(); err != nil {
		return time.Time{}, fmt.Errorf("mss: contact: %w: %w", err, ErrInconsistent)
	}
	if workday == nil {
		workday = func(day time.Time) bool {
			return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
		}
	}
	for n := 1; n <= maxContactDays; n++ {
		day := addDays(s.Purchased, n)
		if !workday(day) {
			continue
		}
		by := addDays(day, 1)
		if err := checkDate("end of the working day", by); err != nil {
			return time.Time{}, fmt.Errorf("mss: contact: %w", err)
		}
		return by, nil
	}
	return time.Time{}, fmt.Errorf("mss: contact: no working day after %s, want one within %d days: %w",
		date(s.Purchased), maxContactDays, ErrDate)
}

// Renew returns the subscription that follows s: q, bought at the instant at. Its
// Start is the later of s.End and [Quote.EarliestStart] of at, so that a renewal
// bought on the day of expiry or before is seamless, and one bought later leaves
// a gap. A seamless renewal of a term of months by a term of months keeps the
// anchor day: from 31 January, one month renewed by one month ends on 28 February
// and then on 31 March, as two months do. Any other renewal takes the day it
// starts on.
//
// The product's document speaks of renewal after expiry, as choosing and buying
// again with any number of machines; buying it earlier is the library's extension.
//
// Renew checks, in this order: that s and then q add up ([ErrInconsistent]; in
// between, a cancelled s is [ErrCancelled]: buy anew), that at is not before
// s.Purchased, and that no date lies outside the years 1 to 9999 ([ErrDate]).
func (s Subscription) Renew(q Quote, at time.Time) (Subscription, error) {
	renewed, err := s.renew(q, at)
	if err != nil {
		return Subscription{}, fmt.Errorf("mss: %s: %w", operation("renew", s.Quote.Plan), err)
	}
	return renewed, nil
}

func (s Subscription) renew(q Quote, at time.Time) (Subscription, error) {
	if err := s.checkOpen(); err != nil {
		return Subscription{}, err
	}
	if err := q.check(); err != nil {
		return Subscription{}, fmt.Errorf("new quote: %w: %w", err, ErrInconsistent)
	}
	if err := s.checkSincePurchase(at); err != nil {
		return Subscription{}, err
	}
	start := q.earliestStart(at)
	if start.After(s.End) {
		return q.open(at, start, start.Day())
	}
	start = s.End.In(beijing)
	anchor := start.Day()
	if s.Quote.Term.Unit != Day && q.Term.Unit != Day {
		anchor = s.AnchorDay
	}
	return q.open(at, start, anchor)
}

func (q Quote) subscribeFrom(purchased, start time.Time) (Subscription, error) {
	if err := checkDate("purchase", purchased); err != nil {
		return Subscription{}, err
	}
	earliest := q.earliestStart(purchased)
	if err := checkDate("earliest start", earliest); err != nil {
		return Subscription{}, err
	}
	if err := checkDate("start", start); err != nil {
		return Subscription{}, err
	}
	start = addDays(start, 0)
	if start.Before(earliest) {
		return Subscription{}, fmt.Errorf("start %s: want %s or later, purchase being on %s and the notice %s: %w",
			date(start), date(earliest), date(purchased), count(q.LeadDays, "day"), ErrDate)
	}
	if start.After(earliest) && q.Term.Unit != Day {
		return Subscription{}, fmt.Errorf("start %s: want %s, as a plan priced by the month begins on its earliest day: %w",
			date(start), date(earliest), ErrDate)
	}
	return q.open(purchased, start, start.Day())
}

// open returns the subscription of a valid quote from start, 00:00 Beijing.
func (q Quote) open(purchased, start time.Time, anchor int) (Subscription, error) {
	s := Subscription{
		Quote:     q,
		Purchased: purchased.Round(0).In(beijing), // Round strips the monotonic reading
		Start:     start,
		AnchorDay: anchor,
	}
	s.End = s.termEnd()
	if err := checkDate("end", s.End); err != nil {
		return Subscription{}, err
	}
	return s, nil
}

// earliestStart is EarliestStart for a q and a time that were checked.
func (q Quote) earliestStart(purchased time.Time) time.Time {
	return addDays(purchased, q.LeadDays)
}

func (s Subscription) check() error {
	if err := s.Quote.check(); err != nil {
		return fmt.Errorf("quote: %w", err)
	}
	if !validDate(s.Purchased) {
		return fmt.Errorf("purchased %s: want a time in the years 1 to 9999", date(s.Purchased))
	}
	start := s.Start.In(beijing)
	if earliest := s.Quote.earliestStart(s.Purchased); !validDate(start) || start.Before(earliest) || !start.Equal(addDays(start, 0)) {
		return fmt.Errorf("start %s: want 00:00 in Beijing of %s or a later day", start.Format(time.RFC3339Nano), date(earliest))
	}
	if day := start.Day(); s.AnchorDay != day {
		if s.Quote.Term.Unit == Day || s.AnchorDay < day || s.AnchorDay > 31 || day != lastDay(start) {
			return fmt.Errorf("anchor day %d: want %d, the day of start %s", s.AnchorDay, day, date(start))
		}
	}
	full := s
	full.Refunded = nil
	full.End = s.termEnd()
	if !validDate(full.End) {
		return fmt.Errorf("end %s: want a day in the years 1 to 9999", date(full.End))
	}
	end := full.End
	if s.Refunded != nil {
		want, err := full.refund(s.Refunded.At, s.Refunded.By)
		if err != nil {
			return fmt.Errorf("refunded: %v", err) // %v, because the sentinel is the caller's to choose
		}
		if err := s.Refunded.differs(want); err != nil {
			return fmt.Errorf("refunded: %w", err)
		}
		end = addDays(start, want.UsedDays)
	}
	if !s.End.Equal(end) {
		return fmt.Errorf("end %s: want %s, 00:00 in Beijing", s.End.In(beijing).Format(time.RFC3339Nano), date(end))
	}
	return nil
}

// checkOpen checks that s adds up and was not cancelled.
func (s Subscription) checkOpen() error {
	if err := s.check(); err != nil {
		return fmt.Errorf("%w: %w", err, ErrInconsistent)
	}
	if s.Refunded != nil {
		return fmt.Errorf("refunded on %s, want one that was not: %w", date(s.Refunded.At), ErrCancelled)
	}
	return nil
}

// checkSincePurchase checks that at is a time that s can be dealt with at.
func (s Subscription) checkSincePurchase(at time.Time) error {
	if err := checkDate("time", at); err != nil {
		return err
	}
	if at.Before(s.Purchased) {
		return fmt.Errorf("%s: want %s, the time of purchase, or later: %w",
			at.In(beijing).Format(time.RFC3339Nano), s.Purchased.In(beijing).Format(time.RFC3339Nano), ErrDate)
	}
	return nil
}

// termEnd returns the End that the term leads to.
func (s Subscription) termEnd() time.Time {
	if s.Quote.Term.Unit == Day {
		return addDays(s.Start, s.Quote.Term.N)
	}
	return s.monthsOn(s.Quote.Term.periods())
}

// monthsOn returns the anchor day so many months after Start.
func (s Subscription) monthsOn(months int) time.Time {
	year, month, _ := s.Start.In(beijing).Date()
	first := time.Date(year, month+time.Month(months), 1, 0, 0, 0, 0, beijing)
	return addDays(first, min(s.AnchorDay, lastDay(first))-1)
}

func (s Subscription) days() int { return daysBetween(s.Start, s.End) }

func (s Subscription) usedDays(at time.Time) int {
	switch {
	case at.Before(s.Start):
		return 0
	case at.Before(s.End):
		return daysBetween(s.Start, at) + 1
	}
	return s.days()
}

// inBeijing returns s with its times in Beijing.
func (s Subscription) inBeijing() Subscription {
	s.Purchased, s.Start, s.End = s.Purchased.In(beijing), s.Start.In(beijing), s.End.In(beijing)
	return s
}

func decodeSubscription(data []byte) (s Subscription, err error) {
	err = decodeObject(data, false,
		field{key: "quote", read: func(quote []byte) (err error) {
			s.Quote, err = decodeQuote(quote)
			return err
		}},
		field{key: "purchased", read: into(&s.Purchased, anInstant)},
		field{key: "start", read: into(&s.Start, anInstant)},
		field{key: "end", read: into(&s.End, anInstant)},
		field{key: "anchor_day", read: into(&s.AnchorDay, wholeNumber)},
		field{key: "refunded", optional: true, read: func(refund []byte) error {
			r, err := decodeRefund(refund)
			s.Refunded = &r
			return err
		}})
	if err != nil {
		return Subscription{}, err
	}
	return s.inBeijing(), s.check()
}

// validDate reports whether t can be reckoned with: it is not the zero time, and
// RFC 3339 can write its year.
func validDate(t time.Time) bool {
	year := t.In(beijing).Year()
	return !t.IsZero() && 1 <= year && year <= 9999
}

func checkDate(what string, t time.Time) error {
	if !validDate(t) {
		return fmt.Errorf("%s %s: want a day in the years 1 to 9999, other than the zero time: %w", what, date(t), ErrDate)
	}
	return nil
}

// addDays returns 00:00 Beijing of the day n days after the one t lies in.
func addDays(t time.Time, n int) time.Time {
	year, month, day := t.In(beijing).Date()
	return time.Date(year, month, day+n, 0, 0, 0, 0, beijing)
}

// daysBetween returns the number of whole days from a to b, not before it.
// Beijing has no summer time, so each has 86400 seconds. time.Duration would
// overflow after 292 years.
func daysBetween(a, b time.Time) int { return int((b.Unix() - a.Unix()) / 86400) }

// lastDay returns the last day of the month in which t, a Beijing time, lies.
func lastDay(t time.Time) int {
	return time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, beijing).Day()
}

// maxContactDays bounds the search for a working day in a caller's calendar.
const maxContactDays = 366

// date formats the Beijing day of t for a message.
func date(t time.Time) string { return t.In(beijing).Format(time.DateOnly) }
