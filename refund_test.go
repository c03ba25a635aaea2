package mss_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

// Consumed is the price of the days of service that begin before an instant, rounded
// once, half away from zero.
func TestConsumed(t *testing.T) {
	year, closed := yearOpen(t), yearClosed(t)
	week := buy(t, "event 51 P7D", "2026-01-31") // 119000 yuan, 5 to 11 February
	unused := cancel(t, week, "2026-02-04", mss.ByDay)
	negotiated := buy(t, "yearly 80 P1Y", "2026-01-31")
	for _, tt := range []struct {
		name  string
		s     mss.Subscription
		until string
		by    mss.Proration
		want  any
	}{
		{"before the purchase", year, "1-01-01", mss.ByDay, "0.00"},
		{"the start", year, "2026-01-31", mss.ByMonth, "0.00"},
		// 252000 ÷ 365 = 690.4109…; 21000 ÷ 28 = 750.
		{"the first nanosecond, by day", year, "2026-01-31 1ns", mss.ByDay, "690.41"},
		// 252000 × 43 ÷ 365 = 29687.6712….
		{"43 days, by day", year, "2026-03-15", mss.ByDay, "29687.67"},
		// 252000 × 44 ÷ 365 = 30378.0821…; 21000 + 21000 × 16 ÷ 31 = 31838.7096….
		{"44 days, by month", year, "2026-03-16", mss.ByMonth, "31838.71"},
		// 21000 × 10 ÷ 31 = 6774.1935….
		{"10 days of the first month, by month", buy(t, "routine 120 P1Y", "2026-01-10"), "2026-01-20", mss.ByMonth, "6774.19"},
		{"44 days, in UTC", year, "2026-03-15T16:00:00Z", mss.ByMonth, "31838.71"},
		// 252000 × 364 ÷ 365 = 251309.5890…; 231000 + 21000 × 30 ÷ 31 = 251322.5806….
		{"all but the last day, by day", year, "2027-01-30", mss.ByDay, "251309.59"},
		{"a nanosecond of the last day", year, "2027-01-30 1ns", mss.ByMonth, "252000.00"},
		{"long after the end", year, "9999-12-31", mss.ByMonth, "252000.00"},

		// 7560000 × 4799 ÷ 10957 = 3311165.46499954….
		{"not rounded in between", buy(t, "routine 120 P30Y", "2026-01-31"), "2039-03-23", mss.ByDay, "3311165.46"},
		// A twelfth of 100000 is 8333.3333…; 100000 ÷ 12 × (1 + 16 ÷ 31) = 12634.4086…; 100000 × 44 ÷ 365 = 12054.7945….
		{"a month of a plan by the year", negotiated, "2026-02-28", mss.ByMonth, "8333.33"},
		{"44 days of a plan by the year, by month", negotiated, "2026-03-16", mss.ByMonth, "12634.41"},
		{"44 days of a plan by the year, by day", negotiated, "2026-03-16", mss.ByDay, "12054.79"},
		// 23 months: 300000 ÷ 36 × 23 = 191666.6666….
		{"23 months of a plan by the year", buy(t, "yearly 80 P3Y", "2026-01-31"), "2027-12-31", mss.ByMonth, "191666.67"},
		{"a year of a plan by the year", negotiated, "2027-01-31", mss.ByMonth, "100000.00"},

		// 0.01 × 14 ÷ 28 = 0.005….
		{"half a fen", buy(t, "cheap 1 P1M", "2026-02-01"), "2026-02-15", mss.ByDay, "0.01"},

		{"cancelled, before it was", closed, "2026-02-28", mss.ByMonth, "21000.00"},
		{"cancelled, at its end", closed, "2026-03-16", mss.ByMonth, "31838.71"},
		{"cancelled, long after", closed, "2030-01-01", mss.ByMonth, "31838.71"},
		{"cancelled, by day", cancel(t, year, "2026-03-15", mss.ByDay), "2026-02-01", mss.ByDay, "690.41"},
		{"cancelled, by day, after", cancel(t, year, "2026-03-15", mss.ByDay), "2026-04-01", mss.ByDay, "30378.08"},
		{"cancelled before it began", unused, "2030-01-01", mss.ByDay, "0.00"},
		{"cancelled on the last day", cancel(t, week, "2026-02-11", mss.ByDay), "2030-01-01", mss.ByDay, "119000.00"},

		{"receiver before proration", mss.Subscription{}, "", 0, mss.ErrInconsistent},
		{"cancelled, another proration before time", closed, "", mss.ByDay, mss.ErrInconsistent},
	} {
		got, err := tt.s.Consumed(at(tt.until), tt.by)
		check(t, fmt.Sprintf("%s: Consumed(%s, %v)", tt.name, tt.until, tt.by), got, err, tt.want)
		if err != nil {
			got, err := tt.s.Deferred(at(tt.until), tt.by)
			check(t, fmt.Sprintf("%s: Deferred(%s, %v)", tt.name, tt.until, tt.by), got, err, tt.want)
		}
	}
}

