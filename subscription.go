package mss

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"log/slog"
	"time"
)

// Subscribe buys q at the instant purchased, with service from the earliest day: it
// is [Quote.SubscribeFrom] with [Quote.EarliestStart].
func (q Quote) Subscribe(purchased time.Time) (Subscription, error) {
	return q.SubscribeFrom(purchased, (dayOf(purchased) + day(q.LeadDays)).midnight())
}

// SubscribeFrom buys q at the instant purchased, with service from the Beijing day
// that contains start. A plan priced by the day begins on the earliest day or any
// later one, a plan priced by the month or year on the earliest day only. End is
// 00:00 of the day after the last day of service: 28 February for one month from 31
// January 2026, 12 February for 7 days from 5 February. The billing document says
// that routine operations begin on the day of purchase, that event protection is
// bought five days ahead, and that both end by themselves; that the buyer of event
// protection picks its first day is the library's reading.
//
// SubscribeFrom returns an error wrapping
//   - [ErrInconsistent] if q is not valid;
//   - [ErrDate] if service cannot begin on that day, or if the purchase, the start
//     or the end is the zero time or outside the years 1 to 9999.
func (q Quote) SubscribeFrom(purchased, start time.Time) (Subscription, error) {
	o, err := q.check()
	if err = cmp.Or(err, checkDate("purchase", purchased), checkDate("start", start)); err != nil {
		return Subscription{}, wrap(err, "subscribe", q.Plan)
	}
	first, earliest := dayOf(start), o.earliest(purchased)
	if q.Unit != Day && first != earliest {
		err := fmt.Errorf("start %v: want %v, as a plan priced by the %v begins on its earliest day: %w",
			first, earliest, q.Unit, ErrDate)
		return Subscription{}, wrap(err, "subscribe", q.Plan)
	}
	_, _, anchor := first.date()
	c, err := o.open(purchased, first, anchor)
	return c.Subscription, wrap(err, "subscribe", q.Plan)
}

// Subscription is a quote that was bought: service from Start until End.
//
// The anchor day is the day of the month on which terms of months and years end: the
// day of Start, unless a seamless renewal or a change keeps an older one. One month
// from 31 January that is renewed starts again on 28 February with the anchor day 31,
// so that its End is 31 March.
//
// [Quote.Subscribe], [Quote.SubscribeFrom], [Subscription.Renew],
// [Subscription.Cancel] and [Subscription.Change] make subscriptions. They leave
// their receiver unchanged: store the value they return.
//
// In JSON, every field but refunded must be there, and a subscription that is not
// valid is neither written nor read.
type Subscription struct {
	Quote Quote `json:"quote"`
	// Purchased is the instant of the purchase.
	Purchased time.Time `json:"purchased"`
	// Start is 00:00 Beijing of the first day of service.
	Start time.Time `json:"start"`
	// End is 00:00 Beijing of the day after the last day of service.
	End time.Time `json:"end"`
	// AnchorDay is the day of the month that renewals keep, 1 to 31.
	AnchorDay int `json:"anchor_day"`
	// Refunded is nil until the subscription is cancelled. The package never modifies
	// what it points to.
	Refunded *Refund `json:"refunded,omitempty"`
}

// Validate returns an error wrapping [ErrInconsistent] unless s is consistent: its
// quote is valid; Start is 00:00 Beijing, and not before the earliest day for
// Purchased; AnchorDay is the day of Start (or a later one, if Start is the last day
// of a month and the term is not of days); and End is the end of the term. If s is
// cancelled, Refunded must be the refund for its At in every field, and End the end of
// the days charged.
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
	c, err := s.checked()
	if err != nil {
		return "invalid subscription: " + err.Error()
	}
	text := fmt.Sprintf("%v; %s", c.Quote, count(int(c.end-c.start), "day"))
	if c.start < c.end {
		text += fmt.Sprintf(" from %v to %v", c.start, c.end-1)
	}
	if c.Refunded != nil {
		text += fmt.Sprintf("; refunded %s yuan", yuan(c.Refunded.Amount))
	}
	return text
}

// LogValue implements [slog.LogValuer]: it returns the attributes plan, machines, term,
// amount, start, end (the day after the last) and, if s is cancelled, refund. If s is
// not valid it returns the reason.
func (s Subscription) LogValue() slog.Value {
	c, err := s.checked()
	if err != nil {
		return slog.StringValue("invalid subscription: " + err.Error())
	}
	attrs := []slog.Attr{slog.String("plan", s.Quote.Plan), slog.Int("machines", s.Quote.Machines),
		slog.String("term", s.Quote.Term.String()), slog.String("amount", c.paid.String()),
		slog.String("start", c.start.String()), slog.String("end", c.end.String())}
	if s.Refunded != nil {
		attrs = append(attrs, slog.String("refund", yuan(s.Refunded.Amount)))
	}
	return slog.GroupValue(attrs...)
}

