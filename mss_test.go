package mss_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"example.com/mss"
	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

// The tables of this file, tiers_test.go, subscription_test.go and refund_test.go hold what design and price list say,
// reckoned by hand. What they share comes first.

// sentinels are the errors of the package. Whatever fails wraps exactly one of them.
var sentinels = []error{
	mss.ErrMachines, mss.ErrContactSales, mss.ErrTerm, mss.ErrPlan, mss.ErrUnknownPlan,
	mss.ErrDate, mss.ErrInconsistent, mss.ErrExpired, mss.ErrCancelled,
}

// An outcome is what a call should answer: a text of its value, or an error.
type outcome struct {
	text string
	err  error
	says string
}

func gives(text string) outcome { return outcome{text: text} }

// fails wants an error that is err, and no other of the package, and whose message has the parts of says in order.
// Three dots separate the parts.
func fails(err error, says string) outcome { return outcome{err: err, says: says} }

// check compares what a call answered with what it should have. A value beside an error should be the zero value.
func check[T any](t *testing.T, call string, want outcome, text func(T) string, got T, err error) {
	t.Helper()
	checkError(t, call, err, want.err, want.says)
	switch zero := reflect.ValueOf(&got).Elem().IsZero(); {
	case want.err != nil && !zero:
		t.Errorf("%s = %+v beside its error, want the zero value", call, got)
	case want.err == nil && err == nil && text(got) != want.text:
		t.Errorf("%s = %s, want %s", call, text(got), want.text)
	}
}

func checkError(t *testing.T, call string, err, want error, says string) {
	t.Helper()
	if want == nil {
		if err != nil {
			t.Errorf("%s error = %v, want nil", call, err)
		}
		return
	}
	for _, sentinel := range sentinels {
		if errors.Is(err, sentinel) != (sentinel == want) {
			t.Errorf("%s error = %v, want %v and no other", call, err, want)
			return
		}
	}
	rest := err.Error()
	for _, part := range strings.Split("mss: ... "+says, "...") {
		var found bool
		if _, rest, found = strings.Cut(rest, strings.TrimSpace(part)); !found {
			t.Errorf("%s error = %v, want one that says %q", call, err, says)
			return
		}
	}
}

// must is for fixtures: calls that succeed, as other tests show.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func bytesText(text []byte) string { return string(text) }

// absurd are numbers that would fill the memory if they were written out.
var absurd = []decimal.Decimal{
	decimal.New(1, 2000000000), decimal.New(1, -2000000000), decimal.New(-1, 2000000000), decimal.New(-1, -2000000000),
	decimal.New(1, math.MaxInt32), decimal.New(1, math.MinInt32),
}

// at reads an instant: "2026-01-31" is 00:00 in Beijing, "2026-01-31 -1ns" a nanosecond before, and
// "2026-01-30T16:00:00Z" the same as the first. The empty string is the zero time.
func at(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	if strings.Contains(s, "T") {
		return must(time.Parse(time.RFC3339Nano, s))
	}
	date, offset, found := strings.Cut(s, " ")
	var year, month, day int
	must(fmt.Sscanf(date, "%d-%d-%d", &year, &month, &day))
	t := time.Date(year, time.Month(month), day, -8, 0, 0, 0, time.UTC)
	if found {
		t = t.Add(must(time.ParseDuration(offset)))
	}
	return t
}

// written is the reverse of at for what the package returns: a day where t is 00:00 in the zone it should be in, and
// everything else in full.
func written(t time.Time) string {
	switch {
	case t.IsZero():
		return "zero time"
	case t.Location() != mss.Beijing:
		return fmt.Sprintf("%v, not in mss.Beijing", t)
	case t.Equal(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())):
		return t.Format(time.DateOnly)
	}
	return t.Format(time.RFC3339Nano)
}

// routine, event and buy are purchases from the published price list.

func routine(machines int, term mss.Term) mss.Quote {
	return must(mss.RoutineOperations().Quote(machines, term))
}

func event(machines, days int) mss.Quote {
	return must(mss.EventProtection().Quote(machines, mss.Days(days)))
}

func buy(q mss.Quote, purchased string) mss.Subscription { return must(q.Subscribe(at(purchased))) }

// edited returns v after an edit.
func edited[T any](v T, edit func(*T)) T {
	edit(&v)
	return v
}

// ---- Enums and terms ----

type enum interface {
	~uint8
	fmt.Stringer
	encoding.TextMarshaler
}

func TestEnums(t *testing.T) {
	t.Run("Unit", func(t *testing.T) {
		checkEnum(t, mss.ErrTerm, `["day" "month" "year"]`,
			map[mss.Unit]string{mss.Day: "day", mss.Month: "month", mss.Year: "year"})
	})
	t.Run("Status", func(t *testing.T) {
		checkEnum(t, mss.ErrInconsistent, `["scheduled" "active" "expired" "cancelled"]`, map[mss.Status]string{
			mss.Scheduled: "scheduled", mss.Active: "active", mss.Expired: "expired", mss.Cancelled: "cancelled",
		})
	})
	t.Run("Proration", func(t *testing.T) {
		checkEnum(t, mss.ErrInconsistent, `["day" "month"]`,
			map[mss.Proration]string{mss.ByDay: "day", mss.ByMonth: "month"})
	})
}

// checkEnum tries every value of an enum, and texts that are none.
func checkEnum[E enum, P interface {
	*E
	encoding.TextUnmarshaler
}](t *testing.T, sentinel error, list string, texts map[E]string) {
	kind := reflect.TypeFor[E]().Name()
	for n := range 256 {
		e := E(n)
		want, valid := texts[e]
		if !valid {
			want = fmt.Sprintf("%s(%d)", kind, n)
		}
		if got := e.String(); got != want {
			t.Errorf("%s(%d).String() = %q, want %q", kind, n, got, want)
		}

		wantText := fails(sentinel, fmt.Sprintf("encode %s: %d: want one of %s", strings.ToLower(kind), n, list))
		if valid {
			wantText = gives(want)
		}
		text, err := e.MarshalText()
		check(t, fmt.Sprintf("%s(%d).MarshalText()", kind, n), wantText, bytesText, text, err)

		var back E
		if err := P(&back).UnmarshalText([]byte(want)); valid != (err == nil) || valid && back != e {
			t.Errorf("UnmarshalText(%q) = %d, %v, want %d", want, back, err, n)
		}
	}
	for _, text := range []string{"", "Day", "DAY", "days", " day", "day ", "0", "1", "Unit(1)", "week", "Active", "дay"} {
		e := E(1)
		err := P(&e).UnmarshalText([]byte(text))
		says := fmt.Sprintf("decode %s: %q: want one of %s", strings.ToLower(kind), text, list)
		checkError(t, fmt.Sprintf("UnmarshalText(%q)", text), err, sentinel, says)
		if e != 1 {
			t.Errorf("UnmarshalText(%q) set %d, want it left alone", text, e)
		}
	}
}

func TestTermText(t *testing.T) {
	for _, tt := range []struct {
		term mss.Term
		want string
	}{
		{mss.Days(1), "P1D"},
		{mss.Days(7), "P7D"},
		{mss.Days(9), "P9D"},
		{mss.Days(36525), "P36525D"},
		{mss.Months(1), "P1M"},
		{mss.Months(10), "P10M"},
		{mss.Months(1200), "P1200M"},
		{mss.Years(1), "P1Y"},
		{mss.Years(100), "P100Y"},
		{mss.Term{N: 7, Unit: mss.Day}, "P7D"},
	} {
		if got := tt.term.String(); got != tt.want {
			t.Errorf("%#v.String() = %q, want %q", tt.term, got, tt.want)
		}
		if err := tt.term.Validate(); err != nil {
			t.Errorf("%s.Validate() = %v, want nil", tt.want, err)
		}
		if text, err := tt.term.MarshalText(); string(text) != tt.want || err != nil {
			t.Errorf("%s.MarshalText() = %q, %v, want %q", tt.want, text, err, tt.want)
		}
		if got, err := mss.ParseTerm(tt.want); got != tt.term || err != nil {
			t.Errorf("ParseTerm(%q) = %v, %v, want %v", tt.want, got, err, tt.term)
		}
		var got mss.Term
		if err := got.UnmarshalText([]byte(tt.want)); got != tt.term || err != nil {
			t.Errorf("UnmarshalText(%q) = %v, %v, want %v", tt.want, got, err, tt.term)
		}
	}
}

const wantTerm = "want P1D to P36525D, P1M to P1200M or P1Y to P100Y"

