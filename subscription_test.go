package mss_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

// period writes what a subscription covers.
func period(s mss.Subscription) string {
	text := fmt.Sprintf("%s to %s, anchor %d", written(s.Start), written(s.End), s.AnchorDay)
	if s.Refunded != nil {
		text += ", refunded " + s.Refunded.Amount.StringFixed(2)
	}
	return text
}

func TestSubscribe(t *testing.T) {
	day := event(200, 1)
	for _, tt := range []struct {
		name      string
		quote     mss.Quote
		purchased string
		want      outcome
	}{
		{"mid-month", routine(5, mss.Months(1)), "2026-03-15", gives("2026-03-15 to 2026-04-15, anchor 15")},
		{"over the year's end", routine(5, mss.Months(1)), "2026-12-15", gives("2026-12-15 to 2027-01-15, anchor 15")},
		{"to a short month", routine(5, mss.Months(1)), "2026-01-31", gives("2026-01-31 to 2026-02-28, anchor 31")},
		{"to a leap day", routine(5, mss.Months(1)), "2028-01-31", gives("2028-01-31 to 2028-02-29, anchor 31")},
		{"to 30 days", routine(5, mss.Months(3)), "2026-01-31", gives("2026-01-31 to 2026-04-30, anchor 31")},
		{"past a short month", routine(5, mss.Months(2)), "2026-01-31", gives("2026-01-31 to 2026-03-31, anchor 31")},
		{"28 February keeps 28", routine(5, mss.Months(1)), "2026-02-28", gives("2026-02-28 to 2026-03-28, anchor 28")},
		{"30 to February", routine(5, mss.Months(1)), "2026-01-30", gives("2026-01-30 to 2026-02-28, anchor 30")},
		{"29 to February", routine(5, mss.Months(1)), "2026-01-29", gives("2026-01-29 to 2026-02-28, anchor 29")},
		{"13 months", routine(5, mss.Months(13)), "2026-01-31", gives("2026-01-31 to 2027-02-28, anchor 31")},
		{"25 months", routine(5, mss.Months(25)), "2026-01-31", gives("2026-01-31 to 2028-02-29, anchor 31")},
		{"a year", routine(5, mss.Years(1)), "2026-01-31", gives("2026-01-31 to 2027-01-31, anchor 31")},
		{"a year from a leap day", routine(5, mss.Years(1)), "2028-02-29",
			gives("2028-02-29 to 2029-02-28, anchor 29")},
		{"four years from a leap day", routine(5, mss.Years(4)), "2028-02-29",
			gives("2028-02-29 to 2032-02-29, anchor 29")},
		{"to a year that is no leap year", routine(5, mss.Years(4)), "2096-02-29",
			gives("2096-02-29 to 2100-02-28, anchor 29")},
		{"to a leap year of a century", routine(5, mss.Years(4)), "1996-02-29",
			gives("1996-02-29 to 2000-02-29, anchor 29")},
		{"a hundred years", routine(5, mss.Years(100)), "2026-01-31", gives("2026-01-31 to 2126-01-31, anchor 31")},
		{"1200 months", routine(5, mss.Months(1200)), "2026-01-31", gives("2026-01-31 to 2126-01-31, anchor 31")},
		{"days", event(200, 7), "2026-02-01", gives("2026-02-06 to 2026-02-13, anchor 6")},
		{"five days' notice over a month's end", event(200, 7), "2026-01-31",
			gives("2026-02-05 to 2026-02-12, anchor 5")},
		{"one day, the leap day", day, "2028-02-24", gives("2028-02-29 to 2028-03-01, anchor 29")},
		{"one day, past February", day, "2026-02-24", gives("2026-03-01 to 2026-03-02, anchor 1")},
		// From 6 January 2026 to 6 January 2126 there are 24 leap days (2100 has none), so 36524 days.
		{"the most days", event(200, 36525), "2026-01-01", gives("2026-01-06 to 2126-01-07, anchor 6")},

		{"the first nanosecond of the day in UTC", day, "2026-01-30T16:00:00Z",
			gives("2026-02-05 to 2026-02-06, anchor 5")},
		{"the last nanosecond of the day before", day, "2026-01-30T15:59:59.999999999Z",
			gives("2026-02-04 to 2026-02-05, anchor 4")},
		{"a day further east", day, "2026-01-31T00:00:00+14:00", gives("2026-02-04 to 2026-02-05, anchor 4")},
		{"a day further west", day, "2026-01-30T23:00:00-12:00", gives("2026-02-05 to 2026-02-06, anchor 5")},

		{"the first day", day, "1-01-01", gives("0001-01-06 to 0001-01-07, anchor 6")},
		{"a nanosecond before the zero time", day, "1-01-01 +7h59m59.999999999s",
			gives("0001-01-06 to 0001-01-07, anchor 6")},
		{"a nanosecond after the zero time", day, "1-01-01 +8h0m0.000000001s",
			gives("0001-01-06 to 0001-01-07, anchor 6")},
		{"to the last day, in months", routine(5, mss.Months(1)), "9999-11-30",
			gives("9999-11-30 to 9999-12-30, anchor 30")},
		{"to the last day, in days", day, "9999-12-25", gives("9999-12-30 to 9999-12-31, anchor 30")},
		{"zero time", day, "", fails(mss.ErrDate,
			"subscribe event-protection: purchase 0001-01-01: want a day in the years 1 to 9999, other than the zero time")},
		{"the year 0", day, "1-01-01 -1ns",
			fails(mss.ErrDate, "purchase 0000-12-31: want a day in the years 1 to 9999")},
		{"the year 10000", day, "10000-01-01",
			fails(mss.ErrDate, "purchase 10000-01-01: want a day in the years 1 to 9999")},
		{"the year 9999 in another zone only", day, "9999-12-31T16:00:00Z",
			fails(mss.ErrDate, "purchase 10000-01-01: want")},
		{"an end in the year 10000, in months", routine(5, mss.Months(1)), "9999-12-01",
			fails(mss.ErrDate, "subscribe routine-operations: end 10000-01-01: want a day in the years 1 to 9999")},
		{"an end in the year 10000, in days", day, "9999-12-26", fails(mss.ErrDate, "end 10000-01-01: want a day")},
		{"a start in the year 10000", day, "9999-12-27", fails(mss.ErrDate, "earliest start 10000-01-01: want a day")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			call := fmt.Sprintf("%v: Subscribe(%s)", tt.quote, tt.purchased)
			got, err := tt.quote.Subscribe(at(tt.purchased))
			check(t, call, tt.want, period, got, err)
			if err == nil && (!got.Quote.Equal(tt.quote) || !got.Purchased.Equal(at(tt.purchased)) || got.Validate() != nil) {
				t.Errorf("%s = %+v, want the quote and the purchase in it, and a valid one: %v", call, got, got.Validate())
			}
		})
	}
}

