// What must hold for whatever is bought, and when: what is consumed never falls and tiles, the months sum to it, twelve
// months cost what their year costs, what is written is read back Equal, and nothing changes what it was given. No figure
// is worked out a second time here; that is for the model.

package proof

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"example.com/mss"
	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

const oneDay = 24 * time.Hour

func (r random) quote(t *testing.T) mss.Quote {
	t.Helper()
	p := r.plan()
	return must(p.Quote(r.machines(p), r.term(p)))(t)
}

// subscription is a first purchase or a renewal of one, bought in time or late.
func (r random) subscription(t *testing.T) mss.Subscription {
	t.Helper()
	s := must(r.quote(t).Subscribe(r.on(r.day()).in(r.zone())))(t)
	for range r.IntN(3) {
		at := pick(r, s.Purchased, s.End, s.End.Add(time.Duration(r.IntN(100*24))*time.Hour))
		s = must(s.Renew(r.quote(t), at))(t)
	}
	return s
}

// within is an instant from a up to, but not including, b.
func (r random) within(a, b time.Time) time.Time {
	return a.Add(time.Duration(r.Int64N(int64(b.Sub(a))))).In(r.zone())
}

// cancelled is s, cancelled at some instant.
func (r random) cancelled(t *testing.T, s mss.Subscription) mss.Subscription {
	t.Helper()
	refund := must(s.Refund(r.within(s.Purchased, s.End), r.proration()))(t)
	return must(s.Cancel(refund, refund.At))(t)
}

// total returns what s consumes in all, and the prorations that it can be asked for.
func total(s mss.Subscription) (decimal.Decimal, []mss.Proration) {
	if s.Refunded != nil {
		return s.Refunded.Consumed, []mss.Proration{s.Refunded.By}
	}
	return s.Quote.Amount, []mss.Proration{mss.ByDay, mss.ByMonth}
}

// TestConsumed sums the days of subscriptions, from midnight to midnight. Consumed is the sum of the days that have
// begun, at whatever instant: so it never falls, what any partition costs sums to the whole, and a nanosecond later it is
// what a refund deducts.
func TestConsumed(t *testing.T) {
	t.Parallel()
	r := newRandom(3, 1)
	for range rounds(400) {
		bought := r.subscription(t)
		for _, s := range []mss.Subscription{bought, r.cancelled(t, bought)} {
			whole, prorations := total(s)
			for _, by := range prorations {
				consumed := func(until time.Time) decimal.Decimal { return must(s.Consumed(until.In(r.zone()), by))(t) }
				var sum decimal.Decimal
				first := consumed(s.Start.Add(oneDay))
				for n := -3; n < s.Days()+3; n++ {
					from := s.Start.Add(time.Duration(n) * oneDay)
					at := r.within(from, from.Add(oneDay))
					cost, want := consumed(from.Add(oneDay)).Sub(consumed(from)), sum
					if sum = sum.Add(cost); at.After(from) {
						want = sum
					}
					if cost.IsNegative() || !cost.Equal(cost.Truncate(2)) || !consumed(at).Equal(want) {
						t.Fatalf("%s: Consumed(%v, %v) = %s, want %s, after %s on %v", show(s), at, by, consumed(at), want, cost, from)
					}
					served := 0 <= n && n < s.Days()
					if served && by == mss.ByDay && cost.Sub(first).Abs().GreaterThan(decimal.New(1, -2)) {
						t.Fatalf("%s: %v costs %s by day, want a fen more or less than the first, %s", show(s), from, cost, first)
					}
					if s.Refunded != nil || !served || at.Before(s.Purchased) {
						continue
					}
					refund := must(s.Refund(at, by))(t)
					if !refund.Consumed.Equal(consumed(at.Add(1))) || !refund.Consumed.Add(refund.Amount).Equal(whole) {
						t.Fatalf("%s: Refund(%v, %v) = %s, want Consumed a nanosecond later", show(s), at, by, show(refund))
					}
				}
				if !sum.Equal(whole) || !consumed(s.Start).IsZero() || !consumed(s.End.Add(-oneDay+1)).Equal(whole) && s.Days() > 0 {
					t.Fatalf("%s by %v: the days cost %s, want none before the start and %s once the last has begun", show(s), by, sum, whole)
				}
			}
		}
	}
}

