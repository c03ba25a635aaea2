package mss_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

// Tables write what goes in and what comes out as text, in one form for each type:
// at, quote and buy read it, show writes it. Expected figures are worked out by hand.

// sentinels are the errors of the package. Whatever fails wraps exactly one of them.
var sentinels = []error{
	mss.ErrMachines, mss.ErrContactSales, mss.ErrTerm, mss.ErrPlan, mss.ErrUnknownPlan,
	mss.ErrDate, mss.ErrInconsistent, mss.ErrExpired, mss.ErrCancelled,
}

// maxInt is math.MaxInt as tables write it.
var maxInt = strconv.Itoa(math.MaxInt)

// check compares what a call returned with what is wanted: the text of a value, as
// show writes it, or the sentinel of an error, with a zero value beside it. Besides, it
// wants of an error what checkError does, and of a value what checkValid does: that it
// is valid, is read back from JSON as it was, and has its times in Beijing.
func check(t *testing.T, call string, got any, err error, want any) {
	t.Helper()
	if sentinel, ok := want.(error); ok {
		checkError(t, call, err, sentinel)
		if got != nil && !reflect.ValueOf(got).IsZero() {
			t.Errorf("%s = %#v beside an error, want the zero value", call, got)
		}
		return
	}
	if err != nil {
		t.Errorf("%s error = %v, want %s", call, err, want)
		return
	}
	if text := show(got); text != want {
		t.Errorf("%s = %s, want %s", call, text, want)
	}
	checkValid(t, call, got)
}

// checkError wants an error that wraps want and no other sentinel. Its message begins
// with "mss: ", once, ends with the text of want, and is one line of printable text of
// at most 600 bytes. A want of nil is no error.
func checkError(t *testing.T, call string, err, want error) {
	t.Helper()
	if want == nil || err == nil {
		if err != want {
			t.Errorf("%s error = %v, want %v", call, err, want)
		}
		return
	}
	for _, sentinel := range sentinels {
		if errors.Is(err, sentinel) != (sentinel == want) {
			t.Errorf("%s error = %v, want %v and no other", call, err, want)
			return
		}
	}
	text := err.Error()
	if !strings.HasPrefix(text, "mss: ") || strings.Count(text, "mss: ") > 1 || !strings.HasSuffix(text, ": "+want.Error()) {
		t.Errorf("%s error = %q, want it from mss:, once, to %q", call, text, want)
	}
	checkLine(t, call+" error", text)
}

// checkLine wants one line of printable text of at most 600 bytes.
func checkLine(t *testing.T, call, text string) {
	t.Helper()
	if len(text) > 600 || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Errorf("%s = %.700q of %d bytes, want a line of printable text of at most 600", call, text, len(text))
	}
}

// checkValid wants of what was returned that it is valid and is read back as written.
func checkValid(t *testing.T, call string, v any) {
	t.Helper()
	if v, ok := v.(interface{ Validate() error }); ok {
		checkError(t, call+": Validate()", v.Validate(), nil)
	}
	switch v := v.(type) {
	case mss.Quote:
		checkReadBack(t, call, v)
	case mss.Subscription:
		checkReadBack(t, call, v)
	case mss.Refund:
		checkReadBack(t, call, v)
	case mss.DatedCatalog:
		if misplaced(v.From) != "" {
			t.Errorf("%s is from %#v, want a time in Beijing", call, v.From)
		}
	case mss.Change:
		checkValid(t, call, v.Closed)
		checkValid(t, call, v.Opened)
	case []mss.Period:
		for _, p := range v {
			if !p.End.Equal(p.Start.AddDate(0, 0, p.Days)) || misplaced(p.End) != "" {
				t.Errorf("%s has a period of %d days from %v to %v", call, p.Days, p.Start, p.End)
			}
		}
	}
}

func checkReadBack[T interface{ Equal(T) bool }](t *testing.T, call string, v T) {
	t.Helper()
	data, err := json.Marshal(v)
	var back T
	if err = errors.Join(err, json.Unmarshal(data, &back)); err != nil || !back.Equal(v) || !v.Equal(back) {
		t.Errorf("%s is read back from %s as %+v, %v, want %+v", call, data, back, err, v)
	}
}