// MarshalJSON writes s with its times in Beijing, or returns an error wrapping
// [ErrInconsistent] if s is not valid.
func (s Subscription) MarshalJSON() ([]byte, error) {
	c, err := s.checked()
	fields := subscriptionFields{quoteFields(c.Quote), c.Purchased, c.Start, c.End, c.AnchorDay, (*refundFields)(c.Refunded)}
	return encode(fields, err, "subscription")
}

// UnmarshalJSON reads a subscription, with times in any zone, and validates it. If
// it returns an error, which wraps [ErrInconsistent], s is unchanged.
func (s *Subscription) UnmarshalJSON(data []byte) error {
	return decode(s, data, "subscription", readSubscription)
}

// Value implements [driver.Valuer]: it returns what MarshalJSON does, for a text or
// JSON column.
func (s Subscription) Value() (driver.Value, error) { return columnValue(s.MarshalJSON()) }

// Scan implements [database/sql.Scanner]: it reads a text column as UnmarshalJSON
// does. For any other column, NULL too, it returns an error wrapping
// [ErrInconsistent] and leaves s unchanged.
func (s *Subscription) Scan(src any) error {
	return scan(src, "subscription", s.UnmarshalJSON, ErrInconsistent)
}

// GormDataType returns "string", so that GORM makes a text column.
func (Subscription) GormDataType() string { return gormText }

// Status is where a subscription is in its life. The zero Status is not valid.
type Status int

// The statuses. Their text is the name in lower case.
const (
	Scheduled Status = iota + 1 // service has not begun
	Active                      // in service
	Expired                     // the term is over
	Cancelled                   // refunded, and the days charged are over
)

var statuses = enum[Status]{"Status", []string{"scheduled", "active", "expired", "cancelled"}, ErrInconsistent}

// String returns "scheduled", "active", "expired" or "cancelled", or "Status(9)"
// for an invalid status.
func (s Status) String() string { return statuses.text(s) }

// MarshalText implements [encoding.TextMarshaler]: it returns the text of s, or an
// error wrapping [ErrInconsistent] if s is not valid.
func (s Status) MarshalText() ([]byte, error) { return statuses.marshal(s) }

// UnmarshalText implements [encoding.TextUnmarshaler]. For any text but that of a
// status, in lower case, it returns an error wrapping [ErrInconsistent] and leaves s
// unchanged.
func (s *Status) UnmarshalText(text []byte) error { return statuses.unmarshal(s, text) }

// Value implements [driver.Valuer]: it returns what MarshalText does.
func (s Status) Value() (driver.Value, error) { return columnValue(s.MarshalText()) }

// Scan implements [database/sql.Scanner]: it reads a text column as UnmarshalText
// does. For any other column, NULL too, it returns an error wrapping
// [ErrInconsistent] and leaves s unchanged.
func (s *Status) Scan(src any) error { return statuses.scan(s, src) }

// GormDataType returns "string", so that GORM makes a text column.
func (Status) GormDataType() string { return gormText }

// Status returns what s is at an instant: Scheduled before Start, Active from Start
// and Expired from End. A cancelled subscription stays Active for the days that were
// charged and is Cancelled from End; one cancelled before Start is Scheduled until
// the refund's At and Cancelled from then. To find out whether a subscription was
// refunded, test Refunded != nil, not its status. The result is 0 if s is not valid.
func (s Subscription) Status(at time.Time) Status {
	c, err := s.checked()
	switch r, on := c.Refunded, dayOf(at); {
	case err != nil:
		return 0
	case r != nil && (on >= c.end || r.UsedDays == 0 && !at.Before(r.At)):
		return Cancelled
	case on < c.start:
		return Scheduled
	case on < c.end:
		return Active
	}
	return Expired
}

// Days returns the number of days from Start to End: of the term or, once
// cancelled, of the days charged. It is 0 if s is not valid.
func (s Subscription) Days() int {
	c, _ := s.checked()
	return int(c.end - c.start)
}

// UsedDays returns the number of days of service that have begun by an instant: 0
// before Start, 1 from 00:00 Beijing of the first day, [Subscription.Days] from
// 00:00 of the last day. It is 0 if s is not valid.
func (s Subscription) UsedDays(at time.Time) int {
	c, _ := s.checked()
	return int(c.used(at))
}

// DaysLeft returns the number of days of service that have not begun by an instant,
// which is Days less UsedDays: 0 on the last day. It is 0 if s is not valid.
func (s Subscription) DaysLeft(at time.Time) int {
	c, _ := s.checked()
	return int(c.end - c.start - c.used(at))
}