func TestSubscribeFrom(t *testing.T) {
	noticed := edited(mss.RoutineOperations(), func(p *mss.Plan) { p.Name, p.LeadDays = "noticed", 3 })
	month := must(noticed.Quote(5, mss.Months(1)))
	week := event(200, 7)
	for _, tt := range []struct {
		name             string
		quote            mss.Quote
		purchased, start string
		want             outcome
	}{
		{"on the earliest day", week, "2026-01-31", "2026-02-05", gives("2026-02-05 to 2026-02-12, anchor 5")},
		{"during the earliest day", week, "2026-01-31 +23h", "2026-02-05 +15h",
			gives("2026-02-05 to 2026-02-12, anchor 5")},
		{"a day later", week, "2026-01-31", "2026-02-06", gives("2026-02-06 to 2026-02-13, anchor 6")},
		{"a year later", week, "2026-01-31", "2027-02-26", gives("2027-02-26 to 2027-03-05, anchor 26")},
		{"a day of Beijing, not of the zone", week, "2026-01-31", "2026-02-27T16:00:00Z",
			gives("2026-02-28 to 2026-03-07, anchor 28")},
		{"a nanosecond too early", week, "2026-01-31", "2026-02-05 -1ns",
			fails(mss.ErrDate, "subscribe event-protection: "+
				"start 2026-02-04: want 2026-02-05 or later, purchase being on 2026-01-31 and the notice 5 days")},
		{"before the purchase", week, "2026-01-31", "2026-01-30",
			fails(mss.ErrDate, "start 2026-01-30: want 2026-02-05 or later")},
		{"months on the earliest day", month, "2026-01-31", "2026-02-03 +1h",
			gives("2026-02-03 to 2026-03-03, anchor 3")},
		{"months before it", month, "2026-01-31", "2026-02-02", fails(mss.ErrDate,
			"subscribe noticed: start 2026-02-02: want 2026-02-03 or later, purchase being on 2026-01-31 and the notice 3 days")},
		{"months after it", month, "2026-01-31", "2026-02-04",
			fails(mss.ErrDate, "start 2026-02-04: want 2026-02-03, as a plan priced by the month begins on its earliest day")},
		{"a year after it", routine(5, mss.Years(1)), "2026-01-31", "2026-02-01",
			fails(mss.ErrDate, "start 2026-02-01: want 2026-01-31")},
		{"a year before it", routine(5, mss.Years(1)), "2026-01-31", "2026-01-30",
			fails(mss.ErrDate, "start 2026-01-30: want 2026-01-31 or later, purchase being on 2026-01-31 and the notice 0 days")},
		{"no start", week, "2026-01-31", "",
			fails(mss.ErrDate, "start 0001-01-01: want a day in the years 1 to 9999, other than the zero")},
		{"start in the year 10000", week, "2026-01-31", "10000-01-01",
			fails(mss.ErrDate, "start 10000-01-01: want a day in the years")},
		{"start in the year 0", week, "2026-01-31", "0-12-31",
			fails(mss.ErrDate, "start 0000-12-31: want a day in the years")},
		{"end in the year 10000", week, "2026-01-31", "9999-12-25",
			fails(mss.ErrDate, "end 10000-01-01: want a day in the years")},
		{"the last end", week, "2026-01-31", "9999-12-24", gives("9999-12-24 to 9999-12-31, anchor 24")},
		{"no purchase, no start", week, "", "", fails(mss.ErrDate, "purchase 0001-01-01: want a day")},
		{"no purchase", week, "", "2026-02-05", fails(mss.ErrDate, "purchase 0001-01-01: want a day")},
		{"earliest start before start", week, "9999-12-31", "",
			fails(mss.ErrDate, "earliest start 10000-01-05: want a day")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.quote.SubscribeFrom(at(tt.purchased), at(tt.start))
			check(t, fmt.Sprintf("SubscribeFrom(%s, %s)", tt.purchased, tt.start), tt.want, period, got, err)
		})
	}
}

// Instants are kept to the nanosecond, in Beijing, and without their monotonic reading, which == sees.
func TestInstantsAreKept(t *testing.T) {
	for _, tt := range []struct{ instant, want string }{
		{"2026-01-31T12:34:56.789012345Z", "2026-01-31T20:34:56.789012345+08:00"},
		{"2026-01-31T12:34:56.000000001-11:00", "2026-02-01T07:34:56.000000001+08:00"},
		{"2026-01-31 -1ns", "2026-01-30T23:59:59.999999999+08:00"},
		{"2026-01-31", "2026-01-31"},
	} {
		s := buy(event(200, 7), tt.instant)
		if got := written(s.Purchased); got != tt.want {
			t.Errorf("Subscribe(%s).Purchased = %s, want %s", tt.instant, got, tt.want)
		}
		r := must(s.Refund(at(tt.instant), mss.ByDay))
		if got := written(r.At); got != tt.want {
			t.Errorf("Refund(%s).At = %s, want %s", tt.instant, got, tt.want)
		}
	}

	now := time.Now()
	s := must(event(200, 7).Subscribe(now))
	for name, got := range map[string]time.Time{
		"Subscribe.Purchased": s.Purchased,
		"Renew.Purchased":     must(s.Renew(s.Quote, now)).Purchased,
		"Refund.At":           must(s.Refund(now, mss.ByDay)).At,
		"Cancel.Refunded.At":  must(s.Cancel(must(s.Refund(now, mss.ByDay)), now)).Refunded.At,
		"Change.Purchased":    must(s.Change(event(5, 7), now, mss.ByDay)).Opened.Purchased,
	} {
		if want := now.Round(0).In(mss.Beijing); got != want {
			t.Errorf("%s = %#v, want %#v", name, got, want)
		}
	}
}

