package main

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/mss"
)

// BenchmarkPurchases is what the README has figures of: 24 clients who buy at the same
// time, each from one replica, which is a process of its own.
func BenchmarkPurchases(b *testing.B) {
	for _, c := range []struct {
		name     string
		create   database
		replicas int
	}{
		{"sqlite", newSQLite, 1},
		{"postgres-1", newPostgres, 1},
		{"postgres-3", newPostgres, 3},
	} {
		b.Run(c.name, func(b *testing.B) {
			db := c.create(b)
			var apis []*client
			for range c.replicas {
				_, api := launch(b, db)
				apis = append(apis, api)
			}
			order := marshal(b, body{"quote": apis[0].quote(120, mss.Years(1))})
			const clients = 24
			var next atomic.Int64
			var mu sync.Mutex
			var durations []time.Duration
			b.ResetTimer()
			atOnce(clients, func(i int) {
				var own []time.Duration
				for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
					begun := time.Now()
					g := apis[i%len(apis)].do("POST", "/subscriptions", fmt.Sprint(n), order)
					own = append(own, time.Since(begun))
					if g.status != 201 {
						b.Errorf("purchase %d: %v, want 201", n, g)
						return
					}
				}
				mu.Lock()
				defer mu.Unlock()
				durations = append(durations, own...)
			})
			b.StopTimer()
			slices.Sort(durations)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "purchases/s")
			b.ReportMetric(float64(durations[len(durations)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}
