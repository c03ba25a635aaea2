package mss_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

// figures writes what a refund says.
func figures(r mss.Refund) string {
	return fmt.Sprintf("%d of %d days: %s + %s = %s", r.UsedDays, r.TotalDays,
		r.Consumed.StringFixed(2), r.Amount.StringFixed(2), r.Paid.StringFixed(2))
}

// changed writes what a change leads to.
func changed(c mss.Change) string {
	return fmt.Sprintf("%s; %s; %s; net %s", figures(c.Refund), period(c.Closed), period(c.Opened), c.Net.StringFixed(2))
}

// least and most are purchases for the least and the most that can be paid.

func least(price string) mss.Subscription {
	plan := mss.Plan{Name: "least", Unit: mss.Month, Tiers: bands("1-1 " + price)}
	return buy(must(plan.Quote(1, mss.Months(1))), "2026-02-01") // 28 days
}

func most() mss.Subscription {
	return buy(must(custom(mss.Day).Quote(10, mss.Days(36525))), "2026-01-01") // from 3 January
}

func TestRefund(t *testing.T) {
	year := buy(routine(120, mss.Years(1)), "2026-01-31 +9h") // 252000 yuan, to 31 January 2027
	week := buy(event(51, 7), "2026-01-31")                   // 119000 yuan, 5 to 11 February
	leap := buy(routine(5, mss.Months(2)), "2028-01-31")      // 2500 yuan: 29 days to 29 February, 31 to 31 March
	renewed := must(buy(routine(5, mss.Months(1)), "2026-01-31").Renew(routine(5, mss.Months(2)), at("2026-02-28")))
	cancelled := must(year.Cancel(must(year.Refund(at("2026-03-15"), mss.ByDay)), at("2026-03-15")))
	unsound := edited(cancelled, func(s *mss.Subscription) { s.AnchorDay = 0 })
	for _, tt := range []struct {
		name    string
		s       mss.Subscription
		instant string
		by      mss.Proration
		want    outcome
	}{
		// 252000 × 1 ÷ 365 = 690.4109…; 21000 × 1 ÷ 28 = 750.
		{"first day, by day", year, "2026-01-31 +9h", mss.ByDay,
			gives("1 of 365 days: 690.41 + 251309.59 = 252000.00")},
		{"first day, by month", year, "2026-01-31 +9h", mss.ByMonth,
			gives("1 of 365 days: 750.00 + 251250.00 = 252000.00")},
		{"its last nanosecond", year, "2026-02-01 -1ns", mss.ByMonth,
			gives("1 of 365 days: 750.00 + 251250.00 = 252000.00")},
		// 252000 × 28 ÷ 365 = 19331.5068…
		{"last day of the first month, by day", year, "2026-02-27", mss.ByDay,
			gives("28 of 365 days: 19331.51 + 232668.49 = 252000.00")},
		{"last day of the first month, by month", year, "2026-02-27", mss.ByMonth,
			gives("28 of 365 days: 21000.00 + 231000.00 = 252000.00")},
		// The second month is of 31 days, from 28 February: 21000 + 21000 × 1 ÷ 31 = 21677.4193…
		{"first day of the second month", year, "2026-02-28", mss.ByMonth,
			gives("29 of 365 days: 21677.42 + 230322.58 = 252000.00")},
		// 252000 × 44 ÷ 365 = 30378.0821…; 21000 + 21000 × 16 ÷ 31 = 31838.7096…
		{"15 March, by day", year, "2026-03-15", mss.ByDay, gives("44 of 365 days: 30378.08 + 221621.92 = 252000.00")},
		{"15 March, by month", year, "2026-03-15", mss.ByMonth,
			gives("44 of 365 days: 31838.71 + 220161.29 = 252000.00")},
		// Eleven months to 30 December, and 30 of the 31 days to 30 January: 231000 + 21000 × 30 ÷ 31 = 251322.5806…
		{"the last day but one", year, "2027-01-30 -1ns", mss.ByMonth,
			gives("364 of 365 days: 251322.58 + 677.42 = 252000.00")},
		{"last day, by day", year, "2027-01-30", mss.ByDay, gives("365 of 365 days: 252000.00 + 0.00 = 252000.00")},
		{"last day, by month", year, "2027-01-31 -1ns", mss.ByMonth,
			gives("365 of 365 days: 252000.00 + 0.00 = 252000.00")},

		{"before start, by day", week, "2026-02-05 -1ns", mss.ByDay,
			gives("0 of 7 days: 0.00 + 119000.00 = 119000.00")},
		{"before start, by month", week, "2026-01-31", mss.ByMonth, gives("0 of 7 days: 0.00 + 119000.00 = 119000.00")},
		{"first day of days", week, "2026-02-05", mss.ByDay, gives("1 of 7 days: 17000.00 + 102000.00 = 119000.00")},
		{"days by month", week, "2026-02-07 +12h", mss.ByMonth, gives("3 of 7 days: 51000.00 + 68000.00 = 119000.00")},
		{"last day of days", week, "2026-02-12 -1ns", mss.ByMonth, gives("7 of 7 days: 119000.00 + 0.00 = 119000.00")},

		// 2500 × 29 ÷ 60 = 1208.3333…; 1250; 1250 + 1250 × 1 ÷ 31 = 1290.3225…
		{"a month to a leap day, by day", leap, "2028-02-28", mss.ByDay,
			gives("29 of 60 days: 1208.33 + 1291.67 = 2500.00")},
		{"a month to a leap day, by month", leap, "2028-02-28", mss.ByMonth,
			gives("29 of 60 days: 1250.00 + 1250.00 = 2500.00")},
		{"on the leap day", leap, "2028-02-29", mss.ByMonth, gives("30 of 60 days: 1290.32 + 1209.68 = 2500.00")},
		// From 28 February, anchor 31: 31 days to 31 March, 30 days to 30 April.
		{"a renewal, before it", renewed, "2026-02-28 -1ns", mss.ByMonth,
			fails(mss.ErrDate, "want 2026-02-28T00:00:00+08:00, the time of purchase")},
		{"a renewal, first day", renewed, "2026-02-28", mss.ByMonth, gives("1 of 61 days: 40.32 + 2459.68 = 2500.00")},
		{"a renewal, whole month", renewed, "2026-03-30", mss.ByMonth,
			gives("31 of 61 days: 1250.00 + 1250.00 = 2500.00")},
		{"a renewal, second month", renewed, "2026-03-31", mss.ByMonth,
			gives("32 of 61 days: 1291.67 + 1208.33 = 2500.00")},

		// Of 28 days: 0.01 × 14 ÷ 28 = 0.005 and 0.05 × 14 ÷ 28 = 0.025, both rounded away from zero.
		{"half a fen, by day", least("0.01"), "2026-02-14", mss.ByDay, gives("14 of 28 days: 0.01 + 0.00 = 0.01")},
		{"half a fen, by month", least("0.01"), "2026-02-14", mss.ByMonth, gives("14 of 28 days: 0.01 + 0.00 = 0.01")},
		{"two fen and a half, by day", least("0.05"), "2026-02-14", mss.ByDay,
			gives("14 of 28 days: 0.03 + 0.02 = 0.05")},
		{"two fen and a half, by month", least("0.05"), "2026-02-14", mss.ByMonth,
			gives("14 of 28 days: 0.03 + 0.02 = 0.05")},
		{"less than half a fen", least("0.01"), "2026-02-13", mss.ByMonth, gives("13 of 28 days: 0.00 + 0.01 = 0.01")},
		{"the highest price", most(), "2026-01-03", mss.ByDay,
			gives("1 of 36525 days: 1000000000000.00 + 36524000000000000.00 = 36525000000000000.00")},

		{"at the purchase in another zone", year, "2026-01-31T01:00:00Z", mss.ByDay,
			gives("1 of 365 days: 690.41 + 251309.59 = 252000.00")},
		{"before the purchase", year, "2026-01-31 +8h59m59.999999999s", mss.ByDay, fails(mss.ErrDate,
			"refund routine-operations: 2026-01-31T08:59:59.999999999+08:00: "+
				"want 2026-01-31T09:00:00+08:00, the time of purchase, or later")},
		{"at the end", year, "2027-01-31", mss.ByDay, fails(mss.ErrExpired,
			"refund routine-operations: 2027-01-31T00:00:00+08:00: want a time before 2027-01-31T00:00:00+08:00, the end")},
		{"after the end", week, "2026-03-01", mss.ByMonth,
			fails(mss.ErrExpired, "refund event-protection: 2026-03-01T00:00:00+08:00: want")},
		{"zero time", year, "", mss.ByDay, fails(mss.ErrDate, "time 0001-01-01: want a day in the years 1 to 9999")},
		{"the year 10000", year, "10000-01-01", mss.ByDay,
			fails(mss.ErrDate, "time 10000-01-01: want a day in the years")},
		{"no proration", year, "2026-03-15", 0,
			fails(mss.ErrInconsistent, "refund ... proration Proration(0): want day or month")},
		{"unknown proration", year, "2026-03-15", 3,
			fails(mss.ErrInconsistent, "proration Proration(3): want day or month")},
		{"receiver before cancelled", unsound, "2026-03-15", mss.ByDay,
			fails(mss.ErrInconsistent, "anchor day 0: want 31")},
		{"cancelled before proration", cancelled, "2026-03-15", 0,
			fails(mss.ErrCancelled, "refunded on 2026-03-15, want one that was not")},
		{"cancelled before expired", cancelled, "2030-01-01", mss.ByDay,
			fails(mss.ErrCancelled, "refunded on 2026-03-15")},
		{"proration before the purchase", year, "2026-01-01", 0, fails(mss.ErrInconsistent, "proration Proration(0)")},
		{"proration before expired", year, "2030-01-01", 9, fails(mss.ErrInconsistent, "proration Proration(9)")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.s.Refund(at(tt.instant), tt.by)
			call := fmt.Sprintf("Refund(%s, %v)", tt.instant, tt.by)
			check(t, call, tt.want, figures, got, err)
			if err == nil && (!got.At.Equal(at(tt.instant)) || got.By != tt.by) {
				t.Errorf("%s = at %v by %v", call, got.At, got.By)
			}
		})
	}
}

