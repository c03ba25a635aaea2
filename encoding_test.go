package mss_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"reflect"
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
		`"tier":{"min":101,"max":200,"price":"21000"},"unit":"month","lead_days":0,"amount":"252000"}`
	refundDoc = `{"at":"2026-03-15T09:00:00+08:00","by":"month","used_days":44,"total_days":365,` +
		`"paid":"252000","consumed":"31838.71","amount":"220161.29"}`
	openDoc = `{"quote":{"plan":"event-protection","machines":200,"term":"P7D","tier":{"min":51,"max":200,"price":"17000"},` +
		`"unit":"day","lead_days":5,"amount":"119000"},"purchased":"2026-01-31T10:20:30.000000004+08:00",` +
		`"start":"2026-02-05T00:00:00+08:00","end":"2026-02-12T00:00:00+08:00","anchor_day":5}`
	closedDoc = `{"quote":` + quoteDoc + `,"purchased":"2026-01-31T00:00:00+08:00","start":"2026-01-31T00:00:00+08:00",` +
		`"end":"2026-03-16T00:00:00+08:00","anchor_day":31,"refunded":` + refundDoc + `}`
	changeDoc = `{"refund":` + refundDoc + `,"closed":` + closedDoc + `,"opened":{"quote":{"plan":"routine-operations",` +
		`"machines":300,"term":"P1Y","tier":{"min":201,"max":400,"price":"29500"},"unit":"month","lead_days":0,"amount":"354000"},` +
		`"purchased":"2026-03-15T09:00:00+08:00","start":"2026-03-16T00:00:00+08:00","end":"2027-03-16T00:00:00+08:00",` +
		`"anchor_day":16},"net":"133838.71"}`
	periodDoc = `{"start":"2026-02-28T00:00:00+08:00","end":"2026-03-01T00:00:00+08:00","days":1,"amount":"17000","deferred":"102000"}`
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
		{mss.DatedCatalog{From: at("2026-01-01").In(time.FixedZone("LMT", 29143)), Catalog: mss.Catalog{nightWatch()}}, datedDoc}, // +8:05:43
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
	check(t, "json.Marshal of a zero Change", data, errors.Unwrap(err), mss.ErrInconsistent)
}

// A document is read whole or not at all: no field may be missing, null or of another
// kind. A price list, whose figures nothing else confirms, has no other field either,
// none in another case and none twice.
func TestUnmarshalJSON(t *testing.T) {
	elsewhere := strings.NewReplacer("2026-01-31T00:00:00+08:00", "2026-01-30T16:00:00Z", "2026-03-16T00:00:00+08:00",
		"2026-03-15T11:00:00-05:00", "2026-03-15T09:00:00+08:00", "2026-03-15T06:45:00+05:45").Replace(closedDoc)
	checkUnmarshal(t, planDoc, planDoc, mss.EventProtection(), mss.ErrPlan)
	checkUnmarshal(t, within(t, datedDoc, "2026-01-01T00:00:00+08:00", "2025-12-31T16:00:00Z"), datedDoc, mss.DatedCatalog{Catalog: mss.Published()}, mss.ErrPlan)
	checkUnmarshal(t, quoteDoc, show(quote(t, "routine 120 P1Y")), quote(t, "event 200 P7D"), mss.ErrInconsistent)
	checkUnmarshal(t, openDoc, "2026-02-05 to 2026-02-12, anchor 5", yearClosed(t), mss.ErrInconsistent)
	checkUnmarshal(t, elsewhere, "2026-01-31 to 2026-03-16, anchor 31, refunded 220161.29", yearOpen(t), mss.ErrInconsistent)
	for _, tt := range [][2]string{ // nothing, some, one and all is consumed
		{"event 51 P7D", "2026-02-01"}, {"event 51 P7D", "2026-02-06"}, {"one 1 P2D", "2026-01-31"}, {"event 51 P7D", "2026-02-11"},
	} {
		r := must(buy(t, tt[0], "2026-01-31").Refund(at(tt[1]), mss.ByDay))(t)
		checkUnmarshal(t, string(must(json.Marshal(r))(t)), show(r), *yearClosed(t).Refunded, mss.ErrInconsistent)
	}
	for _, key := range []string{"from", "catalog", "name", "title", "unit", "lead_days", "tiers", "min", "max", "price"} {
		twice := strings.Replace(datedDoc, `"`+key+`":`, `"`+key+`":null,"`+key+`":`, 1)
		err := json.Unmarshal([]byte(twice), new(mss.DatedCatalog))
		if checkError(t, key+" twice", err, mss.ErrPlan); !strings.Contains(fmt.Sprint(err), ": "+key+": given twice") {
			t.Errorf("%s twice: error = %v, want one that says so", key, err)
		}
	}
}

