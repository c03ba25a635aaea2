package mss_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

// What must hold whatever is bought, and when. No figure is computed a second time here, that is for
// reference_test.go, where the random input comes from too.

var prorations = []mss.Proration{mss.ByDay, mss.ByMonth}

// rounds is how often a property is tried on new random input.
func rounds(n int) int {
	if testing.Short() || raceEnabled {
		return max(1, n/10)
	}
	return n
}

// needQuote, needSubscribe and needRenew are for input that is good.

func needQuote(t *testing.T, plan mss.Plan, machines int, term mss.Term) mss.Quote {
	t.Helper()
	q, err := plan.Quote(machines, term)
	if err != nil {
		t.Fatalf("Quote(%d, %s) of %s error = %v, want nil", machines, term, plan.Name, err)
	}
	return q
}

func needSubscribe(t *testing.T, q mss.Quote, purchased time.Time) mss.Subscription {
	t.Helper()
	s, err := q.Subscribe(purchased)
	if err != nil {
		t.Fatalf("Subscribe(%s) to %s error = %v, want nil", showExact(purchased), showExact(q), err)
	}
	return s
}

func needRenew(t *testing.T, s mss.Subscription, q mss.Quote, at time.Time) mss.Subscription {
	t.Helper()
	renewed, err := s.Renew(q, at)
	if err != nil {
		t.Fatalf("Renew(%s, %s) of %s error = %v, want nil", showExact(q), showExact(at), showExact(s), err)
	}
	return renewed
}

func needRefund(t *testing.T, s mss.Subscription, at time.Time, by mss.Proration) mss.Refund {
	t.Helper()
	r, err := s.Refund(at, by)
	if err != nil {
		t.Fatalf("Refund(%s, %d) of %s error = %v, want nil", showExact(at), uint8(by), showExact(s), err)
	}
	return r
}

func needCancel(t *testing.T, s mss.Subscription, r mss.Refund, at time.Time) mss.Subscription {
	t.Helper()
	closed, err := s.Cancel(r, at)
	if err != nil {
		t.Fatalf("Cancel(%s, %s) of %s error = %v, want nil", showExact(r), showExact(at), showExact(s), err)
	}
	return closed
}

func (r random) quote(t *testing.T, p product) mss.Quote {
	t.Helper()
	return needQuote(t, p.plan, r.machines(p.ref), r.term(p.ref))
}

// subscription is a first purchase or a renewal of one, bought in time or late.
func (r random) subscription(t *testing.T) mss.Subscription {
	t.Helper()
	s := needSubscribe(t, r.quote(t, r.product()), r.moment().in(r.zone()))
	for range r.IntN(4) {
		at := pick(r, s.Purchased, s.End, s.End.Add(time.Duration(r.IntN(100*24))*time.Hour))
		s = needRenew(t, s, r.quote(t, r.product()), at)
	}
	return s
}

// within is an instant at which the subscription can be refunded.
func (r random) within(s mss.Subscription) time.Time {
	return s.Purchased.Add(time.Duration(r.Int64N(int64(s.End.Sub(s.Purchased))))).In(r.zone())
}

// daysOf are instants on each day of service, one a day.
func (r random) daysOf(s mss.Subscription) []time.Time {
	var instants []time.Time
	for day := s.Start; day.Before(s.End); day = day.Add(nanosPerDay) {
		at := day.Add(time.Duration(r.Int64N(nanosPerDay)))
		if at.Before(s.Purchased) { // earlier on the day of purchase
			at = s.Purchased
		}
		instants = append(instants, at.In(r.zone()))
	}
	return instants
}

