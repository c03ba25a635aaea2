// The package answers as the model (model_test.go) does: the same value to the nanosecond and the fen, or the same
// sentinel error beside a zero value. All machine counts, all days of 400 years and thousands of random lives are
// played on both. Times and stored values are handed to the package in random zones.

package proof

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

// TestModel holds the model to figures that can be read off a calendar or worked out by hand.
func TestModel(t *testing.T) {
	for _, tt := range []struct {
		from   date
		anchor int
		n      int
		want   date
	}{
		{date{2025, 1, 31}, 31, 1, date{2025, 2, 28}},
		{date{2024, 1, 31}, 31, 1, date{2024, 2, 29}},
		{date{2025, 2, 28}, 31, 1, date{2025, 3, 31}},
		{date{2024, 2, 29}, 29, 12, date{2025, 2, 28}},
		{date{2025, 4, 15}, 15, 21, date{2027, 1, 15}},
	} {
		if got := monthsLater(tt.from, tt.anchor, tt.n); got != tt.want {
			t.Errorf("monthsLater(%v, %d, %d) = %v, want %v", tt.from, tt.anchor, tt.n, got, tt.want)
		}
	}
	if got := daysBetween(date{2000, 1, 1}, date{2400, 1, 1}); got != 146097 {
		t.Errorf("daysBetween(2000-01-01, 2400-01-01) = %d, want 146097", got)
	}
	for in, want := range map[string]string{"1/200": "0.01", "49/10000": "0.00", "2/3": "0.67", "3/200": "0.02", "7": "7.00"} {
		r, _ := new(big.Rat).SetString(in)
		if got := money(roundToFen(r)); got != want {
			t.Errorf("roundToFen(%s) = %s, want %s", in, got, want)
		}
	}
	q := noError(refQuoteOf(mss.RoutineOperations(), 120, mss.Years(1)))(t)
	s := noError(q.subscribeFrom(startOf(date{2026, 1, 31}), startOf(date{2026, 1, 31})))(t)
	for by, want := range map[mss.Proration]string{
		mss.ByDay:   "30378.08", // 252000 × 44 ÷ 365 = 30378.0821…
		mss.ByMonth: "31838.71", // 21000 + 21000 × 16 ÷ 31 = 31838.7096…
	} {
		if got := money(noError(s.consumed(startOf(date{2026, 3, 16}), by))(t)); got != want {
			t.Errorf("consumed by %v = %s, want %s", by, got, want)
		}
	}
}

// What the package and the model answered.
type (
	pair[G, W any] struct {
		got  G
		want W
	}
	offered  = pair[mss.Quote, refQuote]
	sold     = pair[mss.Subscription, refSubscription]
	refunded = pair[mss.Refund, refRefund]
)

// A trial plays one story on both sides, and compares every answer.
type trial struct {
	random
	t    *testing.T
	name string         // says how to repeat the story
	seen map[string]int // how often each operation had each outcome
}

// same compares an answer of the package with the model's, and reports whether both are a value. The call is formatted
// only if a test fails, as there are many.
func (tr *trial) same(got any, err error, want any, wantErr error, call string, args ...any) bool {
	tr.t.Helper()
	operation, _, _ := strings.Cut(call, "(")
	tr.seen[operation+" "+sentinel(wantErr)]++
	failed := ""
	switch {
	case sentinel(err) != sentinel(wantErr):
		failed = fmt.Sprintf("error = %s (%v), want %s", sentinel(err), err, sentinel(wantErr))
	case err != nil && !reflect.ValueOf(got).IsZero():
		failed = fmt.Sprintf("= %s beside an error, want the zero value", describe(got))
	case err == nil && describe(got) != describe(want):
		failed = fmt.Sprintf("= %s,\n\twant %s", describe(got), describe(want))
	}
	if failed != "" {
		for i := range args {
			args[i] = describe(args[i])
		}
		tr.t.Fatalf("%s %s\n\tin %s", fmt.Sprintf(call, args...), failed, tr.name)
	}
	return err == nil
}