// Whatever zone a program sets Beijing to, the package goes by its own.
func TestBeijingIsACopy(t *testing.T) {
	// Beijing is global, so this test is not parallel.
	own := mss.Beijing
	defer func() { mss.Beijing = own }()
	for _, zone := range []*time.Location{time.UTC, time.FixedZone("UTC-8", -8*60*60), nil} {
		mss.Beijing = zone
		s, err := event(200, 7).Subscribe(at("2026-01-30T16:00:00Z"))
		mss.Beijing = own
		check(t, fmt.Sprintf("Subscribe with Beijing = %v", zone), gives("2026-02-05 to 2026-02-12, anchor 5"), period, s, err)
	}
}

// A subscription whose times are in another zone, where its first day lies in the month before, is the same one, and
// what comes from it is in Beijing again.
func TestSubscriptionInAnotherZone(t *testing.T) {
	s := edited(buy(routine(5, mss.Months(1)), "2026-03-01"), func(s *mss.Subscription) {
		s.Purchased, s.Start, s.End = s.Purchased.UTC(), s.Start.UTC(), s.End.UTC()
	})
	now := at("2026-03-10").UTC()
	change := must(s.Change(s.Quote, now, mss.ByMonth))
	for _, tt := range []struct {
		name string
		s    mss.Subscription
		want string
	}{
		// 1250 − 1250 × 10 ÷ 31 = 846.7741…
		{"Cancel", must(s.Cancel(must(s.Refund(now, mss.ByMonth)), now)),
			"2026-03-01: 2026-03-01 to 2026-03-11, anchor 1, refunded 846.77"},
		{"Change, closed", change.Closed, "2026-03-01: 2026-03-01 to 2026-03-11, anchor 1, refunded 846.77"},
		{"Change, opened", change.Opened, "2026-03-10: 2026-03-11 to 2026-04-11, anchor 11"},
		{"Renew", must(s.Renew(s.Quote, now)), "2026-03-10: 2026-04-01 to 2026-05-01, anchor 1"},
	} {
		if got := written(tt.s.Purchased) + ": " + period(tt.s); got != tt.want {
			t.Errorf("%s = %s, want %s", tt.name, got, tt.want)
		}
	}
	for _, tt := range []struct {
		instant string
		want    error
		says    string
	}{
		{"2026-03-01 -1ns", mss.ErrDate, "want 2026-03-01T00:00:00+08:00, the time of purchase"},
		{"2026-04-01", mss.ErrExpired,
			"2026-04-01T00:00:00+08:00: want a time before 2026-04-01T00:00:00+08:00, the end"},
	} {
		_, err := s.Refund(at(tt.instant).UTC(), mss.ByDay)
		checkError(t, fmt.Sprintf("Refund(%s)", tt.instant), err, tt.want, tt.says)
	}
}

// subscriptionEdits are the ways in which the purchase of a month on 28 February 2026, to 28 March, can fail to add up.
var subscriptionEdits = []struct {
	name string
	edit func(*mss.Subscription)
	says string
}{
	{"zero", func(s *mss.Subscription) { *s = mss.Subscription{} }, "quote: plan: no name, want one"},
	{"quote", func(s *mss.Subscription) { s.Quote.Machines = 6 }, "quote: 6 machines: want 1 to 5, as the band"},
	{"absurd amount", func(s *mss.Subscription) { s.Quote.Amount = absurd[0] },
		"quote: amount ~10^2000000000: want 1250.00"},
	{"another valid term", func(s *mss.Subscription) { s.Quote = routine(5, mss.Months(2)) },
		"end 2026-03-28T00:00:00+08:00: want 2026-04-28"},
	{"more lead days", func(s *mss.Subscription) { s.Quote.LeadDays = 1 },
		"start 2026-02-28T00:00:00+08:00: want 00:00 ... 2026-03-01 or a later day"},
	{"no purchase", func(s *mss.Subscription) { s.Purchased = time.Time{} },
		"purchased 0001-01-01: want a time in the years 1 to 9999"},
	{"purchase in the year 10000", func(s *mss.Subscription) { s.Purchased = at("10000-01-01") },
		"purchased 10000-01-01: want"},
	{"purchase the day after", func(s *mss.Subscription) { s.Purchased = at("2026-03-01") },
		"start 2026-02-28T00:00:00+08:00: want 00:00 in Beijing of 2026-03-01 or a later day"},
	{"no start", func(s *mss.Subscription) { s.Start = time.Time{} },
		"start 0001-01-01T08:00:00+08:00: want 00:00 in Beijing of 2026-02-28"},
	{"start a nanosecond later", func(s *mss.Subscription) { s.Start = at("2026-02-28 +1ns") },
		"start 2026-02-28T00:00:00.000000001+08:00: want 00:00 in Beijing"},
	{"start a nanosecond earlier", func(s *mss.Subscription) { s.Start = at("2026-02-28 -1ns") },
		"start 2026-02-27T23:59:59.999999999+08:00: want 00:00"},
	{"start at midnight elsewhere", func(s *mss.Subscription) { s.Start = at("2026-02-28T00:00:00Z") },
		"start 2026-02-28T08:00:00+08:00: want 00:00 in Beijing"},
	{"start a day later", func(s *mss.Subscription) { s.Start = at("2026-03-01") },
		"anchor day 28: want 1, the day of start 2026-03-01"},
	{"start in the year 10000", func(s *mss.Subscription) { s.Start = at("10000-01-28") },
		"start 10000-01-28T00:00:00+08:00: want"},
	{"no end", func(s *mss.Subscription) { s.End = time.Time{} },
		"end 0001-01-01T08:00:00+08:00: want 2026-03-28, 00:00 in Beijing"},
	{"end a nanosecond later", func(s *mss.Subscription) { s.End = at("2026-03-28 +1ns") },
		"end 2026-03-28T00:00:00.000000001+08:00: want 2026-03-28, 00:00"},
	{"end a day later", func(s *mss.Subscription) { s.End = at("2026-03-29") },
		"end 2026-03-29T00:00:00+08:00: want 2026-03-28"},
	{"end in the year 10000", func(s *mss.Subscription) { s.Start, s.End = at("9999-12-28"), at("10000-01-28") },
		"end 10000-01-28: want a day in the years 1 to 9999"},
	{"no anchor", func(s *mss.Subscription) { s.AnchorDay = 0 }, "anchor day 0: want 28, the day of start 2026-02-28"},
	{"anchor a day earlier", func(s *mss.Subscription) { s.AnchorDay = 27 }, "anchor day 27: want 28"},
	{"anchor too high", func(s *mss.Subscription) { s.AnchorDay = 32 }, "anchor day 32: want 28"},
	{"anchor a day later", func(s *mss.Subscription) { s.AnchorDay = 29 },
		"end 2026-03-28T00:00:00+08:00: want 2026-03-29"},
	{"absurd anchor", func(s *mss.Subscription) { s.AnchorDay = math.MinInt },
		"anchor day -9223372036854775808: want 28"},
	{"zero refund", func(s *mss.Subscription) { s.Refunded = &mss.Refund{} },
		"refunded: proration Proration(0): want day or month"},
}

