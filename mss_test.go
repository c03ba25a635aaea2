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
	for _, tt := range []struct{ name, got, want string }{
		{"PurchaseURL", mss.PurchaseURL, "https://buy.cloud.tencent.com/mss"},
		{"ContactURL", mss.ContactURL, "https://cloud.tencent.com/act/event/connect-service"},
		{"Currency", mss.Currency, "CNY"},
		{"Beijing", time.Unix(0, 0).In(mss.Beijing).Format("15:04:05 -0700 MST"), "08:00:00 +0800 UTC+8"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s = %q, want %q", tt.name, tt.got, tt.want)
		}
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

func TestPlanValidate(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(*mss.Plan)
		want error
	}{
		{"as published", func(*mss.Plan) {}, nil},
		{"no title", func(p *mss.Plan) { p.Title = "" }, nil},
		{"by the day", func(p *mss.Plan) { p.Unit = mss.Day }, nil},
		{"the longest notice", func(p *mss.Plan) { p.LeadDays = 366 }, nil},
		{"no name", func(p *mss.Plan) { p.Name = "" }, mss.ErrPlan},
		{"name not in UTF-8", func(p *mss.Plan) { p.Name = "a\xff" }, mss.ErrPlan},
		{"a long name not in UTF-8", func(p *mss.Plan) { p.Name = strings.Repeat("\xff", 1e6) }, mss.ErrPlan},
		{"title not in UTF-8", func(p *mss.Plan) { p.Title = "a\xff" }, mss.ErrPlan},
		{"no unit", func(p *mss.Plan) { p.Unit = 0 }, mss.ErrPlan},
		{"by the year", func(p *mss.Plan) { p.Unit = mss.Year }, mss.ErrPlan},
		{"unknown unit", func(p *mss.Plan) { p.Unit = 255 }, mss.ErrPlan},
		{"negative notice", func(p *mss.Plan) { p.LeadDays = -1 }, mss.ErrPlan},
		{"too long a notice", func(p *mss.Plan) { p.LeadDays = 367 }, mss.ErrPlan},
		{"absurd notice", func(p *mss.Plan) { p.LeadDays = math.MaxInt }, mss.ErrPlan},
		{"no tiers", func(p *mss.Plan) { p.Tiers = nil }, mss.ErrPlan},
		{"a gap", func(p *mss.Plan) { p.Tiers[7].Min++ }, mss.ErrPlan},
		{"zero plan", func(p *mss.Plan) { *p = mss.Plan{} }, mss.ErrPlan},
	} {
		plan := edited(mss.RoutineOperations(), tt.edit)
		list := mss.Catalog{plan}
		checkError(t, tt.name+": Validate()", plan.Validate(), tt.want)
		checkError(t, tt.name+": Catalog.Validate()", list.Validate(), tt.want)
		checkError(t, tt.name+": PriceBook.Validate()", mss.PriceBook{{at("2026-01-01"), list}}.Validate(), tt.want)
		data, err := plan.MarshalJSON()
		checkError(t, tt.name+": MarshalJSON()", err, tt.want)
		if (data == nil) != (tt.want != nil) {
			t.Errorf("%s: MarshalJSON() = %s beside %v", tt.name, data, err)
		}
	}
}

func TestCatalogValidate(t *testing.T) {
	published := mss.Published()
	for _, tt := range []struct {
		name    string
		catalog mss.Catalog
		want    error
	}{
		{"published", published, nil},
		{"one plan", published[1:], nil},
		{"nil", nil, mss.ErrPlan},
		{"empty", mss.Catalog{}, mss.ErrPlan},
		{"the second invalid", mss.Catalog{published[0], {Name: "x"}}, mss.ErrPlan},
		{"a name twice", mss.Catalog{published[0], published[1], published[0]}, mss.ErrPlan},
	} {
		checkError(t, tt.name+": Validate()", tt.catalog.Validate(), tt.want)
	}
}