// Deferred is what was paid before an instant and is by then neither consumed nor paid
// back. A refund does not change an earlier balance.
func TestDeferred(t *testing.T) {
	year := buy(t, "routine 120 P1Y", "2026-01-31 9h") // 252000 yuan, 690.41 a day
	closed := cancel(t, year, "2026-03-15 9h", mss.ByDay)
	april := must(quote(t, "event 51 P7D").SubscribeFrom(at("2025-11-10 9h"), at("2026-04-01")))(t) // 119000 yuan
	unused := cancel(t, april, "2026-03-15 9h", mss.ByDay)
	for _, tt := range []struct {
		name  string
		s     mss.Subscription
		until string
		by    mss.Proration
		want  string
	}{
		{"on the first day, before the purchase", year, "2026-01-31 1ns", mss.ByDay, "0.00"},
		{"the instant of purchase", year, "2026-01-31 9h", mss.ByDay, "0.00"},
		{"a nanosecond after it, when the first day has begun", year, "2026-01-31 9h0m0.000000001s", mss.ByDay, "251309.59"},
		{"the end of January", year, "2026-02-01", mss.ByDay, "251309.59"},
		{"the end of January, by month", year, "2026-02-01", mss.ByMonth, "251250.00"},
		// 252000 − 29687.67 = 222312.33, a day later − 30378.08 = 221621.92.
		{"15 March", year, "2026-03-15", mss.ByDay, "222312.33"},
		{"the last day", year, "2027-01-30 1ns", mss.ByDay, "0.00"},
		{"after the end", year, "9999-12-31", mss.ByMonth, "0.00"},
		{"refunded in March: the end of January", closed, "2026-02-01", mss.ByDay, "251309.59"},
		{"refunded: the instant of it", closed, "2026-03-15 9h", mss.ByDay, "221621.92"},
		{"refunded: a nanosecond after it", closed, "2026-03-15 9h0m0.000000001s", mss.ByDay, "0.00"},

		{"for April: a nanosecond after the purchase", april, "2025-11-10 9h0m0.000000001s", mss.ByDay, "119000.00"},
		{"for April: the new year", april, "2026-01-01", mss.ByMonth, "119000.00"},
		{"for April: its start", april, "2026-04-01", mss.ByDay, "119000.00"},
		{"for April: its first nanosecond", april, "2026-04-01 1ns", mss.ByDay, "102000.00"},
		{"for April, refunded before: the new year", unused, "2026-01-01", mss.ByDay, "119000.00"},
		{"for April, refunded before: the instant of it", unused, "2026-03-15 9h", mss.ByDay, "119000.00"},
		{"for April, refunded before: April", unused, "2026-04-01", mss.ByDay, "0.00"},
		{"refunded at the instant of purchase", cancel(t, april, "2025-11-10 9h", mss.ByDay), "2025-11-10 9h", mss.ByDay, "0.00"},
	} {
		got, err := tt.s.Deferred(at(tt.until), tt.by)
		check(t, fmt.Sprintf("%s: Deferred(%s, %v)", tt.name, tt.until, tt.by), got, err, tt.want)
	}
}

