package mss_test

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

// This file holds the rules of the package a second time, slow and obvious: days are counted one at a time, months
// come from a table of their lengths, money is a big.Rat. The model takes nothing from the package but its sentinel
// errors and its plainest types (Term, Unit, Proration, Status). The tests below play the same story on both sides.
//
// Names that begin with ref belong to the model.

// ---- The model: days ----

// A refDate is a calendar day in Beijing.
type refDate struct{ y, m, d int }

var monthLengths = [...]int{1: 31, 2: 28, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}

func monthLength(y, m int) int {
	if m == 2 && y%4 == 0 && (y%100 != 0 || y%400 == 0) {
		return 29
	}
	return monthLengths[m]
}

func (a refDate) next() refDate {
	switch {
	case a.d < monthLength(a.y, a.m):
		return refDate{a.y, a.m, a.d + 1}
	case a.m < 12:
		return refDate{a.y, a.m + 1, 1}
	default:
		return refDate{a.y + 1, 1, 1}
	}
}

func (a refDate) previous() refDate {
	switch {
	case a.d > 1:
		return refDate{a.y, a.m, a.d - 1}
	case a.m > 1:
		return refDate{a.y, a.m - 1, monthLength(a.y, a.m-1)}
	default:
		return refDate{a.y - 1, 12, 31}
	}
}

func (a refDate) before(b refDate) bool {
	if a.y != b.y {
		return a.y < b.y
	}
	if a.m != b.m {
		return a.m < b.m
	}
	return a.d < b.d
}

func (a refDate) plus(days int) refDate {
	for range days {
		a = a.next()
	}
	return a
}

func (a refDate) minus(days int) refDate {
	for range days {
		a = a.previous()
	}
	return a
}

// daysBetween counts the days of [from, to).
func daysBetween(from, to refDate) int {
	n := 0
	for day := from; day.before(to); day = day.next() {
		n++
	}
	return n
}

// monthsLater is the anchor day in the month n months after from's, or the last day of that month if it is shorter.
func monthsLater(from refDate, anchor, n int) refDate {
	y, m := from.y, from.m
	for range n {
		if m++; m > 12 {
			y, m = y+1, 1
		}
	}
	return refDate{y, m, min(anchor, monthLength(y, m))}
}

// mondayToFriday counts the days since a known Monday, 3 January 2000. Weekdays repeat every 400 years, so any year
// can be brought near it.
func mondayToFriday(day refDate) bool {
	for day.y < 2001 {
		day.y += 400
	}
	for day.y > 2400 {
		day.y -= 400
	}
	return daysBetween(refDate{2000, 1, 3}, day)%7 < 5
}

// ---- The model: moments ----

const nanosPerDay = 24 * 60 * 60 * 1_000_000_000

// A refMoment is a day and a time of that day in Beijing.
type refMoment struct {
	day   refDate
	nanos int64 // since midnight
}

func startOf(day refDate) refMoment { return refMoment{day, 0} }
func endOf(day refDate) refMoment   { return refMoment{day, nanosPerDay - 1} }

func (a refMoment) before(b refMoment) bool {
	if a.day != b.day {
		return a.day.before(b.day)
	}
	return a.nanos < b.nanos
}

func (a refMoment) justBefore() refMoment {
	if a.nanos == 0 {
		return endOf(a.day.previous())
	}
	return refMoment{a.day, a.nanos - 1}
}

// String is what Format writes for the same instant in Beijing time with instantLayout.
func (a refMoment) String() string {
	s := a.nanos / 1_000_000_000
	return fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d.%09d+08:00",
		a.day.y, a.day.m, a.day.d, s/3600, s/60%60, s%60, a.nanos%1_000_000_000)
}

const instantLayout = "2006-01-02T15:04:05.000000000Z07:00"

// in hands the moment to the package, in any zone. No field given to time.Date is ever out of its range, so
// time.Date does no calendar arithmetic here.
func (a refMoment) in(zone *time.Location) time.Time {
	s := int(a.nanos / 1_000_000_000)
	beijing := time.FixedZone("Beijing", 8*60*60)
	return time.Date(a.day.y, time.Month(a.day.m), a.day.d, s/3600, s/60%60, s%60, int(a.nanos%1_000_000_000), beijing).In(zone)
}

// zeroTime is time.Time{} as seen in Beijing.
var zeroTime = refMoment{refDate{1, 1, 1}, 8 * 60 * 60 * 1_000_000_000}

// ---- The model: money ----

func ratOf(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic("not an amount: " + s)
	}
	return r
}

func times(r *big.Rat, n int) *big.Rat { return new(big.Rat).Mul(r, big.NewRat(int64(n), 1)) }
func plus(a, b *big.Rat) *big.Rat      { return new(big.Rat).Add(a, b) }
func minus(a, b *big.Rat) *big.Rat     { return new(big.Rat).Sub(a, b) }

// share is r × part ÷ whole.
func share(r *big.Rat, part, whole int) *big.Rat {
	return new(big.Rat).Mul(r, big.NewRat(int64(part), int64(whole)))
}

// toFen rounds to hundredths, half away from zero.
func toFen(r *big.Rat) *big.Rat {
	fen := times(new(big.Rat).Abs(r), 100)
	fen.Add(fen, big.NewRat(1, 2))
	whole := new(big.Int).Quo(fen.Num(), fen.Denom()) // drops the fraction
	rounded := new(big.Rat).SetFrac(whole, big.NewInt(100))
	if r.Sign() < 0 {
		rounded.Neg(rounded)
	}
	return rounded
}

// refMoney writes an amount exactly: with two decimals when it is in whole fen, as a fraction when it is not.
func refMoney(r *big.Rat) string {
	if times(r, 100).IsInt() {
		return r.FloatString(2)
	}
	return r.String()
}

// ---- The model: plans and quotes ----

type refBand struct {
	min, max int
	price    string
}

type refPlan struct {
	name   string
	perDay bool // priced by the day, otherwise by the month
	lead   int
	bands  []refBand
}

var refRoutine = refPlan{name: "routine-operations", bands: []refBand{
	{1, 5, "1250"},
	{6, 20, "4200"},
	{21, 50, "8400"},
	{51, 100, "12500"},
	{101, 200, "21000"},
	{201, 400, "29500"},
	{401, 600, "42000"},
	{601, 800, "54500"},
	{801, 1000, "64800"},
	{1001, 1500, "89100"},
	{1501, 2000, "118800"},
	{2001, 2500, "148500"},
	{2501, 3000, "178200"},
	{3001, 3500, "207900"},
	{3501, 4000, "237600"},
	{4001, 4500, "267300"},
	{4501, 5000, "297000"},
	{5001, 5500, "326700"},
	{5501, 6000, "356400"},
}}

var refEvent = refPlan{name: "event-protection", perDay: true, lead: 5, bands: []refBand{
	{1, 50, "12000"},
	{51, 200, "17000"},
	{201, 500, "23000"},
	{501, 1000, "30000"},
}}

// The catalog of an imaginary service, with prices that do not divide well, so that rounding has work to do.
var refCustom = []refPlan{
	{name: "odd-month", bands: []refBand{{1, 3, "1234.57"}, {4, 10, "1234.57"}, {11, 99, "9999.99"}}},
	{name: "notice-month", lead: 10, bands: []refBand{{1, 7, "0.01"}, {8, 9, "77.77"}, {10, 50, "100000.01"}}},
	{name: "odd-day", perDay: true, lead: 2, bands: []refBand{{1, 10, "0.01"}, {11, 20, "0.07"}, {21, 30, "333.33"}}},
	{name: "at-once-day", perDay: true, bands: []refBand{{1, 1, "0.33"}, {2, 1000000, "999999999999.99"}}},
	{name: "dear-month", bands: []refBand{{1, 2, "999999999999.99"}, {3, 4, "1000000000000"}}},
	{name: "far-day", perDay: true, lead: 366, bands: []refBand{{1, 5, "0.05"}}},
}