func TestCatalogPlan(t *testing.T) {
	var many mss.Catalog
	for i := range 1000 {
		many = append(many, mss.Plan{Name: strings.Repeat("名", 1000) + fmt.Sprint(i)})
	}
	routine := show(mss.RoutineOperations())
	for _, tt := range []struct {
		name    string
		catalog mss.Catalog
		plan    string
		want    any
	}{
		{"the first", mss.Published(), "routine-operations", routine},
		{"the second", mss.Published(), "event-protection", show(mss.EventProtection())},
		{"upper case", mss.Published(), "Event-Protection", mss.ErrUnknownPlan},
		{"no name", mss.Published(), "", mss.ErrUnknownPlan},
		{"an empty catalog", nil, "routine-operations", mss.ErrUnknownPlan},
		{"many long names", many, strings.Repeat("名", 1000), mss.ErrUnknownPlan},
	} {
		got, err := tt.catalog.Plan(tt.plan)
		check(t, tt.name+": Plan", got, err, tt.want)
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
func priceBook(t *testing.T) mss.PriceBook {
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
	first, second := show(mss.Published()), show(priceBook(t)[1].Catalog)
	if first == second {
		t.Fatal("the two lists are the same")
	}
	disorder := priceBook(t)
	slices.Reverse(disorder)
	for _, tt := range []struct {
		name string
		book mss.PriceBook
		when string
		want any
	}{
		{"the instant of the first", priceBook(t), "2026-01-01", first},
		{"a nanosecond before it", priceBook(t), "2026-01-01 -1ns", mss.ErrDate},
		{"a nanosecond before the second", priceBook(t), "2027-01-01 -1ns", first},
		{"the instant of the second", priceBook(t), "2027-01-01", second},
		{"the same in UTC", priceBook(t), "2026-12-31T16:00:00Z", second},
		{"the last day", priceBook(t), "9999-12-31 +23h59m59.999999999s", second},
		{"the year 10000", priceBook(t), "10000-01-01", mss.ErrDate},
		{"the year 1", priceBook(t), "1-01-01", mss.ErrDate},
		{"zero time", priceBook(t), "", mss.ErrDate},
		{"one list", priceBook(t)[1:], "2026-06-01", mss.ErrDate},
		{"disorder, before both", disorder, "2025-06-01", mss.ErrDate},
		{"disorder, after both", disorder, "2027-06-01", first},
		{"a list of the zero time", mss.PriceBook{{Catalog: mss.Published()}}, "", mss.ErrDate},
		{"no list", nil, "2026-01-01", mss.ErrPlan},
		{"no list, zero time", mss.PriceBook{}, "", mss.ErrPlan},
	} {
		got, err := tt.book.At(at(tt.when))
		check(t, fmt.Sprintf("%s: At(%s)", tt.name, tt.when), got, err, tt.want)
	}
}

func TestPriceBookValidate(t *testing.T) {
	list := mss.Published()
	for _, tt := range []struct {
		name string
		book mss.PriceBook
		want error
	}{
		{"two lists", priceBook(t), nil},
		{"a nanosecond apart", mss.PriceBook{{at("2026-01-01"), list}, {at("2026-01-01 +1ns"), list}}, nil},
		{"the first and the last instant", mss.PriceBook{{at("1-01-01"), list}, {at("10000-01-01 -1ns"), list}}, nil},
		{"nil", nil, mss.ErrPlan},
		{"empty", mss.PriceBook{}, mss.ErrPlan},
		{"disorder", mss.PriceBook{{at("2027-01-01"), list}, {at("2026-01-01"), list}}, mss.ErrPlan},
		{"one instant twice", mss.PriceBook{{at("2026-01-01"), list}, {at("2025-12-31T16:00:00Z"), list}}, mss.ErrPlan},
		{"zero time", mss.PriceBook{{at(""), list}}, mss.ErrPlan},
		{"the year 10000", mss.PriceBook{{at("2026-01-01"), list}, {at("10000-01-01"), list}}, mss.ErrPlan},
		{"an empty list", mss.PriceBook{{at("2026-01-01"), list}, {at("2027-01-01"), nil}}, mss.ErrPlan},
		{"an invalid list", mss.PriceBook{{at("2026-01-01"), mss.Catalog{{}}}}, mss.ErrPlan},
	} {
		checkError(t, tt.name+": Validate()", tt.book.Validate(), tt.want)
	}
}

// An amount is the price of the band × the months or days of the term, exactly; a year
// costs twelve months.
func TestQuote(t *testing.T) {
	for _, tt := range []struct {
		plan     string
		machines int
		term     mss.Term
		want     any
	}{
		{"routine", 1, mss.Months(1), "routine-operations 1 P1M, band 1-5 1250.00, 0 days: 1250.00"},
		{"routine", 5, mss.Months(3), "routine-operations 5 P3M, band 1-5 1250.00, 0 days: 3750.00"},
		{"routine", 6, mss.Months(1), "routine-operations 6 P1M, band 6-20 4200.00, 0 days: 4200.00"},
		{"routine", 120, mss.Years(1), "routine-operations 120 P1Y, band 101-200 21000.00, 0 days: 252000.00"},
		{"routine", 120, mss.Months(12), "routine-operations 120 P12M, band 101-200 21000.00, 0 days: 252000.00"},
		{"routine", 1000, mss.Years(3), "routine-operations 1000 P3Y, band 801-1000 64800.00, 0 days: 2332800.00"},
		{"routine", 6000, mss.Years(100), "routine-operations 6000 P100Y, band 5501-6000 356400.00, 0 days: 427680000.00"},
		{"event", 1, mss.Days(1), "event-protection 1 P1D, band 1-50 12000.00, 5 days: 12000.00"},
		{"event", 51, mss.Days(7), "event-protection 51 P7D, band 51-200 17000.00, 5 days: 119000.00"},
		{"event", 1000, mss.Days(36525), "event-protection 1000 P36525D, band 501-1000 30000.00, 5 days: 1095750000.00"},
		{"cheap", 1, mss.Months(7), "cheap 1 P7M, band 1-1 0.01, 0 days: 0.07"},
		{"dear", 9, mss.Days(36525), "dear 9 P36525D, band 1-9 1000000000000.00, 0 days: 36525000000000000.00"},

		{"routine", 5, mss.Days(30), mss.ErrTerm},
		{"event", 5, mss.Months(1), mss.ErrTerm},
		{"event", 5, mss.Years(1), mss.ErrTerm},
		{"routine", 5, mss.Months(0), mss.ErrTerm},
		{"routine", 5, mss.Months(1201), mss.ErrTerm},
		{"routine", 5, mss.Years(math.MaxInt), mss.ErrTerm},
		{"event", 5, mss.Days(36526), mss.ErrTerm},
		{"routine", 5, mss.Term{}, mss.ErrTerm},
		{"routine", 0, mss.Months(1), mss.ErrMachines},
		{"event", -1, mss.Days(1), mss.ErrMachines},
		{"routine", 6001, mss.Months(1), mss.ErrContactSales},
		{"event", 1001, mss.Days(1), mss.ErrContactSales},
	} {
		got, err := plans[tt.plan]().Quote(tt.machines, tt.term)
		check(t, fmt.Sprintf("%s: Quote(%d, %v)", tt.plan, tt.machines, tt.term), got, err, tt.want)
	}
}

// If several things are not valid, the first of them in this order is reported: name,
// unit and lead days of the plan, the term, whether its unit fits, the machines, the
// band. The other bands are not checked.
func TestQuoteChecksInOrder(t *testing.T) {
	good := mss.Plan{Name: "order", Unit: mss.Month, Tiers: bands("1-5 100, 6-10 0, 16-20 300, 21-15 400")}
	for _, tt := range []struct {
		name     string
		edit     func(*mss.Plan)
		machines int
		term     mss.Term
		want     string
	}{
		{"name before unit", func(p *mss.Plan) { p.Name, p.Unit = "", 0 }, 5, mss.Months(1), "no name"},
		{"UTF-8 before unit", func(p *mss.Plan) { p.Name, p.Unit = "\xff", 0 }, 5, mss.Months(1), "UTF-8"},
		{"unit before lead days", func(p *mss.Plan) { p.Unit, p.LeadDays = 0, -1 }, 5, mss.Months(1), "unit"},
		{"lead days before term", func(p *mss.Plan) { p.LeadDays = -1 }, 5, mss.Months(0), "lead days"},
		{"term before its unit", func(*mss.Plan) {}, 5, mss.Days(0), "term P0D: want a term such as"},
		{"unit of the term before tiers", func(p *mss.Plan) { p.Tiers = nil }, 5, mss.Days(1), "term P1D: want one of months"},
		{"unit of the term before machines", func(*mss.Plan) {}, 0, mss.Days(1), "term P1D: want one of months"},
		{"tiers before machines", func(p *mss.Plan) { p.Tiers = nil }, 0, mss.Months(1), "no bands"},
		{"machines before the bands", func(*mss.Plan) {}, 0, mss.Months(1), "0 machines: want"},
		{"above the last band", func(*mss.Plan) {}, 22, mss.Months(1), "above the last band"},
		{"in a gap", func(*mss.Plan) {}, 12, mss.Months(1), "in no band"},
		{"the band found", func(*mss.Plan) {}, 6, mss.Months(1), "band 6-10: price 0.00"},
	} {
		_, err := edited(good, tt.edit).Quote(tt.machines, tt.term)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: Quote(%d, %v) error = %v, want one about %q", tt.name, tt.machines, tt.term, err, tt.want)
		}
	}
	q, err := good.Quote(5, mss.Months(1))
	check(t, "Quote(5, P1M), beside bands that are not valid", q, err, "order 5 P1M, band 1-5 100.00, 0 days: 100.00")
}

// A quote is not changed by what happens to the plan that it is from.
func TestQuoteIsASnapshot(t *testing.T) {
	plan := mss.EventProtection()
	got := must(plan.Quote(200, mss.Days(7)))(t)
	plan.Name, plan.LeadDays, plan.Tiers[1] = "edited", 9, mss.Tier{}
	check(t, "Quote(200, P7D)", got, nil, "event-protection 200 P7D, band 51-200 17000.00, 5 days: 119000.00")
}

func TestQuoteString(t *testing.T) {
	for text, want := range map[string]string{
		"routine 120 P1Y": "routine-operations, 120 machines (band 101-200), P1Y: 12 months × 21000.00 = 252000.00 yuan",
		"routine 1 P1M":   "routine-operations, 1 machine (band 1-5), P1M: 1 month × 1250.00 = 1250.00 yuan",
		"event 1000 P7D":  "event-protection, 1000 machines (band 501-1000), P7D: 7 days × 30000.00 = 210000.00 yuan",
		"event 2 P1D":     "event-protection, 2 machines (band 1-50), P1D: 1 day × 12000.00 = 12000.00 yuan",
	} {
		if got := quote(t, text).String(); got != want {
			t.Errorf("String() = %q, want %q", got, want)
		}
	}
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

// Values can be used by many goroutines at once.
func TestConcurrentUse(t *testing.T) {
	s, closed, book, tiers := yearOpen(t), yearClosed(t), priceBook(t), mss.EventProtection().Tiers
	const want = "2027-01-31 to 2028-01-31, anchor 31; true; cancelled; 51-200 17000.00 501-1000 30000.00; 31838.71 3"
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				renewed, err := s.Renew(s.Quote, at("2026-05-01"))
				data, jsonErr := json.Marshal(closed)
				var back mss.Subscription
				tier, lookupErr := mss.Lookup(tiers, 200)
				list, atErr := book.At(at("2026-05-01"))
				largest, _ := mss.Affordable(list[1].Tiers, dec("99000"))
				consumed, consumedErr := closed.Consumed(at("2030-01-01"), mss.ByMonth)
				periods, amortizeErr := closed.Amortize(mss.ByMonth)
				if err := errors.Join(err, jsonErr, json.Unmarshal(data, &back), lookupErr, atErr, consumedErr, amortizeErr); err != nil {
					t.Error(err)
					return
				}
				got := fmt.Sprintf("%s; %t; %v; %s %s; %s %d", show(renewed), back.Equal(closed) && s.Validate() == nil,
					closed.Status(at("2026-03-16")), show(tier), show(largest), show(consumed), len(periods))
				if got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	}
	group.Wait()
}

// oddities are values of every type, valid and not, with which every method is called.
func oddities(t *testing.T) map[reflect.Type][]reflect.Value {
	sold := buy(t, "event 5 P3D", "2026-01-31")
	closed := cancel(t, sold, "2026-02-06", mss.ByDay)
	refund := *closed.Refunded
	values := map[reflect.Type][]reflect.Value{
		reflect.TypeFor[any](): {reflect.Zero(reflect.TypeFor[any]()), reflect.ValueOf(7), reflect.ValueOf("P1D"), reflect.ValueOf([]byte("{}"))},
	}
	for _, v := range []any{
		mss.Unit(0), mss.Month, mss.Unit(255), mss.Status(0), mss.Active, mss.Proration(0), mss.ByDay, mss.ByMonth, mss.Proration(255),
		mss.Term{}, mss.Months(1), mss.Days(math.MaxInt), mss.Years(math.MinInt), mss.Term{N: 1, Unit: 9},
		mss.Tier{}, mss.Tier{Min: 1, Max: math.MaxInt, Price: absurd[0]}, mss.Tier{Min: math.MinInt, Price: absurd[1]},
		mss.Plan{}, mss.RoutineOperations(), mss.Plan{Name: "x", Unit: mss.Day, Tiers: []mss.Tier{{}, {Min: 1, Max: 5, Price: absurd[1]}}},
		mss.Catalog(nil), mss.Catalog{{}}, mss.Published(),
		mss.DatedCatalog{}, mss.PriceBook(nil), mss.PriceBook{{}}, priceBook(t),
		mss.Quote{}, sold.Quote, edited(sold.Quote, func(q *mss.Quote) { q.Amount = absurd[0] }),
		edited(sold.Quote, func(q *mss.Quote) { q.Tier.Price = absurd[1] }), edited(sold.Quote, func(q *mss.Quote) { q.LeadDays = math.MaxInt }),
		mss.Subscription{}, sold, closed, mss.Subscription{Refunded: &mss.Refund{}},
		edited(closed, func(s *mss.Subscription) { s.Refunded.Paid = absurd[0] }),
		edited(sold, func(s *mss.Subscription) { s.Start, s.End = at("10000-01-01"), at("292277026596-12-04") }),
		mss.Refund{}, refund, edited(refund, func(r *mss.Refund) { r.Consumed = absurd[1] }), mss.Period{}, mss.Change{},
		0, -1, 1, math.MaxInt, math.MinInt, "", "event-protection", strings.Repeat("\xff", 1e5),
		time.Time{}, at("2026-02-06"), at("1-01-01"), at("9999-12-31"), time.Unix(math.MaxInt64, 0), time.Unix(math.MinInt64, 999999999),
		[]byte(nil), []byte("null"), []byte("{}"), []byte(`{"tiers":[null],"quote":null}`), []byte("\xff"), []byte("P1D"),
		(func(time.Time) bool)(nil), func(time.Time) bool { return false }, absurd[0], absurd[1],
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
		if !strings.HasSuffix(kind.PkgPath(), "mss") {
			continue
		}
		for i := range reflect.PointerTo(kind).NumMethod() {
			method := reflect.PointerTo(kind).Method(i)
			calls := [][]reflect.Value{{}}
			for n := 1; n < method.Type.NumIn(); n++ {
				arguments := values[method.Type.In(n)]
				if arguments == nil {
					t.Fatalf("%v.%s: no value of type %v to try", kind, method.Name, method.Type.In(n))
				}
				var longer [][]reflect.Value
				for _, call := range calls {
					for _, argument := range arguments {
						longer = append(longer, append(slices.Clone(call), argument))
					}
				}
				calls = longer
			}
			for _, receiver := range receivers {
				for _, arguments := range calls {
					checkCall(t, method, receiver, arguments)
				}
			}
			for kind := range values {
				for i, v := range values[kind] {
					if kind.Kind() != reflect.Func && !reflect.DeepEqual(v.Interface(), before[kind][i].Interface()) {
						t.Fatalf("%s wrote to value %d of type %v", method.Name, i, kind)
					}
				}
			}
		}
	}
}

func checkCall(t *testing.T, method reflect.Method, receiver reflect.Value, arguments []reflect.Value) {
	call := fmt.Sprintf("%v.%s", receiver.Type(), method.Name)
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("%s on %#v of %#v: panic: %v", call, receiver, arguments, p)
		}
	}()
	defer atOnce(t, call)()
	pointer := reflect.New(receiver.Type()) // to a copy, for methods that take one
	pointer.Elem().Set(receiver)
	results := method.Func.Call(append([]reflect.Value{pointer}, arguments...))
	last := len(results) - 1
	err, _ := results[last].Interface().(error)
	if err == nil {
		return
	}
	if !slices.ContainsFunc(sentinels, func(sentinel error) bool { return errors.Is(err, sentinel) }) {
		t.Errorf("%s error = %v, want one that wraps a sentinel", call, err)
	}
	for _, sentinel := range sentinels {
		if errors.Is(err, sentinel) {
			checkError(t, call, err, sentinel)
		}
	}
	for _, result := range results[:last] {
		if !result.IsZero() {
			t.Errorf("%s on %#v of %#v = %#v beside an error, want the zero value", call, receiver, arguments, result)
		}
	}
}