func TestSubscriptionThatDoesNotAddUp(t *testing.T) {
	for _, tt := range subscriptionEdits {
		t.Run(tt.name, func(t *testing.T) {
			checkUnsound(t, edited(buy(routine(5, mss.Months(1)), "2026-02-28"), tt.edit), tt.says)
		})
	}

	// An anchor other than the day of start is one for terms of months, from the last day of a month.
	for _, tt := range []struct {
		name   string
		s      mss.Subscription
		anchor int
		end    string
		says   string
	}{
		{"of days", buy(event(5, 1), "2026-02-23"), 31, "2026-03-01",
			"anchor day 31: want 28, the day of start 2026-02-28"},
		{"in mid-month", buy(routine(5, mss.Months(1)), "2026-02-27"), 28, "2026-03-28",
			"anchor day 28: want 27, the day of start"},
		{"in a leap year", buy(routine(5, mss.Months(1)), "2028-02-28"), 31, "2028-03-31",
			"anchor day 31: want 28, the day of"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.s.AnchorDay, tt.s.End = tt.anchor, at(tt.end)
			checkUnsound(t, tt.s, tt.says)
		})
	}
}

// checkUnsound checks that a subscription that does not add up gives neither money nor dates.
func checkUnsound(t *testing.T, s mss.Subscription, says string) {
	t.Helper()
	q, now := routine(5, mss.Months(1)), at("2026-02-28")
	want := func(call string) outcome { return fails(mss.ErrInconsistent, call+": "+says) }
	of := strings.TrimSuffix(" "+s.Quote.Plan, " ") // a zero one has no name

	checkError(t, "Validate()", s.Validate(), mss.ErrInconsistent, "validate subscription: "+says)
	by, err := s.ContactBy(nil)
	check(t, "ContactBy", want("contact"), written, by, err)
	renewed, err := s.Renew(q, now)
	check(t, "Renew", want("renew"+of), period, renewed, err)
	refund, err := s.Refund(now, mss.ByDay)
	check(t, "Refund", want("refund"+of), figures, refund, err)
	closed, err := s.Cancel(mss.Refund{}, now)
	check(t, "Cancel", want("cancel"+of), period, closed, err)
	change, err := s.Change(q, now, mss.ByDay)
	check(t, "Change", want("change"+of), changed, change, err)
	data, err := json.Marshal(s)
	checkError(t, "json.Marshal", err, mss.ErrInconsistent, "encode subscription: "+says)
	if data != nil {
		t.Errorf("json.Marshal = %s, want nothing", data)
	}

	if got := s.Status(now); got != 0 {
		t.Errorf("Status = %v, want 0", got)
	}
	if days, used, left := s.Days(), s.UsedDays(now), s.DaysLeft(now); days != 0 || used != 0 || left != 0 {
		t.Errorf("Days, UsedDays, DaysLeft = %d, %d, %d, want 0", days, used, left)
	}
}

func TestSubscriptionLogValue(t *testing.T) {
	for _, tt := range []struct {
		s    mss.Subscription
		want string
	}{
		{buy(event(1000, 7), "2026-01-31"),
			"[plan=event-protection machines=1000 term=P7D amount=210000.00 start=2026-02-05 end=2026-02-12]"},
		{closedInMarch(),
			"[plan=routine-operations machines=120 term=P1Y amount=252000.00 start=2026-01-31 end=2026-03-16 refund=220161.29]"},
		{edited(closedInMarch(), func(s *mss.Subscription) { s.Start, s.End = s.Start.UTC(), s.End.UTC() }),
			"[plan=routine-operations machines=120 term=P1Y amount=252000.00 start=2026-01-31 end=2026-03-16 refund=220161.29]"},
		{mss.Subscription{}, "invalid subscription: quote: plan: no name, want one"},
	} {
		if got := tt.s.LogValue().String(); got != tt.want {
			t.Errorf("LogValue() = %s, want %s", got, tt.want)
		}
	}
}

// What adds up, although no purchase from the published list is like it.
func TestSubscriptionThatAddsUp(t *testing.T) {
	s := buy(routine(5, mss.Months(1)), "2026-02-28")
	for _, tt := range []struct {
		name string
		edit func(*mss.Subscription)
	}{
		{"renewed long ahead", func(s *mss.Subscription) { s.Purchased = at("1-01-01") }},
		{"anchor 31", func(s *mss.Subscription) { s.AnchorDay, s.End = 31, at("2026-03-31") }},
		{"anchor 29", func(s *mss.Subscription) { s.AnchorDay, s.End = 29, at("2026-03-29") }},
		{"times in another zone", func(s *mss.Subscription) { s.Start, s.End = s.Start.UTC(), s.End.UTC() }},
		{"amount of another exponent", func(s *mss.Subscription) { s.Quote.Amount = decimal.New(125, 1) }},
		{"bought late on the day", func(s *mss.Subscription) { s.Purchased = at("2026-03-01 -1ns") }},
	} {
		if err := edited(s, tt.edit).Validate(); err != nil {
			t.Errorf("%s: Validate() = %v, want nil", tt.name, err)
		}
	}
}