func TestTermInvalid(t *testing.T) {
	for _, tt := range []struct {
		term mss.Term
		text string
	}{
		{mss.Term{}, "Term(0 Unit(0))"},
		{mss.Term{N: 3, Unit: 9}, "Term(3 Unit(9))"},
		{mss.Term{Unit: mss.Day}, "P0D"},
		{mss.Days(-1), "P-1D"},
		{mss.Days(36526), "P36526D"},
		{mss.Days(math.MaxInt), "P9223372036854775807D"},
		{mss.Months(0), "P0M"},
		{mss.Months(-12), "P-12M"},
		{mss.Months(1201), "P1201M"},
		{mss.Years(0), "P0Y"},
		{mss.Years(101), "P101Y"},
		{mss.Years(math.MinInt), "P-9223372036854775808Y"},
	} {
		if got := tt.term.String(); got != tt.text {
			t.Errorf("String() = %q, want %q", got, tt.text)
		}
		checkError(t, tt.text+".Validate()", tt.term.Validate(), mss.ErrTerm, tt.text+": "+wantTerm)
		text, err := tt.term.MarshalText()
		check(t, tt.text+".MarshalText()", fails(mss.ErrTerm, tt.text+": "+wantTerm), bytesText, text, err)
	}
}

func TestParseTermRefuses(t *testing.T) {
	for _, text := range []string{
		"", "P", "D", "PD", "P7", "7D", "P D", "P0D", "P00D", "P07D", "P-1D", "P+7D", "+P7D", "-P7D", "p7d", "P7d", "p7D",
		"P7m", "P7y", "P1W", "P1H", "PT1M", "P1Y2M", "P1M1D", "P7DD", "PP7D", "P7D ", " P7D", "P 7D", "P7 D", "P7D\n",
		"P7D\x00", "P1.5D", "P1,5M", "P1e1D", "P1_0D", "P0x1D", "P٧D", "P７D", "Р7D", "P7Ｄ", "P7.", "P7\xff", "7 days",
		"P36526D", "P1201M", "P101Y", "P9223372036854775807D", "P9223372036854775808M", "P18446744073709551617Y",
		"P00000000000000000001D",
	} {
		want := fails(mss.ErrTerm, fmt.Sprintf("parse term: %q: %s", text, wantTerm))
		got, err := mss.ParseTerm(text)
		check(t, fmt.Sprintf("ParseTerm(%q)", text), want, mss.Term.String, got, err)

		term := mss.Years(3)
		err = term.UnmarshalText([]byte(text))
		checkError(t, fmt.Sprintf("UnmarshalText(%q)", text), err, want.err, want.says)
		if term != mss.Years(3) {
			t.Errorf("UnmarshalText(%q) set %v, want it left alone", text, term)
		}
	}

	long := "P1" + strings.Repeat("0", 1<<20) + "D"
	_, err := mss.ParseTerm(long)
	checkError(t, "ParseTerm of a million digits", err, mss.ErrTerm, `"P1000000000`)
	if len(err.Error()) > 200 {
		t.Errorf("ParseTerm of a million digits: message of %d bytes, want a short one", len(err.Error()))
	}
}

func TestTextColumns(t *testing.T) {
	type column interface {
		sql.Scanner
		driver.Valuer
	}
	term, status, week, closed := mss.Days(7), mss.Active, buy(event(200, 7), "2026-01-31"), closedInMarch()
	for _, tt := range []struct {
		kind     string
		target   column
		text     string
		sentinel error
	}{
		{"term", &term, "P1Y", mss.ErrTerm},
		{"status", &status, "cancelled", mss.ErrInconsistent},
		{"subscription", &week, goldenClosed, mss.ErrInconsistent},
		{"subscription", &closed, goldenClosed, mss.ErrInconsistent},
	} {
		before := must(tt.target.Value())
		for _, other := range []any{nil, int64(7), true, time.Time{}, []string{tt.text}} {
			err := tt.target.Scan(other)
			says := fmt.Sprintf("scan %s: column of type %T: want text", tt.kind, other)
			checkError(t, fmt.Sprintf("Scan(%#v)", other), err, tt.sentinel, says)
		}
		for _, other := range []any{"", "x", []byte(nil)} {
			checkError(t, fmt.Sprintf("Scan(%#v)", other), tt.target.Scan(other), tt.sentinel, "")
		}
		if after, err := tt.target.Value(); after != before || err != nil {
			t.Errorf("%s: Value() after what was refused = %v, %v, want %v", tt.kind, after, err, before)
		}
		for _, text := range []any{tt.text, []byte(tt.text)} {
			err := tt.target.Scan(text)
			if got := must(tt.target.Value()); got != tt.text || err != nil {
				t.Errorf("Value() after Scan(%T %s) = %v, %v", text, tt.text, got, err)
			}
		}
	}
	for _, zero := range []struct {
		value    driver.Valuer
		sentinel error
	}{
		{mss.Term{}, mss.ErrTerm}, {mss.Status(0), mss.ErrInconsistent}, {mss.Subscription{}, mss.ErrInconsistent},
	} {
		got, err := zero.value.Value()
		checkError(t, fmt.Sprintf("Value() of a zero %T", zero.value), err, zero.sentinel, "")
		if got != nil {
			t.Errorf("Value() of a zero %T = %v, want nil", zero.value, got)
		}
	}
}

// ---- Plans and catalogs ----

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

func TestPlanValidate(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(*mss.Plan)
		says string // empty where the plan is valid
	}{
		{"as published", func(p *mss.Plan) {}, ""},
		{"no title", func(p *mss.Plan) { p.Title = "" }, ""},
		{"by the day", func(p *mss.Plan) { p.Unit = mss.Day }, ""},
		{"the longest notice", func(p *mss.Plan) { p.LeadDays = 366 }, ""},
		{"no name", func(p *mss.Plan) { p.Name = "" }, "plan: no name, want one"},
		{"name not in UTF-8", func(p *mss.Plan) { p.Name = "a\xff" }, `name "a\xff": want UTF-8`},
		{"title not in UTF-8", func(p *mss.Plan) { p.Title = "a\xff" }, `plan routine-operations: title "a\xff": want UTF-8`},
		{"no unit", func(p *mss.Plan) { p.Unit = 0 }, "plan routine-operations: unit Unit(0): want day or month"},
		{"by the year", func(p *mss.Plan) { p.Unit = mss.Year }, "unit year: want day or month"},
		{"unknown unit", func(p *mss.Plan) { p.Unit = 255 }, "unit Unit(255): want day or month"},
		{"negative notice", func(p *mss.Plan) { p.LeadDays = -1 },
			"plan routine-operations: -1 lead days: want 0 to 366"},
		{"too long a notice", func(p *mss.Plan) { p.LeadDays = 367 }, "367 lead days: want 0 to 366"},
		{"absurd notice", func(p *mss.Plan) { p.LeadDays = math.MaxInt },
			"9223372036854775807 lead days: want 0 to 366"},
		{"no tiers", func(p *mss.Plan) { p.Tiers = nil },
			"plan routine-operations: tiers: no bands, want at least one"},
		{"a gap", func(p *mss.Plan) { p.Tiers[7].Min++ },
			"plan routine-operations: tiers: row 8: band 602-800 ... gap"},
		{"zero plan", func(p *mss.Plan) { *p = mss.Plan{} }, "plan: no name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plan := edited(mss.RoutineOperations(), tt.edit)
			wantErr := mss.ErrPlan
			if tt.says == "" {
				wantErr = nil
			}
			checkError(t, "Validate()", plan.Validate(), wantErr, "validate plan: ... "+tt.says)
			err := mss.Catalog{plan}.Validate()
			checkError(t, "Catalog.Validate()", err, wantErr, "validate catalog: plan 1 of 1: ... "+tt.says)
			data, err := json.Marshal(plan)
			checkError(t, "json.Marshal", err, wantErr, "encode plan: ... "+tt.says)
			if wantErr != nil && data != nil {
				t.Errorf("json.Marshal = %s, want nothing", data)
			}
		})
	}
}

func TestCatalogValidate(t *testing.T) {
	published := mss.Published()
	for _, tt := range []struct {
		name    string
		catalog mss.Catalog
		want    error
		says    string
	}{
		{"published", published, nil, ""},
		{"one plan", published[1:], nil, ""},
		{"nil", nil, mss.ErrPlan, "validate catalog: no plans, want at least one"},
		{"empty", mss.Catalog{}, mss.ErrPlan, "no plans, want at least one"},
		{"the second invalid", mss.Catalog{published[0], {Name: "x"}}, mss.ErrPlan,
			"plan 2 of 2: plan x: unit Unit(0)"},
		{"the same name", mss.Catalog{published[0], published[1], published[0]}, mss.ErrPlan,
			"plan 3 of 3: name routine-operations: given before, want another"},
	} {
		checkError(t, tt.name+": Validate()", tt.catalog.Validate(), tt.want, tt.says)
	}
}

func TestCatalogPlan(t *testing.T) {
	name := func(p mss.Plan) string { return p.Name }
	for _, tt := range []struct {
		catalog mss.Catalog
		name    string
		want    outcome
	}{
		{mss.Published(), "routine-operations", gives("routine-operations")},
		{mss.Published(), "event-protection", gives("event-protection")},
		{mss.Published(), "Event-Protection", fails(mss.ErrUnknownPlan,
			`plan "Event-Protection": want one of ["routine-operations" "event-protection"]`)},
		{mss.Published(), "", fails(mss.ErrUnknownPlan, `plan "": want one of ["routine-operations"`)},
		{nil, "routine-operations", fails(mss.ErrUnknownPlan, `plan "routine-operations": want one of []`)},
	} {
		got, err := tt.catalog.Plan(tt.name)
		check(t, fmt.Sprintf("Plan(%q)", tt.name), tt.want, name, got, err)
	}
}

