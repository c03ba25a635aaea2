package mss_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

// Service begins on the day of purchase or, of event protection, five days later at the
// earliest, and covers whole days in Beijing. It ends by itself: months on the anchor
// day, or on the last day of a shorter month.
func TestSubscribe(t *testing.T) {
	for _, tt := range []struct {
		name, quote, purchased string
		start                  string // none for Subscribe
		want                   any
	}{
		{"over the year's end", "routine 5 P1M", "2026-12-15", "", "2026-12-15 to 2027-01-15, anchor 15"},
		{"to a short month", "routine 5 P1M", "2026-01-31", "", "2026-01-31 to 2026-02-28, anchor 31"},
		{"to a leap day", "routine 5 P1M", "2028-01-31", "", "2028-01-31 to 2028-02-29, anchor 31"},
		{"past a short month", "routine 5 P2M", "2026-01-31", "", "2026-01-31 to 2026-03-31, anchor 31"},
		{"a year from a leap day", "routine 5 P1Y", "2028-02-29", "", "2028-02-29 to 2029-02-28, anchor 29"},
		{"four years from a leap day", "routine 5 P4Y", "2028-02-29", "", "2028-02-29 to 2032-02-29, anchor 29"},
		{"to 2100, no leap year", "routine 5 P4Y", "2096-02-29", "", "2096-02-29 to 2100-02-28, anchor 29"},
		{"five days' notice", "event 200 P7D", "2026-01-31", "", "2026-02-05 to 2026-02-12, anchor 5"},
		// From 6 January 2026 to 6 January 2126 there are 24 leap days (2100 has none), so 36524 days.
		{"the most days", "event 200 P36525D", "2026-01-01", "", "2026-01-06 to 2126-01-07, anchor 6"},
		{"months with notice", "noticed 5 P1M", "2026-01-31", "", "2026-02-03 to 2026-03-03, anchor 3"},
		{"the first nanosecond of a day", "routine 5 P1M", "2026-01-30T16:00:00Z", "", "2026-01-31 to 2026-02-28, anchor 31"},
		{"the last nanosecond of a day", "routine 5 P1M", "2026-01-30T15:59:59.999999999Z", "", "2026-01-30 to 2026-02-28, anchor 30"},
		{"a day that has begun further east", "event 200 P1D", "2026-01-31T00:00:00+14:00", "", "2026-02-04 to 2026-02-05, anchor 4"},
		{"a day that has not begun further west", "event 200 P1D", "2026-01-30T23:00:00-12:00", "", "2026-02-05 to 2026-02-06, anchor 5"},
		{"the first day", "event 200 P1D", "1-01-01", "", "0001-01-06 to 0001-01-07, anchor 6"},
		{"to the last day", "routine 5 P1M", "9999-11-30", "", "9999-11-30 to 9999-12-30, anchor 30"},
		{"a start in the year 10000", "event 200 P1D", "9999-12-27", "", mss.ErrDate},
		{"days that end in the year 10000", "event 200 P1D", "9999-12-26", "9999-12-31", mss.ErrDate},

		{"days, during the earliest day", "event 200 P7D", "2026-01-31 23h", "2026-02-05 15h", "2026-02-05 to 2026-02-12, anchor 5"},
		{"days, later", "event 200 P7D", "2026-01-31", "2026-02-27T16:00:00Z", "2026-02-28 to 2026-03-07, anchor 28"},
		{"days, a nanosecond too early", "event 200 P7D", "2026-01-31", "2026-02-05 -1ns", mss.ErrDate},
		{"months, on the earliest day", "noticed 5 P1M", "2026-01-31", "2026-02-03 1h", "2026-02-03 to 2026-03-03, anchor 3"},
		{"months, a day early", "noticed 5 P1M", "2026-01-31", "2026-02-02", mss.ErrDate},
		{"years, a day late", "yearly 5 P1Y", "2026-01-31", "2026-02-01", mss.ErrDate},
		{"months, a day late", "noticed 5 P1M", "2026-01-31", "2026-02-04", mss.ErrDate},
		{"days, the last end", "event 200 P7D", "2026-01-31", "9999-12-24", "9999-12-24 to 9999-12-31, anchor 24"},
	} {
		q, purchased := quote(t, tt.quote), at(tt.purchased)
		got, err := q.SubscribeFrom(purchased, at(tt.start))
		if tt.start == "" {
			got, err = q.Subscribe(purchased)
			if earliest := q.EarliestStart(purchased); !earliest.Equal(got.Start) || misplaced(earliest) != "" && err == nil {
				t.Errorf("%s: EarliestStart(%s) = %v, want %v", tt.name, tt.purchased, earliest, got.Start)
			}
		}
		call := fmt.Sprintf("%s: %s bought at %s from %s", tt.name, tt.quote, tt.purchased, tt.start)
		check(t, call, got, err, tt.want)
		if err == nil && (!got.Quote.Equal(q) || !got.Purchased.Equal(purchased)) {
			t.Errorf("%s = %+v, want the quote and the purchase in it", call, got)
		}
	}
	got, err := quote(t, "routine 5 P1M").SubscribeFrom(at("1-01-01"), time.Time{}) // which is on that day in Beijing
	check(t, "SubscribeFrom the zero time", got, err, mss.ErrDate)
}