var sentinelNames = map[error]string{
	mss.ErrMachines: "ErrMachines", mss.ErrContactSales: "ErrContactSales", mss.ErrTerm: "ErrTerm", mss.ErrPlan: "ErrPlan",
	mss.ErrUnknownPlan: "ErrUnknownPlan", mss.ErrDate: "ErrDate", mss.ErrInconsistent: "ErrInconsistent",
	mss.ErrExpired: "ErrExpired", mss.ErrCancelled: "ErrCancelled",
}

// sentinel names the sentinels that an error wraps, of which there should be exactly one. Any other error than a sentinel
// itself should be a message of at most 600 bytes on one line.
func sentinel(err error) string {
	if err == nil {
		return "nil"
	}
	var names []string
	text := err.Error()
	begins := strings.HasPrefix(text, "mss: ") && !strings.HasPrefix(text, "mss: mss: ")
	if _, bare := sentinelNames[err]; !bare && (!begins || len(text) > 600 || strings.ContainsFunc(text, hidden)) {
		names = append(names, "not one short line")
	}
	for target, name := range sentinelNames {
		if errors.Is(err, target) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return "[" + strings.Join(names, " ") + "]"
}

// show writes a value of the package and the same value of the model alike, with all exported fields.
func describe(v any) string {
	switch v := v.(type) {
	case time.Time:
		return v.Format("2006-01-02T15:04:05.000000000 MST")
	case date:
		return startOf(v).String()
	case decimal.Decimal:
		return money(v.Rat())
	case *big.Rat:
		return money(v)
	case moment, mss.Term:
		return fmt.Sprint(v)
	}
	text := ""
	switch v := reflect.ValueOf(v); {
	case v.Kind() == reflect.Pointer && !v.IsNil():
		return describe(v.Elem().Interface())
	case v.Kind() == reflect.Pointer:
		return "nil"
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			text += "\n\t" + describe(v.Index(i).Interface())
		}
		return text
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				text += " " + field.Name + ":" + describe(v.Field(i).Interface())
			}
		}
		return "{" + text + " }"
	}
	return fmt.Sprint(v)
}

// inZone is the moment as the package gets it, in some zone.
func (tr *trial) inZone(m moment) time.Time { return m.in(tr.zone()) }

func (tr *trial) quote(p mss.Plan, machines int, term mss.Term) (offered, bool) {
	tr.t.Helper()
	got, err := p.Quote(machines, term)
	want, wantErr := refQuoteOf(p, machines, term)
	ok := tr.same(got, err, want, wantErr, "Quote(%v, %v) of %v", machines, term, p)
	if ok && got.Quantity() != want.quantity() {
		tr.t.Fatalf("Quantity() of %s = %d, want %d", describe(want), got.Quantity(), want.quantity())
	}
	return offered{got, want}, ok
}

// sold compares a subscription, moves it to other zones, as a database might, and reads it back as a document.
func (tr *trial) sold(
	got mss.Subscription, err error, want refSubscription, wantErr error, call string, args ...any,
) (sold, bool) {
	tr.t.Helper()
	if !tr.same(got, err, want, wantErr, call, args...) {
		return sold{}, false
	}
	moved := got
	moved.Purchased, moved.Start, moved.End = got.Purchased.In(tr.zone()), got.Start.In(tr.zone()), got.End.In(tr.zone())
	if got.Refunded != nil {
		refund := *got.Refunded
		refund.At = refund.At.In(tr.zone())
		moved.Refunded = &refund
	}
	if err := moved.Validate(); err != nil || !moved.Equal(got) {
		tr.t.Errorf("%s in other zones: Validate() = %v, Equal = %t, want nil, true", describe(want), err, moved.Equal(got))
	}
	readBack(tr.t, moved, mss.Subscription.Equal)
	return sold{moved, want}, true
}