// checkUnmarshal reads doc, and doc with one or two faults in each of its fields.
func checkUnmarshal[T any, P interface {
	*T
	json.Unmarshaler
}](t *testing.T, doc, want string, before T, sentinel error) {
	t.Helper()
	var got T
	err := json.Unmarshal([]byte(doc), &got)
	check(t, "UnmarshalJSON("+doc+")", got, err, want)
	read := func(doc string, want error, says string) {
		target, call := before, fmt.Sprintf("UnmarshalJSON(%.1000s)", doc)
		err := P(&target).UnmarshalJSON([]byte(doc))
		checkError(t, call, err, want)
		if want != nil && !strings.Contains(fmt.Sprint(err), says) {
			t.Errorf("%s error = %v, want one that says %q", call, err, says)
		}
		if want != nil {
			unchanged(t, call, target, before)
		}
	}
	for _, bad := range []string{"null", "true", "0", `"x"`, "[]", "", "{", "{}}", "nul", "{} x", `{"a"}`, doc + doc} {
		read(bad, sentinel, "want a JSON object")
	}
	document, extra := sentinel == mss.ErrInconsistent, error(nil) // else it is a price list
	if document {
		longest := doc + strings.Repeat(" ", 16384-len(doc))
		read(longest, nil, "")
		read(longest+" ", sentinel, "16385 bytes")
	} else {
		extra = sentinel
	}
	var root any
	checkError(t, "json.Unmarshal", json.Unmarshal([]byte(doc), &root), nil)
	eachField(root, "", func(object map[string]any, key, path string) {
		type absent struct{}
		whole := maps.Clone(object)
		edit := func(fields map[string]any, want error, says string) {
			maps.Copy(object, fields)
			maps.DeleteFunc(object, func(_ string, v any) bool { return v == absent{} })
			read(string(must(json.Marshal(root))(t)), want, says)
			clear(object)
			maps.Copy(object, whole)
		}
		needed, missing := sentinel, path+": missing, want "
		switch _, nested := object[key].(map[string]any); {
		case key == "title" || document && key == "unit":
			needed = nil
		case key == "refunded": // may be missing from another subscription
			missing = "want 2026-01-31T00:00:00+08:00 and 2027-01-31T00:00:00+08:00"
		case nested: // the first field of it is named
			missing = path
		}
		edit(map[string]any{"note": 1}, extra, `"note": unknown field`)
		edit(map[string]any{key: absent{}}, needed, missing)
		edit(map[string]any{key: nil}, needed, missing)
		for _, wrong := range []any{true, []any{true}, map[string]any{"x": 1}, 0.005} {
			edit(map[string]any{key: wrong}, sentinel, "")
		}
		odd := strings.ToUpper(key[:1]) + key[1:]
		edit(map[string]any{key: absent{}, odd: object[key]}, extra, `: unknown field`)
		for _, other := range slices.Sorted(maps.Keys(whole)) {
			if _, nested := whole[other].(map[string]any); !document || nested || other == key || other == "unit" {
				continue
			}
			also := strings.TrimSuffix(path, key) + other + ": missing, want "
			edit(map[string]any{key: absent{}, odd: object[key], other: nil}, sentinel, also)
			if needed != nil && key != "refunded" {
				edit(map[string]any{key: nil, other: true}, sentinel, missing)
			}
		}
	})
}

