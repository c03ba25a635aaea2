package mss_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
	"time"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

// A year for 120 machines is bought and renewed; then the renewal is refunded.
func Example() {
	quote, err := mss.RoutineOperations().Quote(120, mss.Years(1))
	if err != nil {
		log.Fatal(err)
	}
	bought, err := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(bought.Quote)

	renewed, err := bought.Renew(quote, time.Date(2027, time.January, 31, 18, 0, 0, 0, mss.Beijing))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("renewed to", renewed.End)

	at := time.Date(2027, time.March, 15, 16, 30, 0, 0, mss.Beijing)
	refund, err := renewed.Refund(at, mss.ByDay)
	if err != nil {
		log.Fatal(err)
	}
	closed, err := renewed.Cancel(refund, at.Add(10*time.Minute))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(refund)
	fmt.Println("ends on", closed.End)
	// Output:
	// routine-operations, 120 machines (band 101-200), P1Y: 12 months × 21000.00 = 252000.00 yuan
	// renewed to 2028-01-31 00:00:00 +0800 UTC+8
	// by day, 44 of 365 days: paid 252000.00, consumed 30378.08, amount 221621.92 yuan
	// ends on 2027-03-16 00:00:00 +0800 UTC+8
}

// A customer grows from 20 to 50 machines in the middle of a year.
func Example_change() {
	plan := mss.RoutineOperations()
	small, _ := plan.Quote(20, mss.Years(1))  // 12 × 4200 = 50400 yuan
	large, _ := plan.Quote(50, mss.Months(6)) // 6 × 8400 = 50400 yuan
	bought, _ := small.Subscribe(time.Date(2026, time.January, 1, 9, 0, 0, 0, mss.Beijing))

	// 30 June is the 181st of 365 days.
	change, _ := bought.Change(large, time.Date(2026, time.June, 30, 12, 0, 0, 0, mss.Beijing), mss.ByMonth)
	fmt.Println("six months used, refunded", change.Refund.Amount.StringFixed(2), "yuan")
	fmt.Println("old service ends", change.Closed.End.Format(time.DateOnly))
	fmt.Println("new service ends", change.Opened.End.Format(time.DateOnly))
	fmt.Println("to pay", change.Net.StringFixed(2), "yuan")
	// Output:
	// six months used, refunded 25200.00 yuan
	// old service ends 2026-07-01
	// new service ends 2027-01-01
	// to pay 25200.00 yuan
}

// Event protection for the week of an event, with its five days' notice.
func Example_eventProtection() {
	quote, _ := mss.EventProtection().Quote(300, mss.Days(7))
	fmt.Println(quote)

	purchased := time.Date(2026, time.September, 24, 18, 0, 0, 0, mss.Beijing)
	_, err := quote.SubscribeFrom(purchased, time.Date(2026, time.September, 28, 0, 0, 0, 0, mss.Beijing))
	fmt.Println("four days ahead:", errors.Is(err, mss.ErrDate))

	bought, _ := quote.SubscribeFrom(purchased, time.Date(2026, time.October, 1, 0, 0, 0, 0, mss.Beijing))
	for _, day := range []int{24, 30, 31, 37, 38} { // of September: 31 is 1 October
		at := time.Date(2026, time.September, day, 20, 0, 0, 0, mss.Beijing)
		used, left := bought.UsedDays(at), bought.DaysLeft(at)
		fmt.Println(at.Format(time.DateOnly), bought.Status(at), used, "used,", left, "left")
	}
	// Output:
	// event-protection, 300 machines (band 201-500), P7D: 7 days × 23000.00 = 161000.00 yuan
	// four days ahead: true
	// 2026-09-24 scheduled 0 used, 7 left
	// 2026-09-30 scheduled 0 used, 7 left
	// 2026-10-01 active 1 used, 6 left
	// 2026-10-07 active 7 used, 0 left
	// 2026-10-08 expired 7 used, 0 left
}

// Seamless renewals keep the day of the month on which service began; in a shorter
// month they start on its last day.
func Example_anchor() {
	month, _ := mss.RoutineOperations().Quote(1, mss.Months(1))
	s, _ := month.Subscribe(time.Date(2026, time.January, 31, 0, 0, 0, 0, mss.Beijing))
	for range 4 {
		fmt.Println(s.Start.Format(time.DateOnly), "to", s.End.Format(time.DateOnly))
		s, _ = s.Renew(month, s.Start)
	}
	// Output:
	// 2026-01-31 to 2026-02-28
	// 2026-02-28 to 2026-03-31
	// 2026-03-31 to 2026-04-30
	// 2026-04-30 to 2026-05-31
}

