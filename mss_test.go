package mss_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

func TestConstants(t *testing.T) {
	beijing := time.Unix(0, 0).In(mss.Beijing).Format("15:04:05 -0700 MST")
	got := fmt.Sprint(mss.PurchaseURL, " ", mss.ContactURL, " ", mss.Currency, " ", beijing)
	const want = "https://buy.cloud.tencent.com/mss https://cloud.tencent.com/act/event/connect-service CNY 08:00:00 +0800 UTC+8"
	if got != want {
		t.Errorf("constants = %s, want %s", got, want)
	}
}

// Whatever zone a program assigns to Beijing, the package uses its own.
func TestBeijingIsACopy(t *testing.T) {
	own := mss.Beijing
	defer func() { mss.Beijing = own }()
	q := quote(t, "event 200 P7D")
	for _, zone := range []*time.Location{time.UTC, time.FixedZone("UTC-8", -8*60*60), nil} {
		mss.Beijing = zone
		s, err := q.Subscribe(at("2026-01-30T16:00:00Z"))
		mss.Beijing = own
		check(t, fmt.Sprintf("Subscribe with Beijing = %v", zone), s, err, "2026-02-05 to 2026-02-12, anchor 5")
	}
}

// A plan that is not valid is not written, and makes its catalog and price book invalid.
func TestPlanValidate(t *testing.T) {
	for i, tt := range []edit[mss.Plan]{
		{"as published", func(*mss.Plan) {}},
		{"no title", func(p *mss.Plan) { p.Title = "" }},
		{"the longest notice", func(p *mss.Plan) { p.LeadDays = 366 }},
		{"no name", func(p *mss.Plan) { p.Name = "" }},
		{"a long name not in UTF-8", func(p *mss.Plan) { p.Name = strings.Repeat("\xff", 1e6) }},
		{"title not in UTF-8", func(p *mss.Plan) { p.Title = "a\xff" }},
		{"no unit", func(p *mss.Plan) { p.Unit = 0 }},
		{"by the year", func(p *mss.Plan) { p.Unit = mss.Year }},
		{"negative notice", func(p *mss.Plan) { p.LeadDays = -1 }},
		{"too long a notice", func(p *mss.Plan) { p.LeadDays = 367 }},
		{"no tiers", func(p *mss.Plan) { p.Tiers = nil }},
		{"a gap", func(p *mss.Plan) { p.Tiers[7].Min++ }},
		{"zero plan", func(p *mss.Plan) { *p = mss.Plan{} }},
	} {
		var want error
		if i >= 3 {
			want = mss.ErrPlan
		}
		plan := edited(mss.RoutineOperations(), tt.edit)
		list := mss.Catalog{plan}
		_, err := plan.MarshalJSON()
		for name, err := range map[string]error{
			"Validate": plan.Validate(), "MarshalJSON": err,
			"Catalog.Validate": list.Validate(), "PriceBook.Validate": mss.PriceBook{{at("2026-01-01"), list}}.Validate(),
		} {
			checkError(t, tt.name+": "+name, err, want)
		}
	}
}

func TestPriceListsValidate(t *testing.T) {
	list := mss.Published()
	for _, tt := range []struct {
		name string
		list interface{ Validate() error }
		want error
	}{
		{"published", list, nil},
		{"the second plan invalid", mss.Catalog{list[0], {Name: "x"}}, mss.ErrPlan},
		{"a name twice", mss.Catalog{list[0], list[1], list[0]}, mss.ErrPlan},

		{"two lists", priceBook(), nil},
		{"a nanosecond apart", mss.PriceBook{{at("2026-01-01"), list}, {at("2026-01-01 1ns"), list}}, nil},
		{"the first and the last instant", mss.PriceBook{{at("1-01-01"), list}, {at("10000-01-01 -1ns"), list}}, nil},
		{"empty book", mss.PriceBook{}, mss.ErrPlan},
		{"disorder", mss.PriceBook{{at("2027-01-01"), list}, {at("2026-01-01"), list}}, mss.ErrPlan},
		{"one instant twice", mss.PriceBook{{at("2026-01-01"), list}, {at("2025-12-31T16:00:00Z"), list}}, mss.ErrPlan},
		{"zero time", mss.PriceBook{{at(""), list}}, mss.ErrPlan},
		{"the year 10000", mss.PriceBook{{at("2026-01-01"), list}, {at("10000-01-01"), list}}, mss.ErrPlan},
		{"an empty list", mss.PriceBook{{at("2026-01-01"), list}, {at("2027-01-01"), nil}}, mss.ErrPlan},
	} {
		checkError(t, tt.name+": Validate()", tt.list.Validate(), tt.want)
	}
	_, err := json.Marshal(mss.DatedCatalog{Catalog: list})
	checkError(t, "json.Marshal without a from", errors.Unwrap(err), mss.ErrPlan)
}