// plan is the same plan as the package takes it.
func (p refPlan) plan() mss.Plan {
	plan := mss.Plan{Name: p.name, Title: "Plan " + p.name, Unit: mss.Month, LeadDays: p.lead}
	if p.perDay {
		plan.Unit = mss.Day
	}
	for _, b := range p.bands {
		plan.Tiers = append(plan.Tiers, mss.Tier{Min: b.min, Max: b.max, Price: decimal.RequireFromString(b.price)})
	}
	return plan
}

// refQuote is what a quote says, and which kind of plan it was made from.
type refQuote struct {
	plan     refPlan
	machines int
	term     mss.Term
	band     refBand
	amount   *big.Rat
}

func (p refPlan) quote(machines int, term mss.Term) (refQuote, error) {
	longest := map[mss.Unit]int{mss.Day: 36525, mss.Month: 1200, mss.Year: 100}
	if term.N < 1 || term.N > longest[term.Unit] {
		return refQuote{}, mss.ErrTerm
	}
	if p.perDay != (term.Unit == mss.Day) {
		return refQuote{}, mss.ErrTerm
	}
	if machines < 1 {
		return refQuote{}, mss.ErrMachines
	}
	if machines > p.bands[len(p.bands)-1].max {
		return refQuote{}, mss.ErrContactSales
	}
	for _, b := range p.bands {
		if b.min <= machines && machines <= b.max {
			q := refQuote{plan: p, machines: machines, term: term, band: b}
			q.amount = times(ratOf(b.price), q.units())
			return q, nil
		}
	}
	return refQuote{}, mss.ErrPlan
}

// units is how many days or months are paid for.
func (q refQuote) units() int {
	if q.term.Unit == mss.Year {
		return 12 * q.term.N
	}
	return q.term.N
}

func (q refQuote) earliestStart(purchased refMoment) refDate { return purchased.day.plus(q.plan.lead) }

func (q refQuote) String() string {
	return fmt.Sprintf("{%s %d machines %s, band %d-%d at %s, lead %d = %s}", q.plan.name, q.machines,
		termText(q.term), q.band.min, q.band.max, refMoney(ratOf(q.band.price)), q.plan.lead, refMoney(q.amount))
}

// termText is the ISO 8601 text of a term, or of what was tried as one.
func termText(t mss.Term) string {
	letters := map[mss.Unit]string{mss.Day: "D", mss.Month: "M", mss.Year: "Y"}
	return fmt.Sprintf("P%d%s", t.N, letters[t.Unit])
}

// ---- The model: subscriptions ----

type refSubscription struct {
	quote      refQuote
	purchased  refMoment
	start, end refDate
	anchor     int
	refunded   *refRefund
}

// subscribe buys from the earliest day.
func (q refQuote) subscribe(purchased refMoment) (refSubscription, error) {
	return q.subscribeFrom(purchased, q.earliestStart(purchased))
}

func (q refQuote) subscribeFrom(purchased refMoment, start refDate) (refSubscription, error) {
	earliest := q.earliestStart(purchased)
	if start.before(earliest) {
		return refSubscription{}, mss.ErrDate
	}
	if !q.plan.perDay && start != earliest {
		return refSubscription{}, mss.ErrDate
	}
	return q.begin(purchased, start, start.d)
}

// begin counts the term from start.
func (q refQuote) begin(purchased refMoment, start refDate, anchor int) (refSubscription, error) {
	var end refDate
	if q.plan.perDay {
		end = start.plus(q.units())
	} else {
		end = monthsLater(start, anchor, q.units())
	}
	if purchased == zeroTime || purchased.day.y < 1 || end.y > 9999 {
		return refSubscription{}, mss.ErrDate
	}
	return refSubscription{quote: q, purchased: purchased, start: start, end: end, anchor: anchor}, nil
}

func (s refSubscription) String() string {
	text := fmt.Sprintf("{%s purchased %s, from %s to %s, anchor %d",
		s.quote, s.purchased, startOf(s.start), startOf(s.end), s.anchor)
	if s.refunded != nil {
		text += ", refunded " + s.refunded.String()
	}
	return text + "}"
}

func (s refSubscription) status(at refMoment) mss.Status {
	cancelled := s.refunded != nil
	switch {
	case cancelled && s.refunded.usedDays == 0 && !at.before(s.refunded.at):
		return mss.Cancelled
	case at.day.before(s.start):
		return mss.Scheduled
	case at.day.before(s.end):
		return mss.Active
	case cancelled:
		return mss.Cancelled
	default:
		return mss.Expired
	}
}

func (s refSubscription) days() int { return daysBetween(s.start, s.end) }

// usedDays counts the days of service that have begun.
func (s refSubscription) usedDays(at refMoment) int {
	n := 0
	for day := s.start; day.before(s.end) && !at.day.before(day); day = day.next() {
		n++
	}
	return n
}

func (s refSubscription) daysLeft(at refMoment) int { return s.days() - s.usedDays(at) }

// contactBy is the midnight after the first working day.
func (s refSubscription) contactBy(workday func(refDate) bool) (refMoment, error) {
	day := s.purchased.day
	for range 366 {
		day = day.next()
		if workday(day) {
			by := startOf(day.next())
			if by.day.y > 9999 {
				return refMoment{}, mss.ErrDate
			}
			return by, nil
		}
	}
	return refMoment{}, mss.ErrDate
}

func (s refSubscription) renew(q refQuote, at refMoment) (refSubscription, error) {
	if s.refunded != nil {
		return refSubscription{}, mss.ErrCancelled
	}
	if at.before(s.purchased) {
		return refSubscription{}, mss.ErrDate
	}
	start, seamless := s.end, true
	if earliest := q.earliestStart(at); s.end.before(earliest) {
		start, seamless = earliest, false
	}
	anchor := start.d
	if seamless && !s.quote.plan.perDay && !q.plan.perDay {
		anchor = s.anchor
	}
	return q.begin(at, start, anchor)
}

// ---- The model: refunds ----

type refRefund struct {
	at                     refMoment
	by                     mss.Proration
	usedDays, totalDays    int
	paid, consumed, amount *big.Rat
}

func (r refRefund) String() string {
	return fmt.Sprintf("{at %s by %d, %d of %d days, %s - %s = %s}",
		r.at, r.by, r.usedDays, r.totalDays, refMoney(r.paid), refMoney(r.consumed), refMoney(r.amount))
}

func (s refSubscription) refund(at refMoment, by mss.Proration) (refRefund, error) {
	if s.refunded != nil {
		return refRefund{}, mss.ErrCancelled
	}
	if by != mss.ByDay && by != mss.ByMonth {
		return refRefund{}, mss.ErrInconsistent
	}
	if at.before(s.purchased) {
		return refRefund{}, mss.ErrDate
	}
	if !at.day.before(s.end) {
		return refRefund{}, mss.ErrExpired
	}
	used, total := s.usedDays(at), s.days()
	consumed := share(s.quote.amount, used, total)
	if by == mss.ByMonth && !s.quote.plan.perDay {
		consumed = s.consumedByMonth(used)
	}
	consumed = toFen(consumed)
	return refRefund{at, by, used, total, s.quote.amount, consumed, minus(s.quote.amount, consumed)}, nil
}