// show writes a value of the package on one line.
func show(v any) string {
	switch v := v.(type) {
	case []byte:
		return string(v)
	case decimal.Decimal:
		if !v.Equal(v.Round(2)) { // not whole fen
			return v.String()
		}
		return v.StringFixed(2)
	case time.Time: // the date alone if it is 00:00
		if v.IsZero() {
			return "zero time"
		}
		return strings.TrimSuffix(v.Format("2006-01-02 15:04:05.999999999"), " 00:00:00") + misplaced(v)
	case mss.Tier:
		return fmt.Sprintf("%d-%d %s", v.Min, v.Max, show(v.Price))
	case mss.Plan, mss.Catalog, mss.DatedCatalog, mss.PriceBook: // written as tested in TestMarshalJSON
		data, _ := json.Marshal(v)
		return string(data)
	case mss.Quote:
		return fmt.Sprintf("%s %d %v, band %s, %d days: %d × %v = %s", v.Plan, v.Machines, v.Term, show(v.Tier), v.LeadDays,
			v.Quantity(), v.Unit, show(v.Amount))
	case mss.Subscription:
		text := fmt.Sprintf("%s to %s, anchor %d%s", show(v.Start), show(v.End), v.AnchorDay, misplaced(v.Purchased))
		if v.Refunded != nil {
			text += ", refunded " + show(v.Refunded.Amount) + misplaced(v.Refunded.At)
		}
		return text
	case mss.Refund:
		return fmt.Sprintf("%d of %d days: %s + %s = %s%s", v.UsedDays, v.TotalDays,
			show(v.Consumed), show(v.Amount), show(v.Paid), misplaced(v.At))
	case mss.Change:
		return fmt.Sprintf("refunded %s on %s; %s; net %s", show(v.Refund.Amount), show(v.Closed.End), show(v.Opened), show(v.Net))
	case []mss.Period: // of each the first day, the days, and the amounts
		var texts []string
		for _, p := range v {
			texts = append(texts, fmt.Sprintf("%s %d: %s then %s", show(p.Start), p.Days, show(p.Amount), show(p.Deferred)))
		}
		return strings.Join(texts, ", ")
	}
	return fmt.Sprint(v)
}

// misplaced says so of a time that is not in mss.Beijing or has a monotonic reading.
func misplaced(t time.Time) string {
	if t.Location() != mss.Beijing || t != t.Round(0) {
		return fmt.Sprintf(" (%#v)", t)
	}
	return ""
}

// at reads an instant: "2026-01-31" is 00:00 in Beijing, "2026-01-31 -1ns" the
// nanosecond before, "2026-01-30T16:00:00Z" the same as the first, and "" the zero
// time.
func at(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t
	}
	date, offset, _ := strings.Cut(s, " ")
	var year, month, day int
	_, err := fmt.Sscanf(date, "%d-%d-%d", &year, &month, &day)
	after, offsetErr := time.ParseDuration(cmp.Or(offset, "0s"))
	if err != nil || offsetErr != nil {
		panic("not an instant: " + s) // a slip in a table
	}
	return time.Date(year, time.Month(month), day, -8, 0, 0, 0, time.UTC).Add(after)
}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// bands reads tiers, as show writes them.
func bands(text string) (tiers []mss.Tier) {
	for row := range strings.SplitSeq(text, ", ") {
		var tier mss.Tier
		var price string
		_, _ = fmt.Sscanf(row, "%d-%d %s", &tier.Min, &tier.Max, &price)
		tier.Price = dec(price)
		tiers = append(tiers, tier)
	}
	return tiers
}

// must returns v for a step that other tests cover.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// plans are the published ones, and some of the library's users: with notice for
// months, for the lowest price, negotiated for a year, for 1 yuan a day, and for the
// highest price.
var plans = map[string]func() mss.Plan{
	"routine": mss.RoutineOperations,
	"event":   mss.EventProtection,
	"noticed": func() mss.Plan {
		return mss.Plan{Name: "noticed", Unit: mss.Month, LeadDays: 3, Tiers: bands("1-9 100")}
	},
	"cheap":  func() mss.Plan { return mss.Plan{Name: "cheap", Unit: mss.Month, Tiers: bands("1-1 0.01, 2-2 0.05")} },
	"yearly": func() mss.Plan { return mss.Plan{Name: "yearly", Unit: mss.Year, Tiers: bands("1-80 100000")} },
	"one":    func() mss.Plan { return mss.Plan{Name: "one", Unit: mss.Day, Tiers: bands("1-1 1")} },
	"dear":   func() mss.Plan { return mss.Plan{Name: "dear", Unit: mss.Day, Tiers: bands("1-9 1000000000000")} },
}

// quote returns the quote of "routine 120 P1Y": a plan, the machines and the term.
func quote(t *testing.T, text string) mss.Quote {
	t.Helper()
	f := strings.Fields(text)
	term := must(mss.ParseTerm(f[2]))(t)
	return must(plans[f[0]]().Quote(must(strconv.Atoi(f[1]))(t), term))(t)
}

// buy returns the subscription of a quote, from its earliest day.
func buy(t *testing.T, q, purchased string) mss.Subscription {
	t.Helper()
	return must(quote(t, q).Subscribe(at(purchased)))(t)
}