func TestSubscriptionEqual(t *testing.T) {
	open := buy(routine(5, mss.Months(1)), "2026-02-28")
	closed := must(open.Cancel(must(open.Refund(at("2026-03-01"), mss.ByDay)), at("2026-03-01")))
	for _, tt := range []struct {
		name string
		edit func(*mss.Subscription)
		want bool
	}{
		{"the same", func(s *mss.Subscription) {}, true},
		{"another zone", func(s *mss.Subscription) {
			s.Purchased, s.Start, s.End = s.Purchased.UTC(), s.Start.UTC(), s.End.UTC()
		}, true},
		{"another exponent", func(s *mss.Subscription) { s.Quote.Amount = decimal.New(125, 1) }, true},
		{"quote", func(s *mss.Subscription) { s.Quote.Plan = "" }, false},
		{"purchased", func(s *mss.Subscription) { s.Purchased = s.Purchased.Add(1) }, false},
		{"start", func(s *mss.Subscription) { s.Start = s.Start.Add(1) }, false},
		{"end", func(s *mss.Subscription) { s.End = s.End.Add(1) }, false},
		{"anchor", func(s *mss.Subscription) { s.AnchorDay++ }, false},
	} {
		for _, s := range []mss.Subscription{open, closed} {
			r := edited(s, tt.edit)
			if s.Equal(r) != tt.want || r.Equal(s) != tt.want {
				t.Errorf("%s: Equal = %t, %t, want %t", tt.name, s.Equal(r), r.Equal(s), tt.want)
			}
		}
	}

	copied, other := *closed.Refunded, *closed.Refunded
	other.Amount = other.Amount.Neg()
	for _, tt := range []struct {
		name string
		a, b *mss.Refund
		want bool
	}{
		{"a copy", closed.Refunded, &copied, true},
		{"another refund", closed.Refunded, &other, false},
		{"none and one", nil, &copied, false},
	} {
		a := edited(closed, func(s *mss.Subscription) { s.Refunded = tt.a })
		b := edited(closed, func(s *mss.Subscription) { s.Refunded = tt.b })
		if a.Equal(b) != tt.want || b.Equal(a) != tt.want {
			t.Errorf("%s: Equal = %t, %t, want %t", tt.name, a.Equal(b), b.Equal(a), tt.want)
		}
	}
}

func TestStatusAndDays(t *testing.T) {
	week := buy(event(200, 7), "2026-01-31") // 5 to 11 February
	month := buy(routine(5, mss.Months(1)), "2026-01-31 +9h")
	century := buy(routine(5, mss.Years(100)), "2026-01-31")
	cancel := func(s mss.Subscription, when string) mss.Subscription {
		return must(s.Cancel(must(s.Refund(at(when), mss.ByDay)), at(when)))
	}
	early := cancel(week, "2026-02-03 +9h")
	inService := cancel(week, "2026-02-07 +9h")
	lastDay := cancel(week, "2026-02-12 -1ns")
	for _, tt := range []struct {
		name       string
		s          mss.Subscription
		instant    string
		status     mss.Status
		used, left int
	}{
		{"bought", week, "2026-01-31", mss.Scheduled, 0, 7},
		{"before it was bought", week, "1-01-01", mss.Scheduled, 0, 7},
		{"zero time", week, "", mss.Scheduled, 0, 7},
		{"before the first nanosecond", week, "2026-02-05 -1ns", mss.Scheduled, 0, 7},
		{"the first nanosecond", week, "2026-02-05", mss.Active, 1, 6},
		{"the same in UTC", week, "2026-02-04T16:00:00Z", mss.Active, 1, 6},
		{"the end of the first day", week, "2026-02-06 -1ns", mss.Active, 1, 6},
		{"the second day", week, "2026-02-06", mss.Active, 2, 5},
		{"the end of the last day but one", week, "2026-02-11 -1ns", mss.Active, 6, 1},
		{"the last day", week, "2026-02-11", mss.Active, 7, 0},
		{"the last nanosecond", week, "2026-02-12 -1ns", mss.Active, 7, 0},
		{"the end", week, "2026-02-12", mss.Expired, 7, 0},
		{"long after", week, "10000-01-01", mss.Expired, 7, 0},
		{"on the day of purchase, before it", month, "2026-01-31", mss.Active, 1, 27},
		{"the last day of a month", month, "2026-02-28 -1ns", mss.Active, 28, 0},
		{"the end of a month", month, "2026-02-28", mss.Expired, 28, 0},
		{"the last day of a century", century, "2126-01-30", mss.Active, 36524, 0},

		{"cancelled early: before", early, "2026-02-03 +8h59m59.999999999s", mss.Scheduled, 0, 0},
		{"cancelled early: at once", early, "2026-02-03 +9h", mss.Cancelled, 0, 0},
		{"cancelled early: when it would have begun", early, "2026-02-05", mss.Cancelled, 0, 0},
		{"cancelled in service: before", inService, "2026-02-05 -1ns", mss.Scheduled, 0, 3},
		{"cancelled in service: at once", inService, "2026-02-07 +9h", mss.Active, 3, 0},
		{"cancelled in service: the end of the day", inService, "2026-02-08 -1ns", mss.Active, 3, 0},
		{"cancelled in service: after it", inService, "2026-02-08", mss.Cancelled, 3, 0},
		{"cancelled in service: when it would have ended", inService, "2026-02-12", mss.Cancelled, 3, 0},
		{"cancelled on the last day: at once", lastDay, "2026-02-12 -1ns", mss.Active, 7, 0},
		{"cancelled on the last day: after it", lastDay, "2026-02-12", mss.Cancelled, 7, 0},
	} {
		when := at(tt.instant)
		if got := tt.s.Status(when); got != tt.status {
			t.Errorf("%s: Status(%s) = %v, want %v", tt.name, tt.instant, got, tt.status)
		}
		if used, left := tt.s.UsedDays(when), tt.s.DaysLeft(when); used != tt.used || left != tt.left {
			t.Errorf("%s: UsedDays, DaysLeft(%s) = %d, %d, want %d, %d", tt.name, tt.instant, used, left, tt.used, tt.left)
		}
		if got := tt.s.Days(); got != tt.used+tt.left {
			t.Errorf("%s: Days() = %d, want %d", tt.name, got, tt.used+tt.left)
		}
	}
}