// ContactBy returns the time by which Tencent Cloud contacts the customer: the end
// (24:00 Beijing) of the first working day after the day of purchase. After a
// purchase on Friday, 30 January 2026 it is 00:00 on Tuesday, 3 February.
//
// The billing document promises contact within one working day. By the service level
// agreement that is a statutory one (法定工作日); that this holds for the first contact
// is the library's reading. The function workday reports whether the day that begins at
// its argument, 00:00 Beijing, is a working day: pass one that knows the public holidays
// and the weekend days that are worked instead. The default, for nil, is Monday to Friday.
//
// ContactBy returns an error wrapping
//   - [ErrInconsistent] if s is not valid;
//   - [ErrDate] if none of the 366 days after the day of purchase is a working day,
//     or if the first is 31 December 9999 or later.
func (s Subscription) ContactBy(workday func(day time.Time) bool) (time.Time, error) {
	c, err := s.checked()
	if err != nil {
		return time.Time{}, wrap(err, "find the day of contact for", s.Quote.Plan)
	}
	if workday == nil {
		workday = func(day time.Time) bool { return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday }
	}
	bought := dayOf(c.Purchased)
	for d := bought + 1; d <= bought+366 && d < lastDay; d++ {
		if workday(d.midnight()) {
			return (d + 1).midnight(), nil
		}
	}
	err = fmt.Errorf("bought on %v: want a working day within 366 days, before %v: %w", bought, lastDay, ErrDate)
	return time.Time{}, wrap(err, "find the day of contact for", s.Quote.Plan)
}

// Renew returns the subscription that follows s: q, bought at an instant. It starts
// on the later of s.End and [Quote.EarliestStart] of at. So a renewal bought by the
// end of the Beijing day of s.End is seamless if its plan has no lead days; with lead
// days it must be bought that many days earlier. One bought later leaves a gap: the
// renewal is seamless if and only if its Start equals s.End.
//
// A seamless renewal keeps the anchor day if neither term is of days: from 31 January,
// one month has its End on 28 February, and its renewal by one month on 31 March, as
// two months do. Any other renewal takes the day on which it starts.
//
// A plan priced by the month or year begins when it is bought. So if it renews one
// priced by the day, it must begin no later than the day after at or, if that is later,
// than its earliest day.
//
// The billing document says that renewal, after expiry, is choosing and buying again
// with any number of machines; buying it earlier is the library's extension. The
// package keeps no link between s and its renewal. The service that stores them must
// see to it that s is renewed once, and that its renewal is refunded before s is.
//
// Renew returns an error wrapping
//   - [ErrInconsistent] if s is not valid;
//   - [ErrCancelled] if s is cancelled: buy again instead;
//   - [ErrInconsistent] if q is not valid;
//   - [ErrDate] if at is before s.Purchased, if q is priced by the month or year, s
//     by the day, and s ends later than that, or if any date is outside the years 1 to
//     9999.
func (s Subscription) Renew(q Quote, at time.Time) (Subscription, error) {
	old, err := s.uncancelled()
	o, invalid := q.check()
	if err = cmp.Or(err, prefix(invalid, "new quote"), old.checkSincePurchase(at)); err != nil {
		return Subscription{}, wrap(err, "renew", s.Quote.Plan)
	}
	renewed, err := old.follow(o, at)
	return renewed.Subscription, wrap(err, "renew", s.Quote.Plan)
}

// A contract is a Subscription that was sold or checked, with its amounts in fen and
// its days as numbers. All that is calculated of a subscription is calculated of it.
type contract struct {
	Subscription     // with its times in Beijing
	price, paid  fen // of the band, and for the whole term
	start, end   day // of service; end is moved by a refund
	term         day // the days of the whole term
}

// open sells o, or returns why service cannot begin on start with that anchor day.
// Every subscription is made by it, and checked by making it again.
func (o offer) open(purchased time.Time, start day, anchor int) (contract, error) {
	if err := checkDate("purchase", purchased); err != nil {
		return contract{}, err
	}
	if earliest := o.earliest(purchased); start < earliest {
		return contract{}, fmt.Errorf("start %v: want %v or later, as bought on %v with %s: %w",
			start, earliest, dayOf(purchased), count(o.LeadDays, "lead day"), ErrDate)
	}
	year, month, dayOfMonth := start.date()
	if anchor != dayOfMonth && (o.Unit == Day || anchor > 31 || start != anchored(year, month, anchor)) {
		return contract{}, fmt.Errorf("start %v, anchor day %d: want the start on the anchor day, "+
			"or for a term of months or years on the last day of a shorter month: %w", start, anchor, ErrDate)
	}
	end := start + day(o.Term.N)
	if o.Unit != Day {
		end = anchored(year, month+time.Month(o.Term.quantity(Month)), anchor)
	}
	if !end.valid() {
		return contract{}, fmt.Errorf("end %v: want a day in the years 1 to 9999: %w", end, ErrDate)
	}
	s := Subscription{Quote: o.Quote, Purchased: purchased.In(beijing), Start: start.midnight(), End: end.midnight(), AnchorDay: anchor}
	return contract{s, o.price, o.amount, start, end, end - start}, nil
}

