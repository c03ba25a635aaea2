package mss_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

const (
	planDoc = `{"name":"night-watch","title":"夜间值守","unit":"day","lead_days":2,` +
		`"tiers":[{"min":1,"max":5,"price":"100.5"},{"min":6,"max":20,"price":"200"}]}`
	datedDoc = `{"from":"2026-01-01T00:00:00+08:00","catalog":[` + planDoc + `]}`
	quoteDoc = `{"plan":"routine-operations","machines":120,"term":"P1Y",` +
		`"tier":{"min":101,"max":200,"price":"21000"},"lead_days":0,"amount":"252000"}`
	refundDoc = `{"at":"2026-03-15T09:00:00+08:00","by":"month","used_days":44,"total_days":365,` +
		`"paid":"252000","consumed":"31838.71","amount":"220161.29"}`
	openDoc = `{"quote":{"plan":"event-protection","machines":200,"term":"P7D","tier":{"min":51,"max":200,"price":"17000"},` +
		`"lead_days":5,"amount":"119000"},"purchased":"2026-01-31T10:20:30.000000004+08:00",` +
		`"start":"2026-02-05T00:00:00+08:00","end":"2026-02-12T00:00:00+08:00","anchor_day":5}`
	closedDoc = `{"quote":` + quoteDoc + `,"purchased":"2026-01-31T00:00:00+08:00","start":"2026-01-31T00:00:00+08:00",` +
		`"end":"2026-03-16T00:00:00+08:00","anchor_day":31,"refunded":` + refundDoc + `}`
	changeDoc = `{"refund":` + refundDoc + `,"closed":` + closedDoc + `,"opened":{"quote":{"plan":"routine-operations",` +
		`"machines":300,"term":"P1Y","tier":{"min":201,"max":400,"price":"29500"},"lead_days":0,"amount":"354000"},` +
		`"purchased":"2026-03-15T09:00:00+08:00","start":"2026-03-16T00:00:00+08:00","end":"2027-03-16T00:00:00+08:00",` +
		`"anchor_day":16},"net":"133838.71"}`
	periodDoc = `{"start":"2026-02-28T00:00:00+08:00","end":"2026-03-01T00:00:00+08:00","days":1,"amount":"17000","remaining":"102000"}`
)

// nightWatch is what planDoc says.
func nightWatch() mss.Plan {
	return mss.Plan{Name: "night-watch", Title: "夜间值守", Unit: mss.Day, LeadDays: 2, Tiers: bands("1-5 100.5, 6-20 200")}
}

func TestMarshalJSON(t *testing.T) {
	week := must(quote(t, "event 51 P7D").SubscribeFrom(at("2026-01-31"), at("2026-02-28")))(t)
	utc := edited(yearClosed(t), func(s *mss.Subscription) {
		s.Purchased, s.Start, s.End, s.Refunded.At = s.Purchased.UTC(), s.Start.UTC(), s.End.UTC(), s.Refunded.At.UTC()
	})
	for _, tt := range []struct {
		v    any
		want string
	}{
		{nightWatch(), planDoc},
		{mss.DatedCatalog{From: at("2026-01-01").In(mss.Beijing), Catalog: mss.Catalog{nightWatch()}}, datedDoc},
		{quote(t, "routine 120 P1Y"), quoteDoc},
		{buy(t, "event 200 P7D", "2026-01-31 10h20m30.000000004s"), openDoc},
		{yearClosed(t), closedDoc},
		{utc, closedDoc},
		{*utc.Refunded, refundDoc},
		{must(yearOpen(t).Change(quote(t, "routine 300 P1Y"), at("2026-03-15 9h"), mss.ByMonth))(t), changeDoc},
		{must(week.Amortize(mss.ByDay))(t)[0], periodDoc},
	} {
		if got, err := json.Marshal(tt.v); string(got) != tt.want || err != nil {
			t.Errorf("json.Marshal of %T = %s, %v, want %s", tt.v, got, err, tt.want)
		}
	}
	data, err := json.Marshal(mss.Change{})
	checkError(t, "json.Marshal of a zero Change", errors.Unwrap(err), mss.ErrInconsistent)
	if data != nil {
		t.Errorf("json.Marshal of a zero Change = %s beside an error", data)
	}
}