func TestRefundEqual(t *testing.T) {
	r := *closedInMarch().Refunded
	for _, tt := range []struct {
		name string
		edit func(*mss.Refund)
		want bool
	}{
		{"the same", func(r *mss.Refund) {}, true},
		{"another zone", func(r *mss.Refund) { r.At = r.At.UTC() }, true},
		{"other exponents", func(r *mss.Refund) {
			r.Paid, r.Consumed, r.Amount = decimal.New(252, 3), decimal.New(31838710, -3), decimal.New(220161290, -3)
		}, true},
		{"at", func(r *mss.Refund) { r.At = r.At.Add(1) }, false},
		{"by", func(r *mss.Refund) { r.By = mss.ByDay }, false},
		{"used days", func(r *mss.Refund) { r.UsedDays++ }, false},
		{"total days", func(r *mss.Refund) { r.TotalDays++ }, false},
		{"paid", func(r *mss.Refund) { r.Paid = dec("252000.001") }, false},
		{"consumed", func(r *mss.Refund) { r.Consumed = absurd[0] }, false},
		{"amount", func(r *mss.Refund) { r.Amount = r.Amount.Neg() }, false},
	} {
		q := edited(r, tt.edit)
		if r.Equal(q) != tt.want || q.Equal(r) != tt.want {
			t.Errorf("%s: Equal = %t, %t, want %t", tt.name, r.Equal(q), q.Equal(r), tt.want)
		}
	}
}

