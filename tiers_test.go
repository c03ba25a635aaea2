package mss_test

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.com/mss"
	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

// The price list as Tencent Cloud publishes it, in yuan a month and in 万元 (10,000 yuan) a day.
const (
	publishedRoutine = `
		1-5台 1,250
		6-20台 4,200
		21-50台 8,400
		51-100台 12,500
		101-200台 21,000
		201-400台 29,500
		401-600台 42,000
		601-800台 54,500
		801-1,000台 64,800
		1,001-1,500台 89,100
		1,501-2,000台 118,800
		2,001-2,500台 148,500
		2,501-3,000台 178,200
		3,001-3,500台 207,900
		3,501-4,000台 237,600
		4,001-4,500台 267,300
		4,501-5,000台 297,000
		5,001-5,500台 326,700
		5,501-6,000台 356,400`
	publishedEvent = `
		1-50台 1.2万
		51-200台 1.7万
		201-500台 2.3万
		501-1,000台 3.0万`
)

// published returns the rows of a published table as "1001-1500 89100.00".
func published(table string) []string {
	var all []string
	for line := range strings.Lines(strings.TrimSpace(table)) {
		machines, price, _ := strings.Cut(strings.ReplaceAll(strings.TrimSpace(line), ",", ""), "台 ")
		number, tenThousands := strings.CutSuffix(price, "万")
		yuan := dec(number)
		if tenThousands {
			yuan = yuan.Mul(dec("10000"))
		}
		all = append(all, machines+" "+yuan.StringFixed(2))
	}
	return all
}

// rows returns the rows of a plan's table in the same form.
func rows(p mss.Plan) []string {
	var all []string
	for _, tier := range p.Tiers {
		all = append(all, row(tier))
	}
	return all
}

func row(t mss.Tier) string { return fmt.Sprintf("%d-%d %s", t.Min, t.Max, t.Price.StringFixed(2)) }

// bands is the reverse of rows.
func bands(rows ...string) []mss.Tier {
	tiers := make([]mss.Tier, len(rows))
	for i, row := range rows {
		var price string
		must(fmt.Sscanf(row, "%d-%d %s", &tiers[i].Min, &tiers[i].Max, &price))
		tiers[i].Price = dec(price)
	}
	return tiers
}

// The code, the data file and the published form are the same price list.
func TestPublishedPrices(t *testing.T) {
	want := mss.Catalog{
		{
			Name: "routine-operations", Title: "日常运营版本", Unit: mss.Month, LeadDays: 0,
			Tiers: bands(published(publishedRoutine)...),
		},
		{
			Name: "event-protection", Title: "重保服务版本", Unit: mss.Day, LeadDays: 5,
			Tiers: bands(published(publishedEvent)...),
		},
	}
	if routine, event := len(want[0].Tiers), len(want[1].Tiers); routine != 19 || event != 4 {
		t.Fatalf("%d and %d published bands, want 19 and 4", routine, event)
	}
	file := must(os.Open("testdata/published.json"))
	defer file.Close()
	for source, got := range map[string]mss.Catalog{
		"testdata/published.json": must(mss.ReadCatalog(file)),
		"Published":               mss.Published(),
		"the plans one by one":    {mss.RoutineOperations(), mss.EventProtection()},
		"Published, by name": {
			must(mss.Published().Plan("routine-operations")),
			must(mss.Published().Plan("event-protection")),
		},
	} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", source, diff)
		}
		if err := got.Validate(); err != nil {
			t.Errorf("%s: Validate() = %v, want nil", source, err)
		}
	}
}

