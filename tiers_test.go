package mss_test

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"example.com/mss"
	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

// The price list as Tencent Cloud publishes it, in yuan a month and in 万元 (10,000
// yuan) a day.
const (
	publishedRoutine = `1-5台 1,250; 6-20台 4,200; 21-50台 8,400; 51-100台 12,500; 101-200台 21,000;
		201-400台 29,500; 401-600台 42,000; 601-800台 54,500; 801-1,000台 64,800; 1,001-1,500台 89,100;
		1,501-2,000台 118,800; 2,001-2,500台 148,500; 2,501-3,000台 178,200; 3,001-3,500台 207,900; 3,501-4,000台 237,600;
		4,001-4,500台 267,300; 4,501-5,000台 297,000; 5,001-5,500台 326,700; 5,501-6,000台 356,400`
	publishedEvent = `1-50台 1.2万; 51-200台 1.7万; 201-500台 2.3万; 501-1,000台 3.0万`
)

// published reads a table in its published form.
func published(table string) []mss.Tier {
	rows := strings.Split(strings.NewReplacer("\n\t\t", " ", ",", "", "台", "").Replace(table), "; ")
	for i, row := range rows {
		if band, tenThousands, found := strings.Cut(strings.TrimSuffix(row, "万"), " "); found && strings.HasSuffix(row, "万") {
			rows[i] = band + " " + dec(tenThousands).Shift(4).String()
		}
	}
	return bands(strings.Join(rows, ", "))
}

// The code and the data file are the price list in its published form.
func TestPublishedPrices(t *testing.T) {
	want := mss.Catalog{
		{Name: "routine-operations", Title: "日常运营版本", Unit: mss.Month, LeadDays: 0, Tiers: published(publishedRoutine)},
		{Name: "event-protection", Title: "重保服务版本", Unit: mss.Day, LeadDays: 5, Tiers: published(publishedEvent)},
	}
	file := must(os.Open("testdata/published.json"))(t)
	defer file.Close()
	for source, got := range map[string]mss.Catalog{
		"testdata/published.json": must(mss.ReadCatalog(file))(t),
		"Published":               mss.Published(),
		"the plans one by one":    {mss.RoutineOperations(), mss.EventProtection()},
	} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", source, diff)
		}
		checkError(t, source+": Validate()", got.Validate(), nil)
	}
}

func TestLookup(t *testing.T) {
	const three = "1-5 100, 6-20 200, 21-50 300"
	for _, tt := range []struct {
		name     string
		tiers    string
		machines int
		want     any
	}{
		{"first of the first band", three, 1, "1-5 100.00"},
		{"last of the first band", three, 5, "1-5 100.00"},
		{"last of the last band", three, 50, "21-50 300.00"},
		{"as many as there can be", "1-" + maxInt + " 1", math.MaxInt, "1-" + maxInt + " 1.00"},
		{"none", three, 0, mss.ErrMachines},
		{"fewer than none", three, math.MinInt, mss.ErrMachines},
		{"one more than the last band", three, 51, mss.ErrContactSales},
		{"the last in a gap", "1-5 1, 8-9 2", 7, mss.ErrPlan},
		{"in a band that ends before it begins", "1-5 1, 9-7 2", 7, mss.ErrPlan},
		{"below the first band", "2-5 1", 1, mss.ErrPlan},
		{"fewer than none, and a band that contains it", "-9-5 1", -3, mss.ErrMachines},
	} {
		got, err := mss.Lookup(bands(tt.tiers), tt.machines)
		check(t, fmt.Sprintf("%s: Lookup(%s, %d)", tt.name, tt.tiers, tt.machines), got, err, tt.want)
	}
	got, err := mss.Lookup(nil, 0)
	check(t, "Lookup(nil, 0)", got, err, mss.ErrPlan)
}

