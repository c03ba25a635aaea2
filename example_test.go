package mss_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
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
	fmt.Println(bought)

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
	fmt.Println("refund", refund.Amount.StringFixed(2), "yuan after", refund.UsedDays, "of", refund.TotalDays, "days")
	fmt.Println("ends on", closed.End)
	// Output:
	// routine-operations, 120 machines (band 101-200), P1Y: 12 months × 21000.00 = 252000.00 yuan; 365 days from 2026-01-31 to 2027-01-30
	// renewed to 2028-01-31 00:00:00 +0800 UTC+8
	// refund 221621.92 yuan after 44 of 365 days
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
	fmt.Println("new service", change.Opened.Start.Format(time.DateOnly), "to", change.Opened.End.Format(time.DateOnly))
	fmt.Println("to pay", change.Net.StringFixed(2), "yuan")
	// Output:
	// six months used, refunded 25200.00 yuan
	// old service ends 2026-07-01
	// new service 2026-07-01 to 2027-01-01
	// to pay 25200.00 yuan
}

// Event protection for the week of an event, with its five days' notice.
func Example_eventProtection() {
	quote, _ := mss.EventProtection().Quote(300, mss.Days(7))
	fmt.Println(quote)

	purchased := time.Date(2026, time.September, 24, 18, 0, 0, 0, mss.Beijing)
	_, err := quote.SubscribeFrom(purchased, time.Date(2026, time.September, 28, 0, 0, 0, 0, mss.Beijing))
	fmt.Println(err)

	bought, _ := quote.SubscribeFrom(purchased, time.Date(2026, time.October, 1, 0, 0, 0, 0, mss.Beijing))
	for _, day := range []int{24, 30, 31, 37, 38} { // of September: 31 is 1 October
		at := time.Date(2026, time.September, day, 20, 0, 0, 0, mss.Beijing)
		fmt.Println(at.Format(time.DateOnly), bought.Status(at), bought.UsedDays(at), "used,", bought.DaysLeft(at), "left")
	}
	// Output:
	// event-protection, 300 machines (band 201-500), P7D: 7 days × 23000.00 = 161000.00 yuan
	// mss: subscribe event-protection: start 2026-09-28: want 2026-09-29 or later, as bought on 2026-09-24 with 5 days of notice: invalid date
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
				fmt.Printf("%-20s %2d days %10s %10s\n", s.Quote.Plan, p.Days, p.Amount.StringFixed(2), p.Deferred.StringFixed(2))
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
	fmt.Println("renewed for", renewed.Quote.Amount.StringFixed(2), "from", renewed.Start.Format(time.DateOnly))
	// Output:
	// bought for 1250.00
	// sold a minute later: false
	// renewed for 1400.00 from 2027-01-31
}

func ExampleUnit_String() {
	fmt.Println(mss.Day, mss.Month, mss.Year)
	// Output: day month year
}

func ExampleUnit_MarshalText() {
	text, err := mss.Month.MarshalText()
	fmt.Println(string(text), err)
	// Output: month <nil>
}

func ExampleUnit_UnmarshalText() {
	var unit mss.Unit
	fmt.Println(unit.UnmarshalText([]byte("day")), unit)
	fmt.Println(unit.UnmarshalText([]byte("week")))
	// Output:
	// <nil> day
	// mss: decode unit: "week": want one of ["day" "month" "year"]: invalid term
}

func ExampleUnit_Value() {
	column, err := mss.Month.Value()
	fmt.Println(column, err)
	// Output: month <nil>
}

func ExampleUnit_Scan() {
	var unit mss.Unit
	fmt.Println(unit.Scan("year"), unit)
	// Output: <nil> year
}

func ExampleDays() {
	quote, err := mss.EventProtection().Quote(50, mss.Days(3))
	fmt.Println(quote.Amount.StringFixed(2), err)
	// Output: 36000.00 <nil>
}

func ExampleMonths() {
	quote, err := mss.RoutineOperations().Quote(5, mss.Months(3))
	fmt.Println(quote.Amount.StringFixed(2), err)
	// Output: 3750.00 <nil>
}

func ExampleYears() {
	quote, err := mss.RoutineOperations().Quote(5, mss.Years(1))
	fmt.Println(quote.Amount.StringFixed(2), err)
	// Output: 15000.00 <nil>
}