func TestCatalogPlan(t *testing.T) {
	var many mss.Catalog
	for i := range 1000 {
		many = append(many, mss.Plan{Name: strings.Repeat("名", 1000) + fmt.Sprint(i)})
	}
	for _, want := range mss.Published() {
		got, err := mss.Published().Plan(want.Name)
		check(t, "Plan("+want.Name+")", got, err, show(want))
	}
	for name, catalog := range map[string]mss.Catalog{"": mss.Published(), "Event-Protection": mss.Published(), "none": nil, strings.Repeat("名", 1e5): many} {
		got, err := catalog.Plan(name)
		check(t, fmt.Sprintf("Plan(%.20s)", name), got, err, mss.ErrUnknownPlan)
	}
}

// What is returned once does not change what is returned next.
func TestPlansMayBeModified(t *testing.T) {
	catalog := mss.Published()
	for name, plan := range map[string]func() mss.Plan{
		"RoutineOperations": mss.RoutineOperations,
		"EventProtection":   mss.EventProtection,
		"Published":         func() mss.Plan { return mss.Published()[0] },
		"Catalog.Plan":      func() mss.Plan { return must(catalog.Plan("event-protection"))(t) },
	} {
		first := plan()
		want := show(first)
		first.Name, first.Tiers[0] = "edited", mss.Tier{}
		if got := show(plan()); got != want {
			t.Errorf("%s = %s after an edit of what it returned before, want %s", name, got, want)
		}
	}
}

// priceBook is the published list from 2026, and one at double prices from 2027.
func priceBook() mss.PriceBook {
	double := mss.Published()
	for _, plan := range double {
		for i := range plan.Tiers {
			plan.Tiers[i].Price = plan.Tiers[i].Price.Mul(dec("2"))
		}
	}
	return mss.PriceBook{{at("2026-01-01"), mss.Published()}, {at("2027-01-01"), double}}
}

// A list is in force from its instant until that of the next one.
func TestPriceBookAt(t *testing.T) {
	first, second := show(mss.Published()), show(priceBook()[1].Catalog)
	disorder := priceBook()
	slices.Reverse(disorder)
	for _, tt := range []struct {
		name string
		book mss.PriceBook
		when string
		want any
	}{
		{"the instant of the first", priceBook(), "2026-01-01", first},
		{"a nanosecond before it", priceBook(), "2026-01-01 -1ns", mss.ErrDate},
		{"a nanosecond before the second", priceBook(), "2027-01-01 -1ns", first},
		{"the instant of the second", priceBook(), "2027-01-01", second},
		{"the same in UTC", priceBook(), "2026-12-31T16:00:00Z", second},
		{"the last day", priceBook(), "9999-12-31 +23h59m59.999999999s", second},
		{"the year 10000", priceBook(), "10000-01-01", mss.ErrDate},
		{"zero time", priceBook(), "", mss.ErrDate},
		{"one list", priceBook()[1:], "2026-06-01", mss.ErrDate},
		{"disorder, before both", disorder, "2025-06-01", mss.ErrDate},
		{"disorder, after both", disorder, "2027-06-01", first},
		{"a list of the zero time", mss.PriceBook{{Catalog: mss.Published()}}, "", mss.ErrDate},
		{"no list", nil, "2026-01-01", mss.ErrPlan},
	} {
		got, err := tt.book.At(at(tt.when))
		check(t, fmt.Sprintf("%s: At(%s)", tt.name, tt.when), got, err, tt.want)
	}
}