// Of tiers in any order, or that overlap, Lookup returns a band that contains the
// count or an error; nothing is written to the tiers.
func TestTiersInDisorder(t *testing.T) {
	for _, text := range []string{
		"1-5 1, 21-50 3, 6-20 2", "6-20 2, 1-5 1, 21-50 3", "6-20 2, 21-50 3, 1-5 1", "21-50 3, 1-5 1, 6-20 2",
		"21-50 3, 6-20 2, 1-5 1", "1-50 1, 6-20 2, 10-30 3", "50-1 1, 20-6 2, 0-0 3",
	} {
		tiers := bands(text)
		for machines := -1; machines <= 52; machines++ {
			tier, err := mss.Lookup(tiers, machines)
			if err == nil && (machines < 1 || tier.Min > machines || tier.Max < machines) {
				t.Errorf("Lookup(%s, %d) = %s, want a band that contains it, or an error", text, machines, show(tier))
			}
			mss.Affordable(tiers, decimal.NewFromInt(int64(machines)))
		}
		checkError(t, "ValidateTiers("+text+")", mss.ValidateTiers(tiers), mss.ErrPlan)
		unchanged(t, "Lookup, Affordable and ValidateTiers", tiers, bands(text))
	}
}

func TestAffordable(t *testing.T) {
	const none = ""
	defer atOnce(t, "Affordable")()
	routine := mss.RoutineOperations().Tiers
	for _, tt := range []struct {
		name   string
		tiers  []mss.Tier
		budget decimal.Decimal
		want   string
	}{
		{"between two prices", routine, dec("20000"), "51-100 12500.00"},
		{"a price", routine, dec("12500"), "51-100 12500.00"},
		{"less than a fen below", routine, dec("12499.99999999999999999999999"), "21-50 8400.00"},
		{"less than a fen above", routine, dec("12500.00000000000000000000001"), "51-100 12500.00"},
		{"10^-2000000000", routine, absurd[1], none},
		{"-10^2000000000", routine, absurd[2], none},
		{"0e2000000000", routine, absurd[6], none},
		{"10^5 in a million digits", routine, absurd[9], "1001-1500 89100.00"},
		{"of bands at one price the last", bands("1-5 100, 6-20 100, 21-50 100.01"), dec("100"), "6-20 100.00"},
		{"an absurd negative price", []mss.Tier{{Min: 1, Max: 5, Price: absurd[2]}}, decimal.New(-1, 2000000001), none},
		{"no tiers", nil, dec("1000"), none},
		// The order of magnitude is above the largest, or below the least, exponent.
		{"123 x 10^MaxInt32", routine, decimal.New(123, math.MaxInt32), "5501-6000 356400.00"},
		{"-123 x 10^MaxInt32", routine, decimal.New(-123, math.MaxInt32), none},
		{"a price of 123 x 10^MaxInt32", []mss.Tier{bands("1-5 1")[0], {Min: 6, Max: 9, Price: decimal.New(123, math.MaxInt32)}}, dec("10"), "1-5 1.00"},
	} {
		got, ok := mss.Affordable(tt.tiers, tt.budget)
		if text := show(got); ok && text != tt.want || !ok && (tt.want != none || got != (mss.Tier{})) {
			t.Errorf("%s: Affordable = %s, %t, want %s", tt.name, text, ok, tt.want)
		}
	}
}

func TestTierEqual(t *testing.T) {
	price := func(name string, d decimal.Decimal) edit[mss.Tier] {
		return edit[mss.Tier]{name, func(t *mss.Tier) { t.Price = d }}
	}
	checkEqual(t, bands("101-200 21000")[0], []edit[mss.Tier]{
		price("price 21E3", decimal.New(21, 3)), price("price 21000.000", decimal.New(21000000, -3)),
	}, []edit[mss.Tier]{
		{"min", func(t *mss.Tier) { t.Min-- }},
		{"max", func(t *mss.Tier) { t.Max++ }},
		price("price", dec("21000.0000000001")), price("price negative", dec("-21000")), price("price absurd", absurd[0]),
	})
	checkEqual(t, mss.Tier{Price: absurd[0]}, []edit[mss.Tier]{price("another exponent", decimal.New(10, 1999999999))}, []edit[mss.Tier]{
		price("sign", absurd[2]), price("size", absurd[1]), price("digits", decimal.New(2, 2000000000)),
	})
	checkEqual(t, mss.Tier{Price: absurd[6]}, []edit[mss.Tier]{price("another zero", absurd[7])}, []edit[mss.Tier]{
		price("not zero", absurd[1]), price("negative", absurd[3]),
	})
}