// eachField calls f for each field of each object in v, with what messages call it.
func eachField(v any, prefix string, f func(object map[string]any, key, path string)) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			eachField(item, prefix, f)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			f(v, key, prefix+key)
			eachField(v[key], map[string]string{"tier": prefix + "tier.", "quote": "quote: ", "refunded": "refunded: "}[key], f)
		}
	}
}

// Numbers may be written in any form of their value.
func TestNumbersInJSON(t *testing.T) {
	defer atOnce(t, "UnmarshalJSON")()
	for _, amount := range []string{`252000`, `252000.00`, `"252000.000"`, `2.52e5`, `"252E3"`, `25200000e-2`} {
		var q mss.Quote
		err := json.Unmarshal([]byte(within(t, quoteDoc, `"252000"`, amount)), &q)
		check(t, "amount "+amount, q, err, show(quote(t, "routine 120 P1Y")))
	}
	twice := within(t, quoteDoc, `:120,`, `:"x","machines":120,`)
	checkError(t, "UnmarshalJSON("+twice+")", new(mss.Quote).UnmarshalJSON([]byte(twice)), mss.ErrInconsistent)
	long, thousand := "200"+strings.Repeat("0", 1e6), "2e"+strings.Repeat("0", 997)
	for i, price := range []string{`200`, `"200.00"`, `2e2`, `"2E+2"`, `0.02e4`, thousand + "2",
		thousand + "02", `1e1000000000`, `1e-2000000000`,
		`1e-99999999999999999999`, long, `"` + long + `e-1000000"`, `""`, `"two"`, `" 200"`, `"2,000"`, `"0x200"`, `"NaN"`, `"٢٠٠"`} {
		var p mss.Plan
		var want any = mss.ErrPlan
		if i < 6 { // up to the number of 1,000 bytes
			want = planDoc
		}
		err := p.UnmarshalJSON([]byte(within(t, planDoc, `"200"`, price)))
		check(t, fmt.Sprintf("price %.40s", price), p, err, want)
	}
}

