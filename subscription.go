package mss

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"log/slog"
	"time"
)

// EarliestStart returns 00:00 Beijing of the first day on which service bought at
// the instant purchased can begin: the day of purchase plus the lead days. Event
// protection bought on 31 January begins on 5 February at the earliest, routine
// operations on 31 January. The billing document asks for five days' notice; that
// they are calendar days is the library's choice.
//
// The result is the zero time if q is not valid, if purchased is the zero time, or
// if either day is outside the years 1 to 9999.
func (q Quote) EarliestStart(purchased time.Time) time.Time {
	start := addDays(purchased, q.LeadDays)
	if q.check() != nil || !validDate(purchased) || !validDate(start) {
		return time.Time{}
	}
	return start
}

// Subscribe buys q at the instant purchased, with service from the earliest day: it
// is [Quote.SubscribeFrom] with [Quote.EarliestStart].
func (q Quote) Subscribe(purchased time.Time) (Subscription, error) {
	return q.SubscribeFrom(purchased, addDays(purchased, q.LeadDays))
}

// SubscribeFrom buys q at the instant purchased, with service from the Beijing day
// that contains start. A plan priced by the day begins on the earliest day or any
// later one, a plan priced by the month on the earliest day only. End is 00:00 of
// the day after the last day of service: 28 February for one month from 31 January
// 2026, 12 February for 7 days from 5 February. That routine operations begin on the
// day of purchase, that the buyer picks the first day of event protection, and that
// both end by themselves, is in the billing document.
//
// SubscribeFrom returns an error wrapping
//   - [ErrInconsistent] if q is not valid;
//   - [ErrDate] if service cannot begin on that day, or if the purchase, the start
//     or the end is the zero time or outside the years 1 to 9999.
func (q Quote) SubscribeFrom(purchased, start time.Time) (Subscription, error) {
	err := cmp.Or(q.check(), checkDate("purchase", purchased), checkDate("start", start))
	start, earliest := addDays(start, 0), addDays(purchased, q.LeadDays)
	if err == nil && q.Term.Unit != Day && !start.Equal(earliest) {
		err = fmt.Errorf("start %s: want %s, as a plan priced by the month begins on its earliest day: %w",
			date(start), date(earliest), ErrDate)
	}
	if err != nil {
		return Subscription{}, wrap(err, "subscribe", q.Plan)
	}
	s, err := q.open(purchased, start, start.Day())
	return s, wrap(err, "subscribe", q.Plan)
}

// open returns the subscription of a valid quote, or why service cannot begin at
// start. It is what every subscription is made by, and checked against.
func (q Quote) open(purchased, start time.Time, anchor int) (Subscription, error) {
	s := Subscription{Quote: q, Purchased: purchased.In(beijing), Start: start.In(beijing), AnchorDay: anchor}
	s.End = s.anchored(q.Term.periods())
	if q.Term.Unit == Day {
		s.End = addDays(s.Start, q.Term.N)
	}
	if err := cmp.Or(checkDate("purchase", purchased), checkDate("end", s.End)); err != nil {
		return Subscription{}, err
	}
	if earliest := addDays(purchased, q.LeadDays); start.Before(earliest) {
		return Subscription{}, fmt.Errorf("start %s: want %s or later, as bought on %s with %s of notice: %w",
			date(start), date(earliest), date(purchased), count(q.LeadDays, "day"), ErrDate)
	}
	if anchor < 1 || anchor > 31 || !s.anchored(0).Equal(start) || q.Term.Unit == Day && anchor != s.Start.Day() {
		return Subscription{}, fmt.Errorf("start %s, anchor day %d: want 00:00 in Beijing of the anchor day, "+
			"or for a term of months of the last day of a shorter month: %w", instant(start), anchor, ErrDate)
	}
	return s, nil
}

// Subscription is a quote that was bought: service from Start until End.
//
// The anchor day is the day of the month on which terms of months end: the day of
// Start, unless a seamless renewal keeps an older one. One month from 31 January that
// is renewed starts again on 28 February with the anchor day 31, so that its End is
// 31 March.
//
// [Quote.Subscribe], [Quote.SubscribeFrom], [Subscription.Renew],
// [Subscription.Cancel] and [Subscription.Change] make subscriptions. They leave
// their receiver unchanged: store the value they return.
//
// In JSON, every field but refunded must be there, and a subscription that is not
// valid is neither written nor read.
type Subscription struct {
	Quote     Quote     `json:"quote"`
	Purchased time.Time `json:"purchased"`          // the instant of the purchase
	Start     time.Time `json:"start"`              // 00:00 Beijing, first day of service
	End       time.Time `json:"end"`                // 00:00 Beijing, the day after the last day of service
	AnchorDay int       `json:"anchor_day"`         // 1..31, the day of the month that renewals keep to
	Refunded  *Refund   `json:"refunded,omitempty"` // nil until cancelled; never written to
}