// No instant before the year 1 or after 9999, in Beijing, is a date, however far it is.
func TestAbsurdInstants(t *testing.T) {
	year, r := yearOpen(t), *yearClosed(t).Refunded
	for _, when := range append(absurdTimes, time.Time{}, at("1-01-01 -1ns"), at("9999-12-31T16:00:00Z")) {
		for name, call := range map[string]func() (any, error){
			"Subscribe":         func() (any, error) { return year.Quote.Subscribe(when) },
			"SubscribeFrom":     func() (any, error) { return year.Quote.SubscribeFrom(when, year.Start) },
			"start":             func() (any, error) { return quote(t, "one 1 P1D").SubscribeFrom(year.Start, when) },
			"Renew":             func() (any, error) { return year.Renew(year.Quote, when) },
			"Consumed":          func() (any, error) { return year.Consumed(when, mss.ByDay) },
			"Deferred":          func() (any, error) { return year.Deferred(when, mss.ByMonth) },
			"Refund":            func() (any, error) { return year.Refund(when, mss.ByDay) },
			"Cancel":            func() (any, error) { return year.Cancel(r, when) },
			"Cancel of another": func() (any, error) { return year.Cancel(edited(r, func(r *mss.Refund) { r.At = when }), when) },
			"Change":            func() (any, error) { return year.Change(year.Quote, when, mss.ByDay) },
			"PriceBook.At":      func() (any, error) { return priceBook().At(when) },
		} {
			got, err := call()
			check(t, fmt.Sprintf("%s at %v", name, when), got, err, mss.ErrDate)
		}
		check(t, fmt.Sprintf("EarliestStart(%v)", when), year.Quote.EarliestStart(when), nil, "zero time")
		status, used := mss.Scheduled, 0
		if when.Unix() > 0 {
			status, used = mss.Expired, 365
		}
		if year.Status(when) != status || year.UsedDays(when) != used || year.DaysLeft(when) != 365-used {
			t.Errorf("at %v: Status %v, UsedDays %d, want %v, %d", when, year.Status(when), year.UsedDays(when), status, used)
		}
		for _, s := range []mss.Subscription{
			edited(year, func(s *mss.Subscription) { s.Purchased = when }), edited(year, func(s *mss.Subscription) { s.Start = when }),
			edited(year, func(s *mss.Subscription) { s.End = when }), edited(yearClosed(t), func(s *mss.Subscription) { s.Refunded.At = when }),
		} {
			checkError(t, fmt.Sprintf("Validate with a time of %v", when), s.Validate(), mss.ErrInconsistent)
		}
	}
}

// Purchased and At are the instant given, to the nanosecond, in Beijing and without a
// monotonic reading.
func TestInstantsAreKept(t *testing.T) {
	now := time.Now()
	s := must(quote(t, "event 200 P7D").Subscribe(now))(t)
	refund := must(s.Refund(now, mss.ByDay))(t)
	change := must(s.Change(quote(t, "event 5 P7D"), now, mss.ByDay))(t)
	renewed := must(s.Renew(s.Quote, now))(t)
	closed := must(s.Cancel(refund, now))(t)
	want := now.Round(0).In(mss.Beijing)
	for i, got := range []time.Time{s.Purchased, refund.At, change.Refund.At, change.Opened.Purchased, renewed.Purchased, closed.Refunded.At} {
		if got != want {
			t.Errorf("instant %d = %#v, want %#v", i, got, want)
		}
	}
}