func TestPropertyRefundOverTheTerm(t *testing.T) {
	t.Parallel()
	r := newRandom(3, 1)
	for range rounds(1000) {
		s := r.subscription(t)
		days := r.daysOf(s)
		if len(days) != s.Days() {
			t.Fatalf("Days() of %s = %d, want %d", showExact(s), s.Days(), len(days))
		}
		for _, by := range prorations {
			consumed := decimal.Zero
			for i, at := range days {
				got := needRefund(t, s, at, by)
				if sum := got.Consumed.Add(got.Amount); !sum.Equal(got.Paid) || !got.Paid.Equal(s.Quote.Amount) {
					t.Errorf("Refund(%s, %s) of %s = %s, want consumed + amount = paid", showExact(at), by, showExact(s), showExact(got))
				}
				if got.Consumed.LessThan(consumed) || got.Consumed.GreaterThan(got.Paid) {
					t.Errorf("Refund(%s, %s) of %s = %s, want %s..%s consumed", showExact(at), by, showExact(s), showExact(got), consumed, got.Paid)
				}
				if !got.Consumed.Equal(got.Consumed.Truncate(2)) {
					t.Errorf("Refund(%s, %s) of %s = %s, want whole fen", showExact(at), by, showExact(s), showExact(got))
				}
				if got.UsedDays != i+1 || got.TotalDays != len(days) {
					t.Errorf("Refund(%s, %s) of %s = %s, want %d of %d days", showExact(at), by, showExact(s), showExact(got), i+1, len(days))
				}
				if used, left := s.UsedDays(at), s.DaysLeft(at); used != i+1 || used+left != len(days) {
					t.Errorf("UsedDays and DaysLeft(%s) of %s = %d and %d, want %d of %d", showExact(at), showExact(s), used, left, i+1, len(days))
				}
				consumed = got.Consumed
			}
			last := needRefund(t, s, s.End.Add(-1), by)
			if !last.Amount.IsZero() || !last.Consumed.Equal(last.Paid) {
				t.Errorf("Refund(%s, %s) of %s = %s, want amount 0", showExact(s.End.Add(-1)), by, showExact(s), showExact(last))
			}
			if s.Purchased.Before(s.Start) {
				before := needRefund(t, s, s.Start.Add(-1), by)
				if !before.Consumed.IsZero() || !before.Amount.Equal(before.Paid) {
					t.Errorf("Refund(%s, %s) of %s = %s, want nothing consumed", showExact(s.Start.Add(-1)), by, showExact(s), showExact(before))
				}
			}
		}
	}
}

// Both prorations agree for a single month, and always for a plan priced by the day.
func TestPropertyProrationsAgree(t *testing.T) {
	t.Parallel()
	r := newRandom(3, 2)
	for range rounds(300) {
		s := r.subscription(t)
		if s.Quote.Term != mss.Months(1) && s.Quote.Term.Unit != mss.Day {
			continue
		}
		for _, at := range r.daysOf(s) {
			day, month := needRefund(t, s, at, mss.ByDay), needRefund(t, s, at, mss.ByMonth)
			if !day.Amount.Equal(month.Amount) {
				t.Errorf("Refund(%s, month) of %s: Amount = %s, want %s as by day", showExact(at), showExact(s), month.Amount, day.Amount)
			}
		}
	}
}