// subscribe starts at some time on a day, and by itself too if that is the earliest.
func (tr *trial) subscribe(q offered, purchased moment, start date) (sold, bool) {
	tr.t.Helper()
	from := tr.on(start)
	if start == q.want.earliestStart(purchased) {
		from = startOf(start)
		got, err := q.got.Subscribe(tr.inZone(purchased))
		want, wantErr := q.want.subscribeFrom(purchased, from)
		tr.same(got, err, want, wantErr, "Subscribe(%v) to %v", purchased, q.want)
	}
	got, err := q.got.SubscribeFrom(tr.inZone(purchased), tr.inZone(from))
	want, wantErr := q.want.subscribeFrom(purchased, from)
	return tr.sold(got, err, want, wantErr, "SubscribeFrom(%v, %v) to %v", purchased, from, q.want)
}

func (tr *trial) renew(s sold, q offered, at moment) (sold, bool) {
	tr.t.Helper()
	got, err := s.got.Renew(q.got, tr.inZone(at))
	want, wantErr := s.want.renew(q.want, at)
	return tr.sold(got, err, want, wantErr, "Renew(%v, %v) of %v", q.want, at, s.want)
}

func (tr *trial) refund(s sold, at moment, by mss.Proration) (refunded, bool) {
	tr.t.Helper()
	got, err := s.got.Refund(tr.inZone(at), by)
	want, wantErr := s.want.refund(at, by)
	ok := tr.same(got, err, want, wantErr, "Refund(%v, %v) of %v", at, by, s.want)
	got.At = got.At.In(tr.zone()) // a preview may come back from elsewhere
	return refunded{got, want}, ok
}

func (tr *trial) cancel(s sold, r refunded, at moment) (sold, bool) {
	tr.t.Helper()
	got, err := s.got.Cancel(r.got, tr.inZone(at))
	want, wantErr := s.want.cancel(r.want, at)
	return tr.sold(got, err, want, wantErr, "Cancel(%v, %v) of %v", r.want, at, s.want)
}

func (tr *trial) change(s sold, q offered, at moment, by mss.Proration) (closed, opened sold, ok bool) {
	tr.t.Helper()
	got, err := s.got.Change(q.got, tr.inZone(at), by)
	want, wantErr := s.want.change(q.want, at, by)
	if !tr.same(got, err, want, wantErr, "Change(%v, %v, %v) of %v", q.want, at, by, s.want) {
		return sold{}, sold{}, false
	}
	if want.Net.Sign() < 0 {
		tr.seen["Change owed to the customer"]++
	}
	closed, _ = tr.sold(got.Closed, nil, want.Closed, nil, "Change(closed)")
	opened, _ = tr.sold(got.Opened, nil, want.Opened, nil, "Change(opened)")
	return closed, opened, true
}

// observe asks everything that can be asked of a subscription at one moment.
func (tr *trial) observe(s sold, at moment) {
	tr.t.Helper()
	t := tr.inZone(at)
	status, used := s.want.status(at), s.want.usedDays(at)
	tr.same(s.got.Status(t), nil, status, nil, "Status(%v) of %v", at, s.want)
	tr.seen["Status "+describe(status)]++
	tr.same(s.got.UsedDays(t), nil, used, nil, "UsedDays(%v) of %v", at, s.want)
	tr.same(s.got.DaysLeft(t), nil, s.want.days()-used, nil, "DaysLeft(%v) of %v", at, s.want)
	for _, by := range []mss.Proration{mss.ByDay, mss.ByMonth} {
		tr.refund(s, at, by)
		tr.balance(s, at, by)
	}
}

func (tr *trial) balance(s sold, until moment, by mss.Proration) {
	tr.t.Helper()
	got, err := s.got.Consumed(tr.inZone(until), by)
	want, wantErr := s.want.consumed(until, by)
	tr.same(got, err, want, wantErr, "Consumed(%v, %v) of %v", until, by, s.want)
	got, err = s.got.Deferred(tr.inZone(until), by)
	want, wantErr = s.want.deferred(until, by)
	tr.same(got, err, want, wantErr, "Deferred(%v, %v) of %v", until, by, s.want)
}