// At the end of March a finance job recognises the revenue of the month and states
// what is deferred. One subscription was cancelled on the 15th.
func Example_monthEnd() {
	buy := func(plan mss.Plan, machines int, term mss.Term, month time.Month, day int) mss.Subscription {
		quote, _ := plan.Quote(machines, term)
		bought, _ := quote.Subscribe(time.Date(2026, month, day, 10, 0, 0, 0, mss.Beijing))
		return bought
	}
	year := buy(mss.RoutineOperations(), 120, mss.Years(1), time.January, 31)
	week := buy(mss.EventProtection(), 300, mss.Days(7), time.March, 23) // begins on the 28th
	closed := buy(mss.RoutineOperations(), 20, mss.Years(1), time.February, 10)
	at := time.Date(2026, time.March, 15, 12, 0, 0, 0, mss.Beijing)
	refund, _ := closed.Refund(at, mss.ByDay)
	closed, _ = closed.Cancel(refund, at)

	var revenue, deferred decimal.Decimal
	for _, s := range []mss.Subscription{year, week, closed} {
		periods, _ := s.Amortize(mss.ByDay)
		for _, p := range periods {
			if p.Start.Year() == 2026 && p.Start.Month() == time.March {
				amount, rest := p.Amount.StringFixed(2), p.Deferred.StringFixed(2)
				fmt.Printf("%-20s %2d days %10s %10s\n", s.Quote.Plan, p.Days, amount, rest)
				revenue, deferred = revenue.Add(p.Amount), deferred.Add(p.Deferred)
			}
		}
	}
	fmt.Printf("%-28s %10s %10s\n", "March", revenue.StringFixed(2), deferred.StringFixed(2))
	// Output:
	// routine-operations   31 days   21402.74  210575.34
	// event-protection      4 days   92000.00   69000.00
	// routine-operations   15 days    2071.23       0.00
	// March                         115473.97  279575.34
}

// Prices rise on 1 January. A quote of the old list is not sold any more, and a
// renewal is at the new price.
func Example_priceRise() {
	risen := mss.Published()
	risen[0].Tiers[0].Price = decimal.NewFromInt(1400) // 1-5 machines, 1250 before
	book := mss.PriceBook{
		{From: time.Date(2026, time.January, 1, 0, 0, 0, 0, mss.Beijing), Catalog: mss.Published()},
		{From: time.Date(2027, time.January, 1, 0, 0, 0, 0, mss.Beijing), Catalog: risen},
	}
	quote := func(at time.Time) mss.Quote {
		catalog, _ := book.At(at)
		plan, _ := catalog.Plan("routine-operations")
		quote, _ := plan.Quote(5, mss.Months(1))
		return quote
	}
	december := time.Date(2026, time.December, 31, 23, 59, 0, 0, mss.Beijing)
	january := december.Add(time.Minute)
	old := quote(december)
	bought, _ := old.Subscribe(december)
	fmt.Println("bought for", old.Amount.StringFixed(2))

	fmt.Println("sold a minute later:", old.Equal(quote(january)))
	renewed, _ := bought.Renew(quote(january), january)
	fmt.Println("renewed for", renewed.Quote.Amount.StringFixed(2))
	// Output:
	// bought for 1250.00
	// sold a minute later: false
	// renewed for 1400.00
}

// A subscription is stored in a text or JSON column and read back as it was. For a
// column that may be NULL, use a pointer or a sql.Null.
func Example_columns() {
	quote, _ := mss.RoutineOperations().Quote(5, mss.Months(1))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	column, _ := bought.Value() // as db.Exec("INSERT INTO sold (subscription) VALUES ($1)", bought) calls it
	fmt.Printf("%.54s…\n", column)

	var read mss.Subscription
	err := read.Scan(column) // as db.QueryRow("SELECT subscription FROM sold").Scan(&read) calls it
	fmt.Println(read.Equal(bought), err)
	// Output:
	// {"quote":{"plan":"routine-operations","machines":5,"te…
	// true <nil>
}

