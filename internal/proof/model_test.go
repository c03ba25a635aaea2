// The model: every rule of the package a second time, slow and obvious. Days are counted one at a time, months come from
// a table of their lengths, money is a big.Rat, and each day has a price. reference_test.go compares the package with it.
// Of the package it uses the sentinel errors and, as plain data, Plan, Tier, Term, Proration and Status.

package proof

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"example.com/mss"
)

// A date is a calendar day in Beijing.
type date struct{ y, m, d int }

func monthLength(y, m int) int {
	if m == 2 && y%4 == 0 && (y%100 != 0 || y%400 == 0) {
		return 29
	}
	return [...]int{1: 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[m]
}

func (a date) next() date {
	switch {
	case a.d < monthLength(a.y, a.m):
		return date{a.y, a.m, a.d + 1}
	case a.m < 12:
		return date{a.y, a.m + 1, 1}
	}
	return date{a.y + 1, 1, 1}
}

func (a date) previous() date {
	switch {
	case a.d > 1:
		return date{a.y, a.m, a.d - 1}
	case a.m > 1:
		return date{a.y, a.m - 1, monthLength(a.y, a.m-1)}
	}
	return date{a.y - 1, 12, 31}
}

func (a date) before(b date) bool {
	if a.y != b.y {
		return a.y < b.y
	}
	if a.m != b.m {
		return a.m < b.m
	}
	return a.d < b.d
}

func (a date) plus(days int) date {
	for ; days > 0; days-- {
		a = a.next()
	}
	for ; days < 0; days++ {
		a = a.previous()
	}
	return a
}

// daysBetween counts the days of [from, to).
func daysBetween(from, to date) int {
	n := 0
	for ; from.before(to); from = from.next() {
		n++
	}
	return n
}

// monthsLater is the anchor day of the month n months after that of from, or the last day of that month if it is shorter.
func monthsLater(from date, anchor, n int) date {
	y, m := from.y, from.m
	for range n {
		if m++; m > 12 {
			y, m = y+1, 1
		}
	}
	return date{y, m, min(anchor, monthLength(y, m))}
}

// mondayToFriday counts the days since a known Monday. Weekdays repeat every 400 years.
func mondayToFriday(day date) bool {
	day.y = 2000 + day.y%400
	return daysBetween(date{1999, 12, 27}, day)%7 < 5
}

const nanosPerDay = 24 * 60 * 60 * 1_000_000_000

// A moment is a day and the nanoseconds since its midnight, in Beijing.
type moment struct {
	day   date
	nanos int64
}

func startOf(day date) moment { return moment{day, 0} }
func endOf(day date) moment   { return moment{day, nanosPerDay - 1} }

func (a moment) before(b moment) bool {
	return a.day.before(b.day) || a.day == b.day && a.nanos < b.nanos
}

func (a moment) justBefore() moment {
	if a.nanos == 0 {
		return endOf(a.day.previous())
	}
	return moment{a.day, a.nanos - 1}
}

func (a moment) justAfter() moment {
	if a == endOf(a.day) {
		return startOf(a.day.next())
	}
	return moment{a.day, a.nanos + 1}
}

// zeroTime is time.Time{} as seen in Beijing.
var zeroTime = moment{date{1, 1, 1}, 8 * 60 * 60 * 1_000_000_000}

func (a moment) valid() bool { return a != zeroTime && 1 <= a.day.y && a.day.y <= 9999 }

// String is what describe writes for the same instant in the package's zone.
func (a moment) String() string {
	s := a.nanos / 1_000_000_000
	return fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d.%09d UTC+8",
		a.day.y, a.day.m, a.day.d, s/3600, s/60%60, s%60, a.nanos%1_000_000_000)
}

// in hands the moment to the package. No field is out of its range, so time.Date does no calendar arithmetic here.
func (a moment) in(zone *time.Location) time.Time {
	s, beijing := int(a.nanos/1_000_000_000), time.FixedZone("Beijing", 8*60*60)
	return time.Date(a.day.y, time.Month(a.day.m), a.day.d, s/3600, s/60%60, s%60, int(a.nanos%1_000_000_000), beijing).In(zone)
}