// There is a period for each calendar month with days of service, and the amounts sum
// to what was paid or consumed, to the fen.
func TestAmortize(t *testing.T) {
	two := buy(t, "routine 5 P2M", "2026-01-31") // 2500 yuan: 28 days to 28 February, 31 to 31 March
	week := buy(t, "event 51 P7D", "2026-02-21") // 119000 yuan, 26 February to 4 March
	for _, tt := range []struct {
		name string
		s    mss.Subscription
		by   mss.Proration
		want any
	}{
		// 2500 ÷ 59 = 42.3728…; 2500 × 29 ÷ 59 = 1228.8135….
		{"two months, by day", two, mss.ByDay, "2026-01-31 1: 42.37 then 2457.63, 2026-02-01 28: 1186.44 then 1271.19, 2026-03-01 30: 1271.19 then 0.00"},
		// 1250 ÷ 28 = 44.6428…; 1250 + 1250 ÷ 31 = 1290.3225….
		{"two months, by month", two, mss.ByMonth, "2026-01-31 1: 44.64 then 2455.36, 2026-02-01 28: 1245.68 then 1209.68, 2026-03-01 30: 1209.68 then 0.00"},
		{"days over a month's end", week, mss.ByMonth, "2026-02-26 3: 51000.00 then 68000.00, 2026-03-01 4: 68000.00 then 0.00"},
		{"over a year's end", buy(t, "event 51 P2D", "2026-12-26"), mss.ByDay, "2026-12-31 1: 17000.00 then 17000.00, 2027-01-01 1: 17000.00 then 0.00"},
		{"half a fen, consumed at once", buy(t, "cheap 1 P1M", "2026-02-15"), mss.ByDay, "2026-02-15 14: 0.01 then 0.00, 2026-03-01 14: 0.00 then 0.00"},
		{"the last days of the calendar", buy(t, "event 51 P1D", "9999-12-25"), mss.ByDay, "9999-12-30 1: 17000.00 then 0.00"},
		// 750 to the end of January, 21000 + 21000 ÷ 31 = 21677.4193… to that of February, of 31838.71.
		{"cancelled, by month", yearClosed(t), mss.ByMonth, "2026-01-31 1: 750.00 then 251250.00, " +
			"2026-02-01 28: 20927.42 then 230322.58, 2026-03-01 15: 10161.29 then 0.00"},
		// 252000 ÷ 365 = 690.4109…, 252000 × 29 ÷ 365 = 20021.9178…, of 30378.08.
		{"cancelled, by day", cancel(t, yearOpen(t), "2026-03-15", mss.ByDay), mss.ByDay, "2026-01-31 1: 690.41 then 251309.59, " +
			"2026-02-01 28: 19331.51 then 231978.08, 2026-03-01 15: 10356.16 then 0.00"},
		{"cancelled on the last day of a month", cancel(t, week, "2026-02-28", mss.ByDay), mss.ByDay, "2026-02-26 3: 51000.00 then 0.00"},
		{"cancelled, another proration", yearClosed(t), mss.ByDay, mss.ErrInconsistent},
	} {
		got, err := tt.s.Amortize(tt.by)
		check(t, fmt.Sprintf("%s: Amortize(%v)", tt.name, tt.by), got, err, tt.want)
	}

	none, err := cancel(t, week, "2026-02-25", mss.ByDay).Amortize(mss.ByDay)
	if data, jsonErr := json.Marshal(none); string(data) != "[]" || err != nil || jsonErr != nil {
		t.Errorf("Amortize without periods = %s, %v, want []", data, err)
	}
}