// A document is read whole or not at all: no field may be missing, null or of another
// kind. A price list, whose figures nothing else confirms, has no other field either,
// and none twice.
func TestUnmarshalJSON(t *testing.T) {
	elsewhere := strings.NewReplacer("2026-01-31T00:00:00+08:00", "2026-01-30T16:00:00Z", "2026-03-16T00:00:00+08:00",
		"2026-03-15T11:00:00-05:00", "2026-03-15T09:00:00+08:00", "2026-03-15T06:45:00+05:45").Replace(closedDoc)
	checkUnmarshal(t, planDoc, show(nightWatch()), mss.EventProtection(), mss.ErrPlan)
	checkUnmarshal(t, datedDoc, "from 2026-01-01 "+show(nightWatch()), mss.DatedCatalog{Catalog: mss.Published()}, mss.ErrPlan)
	checkUnmarshal(t, quoteDoc, show(quote(t, "routine 120 P1Y")), quote(t, "event 200 P7D"), mss.ErrInconsistent)
	checkUnmarshal(t, openDoc, "2026-02-05 to 2026-02-12, anchor 5", yearClosed(t), mss.ErrInconsistent)
	checkUnmarshal(t, elsewhere, "2026-01-31 to 2026-03-16, anchor 31, refunded 220161.29", yearOpen(t), mss.ErrInconsistent)
	checkUnmarshal(t, refundDoc, show(*yearClosed(t).Refunded), mss.Refund{UsedDays: 9}, mss.ErrInconsistent)
}

func checkUnmarshal[T any, P interface {
	*T
	json.Unmarshaler
}](t *testing.T, doc, want string, before T, sentinel error) {
	var got T
	check(t, "UnmarshalJSON("+doc+")", got, json.Unmarshal([]byte(doc), &got), show(got))
	check(t, "UnmarshalJSON("+doc+")", got, nil, want)
	var root any
	if err := json.Unmarshal([]byte(doc), &root); err != nil {
		t.Fatal(err)
	}
	read := func(what string, want error) {
		doc, target := string(must(json.Marshal(root))(t)), before
		call := fmt.Sprintf("%s: UnmarshalJSON(%s)", what, doc)
		checkError(t, call, P(&target).UnmarshalJSON([]byte(doc)), want)
		if want != nil {
			unchanged(t, call, target, before)
		}
	}
	var extra error // what an unknown field is
	if sentinel == mss.ErrPlan {
		extra = sentinel
	}
	eachField(root, func(object map[string]any, key string) {
		value, missing := object[key], sentinel
		if key == "title" {
			missing = nil
		}
		object["note"] = 1
		read("an unknown field beside "+key, extra)
		delete(object, "note")
		if sentinel == mss.ErrPlan {
			odd := strings.ToUpper(key[:1]) + key[1:]
			object[odd] = value
			read(odd+" beside "+key, sentinel)
			delete(object, odd)
		}
		delete(object, key)
		read(key+" missing", missing)
		object[key] = nil
		read(key+" null", missing)
		for _, wrong := range []any{true, []any{true}, map[string]any{"x": 1}, 0.005} {
			object[key] = wrong
			read(key+" of another kind", sentinel)
		}
		object[key] = value
	})
	for _, bad := range []string{"null", "true", "0", `"x"`, "[]", "", "{", "{}}", "nul", "{} x", `{"a"}`} {
		target := before
		err := P(&target).UnmarshalJSON([]byte(bad))
		checkError(t, fmt.Sprintf("UnmarshalJSON(%s)", bad), err, sentinel)
		unchanged(t, "UnmarshalJSON("+bad+")", target, before)
	}
}

// eachField calls f for each field of each object in v.
func eachField(v any, f func(object map[string]any, key string)) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			eachField(item, f)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			f(v, key)
			eachField(v[key], f)
		}
	}
}