// Each count of machines, from one to the last, is in the band and has the price that is published for it.
func TestPublishedPriceOfEveryCount(t *testing.T) {
	for _, tt := range []struct {
		plan  mss.Plan
		term  mss.Term
		table string
		last  int
	}{
		{mss.RoutineOperations(), mss.Months(1), publishedRoutine, 6000},
		{mss.EventProtection(), mss.Days(1), publishedEvent, 1000},
	} {
		machines := 0
		for _, want := range published(tt.table) {
			_, end, _ := strings.Cut(strings.Fields(want)[0], "-")
			for last := must(strconv.Atoi(end)); machines < last; {
				machines++
				tier, err := mss.Lookup(tt.plan.Tiers, machines)
				check(t, fmt.Sprintf("%s: Lookup(%d)", tt.plan.Name, machines), gives(want), row, tier, err)
				quote, err := tt.plan.Quote(machines, tt.term)
				check(t, fmt.Sprintf("%s: Quote(%d, %v)", tt.plan.Name, machines, tt.term), gives(want),
					func(q mss.Quote) string {
						return fmt.Sprintf("%d-%d %s", q.Tier.Min, q.Tier.Max, q.Amount.StringFixed(2))
					}, quote, err)
			}
		}
		if machines != tt.last {
			t.Errorf("%s: %d machines have a price, want %d", tt.plan.Name, machines, tt.last)
		}
		for _, above := range []int{tt.last + 1, 10 * tt.last, math.MaxInt} {
			_, err := tt.plan.Quote(above, tt.term)
			says := fmt.Sprintf("quote %s: %d machines: above the last band, %d: contact sales at "+mss.ContactURL,
				tt.plan.Name, above, tt.last)
			checkError(t, fmt.Sprintf("%s: Quote(%d, %v)", tt.plan.Name, above, tt.term), err, mss.ErrContactSales, says)
		}
	}
}

func TestLookup(t *testing.T) {
	three := bands("1-5 100", "6-20 200", "21-50 300")
	for _, tt := range []struct {
		tiers    []mss.Tier
		machines int
		want     outcome
	}{
		{three, 1, gives("1-5 100.00")},
		{three, 5, gives("1-5 100.00")},
		{three, 6, gives("6-20 200.00")},
		{three, 20, gives("6-20 200.00")},
		{three, 21, gives("21-50 300.00")},
		{three, 50, gives("21-50 300.00")},
		{three[:1], 5, gives("1-5 100.00")},
		{bands("1-9223372036854775807 1"), math.MaxInt, gives("1-9223372036854775807 1.00")},
		{three, 0, fails(mss.ErrMachines, "lookup: 0 machines: want 1 to 50")},
		{three, -1, fails(mss.ErrMachines, "lookup: -1 machines: want 1 to 50")},
		{three, math.MinInt, fails(mss.ErrMachines, "-9223372036854775808 machines: want 1 to 50")},
		{three, 51,
			fails(mss.ErrContactSales, "lookup: 51 machines: above the last band, 50: contact sales at "+mss.ContactURL)},
		{three, math.MaxInt, fails(mss.ErrContactSales, "9223372036854775807 machines: above the last band, 50")},
		{three[:1], 6,
			fails(mss.ErrContactSales, "6 machines: above the last band, 5: contact sales at "+mss.ContactURL)},
		{nil, 1, fails(mss.ErrPlan, "lookup: 1 machine: no bands, want at least one")},
		{[]mss.Tier{}, 0, fails(mss.ErrPlan, "lookup: 0 machines: no bands, want at least one")},
		{bands("1-5 1", "8-9 2"), 6,
			fails(mss.ErrPlan, "lookup: 6 machines: in no band of 2, want bands without gaps")},
		{bands("1-5 1", "8-9 2"), 7, fails(mss.ErrPlan, "lookup: 7 machines: in no band of 2")},
		{bands("1-5 1", "9-7 2"), 7, fails(mss.ErrPlan, "lookup: 7 machines: in no band of 2")},
		{bands("2-5 1"), 1, fails(mss.ErrPlan, "lookup: 1 machine: in no band of 1")},
		{bands("0-5 1"), 0, fails(mss.ErrMachines, "lookup: 0 machines: want 1 to 5")},
		{bands("-9-5 1"), -3, fails(mss.ErrMachines, "lookup: -3 machines: want 1 to 5")},
	} {
		before := slices.Clone(tt.tiers)
		got, err := mss.Lookup(tt.tiers, tt.machines)
		check(t, fmt.Sprintf("Lookup(%v, %d)", tt.tiers, tt.machines), tt.want, row, got, err)
		if !slices.Equal(tt.tiers, before) {
			t.Errorf("Lookup(%v, %d) wrote %v", before, tt.machines, tt.tiers)
		}
	}
}