// observeAll looks at a subscription at the edges of everything, and at some moments between and around.
func (tr *trial) observeAll(s sold) {
	tr.t.Helper()
	tr.same(s.got.Days(), nil, s.want.days(), nil, "Days() of %v", s.want)
	purchased, start, end := s.want.Purchased, s.want.Start, s.want.End
	moments := []moment{
		purchased.justBefore(), purchased, purchased.justAfter(),
		startOf(start).justBefore(), startOf(start), endOf(start),
		startOf(end.previous()), startOf(end).justBefore(), startOf(end), endOf(end),
		tr.between(start, end), tr.between(start, end), tr.between(start, end),
		tr.on(start.plus(-tr.IntN(40))), tr.on(end.plus(tr.IntN(400))),
		pick(tr.random, zeroTime, startOf(date{1, 1, 1}), endOf(date{9999, 12, 31})),
		pick(tr.random, endOf(date{0, 12, 31}), startOf(date{10000, 1, 1})),
	}
	edge := tr.endOfMonth(s)
	moments = append(moments, startOf(edge).justBefore(), startOf(edge))
	if r := s.want.Refunded; r != nil {
		moments = append(moments, r.At.justBefore(), r.At, r.At.justAfter())
	}
	if s.want.days() < 400 && tr.oneIn(20) { // every day
		for day := start; !end.before(day); day = day.next() {
			moments = append(moments, tr.on(day))
		}
	}
	for _, at := range moments {
		tr.observe(s, at)
	}
	for _, by := range []mss.Proration{mss.ByDay, mss.ByMonth, 0, 3, -1, math.MaxInt, math.MinInt} {
		got, err := s.got.Amortize(by)
		want, wantErr := s.want.amortize(by)
		tr.same(got, err, want, wantErr, "Amortize(%v) of %v", by, s.want)
		tr.refund(s, purchased, by)
		tr.balance(s, pick(tr.random, purchased, zeroTime), by)
	}
	tr.contactBy(s)
}

// endOfMonth is the day after the last one of a month of service, or of some day of a term of days.
func (tr *trial) endOfMonth(s sold) date {
	if s.want.Quote.perDay() {
		return s.want.Start.plus(1 + tr.IntN(s.want.Quote.Term.N))
	}
	return pick(tr.random, s.want.months[1:]...)
}

func (tr *trial) contactBy(s sold) {
	tr.t.Helper()
	purchased := s.want.Purchased
	got, err := s.got.ContactBy(nil)
	want, wantErr := s.want.contactBy(mondayToFriday)
	tr.same(got, err, want, wantErr, "ContactBy(nil), bought %v", purchased)

	// A calendar with a single working day, at most 366 days later or just too far.
	only := purchased.day.plus(pick(tr.random, 0, 1, 2, 10, 365, 366, 367))
	got, err = s.got.ContactBy(func(day time.Time) bool {
		y, m, d := day.Date()
		return date{y, int(m), d} == only
	})
	want, wantErr = s.want.contactBy(func(day date) bool { return day == only })
	tr.same(got, err, want, wantErr, "ContactBy(only %v is worked), bought %v", only, purchased)
}

// wantSeen fails if the input never led to an outcome that the test is there for.
func (tr *trial) wantSeen(outcomes ...string) {
	tr.t.Helper()
	for _, outcome := range outcomes {
		if tr.seen[outcome] == 0 {
			tr.t.Errorf("%q did not happen; what did: %v", outcome, tr.seen)
		}
	}
}