// Numbers may be written in any form of their value.
func TestNumbersInJSON(t *testing.T) {
	for _, amount := range []string{`252000`, `252000.00`, `"252000.000"`, `2.52e5`, `"252E3"`, `25200000e-2`} {
		var q mss.Quote
		err := json.Unmarshal([]byte(within(t, quoteDoc, `"252000"`, amount)), &q)
		check(t, "amount "+amount, q, err, show(quote(t, "routine 120 P1Y")))
	}
	for _, price := range []string{`200`, `"200.00"`, `2e2`, `"2E+2"`, `0.02e4`} {
		var p mss.Plan
		err := json.Unmarshal([]byte(within(t, planDoc, `"200"`, price)), &p)
		check(t, "price "+price, p, err, show(nightWatch()))
	}
	for _, price := range []string{`1e1000000000`, `1e-2000000000`, `1e-99999999999999999999`, `"1` + strings.Repeat("0", 1e6) + `"`,
		`""`, `"two"`, `" 200"`, `"2,000"`, `"0x200"`, `"NaN"`, `"٢٠٠"`, `"¥200"`} {
		defer atOnce(t, price[:min(20, len(price))])()
		p := nightWatch()
		checkError(t, fmt.Sprintf("price %.20s", price), p.UnmarshalJSON([]byte(within(t, planDoc, `"200"`, price))), mss.ErrPlan)
		unchanged(t, "UnmarshalJSON", p, nightWatch())
	}
}

// A price list is refused with the list, the plan, the row and the field.
func TestReadPriceLists(t *testing.T) {
	list := string(must(os.ReadFile("testdata/published.json"))(t))
	const second = `{"from":"2027-01-01T00:00:00+08:00","catalog":[` + planDoc + `]}`
	check2 := func(name, doc string, want any, book bool) {
		t.Helper()
		var got any
		var err error
		if book {
			got, err = mss.ReadPriceBook(strings.NewReader(doc))
		} else {
			got, err = mss.ReadCatalog(strings.NewReader(doc))
		}
		message, fails := strings.CutPrefix(fmt.Sprint(want), "! ")
		if !fails {
			check(t, name, got, err, want)
			return
		}
		check(t, name, got, err, mss.ErrPlan)
		if err != nil && err.Error() != "mss: read "+message+": invalid plan" {
			t.Errorf("%s: error = %v, want mss: read %s: invalid plan", name, err, message)
		}
	}
	for _, tt := range []struct{ name, old, new, want string }{
		{"as it is", "[", "[", show(mss.Published())},
		{"a field too many", `"lead_days": 5`, `"lead_days": 5, "discount": 0.9`, `! catalog: plan 2: json: unknown field "discount"`},
		{"another case", `"max": 6000`, `"max": 6000, "Max": 7000`, "! catalog: plan 1: row 19: Max: given twice, want it once"},
		{"a field twice", `"max": 500,`, `"max": 500, "max": 500,`, "! catalog: plan 2: row 3: max: given twice, want it once"},
		{"a field missing", `"lead_days": 5,`, ``, "! catalog: plan 2: lead_days: missing, want a whole number from 0 to 366"},
		{"a field of a row missing", `"max": 500,`, ``, "! catalog: plan 2: row 3: max: missing, want a whole number"},
		{"a price below the one before", `"297000"`, `"267299.99"`, `! catalog: plan 1: row 17: band 4501-5000: price 267299.99: ` +
			"want at least 267300.00, the price of the band before"},
		{"a price that is no number", `"30000"`, `"3万"`, `! catalog: plan 2: row 4: price: "3万": want yuan, such as 21000 or "21000.00"`},
		{"a name twice", `"event-protection"`, `"routine-operations"`, `! catalog: plan 2: "routine-operations": given before, want another name`},
	} {
		doc := list
		if tt.old != "[" {
			doc = within(t, list, tt.old, tt.new)
		}
		check2(tt.name, doc, tt.want, false)
	}
	check2("no plans", "[]", "! catalog: no plans, want at least one", false)
	check2("null", "null", "! catalog: no plans, want at least one", false)
	for _, tt := range []struct{ name, doc, want string }{
		{"two lists", "[" + datedDoc + ",\n" + second + "]\n", "from 2026-01-01 " + show(nightWatch()) + "\nfrom 2027-01-01 " + show(nightWatch())},
		{"disorder", "[" + second + "," + datedDoc + "]", "! price book: list 2: from 2026-01-01T00:00:00+08:00: " +
			"want an instant after 2027-01-01T00:00:00+08:00, that of the list before"},
		{"one instant twice", "[" + datedDoc + "," + datedDoc + "]", "! price book: list 2: from 2026-01-01T00:00:00+08:00: " +
			"want an instant after 2026-01-01T00:00:00+08:00, that of the list before"},
		{"an empty list", "[" + within(t, datedDoc, planDoc, "") + "]", "! price book: list 1: no plans, want at least one"},
		{"zero time", "[" + within(t, datedDoc, "2026-01-01T00:00:00+08:00", "0001-01-01T00:00:00Z") + "]", "! price book: list 1: " +
			"from 0001-01-01T08:00:00+08:00: want a day in the years 1 to 9999, other than the zero time: invalid date"},
		{"no instant", "[" + within(t, datedDoc, "2026-01-01T00:00:00+08:00", "2026-01-01") + "]",
			`! price book: list 1: from: "2026-01-01": want an instant such as 2026-01-01T00:00:00+08:00`},
		{"a row of a list", "[" + datedDoc + "," + within(t, second, `"min":6`, `"min":7`) + "]", "! price book: list 2: plan 1: row 2: band 7-20: want it to start at 6, without a gap or an overlap"},
		{"a field of a row of a list", "[" + within(t, datedDoc, `"max":20,`, "") + "]",
			"! price book: list 1: plan 1: row 2: max: missing, want a whole number"},
		{"no lists", "[]", "! price book: no lists, want at least one"},
	} {
		check2(tt.name, tt.doc, tt.want, true)
	}
}