func ExampleParseTerm() {
	term, err := mss.ParseTerm("P3M")
	fmt.Println(term.N, term.Unit, err)
	_, err = mss.ParseTerm("P1W")
	fmt.Println(errors.Is(err, mss.ErrTerm))
	// Output:
	// 3 month <nil>
	// true
}

func ExampleLookup() {
	tiers := mss.RoutineOperations().Tiers
	tier, err := mss.Lookup(tiers, 120)
	fmt.Println(tier.Min, tier.Max, tier.Price.StringFixed(2), err)

	_, err = mss.Lookup(tiers, 6001)
	fmt.Println(errors.Is(err, mss.ErrContactSales))
	// Output:
	// 101 200 21000.00 <nil>
	// true
}

func ExampleAffordable() {
	tiers := mss.RoutineOperations().Tiers
	tier, ok := mss.Affordable(tiers, decimal.RequireFromString("20000"))
	fmt.Println(tier.Max, "machines for", tier.Price.StringFixed(2), "yuan a month:", ok)

	_, ok = mss.Affordable(tiers, decimal.RequireFromString("1249.99"))
	fmt.Println(ok)
	// Output:
	// 100 machines for 12500.00 yuan a month: true
	// false
}

func ExampleValidateTiers() {
	err := mss.ValidateTiers([]mss.Tier{
		{Min: 1, Max: 5, Price: decimal.NewFromInt(1250)},
		{Min: 7, Max: 20, Price: decimal.NewFromInt(4200)},
	})
	fmt.Println(err)
	// Output: mss: validate tiers: row 2: band 7-20: want it to start at 6, without a gap or an overlap: invalid plan
}

func ExamplePlan_Validate() {
	plan := mss.RoutineOperations()
	fmt.Println(plan.Validate())
	plan.Tiers[2].Price = decimal.NewFromInt(840)
	fmt.Println(errors.Is(plan.Validate(), mss.ErrPlan)) // below the price of the band before
	// Output:
	// <nil>
	// true
}

func ExamplePlan_Quote() {
	plan := mss.RoutineOperations()
	quote, err := plan.Quote(120, mss.Years(1))
	fmt.Println(quote.Amount.StringFixed(2), err)

	_, err = plan.Quote(6001, mss.Years(1))
	fmt.Println(errors.Is(err, mss.ErrContactSales))
	_, err = plan.Quote(120, mss.Days(7))
	fmt.Println(errors.Is(err, mss.ErrTerm))
	// Output:
	// 252000.00 <nil>
	// true
	// true
}

// A negotiated price, here a total of 100000 yuan a year for 80 machines, is a plan
// with one tier.
func ExamplePlan_Quote_negotiated() {
	plan := mss.Plan{Name: "routine-operations", Unit: mss.Year,
		Tiers: []mss.Tier{{Min: 1, Max: 80, Price: decimal.NewFromInt(100000)}}}
	quote, err := plan.Quote(80, mss.Years(1))
	if err != nil {
		log.Fatal(err)
	}
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	fmt.Println(bought.Quote)

	// By month, a month is a twelfth of the year's price, rounded once.
	consumed, _ := bought.Consumed(time.Date(2026, time.March, 31, 0, 0, 0, 0, mss.Beijing), mss.ByMonth)
	fmt.Println(consumed.StringFixed(2))
	// Output:
	// routine-operations, 80 machines (band 1-80), P1Y: 1 year × 100000.00 = 100000.00 yuan
	// 16666.67
}

// A service that sells at prices of its own reads them from a file.
func ExampleReadCatalog() {
	catalog, err := mss.ReadCatalog(strings.NewReader(`[{
		"name": "routine-operations", "unit": "month", "lead_days": 0,
		"tiers": [
			{"min": 1, "max": 50, "price": "7999.90"},
			{"min": 51, "max": 100, "price": "11999.90"}
		]
	}]`))
	if err != nil {
		log.Fatal(err)
	}
	plan, _ := catalog.Plan("routine-operations")
	quote, err := plan.Quote(60, mss.Months(2))
	fmt.Println(quote.Amount.StringFixed(2), err)
	// Output: 23999.80 <nil>
}

func ExampleCatalog_Plan() {
	_, err := mss.Published().Plan("standard")
	fmt.Println(errors.Is(err, mss.ErrUnknownPlan))
	// Output: true
}