// An amount is the price of the band × the months or days of the term, exactly; a year
// costs twelve months.
func TestQuote(t *testing.T) {
	for _, tt := range []struct {
		name, plan string
		machines   int
		term       mss.Term
		want       any
	}{
		{"three months", "routine", 5, mss.Months(3), "routine-operations 5 P3M, band 1-5 1250.00, 0 days: 3750.00"},
		{"a year", "routine", 120, mss.Years(1), "routine-operations 120 P1Y, band 101-200 21000.00, 0 days: 252000.00"},
		{"twelve months", "routine", 120, mss.Months(12), "routine-operations 120 P12M, band 101-200 21000.00, 0 days: 252000.00"},
		{"a hundred years", "routine", 6000, mss.Years(100), "routine-operations 6000 P100Y, band 5501-6000 356400.00, 0 days: 427680000.00"},
		{"a week", "event", 51, mss.Days(7), "event-protection 51 P7D, band 51-200 17000.00, 5 days: 119000.00"},
		{"the most days", "event", 1000, mss.Days(36525), "event-protection 1000 P36525D, band 501-1000 30000.00, 5 days: 1095750000.00"},
		{"the lowest price", "cheap", 1, mss.Months(7), "cheap 1 P7M, band 1-1 0.01, 0 days: 0.07"},
		{"the highest amount", "dear", 9, mss.Days(36525), "dear 9 P36525D, band 1-9 1000000000000.00, 0 days: 36525000000000000.00"},
		{"days of a plan by the month", "routine", 5, mss.Days(30), mss.ErrTerm},
		{"months of a plan by the day", "event", 5, mss.Months(1), mss.ErrTerm},
		{"no months", "routine", 5, mss.Months(0), mss.ErrTerm},
		{"absurd years", "routine", 5, mss.Years(math.MaxInt), mss.ErrTerm},
		{"no machines", "routine", 0, mss.Months(1), mss.ErrMachines},
		{"contact sales for routine operations", "routine", 6001, mss.Months(1), mss.ErrContactSales},
		{"contact sales for event protection", "event", 1001, mss.Days(1), mss.ErrContactSales},
	} {
		got, err := plans[tt.plan]().Quote(tt.machines, tt.term)
		check(t, fmt.Sprintf("%s: %s Quote(%d, %v)", tt.name, tt.plan, tt.machines, tt.term), got, err, tt.want)
	}
}

// If several things are not valid, the first of them in this order is reported: name,
// unit and lead days of the plan, the term, whether its unit fits, the machines, the
// band. The other bands are not checked.
func TestQuoteChecksInOrder(t *testing.T) {
	plan := mss.Plan{Name: "\xff", Unit: mss.Year, LeadDays: -1}
	for _, tt := range []struct {
		want     string
		mend     func()
		machines int
		term     mss.Term
	}{
		{"want text in UTF-8", func() {}, 0, mss.Days(0)},
		{"unit year", func() { plan.Name = "order" }, 0, mss.Days(0)},
		{"lead days", func() { plan.Unit = mss.Month }, 0, mss.Days(0)},
		{"term P0D: want a term such as", func() { plan.LeadDays = 0 }, 0, mss.Days(0)},
		{"term P1D: want one of months or years", func() {}, 0, mss.Days(1)},
		{"no bands", func() {}, 0, mss.Months(1)},
		{"0 machines: want 1 to 15", func() { plan.Tiers = bands("1-5 100, 6-10 0, 16-20 300, 21-15 400") }, 0, mss.Months(1)},
		{"above the last band, 15", func() {}, 22, mss.Months(1)},
		{"in no band", func() {}, 12, mss.Months(1)},
		{"band 6-10: price 0.00", func() {}, 6, mss.Months(1)},
	} {
		tt.mend()
		if _, err := plan.Quote(tt.machines, tt.term); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Quote(%d, %v) error = %v, want one about %q", tt.machines, tt.term, err, tt.want)
		}
	}
	q, err := plan.Quote(5, mss.Months(1))
	check(t, "Quote(5, P1M), beside bands that are not valid", q, err, "order 5 P1M, band 1-5 100.00, 0 days: 100.00")
}