func TestRenew(t *testing.T) {
	month, year, week := routine(5, mss.Months(1)), routine(5, mss.Years(1)), event(200, 7)
	jan31 := buy(month, "2026-01-31 +9h") // to 28 February
	feb28 := must(jan31.Renew(month, at("2026-02-28")))
	days := buy(week, "2026-01-26") // 31 January to 7 February
	noticed := edited(month, func(q *mss.Quote) { q.LeadDays = 5 })
	cancelled := must(jan31.Cancel(must(jan31.Refund(at("2026-02-01"), mss.ByDay)), at("2026-02-01")))
	unsound := edited(cancelled, func(s *mss.Subscription) { s.AnchorDay = 0 })
	last := buy(month, "9999-10-31")
	for _, tt := range []struct {
		name    string
		s       mss.Subscription
		q       mss.Quote
		instant string
		want    outcome
	}{
		{"at the instant of purchase", jan31, month, "2026-01-31 +9h", gives("2026-02-28 to 2026-03-31, anchor 31")},
		{"before expiry", jan31, month, "2026-02-10", gives("2026-02-28 to 2026-03-31, anchor 31")},
		{"in the last nanosecond", jan31, month, "2026-02-28 -1ns", gives("2026-02-28 to 2026-03-31, anchor 31")},
		{"at expiry", jan31, month, "2026-02-28", gives("2026-02-28 to 2026-03-31, anchor 31")},
		{"late on the day of expiry", jan31, month, "2026-03-01 -1ns", gives("2026-02-28 to 2026-03-31, anchor 31")},
		{"the day after", jan31, month, "2026-03-01", gives("2026-03-01 to 2026-04-01, anchor 1")},
		{"months after", jan31, month, "2026-06-30", gives("2026-06-30 to 2026-07-30, anchor 30")},
		{"a gap that ends on the anchor day", jan31, month, "2026-03-31", gives("2026-03-31 to 2026-04-30, anchor 31")},
		{"by a year", jan31, year, "2026-02-28", gives("2026-02-28 to 2027-02-28, anchor 31")},
		{"by another size", jan31, routine(6000, mss.Months(2)), "2026-02-28",
			gives("2026-02-28 to 2026-04-30, anchor 31")},
		{"a second time", feb28, month, "2026-02-28", gives("2026-03-31 to 2026-04-30, anchor 31")},
		{"a year by a month", buy(year, "2028-02-29"), month, "2028-02-29",
			gives("2029-02-28 to 2029-03-29, anchor 29")},
		{"months by days, seamless", jan31, week, "2026-02-23", gives("2026-02-28 to 2026-03-07, anchor 28")},
		{"months by days, short notice", jan31, week, "2026-02-24", gives("2026-03-01 to 2026-03-08, anchor 1")},
		{"days by months", days, month, "2026-02-01", gives("2026-02-07 to 2026-03-07, anchor 7")},
		{"days by days", days, week, "2026-02-02", gives("2026-02-07 to 2026-02-14, anchor 7")},
		{"days by days, short notice", days, week, "2026-02-03", gives("2026-02-08 to 2026-02-15, anchor 8")},
		{"days by days, after the end", days, week, "2026-02-07", gives("2026-02-12 to 2026-02-19, anchor 12")},
		{"months with notice, seamless", jan31, noticed, "2026-02-23", gives("2026-02-28 to 2026-03-31, anchor 31")},
		{"months with notice, too late for it", jan31, noticed, "2026-02-24",
			gives("2026-03-01 to 2026-04-01, anchor 1")},
		{"to the last day", last, month, "9999-11-30", gives("9999-11-30 to 9999-12-31, anchor 31")},

		{"before the purchase", jan31, month, "2026-01-31 +8h59m59.999999999s", fails(mss.ErrDate,
			"renew routine-operations: 2026-01-31T08:59:59.999999999+08:00: "+
				"want 2026-01-31T09:00:00+08:00, the time of purchase, or later")},
		{"zero time", jan31, month, "",
			fails(mss.ErrDate, "renew ... time 0001-01-01: want a day in the years 1 to 9999")},
		{"the year 10000", jan31, month, "10000-01-01",
			fails(mss.ErrDate, "renew ... time 10000-01-01: want a day in the years")},
		{"to the year 10000", last, routine(5, mss.Months(2)), "9999-11-30",
			fails(mss.ErrDate, "end 10000-01-31: want a day")},
		{"start in the year 10000", last, week, "9999-12-27", fails(mss.ErrDate, "end 10000-01-08: want a day")},
		{"cancelled", cancelled, month, "2026-02-01", fails(mss.ErrCancelled,
			"renew routine-operations: refunded on 2026-02-01, want one that was not")},
		{"receiver before cancelled", unsound, month, "2026-02-01",
			fails(mss.ErrInconsistent, "anchor day 0: want 31")},
		{"cancelled before the quote", cancelled, mss.Quote{}, "2026-02-01",
			fails(mss.ErrCancelled, "refunded on 2026-02-01")},
		{"quote before the time", jan31, mss.Quote{}, "",
			fails(mss.ErrInconsistent, "new quote: plan: no name, want one")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := tt.s
			got, err := tt.s.Renew(tt.q, at(tt.instant))
			call := fmt.Sprintf("Renew(%v, %s)", tt.q, tt.instant)
			check(t, call, tt.want, period, got, err)
			if err == nil && (!got.Quote.Equal(tt.q) || !got.Purchased.Equal(at(tt.instant)) || got.Validate() != nil) {
				t.Errorf("%s = %+v, want the quote and the instant in it, and a valid one: %v", call, got, got.Validate())
			}
			if tt.s != before {
				t.Errorf("%s wrote to its receiver", call)
			}
		})
	}
}