// Of tiers in any order, or that overlap, the answer is a band that contains the count or an error, and the tiers stay
// as they are.
func TestLookupOfUnsortedTiers(t *testing.T) {
	for _, tiers := range [][]mss.Tier{
		bands("1-5 1", "21-50 3", "6-20 2"),
		bands("6-20 2", "1-5 1", "21-50 3"),
		bands("6-20 2", "21-50 3", "1-5 1"),
		bands("21-50 3", "1-5 1", "6-20 2"),
		bands("21-50 3", "6-20 2", "1-5 1"),
		bands("1-50 1", "6-20 2", "10-30 3"),
		bands("50-1 1", "20-6 2", "0-0 3"),
	} {
		before := slices.Clone(tiers)
		for machines := -1; machines <= 52; machines++ {
			tier, err := mss.Lookup(tiers, machines)
			if err == nil && (machines < 1 || tier.Min > machines || tier.Max < machines) {
				t.Errorf("Lookup(%v, %d) = %s, want a band that contains it, or an error", tiers, machines, row(tier))
			}
			mss.Affordable(tiers, decimal.NewFromInt(int64(machines)))
		}
		_ = mss.ValidateTiers(tiers)
		if !slices.Equal(tiers, before) {
			t.Errorf("%v became %v, want it left alone", before, tiers)
		}
	}
}