// cancel closes a subscription with the refund of an instant.
func cancel(t *testing.T, s mss.Subscription, when string, by mss.Proration) mss.Subscription {
	t.Helper()
	return must(s.Cancel(must(s.Refund(at(when), by))(t), at(when)))(t)
}

// The year of the examples: 120 machines for 252000 yuan from 31 January 2026, and
// the same closed on 15 March.
func yearOpen(t *testing.T) mss.Subscription { return buy(t, "routine 120 P1Y", "2026-01-31") }

func yearClosed(t *testing.T) mss.Subscription {
	return cancel(t, yearOpen(t), "2026-03-15 9h", mss.ByMonth)
}

// edited returns v after an edit. A refund that v points to is copied before.
func edited[T any](v T, edit func(*T)) T {
	if s, ok := any(&v).(*mss.Subscription); ok && s.Refunded != nil {
		refund := *s.Refunded
		s.Refunded = &refund
	}
	edit(&v)
	return v
}

// An edit is a row of a table of what is wrong, or equal, with one thing changed.
type edit[T any] struct {
	name string
	edit func(*T)
}

// checkEqual wants v to equal itself with each of the first edits, in both directions,
// and to differ with each of the others.
func checkEqual[T interface{ Equal(T) bool }](t *testing.T, v T, same, others []edit[T]) {
	t.Helper()
	for i, tt := range slices.Concat(same, others) {
		w, want := edited(v, tt.edit), i < len(same)
		if v.Equal(w) != want || w.Equal(v) != want {
			t.Errorf("%T, %s: Equal = %t, %t, want %t", v, tt.name, v.Equal(w), w.Equal(v), want)
		}
	}
}

// absurd are numbers that would fill the memory if they were written out, or that
// are long.
var absurd = []decimal.Decimal{
	decimal.New(1, 2000000000), decimal.New(1, -2000000000), decimal.New(-1, 2000000000), decimal.New(-1, -2000000000),
	decimal.New(1, math.MaxInt32), decimal.New(1, math.MinInt32), decimal.New(0, 2000000000), decimal.New(0, -2000000000),
	decimal.NewFromBigInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(1e6), nil), 0),
	decimal.NewFromBigInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(1e6), nil), -1e6+5),
	decimal.NewFromBigInt(new(big.Int).Exp(big.NewInt(7), big.NewInt(1e6), nil), -845_098+5), // no digit of which is a zero to leave out
}

// absurdTimes are far from every date: the last is 2^32 years after 9:00 on 15 March
// 2026 in Beijing, where a year of 32 bits is 2026 again.
var absurdTimes = []time.Time{
	time.Unix(math.MaxInt64, 999999999), time.Unix(math.MinInt64, 0), time.Unix(1<<62, 0), time.Unix(-1<<62, 0),
	time.Unix(135536078574954000, 0),
}

// atOnce fails if what follows takes long, as writing an absurd number out would.
func atOnce(t *testing.T, call string) func() {
	start := time.Now()
	return func() {
		t.Helper()
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s took %v, want an answer at once", call, took)
		}
	}
}

// within returns doc with one place of it replaced.
func within(t *testing.T, doc, old, replacement string) string {
	t.Helper()
	if strings.Count(doc, old) != 1 {
		t.Fatalf("%s occurs %d times in %s, want once", old, strings.Count(doc, old), doc)
	}
	return strings.Replace(doc, old, replacement, 1)
}

// plainJSON encodes a value by its tags alone, valid or not.
func plainJSON(v any) string {
	switch v := v.(type) {
	case decimal.Decimal:
		return fmt.Sprintf(`"%ve%d"`, v.Coefficient(), v.Exponent())
	case time.Time:
		return strconv.Quote(v.Format(time.RFC3339Nano))
	case mss.Term, mss.Unit, mss.Proration, string:
		return strconv.Quote(fmt.Sprint(v))
	case *mss.Refund:
		return plainJSON(*v)
	case int:
		return strconv.Itoa(v)
	}
	var fields []string
	for i := range reflect.TypeOf(v).NumField() {
		tag, _, optional := strings.Cut(reflect.TypeOf(v).Field(i).Tag.Get("json"), ",")
		if field := reflect.ValueOf(v).Field(i); !optional || !field.IsNil() {
			fields = append(fields, strconv.Quote(tag)+":"+plainJSON(field.Interface()))
		}
	}
	return "{" + strings.Join(fields, ",") + "}"
}

// unchanged wants that a call wrote to nothing.
func unchanged[T any](t *testing.T, call string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s left %+v, want %+v unchanged", call, got, want)
	}
}