func ExampleParseTerm() {
	term, err := mss.ParseTerm("P3M")
	fmt.Println(term.N, term.Unit, err)
	_, err = mss.ParseTerm("P1W")
	fmt.Println(err)
	// Output:
	// 3 month <nil>
	// mss: parse term: "P1W": want a term such as P3M: P1D to P36525D, P1M to P1200M or P1Y to P100Y: invalid term
}

func ExampleTerm_String() {
	fmt.Println(mss.Days(7), mss.Months(3), mss.Years(1))
	// Output: P7D P3M P1Y
}

func ExampleTerm_MarshalText() {
	document, err := json.Marshal(map[string]mss.Term{"term": mss.Months(3)})
	fmt.Println(string(document), err)
	// Output: {"term":"P3M"} <nil>
}

func ExampleTerm_UnmarshalText() {
	var order struct{ Term mss.Term }
	err := json.Unmarshal([]byte(`{"term": "P7D"}`), &order)
	fmt.Println(order.Term.N, order.Term.Unit, err)
	// Output: 7 day <nil>
}

func ExampleTerm_Value() {
	column, err := mss.Months(3).Value()
	fmt.Println(column, err)
	// Output: P3M <nil>
}

func ExampleTerm_Scan() {
	var term mss.Term
	fmt.Println(term.Scan("P3M"), term)
	fmt.Println(term.Scan(nil))
	// Output:
	// <nil> P3M
	// mss: scan term: column of type <nil>: want text: invalid term
}