func TestCancel(t *testing.T) {
	year := buy(routine(120, mss.Years(1)), "2026-01-31 +9h")
	week := buy(event(51, 7), "2026-01-31")
	none := func(*mss.Refund) {}
	for _, tt := range []struct {
		name        string
		s           mss.Subscription
		preview, at string
		edit        func(*mss.Refund)
		want        outcome
	}{
		{"at once", year, "2026-03-15 +9h", "2026-03-15 +9h", none,
			gives("2026-01-31 to 2026-03-16, anchor 31, refunded 220161.29")},
		{"late on the day", year, "2026-03-15", "2026-03-16 -1ns", none,
			gives("2026-01-31 to 2026-03-16, anchor 31, refunded 220161.29")},
		{"on the first day", year, "2026-01-31 +9h", "2026-01-31 +9h", none,
			gives("2026-01-31 to 2026-02-01, anchor 31, refunded 251250.00")},
		{"on the last day", year, "2027-01-30", "2027-01-30", none,
			gives("2026-01-31 to 2027-01-31, anchor 31, refunded 0.00")},
		{"before start", week, "2026-02-04", "2026-02-04", none,
			gives("2026-02-05 to 2026-02-05, anchor 5, refunded 119000.00")},
		{"in service", week, "2026-02-06", "2026-02-06 +1h", none,
			gives("2026-02-05 to 2026-02-07, anchor 5, refunded 85000.00")},
		{"a preview in another zone", year, "2026-03-14T16:00:00Z", "2026-03-15 +9h", func(r *mss.Refund) { r.At = r.At.UTC() },
			gives("2026-01-31 to 2026-03-16, anchor 31, refunded 220161.29")},
		{"other exponents", year, "2026-03-15", "2026-03-15", func(r *mss.Refund) { r.Paid = decimal.New(252, 3) },
			gives("2026-01-31 to 2026-03-16, anchor 31, refunded 220161.29")},

		{"a nanosecond before the preview", year, "2026-03-15 +9h", "2026-03-15 +8h59m59.999999999s", none,
			fails(mss.ErrDate,
				"cancel routine-operations: confirmed at 2026-03-15T08:59:59.999999999+08:00: "+
					"want 2026-03-15T09:00:00+08:00, the time of the preview, or later on that day")},
		{"the next day", year, "2026-03-16 -1ns", "2026-03-16", none, fails(mss.ErrDate,
			"confirmed at 2026-03-16T00:00:00+08:00: "+
				"want 2026-03-15T23:59:59.999999999+08:00, the time of the preview, or later on that day")},
		{"the day before", year, "2026-03-15", "2026-03-14 +23h", none,
			fails(mss.ErrDate, "confirmed at 2026-03-14T23:00:00+08:00: want")},
		{"a year later", year, "2026-03-15", "2027-03-15", none,
			fails(mss.ErrDate, "confirmed at 2027-03-15T00:00:00+08:00: want")},
		{"never", year, "2026-03-15", "", none,
			fails(mss.ErrDate, "cancel ... confirmation 0001-01-01: want a day in the years 1 to 9999")},
		{"in the year 10000", year, "2026-03-15", "10000-03-15", none,
			fails(mss.ErrDate, "confirmation 10000-03-15: want a day")},

		{"another time of another day", year, "2026-03-15", "2026-03-15", func(r *mss.Refund) { r.At = at("2026-03-16") },
			fails(mss.ErrInconsistent, "cancel routine-operations: used_days 44: want 45")},
		{"a time before the purchase", year, "2026-03-15", "2026-03-15", func(r *mss.Refund) { r.At = at("2026-01-31") },
			fails(mss.ErrDate, "2026-01-31T00:00:00+08:00: want 2026-01-31T09:00:00+08:00, the time of purchase")},
		{"a time after the end", year, "2026-03-15", "2026-03-15", func(r *mss.Refund) { r.At = at("2027-01-31") },
			fails(mss.ErrExpired, "2027-01-31T00:00:00+08:00: want a time before 2027-01-31T00:00:00+08:00, the end")},
		{"no time", year, "2026-03-15", "2026-03-15", func(r *mss.Refund) { r.At = time.Time{} },
			fails(mss.ErrDate, "time 0001-01-01: want a day")},
		{"another proration", year, "2026-03-15", "2026-03-15", func(r *mss.Refund) { r.By = mss.ByDay },
			fails(mss.ErrInconsistent, "consumed 31838.71: want 30378.08")},
		{"no proration", year, "2026-03-15", "2026-03-15", func(r *mss.Refund) { r.By = 0 },
			fails(mss.ErrInconsistent, "proration Proration(0): want day or month")},
		{"used days", year, "2026-03-15", "2026-03-15", func(r *mss.Refund) { r.UsedDays-- },
			fails(mss.ErrInconsistent, "used_days 43: want 44")},
		{"total days", year, "2026-03-15", "2026-03-15", func(r *mss.Refund) { r.TotalDays++ },
			fails(mss.ErrInconsistent, "total_days 366: want 365")},
		{"paid", year, "2026-03-15", "2026-03-15", func(r *mss.Refund) { r.Paid = dec("252000.01") },
			fails(mss.ErrInconsistent, "paid 252000.01: want 252000.00")},
		{"consumed", year, "2026-03-15", "2026-03-15", func(r *mss.Refund) { r.Consumed = dec("31838.70") },
			fails(mss.ErrInconsistent, "consumed 31838.70: want 31838.71")},
		{"amount", year, "2026-03-15", "2026-03-15", func(r *mss.Refund) { r.Amount = dec("220161.30") },
			fails(mss.ErrInconsistent, "amount 220161.30: want 220161.29")},
		{"absurd amount", year, "2026-03-15", "2026-03-15", func(r *mss.Refund) { r.Amount = absurd[0] },
			fails(mss.ErrInconsistent, "amount ~10^2000000000: want 220161.29")},
		{"zero refund", year, "2026-03-15", "2026-03-15", func(r *mss.Refund) { *r = mss.Refund{} },
			fails(mss.ErrInconsistent, "proration Proration(0)")},
		{"a field before the day", year, "2026-03-15", "2026-03-16", func(r *mss.Refund) { r.UsedDays-- },
			fails(mss.ErrInconsistent, "used_days 43")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := tt.s
			r := edited(must(tt.s.Refund(at(tt.preview), mss.ByMonth)), tt.edit)
			got, err := tt.s.Cancel(r, at(tt.at))
			call := fmt.Sprintf("Cancel(refund of %s, %s)", tt.preview, tt.at)
			check(t, call, tt.want, period, got, err)
			if tt.s != before {
				t.Errorf("%s wrote to its receiver", call)
			}
			if err != nil {
				return
			}
			if err := got.Validate(); err != nil || !got.Refunded.Equal(r) {
				t.Errorf("%s = %+v, %v, want a valid one with that refund", call, got, err)
			}
			for _, again := range []mss.Refund{r, {}} { // it is refunded once
				closed, err := got.Cancel(again, at(tt.at))
				want := fails(mss.ErrCancelled, "cancel ... refunded on ... want one that was not")
				check(t, "a second "+call, want, period, closed, err)
			}
			change, err := got.Change(tt.s.Quote, at(tt.at), mss.ByDay)
			check(t, "Change after "+call, fails(mss.ErrCancelled, "change ... refunded on"), changed, change, err)
		})
	}
}