// A quote is not changed by what happens to the plan that it is from.
func TestQuoteIsASnapshot(t *testing.T) {
	plan := mss.EventProtection()
	got := must(plan.Quote(200, mss.Days(7)))(t)
	plan.Name, plan.LeadDays, plan.Tiers[1] = "edited", 9, mss.Tier{}
	check(t, "Quote(200, P7D)", got, nil, "event-protection 200 P7D, band 51-200 17000.00, 5 days: 119000.00")
}

func TestQuoteEqual(t *testing.T) {
	checkEqual(t, quote(t, "routine 120 P1Y"), []edit[mss.Quote]{
		{"amount 252E3", func(q *mss.Quote) { q.Amount = decimal.New(252, 3) }},
		{"price 21000.0000", func(q *mss.Quote) { q.Tier.Price = decimal.New(210000000, -4) }},
	}, []edit[mss.Quote]{
		{"plan", func(q *mss.Quote) { q.Plan = "" }},
		{"machines", func(q *mss.Quote) { q.Machines++ }},
		{"term", func(q *mss.Quote) { q.Term = mss.Months(12) }},
		{"tier", func(q *mss.Quote) { q.Tier.Min++ }},
		{"lead days", func(q *mss.Quote) { q.LeadDays = 1 }},
		{"amount", func(q *mss.Quote) { q.Amount = dec("252000.0000000001") }},
		{"zero quote", func(q *mss.Quote) { *q = mss.Quote{} }},
	})
}

// Values can be used by many goroutines at once, as the race detector sees.
func TestConcurrentUse(t *testing.T) {
	s, closed, book := yearOpen(t), yearClosed(t), priceBook()
	const want = "2027-01-31 to 2028-01-31, anchor 31; true; cancelled; 51-200 17000.00 501-1000 30000.00; 31838.71 3"
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			renewed, err := s.Renew(s.Quote, at("2026-05-01"))
			data, jsonErr := json.Marshal(closed)
			var back mss.Subscription
			list, atErr := book.At(at("2026-05-01"))
			tier, lookupErr := mss.Lookup(list[1].Tiers, 200)
			largest, _ := mss.Affordable(list[1].Tiers, dec("99000"))
			consumed, consumedErr := closed.Consumed(at("2030-01-01"), mss.ByMonth)
			periods, amortizeErr := closed.Amortize(mss.ByMonth)
			err = errors.Join(err, jsonErr, json.Unmarshal(data, &back), atErr, lookupErr, consumedErr, amortizeErr)
			got := fmt.Sprintf("%s; %t; %v; %s %s; %s %d", show(renewed), back.Equal(closed) && s.Validate() == nil,
				closed.Status(at("2026-03-16")), show(tier), show(largest), show(consumed), len(periods))
			if got != want || err != nil {
				t.Errorf("got %s, %v, want %s", got, err, want)
			}
		})
	}
	group.Wait()
}

