// What must hold for whatever is bought, and when: what is consumed never falls and tiles, the months sum to it, the
// balance is what was paid less what was consumed and paid back, no refund restates it, and a change leaves no day out.
// No figure is worked out a second time here; that is for the model.

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
	return noError(p.Quote(r.machines(p), r.term(p)))(t)
}

// subscription is a first purchase or a renewal of one, bought in time or late.
func (r random) subscription(t *testing.T) mss.Subscription {
	t.Helper()
	s := noError(r.quote(t).Subscribe(r.on(r.day()).in(r.zone())))(t)
	for range r.IntN(3) {
		at := pick(r, s.Purchased, s.End, s.End.Add(time.Duration(r.IntN(100*24))*time.Hour))
		if s.Quote.Unit == mss.Day {
			at = s.End // a plan priced by the month could not begin then if it were bought long before
		}
		s = noError(s.Renew(r.quote(t), at))(t)
	}
	return s
}

// within is an instant from a up to, but not including, b.
func (r random) instant(a, b time.Time) time.Time {
	return a.Add(time.Duration(r.Int64N(int64(b.Sub(a))))).In(r.zone())
}

// cancelled is s, cancelled at some instant.
func (r random) cancelled(t *testing.T, s mss.Subscription) mss.Subscription {
	t.Helper()
	refund := noError(s.Refund(r.instant(s.Purchased, s.End), r.proration()))(t)
	return noError(s.Cancel(refund, refund.At))(t)
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
	for range rounds(200) {
		bought := r.subscription(t)
		for _, s := range []mss.Subscription{bought, r.cancelled(t, bought)} {
			whole, prorations := total(s)
			for _, by := range prorations {
				consumed := func(until time.Time) decimal.Decimal { return noError(s.Consumed(until.In(r.zone()), by))(t) }
				var sum decimal.Decimal
				for n := -3; n < s.Days()+3; n++ {
					from := s.Start.Add(time.Duration(n) * oneDay)
					at := r.instant(from, from.Add(oneDay))
					cost, want := consumed(from.Add(oneDay)).Sub(consumed(from)), sum
					if sum = sum.Add(cost); at.After(from) {
						want = sum
					}
					if cost.IsNegative() || !cost.Equal(cost.Truncate(2)) || !consumed(at).Equal(want) {
						t.Fatalf("%s: Consumed(%v, %v) = %s, want %s, after %s on %v", describe(s), at, by, consumed(at), want, cost, from)
					}
					if s.Refunded != nil || n < 0 || n >= s.Days() || at.Before(s.Purchased) {
						continue
					}
					refund := noError(s.Refund(at, by))(t)
					if !refund.Consumed.Equal(consumed(at.Add(1))) || !refund.Consumed.Add(refund.Amount).Equal(whole) {
						t.Fatalf("%s: Refund(%v, %v) = %s, want Consumed a nanosecond later", describe(s), at, by, describe(refund))
					}
				}
				if !sum.Equal(whole) || !consumed(s.Start).IsZero() || !consumed(s.End.Add(-oneDay+1)).Equal(whole) && s.Days() > 0 {
					t.Fatalf("%s by %v: the days cost %s, want none before the start and %s once the last has begun", describe(s), by, sum, whole)
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
		start, days := s.Start, 0
		var sum decimal.Decimal
		for i, p := range noError(s.Amortize(by))(t) {
			last := p.End.Add(-1)
			if !p.Start.Equal(start) || !p.End.After(start) || p.Start.Month() != last.Month() || p.End.Sub(p.Start) > 31*oneDay ||
				i > 0 && p.Start.Day() != 1 || p.Days != int(p.End.Sub(p.Start)/oneDay) {
				t.Fatalf("%s: Amortize(%v): period %d = %s, want the part of one month from %v", describe(s), by, i, describe(p), start)
			}
			cost := noError(s.Consumed(p.End, by))(t).Sub(noError(s.Consumed(p.Start, by))(t))
			deferred := noError(s.Deferred(p.End, by))(t)
			if !p.Amount.Equal(cost) || !p.Deferred.Equal(deferred) || p.Amount.IsNegative() {
				t.Fatalf("%s: Amortize(%v): period %d = %s, want %s and %s", describe(s), by, i, describe(p), cost, deferred)
			}
			if p.End.Equal(s.End) && !p.Deferred.IsZero() {
				t.Fatalf("%s: Amortize(%v) ends with %s, want nothing deferred", describe(s), by, describe(p))
			}
			start, sum, days = p.End, sum.Add(p.Amount), days+p.Days
		}
		if !start.Equal(s.End) || !sum.Equal(whole) || days != s.Days() {
			t.Fatalf("%s: Amortize(%v) sums to %s in %d days, at %v, want %s", describe(s), by, sum, days, start, whole)
		}
	}
}

// TestDeferred keeps the books of one subscription or more, each from its purchase on: at every instant what is deferred is
// what was paid less what was consumed and paid back. A refund restates no balance and no month that was closed before it.
func TestDeferred(t *testing.T) {
	t.Parallel()
	r := newRandom(3, 3)
	for range rounds(300) {
		by := r.proration()
		var all []mss.Subscription
		var instants []time.Time
		for range 1 + r.IntN(8) {
			s := r.subscription(t)
			instants = append(instants, s.Purchased, s.Start, s.End, r.instant(s.Purchased, s.End))
			if r.oneIn(2) {
				refund := noError(s.Refund(r.instant(s.Purchased, s.End), by))(t)
				closed := noError(s.Cancel(refund, refund.At))(t)
				checkNotRestated(t, s, closed)
				s, instants = closed, append(instants, refund.At, closed.End)
			}
			all = append(all, s)
		}
		for _, instant := range instants {
			for _, until := range []time.Time{instant.Add(-1), instant, instant.Add(1)} {
				var paid, consumed, paidBack, deferred decimal.Decimal
				for _, s := range all {
					if s.Purchased.Before(until) {
						paid = paid.Add(s.Quote.Amount)
						consumed = consumed.Add(noError(s.Consumed(until, by))(t))
					}
					if s.Refunded != nil && s.Refunded.At.Before(until) {
						paidBack = paidBack.Add(s.Refunded.Amount)
					}
					deferred = deferred.Add(noError(s.Deferred(until, by))(t))
				}
				if want := paid.Sub(consumed).Sub(paidBack); !deferred.Equal(want) {
					t.Fatalf("deferred at %v = %s, want paid %s - consumed %s - paid back %s = %s, of %s",
						until, deferred, paid, consumed, paidBack, want, describe(all))
				}
			}
		}
	}
}

// checkNotRestated compares the balances and months of s with those after it was refunded.
func checkNotRestated(t *testing.T, s, closed mss.Subscription) {
	t.Helper()
	at, by := closed.Refunded.At, closed.Refunded.By
	for until := at; until.After(s.Purchased.Add(-oneDay)); until = until.Add(-oneDay * 9 / 2) {
		before, after := noError(s.Deferred(until, by))(t), noError(closed.Deferred(until, by))(t)
		if !after.Equal(before) {
			t.Fatalf("Deferred(%v) of %s = %s, want %s as before the refund", until, describe(closed), after, before)
		}
	}
	months, restated := noError(s.Amortize(by))(t), noError(closed.Amortize(by))(t)
	n := slices.IndexFunc(months, func(p mss.Period) bool { return p.End.After(at) })
	if len(restated) < n {
		t.Fatalf("%s has %d months, want the %d before the refund", describe(closed), len(restated), n)
	}
	if diff := cmp.Diff(months[:n], restated[:n]); diff != "" {
		t.Fatalf("%s: months closed before the refund (-before +after):\n%s", describe(closed), diff)
	}
}

// TestChange sees that the old and the new subscription leave no day out and serve none twice. A change on the eve of an
// anchor day to the months left, of the same machines, is free by month and ends when the old one would have.
func TestChange(t *testing.T) {
	t.Parallel()
	r := newRandom(3, 4)
	seen := map[string]int{}
	for range rounds(3000) {
		s, q := r.subscription(t), r.quote(t)
		at, by, months := r.instant(s.Purchased, s.End), r.proration(), s.Quote.Quantity()
		toTheEnd := s.Quote.Plan == "odd-month" && months > 1
		if toTheEnd {
			used := 1 + r.IntN(months-1)
			q, by = noError(planNamed("odd-month").Quote(s.Quote.Machines, mss.Months(months-used)))(t), mss.ByMonth
			at = r.on(monthsLater(momentOf(s.Start).day, s.AnchorDay, used).previous()).in(r.zone())
		}
		c, err := s.Change(q, at, by)
		seen[fmt.Sprintf("%t %s", toTheEnd, sentinel(err))]++
		if sentinel(err) == "[ErrDate]" && !toTheEnd {
			continue // the new plan cannot begin there
		}
		if err != nil || !c.Closed.Start.Equal(s.Start) || !c.Opened.Start.Equal(c.Closed.End) || c.Opened.Validate() != nil ||
			!c.Refund.Equal(*c.Closed.Refunded) || !c.Net.Equal(q.Amount.Sub(c.Refund.Amount)) {
			t.Fatalf("%s: Change(%v, %v, %v) = %s, %v", describe(s), q, at, by, describe(c), err)
		}
		for noon := s.Start.Add(oneDay / 2); noon.Before(c.Opened.End); noon = noon.Add(oneDay) {
			if (c.Closed.Status(noon) == mss.Active) == (c.Opened.Status(noon) == mss.Active) {
				t.Fatalf("%s: both or none are active on %v", describe(c), noon)
			}
		}
		if toTheEnd && !(c.Opened.End.Equal(s.End) && c.Opened.AnchorDay == s.AnchorDay && c.Net.IsZero()) {
			t.Fatalf("%s changed to the months left = %s, want its end and anchor, and nothing owed", describe(s), describe(c))
		}
	}
	if seen["true nil"] == 0 || seen["false nil"] == 0 || seen["false [ErrDate]"] == 0 {
		t.Errorf("changes: %v, want all kinds", seen)
	}
}

// readBack writes a value as JSON and to a column, and reads it back Equal. It also sees that the text stays the same, which
// shows all of a value that has no Equal.
func readBack[T any](t testing.TB, want T, equal func(got, want T) bool) {
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
	column := noError(any(want).(driver.Valuer).Value())(t).(string)
	for _, column := range []any{column, []byte(column)} {
		var got T
		err := any(&got).(sql.Scanner).Scan(column)
		check(got, err)
	}
}

func jsonText(t testing.TB, v any) string {
	t.Helper()
	return string(noError(json.Marshal(v))(t))
}