// What was given out once does not change what is given out next.
func TestPlansAreTheCallersOwn(t *testing.T) {
	catalog := mss.Published()
	for _, give := range []func() mss.Plan{
		mss.RoutineOperations,
		mss.EventProtection,
		func() mss.Plan { return mss.Published()[0] },
		func() mss.Plan { return must(catalog.Plan("event-protection")) },
	} {
		first := give()
		want := first.Tiers[0].Max
		first.Tiers[0].Max = 7
		if got := give().Tiers[0].Max; got != want {
			t.Errorf("%s: Tiers[0].Max = %d after an edit of another copy, want %d", first.Name, got, want)
		}
	}
}

// ---- Quotes ----

// custom is a plan of two bands at the least and the highest price.
func custom(unit mss.Unit) mss.Plan {
	return mss.Plan{Name: "custom", Unit: unit, LeadDays: 2, Tiers: bands("1-9 0.01", "10-20 1000000000000")}
}

func TestPlanQuote(t *testing.T) {
	amount := func(q mss.Quote) string { return q.Amount.StringFixed(2) }
	for _, tt := range []struct {
		plan     mss.Plan
		machines int
		term     mss.Term
		want     outcome
	}{
		{mss.RoutineOperations(), 1, mss.Months(1), gives("1250.00")},
		{mss.RoutineOperations(), 5, mss.Months(3), gives("3750.00")},
		{mss.RoutineOperations(), 6, mss.Months(1), gives("4200.00")},
		{mss.RoutineOperations(), 120, mss.Years(1), gives("252000.00")},
		{mss.RoutineOperations(), 120, mss.Months(12), gives("252000.00")},
		{mss.RoutineOperations(), 1000, mss.Years(3), gives("2332800.00")},
		{mss.RoutineOperations(), 6000, mss.Years(100), gives("427680000.00")},
		{mss.RoutineOperations(), 6000, mss.Months(1200), gives("427680000.00")},
		{mss.EventProtection(), 1, mss.Days(1), gives("12000.00")},
		{mss.EventProtection(), 51, mss.Days(7), gives("119000.00")},
		{mss.EventProtection(), 1000, mss.Days(36525), gives("1095750000.00")},
		{custom(mss.Month), 9, mss.Months(7), gives("0.07")},
		{custom(mss.Day), 10, mss.Days(36525), gives("36525000000000000.00")},

		{mss.RoutineOperations(), 5, mss.Days(30), fails(mss.ErrTerm,
			"quote routine-operations: term P30D: priced by the month: want a term of months or years")},
		{mss.EventProtection(), 5, mss.Months(1), fails(mss.ErrTerm,
			"quote event-protection: term P1M: priced by the day: want a term of days")},
		{mss.EventProtection(), 5, mss.Years(1),
			fails(mss.ErrTerm, "term P1Y: priced by the day: want a term of days")},
		{mss.RoutineOperations(), 5, mss.Months(0), fails(mss.ErrTerm, "term P0M: "+wantTerm)},
		{mss.RoutineOperations(), 5, mss.Years(-1), fails(mss.ErrTerm, "term P-1Y: "+wantTerm)},
		{mss.RoutineOperations(), 5, mss.Term{}, fails(mss.ErrTerm, "term Term(0 Unit(0)): "+wantTerm)},
		{mss.RoutineOperations(), 5, mss.Years(math.MaxInt), fails(mss.ErrTerm, "P9223372036854775807Y: "+wantTerm)},
		{mss.EventProtection(), 5, mss.Days(36526), fails(mss.ErrTerm, "term P36526D: "+wantTerm)},
		{mss.RoutineOperations(), 0, mss.Months(1), fails(mss.ErrMachines,
			"quote routine-operations: 0 machines: want 1 to 6000")},
		{mss.EventProtection(), -1, mss.Days(1),
			fails(mss.ErrMachines, "quote event-protection: -1 machines: want 1 to 1000")},
		{mss.RoutineOperations(), 6001, mss.Months(1), fails(mss.ErrContactSales,
			"quote routine-operations: 6001 machines: above the last band, 6000: contact sales at "+mss.ContactURL)},
		{mss.EventProtection(), 1001, mss.Days(1), fails(mss.ErrContactSales,
			"quote event-protection: 1001 machines: above the last band, 1000: contact sales at "+mss.ContactURL)},
		{mss.Plan{}, 5, mss.Months(1), fails(mss.ErrPlan, "plan: no name, want one")},
	} {
		got, err := tt.plan.Quote(tt.machines, tt.term)
		call := fmt.Sprintf("%s: Quote(%d, %v)", tt.plan.Name, tt.machines, tt.term)
		check(t, call, tt.want, amount, got, err)
		if err == nil && got.Validate() != nil {
			t.Errorf("%s: Validate() = %v, want nil", call, got.Validate())
		}
	}
}

func TestPlanQuoteIsASnapshot(t *testing.T) {
	plan := mss.EventProtection()
	got := must(plan.Quote(200, mss.Days(7)))
	plan.Name, plan.LeadDays, plan.Tiers[1] = "edited", 9, mss.Tier{}
	want := mss.Quote{
		Plan:     "event-protection",
		Machines: 200,
		Term:     mss.Days(7),
		Tier:     mss.Tier{Min: 51, Max: 200, Price: dec("17000")},
		LeadDays: 5,
		Amount:   dec("119000"),
	}
	if !got.Equal(want) {
		t.Errorf("Quote(200, P7D) = %+v, want %+v", got, want)
	}
}

// Where several things are wrong at once, the first in this order is told: the plan but for its tiers, the term, its
// unit, the count, the band.
func TestPlanQuoteChecksInOrder(t *testing.T) {
	good := mss.Plan{Name: "order", Unit: mss.Month, Tiers: bands("1-5 100", "6-10 0", "16-20 300", "21-15 400")}
	named := func(edit func(*mss.Plan)) mss.Plan { return edited(good, edit) }
	for _, tt := range []struct {
		name     string
		plan     mss.Plan
		machines int
		term     mss.Term
		want     error
		says     string
	}{
		{"the bands not asked for are not looked at", good, 5, mss.Months(1), nil, ""},
		{"name before unit", named(func(p *mss.Plan) { p.Name, p.Unit = "", 0 }), 5, mss.Months(1), mss.ErrPlan,
			"no name"},
		{"unit before lead days", named(func(p *mss.Plan) { p.Unit, p.LeadDays = 0, -1 }), 5, mss.Months(1), mss.ErrPlan,
			"unit"},
		{"lead days before term", named(func(p *mss.Plan) { p.LeadDays = -1 }), 5, mss.Months(0), mss.ErrPlan,
			"lead days"},
		{"term before its unit", good, 5, mss.Days(0), mss.ErrTerm, "term P0D: " + wantTerm},
		{"unit of the term before no tiers", named(func(p *mss.Plan) { p.Tiers = nil }), 5, mss.Days(1), mss.ErrTerm,
			"by the month"},
		{"unit of the term before count", good, 0, mss.Days(1), mss.ErrTerm, "term P1D: priced by the month"},
		{"term before count", good, 0, mss.Months(1201), mss.ErrTerm, "P1201M"},
		{"no tiers before count", named(func(p *mss.Plan) { p.Tiers = nil }), 0, mss.Months(1), mss.ErrPlan,
			"no bands, want"},
		{"count before bands", good, 0, mss.Months(1), mss.ErrMachines, "0 machines: want 1 to 15"},
		{"above the last band", good, 22, mss.Months(1), mss.ErrContactSales, "22 machines: above the last band, 15"},
		{"in a gap", good, 12, mss.Months(1), mss.ErrPlan,
			"12 machines: in no band of 4, want bands without gaps"},
		{"the band found", good, 6, mss.Months(1), mss.ErrPlan,
			"quote order: band 6-10: price 0.00: want 0.01 to 1000000000000.00"},
	} {
		_, err := tt.plan.Quote(tt.machines, tt.term)
		checkError(t, fmt.Sprintf("%s: Quote(%d, %v)", tt.name, tt.machines, tt.term), err, tt.want, tt.says)
	}
}