func minus(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }

// share is r × part ÷ whole.
func share(r *big.Rat, part, whole int) *big.Rat {
	return new(big.Rat).Mul(r, big.NewRat(int64(part), int64(whole)))
}

// toFen rounds what is not negative to hundredths, half up.
func roundToFen(r *big.Rat) *big.Rat {
	fen := share(r, 100, 1)
	fen.Add(fen, big.NewRat(1, 2))
	return new(big.Rat).SetFrac(new(big.Int).Quo(fen.Num(), fen.Denom()), big.NewInt(100)) // Quo drops the fraction
}

// money writes an amount exactly: with two decimals if it is in whole fen, as a fraction if it is not.
func money(r *big.Rat) string {
	if share(r, 100, 1).IsInt() {
		return r.FloatString(2)
	}
	return r.String()
}

// ---- Quotes ----

// The types have the fields of the package's own, which describe relies on.

type refQuote struct {
	Plan     string
	Machines int
	Term     mss.Term
	Tier     mss.Tier
	Unit     mss.Unit
	LeadDays int
	Amount   *big.Rat
}

func hidden(r rune) bool { return !unicode.IsPrint(r) }

func refQuoteOf(p mss.Plan, machines int, term mss.Term) (refQuote, error) {
	if p.Name == "" || len(p.Name) > 200 || strings.ContainsFunc(p.Name, hidden) ||
		!utf8.ValidString(p.Name) || p.LeadDays < 0 || p.LeadDays > 366 {
		return refQuote{}, mss.ErrPlan
	}
	fitting := map[mss.Unit][]mss.Unit{mss.Day: {mss.Day}, mss.Month: {mss.Month, mss.Year}, mss.Year: {mss.Year}}[p.Unit]
	if fitting == nil {
		return refQuote{}, mss.ErrPlan
	}
	longest := map[mss.Unit]int{mss.Day: 36525, mss.Month: 1200, mss.Year: 100}[term.Unit]
	if term.N < 1 || term.N > longest || !slices.Contains(fitting, term.Unit) {
		return refQuote{}, mss.ErrTerm
	}
	if len(p.Tiers) == 0 {
		return refQuote{}, mss.ErrPlan
	}
	if machines < 1 {
		return refQuote{}, mss.ErrMachines
	}
	if machines > p.Tiers[len(p.Tiers)-1].Max {
		return refQuote{}, mss.ErrContactSales
	}
	for _, tier := range p.Tiers {
		price, dearest := tier.Price.Rat(), big.NewRat(1_000_000_000_000, 1)
		valid := price.Sign() > 0 && price.Cmp(dearest) <= 0 && share(price, 100, 1).IsInt()
		if tier.Min <= machines && machines <= tier.Max && valid {
			q := refQuote{Plan: p.Name, Machines: machines, Term: term, Tier: tier, Unit: p.Unit, LeadDays: p.LeadDays}
			q.Amount = share(price, q.quantity(), 1)
			return q, nil
		}
	}
	return refQuote{}, mss.ErrPlan
}

// months is how many months a term of months or years has.
func (q refQuote) months() int {
	if q.Term.Unit == mss.Year {
		return 12 * q.Term.N
	}
	return q.Term.N
}

// quantity is how many days, months or years are paid for.
func (q refQuote) quantity() int {
	if q.Unit == mss.Month {
		return q.months()
	}
	return q.Term.N
}

func (q refQuote) perDay() bool { return q.Unit == mss.Day }

func (q refQuote) earliestStart(purchased moment) date { return purchased.day.plus(q.LeadDays) }

// ---- Subscriptions ----

type refSubscription struct {
	Quote      refQuote
	Purchased  moment
	Start, End date
	AnchorDay  int
	Refunded   *refRefund
	months     []date                       // the days on which months of service begin and end, if it is of months
	cost       map[mss.Proration][]*big.Rat // what the first n days cost, for each n, not rounded
}