// What makes a subscription inconsistent: an edit of the quote of yearOpen, of
// yearOpen itself, of yearClosed, or of its refund, which no subscription can have then.
var (
	quoteEdits = []edit[mss.Quote]{
		{"no plan", func(q *mss.Quote) { q.Plan = "" }},
		{"no term", func(q *mss.Quote) { q.Term = mss.Term{} }},
		{"no unit", func(q *mss.Quote) { q.Unit = 0 }},
		{"another unit", func(q *mss.Quote) { q.Unit = mss.Year }},
		{"another term", func(q *mss.Quote) { q.Term = mss.Months(11) }},
		{"term of days", func(q *mss.Quote) { q.Term = mss.Days(13) }},
		{"too few machines", func(q *mss.Quote) { q.Machines = 100 }},
		{"too many machines", func(q *mss.Quote) { q.Machines = 201 }},
		{"band that ends before it begins", func(q *mss.Quote) { q.Tier.Max = 100 }},
		{"band above", func(q *mss.Quote) { q.Tier.Min = 121 }},
		{"nothing for nothing", func(q *mss.Quote) { q.Tier.Price, q.Amount = decimal.Zero, decimal.Zero }},
		{"absurd price", func(q *mss.Quote) { q.Tier.Price = absurd[0] }},
		{"too many lead days", func(q *mss.Quote) { q.LeadDays = 367 }},
		{"a fen more", func(q *mss.Quote) { q.Amount = dec("252000.01") }},
		{"part of a fen more", func(q *mss.Quote) { q.Amount = dec("252000.001") }},
		{"negative amount", func(q *mss.Quote) { q.Amount = dec("-252000") }},
		{"huge amount", func(q *mss.Quote) { q.Amount = absurd[0] }},
	}
	openEdits = []edit[mss.Subscription]{
		{"zero subscription", func(s *mss.Subscription) { *s = mss.Subscription{} }},
		{"another valid quote", func(s *mss.Subscription) { s.Quote.Term, s.Quote.Amount = mss.Months(11), dec("231000") }},
		{"more lead days", func(s *mss.Subscription) { s.Quote.LeadDays = 1 }},
		{"purchase on the day after", func(s *mss.Subscription) { s.Purchased = at("2026-02-01") }},
		{"start a nanosecond later", func(s *mss.Subscription) { s.Start = s.Start.Add(1) }},
		{"start a nanosecond earlier", func(s *mss.Subscription) { s.Start = s.Start.Add(-1) }},
		{"start at midnight elsewhere", func(s *mss.Subscription) { s.Start, s.End = at("2026-01-31T00:00:00Z"), at("2027-01-31T00:00:00Z") }},
		{"end a nanosecond later", func(s *mss.Subscription) { s.End = s.End.Add(1) }},
		{"end in the year 10000", func(s *mss.Subscription) { s.Start, s.End = at("9999-01-31"), at("10000-01-31") }},
		{"no anchor", func(s *mss.Subscription) { s.AnchorDay = 0 }},
		{"anchor a day earlier", func(s *mss.Subscription) { s.AnchorDay = 30 }},
		{"anchor too high", func(s *mss.Subscription) { s.AnchorDay = 32 }},
		{"highest anchor", func(s *mss.Subscription) { s.AnchorDay = math.MaxInt }},
		{"anchor of a term of days", func(s *mss.Subscription) {
			day := mss.Quote{Plan: "day", Machines: 1, Term: mss.Days(1), Tier: bands("1-1 5")[0], Unit: mss.Day, Amount: dec("5")}
			s.Quote, s.Start, s.End, s.AnchorDay = day, at("2026-02-28"), at("2026-03-01"), 31
		}},
		{"anchor in mid-month", func(s *mss.Subscription) { s.Start, s.End, s.AnchorDay = at("2026-02-27"), at("2027-02-28"), 28 }},
		{"anchor in a leap year", func(s *mss.Subscription) { s.Start, s.End, s.AnchorDay = at("2028-02-28"), at("2029-02-28"), 31 }},
		{"anchor earlier, on the end of February", func(s *mss.Subscription) { s.Start, s.End, s.AnchorDay = at("2026-02-28"), at("2027-02-27"), 27 }},
	}
	closedEdits = []edit[mss.Subscription]{
		{"at before the purchase", func(s *mss.Subscription) { s.Refunded.At = at("2026-01-30") }},
		{"at on another day", func(s *mss.Subscription) { s.Refunded.At = at("2026-03-16") }},
		{"other used days", func(s *mss.Subscription) { s.Refunded.UsedDays, s.End = 43, at("2026-03-15") }},
		{"other total days", func(s *mss.Subscription) { s.Refunded.TotalDays = 366 }},
		{"consumed a fen less", func(s *mss.Subscription) { s.Refunded.Consumed, s.Refunded.Amount = dec("31838.70"), dec("220161.30") }},
		{"another amount paid", func(s *mss.Subscription) { s.Refunded.Paid, s.Refunded.Amount = dec("252000.01"), dec("220161.30") }},
		{"not refunded", func(s *mss.Subscription) { s.Refunded = nil }},
		{"refunded, but served to the end", func(s *mss.Subscription) { s.End = at("2027-01-31") }},
	}
	refundEdits = []edit[mss.Refund]{
		{"zero refund", func(r *mss.Refund) { *r = mss.Refund{} }},
		{"no proration", func(r *mss.Refund) { r.By = 0 }},
		{"another proration", func(r *mss.Refund) { r.By = mss.ByDay }},
		{"no days", func(r *mss.Refund) { r.UsedDays, r.TotalDays = 0, 0 }},
		{"too many days", func(r *mss.Refund) { r.TotalDays = 36526 }},
		{"negative used days", func(r *mss.Refund) { r.UsedDays = -1 }},
		{"nothing used", func(r *mss.Refund) { r.UsedDays = 0 }},
		{"all used", func(r *mss.Refund) { r.UsedDays = 365 }},
		{"paid nothing", func(r *mss.Refund) { r.Paid, r.Consumed, r.Amount = decimal.Zero, decimal.Zero, decimal.Zero }},
		{"paid too much", func(r *mss.Refund) { r.Paid, r.Amount = dec("36525000000000000.01"), dec("36524999999968161.30") }},
		{"paid part of a fen", func(r *mss.Refund) { r.Paid = dec("252000.001") }},
		{"consumed part of a fen", func(r *mss.Refund) { r.Consumed, r.Amount = dec("31838.711"), dec("220161.289") }},
		{"consumed less than nothing", func(r *mss.Refund) { r.Consumed, r.Amount = dec("-1"), dec("252001") }},
		{"consumed more than was paid", func(r *mss.Refund) { r.Consumed, r.Amount = dec("252001"), dec("-1") }},
		{"amount a fen more", func(r *mss.Refund) { r.Amount = dec("220161.30") }},
		{"absurd paid", func(r *mss.Refund) { r.Paid = absurd[0] }},
		{"absurd consumed", func(r *mss.Refund) { r.Consumed = absurd[0] }},
		{"absurd zero consumed", func(r *mss.Refund) { r.UsedDays, r.Consumed = 0, absurd[6] }},
		{"absurd amount", func(r *mss.Refund) { r.Amount = absurd[2] }},
		{"absurd zero amount", func(r *mss.Refund) { r.UsedDays, r.Consumed, r.Amount = 365, r.Paid, absurd[6] }},
	}
)