// Refunded is a value that the package neither shares with its caller's refund nor writes to.
func TestRefundedIsKept(t *testing.T) {
	s := buy(routine(120, mss.Years(1)), "2026-01-31")
	r := must(s.Refund(at("2026-03-15"), mss.ByDay))
	closed := must(s.Cancel(r, at("2026-03-15")))
	before, pointer := *closed.Refunded, closed.Refunded
	r.UsedDays = 99
	_, _ = closed.Refund(at("2026-03-16"), mss.ByMonth)
	_, _ = closed.Cancel(r, at("2026-03-15"))
	_, _ = closed.Change(s.Quote, at("2026-03-15"), mss.ByDay)
	_, _ = closed.Renew(s.Quote, at("2026-03-15"))
	_, _ = json.Marshal(closed)
	_, _, _ = closed.Status(at("2026-03-15")), closed.Days(), closed.Validate()
	if closed.Refunded != pointer || *pointer != before {
		t.Errorf("Refunded = %+v, want %+v", *closed.Refunded, before)
	}
	if other := must(s.Cancel(must(s.Refund(at("2026-03-15"), mss.ByDay)), at("2026-03-15"))); other.Refunded == pointer {
		t.Error("two cancellations share one Refunded")
	}
}

func TestChange(t *testing.T) {
	year := buy(routine(120, mss.Years(1)), "2026-01-31") // 252000 yuan
	week := buy(event(51, 7), "2026-01-31")               // 119000 yuan, 5 to 11 February
	unsound := edited(year, func(s *mss.Subscription) { s.AnchorDay = 0 })
	noticed := edited(routine(5, mss.Months(1)), func(q *mss.Quote) { q.LeadDays = 2 })
	for _, tt := range []struct {
		name    string
		s       mss.Subscription
		q       mss.Quote
		instant string
		by      mss.Proration
		want    outcome
	}{
		// 354000 − 220161.29 = 133838.71.
		{"more machines", year, routine(300, mss.Years(1)), "2026-03-15", mss.ByMonth,
			gives("44 of 365 days: 31838.71 + 220161.29 = 252000.00; " +
				"2026-01-31 to 2026-03-16, anchor 31, refunded 220161.29; 2026-03-16 to 2027-03-16, anchor 16; net 133838.71")},
		// 1250 − 221621.92 = −220371.92.
		{"fewer machines", year, routine(5, mss.Months(1)), "2026-03-15", mss.ByDay,
			gives("44 of 365 days: 30378.08 + 221621.92 = 252000.00; " +
				"2026-01-31 to 2026-03-16, anchor 31, refunded 221621.92; 2026-03-16 to 2026-04-16, anchor 16; net -220371.92")},
		// 21000 − (252000 − 19331.51) = −211668.49; the new anchor is the day it starts on.
		{"to start on 28 February", year, routine(120, mss.Months(1)), "2026-02-27", mss.ByDay,
			gives("28 of 365 days: 19331.51 + 232668.49 = 252000.00; " +
				"2026-01-31 to 2026-02-28, anchor 31, refunded 232668.49; 2026-02-28 to 2026-03-28, anchor 28; net -211668.49")},
		{"on the last day", year, routine(120, mss.Years(1)), "2027-01-31 -1ns", mss.ByMonth,
			gives("365 of 365 days: 252000.00 + 0.00 = 252000.00; " +
				"2026-01-31 to 2027-01-31, anchor 31, refunded 0.00; 2027-01-31 to 2028-01-31, anchor 31; net 252000.00")},
		// Nothing was served: 24000 − 119000 = −95000, from the same start.
		{"before start, with just the notice", week, event(5, 2), "2026-02-01 -1ns", mss.ByDay,
			gives("0 of 7 days: 0.00 + 119000.00 = 119000.00; " +
				"2026-02-05 to 2026-02-05, anchor 5, refunded 119000.00; 2026-02-05 to 2026-02-07, anchor 5; net -95000.00")},
		{"before start, to months", week, routine(5, mss.Months(1)), "2026-02-04", mss.ByDay,
			gives("0 of 7 days: 0.00 + 119000.00 = 119000.00; " +
				"2026-02-05 to 2026-02-05, anchor 5, refunded 119000.00; 2026-02-05 to 2026-03-05, anchor 5; net -117750.00")},
		{"in service, to months", week, routine(5, mss.Months(1)), "2026-02-06", mss.ByMonth,
			gives("2 of 7 days: 34000.00 + 85000.00 = 119000.00; " +
				"2026-02-05 to 2026-02-07, anchor 5, refunded 85000.00; 2026-02-07 to 2026-03-07, anchor 7; net -83750.00")},

		{"the notice is too short", year, event(5, 2), "2026-03-15", mss.ByDay,
			fails(mss.ErrDate, "change routine-operations: "+
				"start of event-protection on 2026-03-16: want 2026-03-20 or later, after its notice of 5 days: cancel and buy apart")},
		{"the notice is a day too short", week, event(5, 2), "2026-02-01", mss.ByDay, fails(mss.ErrDate,
			"change event-protection: start of event-protection on 2026-02-05: want 2026-02-06 or later, after its notice of 5 days")},
		{"two days' notice", year, noticed, "2026-03-15", mss.ByDay,
			fails(mss.ErrDate, "start of routine-operations on 2026-03-16: want 2026-03-17")},
		{"at the end", year, routine(5, mss.Months(1)), "2027-01-31", mss.ByDay,
			fails(mss.ErrExpired, "change routine-operations: 2027-01-31T00:00:00+08:00: want")},
		{"before the purchase", year, routine(5, mss.Months(1)), "2026-01-31 -1ns", mss.ByDay,
			fails(mss.ErrDate, "want 2026-01-31T00:00:00+08:00, the time of purchase")},
		{"no time", year, routine(5, mss.Months(1)), "", mss.ByDay, fails(mss.ErrDate, "time 0001-01-01: want a day")},
		{"no proration", year, routine(5, mss.Months(1)), "2026-03-15", 0,
			fails(mss.ErrInconsistent, "proration Proration(0): want day or month")},
		{"to the year 10000", buy(routine(5, mss.Months(1)), "9999-11-30"), routine(5, mss.Months(2)), "9999-12-01", mss.ByDay,
			fails(mss.ErrDate, "change routine-operations: end 10000-02-02: want a day in the years 1 to 9999")},
		{"receiver before quote", unsound, mss.Quote{}, "2026-03-15", mss.ByDay,
			fails(mss.ErrInconsistent, "anchor day 0: want 31")},
		{"quote before proration", year, mss.Quote{}, "2026-03-15", 0,
			fails(mss.ErrInconsistent, "new quote: plan: no name, want one")},
		{"expired before notice", year, event(5, 2), "2027-01-31", mss.ByDay,
			fails(mss.ErrExpired, "want a time before 2027-01-31")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := tt.s
			got, err := tt.s.Change(tt.q, at(tt.instant), tt.by)
			call := fmt.Sprintf("Change(%v, %s, %v)", tt.q, tt.instant, tt.by)
			check(t, call, tt.want, changed, got, err)
			if tt.s != before {
				t.Errorf("%s wrote to its receiver", call)
			}
			if err != nil {
				return
			}
			if closed, opened := got.Closed.Validate(), got.Opened.Validate(); closed != nil || opened != nil {
				t.Errorf("%s closed %v, opened %v, want two valid ones", call, closed, opened)
			}
			if opened := got.Opened; !opened.Start.Equal(got.Closed.End) || !opened.Purchased.Equal(at(tt.instant)) ||
				!opened.Quote.Equal(tt.q) {
				t.Errorf("%s opened %+v, want the new quote, bought then, from %v", call, opened, got.Closed.End)
			}
			r := must(tt.s.Refund(at(tt.instant), tt.by))
			if !r.Equal(got.Refund) || !r.Equal(*got.Closed.Refunded) {
				t.Errorf("%s refunded %+v and %+v, want %+v", call, got.Refund, *got.Closed.Refunded, r)
			}
		})
	}
}