// consumedByMonth charges one service month after the other: each used day its part of the price of its own month.
func (s refSubscription) consumedByMonth(used int) *big.Rat {
	price := ratOf(s.quote.band.price)
	consumed := new(big.Rat)
	for n := 0; used > 0; n++ {
		length := daysBetween(monthsLater(s.start, s.anchor, n), monthsLater(s.start, s.anchor, n+1))
		inMonth := min(used, length)
		consumed = plus(consumed, share(price, inMonth, length))
		used -= inMonth
	}
	return consumed
}

// cancel takes a refund of the model's own; refunds that were edited are for the tests to make.
func (s refSubscription) cancel(r refRefund, at refMoment) (refSubscription, error) {
	if s.refunded != nil {
		return refSubscription{}, mss.ErrCancelled
	}
	if r.at.day != at.day || at.before(r.at) {
		return refSubscription{}, mss.ErrDate
	}
	s.end = s.start.plus(r.usedDays)
	s.refunded = &r
	return s, nil
}

type refChange struct {
	refund         refRefund
	closed, opened refSubscription
	net            *big.Rat
}

func (c refChange) String() string {
	return fmt.Sprintf("{%s closed %s opened %s net %s}", c.refund, c.closed, c.opened, refMoney(c.net))
}

func (s refSubscription) change(q refQuote, at refMoment, by mss.Proration) (refChange, error) {
	r, err := s.refund(at, by)
	if err != nil {
		return refChange{}, err
	}
	closed, err := s.cancel(r, at)
	if err != nil {
		return refChange{}, err
	}
	if closed.end.before(q.earliestStart(at)) {
		return refChange{}, mss.ErrDate
	}
	opened, err := q.begin(at, closed.end, closed.end.d)
	if err != nil {
		return refChange{}, err
	}
	return refChange{r, closed, opened, minus(q.amount, r.amount)}, nil
}

// ---- Random input, for the tests here and in property_test.go ----

type random struct{ *rand.Rand }

func newRandom(seed, stream uint64) random { return random{rand.New(rand.NewPCG(seed, stream))} }

func pick[T any](r random, from ...T) T { return from[r.IntN(len(from))] }

// oneIn is true once in n times.
func (r random) oneIn(n int) bool { return r.IntN(n) == 0 }

// A product is one plan, for the model and for the package.
type product struct {
	ref  refPlan
	plan mss.Plan
}

func products() []product {
	all := []product{{refRoutine, mss.RoutineOperations()}, {refEvent, mss.EventProtection()}}
	for _, p := range refCustom {
		all = append(all, product{p, p.plan()})
	}
	return all
}

// farZones are offsets from the far west to the far east, in whole hours and not.
var farZones = []*time.Location{
	time.UTC,
	time.FixedZone("Beijing", 8*60*60),
	time.FixedZone("St John's", -(3*60+30)*60),
	time.FixedZone("St John's summer", -(2*60+30)*60),
	time.FixedZone("Kathmandu", (5*60+45)*60),
	time.FixedZone("Kiritimati", 14*60*60),
	time.FixedZone("Baker Island", -12*60*60),
	time.FixedZone("Shanghai local mean time", 8*60*60+5*60+43),
}

// day favours the ends of months and leap days.
func (r random) day() refDate {
	y, m := 2019+r.IntN(18), 1+r.IntN(12)
	switch {
	case r.oneIn(4):
		return refDate{y, m, monthLength(y, m)}
	case r.oneIn(4):
		return refDate{y, pick(r, 1, 3, 5, 7, 8, 10, 12), 29 + r.IntN(3)}
	case r.oneIn(8):
		return refDate{pick(r, 2020, 2024, 2028, 2032), 2, 29}
	case r.oneIn(8):
		return refDate{y, 2, 28}
	case r.oneIn(16):
		return refDate{y, 12, 31}
	default:
		return refDate{y, m, 1 + r.IntN(monthLength(y, m))}
	}
}

// on favours the edges of the day in Beijing and in UTC.
func (r random) on(day refDate) refMoment {
	const utcMidnight = nanosPerDay / 3
	if r.oneIn(2) {
		return refMoment{day, pick[int64](r, 0, 1, nanosPerDay-1, nanosPerDay-2, utcMidnight, utcMidnight-1)}
	}
	return refMoment{day, r.Int64N(nanosPerDay)}
}

func (r random) moment() refMoment { return r.on(r.day()) }

func (r random) zone() *time.Location { return pick(r, farZones...) }

// between picks a moment on one of the days from..to.
func (r random) between(from, to refDate) refMoment {
	return r.on(from.plus(r.IntN(daysBetween(from, to) + 1)))
}

// product is a published plan as often as a custom one.
func (r random) product() product {
	all := products()
	if r.oneIn(2) {
		return pick(r, all[:2]...)
	}
	return pick(r, all[2:]...)
}

// machines favours the ends of the bands.
func (r random) machines(p refPlan) int {
	b := pick(r, p.bands...)
	if r.oneIn(2) {
		return pick(r, b.min, b.max)
	}
	return b.min + r.IntN(b.max-b.min+1)
}

func (r random) term(p refPlan) mss.Term {
	switch {
	case p.perDay && r.oneIn(4):
		return mss.Days(1 + r.IntN(400))
	case p.perDay:
		return mss.Days(1 + r.IntN(40))
	case r.oneIn(4):
		return mss.Years(1 + r.IntN(3))
	case r.oneIn(2):
		return mss.Months(1 + r.IntN(36))
	default:
		return mss.Months(1 + r.IntN(3))
	}
}

func (r random) proration() mss.Proration { return pick(r, mss.ByDay, mss.ByMonth) }

// ---- Playing one story on both sides ----

// A trial plays one story on the package and on the model, and compares every answer.
type trial struct {
	random
	t     *testing.T
	name  string         // says how to repeat the story
	story []string       // what has succeeded so far
	seen  map[string]int // how often each operation gave each outcome
}

// quoted, sold and refunded are the package's value and the model's.
type (
	quoted struct {
		got  mss.Quote
		want refQuote
	}
	sold struct {
		got  mss.Subscription
		want refSubscription
	}
	refunded struct {
		got  mss.Refund
		want refRefund
	}
)

func (tr *trial) failf(format string, args ...any) {
	tr.t.Helper()
	tr.t.Errorf("%s\n\tin %s, after:\n\t%s", fmt.Sprintf(format, args...), tr.name, strings.Join(tr.story, "\n\t"))
}

// An asked is a call of the package. It is put into words only when a test fails, since there are many.
type asked struct {
	format string
	args   []any
}

func asking(format string, args ...any) asked { return asked{format, args} }

func (c asked) String() string { return fmt.Sprintf(c.format, c.args...) }

func (c asked) operation() string {
	name, _, _ := strings.Cut(c.format, "(")
	return name
}

// same compares one answer of the package with the model's, and reports whether both are a value and equal.
func (tr *trial) same(call asked, got any, err error, want any, wantErr error) bool {
	tr.t.Helper()
	tr.seen[call.operation()+" "+sentinelOf(wantErr)]++
	if sentinelOf(err) != sentinelOf(wantErr) {
		tr.failf("%s error = %s (%v), want %s", call, sentinelOf(err), err, sentinelOf(wantErr))
		return false
	}
	if err != nil {
		if !reflect.ValueOf(got).IsZero() {
			tr.failf("%s = %s beside an error, want the zero value", call, showExact(got))
		}
		return false
	}
	if showExact(got) != showExact(want) {
		tr.failf("%s = %s,\n\twant %s", call, showExact(got), showExact(want))
		return false
	}
	return true
}