// What was tried, with what, and what would have been accepted: the text of every
// message, once.
func TestMessages(t *testing.T) {
	list := string(must(os.ReadFile("testdata/published.json"))(t))
	const next = `{"from":"2027-01-01T00:00:00+08:00","catalog":[` + planDoc + `]}`
	of := func(_ any, err error) error { return err }
	read := func(old, replacement string) error {
		return of(mss.ReadCatalog(strings.NewReader(within(t, list, old, replacement))))
	}
	book := func(lists ...string) error {
		return of(mss.ReadPriceBook(strings.NewReader("[" + strings.Join(lists, ",") + "]")))
	}
	year, closed, week := yearOpen(t), yearClosed(t), buy(t, "event 51 P7D", "2026-01-31")
	bad := func(edit func(*mss.Subscription)) error { return edited(closed, edit).Validate() }
	price := func(d decimal.Decimal) error { return mss.ValidateTiers([]mss.Tier{{Min: 1, Max: 5, Price: d}}) }
	quoteWith := func(old, replacement string) error {
		return new(mss.Quote).UnmarshalJSON([]byte(within(t, quoteDoc, old, replacement)))
	}
	refundWith := func(old, replacement string) error {
		return new(mss.Refund).UnmarshalJSON([]byte(within(t, refundDoc, old, replacement)))
	}
	routine, event, nobody := mss.RoutineOperations(), mss.EventProtection(), func(time.Time) bool { return false }
	const wholeFen = "want 0.01 to 1000000000000.00 yuan, in whole fen and at most 100 digits: invalid plan"
	const term = "want a term such as P3M: P1D to P36525D, P1M to P1200M or P1Y to P100Y: invalid term"
	for _, tt := range []struct {
		err  error
		want string
	}{
		{of(mss.Plan{}.Quote(5, mss.Days(1))), `quote "": unit Unit(0): want day, month or year: invalid plan`},
		{of(routine.Quote(0, mss.Months(1))), `quote "routine-operations": 0 machines: want 1 to 6000: invalid machine count`},
		{of(event.Quote(1001, mss.Days(1))), `quote "event-protection": 1001 machines: above the last band, which ends at 1000: ` + "contact sales at https://cloud.tencent.com/act/event/connect-service: no published price"},
		{of(event.Quote(5, mss.Years(1))), `quote "event-protection": term P1Y: want days, as the plan is priced by the day: invalid term`},
		{of(routine.Quote(5, mss.Days(30))), `quote "routine-operations": term P30D: want months or years, as the plan is priced by the month: invalid term`},
		{of(plans["yearly"]().Quote(5, mss.Months(12))), `quote "yearly": term P12M: want years, as the plan is priced by the year: invalid term`},
		{of(routine.Quote(5, mss.Years(101))), `quote "routine-operations": term P101Y: ` + term},
		{of(mss.Lookup(bands("1-5 1, 8-9 2"), 6)), "lookup: 6 machines: in no band of 2, want bands without gaps: invalid plan"},
		{of(mss.Lookup(nil, 1)), "lookup: 1 machine: no bands, want at least one: invalid plan"},
		{of(mss.ParseTerm("P1W")), `parse term: "P1W": ` + term},
		{of(mss.Unit(9).MarshalText()), `encode unit: Unit(9): want one of ["day" "month" "year"]: invalid term`},
		{new(mss.Status).UnmarshalText([]byte("on")), `decode status: "on": want one of ["scheduled" "active" "expired" "cancelled"]: inconsistent value`},
		{new(mss.Proration).Scan(int64(2)), `scan proration: column of type "int64": want text: inconsistent value`},

		{mss.ValidateTiers(bands("1-5 1, 7-9 2")), "validate tiers: row 2: band 7-9: want it to start at 6, without a gap or an overlap: invalid plan"},
		{mss.ValidateTiers(bands("1-5 2, 6-9 1.99")), "validate tiers: row 2: band 6-9: price 1.99: want at least 2.00, the price of the band before: invalid plan"},
		{mss.ValidateTiers(bands("5-1 2")), "validate tiers: row 1: band 5-1: want 1 <= min <= max: invalid plan"},
		{price(absurd[2]), "validate tiers: row 1: band 1-5: price around -1e2000000000 in 1 digit: " + wholeFen},
		{price(dec("99999999999999999")), "validate tiers: row 1: band 1-5: price 99999999999999999: " + wholeFen},
		{price(dec("1." + strings.Repeat("0", 100))), "validate tiers: row 1: band 1-5: price around 1e0 in 101 digits: " + wholeFen},
		{mss.Plan{Unit: mss.Day}.Validate(), `validate plan: "": name "": want 1 to 200 bytes of printable UTF-8: invalid plan`},
		{edited(routine, func(p *mss.Plan) { p.Title = "a\xff" }).Validate(), `validate plan: "routine-operations": title "a\xff": want at most 200 bytes of printable UTF-8: invalid plan`},
		{edited(routine, func(p *mss.Plan) { p.LeadDays = 367 }).Validate(), `validate plan: "routine-operations": lead days 367: want 0 to 366: invalid plan`},
		{of(mss.Published().Plan("standard")), `find plan "standard": want one of 2 names ("routine-operations", "event-protection"): unknown plan`},
		{of(priceBook().At(at("2025-12-31"))), "find price list: 2025-12-31T00:00:00+08:00: want 2026-01-01T00:00:00+08:00, the start of the first list, or later: invalid date"},

		{read(`"lead_days": 5`, `"lead_days": 5, "discount": 0.9`), `read catalog: plan 2: "discount": unknown field: want one of ["lead_days" "name" "tiers" "title" "unit"]: invalid plan`},
		{read(`"max": 500,`, `"max": 500, "max": 500,`), `read catalog: plan 2: row 3: max: given twice: want it once: invalid plan`},
		{read(`"max": 500,`, `"max": null,`), `read catalog: plan 2: row 3: max: missing, want a whole number of up to 9 digits: invalid plan`},
		{read(`"30000"`, `"3万"`), `read catalog: plan 2: row 4: price: "3万": want yuan, such as 21000 or "21000.00": invalid plan`},
		{read(`"30000"`, strings.Repeat("3", 1001)), `read catalog: plan 2: row 4: price: 1001 bytes: want yuan, such as 21000 or "21000.00", in at most 1000: invalid plan`},
		{read(`"event-protection"`, `"routine-operations"`), `read catalog: plan 2: "routine-operations": given before, want another name: invalid plan`},
		{of(mss.ReadCatalog(strings.NewReader("{}"))), `read catalog: {}: want a JSON array of plans: invalid plan`},
		{new(mss.Plan).UnmarshalJSON([]byte("7")), `decode plan: 7: want a JSON object: invalid plan`},
		{book(), "read price book: no lists, want at least one: invalid plan"},
		{book(next, datedDoc), "read price book: list 2: from 2026-01-01T00:00:00+08:00: want an instant after 2027-01-01T00:00:00+08:00, that of the list before: invalid plan"},
		{book(within(t, datedDoc, "2026-01-01T00:00:00+08:00", "0001-01-01T00:00:00Z")), "read price book: list 1: from 0001-01-01T08:00:00+08:00: want a day in the years 1 to 9999, other than the zero time: invalid date: invalid plan"},
		{book(within(t, datedDoc, "T00:00:00+08:00", "")), `read price book: list 1: from: "2026-01-01": want an instant such as 2026-01-31T00:00:00+08:00: invalid plan`},

		{quoteWith(`"252000"`, `"252000"`+strings.Repeat(" ", 1<<14-len(quoteDoc)+1)), "decode quote: 16385 bytes: want at most 16384: inconsistent value"},
		{quoteWith(`"price":"21000"`, `"price":null`), `decode quote: tier.price: missing, want yuan, such as 21000 or "21000.00": inconsistent value`},
		{quoteWith(`"P1Y"`, `"P1W"`), `decode quote: term: "P1W": want a term such as P3M: P1D to P36525D, P1M to P1200M or P1Y to P100Y: inconsistent value`},

		{of(week.Quote.SubscribeFrom(at("2026-01-31"), at("2026-02-04"))), `subscribe "event-protection": start 2026-02-04: ` + "want 2026-02-05 or later, as bought on 2026-01-31 with 5 lead days: invalid date"},
		{of(year.Quote.SubscribeFrom(at("2026-01-31"), at("2026-01-30"))), `subscribe "routine-operations": start 2026-01-30: ` + "want 2026-01-31, as a plan priced by the month begins on its earliest day: invalid date"},
		{of(year.Quote.Subscribe(at("9999-06-01"))), `subscribe "routine-operations": end 10000-06-01: want a day in the years 1 to 9999: invalid date`},
		{of(year.ContactBy(nobody)), `find the day of contact for "routine-operations": bought on 2026-01-31: ` + "want a working day within 366 days, before 9999-12-31: invalid date"},
		{of(year.Renew(mss.Quote{Plan: "x"}, at("2026-02-01"))), `renew "routine-operations": new quote: unit Unit(0): want day, month or year: invalid plan: inconsistent value`},
		{of(year.Renew(year.Quote, at("2026-01-30"))), `renew "routine-operations": 2026-01-30T00:00:00+08:00: ` + "want 2026-01-31T00:00:00+08:00, the time of purchase, or later: invalid date"},
		{of(closed.Refund(at("2026-03-15"), mss.ByDay)), `refund "routine-operations": refunded on 2026-03-15: want a subscription that was not: subscription cancelled`},
		{of(closed.Consumed(at("2026-03-15"), mss.ByDay)), `consumed "routine-operations": proration day: want month, as refunded: inconsistent value`},
		{of(year.Deferred(at(""), mss.ByDay)), `deferred "routine-operations": until 0001-01-01T08:00:00+08:00: ` + "want a day in the years 1 to 9999, other than the zero time: invalid date"},
		{of(year.Amortize(3)), `amortize "routine-operations": Proration(3): want one of ["day" "month"]: inconsistent value`},
		{of(year.Refund(at("2027-01-31"), mss.ByDay)), `refund "routine-operations": 2027-01-31T00:00:00+08:00: ` + "want a time before 2027-01-31T00:00:00+08:00, the end: subscription expired"},
		{of(year.Cancel(*closed.Refunded, at("2026-03-16"))), `cancel "routine-operations": confirmed at 2026-03-16T00:00:00+08:00: ` + "want 2026-03-15T09:00:00+08:00, the time of the preview, or later on that day: invalid date"},
		{of(week.Change(year.Quote, at("2026-02-01"), mss.ByDay)), `change "event-protection": new plan "routine-operations": ` + "start 2026-02-05: want it bought on 2026-02-04 or later, as a plan priced by the month begins when it is bought: invalid date"},
		{of(year.Change(week.Quote, at("2026-02-01"), mss.ByDay)), `change "routine-operations": new plan "event-protection": ` + "start 2026-02-02: want 2026-02-06 or later, as bought on 2026-02-01 with 5 lead days; cancel and buy separately: invalid date"},

		{bad(func(s *mss.Subscription) { s.Quote.Machines = 201 }), "validate subscription: quote: 201 machines: want 101 to 200, the band: inconsistent value"},
		{bad(func(s *mss.Subscription) { s.Quote.Amount = dec("1") }), "validate subscription: quote: amount 1.00: want 252000.00, the price 21000.00 × 12: inconsistent value"},
		{bad(func(s *mss.Subscription) { s.AnchorDay = 30 }), "validate subscription: start 2026-01-31, anchor day 30: want the start on the anchor day, or for a term of months or years on the last day of a shorter month: invalid date: inconsistent value"},
		{bad(func(s *mss.Subscription) { s.End = s.End.Add(1) }), "validate subscription: start 2026-01-31T00:00:00+08:00, end 2026-03-16T00:00:00.000000001+08:00: want 2026-01-31T00:00:00+08:00 and 2026-03-16T00:00:00+08:00: inconsistent value"},
		{bad(func(s *mss.Subscription) { s.Refunded.At = at("2026-03-16") }), "validate subscription: refunded: used_days 44, total_days 365: want 45 and 365: inconsistent value"},
		{refundWith(`44`, `366`), "decode refund: used_days 366, total_days 365: want 0 to the total_days, of 1 to 36525: inconsistent value"},
		{refundWith(`"31838.71"`, `"-1"`), "decode refund: paid 252000.00, consumed -1.00, amount 220161.29: want whole fen, paid above 0, of which consumed is a part: inconsistent value"},
		{refundWith(`"220161.29"`, `"1"`), "decode refund: paid 252000.00, consumed 31838.71, amount 1.00: want 252000.00, 31838.71 and 220161.29: inconsistent value"},
	} {
		if tt.err == nil || tt.err.Error() != "mss: "+tt.want {
			t.Errorf("error = %v, want mss: %s", tt.err, tt.want)
		}
		for _, sentinel := range sentinels {
			if strings.HasSuffix(tt.want, ": "+sentinel.Error()) {
				checkError(t, tt.want, tt.err, sentinel)
			}
		}
	}
}

