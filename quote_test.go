package mss_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

// An amount is the price of the band × the days, months or years of the term, exactly;
// a year costs twelve months.
func TestQuote(t *testing.T) {
	for _, tt := range []struct {
		name, plan string
		machines   int
		term       mss.Term
		want       any
	}{
		{"three months", "routine", 5, mss.Months(3), "routine-operations 5 P3M, band 1-5 1250.00, 0 days: 3 × month = 3750.00"},
		{"a year", "routine", 120, mss.Years(1), "routine-operations 120 P1Y, band 101-200 21000.00, 0 days: 12 × month = 252000.00"},
		{"twelve months", "routine", 120, mss.Months(12), "routine-operations 120 P12M, band 101-200 21000.00, 0 days: 12 × month = 252000.00"},
		{"a hundred years", "routine", 6000, mss.Years(100), "routine-operations 6000 P100Y, band 5501-6000 356400.00, 0 days: 1200 × month = 427680000.00"},
		{"a week", "event", 51, mss.Days(7), "event-protection 51 P7D, band 51-200 17000.00, 5 days: 7 × day = 119000.00"},
		{"the most days", "event", 1000, mss.Days(36525), "event-protection 1000 P36525D, band 501-1000 30000.00, 5 days: 36525 × day = 1095750000.00"},
		{"the lowest price", "cheap", 1, mss.Months(7), "cheap 1 P7M, band 1-1 0.01, 0 days: 7 × month = 0.07"},
		{"the highest amount", "dear", 9, mss.Days(36525), "dear 9 P36525D, band 1-9 1000000000000.00, 0 days: 36525 × day = 36525000000000000.00"},
		{"a year of a plan by the year", "yearly", 80, mss.Years(1), "yearly 80 P1Y, band 1-80 100000.00, 0 days: 1 × year = 100000.00"},
		{"three years of a plan by the year", "yearly", 1, mss.Years(3), "yearly 1 P3Y, band 1-80 100000.00, 0 days: 3 × year = 300000.00"},
		{"days of a plan by the year", "yearly", 80, mss.Days(365), mss.ErrTerm},
		{"months of a plan by the day", "event", 5, mss.Months(1), mss.ErrTerm},
		{"no months", "routine", 5, mss.Months(0), mss.ErrTerm},
		{"absurd years", "routine", 5, mss.Years(math.MaxInt), mss.ErrTerm},
		{"contact sales for routine operations", "routine", 6001, mss.Months(1), mss.ErrContactSales},
	} {
		got, err := plans[tt.plan]().Quote(tt.machines, tt.term)
		check(t, fmt.Sprintf("%s: %s Quote(%d, %v)", tt.name, tt.plan, tt.machines, tt.term), got, err, tt.want)
	}
}

// If several things are not valid, the first of them in this order is reported: unit,
// lead days and name of the plan, the term, whether its unit fits, the machines, the
// band. The other bands are not checked.
func TestQuoteChecksInOrder(t *testing.T) {
	plan := mss.Plan{Name: "\xff", Unit: mss.Year + 1, LeadDays: -1}
	for _, tt := range []struct {
		want     string
		mend     func()
		machines int
		term     mss.Term
	}{
		{"unit Unit(4)", func() {}, 0, mss.Days(0)},
		{"lead days -1", func() { plan.Unit = mss.Month }, 0, mss.Days(0)},
		{"name \"\\xff\": want 1 to 200 bytes of printable", func() { plan.LeadDays = 0 }, 0, mss.Days(0)},
		{"term P0D: want a term such as", func() { plan.Name = "order" }, 0, mss.Days(0)},
		{"term P1D: want months or years", func() {}, 0, mss.Days(1)},
		{"no bands", func() {}, 0, mss.Months(1)},
		{"0 machines: want 1 to 15", func() { plan.Tiers = bands("1-5 100, 6-10 0, 16-20 300, 21-15 400") }, 0, mss.Months(1)},
		{"above the last band, which ends at 15", func() {}, 22, mss.Months(1)},
		{"in no band", func() {}, 12, mss.Months(1)},
		{"band 6-10: price 0.00", func() {}, 6, mss.Months(1)},
	} {
		tt.mend()
		if _, err := plan.Quote(tt.machines, tt.term); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Quote(%d, %v) error = %v, want one about %q", tt.machines, tt.term, err, tt.want)
		}
	}
	q, err := plan.Quote(5, mss.Months(1))
	check(t, "Quote(5, P1M), beside bands that are not valid", q, err, "order 5 P1M, band 1-5 100.00, 0 days: 1 × month = 100.00")
}

// A quote written before there was a unit has that of the plans of its day.
func TestQuoteWithoutUnit(t *testing.T) {
	var q mss.Quote
	var s mss.Subscription
	for _, unit := range []string{"", `"unit":null,`} {
		err := json.Unmarshal([]byte(within(t, quoteDoc, `"unit":"month",`, unit)), &q)
		check(t, "a quote for a year without its unit", q, err, show(quote(t, "routine 120 P1Y")))
		err = json.Unmarshal([]byte(within(t, openDoc, `"unit":"day",`, unit)), &s)
		check(t, "a subscription of days without its unit", s.Quote, err, show(quote(t, "event 200 P7D")))
		err = json.Unmarshal([]byte(within(t, closedDoc, `"unit":"month",`, unit)), &s)
		check(t, "a cancelled subscription without its unit", s.Quote, err, show(quote(t, "routine 120 P1Y")))
		err = q.UnmarshalJSON([]byte(strings.Replace(string(must(json.Marshal(quote(t, "yearly 80 P1Y")))(t)), `"unit":"year",`, unit, 1)))
		checkError(t, "a quote of a plan by the year without its unit", err, mss.ErrInconsistent)
	}
}

func TestQuoteEqual(t *testing.T) {
	checkEqual(t, quote(t, "routine 120 P1Y"), []edit[mss.Quote]{
		{"amount 252E3", func(q *mss.Quote) { q.Amount = decimal.New(252, 3) }},
		{"price 21000.0000", func(q *mss.Quote) { q.Tier.Price = decimal.New(210000000, -4) }},
	}, []edit[mss.Quote]{
		{"plan", func(q *mss.Quote) { q.Plan = "" }},
		{"machines", func(q *mss.Quote) { q.Machines++ }},
		{"term", func(q *mss.Quote) { q.Term = mss.Months(12) }},
		{"tier", func(q *mss.Quote) { q.Tier.Min++ }},
		{"unit", func(q *mss.Quote) { q.Unit = mss.Year }},
		{"lead days", func(q *mss.Quote) { q.LeadDays = 1 }},
		{"amount", func(q *mss.Quote) { q.Amount = dec("252000.0000000001") }},
	})
}
