package mss_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/mss"
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
		{"by the year", func(p *mss.Plan) { p.Unit = mss.Year }},
		{"the longest notice", func(p *mss.Plan) { p.LeadDays = 366 }},
		{"no name", func(p *mss.Plan) { p.Name = "" }},
		{"no unit", func(p *mss.Plan) { p.Unit = 0 }},
		{"negative notice", func(p *mss.Plan) { p.LeadDays = -1 }},
		{"no tiers", func(p *mss.Plan) { p.Tiers = nil }},
		{"a gap", func(p *mss.Plan) { p.Tiers[7].Min++ }},
		{"zero plan", func(p *mss.Plan) { *p = mss.Plan{} }},
	} {
		var want error
		if i >= 4 {
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

// A name breaks no message, line of text or terminal, and is read back as it was.
func TestNames(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       error
	}{
		{"letters of any language and symbols", "night ~ 夜間 é 😀", nil},
		{"200 bytes", strings.Repeat("名", 66) + "ab", nil},
		{"201 bytes", strings.Repeat("名", 67), mss.ErrPlan},
		{"201 bytes of ASCII", strings.Repeat("9", 201), mss.ErrPlan},
		{"line break", "night\nwatch", mss.ErrPlan},
		{"delete", "night\x7f", mss.ErrPlan},
		{"right-to-left override", "night\u202ewatch", mss.ErrPlan},
		{"ideographic space", "夜\u3000間", mss.ErrPlan},
		{"not UTF-8", "a\xff", mss.ErrPlan},
	} {
		plan, titled, q := mss.EventProtection(), mss.EventProtection(), quote(t, "event 51 P7D")
		plan.Name, titled.Title, q.Plan = tt.text, tt.text, tt.text
		checkError(t, tt.name+": Validate of a plan of that name", plan.Validate(), tt.want)
		checkError(t, tt.name+": Validate of a plan of that title", titled.Validate(), tt.want)
		_, err := plan.Quote(51, mss.Days(7))
		checkError(t, tt.name+": Quote of a plan of that name", err, tt.want)
		if tt.want == nil {
			checkValid(t, tt.name, q)
		} else {
			checkError(t, tt.name+": Validate of a quote", q.Validate(), mss.ErrInconsistent)
		}
	}
}

func TestPlansMayBeModified(t *testing.T) {
	catalog, want := mss.Published(), show(mss.Published())
	for _, plan := range slices.Concat(mss.Published(), mss.Catalog{must(catalog.Plan("event-protection"))(t), mss.RoutineOperations(), mss.EventProtection()}) {
		plan.Tiers[0] = mss.Tier{}
	}
	check(t, "Published, after edits", mss.Published(), nil, want)
	check(t, "a catalog, after an edit of its plan", catalog, nil, want)
}

// oddities are values of every type, valid and not, with which every method is called.
func oddities(t *testing.T) map[reflect.Type][]reflect.Value {
	sold := buy(t, "event 5 P3D", "2026-01-31")
	closed := cancel(t, sold, "2026-02-06", mss.ByDay)
	anything := reflect.TypeFor[any]()
	values := map[reflect.Type][]reflect.Value{anything: {reflect.Zero(anything), reflect.ValueOf(7), reflect.ValueOf("P1D")}}
	for _, v := range []any{
		mss.Unit(0), mss.Month, mss.Unit(math.MinInt), mss.Unit(math.MaxInt), mss.Status(-1), mss.Active, mss.Status(math.MaxInt),
		mss.Proration(0), mss.ByMonth, mss.Proration(math.MinInt), mss.Proration(math.MaxInt),
		mss.Term{}, mss.Months(1), mss.Days(math.MaxInt), mss.Years(math.MinInt), mss.Term{N: 1, Unit: 9}, mss.Term{N: 1, Unit: math.MinInt},
		mss.Tier{}, mss.Tier{Min: 1, Max: math.MaxInt, Price: absurd[0]}, mss.Tier{Min: math.MinInt, Price: absurd[6]},
		mss.Plan{}, mss.RoutineOperations(), mss.Plan{Name: "x", Unit: mss.Day, Tiers: []mss.Tier{{}, {Min: 1, Max: 5, Price: absurd[1]}}},
		mss.Catalog(nil), mss.Catalog{{}}, mss.Published(), mss.DatedCatalog{}, mss.PriceBook(nil), mss.PriceBook{{}}, priceBook(),
		mss.Quote{}, sold.Quote, edited(sold.Quote, func(q *mss.Quote) { q.Amount = absurd[0] }),
		edited(sold.Quote, func(q *mss.Quote) { q.Tier.Price = absurd[1] }), edited(sold.Quote, func(q *mss.Quote) { q.LeadDays, q.Unit = math.MaxInt, math.MinInt }),
		edited(sold.Quote, func(q *mss.Quote) { q.Plan = strings.Repeat("名", 1e4) }),
		mss.Subscription{}, sold, closed, edited(closed, func(s *mss.Subscription) { s.Refunded.Paid = absurd[0] }),
		edited(sold, func(s *mss.Subscription) { s.Start, s.End = at("10000-01-01"), time.Unix(1<<62, 0) }),
		mss.Refund{}, *closed.Refunded, edited(*closed.Refunded, func(r *mss.Refund) { r.Consumed = absurd[1] }),
		1, math.MaxInt, math.MinInt, "", "event-protection", strings.Repeat("\xff", 1e5), absurd[0], absurd[1],
		time.Time{}, at("2026-02-06"), at("1-01-01"), at("9999-12-31"), absurdTimes[0], absurdTimes[1], absurdTimes[2], absurdTimes[3],
		[]byte(nil), []byte("null"), []byte("{}"), []byte(`{"tiers":[null],"quote":null}`), []byte(`{"at":"` + strings.Repeat("名", 1e4) + `"}`),
		[]byte("\xff"), []byte("P1D"),
		(func(time.Time) bool)(nil), func(time.Time) bool { return false },
	} {
		values[reflect.TypeOf(v)] = append(values[reflect.TypeOf(v)], reflect.ValueOf(v))
	}
	return values
}

// Every method, with receivers and arguments that make no sense, returns at once and
// without a panic; what fails wraps one sentinel, with the zero value beside it.
func TestEveryMethodWithOddities(t *testing.T) {
	values := oddities(t)
	for kind, receivers := range values {
		for i := range reflect.PointerTo(kind).NumMethod() {
			for _, receiver := range receivers {
				if strings.HasSuffix(kind.PkgPath(), "mss") {
					callWithAll(t, reflect.PointerTo(kind).Method(i), values, []reflect.Value{receiver})
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