// However long, and however badly printable, what was passed in is: an error is short.
func TestLongestMessages(t *testing.T) {
	name, junk := strings.Repeat("名", 66)+"ab", strings.Repeat("\u202e\xff\n", 400) // short enough for two in a document
	long, deep := mss.Plan{Name: name, Title: name, Unit: mss.Month, LeadDays: 366, Tiers: bands("1-9 100")}, reflect.TypeFor[mss.Change]()
	for range 1000 {
		deep = reflect.PointerTo(deep)
	}
	q := must(long.Quote(9, mss.Months(1)))(t)
	s := must(q.Subscribe(at("2026-01-31 9h0m0.123456789s")))(t)
	r := must(s.Refund(at("2026-01-31 9h0m0.123456789s"), mss.ByMonth))(t)
	digits := dec("-1234567890123456789012345678901234567.891")
	odd := edited(r, func(r *mss.Refund) { r.Paid, r.Consumed, r.Amount = digits, digits, digits })
	junkDoc := string(must(json.Marshal(map[string]string{junk: junk}))(t))
	of := func(_ any, err error) error { return err }
	for sentinel, errs := range map[error][]error{
		mss.ErrUnknownPlan: {of(mss.Catalog{{Name: junk}, {Name: junk}, {Name: junk}, long}.Plan(junk + "x")), of(mss.Catalog{long, long, long}.Plan(name + "x"))},
		mss.ErrPlan: {
			mss.PriceBook{{s.Start, mss.Catalog{long, {Name: junk, Unit: mss.Day}}}}.Validate(),
			mss.PriceBook{{s.Start, mss.Catalog{long, edited(long, func(p *mss.Plan) { p.Title = junk })}}}.Validate(),
			edited(long, func(p *mss.Plan) { p.Tiers = []mss.Tier{{Min: math.MaxInt, Max: math.MaxInt, Price: digits}} }).Validate(),
			of(mss.ReadCatalog(strings.NewReader("[" + junkDoc + "]"))), of(mss.ReadPriceBook(strings.NewReader(junkDoc))),
			of(mss.ReadCatalog(strings.NewReader(within(t, "["+planDoc+"]", `"night-watch"`, junkDoc)))), of(mss.ReadCatalog(strings.NewReader(junkDoc + "x"))),
		},
		mss.ErrTerm:         {of(long.Quote(9, mss.Days(math.MinInt))), of(mss.ParseTerm(junk)), new(mss.Unit).UnmarshalText([]byte(junk)), new(mss.Term).Scan(reflect.Zero(deep).Interface())},
		mss.ErrContactSales: {of(long.Quote(math.MaxInt, mss.Months(1)))},
		mss.ErrDate:         {of(s.Change(q, s.Start, mss.ByDay)), of(s.Cancel(r, at("9999-12-31 -1ns"))), of(s.Refund(absurdTimes[1], mss.ByDay))},
		mss.ErrInconsistent: {
			of(s.Cancel(odd, s.Start)), odd.UnmarshalJSON([]byte(plainJSON(odd))), new(mss.Refund).UnmarshalJSON([]byte(junkDoc)),
			of(s.Change(edited(q, func(q *mss.Quote) { q.Plan = junk }), s.Start, mss.ByDay)), s.UnmarshalJSON([]byte(within(t, openDoc, `"day"`, junkDoc))),
			of(s.Change(edited(q, func(q *mss.Quote) { q.Amount = digits }), s.Start, mss.ByDay)), new(mss.Quote).UnmarshalJSON([]byte(within(t, quoteDoc, `"252000"`, `"252000.`+strings.Repeat("1", 9999)+`"`))),
			edited(s, func(s *mss.Subscription) { s.Start, s.End = absurdTimes[0], absurdTimes[1] }).Validate(), new(mss.Quote).Scan(reflect.Zero(deep).Interface()),
		},
	} {
		for i, err := range errs {
			checkError(t, fmt.Sprintf("%v, %d", sentinel, i), err, sentinel)
		}
	}
}