// sentinelOf names the sentinels that an error wraps. There should be exactly one, so with two the name is no name that
// a test asks for.
func sentinelOf(err error) string {
	if err == nil {
		return "nil"
	}
	var names []string
	for name, target := range map[string]error{
		"ErrMachines":     mss.ErrMachines,
		"ErrContactSales": mss.ErrContactSales,
		"ErrTerm":         mss.ErrTerm,
		"ErrPlan":         mss.ErrPlan,
		"ErrUnknownPlan":  mss.ErrUnknownPlan,
		"ErrDate":         mss.ErrDate,
		"ErrInconsistent": mss.ErrInconsistent,
		"ErrExpired":      mss.ErrExpired,
		"ErrCancelled":    mss.ErrCancelled,
	} {
		if errors.Is(err, target) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return "[" + strings.Join(names, " ") + "]"
}

// showExact writes a value of the package as the model writes its own, field by field.
func showExact(v any) string {
	switch v := v.(type) {
	case time.Time:
		return v.Format(instantLayout)
	case mss.Quote:
		return fmt.Sprintf("{%s %d machines %s, band %d-%d at %s, lead %d = %s}", v.Plan, v.Machines,
			v.Term, v.Tier.Min, v.Tier.Max, refMoney(v.Tier.Price.Rat()), v.LeadDays, refMoney(v.Amount.Rat()))
	case mss.Subscription:
		text := fmt.Sprintf("{%s purchased %s, from %s to %s, anchor %d",
			showExact(v.Quote), showExact(v.Purchased), showExact(v.Start), showExact(v.End), v.AnchorDay)
		if v.Refunded != nil {
			text += ", refunded " + showExact(*v.Refunded)
		}
		return text + "}"
	case mss.Refund:
		return fmt.Sprintf("{at %s by %d, %d of %d days, %s - %s = %s}", showExact(v.At), uint8(v.By),
			v.UsedDays, v.TotalDays, refMoney(v.Paid.Rat()), refMoney(v.Consumed.Rat()), refMoney(v.Amount.Rat()))
	case mss.Change:
		return fmt.Sprintf("{%s closed %s opened %s net %s}", showExact(v.Refund), showExact(v.Closed), showExact(v.Opened), refMoney(v.Net.Rat()))
	default:
		return fmt.Sprint(v)
	}
}

// at is the moment as the package gets it, in some zone.
func (tr *trial) at(m refMoment) time.Time { return m.in(tr.zone()) }

func (tr *trial) quote(p product, machines int, term mss.Term) (quoted, bool) {
	tr.t.Helper()
	got, err := p.plan.Quote(machines, term)
	want, wantErr := p.ref.quote(machines, term)
	call := asking("Quote(%d, %s) of %s", machines, termText(term), p.ref.name)
	ok := tr.same(call, got, err, want, wantErr)
	return quoted{got, want}, ok
}

// sold notes a subscription that both sides agree on.
func (tr *trial) sold(call asked, got mss.Subscription, err error, want refSubscription, wantErr error) (sold, bool) {
	tr.t.Helper()
	ok := tr.same(call, got, err, want, wantErr)
	if ok {
		tr.story = append(tr.story, call.String()+" = "+want.String())
		if err := got.Validate(); err != nil {
			tr.failf("%s.Validate() = %v, want nil", want, err)
		}
	}
	return sold{got, want}, ok
}

func (tr *trial) subscribe(q quoted, purchased refMoment) (sold, bool) {
	tr.t.Helper()
	got, err := q.got.Subscribe(tr.at(purchased))
	want, wantErr := q.want.subscribe(purchased)
	return tr.sold(asking("Subscribe(%s) to %s", purchased, q.want), got, err, want, wantErr)
}

// subscribeFrom gives the start as some time on that day.
func (tr *trial) subscribeFrom(q quoted, purchased refMoment, start refDate) (sold, bool) {
	tr.t.Helper()
	got, err := q.got.SubscribeFrom(tr.at(purchased), tr.at(tr.on(start)))
	want, wantErr := q.want.subscribeFrom(purchased, start)
	return tr.sold(asking("SubscribeFrom(%s, %v) to %s", purchased, start, q.want), got, err, want, wantErr)
}

func (tr *trial) renew(s sold, q quoted, at refMoment) (sold, bool) {
	tr.t.Helper()
	got, err := s.got.Renew(q.got, tr.at(at))
	want, wantErr := s.want.renew(q.want, at)
	renewed, ok := tr.sold(asking("Renew(%s, %s) of %s", q.want, at, s.want), got, err, want, wantErr)
	if ok {
		tr.seen[kindOfRenewal(s.want, want)]++
	}
	return renewed, ok
}

func kindOfRenewal(before, after refSubscription) string {
	switch {
	case before.end != after.start:
		return "Renew after a gap"
	case after.anchor != after.start.d:
		return "Renew on an anchor other than its first day"
	default:
		return "Renew without a gap"
	}
}

func (tr *trial) refund(s sold, at refMoment, by mss.Proration) (refunded, bool) {
	tr.t.Helper()
	got, err := s.got.Refund(tr.at(at), by)
	want, wantErr := s.want.refund(at, by)
	ok := tr.same(asking("Refund(%s, %d) of %s", at, uint8(by), s.want), got, err, want, wantErr)
	return refunded{got, want}, ok
}

func (tr *trial) cancel(s sold, r refunded, at refMoment) (sold, bool) {
	tr.t.Helper()
	got, err := s.got.Cancel(r.got, tr.at(at))
	want, wantErr := s.want.cancel(r.want, at)
	return tr.sold(asking("Cancel(%s, %s) of %s", r.want, at, s.want), got, err, want, wantErr)
}

func (tr *trial) change(s sold, q quoted, at refMoment, by mss.Proration) (closed, opened sold, ok bool) {
	tr.t.Helper()
	got, err := s.got.Change(q.got, tr.at(at), by)
	want, wantErr := s.want.change(q.want, at, by)
	call := asking("Change(%s, %s, %d) of %s", q.want, at, uint8(by), s.want)
	if !tr.same(call, got, err, want, wantErr) {
		return sold{}, sold{}, false
	}
	tr.story = append(tr.story, call.String()+" = "+want.String())
	if want.net.Sign() < 0 {
		tr.seen["Change owed to the customer"]++
	}
	for _, s := range []mss.Subscription{got.Closed, got.Opened} {
		if err := s.Validate(); err != nil {
			tr.failf("%s.Validate() = %v, want nil", showExact(s), err)
		}
	}
	return sold{got.Closed, want.closed}, sold{got.Opened, want.opened}, true
}

// observe asks everything that can be asked of a subscription at one moment.
func (tr *trial) observe(s sold, at refMoment) {
	tr.t.Helper()
	t := tr.at(at)
	status := s.want.status(at)
	tr.same(asking("Status(%s) of %s", at, s.want), s.got.Status(t), nil, status, nil)
	tr.seen["Status "+showExact(status)]++
	tr.same(asking("UsedDays(%s) of %s", at, s.want), s.got.UsedDays(t), nil, s.want.usedDays(at), nil)
	tr.same(asking("DaysLeft(%s) of %s", at, s.want), s.got.DaysLeft(t), nil, s.want.daysLeft(at), nil)
	tr.refund(s, at, mss.ByDay)
	tr.refund(s, at, mss.ByMonth)
}

// observeAll looks at a subscription at the edges of everything, and at a few moments between.
func (tr *trial) observeAll(s sold) {
	tr.t.Helper()
	tr.same(asking("Days() of %s", s.want), s.got.Days(), nil, s.want.days(), nil)
	purchased, start, end := s.want.purchased, s.want.start, s.want.end
	for _, at := range []refMoment{
		purchased.justBefore(), purchased,
		startOf(start).justBefore(), startOf(start), endOf(start),
		startOf(end).justBefore(), startOf(end), endOf(end), startOf(end.previous()),
		tr.between(start, end), tr.between(start, end), tr.between(start, end),
	} {
		tr.observe(s, at)
	}
	if !s.want.quote.plan.perDay { // the edges of a service month
		edge := monthsLater(start, s.want.anchor, 1+tr.IntN(s.want.quote.units()))
		tr.observe(s, startOf(edge).justBefore())
		tr.observe(s, startOf(edge))
	}
	if r := s.want.refunded; r != nil {
		tr.observe(s, r.at.justBefore())
		tr.observe(s, r.at)
	}
	for _, by := range []mss.Proration{0, 3, 255} {
		tr.refund(s, purchased, by)
	}
	tr.contactBy(s)
}

func (tr *trial) contactBy(s sold) {
	tr.t.Helper()
	purchased := s.want.purchased
	got, err := s.got.ContactBy(nil)
	want, wantErr := s.want.contactBy(mondayToFriday)
	tr.same(asking("ContactBy(nil), purchased %s", purchased), got, err, want, wantErr)

	// A calendar with a single working day, at most 366 days on or just too far.
	only := purchased.day.plus(pick(tr.random, 0, 1, 2, 10, 365, 366, 367))
	got, err = s.got.ContactBy(func(day time.Time) bool {
		y, m, d := day.Date()
		return refDate{y, int(m), d} == only
	})
	want, wantErr = s.want.contactBy(func(day refDate) bool { return day == only })
	tr.same(asking("ContactBy(only %v is worked), purchased %s", only, purchased), got, err, want, wantErr)
}

// ---- The tests ----

// TestReferenceItself holds the model to figures that can be read off a calendar.
func TestReferenceItself(t *testing.T) {
	for _, tt := range []struct {
		from   refDate
		anchor int
		n      int
		want   refDate
	}{
		{refDate{2025, 1, 31}, 31, 1, refDate{2025, 2, 28}},
		{refDate{2024, 1, 31}, 31, 1, refDate{2024, 2, 29}},
		{refDate{2025, 1, 31}, 31, 2, refDate{2025, 3, 31}},
		{refDate{2025, 2, 28}, 31, 1, refDate{2025, 3, 31}},
		{refDate{2024, 2, 29}, 29, 12, refDate{2025, 2, 28}},
		{refDate{2024, 12, 30}, 30, 2, refDate{2025, 2, 28}},
		{refDate{2025, 4, 15}, 15, 21, refDate{2027, 1, 15}},
	} {
		if got := monthsLater(tt.from, tt.anchor, tt.n); got != tt.want {
			t.Errorf("monthsLater(%v, %d, %d) = %v, want %v", tt.from, tt.anchor, tt.n, got, tt.want)
		}
	}
	if got := daysBetween(refDate{2000, 1, 1}, refDate{2400, 1, 1}); got != 146097 {
		t.Errorf("daysBetween(2000-01-01, 2400-01-01) = %d, want 146097", got)
	}
	for day, want := range map[refDate]bool{
		{2025, 10, 1}: true, {2025, 10, 4}: false, {2025, 10, 5}: false, {2025, 10, 6}: true, // from Wednesday to Monday
		{1949, 10, 1}: false, {2000, 1, 1}: false, {2000, 1, 3}: true, // two Saturdays, a Monday
	} {
		if got := mondayToFriday(day); got != want {
			t.Errorf("mondayToFriday(%v) = %t, want %t", day, got, want)
		}
	}
	for in, want := range map[string]string{
		"0.005": "0.01", "-0.005": "-0.01", "0.0049999": "0.00", "1/3": "0.33", "2/3": "0.67", "0.015": "0.02", "7": "7.00",
	} {
		if got := refMoney(toFen(ratOf(in))); got != want {
			t.Errorf("toFen(%s) = %s, want %s", in, got, want)
		}
	}
}

// TestReferenceQuotes asks for every machine count, one below the first and one above the last too.
func TestReferenceQuotes(t *testing.T) {
	t.Parallel()
	tr := &trial{random: newRandom(1, 0), t: t, name: "TestReferenceQuotes", seen: map[string]int{}}
	terms := []mss.Term{
		mss.Days(1), mss.Days(7), mss.Days(365), mss.Days(36525), mss.Days(36526), mss.Days(0), mss.Days(-1),
		mss.Months(1), mss.Months(11), mss.Months(12), mss.Months(1200), mss.Months(1201), mss.Months(0),
		mss.Years(1), mss.Years(3), mss.Years(100), mss.Years(101), mss.Years(-1),
		{N: 1, Unit: 0}, {N: 1, Unit: 4}, {},
	}
	for _, p := range products() {
		last := p.ref.bands[len(p.ref.bands)-1].max
		for machines := 0; machines <= min(last, 10000)+1; machines++ {
			tr.quote(p, machines, pick(tr.random, terms...))
			tr.quote(p, machines, tr.term(p.ref))
		}
		for _, term := range terms {
			for _, machines := range []int{math.MinInt, -1, 0, 1, last, last + 1, math.MaxInt} {
				tr.quote(p, machines, term)
			}
		}
	}
	tr.wantSeen("Quote nil", "Quote [ErrTerm]", "Quote [ErrMachines]", "Quote [ErrContactSales]")
}

// TestReferenceQuoteChecksInOrder combines faults: the plan's come first, then the term's, then those of the count and
// of the band that it is in. Faults elsewhere in the plan do not matter to a quote.
func TestReferenceQuoteChecksInOrder(t *testing.T) {
	t.Parallel()
	bands := []refBand{{1, 5, "10"}, {6, 10, "-20"}, {15, 20, "30"}} // 11 to 14 are missing
	plans := map[string]func(p *mss.Plan){
		"good plan":          func(p *mss.Plan) {},
		"no name":            func(p *mss.Plan) { p.Name = "" },
		"no unit":            func(p *mss.Plan) { p.Unit = 0 },
		"by the year":        func(p *mss.Plan) { p.Unit = mss.Year },
		"negative lead days": func(p *mss.Plan) { p.LeadDays = -1 },
		"367 lead days":      func(p *mss.Plan) { p.LeadDays = 367 },
	}
	terms := map[mss.Term]error{
		mss.Months(1): nil, mss.Years(100): nil, {}: mss.ErrTerm, mss.Months(1201): mss.ErrTerm, mss.Days(1): mss.ErrTerm,
	}
	counts := map[int]error{
		1: nil, 5: nil, 0: mss.ErrMachines, 21: mss.ErrContactSales, 6: mss.ErrPlan, 12: mss.ErrPlan, 15: nil,
	}
	for name, edit := range plans {
		for term, termErr := range terms {
			for machines, countErr := range counts {
				for _, price := range []string{"10", "0", "-0.01", "0.001", "1000000000000.01"} {
					want := countErr
					if machines <= 5 && want == nil && price != "10" {
						want = mss.ErrPlan
					}
					if termErr != nil {
						want = termErr
					}
					if name != "good plan" {
						want = mss.ErrPlan
					}
					bands[0].price = price
					plan := refPlan{name: "faulty", bands: bands}.plan()
					edit(&plan)
					_, err := plan.Quote(machines, term)
					if sentinelOf(err) != sentinelOf(want) {
						t.Errorf("Quote(%d, %s) of a plan with %s and price %s error = %v, want %s",
							machines, termText(term), name, price, err, sentinelOf(want))
					}
				}
			}
		}
	}
}

// wantSeen fails when the input never led to an outcome that the test is there for.
func (tr *trial) wantSeen(outcomes ...string) {
	tr.t.Helper()
	for _, outcome := range outcomes {
		if tr.seen[outcome] == 0 {
			tr.t.Errorf("%q did not happen; what did: %v", outcome, tr.seen)
		}
	}
}

// TestReferenceMonthArithmetic starts on every day of the 400 years after which the calendar repeats itself.
func TestReferenceMonthArithmetic(t *testing.T) {
	t.Parallel()
	sample := testing.Short() || raceEnabled
	const yearsPerChunk = 25
	for first := 2000; first < 2400; first += yearsPerChunk {
		t.Run(fmt.Sprintf("%d-%d", first, first+yearsPerChunk-1), func(t *testing.T) {
			t.Parallel()
			terms := termsByMonths(t, 36)
			n := 0
			for start := (refDate{first, 1, 1}); start.y < first+yearsPerChunk; start = start.next() {
				n++
				if sample && n%97 != 0 && start.d != monthLength(start.y, start.m) {
					continue
				}
				checkTermsFrom(t, start, terms)
			}
		})
	}
}

// termsByMonths holds the quotes for each number of months: in months, and in years where they are whole.
func termsByMonths(t *testing.T, longest int) [][]mss.Quote {
	t.Helper()
	plan := mss.RoutineOperations()
	quotes := make([][]mss.Quote, longest+1)
	for n := 1; n <= longest; n++ {
		terms := []mss.Term{mss.Months(n)}
		if n%12 == 0 {
			terms = append(terms, mss.Years(n/12))
		}
		for _, term := range terms {
			quote, err := plan.Quote(1, term)
			if err != nil {
				t.Fatalf("Quote(1, %s) error = %v", term, err)
			}
			quotes[n] = append(quotes[n], quote)
		}
	}
	return quotes
}

// checkTermsFrom walks from the first day through the longest term, a day at a time, and stops where each term ends.
func checkTermsFrom(t *testing.T, start refDate, terms [][]mss.Quote) {
	t.Helper()
	purchased := endOf(start).in(time.UTC)
	day, days := start, 0
	for n := 1; n < len(terms); n++ {
		for end := monthsLater(start, start.d, n); day.before(end); day = day.next() {
			days++
		}
		want := startOf(day).in(time.UTC)
		for _, quote := range terms[n] {
			s, err := quote.Subscribe(purchased)
			if err != nil {
				t.Fatalf("Subscribe(%v) for %s error = %v", start, quote.Term, err)
			}
			if !s.End.Equal(want) {
				t.Fatalf("Subscribe(%v) for %s: End = %s, want %v", start, quote.Term, showExact(s.End), day)
			}
			if got := s.Days(); got != days {
				t.Fatalf("Subscribe(%v) for %s: Days() = %d, want %d", start, quote.Term, got, days)
			}
		}
	}
}

// TestReferenceLifecycles plays random lifecycles from purchase to the end, always the same ones.
func TestReferenceLifecycles(t *testing.T) {
	t.Parallel()
	const seed = 20250131
	lifecycles := 3000
	if testing.Short() || raceEnabled {
		lifecycles = 300
	}
	seen := map[string]int{}
	for i := range lifecycles {
		tr := &trial{
			random: newRandom(seed, uint64(i)),
			t:      t,
			name:   fmt.Sprintf("lifecycle %d of seed %d", i, seed),
			seen:   seen,
		}
		tr.lifecycle()
		if t.Failed() {
			return // the others would mostly say the same again
		}
	}
	(&trial{t: t, seen: seen}).wantSeen(
		"Quote nil", "Quote [ErrTerm]", "Quote [ErrMachines]", "Quote [ErrContactSales]",
		"Subscribe nil", "Subscribe [ErrDate]", "Subscribe [ErrInconsistent]",
		"SubscribeFrom nil", "SubscribeFrom [ErrDate]",
		"Renew nil", "Renew [ErrDate]", "Renew [ErrCancelled]", "Renew [ErrInconsistent]",
		"Renew after a gap", "Renew without a gap", "Renew on an anchor other than its first day",
		"Refund nil", "Refund [ErrDate]", "Refund [ErrExpired]", "Refund [ErrCancelled]", "Refund [ErrInconsistent]",
		"Cancel nil", "Cancel [ErrDate]", "Cancel [ErrCancelled]", "Cancel [ErrInconsistent]",
		"Change nil", "Change [ErrDate]", "Change [ErrExpired]", "Change [ErrCancelled]", "Change [ErrInconsistent]",
		"Change owed to the customer",
		"ContactBy nil", "ContactBy [ErrDate]",
		"Status scheduled", "Status active", "Status expired", "Status cancelled",
	)
}

func (tr *trial) lifecycle() {
	tr.t.Helper()
	s, ok := tr.buy()
	if !ok {
		return
	}
	tr.observeAll(s)
	tr.rejectEdits(s)
	for range tr.IntN(5) {
		if next, ok := tr.buyAgain(s); ok {
			s = next
			tr.observeAll(s)
		}
	}
	switch tr.IntN(3) {
	case 0:
		tr.cancelOnce(s)
	case 1:
		tr.changeOnce(s)
	}
}

// anyQuote is a quote for some product; sometimes it asks for what cannot be had first.
func (tr *trial) anyQuote(p product) (quoted, bool) {
	tr.t.Helper()
	if tr.oneIn(4) {
		last := p.ref.bands[len(p.ref.bands)-1].max
		tr.quote(p, pick(tr.random, -1, 0, last+1, last+1000), tr.term(p.ref))
		tr.quote(p, tr.machines(p.ref), pick(tr.random, mss.Days(5), mss.Months(5), mss.Years(101), mss.Term{}))
	}
	term := tr.term(p.ref)
	if tr.oneIn(50) { // a very long one
		term = mss.Years(20 + tr.IntN(81))
		if p.ref.perDay {
			term = mss.Days(10000 + tr.IntN(26526))
		}
	}
	return tr.quote(p, tr.machines(p.ref), term)
}

func (tr *trial) buy() (sold, bool) {
	tr.t.Helper()
	q, ok := tr.anyQuote(tr.product())
	if !ok {
		return sold{}, false
	}
	purchased := tr.moment()
	if tr.oneIn(50) { // near the first and the last year that can be written
		purchased = tr.on(pick(tr.random, refDate{1, 1, 1}, refDate{1, 1, 2}, refDate{9999, 12, 31}, refDate{9999, 6, 30}, refDate{9998, 2, 28}))
	}
	if tr.oneIn(200) {
		purchased = zeroTime
	}
	if tr.oneIn(10) {
		edit := pick(tr.random, editedQuotes(q.got)...)
		got, err := edit.quote.Subscribe(tr.at(purchased))
		tr.same(asking("Subscribe(…) to a quote with %s", edit.name), got, err, nil, mss.ErrInconsistent)
	}
	earliest := q.want.earliestStart(purchased)
	if purchased != zeroTime && earliest.y <= 9999 {
		got := q.got.EarliestStart(tr.at(purchased))
		tr.same(asking("EarliestStart(%s) of %s", purchased, q.want), got, nil, startOf(earliest), nil)
	}
	if tr.oneIn(2) {
		return tr.subscribe(q, purchased)
	}
	if tr.oneIn(5) {
		tr.subscribeFrom(q, purchased, earliest.previous())
	}
	return tr.subscribeFrom(q, purchased, earliest.plus(pick(tr.random, 0, 0, 1, 2, 30, 400)))
}

// buyAgain renews, with the same plan more often than another, at a moment where something might change.
func (tr *trial) buyAgain(s sold) (sold, bool) {
	tr.t.Helper()
	p := product{s.want.quote.plan, planNamed(s.want.quote.plan.name)}
	if tr.oneIn(4) {
		p = tr.product()
	}
	q, ok := tr.anyQuote(p)
	if !ok {
		return sold{}, false
	}
	purchased, end, lead := s.want.purchased, s.want.end, q.want.plan.lead
	if tr.oneIn(5) {
		tr.renew(s, q, purchased.justBefore())
	}
	if tr.oneIn(10) {
		edit := pick(tr.random, editedQuotes(q.got)...)
		got, err := s.got.Renew(edit.quote, tr.at(startOf(end)))
		tr.same(asking("Renew(a quote with %s)", edit.name), got, err, nil, mss.ErrInconsistent)
	}
	at := pick(tr.random,
		purchased,
		tr.on(s.want.start),
		tr.between(s.want.start, end),
		startOf(end).justBefore(), startOf(end), endOf(end), startOf(end.next()), // around the day of expiry
		tr.on(end.minus(lead)), tr.on(end.minus(lead).next()), // around the last day of notice
		tr.on(end.plus(tr.IntN(400))),
	)
	return tr.renew(s, q, at)
}

func planNamed(name string) mss.Plan {
	for _, p := range products() {
		if p.ref.name == name {
			return p.plan
		}
	}
	panic("no plan " + name)
}

// someMomentPaidFor is mostly one at which the subscription can still be closed.
func (tr *trial) someMomentPaidFor(s sold) refMoment {
	purchased, start, end := s.want.purchased, s.want.start, s.want.end
	return pick(tr.random,
		purchased,
		tr.between(purchased.day, start),
		tr.between(start, end),
		tr.between(start, end),
		tr.between(start, end),
		startOf(start), startOf(end).justBefore(), startOf(end),
	)
}

func (tr *trial) cancelOnce(s sold) {
	tr.t.Helper()
	r, ok := tr.refund(s, tr.someMomentPaidFor(s), tr.proration())
	if !ok {
		return
	}
	at := r.want.at
	tr.cancel(s, r, at.justBefore())
	tr.cancel(s, r, startOf(at.day.next()))
	tr.cancel(s, r, tr.on(at.day.previous()))
	for _, edit := range editedRefunds(r.got) {
		got, err := s.got.Cancel(edit.refund, tr.at(at))
		tr.same(asking("Cancel(a refund with %s)", edit.name), got, err, nil, mss.ErrInconsistent)
	}
	confirmed := pick(tr.random, at, endOf(at.day))
	closed, ok := tr.cancel(s, r, confirmed)
	if ok {
		tr.checkClosed(closed, r)
	}
}

func (tr *trial) changeOnce(s sold) {
	tr.t.Helper()
	q, ok := tr.anyQuote(tr.product())
	if !ok {
		return
	}
	at, by := tr.someMomentPaidFor(s), tr.proration()
	if _, err := s.want.change(q.want, at, by); err == nil {
		edit := pick(tr.random, editedQuotes(q.got)...)
		got, err := s.got.Change(edit.quote, tr.at(at), by)
		tr.same(asking("Change(a quote with %s)", edit.name), got, err, nil, mss.ErrInconsistent)
	}
	tr.change(s, q, at, mss.Proration(0))
	closed, opened, ok := tr.change(s, q, at, by)
	if !ok {
		return
	}
	tr.observeAll(opened)
	if next, ok := tr.buyAgain(opened); ok {
		tr.observeAll(next)
	}
	r := refunded{*closed.got.Refunded, *closed.want.refunded}
	tr.checkClosed(closed, r)
}

// checkClosed sees that a cancelled subscription answers as one, and can be neither used nor cancelled again.
func (tr *trial) checkClosed(s sold, r refunded) {
	tr.t.Helper()
	tr.observeAll(s)
	tr.rejectEdits(s)
	tr.cancel(s, r, r.want.at)
	if q, ok := tr.anyQuote(tr.product()); ok {
		tr.renew(s, q, startOf(s.want.end))
		tr.change(s, q, r.want.at, r.want.by)
	}
}

// An editedQuote differs from a good one in a way that no longer adds up.
type editedQuote struct {
	name  string
	quote mss.Quote
}

func editedQuotes(q mss.Quote) []editedQuote {
	fen := decimal.New(1, -2)
	edit := func(name string, change func(q *mss.Quote)) editedQuote {
		edited := q
		change(&edited)
		return editedQuote{name, edited}
	}
	return []editedQuote{
		{"nothing in it", mss.Quote{}},
		edit("no plan", func(q *mss.Quote) { q.Plan = "" }),
		edit("a machine too many", func(q *mss.Quote) { q.Machines = q.Tier.Max + 1 }),
		edit("a machine too few", func(q *mss.Quote) { q.Machines = q.Tier.Min - 1 }),
		edit("a longer term", func(q *mss.Quote) { q.Term.N++ }),
		edit("no term", func(q *mss.Quote) { q.Term = mss.Term{} }),
		edit("a higher price", func(q *mss.Quote) { q.Tier.Price = q.Tier.Price.Add(fen) }),
		edit("an amount a fen higher", func(q *mss.Quote) { q.Amount = q.Amount.Add(fen) }),
		edit("an amount a fen lower", func(q *mss.Quote) { q.Amount = q.Amount.Sub(fen) }),
		edit("the amount negated", func(q *mss.Quote) { q.Amount = q.Amount.Neg() }),
		edit("negative lead days", func(q *mss.Quote) { q.LeadDays = -1 }),
		edit("too many lead days", func(q *mss.Quote) { q.LeadDays = 367 }),
	}
}

type editedRefund struct {
	name   string
	refund mss.Refund
}

func editedRefunds(r mss.Refund) []editedRefund {
	fen := decimal.New(1, -2)
	edit := func(name string, change func(r *mss.Refund)) editedRefund {
		edited := r
		change(&edited)
		return editedRefund{name, edited}
	}
	return []editedRefund{
		edit("no proration", func(r *mss.Refund) { r.By = 0 }),
		edit("an unknown proration", func(r *mss.Refund) { r.By = 3 }),
		edit("a day more used", func(r *mss.Refund) { r.UsedDays++ }),
		edit("a day less used", func(r *mss.Refund) { r.UsedDays-- }),
		edit("a day more in all", func(r *mss.Refund) { r.TotalDays++ }),
		edit("more paid", func(r *mss.Refund) { r.Paid = r.Paid.Add(fen) }),
		edit("more paid and refunded", func(r *mss.Refund) { r.Paid, r.Amount = r.Paid.Add(fen), r.Amount.Add(fen) }),
		edit("a fen less consumed", func(r *mss.Refund) { r.Consumed = r.Consumed.Sub(fen) }),
		edit("a fen moved to the refund", func(r *mss.Refund) { r.Consumed, r.Amount = r.Consumed.Sub(fen), r.Amount.Add(fen) }),
		edit("a fraction of a fen more", func(r *mss.Refund) { r.Amount = r.Amount.Add(decimal.New(1, -20)) }),
		edit("the amount negated", func(r *mss.Refund) { r.Amount = r.Amount.Neg().Sub(fen) }),
	}
}

// rejectEdits asks every operation of a subscription that was edited since it was made.
func (tr *trial) rejectEdits(s sold) {
	tr.t.Helper()
	edit := pick(tr.random, editedSubscriptions(s.got)...)
	edited := edit.subscription
	on := func(operation string) asked { return asking(operation+" of %s with %s", s.want, edit.name) }
	at := tr.at(s.want.purchased)

	tr.same(on("Validate()"), nothing{}, edited.Validate(), nil, mss.ErrInconsistent)
	refund, err := edited.Refund(at, mss.ByDay)
	tr.same(on("Refund(…)"), refund, err, nil, mss.ErrInconsistent)
	renewed, err := edited.Renew(s.got.Quote, at)
	tr.same(on("Renew(…)"), renewed, err, nil, mss.ErrInconsistent)
	change, err := edited.Change(s.got.Quote, at, mss.ByDay)
	tr.same(on("Change(…)"), change, err, nil, mss.ErrInconsistent)
	by, err := edited.ContactBy(nil)
	tr.same(on("ContactBy(…)"), by, err, nil, mss.ErrInconsistent)
	if refund, err := s.got.Refund(at, mss.ByDay); err == nil {
		closed, err := edited.Cancel(refund, at)
		tr.same(on("Cancel(…)"), closed, err, nil, mss.ErrInconsistent)
	}
	// These have no error to answer with. It is enough that they answer.
	edited.Status(at)
	edited.Days()
	edited.UsedDays(at)
	edited.DaysLeft(at)
}

// nothing stands for the value of an operation that answers with an error only.
type nothing struct{}

type editedSubscription struct {
	name         string
	subscription mss.Subscription
}

func editedSubscriptions(s mss.Subscription) []editedSubscription {
	const day = 24 * time.Hour
	edit := func(name string, change func(s *mss.Subscription)) editedSubscription {
		edited := s
		if s.Refunded != nil {
			refund := *s.Refunded
			edited.Refunded = &refund
		}
		change(&edited)
		return editedSubscription{name, edited}
	}
	edits := []editedSubscription{
		{"nothing in it", mss.Subscription{}},
		edit("no purchase", func(s *mss.Subscription) { s.Purchased = time.Time{} }),
		edit("a purchase after its start", func(s *mss.Subscription) { s.Purchased = s.Start.Add(day) }),
		edit("its start a day earlier", func(s *mss.Subscription) { s.Start = s.Start.Add(-day) }),
		edit("its start off midnight", func(s *mss.Subscription) { s.Start = s.Start.Add(1) }),
		edit("its end a day later", func(s *mss.Subscription) { s.End = s.End.Add(day) }),
		edit("its end a day earlier", func(s *mss.Subscription) { s.End = s.End.Add(-day) }),
		edit("its end off midnight", func(s *mss.Subscription) { s.End = s.End.Add(1) }),
		edit("anchor day 0", func(s *mss.Subscription) { s.AnchorDay = 0 }),
		edit("anchor day 32", func(s *mss.Subscription) { s.AnchorDay = 32 }),
	}
	for _, q := range editedQuotes(s.Quote) {
		edits = append(edits, edit("a quote with "+q.name, func(s *mss.Subscription) { s.Quote = q.quote }))
	}
	if s.Refunded != nil {
		for _, r := range editedRefunds(*s.Refunded) {
			edits = append(edits, edit("a refund with "+r.name, func(s *mss.Subscription) { s.Refunded = &r.refund }))
		}
	}
	return edits
}

// TestReferenceEveryDay looks at every day of a few subscriptions, from the purchase to the day after the end.
func TestReferenceEveryDay(t *testing.T) {
	t.Parallel()
	routine, event, odd, notice, oddDay := refRoutine, refEvent, refCustom[0], refCustom[1], refCustom[2]
	for _, tt := range []struct {
		name      string
		plan      refPlan
		machines  int
		term      mss.Term
		purchased refDate
		renewals  int // seamless, for the same term; the last one is looked at
	}{
		{"a month from 31 January", routine, 5, mss.Months(1), refDate{2025, 1, 31}, 0},
		{"a month from 31 January of a leap year", routine, 5, mss.Months(1), refDate{2024, 1, 31}, 0},
		{"two months from 31 December", routine, 21, mss.Months(2), refDate{2024, 12, 31}, 0},
		{"a year across a leap day", routine, 100, mss.Years(1), refDate{2023, 5, 31}, 0},
		{"a year from a leap day", routine, 6000, mss.Years(1), refDate{2024, 2, 29}, 0},
		{"twelve months from a leap day", routine, 6000, mss.Months(12), refDate{2024, 2, 29}, 0},
		{"three years", routine, 401, mss.Years(3), refDate{2024, 8, 30}, 0},
		{"the month from 28 February anchored on 31", routine, 1, mss.Months(1), refDate{2025, 1, 31}, 1},
		{"three months from 30 April anchored on 31", routine, 1, mss.Months(3), refDate{2025, 1, 31}, 1},
		{"the year from 28 February anchored on 29", routine, 1, mss.Years(1), refDate{2024, 2, 29}, 1},
		{"seven days", event, 50, mss.Days(7), refDate{2024, 2, 23}, 0},
		{"a day", event, 1000, mss.Days(1), refDate{2024, 12, 26}, 0},
		{"a hundred days", event, 51, mss.Days(100), refDate{2025, 11, 30}, 1},
		{"odd price, a year", odd, 1, mss.Years(1), refDate{2023, 12, 31}, 0},
		{"odd price, five months from 29 February anchored on 30", odd, 11, mss.Months(5), refDate{2023, 9, 30}, 1},
		{"odd price by the day", oddDay, 25, mss.Days(31), refDate{2024, 2, 1}, 0},
		{"a fen a day", oddDay, 1, mss.Days(60), refDate{2024, 2, 1}, 0},
		{"a fen a month", notice, 1, mss.Months(13), refDate{2024, 1, 20}, 0},
		{"with notice", notice, 10, mss.Months(14), refDate{2024, 2, 19}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tr := &trial{random: newRandom(2, 0), t: t, name: tt.name, seen: map[string]int{}}
			q, ok := tr.quote(product{tt.plan, planNamed(tt.plan.name)}, tt.machines, tt.term)
			if !ok {
				t.Fatal("no quote")
			}
			s, ok := tr.subscribe(q, refMoment{tt.purchased, nanosPerDay / 2})
			if !ok {
				t.Fatal("no subscription")
			}
			for range tt.renewals {
				if s, ok = tr.renew(s, q, s.want.purchased); !ok {
					t.Fatal("no renewal")
				}
			}
			for day := tt.purchased; !s.want.end.before(day); day = day.next() {
				tr.observe(s, startOf(day))
				tr.observe(s, tr.on(day))
				tr.observe(s, endOf(day))
				if t.Failed() {
					return
				}
			}
		})
	}
}