// TestReferenceQuotes asks for every machine count, one below the first and one above the last too, and of plans with
// faults, which are found in this order: the plan's own, the term's, the count's, then those of the band it is in.
func TestReferenceQuotes(t *testing.T) {
	t.Parallel()
	tr := &trial{random: newRandom(1, 0), t: t, seen: map[string]int{}}
	terms := []mss.Term{
		mss.Days(0), mss.Days(1), mss.Days(365), mss.Days(36525), mss.Days(36526),
		mss.Months(0), mss.Months(1), mss.Months(11), mss.Months(1200), mss.Months(1201),
		mss.Years(-1), mss.Years(1), mss.Years(3), mss.Years(100), mss.Years(101),
		{N: 1, Unit: 0}, {N: 1, Unit: 4}, {N: 1, Unit: -1}, {N: 1, Unit: math.MinInt},
	}
	all := plans()
	for _, edit := range []func(p *mss.Plan){
		func(p *mss.Plan) { p.Name = "" },
		func(p *mss.Plan) { p.Name = strings.Repeat("安", 67) },
		func(p *mss.Plan) { p.Name = "safe\u202ednuos" },
		func(p *mss.Plan) { p.Name = "two\nlines" },
		func(p *mss.Plan) { p.Name = "\xff" },
		func(p *mss.Plan) { p.Unit = 0 },
		func(p *mss.Plan) { p.Unit = -1 },
		func(p *mss.Plan) { p.Unit = math.MaxInt },
		func(p *mss.Plan) { p.LeadDays = -1 },
		func(p *mss.Plan) { p.LeadDays = 367 },
		func(p *mss.Plan) { p.Tiers[1].Min = 6 }, // a gap; faults elsewhere in the plan do not matter to a quote
		func(p *mss.Plan) { p.Tiers[1].Price = decimal.Zero },
		func(p *mss.Plan) { p.Tiers[1].Price = decimal.RequireFromString("-0.01") },
		func(p *mss.Plan) { p.Tiers[1].Price = decimal.RequireFromString("0.001") },
		func(p *mss.Plan) { p.Tiers[1].Price = decimal.RequireFromString("1000000000000.01") },
	} {
		faulty := planNamed("odd-month")
		edit(&faulty)
		all = append(all, faulty)
	}
	for _, p := range all {
		last := p.Tiers[len(p.Tiers)-1].Max
		for machines := 0; machines <= min(last, 7000)+1; machines++ {
			tr.quote(p, machines, pick(tr.random, terms...))
			tr.quote(p, machines, tr.term(p))
		}
		for _, term := range terms {
			for _, machines := range []int{math.MinInt, -1, 0, 1, last, last + 1, math.MaxInt} {
				tr.quote(p, machines, term)
			}
		}
	}
	tr.wantSeen("Quote nil", "Quote [ErrPlan]", "Quote [ErrTerm]", "Quote [ErrMachines]", "Quote [ErrContactSales]")
}

// TestReferenceMonths begins on every day of the 400 years after which the calendar repeats itself.
func TestReferenceMonths(t *testing.T) {
	t.Parallel()
	quotes := make(map[int][]mss.Quote) // by the number of months
	for n := 1; n <= 36; n++ {
		quotes[n] = append(quotes[n], noError(planNamed("odd-month").Quote(1, mss.Months(n)))(t))
		if n%12 == 0 {
			quotes[n] = append(quotes[n], noError(planNamed("odd-year").Quote(1, mss.Years(n/12)))(t))
		}
	}
	for start := (date{2000, 1, 1}); start.y < 2400; start = start.next() {
		if testing.Short() && (start.d < 28 || start.y%20 > 4) {
			continue
		}
		purchased := endOf(start).in(time.UTC)
		day, days := start, 0 // walks through the longest term, a day at a time
		for n := 1; n <= 36; n++ {
			for end := monthsLater(start, start.d, n); day.before(end); day = day.next() {
				days++
			}
			end := startOf(day).in(time.UTC)
			for _, q := range quotes[n] {
				s := noError(q.Subscribe(purchased))(t)
				if !s.End.Equal(end) || s.Days() != days {
					t.Fatalf("%v from %v: End = %v, %d days, want %v, %d", q, start, s.End, s.Days(), day, days)
				}
			}
		}
	}
}

