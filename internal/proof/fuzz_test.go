// What must hold for any input at all: it is refused with the right error and a zero value, or what is made of it is
// valid and written and read back the same. Each target has seeds on both sides of the rules it is about; .ci/run runs
// each for some seconds.

package proof

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

func FuzzParseTerm(f *testing.F) {
	for _, seed := range []string{
		"P1D", "P36525D", "P36526D", "P1200M", "P1201M", "P100Y", "P101Y",
		"", "P", "PD", "P0D", "P01D", "P-1D", "P+1D", "p1d", "P1W", "P1Y1M", "P1D ", "P1\u0660D",
		"P18446744073709551617D", "P9223372036854775808Y",
	} {
		f.Add(seed)
	}
	pattern := regexp.MustCompile(`\AP([1-9][0-9]*)([DMY])\z`)
	longest := map[string]int{"D": 36525, "M": 1200, "Y": 100}
	f.Fuzz(func(t *testing.T, s string) {
		term, err := mss.ParseTerm(s)
		valid := false
		if m := pattern.FindStringSubmatch(s); m != nil {
			n, _ := strconv.Atoi(m[1]) // the largest int if that is too small
			valid = n <= longest[m[2]]
		}
		if !valid && (sentinel(err) != "[ErrTerm]" || term != mss.Term{}) {
			t.Fatalf("ParseTerm(%q) = %v, %v, want the zero Term and ErrTerm", s, term, err)
		}
		if valid && (err != nil || term.String() != s || term.Validate() != nil) {
			t.Fatalf("ParseTerm(%q) = %v, %v, want a valid term of that text", s, term, err)
		}
	})
}

// plansJSON are texts of a list of plans, most with a fault.
var plansJSON = []string{
	`[]`, `null`, `{}`, `[{}]`, `[null]`, `[1,2`, "", `[] []`,
	`[{"name":"a","unit":"day","lead_days":0,"tiers":[{"min":1,"max":2,"price":0.01}]}]`,
	`[{"name":"a","unit":"month","lead_days":366,"tiers":[{"min":1,"max":2,"price":"1e12"}]}]`,
	`[{"name":"a","unit":"month","lead_days":367,"tiers":[{"min":1,"max":2,"price":"1"}]}]`,
	`[{"name":"a","unit":"month","tiers":[{"min":1,"max":2,"price":"1"}]}]`,
	`[{"name":"a","unit":"year","lead_days":0,"tiers":[{"min":1,"max":2,"price":"1"}]}]`,
	`[{"name":"a\n","unit":"year","lead_days":0,"tiers":[{"min":1,"max":2,"price":"1"}]}]`,
	`[{"name":"a","name":"b","unit":"day","lead_days":0,"tiers":[]}]`,
	`[{"name":"a","unit":"day","lead_days":0,"tiers":[{"min":1,"max":2,"price":1e2000000000}]}]`,
	`[{"name":"a","unit":"day","lead_days":0,"tiers":[{"min":1,"max":2,"price":1,"price":2}]}]`,
	`[{"name":"a","unit":"day","lead_days":0,"tiers":[{"min":1,"max":2,"price":1},{"min":4,"max":5,"price":1}]}]`,
	`[{"name":"a","unit":"day","lead_days":0,"tiers":[{"min":1,"max":2,"price":2},{"min":3,"max":5,"price":1}]}]`,
	`[{"name":"a","unit":"day","lead_days":0,"Tiers":[{"min":1,"max":2,"price":1}]}]`,
}

// readList reads a price list or book.
func readList[T interface{ Validate() error }](t *testing.T, read func(io.Reader) (T, error), data []byte) T {
	t.Helper()
	list, err := read(bytes.NewReader(data))
	if err != nil {
		if sentinel(err) != "[ErrPlan]" || jsonText(t, list) != "null" {
			t.Fatalf("reading %q = %v, %v, want nil and ErrPlan", data, list, err)
		}
		return list
	}
	text := jsonText(t, list)
	again, err := read(strings.NewReader(text))
	if list.Validate() != nil || err != nil || jsonText(t, again) != text {
		t.Fatalf("reading %q = %s, want it valid, and the same again: %v, %v", data, text, again, err)
	}
	return list
}