// Renewals bought while the service runs, or on the day it ends, follow each other without a gap and without overlap.
func TestPropertyRenewalsTile(t *testing.T) {
	t.Parallel()
	r := newRandom(4, 1)
	for range rounds(5000) {
		chain := []mss.Subscription{needSubscribe(t, r.quote(t, r.product()), r.moment().in(r.zone()))}
		for range 1 + r.IntN(6) {
			last := chain[len(chain)-1]
			p := r.product()
			latest := last.End.Add(time.Duration(1-p.plan.LeadDays)*nanosPerDay - 1) // still in time for the notice
			if latest.Before(last.Purchased) {
				continue
			}
			at := last.Purchased.Add(time.Duration(r.Int64N(int64(latest.Sub(last.Purchased)) + 1)))
			if r.oneIn(4) {
				at = latest
			}
			chain = append(chain, needRenew(t, last, r.quote(t, p), at.In(r.zone())))
		}
		first, last := chain[0], chain[len(chain)-1]
		days := 0
		for i, s := range chain {
			days += s.Days()
			if i > 0 && !s.Start.Equal(chain[i-1].End) {
				t.Errorf("%s renewed in time as %s: Start = %s, want %s", showExact(chain[i-1]), showExact(s), showExact(s.Start), showExact(chain[i-1].End))
			}
		}
		if want := int(last.End.Sub(first.Start) / nanosPerDay); days != want {
			t.Errorf("%d subscriptions from %s to %s: sum of Days() = %d, want %d",
				len(chain), showExact(first.Start), showExact(last.End), days, want)
		}
		for range 10 {
			at := first.Start.Add(time.Duration(r.Int64N(int64(last.End.Sub(first.Start)))))
			if got := activeAt(at, chain...); got != 1 {
				t.Errorf("%d subscriptions of the chain from %s are active at %s, want 1", got, showExact(first), showExact(at))
			}
		}
	}
}

func activeAt(at time.Time, subscriptions ...mss.Subscription) int {
	n := 0
	for _, s := range subscriptions {
		if s.Status(at) == mss.Active {
			n++
		}
	}
	return n
}

// A month renewed n-1 times ends on the day on which n months bought at once end.
func TestPropertyMonthsRenewedOneByOne(t *testing.T) {
	t.Parallel()
	terms := termsByMonths(t, 36)
	month := terms[1][0]
	sample := testing.Short() || raceEnabled
	n := 0
	for day := (refDate{2024, 1, 1}); day.y < 2026; day = day.next() {
		n++
		if sample && n%13 != 0 && day.d < 28 {
			continue
		}
		purchased := endOf(day).in(time.UTC)
		renewed := needSubscribe(t, month, purchased)
		for n := 2; n <= 36; n++ {
			at := renewed.End // on the day of expiry
			if n%2 == 0 {
				at = renewed.Purchased // at once
			}
			renewed = needRenew(t, renewed, month, at)
			for _, quote := range terms[n] {
				atOnce := needSubscribe(t, quote, purchased)
				if !renewed.End.Equal(atOnce.End) || renewed.AnchorDay != atOnce.AnchorDay {
					t.Fatalf("a month from %v renewed to %d: End = %s, anchor %d; want %s, %d as for %s at once", day, n,
						showExact(renewed.End), renewed.AnchorDay, showExact(atOnce.End), atOnce.AnchorDay, quote.Term)
				}
			}
		}
	}
}