// Changed three times, each day of half a year is in one of four subscriptions.
func TestChangeOfAChange(t *testing.T) {
	s := buy(routine(5, mss.Years(1)), "2026-01-31")
	var story []string
	for _, tt := range []struct {
		q       mss.Quote
		instant string
	}{
		{routine(20, mss.Years(1)), "2026-02-27"},
		{routine(20, mss.Months(3)), "2026-02-28"},
		{routine(1000, mss.Months(1)), "2026-05-31"},
	} {
		c := must(s.Change(tt.q, at(tt.instant), mss.ByMonth))
		story = append(story, period(c.Closed)+", net "+c.Net.StringFixed(2))
		s = c.Opened
	}
	// 15000 − 1250 = 13750 are left of the first year and 4200 × 12 are due. The second is 50400 − 4200 × 1 ÷ 28 =
	// 50250 a day later, and 12600 are due. The third is on its last day, so nothing is left of it and 64800 are due.
	want := []string{
		"2026-01-31 to 2026-02-28, anchor 31, refunded 13750.00, net 36650.00",
		"2026-02-28 to 2026-03-01, anchor 28, refunded 50250.00, net -37650.00",
		"2026-03-01 to 2026-06-01, anchor 1, refunded 0.00, net 64800.00",
	}
	for i := range want {
		if story[i] != want[i] {
			t.Errorf("change %d = %s, want %s", i+1, story[i], want[i])
		}
	}
	if got, want := period(s), "2026-06-01 to 2026-07-01, anchor 1"; got != want {
		t.Errorf("the last opened = %s, want %s", got, want)
	}
}