// From 31 January, a month renewed eleven times ends when a year does, and no month of it is cut short for good.
func TestRenewMonthByMonth(t *testing.T) {
	month := routine(5, mss.Months(1))
	for _, tt := range []struct {
		start string
		ends  string
	}{
		{"2026-01-31", "02-28 03-31 04-30 05-31 06-30 07-31 08-31 09-30 10-31 11-30 12-31 01-31"},
		{"2027-03-30", "04-30 05-30 06-30 07-30 08-30 09-30 10-30 11-30 12-30 01-30 02-29 03-30"},
		{"2028-02-29", "03-29 04-29 05-29 06-29 07-29 08-29 09-29 10-29 11-29 12-29 01-29 02-28"},
	} {
		s := buy(month, tt.start)
		ends := []string{s.End.Format("01-02")}
		for range 11 {
			s = must(s.Renew(month, s.End))
			ends = append(ends, s.End.Format("01-02"))
		}
		if got := strings.Join(ends, " "); got != tt.ends {
			t.Errorf("from %s, a month renewed eleven times ends on %s, want %s", tt.start, got, tt.ends)
		}
		if year := buy(routine(5, mss.Years(1)), tt.start); !s.End.Equal(year.End) {
			t.Errorf("from %s, a month renewed eleven times ends on %s, want %s", tt.start, written(s.End), written(year.End))
		}
	}
}

func TestContactBy(t *testing.T) {
	// The week of the Chinese New Year of 2026: 15 to 23 February are off, and two days of weekends worked in exchange.
	newYear := func(day time.Time) bool {
		switch d := written(day); {
		case d == "2026-02-14" || d == "2026-02-28":
			return true
		case "2026-02-15" <= d && d <= "2026-02-23":
			return false
		}
		return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
	}
	only := func(day string) func(time.Time) bool { return func(d time.Time) bool { return written(d) == day } }
	never := func(time.Time) bool { return false }
	always := func(time.Time) bool { return true }
	for _, tt := range []struct {
		name      string
		purchased string
		workday   func(time.Time) bool
		want      outcome
	}{
		{"Monday", "2026-01-26", nil, gives("2026-01-28")},
		{"Tuesday", "2026-01-27", nil, gives("2026-01-29")},
		{"Wednesday", "2026-01-28", nil, gives("2026-01-30")},
		{"Thursday", "2026-01-29", nil, gives("2026-01-31")},
		{"Friday", "2026-01-30", nil, gives("2026-02-03")},
		{"Saturday", "2026-01-31", nil, gives("2026-02-03")},
		{"Sunday", "2026-02-01", nil, gives("2026-02-03")},
		{"the end of Sunday", "2026-02-02 -1ns", nil, gives("2026-02-03")},
		{"Monday in Beijing, Sunday in UTC", "2026-02-01T16:00:00Z", nil, gives("2026-02-04")},
		{"every day is worked", "2026-01-30", always, gives("2026-02-01")},
		{"a Saturday worked in exchange", "2026-02-13", newYear, gives("2026-02-15")},
		{"the eve of the holidays", "2026-02-14", newYear, gives("2026-02-25")},
		{"in the holidays", "2026-02-17", newYear, gives("2026-02-25")},
		{"the last day of the holidays", "2026-02-23", newYear, gives("2026-02-25")},
		{"another Saturday worked in exchange", "2026-02-27", newYear, gives("2026-03-01")},
		{"not on the day of purchase", "2026-01-31", only("2026-01-31"), fails(mss.ErrDate,
			"contact: no working day after 2026-01-31, want one within 366 days")},
		{"after 366 days", "2026-01-31", only("2027-02-01"), gives("2027-02-02")},
		{"after 367 days", "2026-01-31", only("2027-02-02"),
			fails(mss.ErrDate, "no working day after 2026-01-31, want ... 366 days")},
		{"never", "2026-01-31", never, fails(mss.ErrDate, "no working day after 2026-01-31, want ... 366 days")},
		{"the last possible", "9999-12-29", nil, gives("9999-12-31")},
		{"past the year 9999", "9999-12-30", nil,
			fails(mss.ErrDate, "contact: end of the working day 10000-01-01: want a day in the years 1 to 9999")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			// Service so far ahead that it may have been bought on any of these days.
			s := must(must(custom(mss.Day).Quote(1, mss.Days(1))).SubscribeFrom(at("1-01-01"), at("9999-12-30")))
			s.Purchased = at(tt.purchased)
			s.Quote.LeadDays = 0
			got, err := s.ContactBy(tt.workday)
			check(t, fmt.Sprintf("ContactBy after %s", tt.purchased), tt.want, written, got, err)
		})
	}
}

const (
	goldenOpen = `{"quote":{"plan":"event-protection","machines":200,"term":"P7D",` +
		`"tier":{"min":51,"max":200,"price":"17000"},"lead_days":5,"amount":"119000"},` +
		`"purchased":"2026-01-31T10:20:30.000000004+08:00","start":"2026-02-05T00:00:00+08:00",` +
		`"end":"2026-02-12T00:00:00+08:00","anchor_day":5}`
	goldenClosed = `{"quote":` + goldenQuote + `,"purchased":"2026-01-31T00:00:00+08:00","start":"2026-01-31T00:00:00+08:00",` +
		`"end":"2026-03-16T00:00:00+08:00","anchor_day":31,"refunded":` + goldenRefund + `}`
)

func closedInMarch() mss.Subscription {
	s := buy(routine(120, mss.Years(1)), "2026-01-31")
	return must(s.Cancel(must(s.Refund(at("2026-03-15 +9h"), mss.ByMonth)), at("2026-03-15 +10h")))
}