// TestReferenceFollowing has each plan follow each plan, by a renewal and by a change, bought on each day around those on
// which a rule turns: service begins, whole months of it end, it ends, and the notice for that.
func TestReferenceFollowing(t *testing.T) {
	t.Parallel()
	tr := &trial{random: newRandom(1, 1), t: t, seen: map[string]int{}}
	terms := map[mss.Unit]mss.Term{mss.Day: mss.Days(28), mss.Month: mss.Months(4), mss.Year: mss.Years(1)}
	purchased, late := startOf(date{2026, 10, 31}), date{2027, 1, 31} // 28 days and four months end on 28 February
	for _, before := range plans() {
		old, _ := tr.quote(before, 1, terms[before.Unit])
		start := old.want.earliestStart(purchased)
		if old.want.perDay() && start.before(late) {
			start = late
		}
		s, _ := tr.subscribe(old, purchased, start)
		turns := append([]date{start.next(), s.want.End}, s.want.months[:min(3, len(s.want.months))]...)
		for _, after := range plans() {
			next, _ := tr.quote(after, 1, terms[after.Unit])
			for _, turn := range append(turns, monthsLater(s.want.End, s.want.AnchorDay, 2)) {
				for n := -3; n <= 3; n++ {
					tr.renew(s, next, tr.on(turn.plus(n-after.LeadDays)))
					tr.change(s, next, tr.on(turn.plus(n)), tr.proration())
				}
			}
		}
	}
}

// TestReferenceLives plays random lives from purchase to the end, always the same ones.
func TestReferenceLives(t *testing.T) {
	t.Parallel()
	tr := &trial{t: t, seen: map[string]int{}}
	for i := range rounds(1500) {
		tr.random, tr.name = newRandom(2, uint64(i)), fmt.Sprint("life ", i)
		tr.live()
	}
	tr.wantSeen(
		"Quote nil", "Quote [ErrTerm]", "Quote [ErrMachines]", "Quote [ErrContactSales]", "Subscribe nil", "Subscribe [ErrDate]",
		"SubscribeFrom nil", "SubscribeFrom [ErrDate]", "Renew nil", "Renew [ErrDate]", "Renew [ErrCancelled]",
		"Consumed nil", "Consumed [ErrDate]", "Consumed [ErrInconsistent]",
		"Deferred nil", "Deferred [ErrDate]", "Deferred [ErrInconsistent]", "Amortize nil", "Amortize [ErrInconsistent]",
		"Refund nil", "Refund [ErrDate]", "Refund [ErrExpired]", "Refund [ErrCancelled]", "Refund [ErrInconsistent]",
		"Cancel nil", "Cancel [ErrDate]", "Cancel [ErrCancelled]", "Change nil", "Change [ErrDate]", "Change [ErrExpired]",
		"Change [ErrCancelled]", "Change [ErrInconsistent]", "Change owed to the customer",
		"ContactBy nil", "ContactBy [ErrDate]",
		"Status scheduled", "Status active", "Status expired", "Status cancelled",
	)
}

func (tr *trial) live() {
	tr.t.Helper()
	s, ok := tr.buy()
	if !ok {
		return
	}
	tr.observeAll(s)
	for range tr.IntN(4) {
		if next, ok := tr.buyAgain(s); ok {
			s = next
			tr.observeAll(s)
		}
	}
	switch tr.IntN(4) {
	case 0:
		tr.cancelOnce(s)
	case 1, 2:
		tr.changeOnce(s)
	}
}

// anyQuote is a quote of p; sometimes it asks for what cannot be had first.
func (tr *trial) anyQuote(p mss.Plan) offered {
	tr.t.Helper()
	if tr.oneIn(4) {
		last := p.Tiers[len(p.Tiers)-1].Max
		tr.quote(p, pick(tr.random, 0, last+1), tr.term(p))
		tr.quote(p, tr.machines(p), pick(tr.random, mss.Days(5), mss.Months(5), mss.Years(101), mss.Term{}))
	}
	term := tr.term(p)
	if tr.oneIn(200) { // a very long one
		term = mss.Years(20 + tr.IntN(81))
		if p.Unit == mss.Day {
			term = mss.Days(10000 + tr.IntN(26526))
		}
	}
	q, _ := tr.quote(p, tr.machines(p), term)
	return q
}