// FuzzPriceList reads anything as a catalog and as a price book.
func FuzzPriceList(f *testing.F) {
	valid := plansJSON[slices.IndexFunc(plansJSON, func(text string) bool { return strings.Contains(text, "0.01") })]
	list := func(from, plans string) string { return `{"from":"` + from + `","catalog":` + plans + `}` }
	old, rise := list("2025-12-31T16:00:00Z", valid), list("2027-01-01T00:00:00+08:00", strings.Replace(valid, "0.01", "0.02", 1))
	for _, seed := range []string{
		"[" + old + "]", "[" + old + "," + rise + "]", "[" + rise + "," + old + "]", "[" + old + "," + old + "]",
		"[" + list("0001-01-01T00:00:00Z", valid) + "]", "[" + list("9999-12-31T23:59:59.999999999+08:00", valid) + "]",
		"[" + old + "] x", `[{"catalog":` + valid + `}]`, `[{"from":"2026-01-01T00:00:00Z"}]`,
		"[" + strings.Replace(old, `"from"`, `"until"`, 1) + "]", "[" + strings.Replace(old, `{`, `{"From":null,`, 1) + "]",
	} {
		f.Add([]byte(seed))
	}
	for _, plans := range append([]string{jsonText(f, mss.Published())}, plansJSON...) {
		f.Add([]byte(plans))
		f.Add([]byte("[" + list("2026-01-01T00:00:00Z", plans) + "]"))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, p := range readList(t, mss.ReadCatalog, data) {
			last := 0
			for _, tier := range p.Tiers {
				if tier.Min != last+1 {
					t.Fatalf("reading %q = %v, want no gap", data, p.Tiers)
				}
				last = tier.Max
				term := mss.Term{N: 7, Unit: p.Unit}
				got, want := noError(p.Quote(tier.Max, term))(t), noError(refQuoteOf(p, tier.Max, term))(t)
				if describe(got) != describe(want) {
					t.Fatalf("Quote(%d, %v) of %v = %v, want %v", tier.Max, term, p, describe(got), describe(want))
				}
			}
		}
		b := readList(t, mss.ReadPriceBook, data)
		for i, d := range b {
			if i > 0 && !d.From.After(b[i-1].From) {
				t.Fatalf("reading %q = %v, want one list after the other", data, b)
			}
			for _, at := range []time.Time{d.From.Add(-1), d.From.UTC(), d.From.Add(1), d.From.Add(oneDay)} {
				var want mss.Catalog
				for _, d := range b {
					if momentOf(at).valid() && !at.Before(d.From) {
						want = d.Catalog
					}
				}
				got, err := b.At(at)
				if (sentinel(err) == "[ErrDate]") != (want == nil) || jsonText(t, got) != jsonText(t, want) {
					t.Fatalf("At(%v) of %s = %v, %v, want %v", at, data, got, err, want)
				}
			}
		}
	})
}