// What is not consistent gives neither money nor dates, and is neither written nor read.
func TestInconsistentValues(t *testing.T) {
	open, closed, now := yearOpen(t), yearClosed(t), at("2026-03-15")
	refused := func(name string, s mss.Subscription) {
		checkRefused(t, name, s, closed, map[string]func() (any, error){
			"ContactBy": func() (any, error) { return s.ContactBy(nil) },
			"Renew":     func() (any, error) { return s.Renew(open.Quote, now) },
			"Consumed":  func() (any, error) { return s.Consumed(now, mss.ByMonth) },
			"Deferred":  func() (any, error) { return s.Deferred(now, mss.ByMonth) },
			"Amortize":  func() (any, error) { return s.Amortize(mss.ByMonth) },
			"Refund":    func() (any, error) { return s.Refund(now, mss.ByMonth) },
			"Cancel":    func() (any, error) { return s.Cancel(*closed.Refunded, at("2026-03-15 9h")) },
			"Change":    func() (any, error) { return s.Change(open.Quote, now, mss.ByMonth) },
		})
		status, days, used, left := s.Status(now), s.Days(), s.UsedDays(now), s.DaysLeft(now)
		if status != 0 || days != 0 || used != 0 || left != 0 {
			t.Errorf("%s: Status %v, Days %d, UsedDays %d, DaysLeft %d, want 0", name, status, days, used, left)
		}
		if text := s.String(); !strings.HasPrefix(text, "invalid subscription: ") || s.LogValue().String() != text {
			t.Errorf("%s: String() = %s, LogValue() = %v, want a reason", name, text, s.LogValue())
		}
		checkLine(t, name+": String()", s.String())
	}
	for _, tt := range quoteEdits {
		q := edited(open.Quote, tt.edit)
		refused(tt.name, edited(open, func(s *mss.Subscription) { s.Quote = q }))
		checkRefused(t, tt.name, q, open.Quote, map[string]func() (any, error){
			"Subscribe":     func() (any, error) { return q.Subscribe(now) },
			"SubscribeFrom": func() (any, error) { return q.SubscribeFrom(time.Time{}, now) }, // before the date
			"Renew":         func() (any, error) { return open.Renew(q, now) },
			"Change":        func() (any, error) { return open.Change(q, now, mss.ByDay) },
		})
		check(t, tt.name+": EarliestStart", q.EarliestStart(now), nil, "zero time")
		if text := q.String(); !strings.HasPrefix(text, "invalid quote: ") || q.Quantity() != 0 {
			t.Errorf("%s: String() = %.1000s, Quantity() = %d, want a reason and 0", tt.name, text, q.Quantity())
		}
		checkLine(t, tt.name+": String()", q.String())
	}
	for _, tt := range openEdits {
		refused(tt.name, edited(open, tt.edit))
	}
	for _, tt := range closedEdits {
		refused(tt.name, edited(closed, tt.edit))
	}
	for _, tt := range refundEdits {
		s := edited(closed, func(s *mss.Subscription) { tt.edit(s.Refunded) })
		refused(tt.name, s)
		checkRefused(t, tt.name, *s.Refunded, *closed.Refunded, nil)
		if text := s.Refunded.String(); !strings.HasPrefix(text, "invalid refund: ") {
			t.Errorf("%s: String() = %s, want a reason", tt.name, text)
		}
		checkLine(t, tt.name+": String()", s.Refunded.String())
		got, err := open.Cancel(*s.Refunded, s.Refunded.At)
		check(t, tt.name+": Cancel", got, err, mss.ErrInconsistent)
	}
}