func (q refQuote) subscribeFrom(purchased, start moment) (refSubscription, error) {
	earliest := q.earliestStart(purchased)
	if !start.valid() || start.day.before(earliest) || !q.perDay() && start.day != earliest {
		return refSubscription{}, mss.ErrDate
	}
	return q.begin(purchased, start.day, start.day.d)
}

// begin counts the term from start.
func (q refQuote) begin(purchased moment, start date, anchor int) (refSubscription, error) {
	s := refSubscription{Quote: q, Purchased: purchased, Start: start, AnchorDay: anchor}
	if q.perDay() {
		s.End = start.plus(q.Term.N)
	} else {
		for n := range q.months() + 1 {
			s.End = monthsLater(start, anchor, n)
			s.months = append(s.months, s.End)
		}
	}
	if !purchased.valid() || s.End.y > 9999 {
		return refSubscription{}, mss.ErrDate
	}
	byDay, byMonth := costOf(q.Amount, start, s.End), []*big.Rat(nil)
	switch price := q.Tier.Price.Rat(); q.Unit {
	case mss.Day:
		byMonth = byDay
	case mss.Month:
		byMonth = costOf(price, s.months...)
	case mss.Year:
		byMonth = costOf(share(price, 1, 12), s.months...)
	}
	s.cost = map[mss.Proration][]*big.Rat{mss.ByDay: byDay, mss.ByMonth: byMonth}
	return s, nil
}

// costOf gives each day its part of a price, which is paid from each of these days to the next.
func costOf(price *big.Rat, edges ...date) []*big.Rat {
	cost := []*big.Rat{new(big.Rat)}
	for i, to := range edges[1:] {
		days := daysBetween(edges[i], to)
		for range days {
			cost = append(cost, new(big.Rat).Add(cost[len(cost)-1], share(price, 1, days)))
		}
	}
	return cost
}

func (s refSubscription) status(at moment) mss.Status {
	switch {
	case s.Refunded != nil && s.Refunded.UsedDays == 0 && !at.before(s.Refunded.At):
		return mss.Cancelled
	case at.day.before(s.Start):
		return mss.Scheduled
	case at.day.before(s.End):
		return mss.Active
	case s.Refunded != nil:
		return mss.Cancelled
	}
	return mss.Expired
}

func (s refSubscription) days() int { return daysBetween(s.Start, s.End) }

// usedDays counts the days of service that have begun.
func (s refSubscription) usedDays(at moment) int {
	n := 0
	for day := s.Start; day.before(s.End) && !at.day.before(day); day = day.next() {
		n++
	}
	return n
}

// contactBy is the midnight after the first working day.
func (s refSubscription) contactBy(workday func(date) bool) (moment, error) {
	day := s.Purchased.day
	for range 366 {
		if day = day.next(); workday(day) && day.next().y <= 9999 {
			return startOf(day.next()), nil
		}
	}
	return moment{}, mss.ErrDate
}

func (s refSubscription) renew(q refQuote, at moment) (refSubscription, error) {
	if s.Refunded != nil {
		return refSubscription{}, mss.ErrCancelled
	}
	if at.before(s.Purchased) {
		return refSubscription{}, mss.ErrDate
	}
	if earliest := q.earliestStart(at); s.End.before(earliest) { // a gap
		return q.begin(at, earliest, earliest.d)
	}
	return s.next(q, at)
}

// next begins q, bought at a moment, on the day on which s ends or was closed.
func (s refSubscription) next(q refQuote, at moment) (refSubscription, error) {
	if s.Quote.perDay() && !q.perDay() && at.day.next().before(s.End) && q.earliestStart(at).before(s.End) {
		return refSubscription{}, mss.ErrDate // it begins when it is bought, and cannot wait for s
	}
	anchor := s.End.d
	if !q.perDay() && slices.Contains(s.months, s.End) { // whole months end there
		anchor = s.AnchorDay
	}
	return q.begin(at, s.End, anchor)
}