// follow sells o where c ends or, if that is later, on its earliest day.
func (c contract) follow(o offer, at time.Time) (contract, error) {
	start := max(c.end, o.earliest(at))
	if first := start - max(day(o.LeadDays), 1); o.Unit != Day && c.Quote.Unit == Day && dayOf(at) < first {
		return contract{}, fmt.Errorf("start %v: want it bought on %v or later, as a plan priced by the %v begins when it is bought: %w",
			start, first, o.Unit, ErrDate)
	}
	_, _, anchor := start.date()
	if _, first, _ := c.month(start); first == start && start == c.end && o.Unit != Day && c.Quote.Unit != Day {
		anchor = c.AnchorDay // whole months of service end there
	}
	return o.open(at, start, anchor)
}

// month returns the service month that contains a day, for a term of months or years:
// how many there are before it, its first day, and that of the next one.
func (c contract) month(d day) (n int, first, next day) {
	startYear, startMonth, _ := c.start.date()
	year, month, _ := d.date()
	n = 12*(year-startYear) + int(month-startMonth)
	if first = anchored(year, month, c.AnchorDay); d < first {
		return n - 1, anchored(year, month-1, c.AnchorDay), first
	}
	return n, first, anchored(year, month+1, c.AnchorDay)
}

// used returns the number of days of service that have begun by an instant.
func (c contract) used(at time.Time) day { return min(max(dayOf(at)+1, c.start), c.end) - c.start }

// checked returns s as the package makes it, or an error that says what is
// inconsistent.
func (s Subscription) checked() (contract, error) {
	o, err := s.Quote.check()
	if err != nil {
		return contract{}, prefix(err, "quote")
	}
	c, err := o.open(s.Purchased, dayOf(s.Start), s.AnchorDay)
	if err == nil && s.Refunded != nil {
		c, err = c.cancel(*s.Refunded, s.Refunded.At)
		err = prefix(err, "refunded")
	}
	if err != nil {
		return contract{}, as(err, ErrInconsistent)
	}
	if !s.Start.Equal(c.Start) || !s.End.Equal(c.End) {
		return contract{}, fmt.Errorf("start %s, end %s: want %s and %s: %w",
			instant(s.Start), instant(s.End), instant(c.Start), instant(c.End), ErrInconsistent)
	}
	return c, nil
}

// uncancelled returns s checked, or an error if it is cancelled.
func (s Subscription) uncancelled() (contract, error) {
	c, err := s.checked()
	if err == nil && c.Refunded != nil {
		return contract{}, fmt.Errorf("refunded on %v: want a subscription that was not: %w", dayOf(c.Refunded.At), ErrCancelled)
	}
	return c, err
}

// checkSincePurchase checks the time of what is done with c.
func (c contract) checkSincePurchase(at time.Time) error {
	err := checkDate("time", at)
	if err == nil && at.Before(c.Purchased) {
		err = fmt.Errorf("%s: want %s, the time of purchase, or later: %w", instant(at), instant(c.Purchased), ErrDate)
	}
	return err
}

// subscriptionFields has no methods, and so have its parts: they are written and read
// in one pass, and checked once.
type subscriptionFields struct {
	Quote     quoteFields   `json:"quote"`
	Purchased time.Time     `json:"purchased"`
	Start     time.Time     `json:"start"`
	End       time.Time     `json:"end"`
	AnchorDay int           `json:"anchor_day"`
	Refunded  *refundFields `json:"refunded,omitempty"`
}

func readSubscription(data []byte) (Subscription, error) {
	check := func(f subscriptionFields) (contract, error) {
		return Subscription{f.Quote.quote(), f.Purchased, f.Start, f.End, f.AnchorDay, (*Refund)(f.Refunded)}.checked()
	}
	c, err := readDocument(data, subscriptionFields{Quote: quoteFields{LeadDays: -1}}, check, subscriptionSchema)
	return c.Subscription, err
}

func subscriptionSchema(data []byte) []field {
	var s Subscription
	schema := append([]field{
		{"purchased", &s.Purchased, anInstant}, {"start", &s.Start, anInstant}, {"end", &s.End, anInstant},
		{"anchor_day", &s.AnchorDay, aNumber},
	}, within("quote", ": ", quoteSchema(nil))...)
	if !absent(find(data, "refunded")) {
		schema = append(schema, within("refunded", ": ", refundSchema(nil))...)
	}
	return schema
}
