// How long each operation takes against a baseline, what its result cannot do without, in the same run. The last column
// of a baseline is the ratio of the two. CONTRIBUTING.md has the figures and the command that makes them.

package proof

import (
	"encoding/json"
	"fmt"
	"sort"
	"testing"
	"time"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

// versus runs an operation and its baseline.
func versus(b *testing.B, op func(), baseline string, base func()) {
	b.Helper()
	against(b, baseline, func(b *testing.B) {
		for b.Loop() {
			op()
		}
	}, func(b *testing.B) {
		for b.Loop() {
			base()
		}
	})
}

// against is versus for what is so fast that a call of a function would count.
func against(b *testing.B, baseline string, op, base func(b *testing.B)) {
	b.Helper()
	var took float64 // nanoseconds for one op
	b.Run("op", func(b *testing.B) {
		b.ReportAllocs()
		op(b)
		took = float64(b.Elapsed()) / float64(b.N)
	})
	b.Run("baseline="+baseline, func(b *testing.B) {
		b.ReportAllocs()
		base(b)
		b.ReportMetric(took/float64(b.Elapsed())*float64(b.N), "ratio")
	})
}

// The year of 120 machines that is bought on benchPurchase and looked at on benchAt, in its second month.
var (
	benchPurchase = time.Date(2026, 1, 31, 10, 0, 0, 0, mss.Beijing)
	benchAt       = benchPurchase.AddDate(0, 0, 43)
)

func benchYear(t testing.TB) (mss.Quote, mss.Subscription) {
	q := noError(mss.RoutineOperations().Quote(120, mss.Years(1)))(t)
	return q, noError(q.Subscribe(benchPurchase))(t)
}

// spread returns numbers from all over 1 to last, in an order that a branch predictor cannot learn.
func spread(last int) *[1024]int {
	var numbers [1024]int
	x := uint32(1)
	for i := range numbers {
		x = x*1664525 + 1013904223
		numbers[i] = 1 + int(x>>8)%last
	}
	return &numbers
}

func BenchmarkLookup(b *testing.B) {
	for _, n := range []int{19, 1000, 1_000_000} {
		tiers, bounds := make([]mss.Tier, n), make([]int, n)
		for i := range tiers {
			tiers[i] = mss.Tier{Min: 10*i + 1, Max: 10*i + 10, Price: decimal.NewFromInt(int64(i + 1))}
			bounds[i] = tiers[i].Max
		}
		counts := spread(bounds[n-1])
		b.Run(fmt.Sprintf("bands=%d", n), func(b *testing.B) {
			against(b, "SearchInts", func(b *testing.B) {
				for i := 0; b.Loop(); i++ {
					_, _ = mss.Lookup(tiers, counts[i%len(counts)])
				}
			}, func(b *testing.B) {
				for i := 0; b.Loop(); i++ {
					_ = sort.SearchInts(bounds, counts[i%len(counts)])
				}
			})
		})
	}
}

func BenchmarkQuote(b *testing.B) {
	plan, price, months := mss.RoutineOperations(), decimal.NewFromInt(21000), decimal.NewFromInt(12)
	versus(b, func() { _, _ = plan.Quote(120, mss.Years(1)) }, "Mul", func() { _ = price.Mul(months) })
}

func BenchmarkSubscribe(b *testing.B) {
	q, _ := benchYear(b)
	versus(b, func() { _, _ = q.Subscribe(benchPurchase) }, "Date+AddDate", func() {
		year, month, day := benchPurchase.In(mss.Beijing).Date()
		_ = time.Date(year, month, day, 0, 0, 0, 0, mss.Beijing).AddDate(0, 12, 0)
	})
}

func BenchmarkRenew(b *testing.B) {
	q, s := benchYear(b)
	versus(b, func() { _, _ = s.Renew(q, benchPurchase) }, "AddDate", func() { _ = s.End.AddDate(0, 12, 0) })
}

// BenchmarkRefund has, with all that is calculated from days, the arithmetic of one refund in decimals as its baseline.
func BenchmarkRefund(b *testing.B) {
	_, s := benchYear(b)
	paid, used, total := s.Quote.Amount, decimal.NewFromInt(44), decimal.NewFromInt(365)
	share := func() decimal.Decimal { return paid.Mul(used).DivRound(total, 2) }
	for _, by := range []mss.Proration{mss.ByDay, mss.ByMonth} {
		r := noError(s.Refund(benchAt, by))(b)
		for _, bb := range []struct {
			name     string
			op       func()
			baseline string
			base     func()
		}{
			{"Refund", func() { _, _ = s.Refund(benchAt, by) }, "Mul+DivRound+Sub", func() { _ = paid.Sub(share()) }},
			{"Cancel", func() { _, _ = s.Cancel(r, benchAt) }, "Mul+DivRound+Sub", func() { _ = paid.Sub(share()) }},
			{"Consumed", func() { _, _ = s.Consumed(benchAt, by) }, "Mul+DivRound+Sub", func() { _ = paid.Sub(share()) }},
			{"Deferred", func() { _, _ = s.Deferred(benchAt, by) }, "Mul+DivRound+Sub", func() { _ = paid.Sub(share()) }},
			// 13 periods: a year from 31 January has days in the January after.
			{"Amortize", func() { _, _ = s.Amortize(by) }, "Mul+DivRound+Sub", func() { _ = paid.Sub(share()) }},
		} {
			b.Run(bb.name+"/by="+by.String(), func(b *testing.B) { versus(b, bb.op, bb.baseline, bb.base) })
		}
	}
}

// BenchmarkJSON has as its baseline the same fields, read and written by encoding/json without a check.
func BenchmarkJSON(b *testing.B) {
	_, s := benchYear(b)
	document := noError(json.Marshal(s))(b)
	var plain struct {
		Quote struct {
			Plan     string
			Machines int
			Term     string
			Tier     struct {
				Min, Max int
				Price    decimal.Decimal
			}
			Unit     string
			LeadDays int `json:"lead_days"`
			Amount   decimal.Decimal
		}
		Purchased, Start, End time.Time
		AnchorDay             int `json:"anchor_day"`
	}
	if err := json.Unmarshal(document, &plain); err != nil {
		b.Fatal(err)
	}
	b.Run("encode", func(b *testing.B) {
		versus(b, func() { _, _ = json.Marshal(s) }, "unchecked", func() { _, _ = json.Marshal(plain) })
	})
	b.Run("decode", func(b *testing.B) {
		versus(b, func() { _ = json.Unmarshal(document, &s) }, "unchecked", func() { _ = json.Unmarshal(document, &plain) })
	})
}

// TestAllocations bounds what the operations that are called most allocate.
func TestAllocations(t *testing.T) {
	q, s := benchYear(t)
	p, by := mss.RoutineOperations(), mss.ByMonth
	for _, tt := range []struct {
		name string
		most float64
		call func()
	}{
		{"Quote", 2, func() { _, _ = p.Quote(120, mss.Years(1)) }},
		{"Subscribe", 0, func() { _, _ = q.Subscribe(benchPurchase) }},
		{"Refund by day", 4, func() { _, _ = s.Refund(benchAt, mss.ByDay) }},
		{"Refund by month", 4, func() { _, _ = s.Refund(benchAt, by) }},
		{"Consumed", 2, func() { _, _ = s.Consumed(benchAt, by) }},
		{"Deferred", 2, func() { _, _ = s.Deferred(benchAt, by) }},
	} {
		if got := testing.AllocsPerRun(100, tt.call); got > tt.most {
			t.Errorf("%s allocates %v times, want at most %v", tt.name, got, tt.most)
		}
	}
}