// Validate returns an error wrapping [ErrInconsistent] unless s is consistent: its
// quote is valid, Start is not before the earliest day for Purchased, AnchorDay is
// the day of Start (or a later one, if Start is the last day of a month and the term
// is of months), and End is the end of the term. If s is cancelled, Refunded must be
// the refund for its At in every field, and End the end of the days charged.
func (s Subscription) Validate() error {
	_, err := s.checked()
	return wrap(err, "validate subscription")
}

// Equal reports whether s and t are the same subscription. Times are compared as
// instants, amounts by value, and refunds by what is pointed to.
func (s Subscription) Equal(t Subscription) bool {
	return s.Quote.Equal(t.Quote) && s.Purchased.Equal(t.Purchased) &&
		s.Start.Equal(t.Start) && s.End.Equal(t.End) && s.AnchorDay == t.AnchorDay &&
		(s.Refunded == t.Refunded || s.Refunded != nil && t.Refunded != nil && s.Refunded.Equal(*t.Refunded))
}

// String returns s on one line: its quote, its first and last day of service, and
// its refund, such as "routine-operations, 120 machines (band 101-200), P1Y: 12
// months × 21000.00 = 252000.00 yuan; 44 days from 2026-01-31 to 2026-03-15;
// refunded 221621.92 yuan". If s is not valid it returns "invalid subscription" and
// the reason.
func (s Subscription) String() string {
	s, err := s.checked()
	if err != nil {
		return "invalid subscription: " + err.Error()
	}
	text := fmt.Sprintf("%v; %s", s.Quote, count(s.days(), "day"))
	if s.days() > 0 {
		text += fmt.Sprintf(" from %s to %s", date(s.Start), date(addDays(s.End, -1)))
	}
	if s.Refunded != nil {
		text += fmt.Sprintf("; refunded %s yuan", yuan(s.Refunded.Amount))
	}
	return text
}

// LogValue returns the attributes plan, machines, term, amount, start, end (the day
// after the last) and, if s is cancelled, refund. If s is not valid it returns the
// reason.
func (s Subscription) LogValue() slog.Value {
	s, err := s.checked()
	if err != nil {
		return slog.StringValue("invalid subscription: " + err.Error())
	}
	attrs := []slog.Attr{slog.String("plan", s.Quote.Plan), slog.Int("machines", s.Quote.Machines),
		slog.String("term", s.Quote.Term.String()), slog.String("amount", yuan(s.Quote.Amount)),
		slog.String("start", date(s.Start)), slog.String("end", date(s.End))}
	if s.Refunded != nil {
		attrs = append(attrs, slog.String("refund", yuan(s.Refunded.Amount)))
	}
	return slog.GroupValue(attrs...)
}

// MarshalJSON writes s with its times in Beijing, or returns an error wrapping
// [ErrInconsistent] if s is not valid.
func (s Subscription) MarshalJSON() ([]byte, error) {
	type subscription Subscription // without methods, so that encoding/json writes the fields
	type quote Quote               // which is checked with s, and not again
	s, err := s.checked()
	return encode(struct {
		Quote quote `json:"quote"`
		subscription
	}{quote(s.Quote), subscription(s)}, err, "subscription")
}

// UnmarshalJSON reads a subscription, with times in any zone, and validates it. If
// it returns an error, which wraps [ErrInconsistent], s is unchanged.
func (s *Subscription) UnmarshalJSON(data []byte) error {
	return decode(s, data, "subscription", decodeSubscription)
}

// Value returns the JSON document of s for a text column, or an error wrapping
// [ErrInconsistent] if s is not valid.
func (s Subscription) Value() (driver.Value, error) { return columnValue(s.MarshalJSON()) }

// Scan reads the JSON document of a text column, as UnmarshalJSON does. For
// anything else, NULL too, it returns an error wrapping [ErrInconsistent] and
// leaves s unchanged.
func (s *Subscription) Scan(column any) error {
	return scan(column, "subscription", s.UnmarshalJSON, ErrInconsistent)
}

// Status is where a subscription is in its life. The zero Status is not valid.
type Status uint8

// The statuses, in the order of a life. Their text is the name in lower case.
const (
	Scheduled Status = iota + 1 // bought, service has not begun
	Active                      // in service
	Expired                     // the term is over
	Cancelled                   // refunded, and the days charged are over
)

var statuses = enum[Status]{"Status", []string{"scheduled", "active", "expired", "cancelled"}, ErrInconsistent}