// What the reader or encoding/json says is kept beside ErrPlan.
func TestReadPriceListsKeepTheCause(t *testing.T) {
	readers := map[string]func(io.Reader) (any, error){
		"ReadCatalog":   func(r io.Reader) (any, error) { return mss.ReadCatalog(r) },
		"ReadPriceBook": func(r io.Reader) (any, error) { return mss.ReadPriceBook(r) },
	}
	broken := errors.New("line dropped")
	for name, read := range readers {
		got, err := read(io.MultiReader(strings.NewReader("["), iotest.ErrReader(broken)))
		check(t, name, got, err, mss.ErrPlan)
		if !errors.Is(err, broken) {
			t.Errorf("%s error = %v, want the reader's beside it", name, err)
		}
		for _, doc := range []string{"", "[", "[" + planDoc, "[" + planDoc + "] []", "[]x", "[" + planDoc + ",]", "plans:", "\x00"} {
			got, err := read(strings.NewReader(doc))
			check(t, fmt.Sprintf("%s(%.20q)", name, doc), got, err, mss.ErrPlan)
			if !errors.As(err, new(*json.SyntaxError)) {
				t.Errorf("%s(%.20q) error = %v, want encoding/json's beside it", name, doc, err)
			}
		}
		for _, r := range []io.Reader{nil, strings.NewReader("{}"), strings.NewReader("7"), strings.NewReader("[null]"), strings.NewReader("[[]]")} {
			got, err := read(r)
			check(t, fmt.Sprintf("%s(%v)", name, r), got, err, mss.ErrPlan)
		}
	}
	for _, target := range []json.Unmarshaler{new(mss.Quote), new(mss.Subscription), new(mss.Refund)} {
		err := target.UnmarshalJSON([]byte("{"))
		checkError(t, fmt.Sprintf("%T.UnmarshalJSON({)", target), err, mss.ErrInconsistent)
		if !errors.As(err, new(*json.SyntaxError)) {
			t.Errorf("%T.UnmarshalJSON({) error = %v, want encoding/json's beside it", target, err)
		}
	}
}