// A refund is what was paid less actual use, in which a day that has begun counts.
func TestRefund(t *testing.T) {
	year := buy(t, "routine 120 P1Y", "2026-01-31 9h") // 252000 yuan, to 31 January 2027
	week := buy(t, "event 51 P7D", "2026-01-31")       // 119000 yuan, 5 to 11 February
	leap := buy(t, "routine 5 P2M", "2028-01-31")      // 2500 yuan: 29 days to 29 February, 31 to 31 March
	renewed := must(buy(t, "routine 5 P1M", "2026-01-31").Renew(leap.Quote, at("2026-02-28")))(t)
	closed := yearClosed(t)
	unsound := edited(closed, func(s *mss.Subscription) { s.AnchorDay = 0 })
	for _, tt := range []struct {
		name string
		s    mss.Subscription
		when string
		by   mss.Proration
		want any
	}{
		// 252000 × 28 ÷ 365 = 19331.5068….
		{"a whole month, by day", year, "2026-02-27", mss.ByDay, "28 of 365 days: 19331.51 + 232668.49 = 252000.00"},
		{"a whole month, by month", year, "2026-02-27", mss.ByMonth, "28 of 365 days: 21000.00 + 231000.00 = 252000.00"},
		// The second month has 31 days, from 28 February: 21000 + 21000 ÷ 31 = 21677.4193….
		{"a month and a day", year, "2026-02-28", mss.ByMonth, "29 of 365 days: 21677.42 + 230322.58 = 252000.00"},
		{"15 March, by month", year, "2026-03-15", mss.ByMonth, "44 of 365 days: 31838.71 + 220161.29 = 252000.00"},
		{"the last day but one", year, "2027-01-30 -1ns", mss.ByMonth, "364 of 365 days: 251322.58 + 677.42 = 252000.00"},
		{"last nanosecond, by month", year, "2027-01-31 -1ns", mss.ByMonth, "365 of 365 days: 252000.00 + 0.00 = 252000.00"},
		{"before it began, by day", week, "2026-02-05 -1ns", mss.ByDay, "0 of 7 days: 0.00 + 119000.00 = 119000.00"},
		{"before it began, by month", week, "2026-01-31", mss.ByMonth, "0 of 7 days: 0.00 + 119000.00 = 119000.00"},
		{"days by month", week, "2026-02-07 12h", mss.ByMonth, "3 of 7 days: 51000.00 + 68000.00 = 119000.00"},
		// 1250 + 1250 ÷ 31 = 1290.3225….
		{"a month to a leap day, by month", leap, "2028-02-28", mss.ByMonth, "29 of 60 days: 1250.00 + 1250.00 = 2500.00"},
		{"on the leap day", leap, "2028-02-29", mss.ByMonth, "30 of 60 days: 1290.32 + 1209.68 = 2500.00"},
		// From 28 February, anchor 31: 31 days to 31 March, 30 days to 30 April.
		{"a renewal, first day", renewed, "2026-02-28", mss.ByMonth, "1 of 61 days: 40.32 + 2459.68 = 2500.00"},
		{"a renewal, second month", renewed, "2026-03-31", mss.ByMonth, "32 of 61 days: 1291.67 + 1208.33 = 2500.00"},
		{"the most there is", buy(t, "dear 9 P36525D", "2026-01-01"), "2026-01-01", mss.ByDay,
			"1 of 36525 days: 1000000000000.00 + 36524000000000000.00 = 36525000000000000.00"},
		{"half a fen, which is not paid back", buy(t, "cheap 1 P1M", "2026-02-01"), "2026-02-14", mss.ByDay, "14 of 28 days: 0.01 + 0.00 = 0.01"},

		{"before the purchase", year, "2026-01-31 8h59m59.999999999s", mss.ByDay, mss.ErrDate},
		{"at the end", year, "2027-01-31", mss.ByDay, mss.ErrExpired},
		{"after the end", week, "2026-03-01", mss.ByMonth, mss.ErrExpired},
		{"receiver before cancelled", unsound, "2026-03-15", mss.ByDay, mss.ErrInconsistent},
		{"cancelled before proration", closed, "2026-03-15", 0, mss.ErrCancelled},
		{"proration before the purchase", year, "2026-01-01", 0, mss.ErrInconsistent},
	} {
		got, err := tt.s.Refund(at(tt.when), tt.by)
		call := fmt.Sprintf("%s: Refund(%s, %v)", tt.name, tt.when, tt.by)
		check(t, call, got, err, tt.want)
		if err != nil {
			continue
		}
		consumed := must(tt.s.Consumed(at(tt.when).Add(1), tt.by))(t)
		if !got.At.Equal(at(tt.when)) || got.By != tt.by || !consumed.Equal(got.Consumed) {
			t.Errorf("%s = at %v by %v, want these and Consumed a nanosecond later, %s", call, got.At, got.By, show(consumed))
		}
	}
}

func TestRefundString(t *testing.T) {
	const year, unused = "by day, 44 of 365 days: paid 252000.00, consumed 30378.08, amount 221621.92 yuan",
		"by month, 0 of 1 day: paid 17000.00, consumed 0.00, amount 17000.00 yuan"
	check(t, "String()", must(yearOpen(t).Refund(at("2026-03-15"), mss.ByDay))(t).String(), nil, year)
	check(t, "String()", must(buy(t, "event 51 P1D", "2026-01-31").Refund(at("2026-02-04"), mss.ByMonth))(t).String(), nil, unused)
}