// String returns "scheduled", "active", "expired" or "cancelled", or "Status(9)"
// for an invalid status.
func (s Status) String() string { return statuses.text(s) }

// MarshalText returns [Status.String], or an error wrapping [ErrInconsistent] if s
// is not valid.
func (s Status) MarshalText() ([]byte, error) { return statuses.marshal(s) }

// UnmarshalText sets s to the status that text names, in lower case. For any other
// text it returns an error wrapping [ErrInconsistent] and leaves s unchanged.
func (s *Status) UnmarshalText(text []byte) error { return statuses.unmarshal(s, text) }

// Value returns [Status.String] for a text column, or an error wrapping
// [ErrInconsistent] if s is not valid.
func (s Status) Value() (driver.Value, error) { return columnValue(s.MarshalText()) }

// Scan sets s from a text column, as [Status.UnmarshalText] does. For anything
// else, NULL too, it returns an error wrapping [ErrInconsistent] and leaves s
// unchanged.
func (s *Status) Scan(column any) error {
	return scan(column, "status", s.UnmarshalText, ErrInconsistent)
}

// Status returns what s is at an instant: Scheduled before Start, Active from Start
// and Expired from End. A cancelled subscription stays Active for the days that were
// charged and is Cancelled from End; one cancelled before Start is Scheduled until
// the refund's At and Cancelled from then. To find out whether a subscription was
// refunded, test Refunded != nil, not its status. The result is 0 if s is not valid.
func (s Subscription) Status(at time.Time) Status {
	if _, err := s.checked(); err != nil {
		return 0
	}
	switch r := s.Refunded; {
	case r != nil && (!at.Before(s.End) || r.UsedDays == 0 && !at.Before(r.At)):
		return Cancelled
	case at.Before(s.Start):
		return Scheduled
	case at.Before(s.End):
		return Active
	}
	return Expired
}

// Days returns the number of days from Start to End: of the term or, once
// cancelled, of the days charged. It is 0 if s is not valid.
func (s Subscription) Days() int {
	s, _ = s.checked()
	return s.days()
}

// UsedDays returns the number of days of service that have begun by an instant: 0
// before Start, 1 from 00:00 Beijing of the first day, [Subscription.Days] from
// 00:00 of the last day. It is 0 if s is not valid.
func (s Subscription) UsedDays(at time.Time) int {
	s, _ = s.checked()
	return s.usedDays(at)
}

// DaysLeft returns the number of days of service that have not begun by an instant,
// which is Days less UsedDays: 0 on the last day. It is 0 if s is not valid.
func (s Subscription) DaysLeft(at time.Time) int {
	s, _ = s.checked()
	return s.days() - s.usedDays(at)
}

// ContactBy returns the time by which Tencent Cloud contacts the customer: the end
// (24:00 Beijing) of the first working day after the day of purchase. After a
// purchase on Friday, 30 January 2026 it is 00:00 on Tuesday, 3 February.
//
// The billing document promises contact within one working day, and the service
// agreement says that working days are statutory ones (法定工作日). The function
// workday reports whether the day that begins at its argument, 00:00 Beijing, is a
// working day: pass one that knows the public holidays and the weekends worked in
// exchange. The default, for nil, is Monday to Friday.
//
// ContactBy returns an error wrapping
//   - [ErrInconsistent] if s is not valid;
//   - [ErrDate] if none of the 366 days after the day of purchase is a working day,
//     or if the first is 31 December 9999 or later.
func (s Subscription) ContactBy(workday func(day time.Time) bool) (time.Time, error) {
	valid, err := s.checked()
	if err != nil {
		return time.Time{}, wrap(err, "contact", s.Quote.Plan)
	}
	if workday == nil {
		workday = func(day time.Time) bool { return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday }
	}
	for n := 1; n <= 366; n++ {
		if day := addDays(valid.Purchased, n); workday(day) && validDate(addDays(day, 1)) {
			return addDays(day, 1), nil
		}
	}
	err = fmt.Errorf("bought on %s: want a working day within 366 days, before 31 December 9999: %w",
		date(valid.Purchased), ErrDate)
	return time.Time{}, wrap(err, "contact", s.Quote.Plan)
}