// checkRefused wants ErrInconsistent of v: from these calls, and when it is validated,
// written, or read over a value that is valid.
func checkRefused[T any, P interface {
	*T
	json.Unmarshaler
	sql.Scanner
}](t *testing.T, name string, v, valid T, calls map[string]func() (any, error)) {
	t.Helper()
	defer atOnce(t, name)()
	for method, call := range calls {
		got, err := call()
		check(t, name+": "+method, got, err, mss.ErrInconsistent)
	}
	if v, ok := any(v).(interface{ Validate() error }); ok {
		checkError(t, name+": Validate()", v.Validate(), mss.ErrInconsistent)
	}
	data, err := any(v).(json.Marshaler).MarshalJSON()
	check(t, name+": MarshalJSON()", data, err, mss.ErrInconsistent)
	column, err := any(v).(driver.Valuer).Value()
	check(t, name+": Value()", column, err, mss.ErrInconsistent)
	target, doc := valid, plainJSON(v)
	checkError(t, "UnmarshalJSON("+doc+")", P(&target).UnmarshalJSON([]byte(doc)), mss.ErrInconsistent)
	checkError(t, "Scan("+doc+")", P(&target).Scan(doc), mss.ErrInconsistent)
	unchanged(t, "UnmarshalJSON("+doc+")", target, valid)
}

// What no purchase from the published list is like, but is consistent.
func TestConsistentSubscriptions(t *testing.T) {
	s := buy(t, "routine 5 P1M", "2026-02-28")
	for _, tt := range []edit[mss.Subscription]{
		{"renewed long ahead", func(s *mss.Subscription) { s.Purchased = at("1-01-01") }},
		{"anchor 31", func(s *mss.Subscription) { s.AnchorDay, s.End = 31, at("2026-03-31") }},
		{"times in another zone", func(s *mss.Subscription) { s.Start, s.End = s.Start.UTC(), s.End.UTC() }},
		{"amount of another exponent", func(s *mss.Subscription) { s.Quote.Amount = decimal.New(125, 1) }},
		{"amount of 100 digits", func(s *mss.Subscription) { s.Quote.Amount = dec("1250." + strings.Repeat("0", 96)) }},
		{"bought late on the day", func(s *mss.Subscription) { s.Purchased = at("2026-03-01 -1ns") }},
	} {
		checkValid(t, tt.name, edited(s, tt.edit))
	}
	unused := must(buy(t, "event 5 P1D", "2026-02-28").Refund(at("2026-02-28"), mss.ByDay))(t)
	checkValid(t, "a zero of exponent 100", edited(unused, func(r *mss.Refund) { r.Consumed = decimal.New(0, 100) }))
}