// What the reader or encoding/json says is kept beside the sentinel.
func TestCauseIsKept(t *testing.T) {
	broken := errors.New("line dropped")
	for name, read := range map[string]func(io.Reader) (any, error){
		"ReadCatalog":   func(r io.Reader) (any, error) { return mss.ReadCatalog(r) },
		"ReadPriceBook": func(r io.Reader) (any, error) { return mss.ReadPriceBook(r) },
	} {
		got, err := read(io.MultiReader(strings.NewReader("["), iotest.ErrReader(broken)))
		check(t, name, got, err, mss.ErrPlan)
		if !errors.Is(err, broken) {
			t.Errorf("%s error = %v, want the reader's beside it", name, err)
		}
		for _, doc := range []string{"", "[", "[{}] []", "[]x", "[{},]", "plans:", "\x00", "{}", "7", "[null]", "[[]]"} {
			got, err := read(strings.NewReader(doc))
			check(t, fmt.Sprintf("%s(%s)", name, doc), got, err, mss.ErrPlan)
			if !json.Valid([]byte(doc)) && !errors.As(err, new(*json.SyntaxError)) {
				t.Errorf("%s(%s) error = %v, want encoding/json's beside it", name, doc, err)
			}
		}
	}
	for _, target := range []json.Unmarshaler{new(mss.Quote), new(mss.Subscription), new(mss.Refund)} {
		if err := target.UnmarshalJSON([]byte("{")); !errors.As(err, new(*json.SyntaxError)) {
			t.Errorf("%T.UnmarshalJSON({) error = %v, want encoding/json's beside it", target, err)
		}
	}
}