func TestQuoteString(t *testing.T) {
	for _, tt := range []struct {
		quote mss.Quote
		want  string
	}{
		{routine(120, mss.Years(1)),
			"routine-operations, 120 machines (band 101-200), P1Y: 12 months × 21000.00 = 252000.00 yuan"},
		{routine(1, mss.Months(1)), "routine-operations, 1 machine (band 1-5), P1M: 1 month × 1250.00 = 1250.00 yuan"},
		{event(1000, 7), "event-protection, 1000 machines (band 501-1000), P7D: 7 days × 30000.00 = 210000.00 yuan"},
		{event(2, 1), "event-protection, 2 machines (band 1-50), P1D: 1 day × 12000.00 = 12000.00 yuan"},
		{mss.Quote{}, "invalid quote: plan: no name, want one"},
		{edited(routine(5, mss.Months(1)), func(q *mss.Quote) { q.Amount = dec("1") }),
			"invalid quote: amount 1.00: want 1250.00, the price 1250.00 × 1"},
	} {
		if got := tt.quote.String(); got != tt.want {
			t.Errorf("String() = %q, want %q", got, tt.want)
		}
	}
}

func TestQuoteEqual(t *testing.T) {
	q := routine(120, mss.Years(1))
	for _, tt := range []struct {
		name string
		edit func(*mss.Quote)
		want bool
	}{
		{"the same", func(q *mss.Quote) {}, true},
		{"amount 252E3", func(q *mss.Quote) { q.Amount = decimal.New(252, 3) }, true},
		{"amount 252000.0000", func(q *mss.Quote) { q.Amount = decimal.New(2520000000, -4) }, true},
		{"price 21E3", func(q *mss.Quote) { q.Tier.Price = decimal.New(21, 3) }, true},
		{"plan", func(q *mss.Quote) { q.Plan = "" }, false},
		{"machines", func(q *mss.Quote) { q.Machines++ }, false},
		{"term", func(q *mss.Quote) { q.Term = mss.Months(12) }, false},
		{"band min", func(q *mss.Quote) { q.Tier.Min++ }, false},
		{"band max", func(q *mss.Quote) { q.Tier.Max++ }, false},
		{"price", func(q *mss.Quote) { q.Tier.Price = dec("21000.001") }, false},
		{"lead days", func(q *mss.Quote) { q.LeadDays = 1 }, false},
		{"amount", func(q *mss.Quote) { q.Amount = dec("252000.0000000001") }, false},
		{"amount negative", func(q *mss.Quote) { q.Amount = dec("-252000") }, false},
		{"amount zero", func(q *mss.Quote) { q.Amount = decimal.Zero }, false},
		{"zero quote", func(q *mss.Quote) { *q = mss.Quote{} }, false},
	} {
		r := edited(q, tt.edit)
		if q.Equal(r) != tt.want || r.Equal(q) != tt.want {
			t.Errorf("%s: Equal = %t, %t, want %t", tt.name, q.Equal(r), r.Equal(q), tt.want)
		}
	}

	of := func(amount decimal.Decimal) mss.Quote { return mss.Quote{Amount: amount} }
	for _, tt := range []struct {
		a, b decimal.Decimal
		want bool
	}{
		{decimal.Decimal{}, decimal.New(0, 7), true},
		{decimal.New(0, 2000000000), decimal.New(0, -2000000000), true},
		{decimal.New(10, 1999999999), decimal.New(1, 2000000000), true},
		{decimal.New(1, 2000000000), decimal.New(1, -2000000000), false},
		{decimal.New(1, 2000000000), decimal.New(-1, 2000000000), false},
		{decimal.New(1, -2000000000), decimal.New(0, -2000000000), false},
		{decimal.New(1, 2000000000), decimal.New(2, 2000000000), false},
	} {
		if got := of(tt.a).Equal(of(tt.b)); got != tt.want {
			t.Errorf("Equal of %s and %s = %t, want %t", exponential(tt.a), exponential(tt.b), got, tt.want)
		}
	}
}

func exponential(d decimal.Decimal) string {
	return fmt.Sprintf("%vE%d", d.Coefficient(), d.Exponent())
}

// quoteEdits are the ways in which the quote for 120 machines and a year can fail to add up.
var quoteEdits = []struct {
	name string
	edit func(*mss.Quote)
	says string
}{
	{"zero", func(q *mss.Quote) { *q = mss.Quote{} }, "plan: no name, want one"},
	{"no plan", func(q *mss.Quote) { q.Plan = "" }, "plan: no name, want one"},
	{"no term", func(q *mss.Quote) { q.Term = mss.Term{} }, "term Term(0 Unit(0)): " + wantTerm},
	{"absurd term", func(q *mss.Quote) { q.Term = mss.Years(math.MaxInt) }, "term P9223372036854775807Y: " + wantTerm},
	{"another term", func(q *mss.Quote) { q.Term = mss.Months(11) },
		"amount 252000.00: want 231000.00, the price 21000.00 × 11"},
	{"term of days", func(q *mss.Quote) { q.Term = mss.Days(1) },
		"amount 252000.00: want 21000.00, the price 21000.00 × 1"},
	{"too few machines", func(q *mss.Quote) { q.Machines = 100 }, "100 machines: want 101 to 200, as the band"},
	{"too many machines", func(q *mss.Quote) { q.Machines = 201 }, "201 machines: want 101 to 200, as the band"},
	{"negative machines", func(q *mss.Quote) { q.Machines = math.MinInt },
		"-9223372036854775808 machines: want 101 to 200"},
	{"band from 0", func(q *mss.Quote) { q.Tier.Min = 0 }, "tier: band 0-200: want 1 <= min <= max"},
	{"band upside down", func(q *mss.Quote) { q.Tier.Max = 100 }, "tier: band 101-100: want 1 <= min <= max"},
	{"band above", func(q *mss.Quote) { q.Tier.Min = 121 }, "120 machines: want 121 to 200, as the band"},
	{"another price", func(q *mss.Quote) { q.Tier.Price = dec("21000.01") }, "amount 252000.00: want 252000.12"},
	{"no price", func(q *mss.Quote) { q.Tier.Price = decimal.Zero }, "tier: band 101-200: price 0.00: want 0.01 to"},
	{"part of a fen", func(q *mss.Quote) { q.Tier.Price = dec("21000.001") }, "price 21000.001: want ... whole fen"},
	{"absurd price", func(q *mss.Quote) { q.Tier.Price = absurd[0] },
		"price ~10^2000000000: want 0.01 to 1000000000000.00"},
	{"negative lead days", func(q *mss.Quote) { q.LeadDays = -1 }, "-1 lead days: want 0 to 366"},
	{"too many lead days", func(q *mss.Quote) { q.LeadDays = 367 }, "367 lead days: want 0 to 366"},
	{"a fen more", func(q *mss.Quote) { q.Amount = dec("252000.01") },
		"amount 252000.01: want 252000.00, the price 21000.00 × 12"},
	{"a fen less", func(q *mss.Quote) { q.Amount = dec("251999.99") }, "amount 251999.99: want 252000.00"},
	{"part of a fen more", func(q *mss.Quote) { q.Amount = dec("252000.001") }, "amount 252000.001: want 252000.00"},
	{"no amount", func(q *mss.Quote) { q.Amount = decimal.Zero }, "amount 0.00: want 252000.00"},
	{"negative amount", func(q *mss.Quote) { q.Amount = dec("-252000") }, "amount -252000: want 252000.00"},
	{"huge amount", func(q *mss.Quote) { q.Amount = absurd[0] }, "amount ~10^2000000000: want 252000.00"},
	{"tiny amount", func(q *mss.Quote) { q.Amount = absurd[1] }, "amount ~10^-2000000000: want 252000.00"},
	{"huge negative amount", func(q *mss.Quote) { q.Amount = absurd[2] }, "amount -~10^2000000000: want 252000.00"},
	{"amount of many digits", func(q *mss.Quote) { q.Amount = dec("0." + strings.Repeat("1", 41)) },
		"amount ~10^-1: want 252000.00"},
}

// A quote that does not add up gives neither money nor dates.
func TestQuoteThatDoesNotAddUp(t *testing.T) {
	for _, tt := range quoteEdits {
		t.Run(tt.name, func(t *testing.T) {
			q := edited(routine(120, mss.Years(1)), tt.edit)
			now := at("2026-01-31")
			checkError(t, "Validate()", q.Validate(), mss.ErrInconsistent, "validate quote: ... "+tt.says)

			want := func(call string) outcome { return fails(mss.ErrInconsistent, call+": ... "+tt.says) }
			s, err := q.Subscribe(now)
			check(t, "Subscribe", want("subscribe"), period, s, err)
			s, err = q.SubscribeFrom(now, now)
			check(t, "SubscribeFrom", want("subscribe"), period, s, err)

			open := buy(routine(5, mss.Months(1)), "2026-01-31")
			s, err = open.Renew(q, now)
			check(t, "Renew", want("renew routine-operations: new quote"), period, s, err)
			c, err := open.Change(q, now, mss.ByDay)
			check(t, "Change", want("change routine-operations: new quote"), changed, c, err)

			if start := q.EarliestStart(now); !start.IsZero() {
				t.Errorf("EarliestStart = %v, want the zero time", start)
			}
			invalid := strings.TrimPrefix(q.Validate().Error(), "mss: validate quote: ")
			invalid = "invalid quote: " + strings.TrimSuffix(invalid, ": "+mss.ErrInconsistent.Error())
			if got := q.String(); got != invalid {
				t.Errorf("String() = %q, want %q", got, invalid)
			}
			data, err := json.Marshal(q)
			checkError(t, "json.Marshal", err, mss.ErrInconsistent, "encode quote: ... "+tt.says)
			if data != nil {
				t.Errorf("json.Marshal = %s, want nothing", data)
			}
		})
	}
}