func TestSubscriptionEqual(t *testing.T) {
	checkEqual(t, yearClosed(t), []edit[mss.Subscription]{
		{"the same, with a copy of the refund", func(*mss.Subscription) {}},
		{"another zone", func(s *mss.Subscription) { s.Purchased, s.Start, s.End = s.Purchased.UTC(), s.Start.UTC(), s.End.UTC() }},
		{"another exponent", func(s *mss.Subscription) { s.Quote.Amount = decimal.New(252, 3) }},
	}, []edit[mss.Subscription]{
		{"quote", func(s *mss.Subscription) { s.Quote.Plan = "" }},
		{"purchased", func(s *mss.Subscription) { s.Purchased = s.Purchased.Add(1) }},
		{"start", func(s *mss.Subscription) { s.Start = s.Start.Add(1) }},
		{"end", func(s *mss.Subscription) { s.End = s.End.Add(1) }},
		{"anchor", func(s *mss.Subscription) { s.AnchorDay++ }},
		{"refund", func(s *mss.Subscription) { s.Refunded.Amount = dec("0") }},
		{"no refund", func(s *mss.Subscription) { s.Refunded = nil }},
	})
	if s := yearOpen(t); !s.Equal(yearOpen(t)) {
		t.Error("Equal of the same subscription, not refunded = false, want true")
	}
}

func TestSubscriptionString(t *testing.T) {
	week := buy(t, "event 1000 P7D", "2026-01-31")
	const year, days = "routine-operations, 120 machines (band 101-200), P1Y: 12 months × 21000.00 = 252000.00 yuan",
		"event-protection, 1000 machines (band 501-1000), P7D: 7 days × 30000.00 = 210000.00 yuan"
	utc := edited(yearClosed(t), func(s *mss.Subscription) { s.Start, s.End = s.Start.UTC(), s.End.UTC() })
	for _, tt := range []struct {
		name      string
		s         mss.Subscription
		text, log string
	}{
		{"in service", yearOpen(t), year + "; 365 days from 2026-01-31 to 2027-01-30",
			"v.plan=routine-operations v.machines=120 v.term=P1Y v.amount=252000.00 v.start=2026-01-31 v.end=2027-01-31"},
		{"cancelled, in UTC", utc, year + "; 44 days from 2026-01-31 to 2026-03-15; refunded 220161.29 yuan",
			"v.plan=routine-operations v.machines=120 v.term=P1Y v.amount=252000.00 v.start=2026-01-31 v.end=2026-03-16 v.refund=220161.29"},
		{"one of each", buy(t, "routine 1 P1M", "2026-02-01"),
			"routine-operations, 1 machine (band 1-5), P1M: 1 month × 1250.00 = 1250.00 yuan; 28 days from 2026-02-01 to 2026-02-28",
			"v.plan=routine-operations v.machines=1 v.term=P1M v.amount=1250.00 v.start=2026-02-01 v.end=2026-03-01"},
		{"cancelled before", cancel(t, week, "2026-02-01", mss.ByDay), days + "; 0 days; refunded 210000.00 yuan",
			"v.plan=event-protection v.machines=1000 v.term=P7D v.amount=210000.00 v.start=2026-02-05 v.end=2026-02-05 v.refund=210000.00"},
	} {
		if got := tt.s.String(); got != tt.text {
			t.Errorf("%s: String() = %q, want %q", tt.name, got, tt.text)
		}
		var line strings.Builder
		slog.New(slog.NewTextHandler(&line, nil)).Info("m", "v", tt.s)
		if _, got, _ := strings.Cut(line.String(), "msg=m "); got != tt.log+"\n" {
			t.Errorf("%s: log line %s, want %s", tt.name, got, tt.log)
		}
	}
}

func TestStatusAndDays(t *testing.T) {
	week := buy(t, "event 200 P7D", "2026-01-31") // 5 to 11 February
	month := buy(t, "routine 5 P1M", "2026-01-31 9h")
	early := cancel(t, week, "2026-02-03 9h", mss.ByDay)
	inService := cancel(t, week, "2026-02-07 9h", mss.ByDay)
	for _, tt := range []struct {
		name       string
		s          mss.Subscription
		when       string
		status     mss.Status
		used, left int
	}{
		{"before it was bought", week, "1-01-01", mss.Scheduled, 0, 7},
		{"before the first nanosecond", week, "2026-02-05 -1ns", mss.Scheduled, 0, 7},
		{"the first nanosecond", week, "2026-02-05", mss.Active, 1, 6},
		{"the last day", week, "2026-02-11", mss.Active, 7, 0},
		{"the last nanosecond", week, "2026-02-12 -1ns", mss.Active, 7, 0},
		{"the end, which comes by itself", week, "2026-02-12", mss.Expired, 7, 0},
		{"on the day of purchase, before it", month, "2026-01-31", mss.Active, 1, 27},
		{"the last day of a month", month, "2026-02-28 -1ns", mss.Active, 28, 0},

		{"cancelled early: before", early, "2026-02-03 8h59m59.999999999s", mss.Scheduled, 0, 0},
		{"cancelled early: at once", early, "2026-02-03 9h", mss.Cancelled, 0, 0},
		{"cancelled in service: at once", inService, "2026-02-07 9h", mss.Active, 3, 0},
		{"cancelled in service: the end of the day", inService, "2026-02-08 -1ns", mss.Active, 3, 0},
		{"cancelled in service: after it", inService, "2026-02-08", mss.Cancelled, 3, 0},
	} {
		when := at(tt.when)
		got := fmt.Sprint(tt.s.Status(when), tt.s.Days(), tt.s.UsedDays(when), tt.s.DaysLeft(when))
		check(t, fmt.Sprintf("%s: Status, Days, UsedDays, DaysLeft(%s)", tt.name, tt.when), got, nil,
			fmt.Sprint(tt.status, tt.used+tt.left, tt.used, tt.left))
	}
}