// oddities are values of every type, valid and not, with which every method is called.
func oddities(t *testing.T) map[reflect.Type][]reflect.Value {
	sold := buy(t, "event 5 P3D", "2026-01-31")
	closed := cancel(t, sold, "2026-02-06", mss.ByDay)
	anything := reflect.TypeFor[any]()
	values := map[reflect.Type][]reflect.Value{anything: {reflect.Zero(anything), reflect.ValueOf(7), reflect.ValueOf("P1D")}}
	for _, v := range []any{
		mss.Unit(0), mss.Month, mss.Unit(255), mss.Status(0), mss.Active, mss.Proration(0), mss.ByMonth, mss.Proration(255),
		mss.Term{}, mss.Months(1), mss.Days(math.MaxInt), mss.Years(math.MinInt), mss.Term{N: 1, Unit: 9},
		mss.Tier{}, mss.Tier{Min: 1, Max: math.MaxInt, Price: absurd[0]}, mss.Tier{Min: math.MinInt, Price: absurd[6]},
		mss.Plan{}, mss.RoutineOperations(), mss.Plan{Name: "x", Unit: mss.Day, Tiers: []mss.Tier{{}, {Min: 1, Max: 5, Price: absurd[1]}}},
		mss.Catalog(nil), mss.Catalog{{}}, mss.Published(), mss.DatedCatalog{}, mss.PriceBook(nil), mss.PriceBook{{}}, priceBook(),
		mss.Quote{}, sold.Quote, edited(sold.Quote, func(q *mss.Quote) { q.Amount = absurd[0] }),
		edited(sold.Quote, func(q *mss.Quote) { q.Tier.Price = absurd[1] }), edited(sold.Quote, func(q *mss.Quote) { q.LeadDays = math.MaxInt }),
		edited(sold.Quote, func(q *mss.Quote) { q.Plan = strings.Repeat("名", 1e4) }),
		mss.Subscription{}, sold, closed, edited(closed, func(s *mss.Subscription) { s.Refunded.Paid = absurd[0] }),
		edited(sold, func(s *mss.Subscription) { s.Start, s.End = at("10000-01-01"), at("292277026596-12-04") }),
		mss.Refund{}, *closed.Refunded, edited(*closed.Refunded, func(r *mss.Refund) { r.Consumed = absurd[1] }),
		1, math.MaxInt, math.MinInt, "", "event-protection", strings.Repeat("\xff", 1e5), absurd[0], absurd[1],
		time.Time{}, at("2026-02-06"), at("1-01-01"), at("9999-12-31"), time.Unix(math.MaxInt64, 0), time.Unix(math.MinInt64, 999999999),
		[]byte(nil), []byte("null"), []byte("{}"), []byte(`{"tiers":[null],"quote":null}`), []byte(`{"at":"` + strings.Repeat("名", 1e4) + `"}`),
		[]byte("\xff"), []byte("P1D"),
		(func(time.Time) bool)(nil), func(time.Time) bool { return false },
	} {
		values[reflect.TypeOf(v)] = append(values[reflect.TypeOf(v)], reflect.ValueOf(v))
	}
	return values
}

// Every method, with receivers and arguments that make no sense, returns at once and
// without a panic; what fails wraps one sentinel, with the zero value beside it; and
// nothing that was given is written to.
func TestEveryMethodWithOddities(t *testing.T) {
	values, before := oddities(t), oddities(t)
	for kind, receivers := range values {
		pointer := reflect.PointerTo(kind)
		for i := range pointer.NumMethod() {
			if method := pointer.Method(i); strings.HasSuffix(kind.PkgPath(), "mss") {
				for _, receiver := range receivers {
					callWithAll(t, method, values, []reflect.Value{receiver})
				}
				for kind, given := range values {
					for i, v := range given {
						if kind.Kind() != reflect.Func && !reflect.DeepEqual(v.Interface(), before[kind][i].Interface()) {
							t.Fatalf("%v.%s wrote to value %d of type %v", pointer, method.Name, i, kind)
						}
					}
				}
			}
		}
	}
}

// callWithAll calls a method on in[0] with the arguments after it, once it has
// completed them with each of the values that fit.
func callWithAll(t *testing.T, method reflect.Method, values map[reflect.Type][]reflect.Value, in []reflect.Value) {
	if next := len(in); next < method.Type.NumIn() {
		arguments := values[method.Type.In(next)]
		if arguments == nil {
			t.Fatalf("%s: no value of type %v to try", method.Name, method.Type.In(next))
		}
		for _, argument := range arguments {
			callWithAll(t, method, values, append(slices.Clone(in), argument))
		}
		return
	}
	call := fmt.Sprintf("%v.%s", in[0].Type(), method.Name)
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s of %#v: panic: %v", call, in, p)
		}
	}()
	defer atOnce(t, call)()
	receiver := reflect.New(in[0].Type()) // a copy, for methods of a pointer
	receiver.Elem().Set(in[0])
	out := method.Func.Call(append([]reflect.Value{receiver}, in[1:]...))
	last := len(out) - 1
	if err, _ := out[last].Interface().(error); err != nil {
		i := slices.IndexFunc(sentinels, func(sentinel error) bool { return errors.Is(err, sentinel) })
		checkError(t, call, err, sentinels[max(i, 0)])
		if last > 0 && !out[0].IsZero() {
			t.Errorf("%s of %#v = %#v beside an error, want the zero value", call, in, out[0])
		}
	}
}