// Values come back from a text column as they went in, and from no other.
func TestColumns(t *testing.T) {
	type column interface {
		sql.Scanner
		driver.Valuer
		GormDataType() string
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
			check(t, call, fmt.Sprintf("%T %[1]s", got), err, "string "+tt.text)
			checkError(t, call, tt.target.Scan(before), nil)
		}
		check(t, fmt.Sprintf("%T.GormDataType()", tt.zero), tt.zero.GormDataType(), nil, "string")
		got, err := tt.zero.Value()
		check(t, fmt.Sprintf("%T: Value of the zero value", tt.zero), got, err, tt.sentinel)
	}
}

// The settings of the importing program, which decimal keeps in package variables,
// change no figure.
func TestDecimalSettings(t *testing.T) {
	precision, withoutQuotes := decimal.DivisionPrecision, decimal.MarshalJSONWithoutQuotes
	trim, scientific, exponent := decimal.TrimTrailingZeros, decimal.UseScientificNotation, decimal.MaxDecodeExponent
	defer func() {
		decimal.DivisionPrecision, decimal.MarshalJSONWithoutQuotes, decimal.MaxDecodeExponent = precision, withoutQuotes, exponent
		decimal.TrimTrailingZeros, decimal.UseScientificNotation = trim, scientific
	}()
	for _, set := range []func(){
		func() { decimal.DivisionPrecision = 1 },
		func() { decimal.MarshalJSONWithoutQuotes = true },
		func() { decimal.TrimTrailingZeros = !trim },
		func() { decimal.UseScientificNotation = true },
		func() { decimal.MaxDecodeExponent = math.MaxInt32 },
		func() { decimal.DivisionPrecision = 0 }, // and those before
	} {
		set()
		change, err := yearOpen(t).Change(quote(t, "routine 300 P1Y"), at("2026-03-15"), mss.ByDay)
		check(t, "Change", change, err, "refunded 221621.92 on 2026-03-16; 2026-03-16 to 2027-03-16, anchor 16; net 132378.08")
		closed := yearClosed(t)
		check(t, "Cancel", closed, nil, "2026-01-31 to 2026-03-16, anchor 31, refunded 220161.29")
		periods, err := closed.Amortize(mss.ByMonth)
		check(t, "Amortize", periods[1:2], err, "2026-02-01 28: 20927.42 then 230322.58")
		_, text, _ := strings.Cut(closed.String(), " × ")
		check(t, "String()", text, nil, "21000.00 = 252000.00 yuan; 44 days from 2026-01-31 to 2026-03-15; refunded 220161.29 yuan")
		err = new(mss.Plan).UnmarshalJSON([]byte(within(t, planDoc, `"200"`, "2e2000000000")))
		checkError(t, "UnmarshalJSON with a price of 2e2000000000", err, mss.ErrPlan)
		catalog, err := mss.ReadCatalog(strings.NewReader(string(must(json.Marshal(mss.Published()))(t))))
		check(t, "ReadCatalog", catalog, err, show(mss.Published()))
	}
}