// TestAmortize sees that the periods of a subscription are its months, one after the other, and sum to it.
func TestAmortize(t *testing.T) {
	t.Parallel()
	r := newRandom(3, 2)
	for range rounds(2000) {
		s := r.subscription(t)
		checkPeriods(t, s)
		checkPeriods(t, r.cancelled(t, s))
	}
}

func checkPeriods(t *testing.T, s mss.Subscription) {
	t.Helper()
	whole, prorations := total(s)
	for _, by := range prorations {
		start, remaining, days := s.Start, whole, 0
		for i, p := range must(s.Amortize(by))(t) {
			last := p.End.Add(-1)
			if !p.Start.Equal(start) || !p.End.After(start) || p.Start.Month() != last.Month() || p.End.Sub(p.Start) > 31*oneDay ||
				i > 0 && p.Start.Day() != 1 || p.Days != int(p.End.Sub(p.Start)/oneDay) {
				t.Fatalf("%s: Amortize(%v): period %d = %s, want the part of one month from %v", show(s), by, i, show(p), start)
			}
			cost := must(s.Consumed(p.End, by))(t).Sub(must(s.Consumed(p.Start, by))(t))
			if !p.Amount.Equal(cost) || !p.Deferred.Equal(remaining.Sub(p.Amount)) || p.Amount.IsNegative() {
				t.Fatalf("%s: Amortize(%v): period %d = %s, want %s of %s", show(s), by, i, show(p), cost, remaining)
			}
			start, remaining, days = p.End, p.Deferred, days+p.Days
		}
		if !start.Equal(s.End) || !remaining.IsZero() || days != s.Days() {
			t.Fatalf("%s: Amortize(%v) leaves %s after %d days, at %v", show(s), by, remaining, days, start)
		}
	}
}

// byMonth sums, for each calendar month, the days and the amounts of the periods in it.
func byMonth(t *testing.T, by mss.Proration, subscriptions ...mss.Subscription) map[string]string {
	t.Helper()
	days, amounts := map[string]int{}, map[string]decimal.Decimal{}
	for _, s := range subscriptions {
		for _, p := range must(s.Amortize(by))(t) {
			month := p.Start.Format("2006-01")
			days[month] += p.Days
			amounts[month] = amounts[month].Add(p.Amount)
		}
	}
	months := map[string]string{}
	for month := range days {
		months[month] = fmt.Sprintf("%d days, %s", days[month], amounts[month])
	}
	return months
}

// TestMonthsRenewedOneByOne compares a month that is renewed n-1 times, seamlessly, with n months and with n÷12 years
// bought at once. They end on the same day with the same anchor. A year by month costs in each calendar month exactly what
// its twelve months cost there, whether those are prorated by day or by month: whole months cost the price of the band,
// and each has its own days. By day a year spreads its price over all its days, so only the days and the total agree.
func TestMonthsRenewedOneByOne(t *testing.T) {
	t.Parallel()
	for _, plan := range []mss.Plan{mss.RoutineOperations(), planNamed("odd-month")} {
		month := must(plan.Quote(3, mss.Months(1)))(t)
		for start := (date{2024, 1, 1}); start.y < 2026; start = start.next() {
			if testing.Short() && start.d < 28 {
				continue
			}
			purchased := endOf(start).in(time.UTC)
			chain := []mss.Subscription{must(month.Subscribe(purchased))(t)}
			for n := 2; n <= 24; n++ {
				last := chain[n-2]
				at := last.End // on the Beijing day of End
				if n%2 == 0 {
					at = last.Purchased // at once
				}
				last = must(last.Renew(month, at))(t)
				chain = append(chain, last)
				for _, term := range termsOf(n) {
					once := must(must(plan.Quote(3, term))(t).Subscribe(purchased))(t)
					if !last.End.Equal(once.End) || last.AnchorDay != once.AnchorDay {
						t.Fatalf("a month from %v renewed to %d ends as %s, want %s", start, n, show(last), show(once))
					}
					if n != 12 {
						continue
					}
					want := byMonth(t, mss.ByMonth, once)
					for _, by := range []mss.Proration{mss.ByDay, mss.ByMonth} {
						if diff := cmp.Diff(want, byMonth(t, by, chain...)); diff != "" {
							t.Fatalf("%v from %v by month (-at once +%d months by %v):\n%s", term, start, n, by, diff)
						}
					}
				}
			}
		}
	}
}

