// Input for the other files: published plans and ones with awkward prices, and terms, days, instants and zones that are
// random but the same in each run. They favour the edges: ends of bands and months, leap days, midnight in Beijing and
// in UTC.

package proof

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

// noError returns a function that gives v to a test, which fails if there is an error: noError(s.Refund(at, by))(t).
func noError[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// rounds is how often something is tried on new random input.
func rounds(n int) int {
	if testing.Short() {
		return n / 5
	}
	return n
}

// plans are the published ones, then ones with prices that do not divide well, so that rounding has work to do, and one
// with a name as long as may be.
func plans() []mss.Plan {
	custom := func(name string, unit mss.Unit, lead int, tiers ...mss.Tier) mss.Plan {
		return mss.Plan{Name: name, Unit: unit, LeadDays: lead, Tiers: tiers}
	}
	tier := func(from, to int, price string) mss.Tier {
		return mss.Tier{Min: from, Max: to, Price: decimal.RequireFromString(price)}
	}
	return append(mss.Published(),
		custom("odd-month", mss.Month, 0, tier(1, 3, "1234.57"), tier(4, 10, "1234.57"), tier(11, 99, "9999.99")),
		custom("notice-month", mss.Month, 10, tier(1, 7, "0.01"), tier(8, 9, "77.77"), tier(10, 50, "100000.01")),
		custom("odd-day", mss.Day, 2, tier(1, 10, "0.01"), tier(11, 20, "0.07"), tier(21, 30, "333.33")),
		custom("at-once-day", mss.Day, 0, tier(1, 1, "0.33"), tier(2, 1000000, "999999999999.99")),
		custom("dear-month", mss.Month, 0, tier(1, 2, "999999999999.99"), tier(3, 4, "1000000000000")),
		custom("far-day", mss.Day, 366, tier(1, 5, "0.05")),
		custom("odd-year", mss.Year, 0, tier(1, 5, "0.01"), tier(6, 20, "15000.05"), tier(21, 80, "100000")),
		custom(strings.Repeat("安全", 33), mss.Year, 7, tier(1, 9, "0.07"), tier(10, 99, "999999999999.99")),
	)
}

func planNamed(name string) mss.Plan {
	all := plans()
	return all[slices.IndexFunc(all, func(p mss.Plan) bool { return p.Name == name })]
}

type random struct{ *rand.Rand }

func newRandom(seed, stream uint64) random { return random{rand.New(rand.NewPCG(seed, stream))} }

func pick[T any](r random, from ...T) T { return from[r.IntN(len(from))] }

// oneIn is true once in n times.
func (r random) oneIn(n int) bool { return r.IntN(n) == 0 }

func (r random) day() date {
	y, m := 2019+r.IntN(18), 1+r.IntN(12)
	switch {
	case r.oneIn(4):
		return date{y, m, monthLength(y, m)}
	case r.oneIn(4):
		return date{y, pick(r, 1, 3, 5, 7, 8, 10, 12), 29 + r.IntN(3)}
	case r.oneIn(8):
		return date{pick(r, 2020, 2024, 2028, 2032), 2, 29}
	}
	return date{y, m, 1 + r.IntN(monthLength(y, m))}
}

// on is a moment of the day.
func (r random) on(day date) moment {
	const utcMidnight = nanosPerDay / 3
	if r.oneIn(2) {
		return moment{day, pick[int64](r, 0, 1, nanosPerDay-1, nanosPerDay-2, utcMidnight, utcMidnight-1)}
	}
	return moment{day, r.Int64N(nanosPerDay)}
}

// between is a moment on one of the days from..to.
func (r random) between(from, to date) moment {
	return r.on(from.plus(r.IntN(daysBetween(from, to) + 1)))
}

func (r random) zone() *time.Location {
	return pick(r, time.UTC, time.FixedZone("Beijing", 8*60*60), time.FixedZone("St John's", -(3*60+30)*60),
		time.FixedZone("Kathmandu", (5*60+45)*60), time.FixedZone("Kiritimati", 14*60*60),
		time.FixedZone("Baker Island", -12*60*60), time.FixedZone("Shanghai local mean time", 8*60*60+5*60+43))
}

// plan is a published one as often as not.
func (r random) plan() mss.Plan {
	all := plans()
	if r.oneIn(2) {
		return pick(r, all[:2]...)
	}
	return pick(r, all[2:]...)
}

func (r random) machines(p mss.Plan) int {
	tier := pick(r, p.Tiers...)
	if r.oneIn(2) {
		return pick(r, tier.Min, tier.Max)
	}
	return tier.Min + r.IntN(tier.Max-tier.Min+1)
}

func (r random) term(p mss.Plan) mss.Term {
	switch {
	case p.Unit == mss.Day && r.oneIn(4):
		return mss.Days(1 + r.IntN(400))
	case p.Unit == mss.Day:
		return mss.Days(1 + r.IntN(40))
	case p.Unit == mss.Year || r.oneIn(4):
		return mss.Years(1 + r.IntN(3))
	case r.oneIn(2):
		return mss.Months(1 + r.IntN(36))
	}
	return mss.Months(1 + r.IntN(3))
}

func (r random) proration() mss.Proration { return pick(r, mss.ByDay, mss.ByMonth) }