func TestRefundEqual(t *testing.T) {
	checkEqual(t, *yearClosed(t).Refunded, []edit[mss.Refund]{
		{"another zone", func(r *mss.Refund) { r.At = r.At.UTC() }},
		{"other exponents", func(r *mss.Refund) {
			r.Paid, r.Consumed, r.Amount = decimal.New(252, 3), decimal.New(31838710, -3), decimal.New(220161290, -3)
		}},
	}, []edit[mss.Refund]{
		{"at", func(r *mss.Refund) { r.At = r.At.Add(1) }},
		{"by", func(r *mss.Refund) { r.By = mss.ByDay }},
		{"used days", func(r *mss.Refund) { r.UsedDays++ }},
		{"total days", func(r *mss.Refund) { r.TotalDays++ }},
		{"paid", func(r *mss.Refund) { r.Paid = dec("252000.001") }},
		{"consumed", func(r *mss.Refund) { r.Consumed = absurd[0] }},
		{"amount", func(r *mss.Refund) { r.Amount = r.Amount.Neg() }},
	})
}

// A preview is confirmed on its Beijing day, once. The days charged are still served.
func TestCancel(t *testing.T) {
	year := buy(t, "routine 120 P1Y", "2026-01-31 9h")
	week := buy(t, "event 51 P7D", "2026-01-31")
	for _, tt := range []struct {
		name          string
		s             mss.Subscription
		preview, when string
		want          any
	}{
		{"at once", year, "2026-03-15 9h", "2026-03-15 9h", "2026-01-31 to 2026-03-16, anchor 31, refunded 220161.29"},
		{"late on the day", year, "2026-03-15", "2026-03-16 -1ns", "2026-01-31 to 2026-03-16, anchor 31, refunded 220161.29"},
		{"on the last day", year, "2027-01-30", "2027-01-30", "2026-01-31 to 2027-01-31, anchor 31, refunded 0.00"},
		{"before it began", week, "2026-02-04", "2026-02-04", "2026-02-05 to 2026-02-05, anchor 5, refunded 119000.00"},
		{"in service", week, "2026-02-06", "2026-02-06 1h", "2026-02-05 to 2026-02-07, anchor 5, refunded 85000.00"},
		{"in other zones", year, "2026-03-14T16:00:00Z", "2026-03-14T23:00:00-01:00", "2026-01-31 to 2026-03-16, anchor 31, refunded 220161.29"},
		{"a nanosecond before the preview", year, "2026-03-15 9h", "2026-03-15 8h59m59.999999999s", mss.ErrDate},
		{"the next day", year, "2026-03-16 -1ns", "2026-03-16", mss.ErrDate},
		{"never", year, "2026-03-15", "", mss.ErrDate},
	} {
		r := must(tt.s.Refund(at(tt.preview), mss.ByMonth))(t)
		got, err := tt.s.Cancel(r, at(tt.when))
		call := fmt.Sprintf("%s: Cancel(refund of %s, %s)", tt.name, tt.preview, tt.when)
		check(t, call, got, err, tt.want)
		if err != nil {
			continue
		}
		if !got.Refunded.Equal(r) {
			t.Errorf("%s holds %+v, want %+v", call, *got.Refunded, r)
		}
		again, err := got.Cancel(r, at(tt.when))
		check(t, "a second "+call, again, err, mss.ErrCancelled)
		change, err := got.Change(tt.s.Quote, at(tt.when), mss.ByDay)
		check(t, "Change after "+call, change, err, mss.ErrCancelled)
	}

	// The refund is calculated again: in no field may it differ. See also refundEdits.
	r := must(year.Refund(at("2026-03-15"), mss.ByMonth))(t)
	for when, want := range map[string]error{
		"2026-03-16": mss.ErrInconsistent, "2026-01-31": mss.ErrDate, "2027-01-31": mss.ErrExpired, "": mss.ErrDate,
	} {
		r.At = at(when)
		got, err := year.Cancel(r, at("2026-03-18"))
		check(t, "Cancel with the refund of another time, "+when, got, err, want)
	}
}