const goldenRefund = `{"at":"2026-03-15T09:00:00+08:00","by":"month","used_days":44,"total_days":365,` +
	`"paid":"252000","consumed":"31838.71","amount":"220161.29"}`

// refundEdits are the ways in which that refund cannot be one of any subscription.
var refundEdits = []struct {
	name string
	edit func(*mss.Refund)
	says string
}{
	{"zero", func(r *mss.Refund) { *r = mss.Refund{} }, "at 0001-01-01: want a time in the years 1 to 9999"},
	{"the year 10000", func(r *mss.Refund) { r.At = at("10000-01-01") },
		"at 10000-01-01: want a time in the years 1 to 9999"},
	{"no proration", func(r *mss.Refund) { r.By = 0 }, "proration Proration(0): want day or month"},
	{"unknown proration", func(r *mss.Refund) { r.By = 3 }, "proration Proration(3): want day or month"},
	{"no days", func(r *mss.Refund) { r.TotalDays = 0 }, "total_days 0: want 1 to 36525"},
	{"too many days", func(r *mss.Refund) { r.TotalDays = 36526 }, "total_days 36526: want 1 to 36525"},
	{"negative used days", func(r *mss.Refund) { r.UsedDays = -1 }, "used_days -1: want 0 to 365, the total_days"},
	{"more used than there are", func(r *mss.Refund) { r.UsedDays = 366 },
		"used_days 366: want 0 to 365, the total_days"},
	{"nothing used", func(r *mss.Refund) { r.UsedDays = 0 }, "consumed 31838.71: want 0.00, for 0 of 365 days"},
	{"all used", func(r *mss.Refund) { r.UsedDays = 365 }, "consumed 31838.71: want 252000.00, for 365 of 365 days"},
	{"by day", func(r *mss.Refund) { r.By = mss.ByDay }, "consumed 31838.71: want 30378.08, for 44 of 365 days"},
	{"paid more", func(r *mss.Refund) { r.Paid = dec("252000.01") },
		"paid 252000.01 less consumed 31838.71 is amount 220161.29: want three amounts in whole fen that add up"},
	{"paid nothing", func(r *mss.Refund) { r.Paid, r.Consumed, r.Amount = decimal.Zero, decimal.Zero, decimal.Zero },
		"paid 0.00 less"},
	{"paid too much", func(r *mss.Refund) {
		r.Paid, r.Consumed, r.Amount = dec("36525000000000000.01"), decimal.Zero, dec("36525000000000000.01")
	}, "paid 36525000000000000.01 less"},
	{"paid part of a fen", func(r *mss.Refund) { r.Paid, r.Amount = dec("252000.001"), dec("220161.291") },
		"paid 252000.001 less"},
	{"consumed part of a fen", func(r *mss.Refund) { r.Consumed = dec("31838.711") }, "consumed 31838.711 is"},
	{"amount of part of a fen", func(r *mss.Refund) { r.Amount = dec("220161.291") }, "amount 220161.291: want"},
	{"consumed less than nothing", func(r *mss.Refund) { r.Consumed, r.Amount = dec("-1"), dec("252001") },
		"consumed -1 is"},
	{"amount less than nothing", func(r *mss.Refund) { r.Consumed, r.Amount = dec("252001"), dec("-1") },
		"amount -1: want"},
	{"absurd amounts", func(r *mss.Refund) { r.Paid, r.Consumed, r.Amount = absurd[0], absurd[1], absurd[2] },
		"paid ~10^2000000000 less consumed ~10^-2000000000 is amount -~10^2000000000: want"},
}