// The same instant gives the same answer, whichever zone it comes in, and every answer is in Beijing time.
func TestPropertyZonesDoNotMatter(t *testing.T) {
	t.Parallel()
	r := newRandom(5, 1)
	for range rounds(2000) {
		p := r.product()
		q, purchased := r.quote(t, p), r.moment().in(time.UTC)
		start := q.EarliestStart(purchased)
		wantBeijing(t, start)
		s, err := q.SubscribeFrom(purchased, start)
		if err != nil {
			t.Fatalf("SubscribeFrom(%s, %s) to %s error = %v, want nil", showExact(purchased), showExact(start), showExact(q), err)
		}
		wantBeijing(t, s.Purchased, s.Start, s.End)
		at, by, next := r.within(s), r.proration(), r.quote(t, p)
		refund := needRefund(t, s, at, by)
		closed := needCancel(t, s, refund, at)
		change, changeErr := s.Change(next, at, by)
		renewed := needRenew(t, s, next, at)
		contact, err := s.ContactBy(nil)
		if err != nil {
			t.Fatalf("ContactBy(nil) of %s error = %v, want nil", showExact(s), err)
		}
		wantBeijing(t, refund.At, closed.Refunded.At, closed.End, renewed.Purchased, renewed.Start, renewed.End, contact)

		for _, zone := range farZones {
			at := at.In(zone)
			if got := q.EarliestStart(purchased.In(zone)); !got.Equal(start) {
				t.Errorf("EarliestStart(%s) = %s, want %s", purchased.In(zone), showExact(got), showExact(start))
			}
			if got := needSubscribe(t, q, purchased.In(zone)); !got.Equal(s) {
				t.Errorf("Subscribe(%s) = %s, want %s", purchased.In(zone), showExact(got), showExact(s))
			}
			if got, err := q.SubscribeFrom(purchased.In(zone), start.In(zone)); err != nil || !got.Equal(s) {
				t.Errorf("SubscribeFrom(%s, %s) = %s, %v, want %s", purchased.In(zone), start.In(zone), showExact(got), err, showExact(s))
			}
			if got, want := s.Status(at), s.Status(at.UTC()); got != want {
				t.Errorf("Status(%s) of %s = %s, want %s", at, showExact(s), got, want)
			}
			if got := s.UsedDays(at); got != refund.UsedDays {
				t.Errorf("UsedDays(%s) of %s = %d, want %d", at, showExact(s), got, refund.UsedDays)
			}
			if got, want := s.DaysLeft(at), refund.TotalDays-refund.UsedDays; got != want {
				t.Errorf("DaysLeft(%s) of %s = %d, want %d", at, showExact(s), got, want)
			}
			if got := needRefund(t, s, at, by); !got.Equal(refund) {
				t.Errorf("Refund(%s, %s) of %s = %s, want %s", at, by, showExact(s), showExact(got), showExact(refund))
			}
			moved := refund
			moved.At = moved.At.In(zone) // a preview may come back from elsewhere
			if got := needCancel(t, s, moved, at); !got.Equal(closed) {
				t.Errorf("Cancel(%s, %s) of %s = %s, want %s", showExact(moved), at, showExact(s), showExact(got), showExact(closed))
			} else {
				wantBeijing(t, got.Refunded.At)
			}
			if got := needRenew(t, s, next, at); !got.Equal(renewed) {
				t.Errorf("Renew(%s, %s) of %s = %s, want %s", showExact(next), at, showExact(s), showExact(got), showExact(renewed))
			}
			got, err := s.Change(next, at, by)
			if sentinelOf(err) != sentinelOf(changeErr) || showExact(got) != showExact(change) {
				t.Errorf("Change(%s, %s, %s) of %s = %s, %v, want %s, %v",
					showExact(next), at, by, showExact(s), showExact(got), err, showExact(change), changeErr)
			}

			// A subscription whose own times were moved to another zone is still the same one.
			elsewhere := s
			elsewhere.Purchased, elsewhere.Start, elsewhere.End = s.Purchased.In(zone), s.Start.In(zone), s.End.In(zone)
			if !elsewhere.Equal(s) {
				t.Errorf("%s in %s Equal = false, want true", showExact(s), zone)
			}
			if got := needRefund(t, elsewhere, at, by); !got.Equal(refund) {
				t.Errorf("Refund(%s, %s) of %s in %s = %s, want %s", at, by, showExact(s), zone, showExact(got), showExact(refund))
			}
			gotRenewed := needRenew(t, elsewhere, next, at)
			if !gotRenewed.Equal(renewed) {
				t.Errorf("Renew(%s, %s) of %s in %s = %s, want %s", showExact(next), at, showExact(s), zone, showExact(gotRenewed), showExact(renewed))
			}
			wantBeijing(t, gotRenewed.Purchased, gotRenewed.Start, gotRenewed.End)
		}
	}
}

func wantBeijing(t *testing.T, instants ...time.Time) {
	t.Helper()
	for _, at := range instants {
		if name, offset := at.Zone(); name != "UTC+8" || offset != 8*60*60 {
			t.Errorf("%s is in %s, want UTC+8", at, name)
		}
	}
}