// The price lists that Tencent Cloud has published, and what a year cost by each. Until
// November 2021 routine operations were priced by the year.
func ExampleReadPriceBook() {
	file, err := os.Open("testdata/price-history.json")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	book, err := mss.ReadPriceBook(file)
	if err != nil {
		log.Fatal(err)
	}
	for _, list := range book {
		plan, _ := list.Catalog.Plan("routine-operations")
		quote, _ := plan.Quote(120, mss.Years(1))
		fmt.Println(list.From.Format(time.DateOnly), quote)
	}
	// Output:
	// 2020-12-08 routine-operations, 120 machines (band 101-200), P1Y: 1 year × 250000.00 = 250000.00 yuan
	// 2021-06-24 routine-operations, 120 machines (band 101-200), P1Y: 1 year × 250000.00 = 250000.00 yuan
	// 2021-11-04 routine-operations, 120 machines (band 101-200), P1Y: 12 months × 21000.00 = 252000.00 yuan
}

func ExamplePriceBook_At() {
	newYear := time.Date(2026, time.January, 1, 0, 0, 0, 0, mss.Beijing)
	book := mss.PriceBook{{From: newYear, Catalog: mss.Published()}}
	catalog, err := book.At(time.Date(2026, time.March, 15, 12, 0, 0, 0, mss.Beijing))
	fmt.Println(len(catalog), "plans", err)
	_, err = book.At(newYear.Add(-1))
	fmt.Println(errors.Is(err, mss.ErrDate))
	// Output:
	// 2 plans <nil>
	// true
}

func ExampleQuote_Quantity() {
	quote, _ := mss.RoutineOperations().Quote(120, mss.Years(1))
	fmt.Println(quote.Quantity(), quote.Unit, quote.Tier)
	// Output: 12 month 101-200 at 21000.00 yuan
}

// A quote whose amount was changed is not consistent.
func ExampleQuote_Validate() {
	quote, _ := mss.RoutineOperations().Quote(120, mss.Years(1))
	fmt.Println(quote.Validate())
	quote.Amount = decimal.NewFromInt(252)
	fmt.Println(quote.Validate())
	// Output:
	// <nil>
	// mss: validate quote: amount 252.00: want 252000.00, the price 21000.00 × 12: inconsistent value
}

// A quote may be consistent and still not have today's price: quote again and
// compare.
func ExampleQuote_Equal() {
	claimed, _ := mss.RoutineOperations().Quote(5, mss.Months(1))
	fresh, _ := mss.RoutineOperations().Quote(5, mss.Months(1))
	fmt.Println(claimed.Equal(fresh))
	claimed.Tier.Price, claimed.Amount = decimal.NewFromInt(1), decimal.NewFromInt(1)
	fmt.Println(claimed.Validate(), claimed.Equal(fresh))
	// Output:
	// true
	// <nil> false
}

func ExampleQuote_EarliestStart() {
	quote, _ := mss.EventProtection().Quote(300, mss.Days(7))
	// 23:00 in New York on 30 January is noon of 31 January in Beijing.
	purchased := time.Date(2026, time.January, 30, 23, 0, 0, 0, time.FixedZone("EST", -5*60*60))
	fmt.Println(quote.EarliestStart(purchased))
	// Output: 2026-02-05 00:00:00 +0800 UTC+8
}

func ExampleQuote_Subscribe() {
	quote, _ := mss.RoutineOperations().Quote(120, mss.Months(1))
	bought, err := quote.Subscribe(time.Date(2026, time.January, 31, 15, 4, 5, 0, mss.Beijing))
	fmt.Println(bought.Start, err)
	fmt.Println(bought.End)
	// Output:
	// 2026-01-31 00:00:00 +0800 UTC+8 <nil>
	// 2026-02-28 00:00:00 +0800 UTC+8
}

func ExampleQuote_SubscribeFrom() {
	quote, _ := mss.EventProtection().Quote(300, mss.Days(7))
	bought, err := quote.SubscribeFrom(
		time.Date(2026, time.January, 31, 15, 4, 5, 0, mss.Beijing),
		time.Date(2026, time.February, 14, 8, 0, 0, 0, mss.Beijing)) // any time of that day
	fmt.Println(bought.Start, err)
	fmt.Println(bought.End)
	// Output:
	// 2026-02-14 00:00:00 +0800 UTC+8 <nil>
	// 2026-02-21 00:00:00 +0800 UTC+8
}