func (tr *trial) buy() (sold, bool) {
	tr.t.Helper()
	q := tr.anyQuote(tr.plan())
	purchased := tr.on(tr.day())
	if tr.oneIn(20) { // near the first and the last year that can be written
		purchased = tr.on(pick(tr.random, date{1, 1, 1}, date{1, 1, 2}, date{9999, 12, 31}, date{9999, 6, 30}, date{9998, 2, 28}))
	}
	earliest := q.want.earliestStart(purchased)
	if purchased != zeroTime && earliest.y <= 9999 {
		tr.same(q.got.EarliestStart(tr.inZone(purchased)), nil, earliest, nil, "EarliestStart(%v) of %v", purchased, q.want)
	}
	return tr.subscribe(q, purchased, earliest.plus(pick(tr.random, -1, 0, 0, 0, 0, 0, 0, 1, 2, 30, 400)))
}

// buyAgain renews at a moment when something might differ.
func (tr *trial) buyAgain(s sold) (sold, bool) {
	tr.t.Helper()
	p := pick(tr.random, tr.plan(), planNamed(s.want.Quote.Plan))
	q := tr.anyQuote(p)
	purchased, end, lead := s.want.Purchased, s.want.End, p.LeadDays
	if tr.oneIn(5) {
		tr.renew(s, q, purchased.justBefore())
	}
	return tr.renew(s, q, pick(tr.random,
		purchased,
		tr.on(s.want.Start),
		tr.between(s.want.Start, end),
		startOf(end).justBefore(), startOf(end), endOf(end), startOf(end.next()), // around the Beijing day of End
		tr.on(end.plus(-lead)), tr.on(end.plus(1-lead)), // around the last day of notice
		tr.on(end.plus(tr.IntN(400))),
	))
}

// someMomentPaidFor is mostly one at which the subscription can still be closed.
func (tr *trial) someMomentPaidFor(s sold) moment {
	purchased, start, end := s.want.Purchased, s.want.Start, s.want.End
	return pick(tr.random,
		purchased, tr.between(purchased.day, start), tr.on(start.plus(-1)), tr.on(start.plus(-2)),
		tr.between(start, end), tr.between(start, end), tr.between(start, end),
		startOf(start), startOf(end).justBefore(), startOf(end),
	)
}

func (tr *trial) cancelOnce(s sold) {
	tr.t.Helper()
	r, ok := tr.refund(s, tr.someMomentPaidFor(s), tr.proration())
	if !ok {
		return
	}
	at := r.want.At
	tr.cancel(s, r, at.justBefore())
	tr.cancel(s, r, startOf(at.day.next()))
	tr.cancel(s, r, tr.on(at.day.previous()))
	if closed, ok := tr.cancel(s, r, pick(tr.random, at, endOf(at.day))); ok {
		tr.checkClosed(closed, r)
	}
}

func (tr *trial) changeOnce(s sold) {
	tr.t.Helper()
	q := tr.anyQuote(pick(tr.random, tr.plan(), planNamed(s.want.Quote.Plan)))
	at, by := tr.someMomentPaidFor(s), tr.proration()
	if tr.oneIn(2) { // whole months end there
		at = tr.on(tr.endOfMonth(s).previous())
	}
	tr.change(s, tr.anyQuote(tr.plan()), tr.someMomentPaidFor(s), tr.proration())
	tr.change(s, q, at, 0)
	closed, opened, ok := tr.change(s, q, at, by)
	if !ok {
		return
	}
	tr.observeAll(opened)
	if next, ok := tr.buyAgain(opened); ok {
		tr.observeAll(next)
	}
	tr.checkClosed(closed, refunded{*closed.got.Refunded, *closed.want.Refunded})
}

// checkClosed sees that a cancelled subscription answers as one, and can be neither used nor cancelled again.
func (tr *trial) checkClosed(s sold, r refunded) {
	tr.t.Helper()
	tr.observeAll(s)
	tr.cancel(s, r, r.want.At)
	q := tr.anyQuote(tr.plan())
	tr.renew(s, q, startOf(s.want.End))
	tr.change(s, q, r.want.At, r.want.By)
}