func TestQuoteEarliestStart(t *testing.T) {
	longNotice := edited(event(5, 1), func(q *mss.Quote) { q.LeadDays = 366 })
	for _, tt := range []struct {
		quote     mss.Quote
		purchased string
		want      string
	}{
		{routine(5, mss.Months(1)), "2026-01-31", "2026-01-31"},
		{routine(5, mss.Months(1)), "2026-01-31 +24h", "2026-02-01"},
		{routine(5, mss.Months(1)), "2026-02-01 -1ns", "2026-01-31"},
		{routine(5, mss.Months(1)), "2026-01-30T16:00:00Z", "2026-01-31"},
		{routine(5, mss.Months(1)), "2026-01-30T15:59:59.999999999Z", "2026-01-30"},
		{event(5, 1), "2026-01-31", "2026-02-05"},
		{event(5, 1), "2026-01-31 +23h59m59s", "2026-02-05"},
		{event(5, 1), "2026-12-28", "2027-01-02"},
		{event(5, 1), "2026-02-24", "2026-03-01"},
		{event(5, 1), "2028-02-24", "2028-02-29"},
		{longNotice, "2027-12-31", "2028-12-31"},
		{event(5, 1), "9999-12-26", "9999-12-31"},
		{event(5, 1), "9999-12-27", "zero time"},
		{event(5, 1), "10000-01-01", "zero time"},
		{event(5, 1), "1-01-01", "0001-01-06"},
		{event(5, 1), "1-01-01 -1ns", "zero time"},
		{event(5, 1), "", "zero time"},
	} {
		if got := written(tt.quote.EarliestStart(at(tt.purchased))); got != tt.want {
			t.Errorf("%s: EarliestStart(%s) = %s, want %s", tt.quote.Plan, tt.purchased, got, tt.want)
		}
	}
}

// ---- JSON ----

// A member is one "key": value of a JSON object.
type member struct {
	key   string
	value json.RawMessage
}

// variant is a JSON document that a field was changed in, and what is said of it.
type variant struct {
	name string
	doc  string
	says string
}

// variants returns doc with each of its fields, at every level, dropped, null, given twice, misspelled in case, and
// followed by an unknown one.
func variants(doc json.RawMessage) []variant {
	switch doc[0] {
	case '[':
		var items, all = []json.RawMessage{}, []variant{}
		must(0, json.Unmarshal(doc, &items))
		for i, item := range items {
			for _, v := range variants(item) {
				changed := slices.Clone(items)
				changed[i] = json.RawMessage(v.doc)
				v.doc, v.says = string(must(json.Marshal(changed))), fmt.Sprintf("row %d: %s", i+1, v.says)
				all = append(all, v)
			}
		}
		return all
	case '{':
		return objectVariants(members(doc))
	}
	return nil
}

func objectVariants(fields []member) []variant {
	null := json.RawMessage("null")
	unknown := member{"note", json.RawMessage("1")}
	all := []variant{{"unknown", object(append(slices.Clone(fields), unknown)), `"note": unknown field`}}
	for i, f := range fields {
		with := func(replacement ...member) string {
			return object(slices.Replace(slices.Clone(fields), i, i+1, replacement...))
		}
		missing := f.key + ": missing or null, want a value"
		all = append(all,
			variant{f.key + " dropped", with(), missing},
			variant{f.key + " null", with(member{f.key, null}), missing},
			variant{f.key + " misspelled", with(member{strings.ToUpper(f.key[:1]) + f.key[1:], f.value}), missing},
			variant{f.key + " twice", with(f, f), fmt.Sprintf("%q: given twice, want it once", f.key)},
			variant{f.key + " null, then given", with(member{f.key, null}, f), fmt.Sprintf("%q: given twice", f.key)},
		)
		for _, v := range variants(f.value) {
			all = append(all, variant{v.name, with(member{f.key, json.RawMessage(v.doc)}), f.key + ": " + v.says})
		}
	}
	return all
}

func members(doc json.RawMessage) (fields []member) {
	dec := json.NewDecoder(strings.NewReader(string(doc)))
	must(dec.Token())
	for dec.More() {
		m := member{key: must(dec.Token()).(string)}
		must(0, dec.Decode(&m.value))
		fields = append(fields, m)
	}
	return fields
}