// TestReadBack writes values as JSON and to columns, and reads them back Equal.
func TestReadBack(t *testing.T) {
	t.Parallel()
	r := newRandom(8, 1)
	book := mss.PriceBook{{From: r.on(r.day()).in(r.zone()), Catalog: plans()}}
	readBack(t, book, nil)
	for _, p := range plans() {
		readBack(t, p, nil)
	}
	for range rounds(1000) {
		s := r.subscription(t)
		closed := r.cancelled(t, s)
		readBack(t, s.Quote, mss.Quote.Equal)
		readBack(t, s, mss.Subscription.Equal)
		readBack(t, closed, mss.Subscription.Equal)
		readBack(t, *closed.Refunded, mss.Refund.Equal)
		readBack(t, s.Quote.Term, func(got, want mss.Term) bool { return got == want })
		readBack(t, s.Quote.Term.Unit, func(got, want mss.Unit) bool { return got == want })
		readBack(t, closed.Refunded.By, func(got, want mss.Proration) bool { return got == want })
		readBack(t, s.Status(s.Purchased), func(got, want mss.Status) bool { return got == want })
	}
}

// readBack also sees that the text stays the same, which shows all of a value that has no Equal.
func readBack[T any](t *testing.T, want T, equal func(got, want T) bool) {
	t.Helper()
	text := jsonText(t, want)
	check := func(got T, err error) {
		t.Helper()
		if err != nil || jsonText(t, got) != text || equal != nil && !(equal(got, want) && equal(want, got)) {
			t.Errorf("%s was read back as %+v, %v", text, got, err)
		}
	}
	var got T
	err := json.Unmarshal([]byte(text), &got)
	check(got, err)
	if _, ok := any(want).(driver.Valuer); !ok {
		return
	}
	column := must(any(want).(driver.Valuer).Value())(t).(string)
	for _, column := range []any{column, []byte(column)} {
		var got T
		err := any(&got).(sql.Scanner).Scan(column)
		check(got, err)
	}
}

func jsonText(t *testing.T, v any) string {
	t.Helper()
	return string(must(json.Marshal(v))(t))
}

// TestOperandsStay calls everything, and sees that a plan's tiers, a subscription's refund and all the rest are as they
// were, up to the zones of times.
func TestOperandsStay(t *testing.T) {
	t.Parallel()
	r := newRandom(9, 1)
	for range rounds(500) {
		p := r.plan()
		tiers := append(slices.Clone(p.Tiers), mss.Tier{Min: -1}) // one more than the plan shows: nobody may append to it
		p.Tiers = tiers[:len(tiers)-1]
		catalog := mss.Catalog{p}
		book := mss.PriceBook{{From: r.on(r.day()).in(r.zone()), Catalog: catalog}}
		q, s := r.quote(t), r.subscription(t)
		closed := r.cancelled(t, s)
		refund := *closed.Refunded
		at, by := refund.At, refund.By
		describe := func() string {
			return fmt.Sprint(tiers, book[0].From, jsonText(t, book), show(q), show(s), show(refund), show(closed))
		}
		before := describe()

		_, _ = p.Quote(r.machines(p), r.term(p))
		_, _ = mss.Lookup(p.Tiers, r.machines(p))
		_, _ = mss.Affordable(p.Tiers, q.Amount)
		_, _ = catalog.Plan(p.Name)
		_, _ = book.At(at)
		_, _ = q.SubscribeFrom(at, q.EarliestStart(at))
		_ = []error{mss.ValidateTiers(p.Tiers), p.Validate(), catalog.Validate(), book.Validate(), q.Validate()}
		for _, s := range []mss.Subscription{s, closed} {
			_, _, _, _ = s.Validate(), s.Equal(closed), s.String(), s.LogValue()
			_, _, _, _ = s.Status(at), s.Days(), s.UsedDays(at), s.DaysLeft(at)
			_, _ = s.ContactBy(nil)
			_, _ = s.Renew(q, s.End)
			_, _ = s.Consumed(at, by)
			_, _ = s.Amortize(by)
			_, _ = s.Refund(at, by)
			_, _ = s.Cancel(refund, at)
			_, _ = s.Change(q, at, by)
			_, _ = s.Value()
		}
		if after := describe(); after != before {
			t.Fatalf("operands changed (-before +after):\n%s", cmp.Diff(before, after))
		}
	}
}