// ---- Consumption ----

func (s refSubscription) consumed(until moment, by mss.Proration) (*big.Rat, error) {
	if s.cost[by] == nil || s.Refunded != nil && s.Refunded.By != by {
		return nil, mss.ErrInconsistent
	}
	if !until.valid() {
		return nil, mss.ErrDate
	}
	n := 0
	for day := s.Start; day.before(s.End) && startOf(day).before(until); day = day.next() {
		n++
	}
	return roundToFen(s.cost[by][n]), nil
}

// deferred is the balance of what was paid, consumed and paid back before until.
func (s refSubscription) deferred(until moment, by mss.Proration) (*big.Rat, error) {
	consumed, err := s.consumed(until, by)
	switch {
	case err != nil:
		return nil, err
	case !s.Purchased.before(until), s.Refunded != nil && s.Refunded.At.before(until):
		return new(big.Rat), nil
	}
	return minus(s.Quote.Amount, consumed), nil
}

type refPeriod struct {
	Start, End       date
	Days             int
	Amount, Deferred *big.Rat
}

// amortize looks at one day after the other and writes a period at the end of each month, and of the service.
func (s refSubscription) amortize(by mss.Proration) ([]refPeriod, error) {
	if s.cost[by] == nil || s.Refunded != nil && s.Refunded.By != by {
		return nil, mss.ErrInconsistent
	}
	var periods []refPeriod
	p, before, n := refPeriod{Start: s.Start}, new(big.Rat), 0
	for day := s.Start; day.before(s.End); day = day.next() {
		p.Days++
		n++
		if next := day.next(); next.m != day.m || next == s.End {
			consumed := roundToFen(s.cost[by][n])
			p.End, p.Amount = next, minus(consumed, before)
			p.Deferred, _ = s.deferred(startOf(next), by)
			periods = append(periods, p)
			p, before = refPeriod{Start: next}, consumed
		}
	}
	return periods, nil
}

// ---- Refunds ----

type refRefund struct {
	At                     moment
	By                     mss.Proration
	UsedDays, TotalDays    int
	Paid, Consumed, Amount *big.Rat
}

func (s refSubscription) refund(at moment, by mss.Proration) (refRefund, error) {
	if s.Refunded != nil {
		return refRefund{}, mss.ErrCancelled
	}
	if s.cost[by] == nil {
		return refRefund{}, mss.ErrInconsistent
	}
	if at.before(s.Purchased) || !at.valid() {
		return refRefund{}, mss.ErrDate
	}
	if !at.day.before(s.End) {
		return refRefund{}, mss.ErrExpired
	}
	used, paid := s.usedDays(at), s.Quote.Amount
	consumed := roundToFen(s.cost[by][used])
	return refRefund{at, by, used, s.days(), paid, consumed, minus(paid, consumed)}, nil
}

func (s refSubscription) cancel(r refRefund, at moment) (refSubscription, error) {
	if s.Refunded != nil {
		return refSubscription{}, mss.ErrCancelled
	}
	if r.At.day != at.day || at.before(r.At) {
		return refSubscription{}, mss.ErrDate
	}
	s.End = s.Start.plus(r.UsedDays)
	s.Refunded = &r
	return s, nil
}

type refChange struct {
	Refund         refRefund
	Closed, Opened refSubscription
	Net            *big.Rat
}

func (s refSubscription) change(q refQuote, at moment, by mss.Proration) (refChange, error) {
	r, err := s.refund(at, by)
	if err != nil {
		return refChange{}, err
	}
	closed, err := s.cancel(r, at)
	if err != nil {
		return refChange{}, err
	}
	if closed.End.before(q.earliestStart(at)) {
		return refChange{}, mss.ErrDate
	}
	opened, err := closed.next(q, at)
	if err != nil {
		return refChange{}, err
	}
	return refChange{r, closed, opened, minus(q.Amount, r.Amount)}, nil
}