func ExampleSubscription_Validate() {
	quote, _ := mss.RoutineOperations().Quote(120, mss.Years(1))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	bought.End = bought.End.AddDate(0, 1, 0)
	fmt.Println(errors.Is(bought.Validate(), mss.ErrInconsistent))
	// Output: true
}

func ExampleSubscription_Status() {
	quote, _ := mss.RoutineOperations().Quote(5, mss.Months(1))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	fmt.Println(bought.Status(bought.Start.Add(-1)), bought.Status(bought.Start))
	fmt.Println(bought.Status(bought.End.Add(-1)), bought.Status(bought.End))
	// Output:
	// scheduled active
	// active expired
}

func ExampleSubscription_Days() {
	quote, _ := mss.RoutineOperations().Quote(5, mss.Months(1))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	fmt.Println(bought.Days())
	// Output: 28
}

func ExampleSubscription_UsedDays() {
	quote, _ := mss.RoutineOperations().Quote(5, mss.Months(1))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	fmt.Println(bought.UsedDays(time.Date(2026, time.February, 1, 0, 0, 0, 0, mss.Beijing)))
	// Output: 2
}

func ExampleSubscription_DaysLeft() {
	quote, _ := mss.RoutineOperations().Quote(5, mss.Months(1))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	fmt.Println(bought.DaysLeft(time.Date(2026, time.February, 1, 0, 0, 0, 0, mss.Beijing)))
	fmt.Println(bought.DaysLeft(time.Date(2026, time.February, 27, 0, 0, 0, 0, mss.Beijing)))
	// Output:
	// 26
	// 0
}

// A calendar of the public holidays and of the weekends worked in exchange, for the
// Spring Festival of 2026. Friday, 13 February is followed by a working Saturday.
func ExampleSubscription_ContactBy() {
	var calendar struct{ Off, Worked []string }
	_ = json.Unmarshal([]byte(`{
		"off":    ["2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20", "2026-02-23"],
		"worked": ["2026-02-14", "2026-02-28"]
	}`), &calendar)
	workday := func(day time.Time) bool {
		date := day.Format(time.DateOnly)
		weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
		return slices.Contains(calendar.Worked, date) || !weekend && !slices.Contains(calendar.Off, date)
	}
	quote, _ := mss.RoutineOperations().Quote(5, mss.Months(1))
	for _, day := range []int{13, 14} {
		bought, _ := quote.Subscribe(time.Date(2026, time.February, day, 10, 0, 0, 0, mss.Beijing))
		by, err := bought.ContactBy(workday)
		fmt.Println("bought on the", day, "contact by", by, err)
	}
	// Output:
	// bought on the 13 contact by 2026-02-15 00:00:00 +0800 UTC+8 <nil>
	// bought on the 14 contact by 2026-02-25 00:00:00 +0800 UTC+8 <nil>
}

// A renewal bought by the Beijing day of End is seamless; one bought later begins
// when it is bought.
func ExampleSubscription_Renew() {
	month, _ := mss.RoutineOperations().Quote(5, mss.Months(1))
	bought, _ := month.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))

	early, err := bought.Renew(month, time.Date(2026, time.February, 10, 0, 0, 0, 0, mss.Beijing))
	fmt.Println(early.Start.Format(time.DateOnly), early.End.Format(time.DateOnly), err)
	late, err := bought.Renew(month, time.Date(2026, time.March, 10, 0, 0, 0, 0, mss.Beijing))
	fmt.Println(late.Start.Format(time.DateOnly), late.End.Format(time.DateOnly), err)
	// Output:
	// 2026-02-28 2026-03-31 <nil>
	// 2026-03-10 2026-04-10 <nil>
}

// What a year cost by the end of February and by the end of March, and so in March.
func ExampleSubscription_Consumed() {
	quote, _ := mss.RoutineOperations().Quote(120, mss.Years(1))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	for _, by := range []mss.Proration{mss.ByDay, mss.ByMonth} {
		february, _ := bought.Consumed(time.Date(2026, time.March, 1, 0, 0, 0, 0, mss.Beijing), by)
		march, _ := bought.Consumed(time.Date(2026, time.April, 1, 0, 0, 0, 0, mss.Beijing), by)
		fmt.Println("by", by, february.StringFixed(2), march.StringFixed(2), march.Sub(february).StringFixed(2))
	}
	// Output:
	// by day 20021.92 41424.66 21402.74
	// by month 21677.42 42700.00 21022.58
}