// Renewal after expiry is buying again; before it, the library queues the new term.
func TestRenew(t *testing.T) {
	jan31 := buy(t, "routine 5 P1M", "2026-01-31 9h") // to 28 February
	days := buy(t, "event 200 P7D", "2026-01-26")     // 31 January to 7 February
	last := buy(t, "routine 5 P1M", "9999-10-31")
	for _, tt := range []struct {
		name        string
		s           mss.Subscription
		quote, when string
		want        any
	}{
		{"at the instant of purchase", jan31, "routine 5 P1M", "2026-01-31 9h", "2026-02-28 to 2026-03-31, anchor 31"},
		{"at End", jan31, "routine 5 P1M", "2026-02-28", "2026-02-28 to 2026-03-31, anchor 31"},
		{"late on the Beijing day of End", jan31, "routine 5 P1M", "2026-03-01 -1ns", "2026-02-28 to 2026-03-31, anchor 31"},
		{"the day after", jan31, "routine 5 P1M", "2026-03-01", "2026-03-01 to 2026-04-01, anchor 1"},
		{"when a month of it would end", jan31, "routine 5 P1M", "2026-04-30", "2026-04-30 to 2026-05-30, anchor 30"},
		{"with any number of machines", jan31, "routine 6000 P2M", "2026-02-28", "2026-02-28 to 2026-04-30, anchor 31"},
		{"a year by a month", buy(t, "routine 5 P1Y", "2028-02-29"), "routine 5 P1M", "2028-02-29", "2029-02-28 to 2029-03-29, anchor 29"},
		{"months by days, seamless", jan31, "event 200 P7D", "2026-02-23", "2026-02-28 to 2026-03-07, anchor 28"},
		{"months by days, short notice", jan31, "event 200 P7D", "2026-02-24", "2026-03-01 to 2026-03-08, anchor 1"},
		{"months by a year of a plan by the year", jan31, "yearly 5 P1Y", "2026-02-28", "2026-02-28 to 2027-02-28, anchor 31"},
		{"a year of a plan by the year by a month", buy(t, "yearly 5 P1Y", "2028-02-29"), "routine 5 P1M", "2028-02-29", "2029-02-28 to 2029-03-29, anchor 29"},
		{"days by months, on the day before", days, "routine 5 P1M", "2026-02-07 -1ns", "2026-02-07 to 2026-03-07, anchor 7"},
		{"days by months, a day too early", days, "routine 5 P1M", "2026-02-06 -1ns", mss.ErrDate},
		{"days by a year, on the day before", days, "yearly 5 P1Y", "2026-02-06", "2026-02-07 to 2027-02-07, anchor 7"},
		{"days by a year, a day too early", days, "yearly 5 P1Y", "2026-02-05", mss.ErrDate},
		{"days by months with notice, just in time", days, "noticed 5 P1M", "2026-02-04", "2026-02-07 to 2026-03-07, anchor 7"},
		{"days by months with notice, a day too early", days, "noticed 5 P1M", "2026-02-03", mss.ErrDate},
		{"days by months, after the end", days, "routine 5 P1M", "2026-02-20", "2026-02-20 to 2026-03-20, anchor 20"},
		{"28 days from the 31st by months", buy(t, "event 51 P28D", "2026-01-26"), "routine 5 P1M", "2026-02-27", "2026-02-28 to 2026-03-28, anchor 28"},
		{"days by days, long before", days, "event 200 P7D", "2026-01-26", "2026-02-07 to 2026-02-14, anchor 7"},
		{"months with notice, too late for it", jan31, "noticed 5 P1M", "2026-02-26", "2026-03-01 to 2026-04-01, anchor 1"},
		{"to the last day", last, "routine 5 P1M", "9999-11-30", "9999-11-30 to 9999-12-31, anchor 31"},

		{"before the purchase", jan31, "routine 5 P1M", "2026-01-31 8h59m59.999999999s", mss.ErrDate},
		{"to the year 10000", last, "routine 5 P2M", "9999-11-30", mss.ErrDate},
		{"a start in the year 10000", last, "event 200 P7D", "9999-12-27", mss.ErrDate},
		{"cancelled", cancel(t, jan31, "2026-02-01", mss.ByDay), "routine 5 P1M", "2026-02-01", mss.ErrCancelled},
	} {
		got, err := tt.s.Renew(quote(t, tt.quote), at(tt.when))
		call := fmt.Sprintf("%s: Renew(%s, %s)", tt.name, tt.quote, tt.when)
		check(t, call, got, err, tt.want)
		if err == nil && (!got.Quote.Equal(quote(t, tt.quote)) || !got.Purchased.Equal(at(tt.when))) {
			t.Errorf("%s = %+v, want the quote and the instant in it", call, got)
		}
	}
	closed := yearClosed(t)
	unsound := edited(closed, func(s *mss.Subscription) { s.AnchorDay = 0 })
	for i, s := range []mss.Subscription{unsound, closed, yearOpen(t)} {
		got, err := s.Renew(mss.Quote{}, time.Time{})
		check(t, "Renew, checks in order", got, err, []error{mss.ErrInconsistent, mss.ErrCancelled, mss.ErrInconsistent}[i])
	}
}