// FuzzDocument reads anything as each type that is stored.
func FuzzDocument(f *testing.F) {
	for _, name := range noError(filepath.Glob("../../testdata/documents/*.json"))(f) {
		document := noError(os.ReadFile(name))(f)
		f.Add(document)
		for old, edited := range map[string]string{
			"2028": "2027", `"P`: `"P1`, "+08": "+09", `"amount": "`: `"amount": "1`, `"unit": "year"`: `"unit": "month"`, `"m`: `"\n`,
			"{": "{" + strings.Repeat(" ", 20000),
		} {
			f.Add(bytes.Replace(document, []byte(old), []byte(edited), 1))
		}
	}
	for _, seed := range []string{
		"{}", "null", "{", "{} {}", "[]", "7", `"P1Y"`, "\xff", `{"quote":{},"refunded":{}}`, `{"from":"","catalog":{}}`,
		`{"plan":"` + strings.Repeat("\u202e", 99) + `"}`, `{"amount":1` + strings.Repeat("0", 5000) + `}`, `{"amount":1e999999999}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		data = bytes.TrimSpace(data) // as json.Unmarshal does
		readDocument(t, data, mss.Quote{Machines: 99}, mss.Quote.Equal, "[ErrInconsistent]")
		readDocument(t, data, mss.Refund{UsedDays: 99}, mss.Refund.Equal, "[ErrInconsistent]")
		readDocument(t, data, mss.Plan{LeadDays: 99}, nil, "[ErrPlan]")
		readDocument(t, data, mss.DatedCatalog{Catalog: mss.Catalog{}}, nil, "[ErrPlan]")
		s := mss.Subscription{AnchorDay: 99, Refunded: &mss.Refund{UsedDays: 99}}
		if s, ok := readDocument(t, data, s, mss.Subscription.Equal, "[ErrInconsistent]"); ok {
			checkPeriods(t, s)
		}
	})
}

// readDocument reads data over v. If it is refused, with that sentinel, v is unchanged; if not, it is read back Equal.
func readDocument[T any](t *testing.T, data []byte, v T, equal func(got, want T) bool, refusal string) (T, bool) {
	t.Helper()
	before := v
	err := any(&v).(json.Unmarshaler).UnmarshalJSON(data)
	if got := json.Unmarshal(data, new(T)); (got == nil) != (err == nil) || json.Valid(data) && sentinel(got) != sentinel(err) {
		t.Fatalf("Unmarshal(%q) to %T = %v, want %v", data, v, got, err)
	}
	if err == nil && (len(data) <= 16<<10 || refusal == "[ErrPlan]") { // a longer one is refused, except a price list
		if line, ok := any(v).(fmt.Stringer); ok && strings.ContainsFunc(line.String(), hidden) {
			t.Fatalf("String() of %q = %q, want one line", data, line)
		}
		readBack(t, v, equal)
		return v, true
	}
	if sentinel(err) != refusal || !reflect.DeepEqual(v, before) {
		t.Fatalf("UnmarshalJSON(%q) to %T = %v, want %s, and %+v to stay", data, v, err, refusal, before)
	}
	return v, false
}

// FuzzEnum makes an enum of any number, writes it, and calls whatever takes one, at any instant.
func FuzzEnum(f *testing.F) {
	for i, n := range []int{0, 1, 2, 3, 4, 5, -1, 255, 257, math.MaxInt32, math.MinInt32, math.MaxInt, math.MinInt} {
		f.Add(n, []int64{1769824800, 0, math.MaxInt64, math.MinInt64, 1 << 40, -62135596800}[i%6])
	}
	p := mss.RoutineOperations()
	q := noError(p.Quote(1, mss.Months(1)))(f)
	s := noError(q.Subscribe(time.Unix(1769824800, 0)))(f)
	f.Fuzz(func(t *testing.T, n int, unix int64) {
		at, by, p, q, edited := time.Unix(unix, 0), mss.Proration(n), p, q, s
		p.Unit, q.Unit = mss.Unit(n), mss.Unit(n)
		q.Term = mss.Term{N: n, Unit: p.Unit}
		edited.Quote = q
		_, quote := p.Quote(1, q.Term)
		errs := []error{p.Validate(), quote, q.Term.Validate(), q.Validate()}
		for texts, e := range map[int]interface {
			encoding.TextMarshaler
			fmt.Stringer
		}{3: p.Unit, 4: mss.Status(n), 2: by} {
			text, err := e.MarshalText()
			if valid := 1 <= n && n <= texts; valid != (err == nil) || valid != (string(text) == e.String()) {
				t.Errorf("%T(%d) is written as %q, %v and %v", e, n, text, err, e)
			}
			errs = append(errs, err)
		}
		for _, s := range []mss.Subscription{s, edited} {
			_, consumed := s.Consumed(at, by)
			_, deferred := s.Deferred(at, by)
			_, amortize := s.Amortize(by)
			_, refund := s.Refund(at, by)
			_, renew := s.Renew(q, at)
			_, change := s.Change(q, at, by)
			_, cancel := s.Cancel(mss.Refund{At: at, By: by}, at)
			errs = append(errs, consumed, deferred, amortize, refund, renew, change, cancel)
			_, _ = s.Status(at), s.UsedDays(at)
		}
		for i, err := range errs {
			if got := sentinel(err); strings.Contains(got, " ") || got == "[]" {
				t.Errorf("error %d = %s: %q, want one sentinel in one short line", i, got, err)
			}
		}
	})
}

// FuzzLookup asks for a count in bands of these widths, each a yuan dearer than the one before, or in bands that overlap,
// leave gaps and come in any order.
func FuzzLookup(f *testing.F) {
	for _, machines := range []int{0, 1, 22, 23, 104, 105, 300, 500} { // the last band is 54-104, for 4 yuan
		f.Add([]byte{5, 15, 30, 50}, machines, true)
	}
	f.Add([]byte{}, 1, true)
	f.Add([]byte{200, 1, 2, 50, 49}, 7, false)
	f.Fuzz(func(t *testing.T, widths []byte, machines int, sorted bool) {
		var tiers []mss.Tier
		var affordable mss.Tier
		last, budget := 0, decimal.New(int64(machines), -2)
		for i, w := range widths {
			tier := mss.Tier{Min: last + 1, Max: last + 1 + int(w), Price: decimal.NewFromInt(int64(i + 1))}
			if !sorted {
				tier.Min, tier.Max = int(w%16), int(w/16)
			}
			if !tier.Price.GreaterThan(budget) {
				affordable = tier
			}
			tiers, last = append(tiers, tier), tier.Max
		}
		got, err := mss.Lookup(tiers, machines)
		if err == nil && (machines < got.Min || machines > got.Max || machines < 1) {
			t.Fatalf("Lookup(%v, %d) = %v, which does not contain the count", tiers, machines, got)
		}
		if !sorted {
			return
		}
		want, wantErr := refQuoteOf(mss.Plan{Name: "fuzzed", Unit: mss.Month, Tiers: tiers}, machines, mss.Months(1))
		if got != want.Tier || sentinel(err) != sentinel(wantErr) {
			t.Fatalf("Lookup(%v, %d) = %v, %v, want %v, %v", tiers, machines, got, err, want.Tier, wantErr)
		}
		if got, ok := mss.Affordable(tiers, budget); got != affordable || ok != (affordable.Min > 0) {
			t.Fatalf("Affordable(%v, %v) = %v, %t, want %v", tiers, budget, got, ok, affordable)
		}
		if err := mss.ValidateTiers(tiers); (err == nil) != (len(tiers) > 0) {
			t.Fatalf("ValidateTiers(%v) = %v", tiers, err)
		}
	})
}

func momentOf(t time.Time) moment {
	t = t.In(time.FixedZone("Beijing", 8*60*60))
	y, m, d := t.Date()
	return moment{date{y, int(m), d}, int64(t.Sub(time.Date(y, m, d, 0, 0, 0, 0, t.Location())))}
}
