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

// compare runs an operation and its baseline.
func versus(b *testing.B, op func(), baseline string, base func()) {
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

// against is compare for what is so fast that a call of a function would count.
func against(b *testing.B, baseline string, op, base func(b *testing.B)) {
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

var benchPurchase = time.Date(2026, 1, 31, 10, 0, 0, 0, mss.Beijing)

// benchYear returns a year of 120 machines, offered and bought, and an instant in its second month.
func benchYear(b *testing.B) (mss.Quote, mss.Subscription, time.Time) {
	q := noError(mss.RoutineOperations().Quote(120, mss.Years(1)))(b)
	return q, noError(q.Subscribe(benchPurchase))(b), benchPurchase.AddDate(0, 0, 43)
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

func BenchmarkAffordable(b *testing.B) {
	tiers, budget := mss.RoutineOperations().Tiers, decimal.New(2000050, -2)
	versus(b, func() { _, _ = mss.Affordable(tiers, budget) },
		"Search+Cmp", func() { _ = sort.Search(len(tiers), func(i int) bool { return tiers[i].Price.Cmp(budget) > 0 }) })
}

func BenchmarkPriceBookAt(b *testing.B) {
	book, instants := make(mss.PriceBook, 100), make([]time.Time, 100)
	for i := range book {
		instants[i] = benchPurchase.AddDate(0, i, 0)
		book[i] = mss.DatedCatalog{From: instants[i], Catalog: mss.Published()}
	}
	days := spread(3000)
	at := func(i int) time.Time { return benchPurchase.Add(time.Duration(days[i%len(days)]) * oneDay) }
	against(b, "Search+After", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			_, _ = book.At(at(i))
		}
	}, func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			t := at(i)
			_ = sort.Search(len(instants), func(i int) bool { return instants[i].After(t) })
		}
	})
}

func BenchmarkQuote(b *testing.B) {
	plan, price, months := mss.RoutineOperations(), decimal.NewFromInt(21000), decimal.NewFromInt(12)
	versus(b, func() { _, _ = plan.Quote(120, mss.Years(1)) }, "Mul", func() { _ = price.Mul(months) })
}

func BenchmarkSubscribe(b *testing.B) {
	q, _, _ := benchYear(b)
	versus(b, func() { _, _ = q.Subscribe(benchPurchase) }, "Date+AddDate", func() {
		year, month, day := benchPurchase.In(mss.Beijing).Date()
		_ = time.Date(year, month, day, 0, 0, 0, 0, mss.Beijing).AddDate(0, 12, 0)
	})
}

func BenchmarkRenew(b *testing.B) {
	q, s, _ := benchYear(b)
	versus(b, func() { _, _ = s.Renew(q, benchPurchase) }, "AddDate", func() { _ = s.End.AddDate(0, 12, 0) })
}

func BenchmarkRefund(b *testing.B) {
	_, s, at := benchYear(b)
	paid, used, total := s.Quote.Amount, decimal.NewFromInt(44), decimal.NewFromInt(365)
	for _, by := range []mss.Proration{mss.ByDay, mss.ByMonth} {
		b.Run("by="+by.String(), func(b *testing.B) {
			versus(b, func() { _, _ = s.Refund(at, by) },
				"Mul+DivRound+Sub", func() { _ = paid.Sub(paid.Mul(used).DivRound(total, 2)) })
		})
	}
}

// Baseline of the others that calculate what is consumed: a refund by day.
func benchRefund(b *testing.B, op func(s mss.Subscription, at time.Time)) {
	_, s, at := benchYear(b)
	versus(b, func() { op(s, at) }, "Refund", func() { _, _ = s.Refund(at, mss.ByDay) })
}

func BenchmarkConsumed(b *testing.B) {
	for _, by := range []mss.Proration{mss.ByDay, mss.ByMonth} {
		b.Run("by="+by.String(), func(b *testing.B) {
			benchRefund(b, func(s mss.Subscription, at time.Time) { _, _ = s.Consumed(at, by) })
		})
	}
}

// 13 periods: a year from 31 January has days in the January after.
func BenchmarkAmortize(b *testing.B) {
	for _, by := range []mss.Proration{mss.ByDay, mss.ByMonth} {
		b.Run("by="+by.String(), func(b *testing.B) {
			benchRefund(b, func(s mss.Subscription, _ time.Time) { _, _ = s.Amortize(by) })
		})
	}
}

func BenchmarkCancel(b *testing.B) {
	_, s, at := benchYear(b)
	r := noError(s.Refund(at, mss.ByDay))(b)
	benchRefund(b, func(s mss.Subscription, at time.Time) { _, _ = s.Cancel(r, at) })
}

// BenchmarkJSON has as its baseline the same fields, read and written by encoding/json without a check.
func BenchmarkJSON(b *testing.B) {
	type tier struct {
		Min, Max int
		Price    decimal.Decimal
	}
	type quote struct {
		Plan     string
		Machines int
		Term     string
		Tier     tier
		LeadDays int `json:"lead_days"`
		Amount   decimal.Decimal
	}
	type subscription struct {
		Quote                 quote
		Purchased, Start, End time.Time
		AnchorDay             int `json:"anchor_day"`
	}
	_, s, _ := benchYear(b)
	document := noError(json.Marshal(s))(b)
	var plain subscription
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
