package main

import (
	"encoding/csv"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

// focus runs mss ledger -focus and returns its rows by column.
func focus(t *testing.T, stdin string, args ...string) []map[string]string {
	t.Helper()
	got := inProcess(t, stdin, append([]string{"ledger", "-focus", "-account", "100001"}, args...))
	if got.Status != 0 || got.Stderr != "" {
		t.Fatalf("mss ledger -focus: status %d, standard error %q, want 0 and nothing", got.Status, got.Stderr)
	}
	table, err := csv.NewReader(strings.NewReader(got.Stdout)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, cells := range table[1:] {
		row := make(map[string]string)
		for i, name := range table[0] {
			row[name] = cells[i]
		}
		if len(row) != len(table[0]) {
			t.Fatalf("mss ledger -focus: a column twice in %q", table[0])
		}
		rows = append(rows, row)
	}
	return rows
}

// The rows of books, worked out by hand. What is the same in all rows is checked apart.
func TestFocus(t *testing.T) {
	columns := strings.Fields("x_SubscriptionId ChargeCategory ChargeClass ChargeFrequency BilledCost EffectiveCost BillingPeriodStart BillingPeriodEnd " +
		"ChargePeriodStart ChargePeriodEnd ConsumedQuantity ConsumedUnit PricingQuantity PricingUnit ListUnitPrice ListCost SkuId SkuPriceId ChargeDescription")
	const (
		january, february, march = "2025-12-31T16:00:00Z", "2026-01-31T16:00:00Z", "2026-02-28T16:00:00Z"
		routineSku               = "routine-operations/101-200, routine-operations/101-200/21000/month, "
		eventSku                 = "event-protection/201-500, event-protection/201-500/23000/day, "
	)
	want := []string{
		// 0.0357143 × 21000 = 750.0003 and 0.9642857 × 21000 = 20249.9997: right to the fen.
		"month, Purchase, , One-Time, 21000, 0, " + january + ", " + february + ", 2026-01-30T16:00:00Z, 2026-02-27T16:00:00Z, , , 1, Months, 21000, 21000, " +
			routineSku + "purchase: routine-operations; 120 machines; P1M",
		"month, Usage, , Recurring, 0, 750, " + january + ", " + february + ", 2026-01-30T16:00:00Z, 2026-01-31T16:00:00Z, 1, Days, 0.0357143, Months, 21000, 750.0003, " +
			routineSku + "service: routine-operations; 120 machines; P1M",
		"month, Usage, , Recurring, 0, 20250, " + february + ", " + march + ", 2026-01-31T16:00:00Z, 2026-02-27T16:00:00Z, 27, Days, 0.9642857, Months, 21000, 20249.9997, " +
			routineSku + "service: routine-operations; 120 machines; P1M",
		// 161000 for 5 to 11 February; 46000 are consumed on 5 and 6 February, and 115000 paid back on the 6th.
		"cut, Purchase, , One-Time, 161000, 0, " + january + ", " + february + ", 2026-02-04T16:00:00Z, 2026-02-11T16:00:00Z, , , 7, Days, 23000, 161000, " +
			eventSku + "purchase: event-protection; 300 machines; P7D",
		"cut, Usage, , Recurring, 0, 46000, " + february + ", " + march + ", 2026-02-04T16:00:00Z, 2026-02-06T16:00:00Z, 2, Days, 2, Days, 23000, 46000, " +
			eventSku + "service: event-protection; 300 machines; P7D",
		"cut, Purchase, Correction, One-Time, -115000, 0, " + february + ", " + march + ", 2026-02-05T16:00:00Z, 2026-02-11T16:00:00Z, , , -5, Days, 23000, -115000, " +
			eventSku + "refund: event-protection; 300 machines; P7D",
		"never, Purchase, , One-Time, 161000, 0, " + january + ", " + february + ", 2026-02-04T16:00:00Z, 2026-02-11T16:00:00Z, , , 7, Days, 23000, 161000, " +
			eventSku + "purchase: event-protection; 300 machines; P7D",
		"never, Purchase, Correction, One-Time, -161000, 0, " + february + ", " + march + ", 2026-01-31T16:00:00Z, 2026-02-11T16:00:00Z, , , -7, Days, 23000, -161000, " +
			eventSku + "refund: event-protection; 300 machines; P7D",
		"later, Purchase, , One-Time, 23000, 0, " + february + ", " + march + ", 2026-05-09T16:00:00Z, 2026-05-10T16:00:00Z, , , 1, Days, 23000, 23000, " +
			eventSku + "purchase: event-protection; 300 machines; P1D",
		"later, Usage, , Recurring, 0, 23000, 2026-04-30T16:00:00Z, 2026-05-31T16:00:00Z, 2026-05-09T16:00:00Z, 2026-05-10T16:00:00Z, 1, Days, 1, Days, 23000, 23000, " +
			eventSku + "service: event-protection; 300 machines; P1D",
	}
	same := map[string]string{
		"BillingAccountId": "100001", "BillingAccountName": "", "BillingCurrency": "CNY", "InvoiceIssuerName": "Tencent Cloud", "PricingCategory": "Standard",
		"ProviderName": "Tencent Cloud", "PublisherName": "Tencent Cloud", "ServiceCategory": "Security", "ServiceName": "Managed Security Service",
		"ServiceSubcategory": "Other (Security)", "SkuMeter": "Service Days", "SkuPriceDetails": "",
	}
	var got []string
	for _, row := range focus(t, "", books(t)...) {
		var cells []string
		for _, name := range columns {
			cells = append(cells, strings.ReplaceAll(row[name], ",", ";"))
			delete(row, name)
		}
		got = append(got, strings.Join(cells, ", "))
		delete(row, "ContractedCost") // the list cost, as TestFocusOfLives checks
		if diff := cmp.Diff(same, row); diff != "" {
			t.Errorf("mss ledger -focus: the other columns (-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mss ledger -focus: %q (-want +got):\n%s", columns, diff)
	}
}

// A refund in the billing period of the purchase corrects nothing that was billed before.
func TestFocusCorrection(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		{"buy" + event + " -on 2026-01-30 | refund -confirm -on 2026-01-31T15:59:59Z", ""},
		{"buy" + event + " -on 2026-01-30 | refund -confirm -on 2026-01-31T16:00:00Z", "Correction"},
	} {
		rows := focus(t, pipe(t, inProcess, "", test.line).Stdout)
		if last := rows[len(rows)-1]; last["ChargeClass"] != test.want || last["BilledCost"] != "-161000" {
			t.Errorf("mss %s: refund of class %q for %s, want %q for -161000", test.line, last["ChargeClass"], last["BilledCost"], test.want)
		}
	}
}

func TestFocusOfAMonth(t *testing.T) {
	var got []string
	for _, row := range focus(t, "", append(books(t), "-month", "2026-02")...) {
		got = append(got, row["x_SubscriptionId"]+" "+row["ChargeCategory"])
	}
	want := []string{"month Usage", "cut Usage", "cut Purchase", "never Purchase", "later Purchase"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mss ledger -focus -month 2026-02 (-want +got):\n%s", diff)
	}
	if got := inProcess(t, "[]", strings.Fields("ledger -focus -account 1")); strings.Count(got.Stdout, "\n") != 1 {
		t.Errorf("mss ledger -focus of nothing printed %q, want the heading", got.Stdout)
	}
}

// A plan may be priced by the year, and have a name in Chinese.
func TestFocusOfAnOwnPlan(t *testing.T) {
	const catalog = `[{"name": "年度", "unit": "year", "lead_days": 0, "tiers": [{"min": 1, "max": 5, "price": "15000"}]}]`
	bought := pipe(t, inProcess, catalog, "buy -catalog - -plan 年度 -machines 3 -term P2Y -on 2026-01-01")
	rows := focus(t, bought.Stdout, "-by", "month")
	if len(rows) != 25 {
		t.Fatalf("mss ledger -focus: %d rows, want a purchase and 24 months", len(rows))
	}
	// 15000 ÷ 12 = 1250 a month, which is 0.0833333 of a year: 1249.9995.
	for i, want := range []string{"30000 0 2 Years 15000 30000", "0 1250 0.0833333 Years 15000 1249.9995"} {
		row := rows[i]
		got := strings.Join([]string{row["BilledCost"], row["EffectiveCost"], row["PricingQuantity"], row["PricingUnit"], row["ListUnitPrice"], row["ListCost"]}, " ")
		if got != want {
			t.Errorf("mss ledger -focus: row %d: %s, want %s", i, got, want)
		}
		if want := `\u5e74\u5ea6/1-5`; row["SkuId"] != want {
			t.Errorf("mss ledger -focus: SkuId %s, want %s", row["SkuId"], want)
		}
	}
}

// What FOCUS asks of every row and of a whole life.
func TestFocusOfLives(t *testing.T) {
	all := lives(t, 300)
	sums := make(map[string]decimal.Decimal)
	number := func(text string) decimal.Decimal {
		d, err := decimal.NewFromString(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, row := range focus(t, marshalLines(t, all), "-by", "month") {
		for name, value := range row {
			if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Errorf("%s %q: want ASCII", name, value)
			}
			if strings.Contains(name, "Period") && !regexp.MustCompile(`^\d{4}-\d\d-\d\dT16:00:00Z$`).MatchString(value) {
				t.Errorf("%s %q: want the beginning of a day in Beijing, in UTC", name, value)
			}
		}
		if row["ChargePeriodStart"] >= row["ChargePeriodEnd"] || row["BillingPeriodStart"] >= row["BillingPeriodEnd"] {
			t.Errorf("period from %s to %s, billed from %s to %s", row["ChargePeriodStart"], row["ChargePeriodEnd"], row["BillingPeriodStart"], row["BillingPeriodEnd"])
		}
		billed, effective, list := number(row["BilledCost"]), number(row["EffectiveCost"]), number(row["ListCost"])
		if want := number(row["PricingQuantity"]).Mul(number(row["ListUnitPrice"])); !list.Equal(want) || row["ContractedCost"] != row["ListCost"] {
			t.Errorf("list cost %v, contracted cost %s: want exactly %s × %s", list, row["ContractedCost"], row["PricingQuantity"], row["ListUnitPrice"])
		}
		if want := billed.Add(effective); !list.Round(2).Equal(want) || !billed.IsZero() && !effective.IsZero() {
			t.Errorf("list cost %v, billed %v, effective %v: want one of the two, to the fen", list, billed, effective)
		}
		if usage := row["ChargeCategory"] == "Usage"; usage != (row["ConsumedQuantity"] != "") || usage != (row["ConsumedUnit"] == "Days") || !usage && row["EffectiveCost"] != "0" || usage && row["BilledCost"] != "0" {
			t.Errorf("a row of the wrong category: %v", row)
		}
		id := row["x_SubscriptionId"]
		sums[id] = sums[id].Add(billed).Sub(effective)
		if start, err := time.Parse(time.RFC3339, row["BillingPeriodStart"]); err != nil || start.Add(8*time.Hour).Day() != 1 {
			t.Errorf("billing period from %s: want the first of a month in Beijing", row["BillingPeriodStart"])
		}
	}
	if len(sums) != len(all) {
		t.Errorf("%d subscriptions, want %d", len(sums), len(all))
	}
	for id, sum := range sums {
		if !sum.IsZero() {
			t.Errorf("subscription %s: billed %v more than effective, want the same", id, sum)
		}
	}
}