func object(fields []member) string {
	var parts []string
	for _, f := range fields {
		parts = append(parts, fmt.Sprintf("%q:%s", f.key, f.value))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// checkVariants decodes each variant of a document into a T. All are refused but those whose name is accepted.
func checkVariants[T any](t *testing.T, doc string, fill func() T, sentinel error, accepted ...string) {
	t.Helper()
	for _, v := range variants(json.RawMessage(doc)) {
		if slices.Contains(accepted, v.name) {
			var got T
			if err := json.Unmarshal([]byte(v.doc), &got); err != nil {
				t.Errorf("%s: json.Unmarshal(%s) = %v, want nil", v.name, v.doc, err)
			} else if back := string(must(json.Marshal(got))); v.name == "unknown" && back != doc {
				t.Errorf("%s: json.Unmarshal(%s) = %s, want %s", v.name, v.doc, back, doc)
			}
			continue
		}
		if v.name == "title misspelled" { // title may be missing
			v.says = `"Title": unknown field`
		}
		checkRefused(t, v.doc, fill, sentinel, v.says)
	}
}

// checkRefused decodes a document that is to be refused, and that is to leave what it is decoded into alone.
func checkRefused[T any](t *testing.T, doc string, fill func() T, sentinel error, says string) {
	t.Helper()
	target := fill()
	call := fmt.Sprintf("json.Unmarshal(%.400s)", doc)
	checkError(t, call, json.Unmarshal([]byte(doc), &target), sentinel, says)
	if want := fill(); !reflect.DeepEqual(target, want) {
		t.Errorf("%s left %+v, want %+v untouched", call, target, want)
	}
}

// A replacement edits one place of a document.
type replacement struct{ old, new, says string }

func (r replacement) in(t *testing.T, doc string) string {
	t.Helper()
	if strings.Count(doc, r.old) != 1 {
		t.Fatalf("%s occurs %d times in %s, want once", r.old, strings.Count(doc, r.old), doc)
	}
	return strings.Replace(doc, r.old, r.new, 1)
}

// checkGolden encodes and decodes a value whose JSON is known.
func checkGolden[T interface{ Equal(T) bool }](t *testing.T, v T, doc string) {
	t.Helper()
	if got, err := json.Marshal(v); string(got) != doc || err != nil {
		t.Errorf("json.Marshal = %s, %v, want %s", got, err, doc)
	}
	var got T
	if err := json.Unmarshal([]byte(doc), &got); err != nil || !got.Equal(v) {
		t.Errorf("json.Unmarshal(%s) = %+v, %v, want %+v", doc, got, err, v)
	}
}

// checkNotJSON decodes what is no JSON, or no JSON object, into a T.
func checkNotJSON[T any, P interface {
	*T
	json.Unmarshaler
}](t *testing.T, fill func() T, sentinel error) {
	t.Helper()
	for _, doc := range []string{"null", "true", "0", `"x"`, "[]", `[{}]`, " null "} {
		checkRefused(t, doc, fill, sentinel, strings.Trim(doc, ` "`)+"...: want a JSON object")
	}
	for _, doc := range []string{"", "{", "{}}", "{'a':1}", "nul", "[", "{} x", `{"a"}`} {
		target := fill()
		var syntax *json.SyntaxError
		if err := json.Unmarshal([]byte(doc), &target); !errors.As(err, &syntax) {
			t.Errorf("json.Unmarshal(%q) = %v, want encoding/json's syntax error", doc, err)
		}
		err := P(&target).UnmarshalJSON([]byte(doc))
		checkError(t, fmt.Sprintf("UnmarshalJSON(%q)", doc), err, sentinel, "decode")
		if !errors.As(err, &syntax) {
			t.Errorf("UnmarshalJSON(%q) = %v, want encoding/json's syntax error beside %v", doc, err, sentinel)
		}
		if want := fill(); !reflect.DeepEqual(target, want) {
			t.Errorf("UnmarshalJSON(%q) left %+v, want %+v untouched", doc, target, want)
		}
	}
}

const goldenPlan = `{"name":"night-watch","title":"夜间值守","unit":"day","lead_days":2,` +
	`"tiers":[{"min":1,"max":5,"price":"100.5"},{"min":6,"max":20,"price":"200"}]}`

func TestPlanJSON(t *testing.T) {
	var plan mss.Plan
	if err := json.Unmarshal([]byte(goldenPlan), &plan); err != nil {
		t.Fatalf("json.Unmarshal(%s) = %v, want nil", goldenPlan, err)
	}
	tiers := bands("1-5 100.5", "6-20 200")
	want := mss.Plan{Name: "night-watch", Title: "夜间值守", Unit: mss.Day, LeadDays: 2, Tiers: tiers}
	if diff := cmp.Diff(want, plan); diff != "" {
		t.Errorf("json.Unmarshal(%s) (-want +got):\n%s", goldenPlan, diff)
	}
	if got, err := json.Marshal(plan); string(got) != goldenPlan || err != nil {
		t.Errorf("json.Marshal = %s, %v, want %s", got, err, goldenPlan)
	}

	checkVariants(t, goldenPlan, mss.EventProtection, mss.ErrPlan, "title dropped", "title null")
	checkNotJSON(t, mss.EventProtection, mss.ErrPlan)
	for _, r := range []replacement{
		{`"night-watch"`, `""`, "plan: no name, want one"},
		{`"night-watch"`, `7`, "name: 7: want text"},
		{`"夜间值守"`, `[]`, "title: []: want text"},
		{`"day"`, `"year"`, "plan night-watch: unit year: want day or month"},
		{`"day"`, `"Day"`, `unit: "Day": want one of ["day" "month" "year"]`},
		{`"day"`, `1`, "unit: 1: want text"},
		{`"lead_days":2`, `"lead_days":-1`, "plan night-watch: -1 lead days: want 0 to 366"},
		{`"lead_days":2`, `"lead_days":367`, "367 lead days: want 0 to 366"},
		{`"lead_days":2`, `"lead_days":"2"`, `lead_days: "2": want a whole number`},
		{`"lead_days":2`, `"lead_days":2.0`, "lead_days: 2.0: want a whole number"},
		{`"lead_days":2`, `"lead_days":1e99`, "lead_days: 1e99: want a whole number"},
		{`[{"min":1,"max":5,"price":"100.5"},{"min":6,"max":20,"price":"200"}]`, `[]`,
			"tiers: no bands, want at least one"},
		{`[{"min":1,"max":5,"price":"100.5"},{"min":6,"max":20,"price":"200"}]`, `{}`,
			"tiers: ...{}...: want a JSON array"},
		{`{"min":6,"max":20,"price":"200"}`, `null`, "tiers: row 2: ...null...: want a JSON object"},
		{`{"min":6,"max":20,"price":"200"}`, `[6,20,200]`, "tiers: row 2: ...[6,20,200]...: want a JSON object"},
		{`"min":1`, `"min":0`, "tiers: row 1: band 0-5: want 1 <= min <= max"},
		{`"min":1`, `"min":2`, "tiers: row 1: band 2-5: want it to start at 1"},
		{`"min":6`, `"min":7`, "tiers: row 2: band 7-20: leaves a gap after the band before, 1-5"},
		{`"max":5`, `"max":6`, "tiers: row 2: band 6-20: overlaps"},
		{`"max":20`, `"max":5`, "tiers: row 2: band 6-5: want 1 <= min <= max"},
		{`"max":20`, `"max":"20"`, `tiers: row 2: max: "20": want a whole number`},
		{`"100.5"`, `"100.505"`,
			"tiers: row 1: band 1-5: price 100.505: want 0.01 to 1000000000000.00 yuan, in whole fen"},
		{`"100.5"`, `"200.01"`,
			"tiers: row 2: band 6-20: price 200.00: want at least 200.01, the price of the band before"},
		{`"200"`, `0`, "tiers: row 2: band 6-20: price 0.00: want 0.01"},
		{`"200"`, `"-200"`, "tiers: row 2: band 6-20: price -200: want 0.01"},
		{`"200"`, `1e1000000000`, "tiers: row 2: band 6-20: price ~10^1000000000: want 0.01"},
		{`"200"`, `"1e2000000000"`, "tiers: row 2: price: \"1e2000000000\": want yuan, in whole fen"},
		{`"200"`, `1e-99999999999999999999`, "tiers: row 2: price: 1e-99999999999999999999: want yuan, in whole fen"},
		{`"200"`, `""`, `tiers: row 2: price: "": want yuan`},
		{`"200"`, `"two"`, `tiers: row 2: price: "two": want yuan`},
		{`"200"`, `" 200"`, `tiers: row 2: price: " 200": want yuan`},
		{`"200"`, `"2,000"`, `tiers: row 2: price: "2,000": want yuan`},
		{`"200"`, `"0x200"`, `tiers: row 2: price: "0x200": want yuan`},
		{`"200"`, `"NaN"`, `tiers: row 2: price: "NaN": want yuan`},
		{`"200"`, `"٢٠٠"`, `tiers: row 2: price: "٢٠٠": want yuan`},
		{`"200"`, `true`, "tiers: row 2: price: true: want yuan"},
		{`"200"`, `{}`, "tiers: row 2: price: {}: want yuan"},
	} {
		checkRefused(t, r.in(t, goldenPlan), mss.EventProtection, mss.ErrPlan, "decode plan: ... "+r.says)
	}
}

func TestPriceJSON(t *testing.T) {
	for _, price := range []string{
		`200`, `"200"`, `200.0`, `"200.00"`, `2e2`, `"2E+2"`, `20000e-2`, `2000.0E-1`, `0.02e4`,
		"200." + strings.Repeat("0", 997), "2" + strings.Repeat("0", 999) + "e-997",
		"2e" + strings.Repeat("0", 2997) + "2",
	} {
		doc := replacement{old: `"200"`, new: price}.in(t, goldenPlan)
		var plan mss.Plan
		if err := json.Unmarshal([]byte(doc), &plan); err != nil {
			t.Errorf("json.Unmarshal of price %.40s = %v, want nil", price, err)
		} else if got := plan.Tiers[1].Price; !got.Equal(dec("200")) {
			t.Errorf("json.Unmarshal of price %.40s = %s, want 200", price, exponential(got))
		}
	}
}

// Past that, a number is taken for an attack, whatever its value.
func TestPriceJSONTooLong(t *testing.T) {
	for _, price := range []string{
		"200." + strings.Repeat("0", 998), "2" + strings.Repeat("0", 1000) + "e-998",
		"0.2" + strings.Repeat("0", 1001) + "e1001", "2e" + strings.Repeat("0", 2998) + "2",
	} {
		doc := replacement{old: `"200"`, new: price}.in(t, goldenPlan)
		checkRefused(t, doc, mss.EventProtection, mss.ErrPlan, "decode plan: ... row 2: ... in whole fen")
	}
}

const goldenQuote = `{"plan":"routine-operations","machines":120,"term":"P1Y",` +
	`"tier":{"min":101,"max":200,"price":"21000"},"lead_days":0,"amount":"252000"}`

func TestQuoteJSON(t *testing.T) {
	checkGolden(t, routine(120, mss.Years(1)), goldenQuote)
	fill := func() mss.Quote { return event(200, 7) }
	checkVariants(t, goldenQuote, fill, mss.ErrInconsistent, "unknown")
	checkNotJSON(t, fill, mss.ErrInconsistent)
	for _, r := range []replacement{
		{`"routine-operations"`, `""`, "plan: no name, want one"},
		{`"routine-operations"`, `{}`, "plan: {}: want text"},
		{`120`, `201`, "201 machines: want 101 to 200, as the band"},
		{`120`, `"120"`, `machines: "120": want a whole number`},
		{`120`, `120.5`, "machines: 120.5: want a whole number"},
		{`120`, `99999999999999999999`, "machines: 99999999999999999999: want a whole number"},
		{`"P1Y"`, `"P1M"`, "amount 252000.00: want 21000.00, the price 21000.00 × 1"},
		{`"P1Y"`, `"P0Y"`, `term: "P0Y": ` + wantTerm},
		{`"P1Y"`, `"p1y"`, `term: "p1y": ` + wantTerm},
		{`"P1Y"`, `12`, "term: 12: want text"},
		{`{"min":101,"max":200,"price":"21000"}`, `[]`, "tier: ...[]...: want a JSON object"},
		{`"min":101`, `"min":121`, "120 machines: want 121 to 200, as the band"},
		{`"max":200`, `"max":100`, "tier: band 101-100: want 1 <= min <= max"},
		{`"21000"`, `"20999.99"`, "amount 252000.00: want 251999.88, the price 20999.99 × 12"},
		{`"21000"`, `1e2000000000`, "tier: price: 1e2000000000: want yuan, in whole fen"},
		{`"lead_days":0`, `"lead_days":367`, "367 lead days: want 0 to 366"},
		{`"lead_days":0`, `"lead_days":false`, "lead_days: false: want a whole number"},
		{`"252000"`, `252000.01`, "amount 252000.01: want 252000.00, the price 21000.00 × 12"},
		{`"252000"`, `"a lot"`, `amount: "a lot": want yuan`},
		{`"252000"`, `252000e1000000000`, "amount ~10^1000000005: want 252000.00"},
	} {
		checkRefused(t, r.in(t, goldenQuote), fill, mss.ErrInconsistent, "decode quote: ... "+r.says)
	}
	for _, amount := range []string{`252000`, `252000.00`, `"252000.00"`, `2.52e5`, `"252E3"`} {
		doc := replacement{old: `"252000"`, new: amount}.in(t, goldenQuote)
		var got mss.Quote
		if err := json.Unmarshal([]byte(doc), &got); err != nil || !got.Equal(routine(120, mss.Years(1))) {
			t.Errorf("json.Unmarshal(%s) = %v, %v, want %v", doc, got, err, routine(120, mss.Years(1)))
		}
	}
}

// What is not UTF-8 is another text once encoding/json has written it.
func TestQuoteJSONOfPlanNotInUTF8(t *testing.T) {
	q := edited(routine(120, mss.Years(1)), func(q *mss.Quote) { q.Plan = "a\xff" })
	_, err := json.Marshal(q)
	checkError(t, "json.Marshal", err, mss.ErrInconsistent, `encode quote: plan "a\xff": want UTF-8`)
}

func TestReadCatalog(t *testing.T) {
	list := string(must(os.ReadFile("testdata/published.json")))
	plan := func(name string) string { return strings.Replace(goldenPlan, "night-watch", name, 1) }
	for _, tt := range []struct {
		name string
		doc  string
		want outcome
	}{
		{"the published list", list, gives("routine-operations event-protection")},
		{"one plan", "[" + goldenPlan + "]", gives("night-watch")},
		{"two plans, with space", " [\n" + plan("a") + " ,\t" + plan("b") + "]\r\n", gives("a b")},
		{"no title", strings.Replace("["+goldenPlan+"]", `"title":"夜间值守",`, "", 1), gives("night-watch")},

		{"no plan", "[]", fails(mss.ErrPlan, "no plans, want at least one")},
		{"null", "null", fails(mss.ErrPlan, "no plans, want at least one")},
		{"a null plan", "[" + plan("a") + ",null]", fails(mss.ErrPlan, "plan 2: ...null...: want a JSON object")},
		{"an object", "{}", fails(mss.ErrPlan, "{}...: want a JSON array")},
		{"a number", "7", fails(mss.ErrPlan, "7...: want a JSON array")},
		{"a name twice", "[" + plan("a") + "," + plan("b") + "," + plan("a") + "]",
			fails(mss.ErrPlan, "plan 3 of 3: name a: given before, want another")},
		{"a field too many", replacement{`"lead_days": 5`, `"lead_days": 5, "discount": 0.9`, ""}.in(t, list),
			fails(mss.ErrPlan, `plan 2: "discount": unknown field`)},
		{"a field of a row too many", replacement{`"max": 6000`, `"max": 6000, "Max": 7000`, ""}.in(t, list),
			fails(mss.ErrPlan, `plan 1: tiers: row 19: "Max": unknown field`)},
		{"a field missing", replacement{`"lead_days": 5,`, ``, ""}.in(t, list),
			fails(mss.ErrPlan, "plan 2: lead_days: missing or null, want a value")},
		{"a field of a row missing", replacement{`"max": 500,`, ``, ""}.in(t, list),
			fails(mss.ErrPlan, "plan 2: tiers: row 3: max: missing or null, want a value")},
		{"a field twice", replacement{`"max": 500,`, `"max": 500, "max": 500,`, ""}.in(t, list),
			fails(mss.ErrPlan, `plan 2: tiers: row 3: "max": given twice, want it once`)},
		{"a price cut to the band before", replacement{`"297000"`, `"267299.99"`, ""}.in(t, list),
			fails(mss.ErrPlan, "plan 1: ... row 17: band 4501-5000: price 267299.99: want at least 267300.00")},
		{"a price without a number", replacement{`"30000"`, `"3万"`, ""}.in(t, list),
			fails(mss.ErrPlan, "plan 2: tiers: row 4: price: ... 3万")},
	} {
		names := func(c mss.Catalog) string {
			var all []string
			for _, p := range c {
				all = append(all, p.Name)
			}
			return strings.Join(all, " ")
		}
		if tt.want.err != nil {
			tt.want.says = "read catalog: ... " + tt.want.says
		}
		got, err := mss.ReadCatalog(strings.NewReader(tt.doc))
		check(t, tt.name+": ReadCatalog", tt.want, names, got, err)
	}
}

func TestReadCatalogKeepsTheCause(t *testing.T) {
	broken := errors.New("line dropped")
	for _, r := range []io.Reader{
		iotest.ErrReader(broken),
		io.MultiReader(strings.NewReader("["+goldenPlan+"]"), iotest.ErrReader(broken)),
	} {
		got, err := mss.ReadCatalog(r)
		checkError(t, "ReadCatalog", err, mss.ErrPlan, "read catalog: line dropped")
		if !errors.Is(err, broken) || got != nil {
			t.Errorf("ReadCatalog = %v, %v, want the reader's error", got, err)
		}
	}
	list := "[" + goldenPlan
	for _, doc := range []string{"", "[", list, list + "] []", list + "]x", list + ",]", "plans:", "\x00"} {
		got, err := mss.ReadCatalog(strings.NewReader(doc))
		checkError(t, fmt.Sprintf("ReadCatalog(%.20q)", doc), err, mss.ErrPlan, "read catalog")
		if syntax := (*json.SyntaxError)(nil); !errors.As(err, &syntax) || got != nil {
			t.Errorf("ReadCatalog(%.20q) = %v, %v, want encoding/json's syntax error", doc, got, err)
		}
	}
	got, err := mss.ReadCatalog(nil)
	checkError(t, "ReadCatalog(nil)", err, mss.ErrPlan, "read catalog: no reader, want one")
	if got != nil {
		t.Errorf("ReadCatalog(nil) = %v, want nil", got)
	}
}

// ---- Everything together ----

// lifecycle is the story of three subscriptions, all of their figures and what their JSON reads back as.
func lifecycle() string {
	var story []string
	tell := func(format string, args ...any) { story = append(story, fmt.Sprintf(format, args...)) }
	readBack := func(v any) string {
		return string(must(json.Marshal(v)))
	}

	year := must(mss.RoutineOperations().Quote(120, mss.Years(1)))
	tell("%v", year)
	s := must(year.Subscribe(time.Date(2026, 1, 31, 9, 0, 0, 1, time.UTC)))
	tell("%s", period(s))
	for _, by := range []mss.Proration{mss.ByDay, mss.ByMonth} {
		tell("%s", figures(must(s.Refund(at("2026-03-15 +9h"), by))))
	}
	r := must(s.Refund(at("2026-03-15 +9h"), mss.ByMonth))
	tell("%s", period(must(s.Cancel(r, at("2026-03-15 +10h")))))
	next := must(s.Renew(must(mss.RoutineOperations().Quote(7, mss.Months(1))), at("2027-01-31")))
	tell("%s", period(next))
	tell("%s", changed(must(next.Change(year, at("2027-02-01"), mss.ByDay))))

	week := must(mss.EventProtection().Quote(51, mss.Days(7)))
	e := must(week.SubscribeFrom(at("2026-01-31"), at("2026-02-28")))
	tell("%v: %s", week, period(e))
	tell("%s", figures(must(e.Refund(at("2026-03-02"), mss.ByMonth))))
	tell("%s", written(must(e.ContactBy(nil))))

	if tier, ok := mss.Affordable(mss.RoutineOperations().Tiers, decimal.New(1249999999, -5)); ok {
		tell("%d machines", tier.Max)
	}
	largest := []mss.Tier{{Min: 1, Max: 1, Price: decimal.New(1, 12)}}
	large := must(mss.Plan{Name: "large", Unit: mss.Month, Tiers: largest}.Quote(1, mss.Years(100)))
	tell("%v", large)

	for _, q := range []mss.Quote{year, week, large} {
		var got mss.Quote
		must(0, json.Unmarshal([]byte(readBack(q)), &got))
		tell("%t %v", got.Equal(q), got.Amount.StringFixed(2))
	}
	cancelled := must(s.Cancel(r, r.At))
	for _, s := range []mss.Subscription{s, next, e, cancelled} {
		var got mss.Subscription
		must(0, json.Unmarshal([]byte(readBack(s)), &got))
		tell("%t %s", got.Equal(s), period(got))
	}
	var refund mss.Refund
	must(0, json.Unmarshal([]byte(readBack(r)), &refund))
	tell("%t %s", refund.Equal(r), figures(refund))
	catalog := must(mss.ReadCatalog(strings.NewReader(readBack(mss.Published()))))
	tell("%t", slices.Equal(rows(catalog[0]), rows(mss.RoutineOperations())))
	return strings.Join(story, "\n")
}

const wantLifecycle = `routine-operations, 120 machines (band 101-200), P1Y: 12 months × 21000.00 = 252000.00 yuan
2026-01-31 to 2027-01-31, anchor 31
44 of 365 days: 30378.08 + 221621.92 = 252000.00
44 of 365 days: 31838.71 + 220161.29 = 252000.00
2026-01-31 to 2026-03-16, anchor 31, refunded 220161.29
2027-01-31 to 2027-02-28, anchor 31
2 of 28 days: 300.00 + 3900.00 = 4200.00; 2027-01-31 to 2027-02-02, anchor 31, refunded 3900.00; ` +
	`2027-02-02 to 2028-02-02, anchor 2; net 248100.00
event-protection, 51 machines (band 51-200), P7D: 7 days × 17000.00 = 119000.00 yuan: 2026-02-28 to 2026-03-07, anchor 28
3 of 7 days: 51000.00 + 68000.00 = 119000.00
2026-02-03
50 machines
large, 1 machine (band 1-1), P100Y: 1200 months × 1000000000000.00 = 1200000000000000.00 yuan
true 252000.00
true 119000.00
true 1200000000000000.00
true 2026-01-31 to 2027-01-31, anchor 31
true 2027-01-31 to 2027-02-28, anchor 31
true 2026-02-28 to 2026-03-07, anchor 28
true 2026-01-31 to 2026-03-16, anchor 31, refunded 220161.29
true 44 of 365 days: 31838.71 + 220161.29 = 252000.00
true`

// The settings of the importing program, which decimal keeps in package variables, change no figure.
func TestDecimalSettings(t *testing.T) {
	// The settings are global, so this test is not parallel.
	precision, trim, maxExponent := decimal.DivisionPrecision, decimal.TrimTrailingZeros, decimal.MaxDecodeExponent
	quotes, scientific := decimal.MarshalJSONWithoutQuotes, decimal.UseScientificNotation
	restore := func() {
		decimal.DivisionPrecision, decimal.TrimTrailingZeros, decimal.MaxDecodeExponent = precision, trim, maxExponent
		decimal.MarshalJSONWithoutQuotes, decimal.UseScientificNotation = quotes, scientific
	}
	defer restore()
	for _, tt := range []struct {
		name string
		set  func()
	}{
		{"as they are", func() {}},
		{"DivisionPrecision = 0", func() { decimal.DivisionPrecision = 0 }},
		{"DivisionPrecision = 1", func() { decimal.DivisionPrecision = 1 }},
		{"MarshalJSONWithoutQuotes", func() { decimal.MarshalJSONWithoutQuotes = true }},
		{"no TrimTrailingZeros", func() { decimal.TrimTrailingZeros = false }},
		{"UseScientificNotation", func() { decimal.UseScientificNotation = true }},
		{"MaxDecodeExponent = 0", func() { decimal.MaxDecodeExponent = 0 }},
		{"MaxDecodeExponent = MaxInt32", func() { decimal.MaxDecodeExponent = math.MaxInt32 }},
		{"several at once", func() {
			decimal.DivisionPrecision, decimal.MaxDecodeExponent = 0, 0
			decimal.MarshalJSONWithoutQuotes, decimal.UseScientificNotation, decimal.TrimTrailingZeros = true, true, false
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			restore()
			tt.set()
			if got := lifecycle(); got != wantLifecycle {
				t.Errorf("lifecycle() =\n%s\nwant\n%s", got, wantLifecycle)
			}
			for _, price := range []string{"1e2000000000", "1e-2000000000", "1e1000000000", "1e-1000000000"} {
				doc := replacement{old: `"200"`, new: price}.in(t, goldenPlan)
				checkRefused(t, doc, mss.EventProtection, mss.ErrPlan, "tiers: row 2: ... price ... want")
			}
		})
	}
}

// What was returned once can be used by many at the same time.
func TestConcurrentUse(t *testing.T) {
	s := buy(routine(120, mss.Years(1)), "2026-01-31")
	r := must(s.Refund(at("2026-03-15"), mss.ByMonth))
	closed := must(s.Cancel(r, r.At))
	event := mss.EventProtection()
	want := "2027-01-31 to 2028-01-31, anchor 31; true; cancelled 44; 17000.00 500"
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				renewed, err := s.Renew(s.Quote, at("2026-05-01"))
				if err != nil {
					t.Errorf("Renew error = %v, want nil", err)
				}
				data, err := json.Marshal(closed)
				var back mss.Subscription
				if err = errors.Join(err, json.Unmarshal(data, &back)); err != nil {
					t.Errorf("JSON error = %v, want nil", err)
				}
				tier, err := mss.Lookup(event.Tiers, 200)
				if err != nil {
					t.Errorf("Lookup(200) error = %v, want nil", err)
				}
				within, _ := mss.Affordable(event.Tiers, dec("23000"))
				got := fmt.Sprintf("%s; %t; %v %d; %s %d", period(renewed), back.Equal(closed) && s.Validate() == nil,
					closed.Status(at("2026-03-16")), closed.UsedDays(at("2026-03-16")), tier.Price.StringFixed(2), within.Max)
				if got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	}
	group.Wait()
}

// Every method of every type, with receivers and arguments that make no sense: none panics, what fails wraps one
// sentinel, and beside an error there is only the zero value.
func TestNothingPanics(t *testing.T) {
	quote := edited(routine(5, mss.Months(1)), func(q *mss.Quote) { q.Amount = absurd[0] })
	priced := edited(routine(5, mss.Months(1)), func(q *mss.Quote) { q.Tier.Price = absurd[1] })
	sold := buy(event(5, 3), "2026-01-31")
	closed := must(sold.Cancel(must(sold.Refund(at("2026-02-06"), mss.ByDay)), at("2026-02-06")))
	refund := edited(*closed.Refunded, func(r *mss.Refund) { r.Paid = absurd[0] })
	closedBadly := edited(closed, func(s *mss.Subscription) { s.Refunded = &refund })
	tiers := []mss.Tier{
		{}, {Min: 1, Max: math.MaxInt, Price: absurd[0]}, {Min: math.MinInt, Price: decimal.New(0, -2000000000)},
	}
	late := edited(sold, func(s *mss.Subscription) { s.Start, s.End = at("10000-01-01"), at("292277026596-12-04") })
	values := map[reflect.Type][]reflect.Value{
		reflect.TypeFor[any](): {
			reflect.Zero(reflect.TypeFor[any]()), reflect.ValueOf(7), reflect.ValueOf("P1D"), reflect.ValueOf([]byte("{}")),
		},
	}
	for _, v := range []any{
		mss.Unit(0), mss.Month, mss.Unit(255), mss.Status(0), mss.Active, mss.Status(255),
		mss.Proration(0), mss.ByDay, mss.ByMonth, mss.Proration(255),
		mss.Term{}, mss.Months(1), mss.Days(math.MaxInt), mss.Years(math.MinInt), mss.Term{N: 1, Unit: 9},
		mss.Plan{}, mss.RoutineOperations(), mss.Plan{Name: "x", Unit: mss.Day, Tiers: tiers},
		mss.Catalog(nil), mss.Catalog{{}}, mss.Published(),
		mss.Quote{}, event(5, 3), quote, priced,
		mss.Subscription{}, sold, closed, closedBadly, late, mss.Subscription{Refunded: &mss.Refund{}},
		mss.Refund{}, *closed.Refunded, refund,
		0, -1, 1, math.MaxInt, math.MinInt, "", "event-protection",
		time.Time{}, at("2026-02-06"), at("1-01-01"), at("9999-12-31"),
		time.Unix(math.MaxInt64, 0), time.Unix(math.MinInt64, 999999999),
		[]byte(nil), []byte("null"), []byte("{}"), []byte(`{"tiers":[null],"quote":null}`), []byte("\xff"), []byte("P1D"),
		(func(time.Time) bool)(nil), func(time.Time) bool { return false },
	} {
		values[reflect.TypeOf(v)] = append(values[reflect.TypeOf(v)], reflect.ValueOf(v))
	}
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
		}
	}
}

func checkCall(t *testing.T, method reflect.Method, receiver reflect.Value, arguments []reflect.Value) {
	failf := func(format string, args ...any) {
		t.Helper()
		call := fmt.Sprintf("%s on %#v", method.Name, receiver) // not %v, which would write out an absurd number
		for _, argument := range arguments {
			call += fmt.Sprintf(", %#v", argument)
		}
		t.Errorf("%s: %s", call, fmt.Sprintf(format, args...))
	}
	defer func() {
		if p := recover(); p != nil {
			failf("panic: %v", p)
		}
	}()
	pointer := reflect.New(receiver.Type()) // to a copy, for methods that take one
	pointer.Elem().Set(receiver)
	results := method.Func.Call(append([]reflect.Value{pointer}, arguments...))
	last := len(results) - 1
	err, _ := results[last].Interface().(error)
	if err == nil {
		return
	}
	wrapped := 0
	for _, sentinel := range sentinels {
		if errors.Is(err, sentinel) {
			wrapped++
		}
	}
	if wrapped != 1 {
		failf("error %v wraps %d sentinels, want one", err, wrapped)
	}
	for _, result := range results[:last] {
		if !result.IsZero() {
			failf("%v beside an error, want the zero value", result)
		}
	}
}