// From the end of a month, one month renewed eleven times ends when a year does.
func TestRenewMonthByMonth(t *testing.T) {
	for start, want := range map[string]string{
		"2026-01-31": "02-28 03-31 04-30 05-31 06-30 07-31 08-31 09-30 10-31 11-30 12-31 01-31",
		"2027-03-30": "04-30 05-30 06-30 07-30 08-30 09-30 10-30 11-30 12-30 01-30 02-29 03-30",
		"2028-02-29": "03-29 04-29 05-29 06-29 07-29 08-29 09-29 10-29 11-29 12-29 01-29 02-28",
	} {
		s := buy(t, "routine 5 P1M", start)
		ends := []string{s.End.Format("01-02")}
		for range 11 {
			s = must(s.Renew(s.Quote, s.End))(t)
			ends = append(ends, s.End.Format("01-02"))
		}
		if got := strings.Join(ends, " "); got != want || !s.End.Equal(buy(t, "routine 5 P1Y", start).End) {
			t.Errorf("from %s, a month renewed eleven times ends on %s, want %s, as a year", start, got, want)
		}
	}
}

// The customer is contacted within one working day.
func TestContactBy(t *testing.T) {
	// Around the Chinese New Year of 2026: 15 to 23 February are off, Saturday the 14th is worked in exchange.
	newYear := func(day time.Time) bool {
		d, weekday := show(day), day.Weekday()
		return d == "2026-02-14" || (d < "2026-02-15" || d > "2026-02-23") && weekday != time.Saturday && weekday != time.Sunday
	}
	only := func(day string) func(time.Time) bool { return func(d time.Time) bool { return show(d) == day } }
	for _, tt := range []struct {
		name, purchased string
		workday         func(time.Time) bool
		want            any
	}{
		{"Thursday", "2026-01-29", nil, "2026-01-31"},
		{"Friday", "2026-01-30", nil, "2026-02-03"},
		{"the end of Sunday", "2026-02-02 -1ns", nil, "2026-02-03"},
		{"Monday in Beijing, Sunday in UTC", "2026-02-01T16:00:00Z", nil, "2026-02-04"},
		{"a Saturday worked in exchange", "2026-02-13", newYear, "2026-02-15"},
		{"the eve of the holidays", "2026-02-14", newYear, "2026-02-25"},
		{"not on the day of purchase", "2026-01-31", only("2026-01-31"), mss.ErrDate},
		{"after 366 days", "2026-01-31", only("2027-02-01"), "2027-02-02"},
		{"after 367 days", "2026-01-31", only("2027-02-02"), mss.ErrDate},
		{"past the year 9999", "9999-12-30", nil, mss.ErrDate},
	} {
		// Service far ahead, which may have been bought on any of these days.
		s := must(quote(t, "dear 1 P1D").SubscribeFrom(at("1-01-01"), at("9999-12-30")))(t)
		s.Purchased = at(tt.purchased)
		got, err := s.ContactBy(tt.workday)
		check(t, fmt.Sprintf("%s: ContactBy after %s", tt.name, tt.purchased), got, err, tt.want)
	}
}