func ExampleTerm_Validate() {
	fmt.Println(mss.Years(100).Validate())
	fmt.Println(mss.Years(101).Validate())
	// Output:
	// <nil>
	// mss: validate term: term P101Y: want a term such as P3M: P1D to P36525D, P1M to P1200M or P1Y to P100Y: invalid term
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

func ExampleTier_Equal() {
	a := mss.Tier{Min: 1, Max: 5, Price: decimal.RequireFromString("1250")}
	b := mss.Tier{Min: 1, Max: 5, Price: decimal.RequireFromString("1250.00")}
	fmt.Println(a.Equal(b))
	// Output: true
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
	// Output: mss: validate tiers: row 2: band 7-20: want it to start one above 5, without a gap or an overlap: invalid plan
}

func ExampleRoutineOperations() {
	plan := mss.RoutineOperations()
	first, last := plan.Tiers[0], plan.Tiers[len(plan.Tiers)-1]
	fmt.Println(plan.Name, plan.Title, "priced by the", plan.Unit)
	fmt.Println(first.Min, "to", first.Max, "machines:", first.Price.StringFixed(2))
	fmt.Println(last.Min, "to", last.Max, "machines:", last.Price.StringFixed(2))
	// Output:
	// routine-operations 日常运营版本 priced by the month
	// 1 to 5 machines: 1250.00
	// 5501 to 6000 machines: 356400.00
}

func ExampleEventProtection() {
	plan := mss.EventProtection()
	fmt.Println(plan.Name, plan.Title, "priced by the", plan.Unit, "with a notice of", plan.LeadDays, "days")
	for _, t := range plan.Tiers {
		fmt.Println(t.Min, "to", t.Max, "machines:", t.Price.StringFixed(2))
	}
	// Output:
	// event-protection 重保服务版本 priced by the day with a notice of 5 days
	// 1 to 50 machines: 12000.00
	// 51 to 200 machines: 17000.00
	// 201 to 500 machines: 23000.00
	// 501 to 1000 machines: 30000.00
}

func ExamplePlan_Validate() {
	plan := mss.RoutineOperations()
	fmt.Println(plan.Validate())
	plan.Tiers[2].Price = decimal.NewFromInt(840)
	fmt.Println(plan.Validate())
	// Output:
	// <nil>
	// mss: validate plan: "routine-operations": row 3: band 21-50: price 840.00: want at least 4200.00, the price of the band before: invalid plan
}

func ExamplePlan_Quote() {
	plan := mss.RoutineOperations()
	quote, err := plan.Quote(120, mss.Years(1))
	fmt.Println(quote.Amount.StringFixed(2), err)

	_, err = plan.Quote(6001, mss.Years(1))
	fmt.Println(err)
	_, err = plan.Quote(120, mss.Days(7))
	fmt.Println(err)
	// Output:
	// 252000.00 <nil>
	// mss: quote routine-operations: 6001 machines: above the last band, 6000: contact sales at https://cloud.tencent.com/act/event/connect-service: no published price
	// mss: quote routine-operations: term P7D: want one of months or years, as the plan is priced by the month: invalid term
}

func ExamplePlan_MarshalJSON() {
	document, err := json.Marshal(mss.Plan{
		Name: "small", Unit: mss.Day, Tiers: []mss.Tier{{Min: 1, Max: 5, Price: decimal.NewFromInt(80)}},
	})
	fmt.Println(string(document), err)
	// Output: {"name":"small","title":"","unit":"day","lead_days":0,"tiers":[{"min":1,"max":5,"price":"80"}]} <nil>
}

func ExamplePlan_UnmarshalJSON() {
	var plan mss.Plan
	err := json.Unmarshal([]byte(`{"name": "small", "unit": "day", "tiers": [{"min": 1, "max": 5, "price": 80}]}`), &plan)
	fmt.Println(err)
	// Output: mss: decode plan: lead_days: missing, want a whole number: invalid plan
}

func ExamplePublished() {
	for _, plan := range mss.Published() {
		fmt.Println(plan.Name, "in", len(plan.Tiers), "bands")
	}
	// Output:
	// routine-operations in 19 bands
	// event-protection in 4 bands
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
	fmt.Println(err)
	// Output: mss: find plan: "standard": want a name such as ["routine-operations" "event-protection"]: unknown plan
}

func ExampleCatalog_Validate() {
	fmt.Println(append(mss.Published(), mss.EventProtection()).Validate())
	// Output: mss: validate catalog: plan 3: "event-protection": given before, want another name: invalid plan
}

// A price book in the form in which it is kept, with the price of each year.
func ExampleReadPriceBook() {
	book, err := mss.ReadPriceBook(strings.NewReader(`[
		{"from": "2026-01-01T00:00:00+08:00", "catalog": [
			{"name": "guard", "unit": "month", "lead_days": 0, "tiers": [{"min": 1, "max": 50, "price": "7999.90"}]}
		]},
		{"from": "2027-01-01T00:00:00+08:00", "catalog": [
			{"name": "guard", "unit": "month", "lead_days": 0, "tiers": [{"min": 1, "max": 50, "price": "8499.90"}]}
		]}
	]`))
	if err != nil {
		log.Fatal(err)
	}
	for _, list := range book {
		fmt.Println(list.From.Format(time.DateOnly), list.Catalog[0].Tiers[0].Price.StringFixed(2))
	}
	// Output:
	// 2026-01-01 7999.90
	// 2027-01-01 8499.90
}

func ExamplePriceBook_At() {
	book := mss.PriceBook{{From: time.Date(2026, time.January, 1, 0, 0, 0, 0, mss.Beijing), Catalog: mss.Published()}}
	catalog, err := book.At(time.Date(2026, time.March, 15, 12, 0, 0, 0, mss.Beijing))
	fmt.Println(len(catalog), "plans", err)
	_, err = book.At(time.Date(2025, time.December, 31, 12, 0, 0, 0, mss.Beijing))
	fmt.Println(err)
	// Output:
	// 2 plans <nil>
	// mss: find price list: 2025-12-31T12:00:00+08:00: want 2026-01-01T00:00:00+08:00, the start of the first list, or later: invalid date
}

func ExamplePriceBook_Validate() {
	list := mss.DatedCatalog{From: time.Date(2026, time.January, 1, 0, 0, 0, 0, mss.Beijing), Catalog: mss.Published()}
	fmt.Println(mss.PriceBook{list, list}.Validate())
	// Output: mss: validate price book: list 2: from 2026-01-01T00:00:00+08:00: want an instant after 2026-01-01T00:00:00+08:00, that of the list before: invalid plan
}

func ExampleDatedCatalog_MarshalJSON() {
	document, err := json.Marshal(mss.DatedCatalog{
		From: time.Date(2025, time.December, 31, 16, 0, 0, 0, time.UTC),
		Catalog: mss.Catalog{{
			Name: "guard", Unit: mss.Day, Tiers: []mss.Tier{{Min: 1, Max: 5, Price: decimal.NewFromInt(80)}},
		}},
	})
	fmt.Println(string(document), err)
	// Output: {"from":"2026-01-01T00:00:00+08:00","catalog":[{"name":"guard","title":"","unit":"day","lead_days":0,"tiers":[{"min":1,"max":5,"price":"80"}]}]} <nil>
}

func ExampleDatedCatalog_UnmarshalJSON() {
	var list mss.DatedCatalog
	fmt.Println(json.Unmarshal([]byte(`{"from": "1 January", "catalog": []}`), &list))
	// Output: mss: decode dated catalog: from: "1 January": want an instant such as 2026-01-01T00:00:00+08:00: invalid plan
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

func ExampleQuote_String() {
	quote, _ := mss.EventProtection().Quote(1, mss.Days(1))
	fmt.Println(quote)
	// Output: event-protection, 1 machine (band 1-50), P1D: 1 day × 12000.00 = 12000.00 yuan
}

func ExampleQuote_MarshalJSON() {
	quote, _ := mss.RoutineOperations().Quote(120, mss.Years(1))
	document, err := json.Marshal(quote)
	fmt.Println(string(document), err)
	// Output: {"plan":"routine-operations","machines":120,"term":"P1Y","tier":{"min":101,"max":200,"price":"21000"},"lead_days":0,"amount":"252000"} <nil>
}

func ExampleQuote_UnmarshalJSON() {
	var quote mss.Quote
	err := json.Unmarshal([]byte(`{"plan": "routine-operations", "machines": 120, "term": "P1Y",
		"tier": {"min": 101, "max": 200, "price": 21000}, "lead_days": 0, "amount": 251000}`), &quote)
	fmt.Println(err)
	// Output: mss: decode quote: amount 251000.00: want 252000.00, the price 21000.00 × 12: inconsistent value
}

func ExampleQuote_Value() {
	quote, _ := mss.RoutineOperations().Quote(5, mss.Months(1))
	column, err := quote.Value() // or: db.Exec("INSERT INTO quotes (document) VALUES (?)", quote)
	fmt.Println(column, err)
	// Output: {"plan":"routine-operations","machines":5,"term":"P1M","tier":{"min":1,"max":5,"price":"1250"},"lead_days":0,"amount":"1250"} <nil>
}

func ExampleQuote_Scan() {
	quote, _ := mss.RoutineOperations().Quote(5, mss.Months(1))
	column, _ := quote.Value()

	var read mss.Quote
	err := read.Scan(column) // or: db.QueryRow("SELECT document FROM quotes").Scan(&read)
	fmt.Println(read.Equal(quote), err)
	// Output: true <nil>
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

func ExampleStatus_String() {
	fmt.Println(mss.Scheduled, mss.Active, mss.Expired, mss.Cancelled)
	// Output: scheduled active expired cancelled
}

func ExampleStatus_MarshalText() {
	document, err := json.Marshal(map[string]mss.Status{"status": mss.Active})
	fmt.Println(string(document), err)
	// Output: {"status":"active"} <nil>
}

func ExampleStatus_UnmarshalText() {
	var status mss.Status
	fmt.Println(status.UnmarshalText([]byte("expired")), status)
	// Output: <nil> expired
}

func ExampleStatus_Value() {
	column, err := mss.Active.Value()
	fmt.Println(column, err)
	// Output: active <nil>
}

func ExampleStatus_Scan() {
	var status mss.Status
	fmt.Println(status.Scan([]byte("active")), status)
	// Output: <nil> active
}

func ExampleSubscription_Validate() {
	quote, _ := mss.RoutineOperations().Quote(120, mss.Years(1))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	bought.End = bought.End.AddDate(0, 1, 0)
	fmt.Println(bought.Validate())
	// Output: mss: validate subscription: end 2027-03-03T00:00:00+08:00: want 2027-01-31T00:00:00+08:00: inconsistent value
}

func ExampleSubscription_Equal() {
	quote, _ := mss.RoutineOperations().Quote(120, mss.Years(1))
	purchased := time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing)
	a, _ := quote.Subscribe(purchased)
	b, _ := quote.Subscribe(purchased.UTC())
	fmt.Println(a.Equal(b))
	// Output: true
}

func ExampleSubscription_String() {
	quote, _ := mss.EventProtection().Quote(300, mss.Days(7))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	refund, _ := bought.Refund(bought.Purchased, mss.ByDay)
	closed, _ := bought.Cancel(refund, bought.Purchased)
	fmt.Println(bought)
	fmt.Println(closed)
	// Output:
	// event-protection, 300 machines (band 201-500), P7D: 7 days × 23000.00 = 161000.00 yuan; 7 days from 2026-02-05 to 2026-02-11
	// event-protection, 300 machines (band 201-500), P7D: 7 days × 23000.00 = 161000.00 yuan; 0 days; refunded 161000.00 yuan
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

func ExampleSubscription_MarshalJSON() {
	quote, _ := mss.EventProtection().Quote(300, mss.Days(7))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	document, err := json.MarshalIndent(bought, "", "  ")
	fmt.Println(string(document), err)
	// Output:
	// {
	//   "quote": {
	//     "plan": "event-protection",
	//     "machines": 300,
	//     "term": "P7D",
	//     "tier": {
	//       "min": 201,
	//       "max": 500,
	//       "price": "23000"
	//     },
	//     "lead_days": 5,
	//     "amount": "161000"
	//   },
	//   "purchased": "2026-01-31T10:00:00+08:00",
	//   "start": "2026-02-05T00:00:00+08:00",
	//   "end": "2026-02-12T00:00:00+08:00",
	//   "anchor_day": 5
	// } <nil>
}

func ExampleSubscription_UnmarshalJSON() {
	quote, _ := mss.EventProtection().Quote(300, mss.Days(7))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	document, _ := json.Marshal(bought)

	var read mss.Subscription
	fmt.Println(json.Unmarshal(document, &read), read.Equal(bought))

	edited := strings.Replace(string(document), "2026-02-12", "2026-03-12", 1)
	fmt.Println(json.Unmarshal([]byte(edited), &read))
	// Output:
	// <nil> true
	// mss: decode subscription: end 2026-03-12T00:00:00+08:00: want 2026-02-12T00:00:00+08:00: inconsistent value
}

func ExampleSubscription_Value() {
	quote, _ := mss.RoutineOperations().Quote(5, mss.Months(1))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	column, err := bought.Value() // or: db.Exec("INSERT INTO subscription (document) VALUES (?)", bought)
	fmt.Println(column, err)
	// Output: {"quote":{"plan":"routine-operations","machines":5,"term":"P1M","tier":{"min":1,"max":5,"price":"1250"},"lead_days":0,"amount":"1250"},"purchased":"2026-01-31T10:00:00+08:00","start":"2026-01-31T00:00:00+08:00","end":"2026-02-28T00:00:00+08:00","anchor_day":31} <nil>
}

func ExampleSubscription_Scan() {
	quote, _ := mss.RoutineOperations().Quote(5, mss.Months(1))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	column, _ := bought.Value()

	var read mss.Subscription
	err := read.Scan(column) // or: db.QueryRow("SELECT document FROM subscription").Scan(&read)
	fmt.Println(read.Equal(bought), err)
	// Output: true <nil>
}

func ExampleSubscription_LogValue() {
	quote, _ := mss.RoutineOperations().Quote(120, mss.Years(1))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	log.Info("bought", "mss", bought)
	// Output: level=INFO msg=bought mss.plan=routine-operations mss.machines=120 mss.term=P1Y mss.amount=252000.00 mss.start=2026-01-31 mss.end=2027-01-31
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

func ExampleSubscription_Amortize() {
	quote, _ := mss.RoutineOperations().Quote(120, mss.Months(2))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	periods, _ := bought.Amortize(mss.ByDay)
	for _, p := range periods {
		fmt.Println("until", p.End.Format(time.DateOnly), p.Days, p.Amount.StringFixed(2), "remaining", p.Deferred.StringFixed(2))
	}
	// Output:
	// until 2026-02-01 1 711.86 remaining 41288.14
	// until 2026-03-01 28 19932.21 remaining 21355.93
	// until 2026-03-31 30 21355.93 remaining 0.00
}

func ExampleSubscription_Refund() {
	quote, _ := mss.RoutineOperations().Quote(120, mss.Years(1))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	at := time.Date(2026, time.March, 15, 16, 30, 0, 0, mss.Beijing)
	for _, by := range []mss.Proration{mss.ByDay, mss.ByMonth} {
		refund, _ := bought.Refund(at, by)
		fmt.Printf("by %v: %d of %d days: %s of %s yuan consumed, refund %s\n", by, refund.UsedDays, refund.TotalDays,
			refund.Consumed.StringFixed(2), refund.Paid.StringFixed(2), refund.Amount.StringFixed(2))
	}
	_, err := bought.Refund(bought.End, mss.ByDay)
	fmt.Println(err)
	// Output:
	// by day: 44 of 365 days: 30378.08 of 252000.00 yuan consumed, refund 221621.92
	// by month: 44 of 365 days: 31838.71 of 252000.00 yuan consumed, refund 220161.29
	// mss: refund routine-operations: 2027-01-31T00:00:00+08:00: want a time before 2027-01-31T00:00:00+08:00, the end: subscription expired
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

// A smaller number of machines: the customer is owed the difference.
func ExampleSubscription_Change() {
	plan := mss.RoutineOperations()
	large, _ := plan.Quote(50, mss.Months(12)) // 12 × 8400 = 100800 yuan
	small, _ := plan.Quote(20, mss.Months(12)) // 12 × 4200 = 50400 yuan
	bought, _ := large.Subscribe(time.Date(2026, time.January, 1, 9, 0, 0, 0, mss.Beijing))

	change, _ := bought.Change(small, time.Date(2026, time.January, 31, 9, 0, 0, 0, mss.Beijing), mss.ByMonth)
	fmt.Println("refund", change.Refund.Amount.StringFixed(2), "net", change.Net.StringFixed(2))
	fmt.Println(change.Closed.End.Equal(change.Opened.Start))
	// Output:
	// refund 92400.00 net -42000.00
	// true
}

func ExampleProration_String() {
	fmt.Println(mss.ByDay, mss.ByMonth)
	// Output: day month
}

func ExampleProration_MarshalText() {
	text, err := mss.ByMonth.MarshalText()
	fmt.Println(string(text), err)
	// Output: month <nil>
}

func ExampleProration_UnmarshalText() {
	var by mss.Proration
	fmt.Println(by.UnmarshalText([]byte("day")), by)
	fmt.Println(by.UnmarshalText([]byte("hour")))
	// Output:
	// <nil> day
	// mss: decode proration: "hour": want one of ["day" "month"]: inconsistent value
}

func ExampleProration_Value() {
	column, err := mss.ByMonth.Value()
	fmt.Println(column, err)
	// Output: month <nil>
}

func ExampleProration_Scan() {
	var by mss.Proration
	fmt.Println(by.Scan("month"), by)
	// Output: <nil> month
}

func ExampleRefund_Equal() {
	quote, _ := mss.RoutineOperations().Quote(120, mss.Years(1))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	at := time.Date(2026, time.March, 15, 16, 30, 0, 0, mss.Beijing)
	a, _ := bought.Refund(at, mss.ByDay)
	b, _ := bought.Refund(at.UTC(), mss.ByDay)
	fmt.Println(a.Equal(b))
	// Output: true
}

func ExampleRefund_MarshalJSON() {
	quote, _ := mss.RoutineOperations().Quote(120, mss.Years(1))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	refund, _ := bought.Refund(time.Date(2026, time.March, 15, 16, 30, 0, 0, mss.Beijing), mss.ByDay)
	document, err := json.Marshal(refund)
	fmt.Println(string(document), err)
	// Output: {"at":"2026-03-15T16:30:00+08:00","by":"day","used_days":44,"total_days":365,"paid":"252000","consumed":"30378.08","amount":"221621.92"} <nil>
}

func ExampleRefund_UnmarshalJSON() {
	var refund mss.Refund
	err := json.Unmarshal([]byte(`{"at": "2026-03-15T16:30:00+08:00", "by": "day", "used_days": 44, "total_days": 365,
		"paid": "252000", "consumed": "30378.08", "amount": "221621.93"}`), &refund)
	fmt.Println(err)
	// Output: mss: decode refund: amount 221621.93: want 221621.92: inconsistent value
}

func ExampleRefund_Value() {
	quote, _ := mss.RoutineOperations().Quote(5, mss.Months(1))
	bought, _ := quote.Subscribe(time.Date(2026, time.January, 31, 10, 0, 0, 0, mss.Beijing))
	refund, _ := bought.Refund(bought.Purchased, mss.ByDay)
	column, err := refund.Value()
	fmt.Println(column, err)
	// Output: {"at":"2026-01-31T10:00:00+08:00","by":"day","used_days":1,"total_days":28,"paid":"1250","consumed":"44.64","amount":"1205.36"} <nil>
}

func ExampleRefund_Scan() {
	var refund mss.Refund
	err := refund.Scan(`{"at": "2026-01-31T10:00:00+08:00", "by": "day", "used_days": 1, "total_days": 28,
		"paid": "1250", "consumed": "44.64", "amount": "1205.36"}`)
	fmt.Println(refund.Amount.StringFixed(2), err)
	// Output: 1205.36 <nil>
}
