package mss_test

import (
	"encoding/json"
	"fmt"
	"sort"
	"testing"
	"time"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

// Each benchmark has a yardstick beside it: what the result cannot do without.
// CONTRIBUTING.md has the ratios, and the command that makes them.

var benchPurchase = time.Date(2026, 1, 31, 10, 0, 0, 0, mss.Beijing)

// benchYear returns a year of 120 machines, quoted and bought.
func benchYear() (mss.Quote, mss.Subscription) {
	q := must(mss.RoutineOperations().Quote(120, mss.Years(1)))
	return q, must(q.Subscribe(benchPurchase))
}

func BenchmarkLookup(b *testing.B) {
	for _, n := range []int{19, 1000, 1_000_000} {
		tiers, bounds := make([]mss.Tier, n), make([]int, n)
		for i := range tiers {
			tiers[i] = mss.Tier{Min: 10*i + 1, Max: 10*i + 10, Price: decimal.NewFromInt(int64(i + 1))}
			bounds[i] = 10*i + 10
		}
		if n == 19 {
			tiers = mss.RoutineOperations().Tiers
			for i, t := range tiers {
				bounds[i] = t.Max
			}
		}
		counts := spread(bounds[n-1])
		b.Run(fmt.Sprintf("bands=%d/op", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				_, _ = mss.Lookup(tiers, counts[i%len(counts)])
			}
		})
		b.Run(fmt.Sprintf("bands=%d/yardstick=SearchInts", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				_ = sort.SearchInts(bounds, counts[i%len(counts)])
			}
		})
	}
}

// spread returns counts from all over 1 to last, in an order that a branch
// predictor cannot learn.
func spread(last int) *[1024]int {
	var counts [1024]int
	x := uint32(1)
	for i := range counts {
		x = x*1664525 + 1013904223
		counts[i] = 1 + int(x>>8)%last
	}
	return &counts
}

func BenchmarkWithin(b *testing.B) {
	tiers := mss.RoutineOperations().Tiers
	prices := make([]decimal.Decimal, len(tiers))
	for i, t := range tiers {
		prices[i] = t.Price
	}
	budget := decimal.New(2000050, -2)
	b.Run("op", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = mss.Affordable(tiers, budget)
		}
	})
	b.Run("yardstick=Search+Cmp", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = sort.Search(len(prices), func(i int) bool { return prices[i].Cmp(budget) > 0 })
		}
	})
}

func BenchmarkQuote(b *testing.B) {
	plan := mss.RoutineOperations()
	price, months := decimal.NewFromInt(21000), decimal.NewFromInt(12)
	b.Run("op", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = plan.Quote(120, mss.Years(1))
		}
	})
	b.Run("yardstick=Mul", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = price.Mul(months)
		}
	})
	b.Run("parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				_, _ = plan.Quote(120, mss.Years(1))
			}
		})
	})
}

func BenchmarkSubscribe(b *testing.B) {
	q, _ := benchYear()
	b.Run("op", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = q.Subscribe(benchPurchase)
		}
	})
	b.Run("yardstick=Date+AddDate", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			year, month, day := benchPurchase.In(mss.Beijing).Date()
			_ = time.Date(year, month, day, 0, 0, 0, 0, mss.Beijing).AddDate(0, 12, 0)
		}
	})
}

func BenchmarkRenew(b *testing.B) {
	q, s := benchYear()
	b.Run("op", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = s.Renew(q, benchPurchase)
		}
	})
	b.Run("yardstick=AddDate", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = s.End.AddDate(0, 12, 0)
		}
	})
}

func BenchmarkRefund(b *testing.B) {
	_, s := benchYear()
	at := benchPurchase.AddDate(0, 0, 43)
	paid, used, total := s.Quote.Amount, decimal.NewFromInt(44), decimal.NewFromInt(365)
	for _, by := range []mss.Proration{mss.ByDay, mss.ByMonth} {
		b.Run(fmt.Sprintf("by=%v/op", by), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = s.Refund(at, by)
			}
		})
	}
	b.Run("yardstick=Mul+DivRound+Sub", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = paid.Sub(paid.Mul(used).DivRound(total, 2))
		}
	})
}

func BenchmarkCancel(b *testing.B) {
	_, s := benchYear()
	at := benchPurchase.AddDate(0, 0, 43)
	r := must(s.Refund(at, mss.ByDay))
	b.Run("op", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = s.Cancel(r, at)
		}
	})
	b.Run("yardstick=Refund", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = s.Refund(at, mss.ByDay)
		}
	})
}

func BenchmarkJSON(b *testing.B) {
	_, s := benchYear()
	document := must(json.Marshal(s))
	// The same fields, read and written by encoding/json without a check.
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
	var plain subscription
	if err := json.Unmarshal(document, &plain); err != nil {
		b.Fatal(err)
	}
	b.Run("encode/op", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = json.Marshal(s)
		}
	})
	b.Run("encode/yardstick=unchecked", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = json.Marshal(plain)
		}
	})
	b.Run("decode/op", func(b *testing.B) {
		b.ReportAllocs()
		var s mss.Subscription
		for b.Loop() {
			_ = json.Unmarshal(document, &s)
		}
	})
	b.Run("decode/yardstick=unchecked", func(b *testing.B) {
		b.ReportAllocs()
		var s subscription
		for b.Loop() {
			_ = json.Unmarshal(document, &s)
		}
	})
}