func TestWithin(t *testing.T) {
	const none = "none"
	routine, event := mss.RoutineOperations().Tiers, mss.EventProtection().Tiers
	for _, tt := range []struct {
		tiers  []mss.Tier
		budget decimal.Decimal
		want   string
	}{
		{routine, dec("20000"), "51-100 12500.00"},
		{routine, dec("20000.50"), "51-100 12500.00"},
		{routine, dec("12500"), "51-100 12500.00"},
		{routine, dec("12500.000"), "51-100 12500.00"},
		{routine, decimal.New(125, 2), "51-100 12500.00"},
		{routine, dec("12499.999"), "21-50 8400.00"},
		{routine, dec("12499.99999999999999999999999"), "21-50 8400.00"},
		{routine, dec("12500.00000000000000000000001"), "51-100 12500.00"},
		{routine, dec("9500.000000000000000"), "21-50 8400.00"},
		{routine, dec("1250"), "1-5 1250.00"},
		{routine, dec("1249.99"), none},
		{routine, dec("0.01"), none},
		{routine, dec("0"), none},
		{routine, dec("-1250"), none},
		{routine, dec("-0.001"), none},
		{routine, decimal.Decimal{}, none},
		{routine, dec("356399.99"), "5001-5500 326700.00"},
		{routine, dec("356400"), "5501-6000 356400.00"},
		{routine, dec("9999999999999999.99"), "5501-6000 356400.00"},
		{routine, dec("10000000000000000"), "5501-6000 356400.00"},
		{routine, dec("99999999999999999"), "5501-6000 356400.00"},
		{routine, decimal.New(math.MaxInt64, -2), "5501-6000 356400.00"},
		{routine, decimal.New(1, 16), "5501-6000 356400.00"},
		{routine, decimal.New(9, 16), "5501-6000 356400.00"},
		{routine, decimal.New(92233720368547759, 0), "5501-6000 356400.00"},
		{routine, decimal.New(1, 17), "5501-6000 356400.00"},
		{routine, decimal.New(1, 2000000000), "5501-6000 356400.00"},
		{routine, decimal.New(1, math.MaxInt32), "5501-6000 356400.00"},
		{routine, decimal.New(-1, 2000000000), none},
		{routine, decimal.New(1, -2000000000), none},
		{routine, decimal.New(math.MaxInt64, math.MinInt32), none},
		{routine, decimal.New(0, 2000000000), none},
		{routine, decimal.New(0, -2000000000), none},
		{event, dec("17000"), "51-200 17000.00"},
		{event, dec("16999.99"), "1-50 12000.00"},
		{event, dec("11999.99"), none},
		{bands("1-5 100", "6-20 100", "21-50 100.01"), dec("100"), "6-20 100.00"},
		{bands("1-5 0.01"), dec("0.01"), "1-5 0.01"},
		{bands("1-5 0.01"), dec("0.009"), none},
		{bands("1-5 1000000000000"), dec("1000000000000"), "1-5 1000000000000.00"},
		{bands("1-5 1000000000000"), dec("999999999999.99"), none},
		{bands("1-5 100", "6-20 100.001"), dec("1000"), "1-5 100.00"},
		{[]mss.Tier{{Min: 1, Max: 5, Price: absurd[0]}}, dec("1000"), none},
		{[]mss.Tier{{Min: 1, Max: 5, Price: absurd[0]}}, decimal.New(1, 2000000001), none},
		{nil, dec("1000"), none},
	} {
		got, ok := mss.Affordable(tt.tiers, tt.budget)
		text := row(got)
		if !ok {
			text = none
			if got != (mss.Tier{}) {
				t.Errorf("Within(%s) = %s, false, want the zero tier", exponential(tt.budget), row(got))
			}
		}
		if text != tt.want {
			t.Errorf("Within(%s) = %s, want %s", exponential(tt.budget), text, tt.want)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	tiers := mss.RoutineOperations().Tiers
	for _, machines := range []int{1, 120, 6000} {
		if got := testing.AllocsPerRun(100, func() { _, _ = mss.Lookup(tiers, machines) }); got != 0 {
			t.Errorf("Lookup(%d) allocates %v times, want 0", machines, got)
		}
	}
	for _, budget := range []string{"0", "1250", "12499.999", "20000.50", "356400", "1000000000000", "-5"} {
		limit := dec(budget)
		if got := testing.AllocsPerRun(100, func() { mss.Affordable(tiers, limit) }); got != 0 {
			t.Errorf("Within(%s) allocates %v times, want 0", budget, got)
		}
	}
}

func TestValidateTiers(t *testing.T) {
	for _, tiers := range [][]mss.Tier{
		mss.RoutineOperations().Tiers,
		mss.EventProtection().Tiers,
		bands("1-1 0.01"),
		bands("1-1 1", "2-2 1"),
		bands("1-9223372036854775807 1000000000000"),
		bands("1-5 1250.000", "6-20 1250.0000000000000000000000000"),
		{{Min: 1, Max: 5, Price: decimal.New(1, 12)}},
		{{Min: 1, Max: 5, Price: decimal.New(1, -2)}, {Min: 6, Max: 20, Price: decimal.New(10000, -6)}},
	} {
		if err := mss.ValidateTiers(tiers); err != nil {
			t.Errorf("ValidateTiers(%v) = %v, want nil", tiers, err)
		}
	}

	for _, tt := range []struct {
		tiers []mss.Tier
		says  string
	}{
		{nil, "no bands, want at least one"},
		{[]mss.Tier{}, "no bands, want at least one"},
		{bands("2-5 1"), "row 1: band 2-5: want it to start at 1"},
		{bands("0-5 1"), "row 1: band 0-5: want 1 <= min <= max"},
		{bands("-1-5 1"), "row 1: band -1-5: want 1 <= min <= max"},
		{bands("1-0 1"), "row 1: band 1-0: want 1 <= min <= max"},
		{bands("1-5 1", "6-5 2"), "row 2: band 6-5: want 1 <= min <= max"},
		{bands("1-5 1", "7-9 2"),
			"row 2: band 7-9: leaves a gap after the band before, 1-5: want it to start one above 5"},
		{bands("1-5 1", "5-9 2"),
			"row 2: band 5-9: overlaps or precedes the band before, 1-5: want it to start one above 5"},
		{bands("1-5 1", "1-5 2"), "row 2: band 1-5: overlaps or precedes the band before, 1-5"},
		{bands("1-5 1", "6-9 2", "1-9 3"),
			"row 3: band 1-9: overlaps or precedes the band before, 6-9: want ... above 9"},
		{bands("1-5 1", "21-50 2", "6-20 3"), "row 2: band 21-50: leaves a gap"},
		{bands("1-9223372036854775807 1", "1-5 2"), "row 2: band 1-5: overlaps"},
		{bands("1-5 2", "6-9 1.99"), "row 2: band 6-9: price 1.99: want at least 2.00, the price of the band before"},
		{bands("1-5 1", "6-9 3", "10-12 2"), "row 3: band 10-12: price 2.00: want at least 3.00"},
		{bands("1-5 0"), "row 1: band 1-5: price 0.00: want 0.01 to 1000000000000.00 yuan, in whole fen"},
		{bands("1-5 -1"), "row 1: band 1-5: price -1: want 0.01"},
		{bands("1-5 0.001"), "row 1: band 1-5: price 0.001: want 0.01"},
		{bands("1-5 0.009"), "row 1: band 1-5: price 0.009: want 0.01"},
		{bands("1-5 1.005"), "row 1: band 1-5: price 1.005: want 0.01"},
		{bands("1-5 0.0100000000000000000000000001"), "price 0.0100000000000000000000000001: want ... in whole fen"},
		{bands("1-5 1", "6-9 1000000000000.01"),
			"row 2: band 6-9: price 1000000000000.01: want 0.01 to 1000000000000.00"},
		{bands("1-5 1", "6-9 92233720368547758.08"), "row 2: band 6-9: price 92233720368547758.08: want 0.01"},
		{bands("1-5 1", "6-9 184467440737095516.17"), "price 184467440737095516.17: want 0.01"},
	} {
		err := mss.ValidateTiers(tt.tiers)
		checkError(t, fmt.Sprintf("ValidateTiers(%v)", tt.tiers), err, mss.ErrPlan, "validate tiers: ... "+tt.says)
	}

	for _, tt := range []struct {
		price decimal.Decimal
		says  string
	}{
		{decimal.Decimal{}, "price 0.00: want 0.01"},
		{decimal.New(0, 2000000000), "price 0.00: want 0.01"},
		{decimal.New(0, -2000000000), "price 0.00: want 0.01"},
		{decimal.New(1, 2000000000), "price ~10^2000000000: want 0.01"},
		{decimal.New(1, -2000000000), "price ~10^-2000000000: want 0.01"},
		{decimal.New(-1, 2000000000), "price -~10^2000000000: want 0.01"},
		{decimal.New(-1, -2000000000), "price -~10^-2000000000: want 0.01"},
		{decimal.New(100, math.MaxInt32), "price ~10^2147483649: want 0.01"},
		{decimal.New(100, math.MinInt32), "price ~10^-2147483646: want 0.01"},
		{decimal.New(1, 41), "price ~10^41: want 0.01"},
		{decimal.New(1, 40), "price 1" + strings.Repeat("0", 40) + ": want 0.01"},
		{dec("1." + strings.Repeat("2", 39)), "price 1." + strings.Repeat("2", 39) + ": want 0.01"},
		{dec("1." + strings.Repeat("2", 40)), "price ~10^0: want 0.01"},
		{decimal.New(1, -40), "price 0." + strings.Repeat("0", 39) + "1: want 0.01"},
		{decimal.New(1, -41), "price ~10^-41: want 0.01"},
	} {
		tiers := append(bands("1-5 0.01"), mss.Tier{Min: 6, Max: 9, Price: tt.price})
		err := mss.ValidateTiers(tiers)
		checkError(t, "ValidateTiers of "+exponential(tt.price), err, mss.ErrPlan, "validate tiers: row 2: band 6-9: "+tt.says)
	}
}