func TestTierString(t *testing.T) {
	for want, tier := range map[string]mss.Tier{
		"101-200 at 21000.00 yuan": mss.RoutineOperations().Tiers[4],
		"1-5 at 0.50 yuan":         bands("1-5 0.5")[0],
		"1-5 at 0.005 yuan":        bands("1-5 0.005")[0],
		"0-0 at 0.00 yuan":         {},
	} {
		check(t, "String()", tier.String(), nil, want)
	}
	for _, price := range absurd {
		checkLine(t, "Tier.String()", mss.Tier{Price: price}.String())
	}
}

func TestValidateTiers(t *testing.T) {
	for _, tt := range []struct {
		name  string
		tiers string
		want  error
	}{
		{"the largest band at the highest price", "1-" + maxInt + " 1000000000000", nil},
		{"prices with zeros", "1-5 1250.000, 6-20 1250.0000000000000000000000000", nil},
		{"starts above 1", "2-5 1", mss.ErrPlan},
		{"ends before it begins", "1-0 1", mss.ErrPlan},
		{"an overlap of one", "1-5 1, 5-9 2", mss.ErrPlan},
		{"a band after the largest", "1-" + maxInt + " 1, 1-5 2", mss.ErrPlan},
		{"a price below the one before, not the first", "1-5 1, 6-9 3, 10-12 2", mss.ErrPlan},
		{"no price", "1-5 0", mss.ErrPlan},
		{"a price below 0", "1-5 -1", mss.ErrPlan},
		{"much less than a fen more", "1-5 0.0100000000000000000000000001", mss.ErrPlan},
		{"a fen above the highest price", "1-5 1000000000000.01", mss.ErrPlan},
		{"more fen than int64 holds", "1-5 92233720368547758.08", mss.ErrPlan},
		{"as many fen as int64 wraps to 1", "1-5 184467440737095516.17", mss.ErrPlan},
		{"as many yuan as int64 wraps to 84 fen", "1-5 184467440737095517", mss.ErrPlan},
		{"the same with an exponent, to 8384 fen", "1-5 1844674407370956e2", mss.ErrPlan},
		{"a fen to 100 places", "1-5 0.01" + strings.Repeat("0", 98), nil},
		{"100 digits", "1-5 1." + strings.Repeat("0", 99), nil},
	} {
		checkError(t, tt.name+": ValidateTiers("+tt.tiers+")", mss.ValidateTiers(bands(tt.tiers)), tt.want)
	}
	checkError(t, "ValidateTiers(nil)", mss.ValidateTiers(nil), mss.ErrPlan)
	for _, price := range []decimal.Decimal{decimal.New(1, 12), decimal.New(10, -3), decimal.New(10000, -6)} {
		checkError(t, fmt.Sprintf("ValidateTiers of price %v", price), mss.ValidateTiers([]mss.Tier{{Min: 1, Max: 5, Price: price}}), nil)
	}
	defer atOnce(t, "ValidateTiers")()
	for _, price := range append(absurd, decimal.Decimal{}, decimal.New(0, 101), decimal.New(1, 13), decimal.New(1, 101), decimal.New(1, -101)) {
		err := mss.ValidateTiers([]mss.Tier{{Min: 1, Max: 5, Price: price}})
		checkError(t, fmt.Sprintf("ValidateTiers of a price of e%d", price.Exponent()), err, mss.ErrPlan)
	}
}

func TestNoAllocations(t *testing.T) {
	tiers := mss.RoutineOperations().Tiers
	book := priceBook()
	when := book[1].From
	for name, call := range map[string]func(){
		"Lookup":       func() { _, _ = mss.Lookup(tiers, 6000) },
		"Tier.Equal":   func() { tiers[0].Equal(tiers[1]) },
		"PriceBook.At": func() { _, _ = book.At(when) },
	} {
		if got := testing.AllocsPerRun(100, call); got != 0 {
			t.Errorf("%s allocates %v times, want 0", name, got)
		}
	}
}