// Values come back from a text column as they went in, and from no other.
func TestColumns(t *testing.T) {
	type column interface {
		sql.Scanner
		driver.Valuer
	}
	unit, term, status, by := mss.Day, mss.Days(7), mss.Active, mss.ByDay
	q, s, r := quote(t, "event 200 P7D"), yearOpen(t), *cancel(t, yearOpen(t), "2026-06-01", mss.ByDay).Refunded
	for _, tt := range []struct {
		target, zero column
		text         string
		sentinel     error
	}{
		{&unit, new(mss.Unit), "month", mss.ErrTerm},
		{&term, new(mss.Term), "P1Y", mss.ErrTerm},
		{&status, new(mss.Status), "cancelled", mss.ErrInconsistent},
		{&by, new(mss.Proration), "month", mss.ErrInconsistent},
		{&q, new(mss.Quote), quoteDoc, mss.ErrInconsistent},
		{&s, new(mss.Subscription), closedDoc, mss.ErrInconsistent},
		{&r, new(mss.Refund), refundDoc, mss.ErrInconsistent},
	} {
		before := must(tt.target.Value())(t)
		for _, other := range []any{nil, int64(1), 1.5, true, time.Now(), []string{tt.text}, "", "x", []byte(nil), []byte("null"), tt.text + "x"} {
			checkError(t, fmt.Sprintf("%T.Scan(%#v)", tt.target, other), tt.target.Scan(other), tt.sentinel)
			after, err := tt.target.Value()
			check(t, fmt.Sprintf("%T after Scan(%#v)", tt.target, other), after, err, before)
		}
		for _, text := range []any{tt.text, []byte(tt.text)} {
			call := fmt.Sprintf("%T: Value after Scan of %T", tt.target, text)
			checkError(t, call, tt.target.Scan(text), nil)
			if bytes, ok := text.([]byte); ok {
				clear(bytes) // as drivers do
			}
			got, err := tt.target.Value()
			check(t, call, got, err, tt.text)
			if _, ok := got.(string); !ok {
				t.Errorf("%s = %T, want a string", call, got)
			}
			checkError(t, call, tt.target.Scan(before), nil)
		}
		got, err := tt.zero.Value()
		check(t, fmt.Sprintf("%T: Value of the zero value", tt.zero), got, err, tt.sentinel)
	}
}

// The settings of the importing program, which decimal keeps in package variables,
// change no figure.
func TestDecimalSettings(t *testing.T) {
	precision, withoutQuotes := decimal.DivisionPrecision, decimal.MarshalJSONWithoutQuotes
	trim, scientific := decimal.TrimTrailingZeros, decimal.UseScientificNotation
	restore := func() {
		decimal.DivisionPrecision, decimal.MarshalJSONWithoutQuotes = precision, withoutQuotes
		decimal.TrimTrailingZeros, decimal.UseScientificNotation = trim, scientific
	}
	defer restore()
	for name, set := range map[string]func(){
		"DivisionPrecision 0":      func() { decimal.DivisionPrecision = 0 },
		"DivisionPrecision 1":      func() { decimal.DivisionPrecision = 1 },
		"MarshalJSONWithoutQuotes": func() { decimal.MarshalJSONWithoutQuotes = true },
		"TrimTrailingZeros":        func() { decimal.TrimTrailingZeros = !trim },
		"UseScientificNotation":    func() { decimal.UseScientificNotation = true },
	} {
		t.Run(name, func(t *testing.T) {
			set()
			defer restore()
			year := yearOpen(t)
			closed := must(year.Cancel(must(year.Refund(at("2026-03-15 9h"), mss.ByMonth))(t), at("2026-03-15 9h")))(t)
			change, err := year.Change(quote(t, "routine 300 P1Y"), at("2026-03-15"), mss.ByDay)
			check(t, "Change", change, err, "44 of 365 days: 30378.08 + 221621.92 = 252000.00; "+
				"2026-01-31 to 2026-03-16, anchor 31, refunded 221621.92; 2026-03-16 to 2027-03-16, anchor 16; net 132378.08")
			periods, err := closed.Amortize(mss.ByMonth)
			check(t, "Amortize", periods[1:2], err, "2026-02-01 to 2026-03-01, 28 days: 20927.42, then 10161.29")
			check(t, "Cancel", closed, nil, "2026-01-31 to 2026-03-16, anchor 31, refunded 220161.29")
			if text := closed.String(); !strings.HasSuffix(text, "= 252000.00 yuan; 44 days from 2026-01-31 to 2026-03-15; refunded 220161.29 yuan") {
				t.Errorf("String() = %s", text)
			}
			for _, tier := range mss.RoutineOperations().Tiers {
				got, ok := mss.Affordable(mss.RoutineOperations().Tiers, tier.Price.Add(dec("0.001")))
				if !ok || !got.Equal(tier) {
					t.Errorf("Affordable(%s) = %s, want %s", tier.Price, show(got), show(tier))
				}
			}
			catalog, err := mss.ReadCatalog(strings.NewReader(string(must(json.Marshal(mss.Published()))(t))))
			check(t, "ReadCatalog", catalog, err, show(mss.Published()))
		})
	}
}