// More machines never cost less, and the price follows the term.
func TestPropertyQuotes(t *testing.T) {
	t.Parallel()
	r := newRandom(6, 1)
	for _, p := range products() {
		term := r.term(p.ref)
		last := p.plan.Tiers[len(p.plan.Tiers)-1].Max
		previous := needQuote(t, p.plan, 1, term)
		for machines := 2; machines <= min(last, 7000); machines++ {
			q := needQuote(t, p.plan, machines, term)
			if q.Amount.LessThan(previous.Amount) {
				t.Errorf("Quote(%d, %s) of %s = %s, want %s or more", machines, term, p.plan.Name, q.Amount, previous.Amount)
			}
			if machines < q.Tier.Min || machines > q.Tier.Max {
				t.Errorf("Quote(%d, %s) of %s: Tier = %d-%d", machines, term, p.plan.Name, q.Tier.Min, q.Tier.Max)
			}
			previous = q
		}

		unit := mss.Months
		if p.ref.perDay {
			unit = mss.Days
		}
		for range rounds(300) {
			machines, n, m := r.machines(p.ref), 1+r.IntN(600), 1+r.IntN(600)
			one := needQuote(t, p.plan, machines, unit(1))
			a, b := needQuote(t, p.plan, machines, unit(n)), needQuote(t, p.plan, machines, unit(m))
			both := needQuote(t, p.plan, machines, unit(n+m))
			if !both.Amount.Equal(a.Amount.Add(b.Amount)) {
				t.Errorf("Quote(%d, %s) of %s = %s, want %s + %s", machines, unit(n+m), p.plan.Name, both.Amount, a.Amount, b.Amount)
			}
			if want := one.Amount.Mul(decimal.NewFromInt(int64(n))); !a.Amount.Equal(want) {
				t.Errorf("Quote(%d, %s) of %s = %s, want %d × %s", machines, unit(n), p.plan.Name, a.Amount, n, one.Amount)
			}
		}
	}
}

func TestPropertyYearIsTwelveMonths(t *testing.T) {
	t.Parallel()
	r := newRandom(6, 2)
	for years := 1; years <= 100; years++ {
		for _, p := range products() {
			if p.ref.perDay {
				continue
			}
			machines := r.machines(p.ref)
			inYears, inMonths := needQuote(t, p.plan, machines, mss.Years(years)), needQuote(t, p.plan, machines, mss.Months(12*years))
			if !inYears.Amount.Equal(inMonths.Amount) {
				t.Errorf("Quote(%d, %s) of %s = %s, want %s as for %s",
					machines, inYears.Term, p.plan.Name, inYears.Amount, inMonths.Amount, inMonths.Term)
			}
			purchased := r.moment().in(r.zone())
			a, b := needSubscribe(t, inYears, purchased), needSubscribe(t, inMonths, purchased)
			if !a.End.Equal(b.End) {
				t.Errorf("Subscribe(%s) for %s: End = %s, want %s as for %s",
					showExact(purchased), inYears.Term, showExact(a.End), showExact(b.End), inMonths.Term)
			}
			at := r.within(a)
			for _, by := range prorations {
				x, y := needRefund(t, a, at, by), needRefund(t, b, at, by)
				if !x.Equal(y) {
					t.Errorf("Refund(%s, %s) of %s = %s, want %s as for %s", showExact(at), by, showExact(a), showExact(x), showExact(y), inMonths.Term)
				}
			}
		}
	}
}