func TestRefundThatDoesNotAddUp(t *testing.T) {
	for _, tt := range refundEdits {
		data, err := json.Marshal(edited(*closedInMarch().Refunded, tt.edit))
		checkError(t, tt.name+": json.Marshal", err, mss.ErrInconsistent, "encode refund: ... "+tt.says)
		if data != nil {
			t.Errorf("%s: json.Marshal = %s, want nothing", tt.name, data)
		}
	}
}

func TestRefundJSON(t *testing.T) {
	checkGolden(t, *closedInMarch().Refunded, goldenRefund)
	checkGolden(t, edited(*closedInMarch().Refunded, func(r *mss.Refund) { r.At = r.At.UTC() }), goldenRefund)
	week := buy(event(51, 7), "2026-01-31")
	checkGolden(t, must(week.Refund(at("2026-01-31"), mss.ByDay)), `{"at":"2026-01-31T00:00:00+08:00","by":"day",`+
		`"used_days":0,"total_days":7,"paid":"119000","consumed":"0","amount":"119000"}`)
	checkGolden(t, must(least("0.01").Refund(at("2026-02-14"), mss.ByDay)), `{"at":"2026-02-14T00:00:00+08:00","by":"day",`+
		`"used_days":14,"total_days":28,"paid":"0.01","consumed":"0.01","amount":"0"}`)
	checkGolden(t, must(most().Refund(at("2026-01-03"), mss.ByMonth)), `{"at":"2026-01-03T00:00:00+08:00","by":"month",`+
		`"used_days":1,"total_days":36525,"paid":"36525000000000000","consumed":"1000000000000","amount":"36524000000000000"}`)

	fill := func() mss.Refund { return must(week.Refund(at("2026-02-06"), mss.ByDay)) }
	checkVariants(t, goldenRefund, fill, mss.ErrInconsistent, "unknown")
	checkNotJSON(t, fill, mss.ErrInconsistent)
	for _, r := range []replacement{
		{`"2026-03-15T09:00:00+08:00"`, `"0001-01-01T00:00:00Z"`, "at 0001-01-01: want a time in the years 1 to 9999"},
		{`"2026-03-15T09:00:00+08:00"`, `"yesterday"`, `at: "yesterday": want a time such as`},
		{`"2026-03-15T09:00:00+08:00"`, `1773536400`, "at: 1773536400: want a time such as"},
		{`"month"`, `"year"`, `by: "year": want one of ["day" "month"]`},
		{`"month"`, `2`, "by: 2: want text"},
		{`"month"`, `"day"`, "consumed 31838.71: want 30378.08, for 44 of 365 days"},
		{`44`, `366`, "used_days 366: want 0 to 365, the total_days"},
		{`44`, `"44"`, `used_days: "44": want a whole number`},
		{`365`, `0`, "total_days 0: want 1 to 36525"},
		{`365`, `1e9999`, "total_days: 1e9999: want a whole number"},
		{`"252000"`, `"252000.5"`, "paid 252000.50 less consumed 31838.71 is amount 220161.29: want"},
		{`"252000"`, `{}`, "paid: {}: want yuan"},
		{`"31838.71"`, `"31838.7"`, "paid 252000.00 less consumed 31838.70 is amount 220161.29"},
		{`"31838.71"`, `"1e2000000000"`, "consumed: \"1e2000000000\": want yuan, in whole fen"},
		{`"220161.29"`, `220161.291`, "amount 220161.291: want"},
		{`"220161.29"`, `"¥220161.29"`, `amount: "¥220161.29": want yuan`},
	} {
		checkRefused(t, r.in(t, goldenRefund), fill, mss.ErrInconsistent, "decode refund: ... "+r.says)
	}
	for _, r := range []replacement{
		{`"consumed":"31838.71","amount":"220161.29"`, `"consumed":31838.710,"amount":2.2016129e5`, ""},
		{`"2026-03-15T09:00:00+08:00"`, `"2026-03-14T20:00:00-05:00"`, ""},
	} {
		doc, want := r.in(t, goldenRefund), *closedInMarch().Refunded
		var got mss.Refund
		if err := json.Unmarshal([]byte(doc), &got); err != nil || !got.Equal(want) || got.At.Location() != mss.Beijing {
			t.Errorf("json.Unmarshal(%s) = %+v, %v, want %+v", doc, got, err, want)
		}
	}
}