// Renew returns the subscription that follows s: q, bought at an instant. It starts
// on the later of s.End and [Quote.EarliestStart] of at. So a renewal bought by the
// end of the Beijing day of s.End is seamless if its plan has no lead days; with lead
// days it must be bought that many days earlier. One bought later leaves a gap. To
// test for it, !q.EarliestStart(at).After(s.End) reports whether a renewal is seamless.
//
// A seamless renewal of a term of months by a term of months keeps the anchor day:
// from 31 January, one month has its End on 28 February, and its renewal by one month
// on 31 March, as two months do. Any other renewal takes the day on which it starts.
//
// The billing document says that renewal, after expiry, is choosing and buying again
// with any number of machines; buying it earlier is the library's extension. The
// package keeps no link between s and its renewal: the service that stores them sees
// to it that s is renewed once, and that its renewal is refunded before s is.
//
// Renew returns an error wrapping
//   - [ErrInconsistent] if s is not valid;
//   - [ErrCancelled] if s is cancelled: buy again instead;
//   - [ErrInconsistent] if q is not valid;
//   - [ErrDate] if at is before s.Purchased, or if any date is outside the years 1
//     to 9999.
func (s Subscription) Renew(q Quote, at time.Time) (Subscription, error) {
	old, err := s.uncancelled()
	if err = cmp.Or(err, prefix(q.check(), "new quote"), old.checkSincePurchase(at)); err != nil {
		return Subscription{}, wrap(err, "renew", s.Quote.Plan)
	}
	start := addDays(at, q.LeadDays)
	anchor := start.Day()
	if !start.After(old.End) { // seamless
		start, anchor = old.End, old.End.Day()
		if old.Quote.Term.Unit != Day && q.Term.Unit != Day {
			anchor = old.AnchorDay
		}
	}
	renewed, err := q.open(at, start, anchor)
	return renewed, wrap(err, "renew", s.Quote.Plan)
}

func decodeSubscription(data []byte) (Subscription, error) {
	type subscription Subscription
	var fields subscription
	err := unmarshal(data, &fields, ErrInconsistent)
	s, inconsistent := Subscription(fields).checked()
	return s, cmp.Or(err, inconsistent)
}

// checked returns s as the package makes it, with its times in Beijing, or an error
// that says what is inconsistent.
func (s Subscription) checked() (Subscription, error) {
	if err := s.Quote.check(); err != nil {
		return Subscription{}, fmt.Errorf("quote: %w", err)
	}
	made, err := s.Quote.open(s.Purchased, s.Start, s.AnchorDay)
	if err == nil && s.Refunded != nil {
		made, err = made.cancel(*s.Refunded)
		err = prefix(err, "refunded")
	}
	if err != nil {
		return Subscription{}, relabel(err, ErrInconsistent)
	}
	if !s.End.Equal(made.End) {
		return Subscription{}, fmt.Errorf("end %s: want %s: %w", instant(s.End), instant(made.End), ErrInconsistent)
	}
	return made, nil
}

// uncancelled returns s checked, or an error if it is cancelled.
func (s Subscription) uncancelled() (Subscription, error) {
	s, err := s.checked()
	if err == nil && s.Refunded != nil {
		err = fmt.Errorf("refunded on %s: want a subscription that was not: %w", date(s.Refunded.At), ErrCancelled)
	}
	return s, err
}

// checkSincePurchase checks the time of what is done with s.
func (s Subscription) checkSincePurchase(at time.Time) error {
	if at.Before(s.Purchased) {
		return fmt.Errorf("%s: want %s, the time of purchase, or later: %w", instant(at), instant(s.Purchased), ErrDate)
	}
	return checkDate("time", at)
}

// anchored returns the anchor day n months after the month of Start, or the last day
// of that month if it is shorter. Start is in Beijing, as open leaves it.
func (s Subscription) anchored(n int) time.Time {
	year, month, _ := s.Start.Date()
	day := time.Date(year, month+time.Month(n), s.AnchorDay, 0, 0, 0, 0, beijing)
	if day.Day() != s.AnchorDay { // time.Date went on into the next month
		return addDays(day, -day.Day())
	}
	return day
}

func (s Subscription) days() int { return daysBetween(s.Start, s.End) }

// usedDays returns the number of days of service that have begun by an instant.
func (s Subscription) usedDays(at time.Time) int {
	switch {
	case at.Before(s.Start):
		return 0
	case at.Before(s.End):
		return daysBetween(s.Start, at) + 1
	}
	return s.days()
}

// addDays returns 00:00 Beijing of the day n days after the one that contains t.
func addDays(t time.Time, n int) time.Time {
	year, month, day := t.In(beijing).Date()
	return time.Date(year, month, day+n, 0, 0, 0, 0, beijing)
}

// daysBetween returns the number of whole days from a to b, which is not before a.
// In Beijing each has 86400 seconds. A time.Duration would overflow after 292 years.
func daysBetween(a, b time.Time) int { return int((b.Unix() - a.Unix()) / 86400) }

// date formats the Beijing day of t for a message.
func date(t time.Time) string { return t.In(beijing).Format(time.DateOnly) }