// What was deferred at the end of January does not change when the subscription is
// refunded in March.
func ExampleSubscription_Deferred() {
	quote, _ := mss.RoutineOperations().Quote(120, mss.Years(1))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	at := time.Date(2026, time.March, 15, 16, 30, 0, 0, mss.Beijing)
	refund, _ := bought.Refund(at, mss.ByDay)
	closed, _ := bought.Cancel(refund, at)

	for month := time.February; month <= time.April; month++ {
		end := time.Date(2026, month, 1, 0, 0, 0, 0, mss.Beijing)
		before, _ := bought.Deferred(end, mss.ByDay)
		after, _ := closed.Deferred(end, mss.ByDay)
		fmt.Println(end.Format(time.DateOnly), before.StringFixed(2), after.StringFixed(2))
	}
	// Output:
	// 2026-02-01 251309.59 251309.59
	// 2026-03-01 231978.08 231978.08
	// 2026-04-01 210575.34 0.00
}

func ExampleSubscription_Amortize() {
	quote, _ := mss.RoutineOperations().Quote(120, mss.Months(2))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	periods, _ := bought.Amortize(mss.ByDay)
	for _, p := range periods {
		fmt.Println("until", p.End.Format(time.DateOnly), p.Amount.StringFixed(2), p.Deferred.StringFixed(2))
	}
	// Output:
	// until 2026-02-01 711.86 41288.14
	// until 2026-03-01 19932.21 21355.93
	// until 2026-03-31 21355.93 0.00
}

func ExampleSubscription_Refund() {
	quote, _ := mss.RoutineOperations().Quote(120, mss.Years(1))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	at := time.Date(2026, time.March, 15, 16, 30, 0, 0, mss.Beijing)
	for _, by := range []mss.Proration{mss.ByDay, mss.ByMonth} {
		refund, _ := bought.Refund(at, by)
		fmt.Println(refund)
	}
	_, err := bought.Refund(bought.End, mss.ByDay)
	fmt.Println(errors.Is(err, mss.ErrExpired))
	// Output:
	// by day, 44 of 365 days: paid 252000.00, consumed 30378.08, amount 221621.92 yuan
	// by month, 44 of 365 days: paid 252000.00, consumed 31838.71, amount 220161.29 yuan
	// true
}

// The day that was charged is served, and a preview is valid on its day only.
func ExampleSubscription_Cancel() {
	quote, _ := mss.RoutineOperations().Quote(120, mss.Years(1))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	at := time.Date(2026, time.March, 15, 16, 30, 0, 0, mss.Beijing)
	refund, _ := bought.Refund(at, mss.ByDay)

	closed, err := bought.Cancel(refund, at.Add(time.Hour))
	fmt.Println(closed.End, err)
	fmt.Println(closed.Status(at), closed.Status(closed.End))

	_, err = bought.Cancel(refund, at.Add(24*time.Hour))
	fmt.Println(errors.Is(err, mss.ErrDate))
	// Output:
	// 2026-03-16 00:00:00 +0800 UTC+8 <nil>
	// active cancelled
	// true
}

// A smaller number of machines, on the eve of an anchor day and to the months left:
// the end stays, and the customer is owed the difference.
func ExampleSubscription_Change() {
	plan := mss.RoutineOperations()
	large, _ := plan.Quote(50, mss.Years(1))   // 12 × 8400 = 100800 yuan
	small, _ := plan.Quote(20, mss.Months(10)) // 10 × 4200 = 42000 yuan
	bought, _ := large.Subscribe(time.Date(2026, time.January, 31, 9, 0, 0, 0, mss.Beijing))

	change, _ := bought.Change(small, time.Date(2026, time.March, 30, 9, 0, 0, 0, mss.Beijing), mss.ByMonth)
	fmt.Println("refund", change.Refund.Amount.StringFixed(2), "net", change.Net.StringFixed(2))
	fmt.Println(change.Closed.End.Format(time.DateOnly), change.Opened.End.Equal(bought.End))
	// Output:
	// refund 84000.00 net -42000.00
	// 2026-03-31 true
}