func TestChangeJSON(t *testing.T) {
	s := buy(routine(120, mss.Years(1)), "2026-01-31")
	c := must(s.Change(routine(300, mss.Years(1)), at("2026-03-15 +9h"), mss.ByMonth))
	want := `{"refund":` + goldenRefund + `,"closed":` + goldenClosed + `,"opened":{"quote":{"plan":"routine-operations",` +
		`"machines":300,"term":"P1Y","tier":{"min":201,"max":400,"price":"29500"},"lead_days":0,"amount":"354000"},` +
		`"purchased":"2026-03-15T09:00:00+08:00","start":"2026-03-16T00:00:00+08:00","end":"2027-03-16T00:00:00+08:00",` +
		`"anchor_day":16},"net":"133838.71"}`
	if got, err := json.Marshal(c); string(got) != want || err != nil {
		t.Errorf("json.Marshal = %s, %v, want %s", got, err, want)
	}
	for name, edit := range map[string]func(*mss.Change){
		"zero":   func(c *mss.Change) { *c = mss.Change{} },
		"refund": func(c *mss.Change) { c.Refund.UsedDays = -1 },
		"closed": func(c *mss.Change) { c.Closed.AnchorDay = 1 },
		"opened": func(c *mss.Change) { c.Opened.AnchorDay = 1 },
	} {
		data, err := json.Marshal(edited(c, edit))
		checkError(t, name+": json.Marshal", err, mss.ErrInconsistent, "encode")
		if data != nil {
			t.Errorf("%s: json.Marshal = %s, want nothing", name, data)
		}
	}
}

// A zero may have any exponent: with an absurd one it would take for ever to write.
func TestRefundJSONOfAbsurdZero(t *testing.T) {
	unused := must(buy(event(51, 7), "2026-01-31").Refund(at("2026-01-31"), mss.ByDay))
	doc := string(must(json.Marshal(unused)))
	for _, exponent := range []int32{1000000000, -1000000000} {
		absurd := fmt.Sprintf(`"consumed":0e%d`, exponent)
		fill := func() mss.Refund { return unused }
		checkRefused(t, replacement{`"consumed":"0"`, absurd, ""}.in(t, doc), fill, mss.ErrInconsistent, "in whole fen")
		refund := edited(unused, func(r *mss.Refund) { r.Consumed = decimal.New(0, exponent) })
		text, err := json.Marshal(refund)
		checkError(t, "json.Marshal", err, mss.ErrInconsistent, "encode refund: ... in whole fen")
		if text != nil {
			t.Errorf("json.Marshal = %s beside an error", text)
		}
	}
	// Within a thousand digits it is written out, and read back.
	zero := edited(unused, func(r *mss.Refund) { r.Consumed = decimal.New(0, -900) })
	checkGolden(t, zero, doc)
}

// A refund of a term of one day is read back like any other.
func TestRefundJSONOfOneDay(t *testing.T) {
	s := buy(event(51, 1), "2026-01-31")
	for _, when := range []string{"2026-01-31", "2026-02-05"} {
		refund := must(s.Refund(at(when), mss.ByMonth))
		checkRoundTrip(t, refund)
	}
}