// Neither the refund that Cancel is given, nor one that a subscription holds, is written
// to or shared.
func TestRefundedIsNotShared(t *testing.T) {
	open, want := yearOpen(t), yearClosed(t)
	closed, other := yearClosed(t), yearClosed(t)
	held := closed.Refunded
	if err := json.Unmarshal([]byte(plainJSON(cancel(t, open, "2026-06-01", mss.ByDay))), &closed); err != nil || closed.Refunded == held {
		t.Errorf("json.Unmarshal = %v, want a refund of its own", err)
	}
	unchanged(t, "json.Unmarshal", *held, *want.Refunded)
	if err := json.Unmarshal([]byte(openDoc), &closed); err != nil || closed.Refunded != nil {
		t.Errorf("json.Unmarshal left refunded %v, %v, want nil", closed.Refunded, err)
	}
	change := must(open.Change(open.Quote, at("2026-03-15"), mss.ByMonth))(t)
	change.Closed.Refunded.UsedDays, held.UsedDays = 1, 2
	if change.Refund.UsedDays != 44 || other.Refunded.UsedDays != 44 || open.Refunded != nil {
		t.Errorf("UsedDays = %d and %d after an edit of other refunds, want 44", change.Refund.UsedDays, other.Refunded.UsedDays)
	}
}