func TestSubscriptionJSON(t *testing.T) {
	checkGolden(t, buy(event(200, 7), "2026-01-31 +10h20m30.000000004s"), goldenOpen)
	checkGolden(t, closedInMarch(), goldenClosed)
	for _, purchased := range []string{"1-01-01", "9999-12-25"} {
		want := buy(event(200, 1), purchased)
		checkGolden(t, want, string(must(json.Marshal(want))))
	}

	fill := func() mss.Subscription {
		s := buy(event(5, 30), "2027-06-01")
		return must(s.Cancel(must(s.Refund(at("2027-06-10"), mss.ByDay)), at("2027-06-10")))
	}
	checkNotJSON(t, fill, mss.ErrInconsistent)
	checkVariants(t, goldenOpen, fill, mss.ErrInconsistent, "unknown")
	for _, v := range variants(json.RawMessage(goldenClosed)) {
		switch v.name {
		case "unknown":
			var got mss.Subscription
			if err := json.Unmarshal([]byte(v.doc), &got); err != nil || !got.Equal(closedInMarch()) {
				t.Errorf("json.Unmarshal(%s) = %s, %v, want %s", v.doc, period(got), err, period(closedInMarch()))
			}
		case "refunded dropped", "refunded null", "refunded misspelled": // then it has to run for the whole term
			checkRefused(t, v.doc, fill, mss.ErrInconsistent, "end 2026-03-16T00:00:00+08:00: want 2027-01-31, 00:00 in Beijing")
		default:
			checkRefused(t, v.doc, fill, mss.ErrInconsistent, "decode subscription: "+v.says)
		}
	}
	for _, r := range []replacement{
		{`"machines":120`, `"machines":201`, "quote: 201 machines: want 101 to 200"},
		{`"amount":"252000"`, `"amount":"252001"`, "quote: amount 252001.00: want 252000.00"},
		{`"price":"21000"`, `"price":"1e2000000000"`, "quote: tier: price: \"1e2000000000\": want yuan"},
		{`"term":"P1Y"`, `"term":"P1W"`, `quote: term: "P1W": ` + wantTerm},
		{`"purchased":"2026-01-31T00:00:00+08:00"`, `"purchased":"2026-02-01T00:00:00+08:00"`,
			"start 2026-01-31T00:00:00+08:00: want 00:00 in Beijing of 2026-02-01"},
		{`"purchased":"2026-01-31T00:00:00+08:00"`, `"purchased":"0001-01-01T00:00:00Z"`,
			"purchased 0001-01-01: want a time in the years 1 to 9999"},
		{`"purchased":"2026-01-31T00:00:00+08:00"`, `"purchased":"2026-01-31"`, `purchased: "2026-01-31": want a time such as`},
		{`"purchased":"2026-01-31T00:00:00+08:00"`, `"purchased":20260131`, "purchased: 20260131: want a time such as"},
		{`"start":"2026-01-31T00:00:00+08:00"`, `"start":"2026-01-31T00:00:00Z"`,
			"start 2026-01-31T08:00:00+08:00: want 00:00 in Beijing of 2026-01-31"},
		{`"start":"2026-01-31T00:00:00+08:00"`, `"start":"2026-02-01T00:00:00+08:00"`,
			"anchor day 31: want 1, the day of start 2026-02-01"},
		{`"end":"2026-03-16`, `"end":"2026-03-17`, "end 2026-03-17T00:00:00+08:00: want 2026-03-16"},
		{`"end":"2026-03-16`, `"end":"10000-03-16`, `end: "10000-03-16T00:00:00+08:00": want a time such as`},
		{`"anchor_day":31`, `"anchor_day":30`, "anchor day 30: want 31, the day of start 2026-01-31"},
		{`"anchor_day":31`, `"anchor_day":"31"`, `anchor_day: "31": want a whole number`},
		{`"at":"2026-03-15`, `"at":"2026-03-16`, "refunded: used_days 44: want 45"},
		{`"at":"2026-03-15`, `"at":"2026-01-30`,
			"refunded: 2026-01-30T09:00:00+08:00: want 2026-01-31T00:00:00+08:00, the time of purchase"},
		{`"at":"2026-03-15`, `"at":"2027-03-15`, "refunded: 2027-03-15T09:00:00+08:00: want a time before 2027-01-31"},
		{`"by":"month"`, `"by":"day"`, "refunded: consumed 31838.71: want 30378.08, for 44 of 365 days"},
		{`"used_days":44`, `"used_days":43`, "refunded: used_days 43: want 44"},
		{`"total_days":365`, `"total_days":366`, "refunded: total_days 366: want 365"},
		{`"consumed":"31838.71","amount":"220161.29"`, `"consumed":"31838.70","amount":"220161.30"`,
			"refunded: consumed 31838.70: want 31838.71"},
		{`"paid":"252000"`, `"paid":"252001"`, "refunded: paid 252001.00 less consumed 31838.71 is amount 220161.29"},
	} {
		checkRefused(t, r.in(t, goldenClosed), fill, mss.ErrInconsistent, "decode subscription: ... "+r.says)
	}

	// Times may come in any zone, and leave in Beijing.
	elsewhere := strings.NewReplacer(
		"2026-01-31T00:00:00+08:00", "2026-01-30T16:00:00Z",
		"2026-03-16T00:00:00+08:00", "2026-03-15T11:00:00-05:00",
		"2026-03-15T09:00:00+08:00", "2026-03-15T06:45:00+05:45",
	).Replace(goldenClosed)
	var got mss.Subscription
	if err := json.Unmarshal([]byte(elsewhere), &got); err != nil {
		t.Fatalf("json.Unmarshal(%s) = %v, want nil", elsewhere, err)
	}
	for name, instant := range map[string]time.Time{
		"purchased": got.Purchased, "start": got.Start, "end": got.End, "refunded.at": got.Refunded.At,
	} {
		if instant.Location() != mss.Beijing {
			t.Errorf("%s = %v, want it in mss.Beijing", name, instant)
		}
	}
	checkGolden(t, got, goldenClosed)
	utc := edited(got, func(s *mss.Subscription) {
		refund := *s.Refunded
		refund.At, s.Refunded = refund.At.UTC(), &refund
		s.Purchased, s.Start, s.End = s.Purchased.UTC(), s.Start.UTC(), s.End.UTC()
	})
	checkGolden(t, utc, goldenClosed)

	// Decoding over a subscription writes nothing to the refund that it held.
	target := fill()
	held, before := target.Refunded, *target.Refunded
	if err := json.Unmarshal([]byte(goldenClosed), &target); err != nil || !target.Equal(closedInMarch()) {
		t.Errorf("json.Unmarshal(%s) = %s, %v, want %s", goldenClosed, period(target), err, period(closedInMarch()))
	}
	if held == target.Refunded || *held != before {
		t.Errorf("json.Unmarshal wrote %+v to the refund that was held, want %+v", *held, before)
	}
	if err := json.Unmarshal([]byte(goldenOpen), &target); err != nil || target.Refunded != nil {
		t.Errorf("json.Unmarshal(%s) left refunded %v, %v, want nil", goldenOpen, target.Refunded, err)
	}
}