// A change bills every day once: up to the change in the old subscription, from then on in the new one.
func TestPropertyChangeBillsEveryDayOnce(t *testing.T) {
	t.Parallel()
	r := newRandom(7, 1)
	changed := 0
	for range rounds(2000) {
		s, next := r.subscription(t), r.quote(t, r.product())
		at, by := r.within(s), r.proration()
		call := fmt.Sprintf("Change(%s, %s, %s) of %s", showExact(next), showExact(at), by, showExact(s))
		got, err := s.Change(next, at, by)
		if err != nil {
			if sentinelOf(err) != "[ErrDate]" || next.LeadDays < 2 {
				t.Errorf("%s error = %v, want nil", call, err)
			}
			continue
		}
		changed++
		refund := needRefund(t, s, at, by)
		closed := needCancel(t, s, refund, at)
		if !got.Refund.Equal(refund) || !got.Closed.Equal(closed) {
			t.Errorf("%s = %s, want %s and %s as from Refund and Cancel", call, showExact(got), showExact(refund), showExact(closed))
		}
		if !got.Opened.Start.Equal(got.Closed.End) || !got.Opened.Quote.Equal(next) {
			t.Errorf("%s opens %s, want it to start at %s", call, showExact(got.Opened), showExact(got.Closed.End))
		}
		days := 0
		for day := s.Start; day.Before(got.Opened.End); day = day.Add(nanosPerDay) {
			days++
			probe := day.Add(time.Duration(r.Int64N(nanosPerDay)))
			if n := activeAt(probe, got.Closed, got.Opened); n != 1 {
				t.Fatalf("%s: at %s %d subscriptions are active, want 1", call, showExact(probe), n)
			}
		}
		if n := got.Closed.Days() + got.Opened.Days(); n != days || got.Closed.Days() != refund.UsedDays {
			t.Errorf("%s: Days() = %d + %d, want %d, of which %d used",
				call, got.Closed.Days(), got.Opened.Days(), days, refund.UsedDays)
		}
		if total := s.Quote.Amount.Add(got.Net); !total.Equal(refund.Consumed.Add(next.Amount)) {
			t.Errorf("%s: paid %s + net %s, want consumed %s + new %s", call, s.Quote.Amount, got.Net, refund.Consumed, next.Amount)
		}
	}
	if changed == 0 {
		t.Error("no change came about, want some")
	}
}

// What is written is read back Equal, and written the same again.
func TestPropertyJSON(t *testing.T) {
	t.Parallel()
	r := newRandom(8, 1)
	for _, p := range products() {
		got := mss.Plan{}
		text := decodeEncodedText(t, p.plan, &got)
		if again := encodeText(t, got); again != text { // a plan has no Equal, its text shows all of it
			t.Errorf("Marshal(Unmarshal(%s)) = %s, want the same", text, again)
		}
	}
	for range rounds(1000) {
		s := r.subscription(t)
		at := r.within(s)
		refund := needRefund(t, s, at, r.proration())
		closed := needCancel(t, s, refund, at)
		checkRoundTrip(t, s.Quote)
		checkRoundTrip(t, s)
		checkRoundTrip(t, refund)
		checkRoundTrip(t, closed)
		if change, err := s.Change(r.quote(t, r.product()), at, mss.ByDay); err == nil {
			checkRoundTrip(t, change.Closed)
			checkRoundTrip(t, change.Opened)
		}
	}
}

func checkRoundTrip[T interface{ Equal(T) bool }](t *testing.T, want T) {
	t.Helper()
	var got T
	text := decodeEncodedText(t, want, &got)
	if !got.Equal(want) || !want.Equal(got) {
		t.Errorf("Unmarshal(%s) = %s, want %s", text, showExact(got), showExact(want))
	}
	if again := encodeText(t, got); again != text {
		t.Errorf("Marshal(Unmarshal(%s)) = %s, want the same", text, again)
	}
}

func decodeEncodedText(t *testing.T, v, into any) string {
	t.Helper()
	text := encodeText(t, v)
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Errorf("Unmarshal(%s) error = %v, want nil", text, err)
	}
	return text
}

func encodeText(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("Marshal(%+v) error = %v, want nil", v, err)
	}
	return string(text)
}