// A change closes one subscription and opens another on the day it then ends.
func TestChange(t *testing.T) {
	year := yearOpen(t)                              // 252000 yuan
	week := buy(t, "event 51 P7D", "2026-01-31")     // 119000 yuan, 5 to 11 February
	noticed := buy(t, "noticed 5 P1M", "2026-01-31") // 100 yuan from 3 February
	last := buy(t, "routine 5 P1M", "9999-11-30")    // to 30 December
	february := must(buy(t, "routine 5 P1M", "2026-01-31").Renew(quote(t, "routine 5 P1M"), at("2026-02-10")))(t)
	for _, tt := range []struct {
		name        string
		s           mss.Subscription
		quote, when string
		by          mss.Proration
		want        any
	}{
		// 354000 − 220161.29 = 133838.71.
		{"more machines", year, "routine 300 P1Y", "2026-03-15 9h", mss.ByMonth, "refunded 220161.29 on 2026-03-16; 2026-03-16 to 2027-03-16, anchor 16; net 133838.71"},
		// 1250 − 221621.92 = −220371.92.
		{"fewer machines", year, "routine 5 P1M", "2026-03-15", mss.ByDay, "refunded 221621.92 on 2026-03-16; 2026-03-16 to 2026-04-16, anchor 16; net -220371.92"},
		// 21000 − 232668.49 = −211668.49.
		// The anchor day is kept where whole months of the old service end.
		{"nothing used yet, to 6 machines", february, "routine 6 P1M", "2026-02-10", mss.ByDay, "refunded 1250.00 on 2026-02-28; 2026-02-28 to 2026-03-31, anchor 31; net 2950.00"},
		{"on the eve of an anchor day, to the months left", year, "routine 300 P11M", "2026-02-27", mss.ByMonth, "refunded 231000.00 on 2026-02-28; 2026-02-28 to 2027-01-31, anchor 31; net 93500.00"},
		// 21000 + 21000 × 30 ÷ 31 = 41322.5806….
		{"a day before the eve", year, "routine 300 P10M", "2026-03-29", mss.ByMonth, "refunded 210677.42 on 2026-03-30; 2026-03-30 to 2027-01-30, anchor 30; net 84322.58"},
		{"on the next eve", year, "routine 300 P10M", "2026-03-31 -1ns", mss.ByMonth, "refunded 210000.00 on 2026-03-31; 2026-03-31 to 2027-01-31, anchor 31; net 85000.00"},
		// 42000 + 21000 ÷ 30 = 42700.
		{"a day after the eve", year, "routine 300 P10M", "2026-03-31", mss.ByMonth, "refunded 209300.00 on 2026-04-01; 2026-04-01 to 2027-02-01, anchor 1; net 85700.00"},
		{"after a year and a month", buy(t, "routine 120 P2Y", "2026-01-31"), "routine 120 P11M", "2027-02-27", mss.ByMonth, "refunded 231000.00 on 2027-02-28; 2027-02-28 to 2028-01-31, anchor 31; net 0.00"},
		{"after a year from a leap day", buy(t, "routine 120 P2Y", "2028-02-29"), "routine 120 P1Y", "2029-02-27", mss.ByMonth, "refunded 252000.00 on 2029-02-28; 2029-02-28 to 2030-02-28, anchor 29; net 0.00"},
		// 100000 − 8333.33 = 91666.67; 11 × 12500 = 137500.
		{"a plan by the year by months", buy(t, "yearly 80 P1Y", "2026-01-31"), "routine 80 P11M", "2026-02-27", mss.ByMonth, "refunded 91666.67 on 2026-02-28; 2026-02-28 to 2027-01-31, anchor 31; net 45833.33"},
		{"months by a plan by the year", year, "yearly 80 P1Y", "2026-02-27", mss.ByMonth, "refunded 231000.00 on 2026-02-28; 2026-02-28 to 2027-02-28, anchor 31; net -131000.00"},
		// 60 × 17000 = 1020000, of which 28 × 17000 = 476000 are consumed.
		{"28 days from the 31st by months", buy(t, "event 51 P60D", "2026-01-26"), "routine 5 P1M", "2026-02-27", mss.ByDay, "refunded 544000.00 on 2026-02-28; 2026-02-28 to 2026-03-28, anchor 28; net -542750.00"},
		{"a month by days", year, "one 1 P7D", "2026-02-27", mss.ByMonth, "refunded 231000.00 on 2026-02-28; 2026-02-28 to 2026-03-07, anchor 28; net -230993.00"},
		{"on the last day", year, "routine 120 P1Y", "2027-01-31 -1ns", mss.ByMonth, "refunded 0.00 on 2027-01-31; 2027-01-31 to 2028-01-31, anchor 31; net 252000.00"},
		{"days for days, with just the notice", week, "event 5 P2D", "2026-02-01 -1ns", mss.ByDay, "refunded 119000.00 on 2026-02-05; 2026-02-05 to 2026-02-07, anchor 5; net -95000.00"},
		{"days for days, a day late", week, "event 5 P2D", "2026-02-01", mss.ByDay, mss.ErrDate},
		{"months for days, from tomorrow", week, "routine 5 P1M", "2026-02-04", mss.ByDay, "refunded 119000.00 on 2026-02-05; 2026-02-05 to 2026-03-05, anchor 5; net -117750.00"},
		{"months for days, from the day after tomorrow", week, "routine 5 P1M", "2026-02-04 -1ns", mss.ByDay, mss.ErrDate},
		{"months for days, in service", week, "routine 5 P1Y", "2026-02-06", mss.ByMonth, "refunded 85000.00 on 2026-02-07; 2026-02-07 to 2027-02-07, anchor 7; net -70000.00"},
		{"months for months that have not begun", noticed, "routine 5 P1M", "2026-01-31", mss.ByDay, "refunded 100.00 on 2026-02-03; 2026-02-03 to 2026-03-03, anchor 3; net 1150.00"},
		{"months for months, without the notice", year, "noticed 5 P1M", "2026-03-15", mss.ByDay, mss.ErrDate},
		{"at the end", year, "routine 5 P1M", "2027-01-31", mss.ByDay, mss.ErrExpired},
		{"no proration", year, "routine 5 P1M", "2026-03-15", 0, mss.ErrInconsistent},
		{"to the year 10000", last, "routine 5 P2M", "9999-12-01", mss.ByDay, mss.ErrDate},
	} {
		got, err := tt.s.Change(quote(t, tt.quote), at(tt.when), tt.by)
		call := fmt.Sprintf("%s: Change(%s, %s, %v)", tt.name, tt.quote, tt.when, tt.by)
		check(t, call, got, err, tt.want)
		if err != nil {
			continue
		}
		r := must(tt.s.Refund(at(tt.when), tt.by))(t)
		if o := got.Opened; !o.Purchased.Equal(at(tt.when)) || !o.Quote.Equal(quote(t, tt.quote)) || !r.Equal(got.Refund) || !r.Equal(*got.Closed.Refunded) {
			t.Errorf("%s = %+v, want the new quote, bought then, and the refund %+v", call, got, r)
		}
	}
	unsound := edited(yearClosed(t), func(s *mss.Subscription) { s.AnchorDay = 0 })
	for i, s := range []mss.Subscription{unsound, yearClosed(t), year} {
		got, err := s.Change(mss.Quote{}, time.Time{}, mss.ByDay)
		check(t, "Change, checks in order", got, err, []error{mss.ErrInconsistent, mss.ErrCancelled, mss.ErrInconsistent}[i])
	}
}