// Operations answer with new values and leave alone what they were given, a plan's tiers and a subscription's refund
// too.
func TestPropertyOperandsStay(t *testing.T) {
	t.Parallel()
	r := newRandom(9, 1)
	for range rounds(300) {
		p := r.product()
		// One more element than the slice shows, to notice an append to the caller's array.
		tiers := append(append([]mss.Tier(nil), p.plan.Tiers...), mss.Tier{Min: -1})
		p.plan.Tiers = tiers[:len(tiers)-1]
		catalog := mss.Catalog{p.plan}
		q, s := r.quote(t, p), r.subscription(t)
		at, by := r.within(s), r.proration()
		refund := needRefund(t, s, at, by)
		closed := needCancel(t, s, refund, at)

		operands := map[string]any{
			"tiers": tiers, "catalog": catalog, "quote": q, "subscription": s, "refund": refund, "cancelled subscription": closed,
		}
		// Text shares no memory with what it describes. showExact comes first, as it calls nothing of the package that could
		// have changed the operand already, and has the zones of times.
		describe := func(operand any) string { return showExact(operand) + encodeText(t, operand) }
		before := map[string]string{}
		for name, operand := range operands {
			before[name] = describe(operand)
		}

		machines, term := r.machines(p.ref), r.term(p.ref)
		_, _ = p.plan.Quote(machines, term)
		_, _ = p.plan.Quote(-1, term)
		_, _ = mss.Lookup(p.plan.Tiers, machines)
		_, _ = mss.Affordable(p.plan.Tiers, q.Amount)
		_ = mss.ValidateTiers(p.plan.Tiers)
		_ = p.plan.Validate()
		_ = catalog.Validate()
		_, _ = catalog.Plan(p.plan.Name)
		_ = q.EarliestStart(at)
		_, _ = q.Subscribe(at)
		_, _ = q.SubscribeFrom(at, q.EarliestStart(at))
		_, _ = json.Marshal(p.plan)
		for _, s := range []mss.Subscription{s, closed} {
			_ = s.Validate()
			_ = s.Equal(closed)
			_ = s.Status(at)
			_, _, _ = s.Days(), s.UsedDays(at), s.DaysLeft(at)
			_, _ = s.ContactBy(nil)
			_, _ = s.Renew(q, s.End)
			_, _ = s.Refund(at, by)
			_, _ = s.Cancel(refund, at)
			_, _ = s.Change(q, at, by)
			_, _ = json.Marshal(s)
		}

		for name, operand := range operands {
			if got := describe(operand); got != before[name] {
				t.Errorf("the operations changed the %s to %s, want %s", name, got, before[name])
			}
		}
	}
}

// What a caller does to a plan, a catalog or a refund it was given reaches nobody else.
func TestPropertyAnswersAreTheCallersOwn(t *testing.T) {
	t.Parallel()
	for name, plan := range map[string]func() mss.Plan{
		"RoutineOperations": mss.RoutineOperations,
		"EventProtection":   mss.EventProtection,
		"Published":         func() mss.Plan { return mss.Published()[0] },
	} {
		want := encodeText(t, plan())
		edited := plan()
		edited.Tiers[0] = mss.Tier{Min: 7, Max: 3}
		if got := encodeText(t, plan()); got != want {
			t.Errorf("%s() after an edit of an earlier answer = %s, want %s", name, got, want)
		}
	}

	q := needQuote(t, mss.RoutineOperations(), 5, mss.Months(1))
	s := needSubscribe(t, q, startOf(refDate{2025, 1, 31}).in(time.UTC))
	refund := needRefund(t, s, s.Purchased, mss.ByDay)
	one, two := needCancel(t, s, refund, s.Purchased), needCancel(t, s, refund, s.Purchased)
	one.Refunded.UsedDays = 99
	if two.Refunded.UsedDays != 1 || refund.UsedDays != 1 {
		t.Errorf("an edit of one cancelled subscription reached another: %s", showExact(two))
	}
}
