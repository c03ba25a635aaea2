// Package mss prices, sells, renews and refunds Tencent Cloud's Managed Security
// Service (安全托管服务), prepaid and sold in two plans: routine operations by the
// month and event protection by the day. A price is that of a band of machine
// counts, for all the machines together.
//
//	quote, err := mss.RoutineOperations().Quote(120, mss.Years(1)) // 252000.00 yuan
//	bought, err := quote.Subscribe(time.Now())                     // from today, in Beijing
//	longer, err := bought.Renew(quote, time.Now())                 // a year from bought.End
//	refund, err := bought.Refund(time.Now(), mss.ByDay)            // a preview: what to apply for
//	closed, err := bought.Cancel(refund, time.Now())               // the same day, confirmed
//
// All types are plain values. Their methods change nothing they were given, read
// no clock, and are safe for concurrent use.
//
// # Days
//
// A day is a calendar day in Beijing (UTC+8), whatever zone a time comes in.
// Service covers [Start, End), both 00:00 in Beijing. A term of months ends on
// the anchor day so many months on, or on the last day of a shorter month: from
// 31 January one month ends on 28 February, two on 31 March. A refund counts a
// day that has begun as used.
//
// # Rounding
//
// Every amount is a whole number of fen (0.01 yuan). Quotes are exact. Of a
// refund, Consumed is rounded once, half away from zero, and Amount is the rest,
// so that the two always add up to what was paid.
//
// # Errors
//
// Every error wraps one of the package's Err values, for [errors.Is]; its text
// says what was tried, with what, and what would have been accepted. A value
// returned beside an error is the zero value. A method without an error to
// return answers with the zero value for a receiver that does not add up.
package mss

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// Where to buy, where to ask for a price above the last band or for a refund,
// and the currency of every amount.
const (
	PurchaseURL = "https://buy.cloud.tencent.com/mss"
	ContactURL  = "https://cloud.tencent.com/act/event/connect-service"
	Currency    = "CNY"
)

// Beijing is the zone of every time that the package returns: UTC+8, without
// summer time. The package reads its own copy of the pointer, so that assigning
// another zone to this one changes no result.
var Beijing = beijing

var beijing = time.FixedZone("UTC+8", 8*60*60)

// The errors. Each error of this package wraps one of them.
var (
	ErrMachines     = errors.New("invalid machine count")  // below 1
	ErrContactSales = errors.New("no published price")     // above the last band
	ErrTerm         = errors.New("invalid term")           // out of range, or of a unit the plan is not sold by
	ErrPlan         = errors.New("invalid plan")           // a plan, tier table or catalog that cannot be sold by
	ErrUnknownPlan  = errors.New("unknown plan")           // a name the catalog lacks
	ErrDate         = errors.New("invalid date")           // outside the years 1 to 9999, too early or too late
	ErrInconsistent = errors.New("inconsistent value")     // a value that does not add up, an unknown proration
	ErrExpired      = errors.New("subscription expired")   // nothing is left to refund
	ErrCancelled    = errors.New("subscription cancelled") // refunded already
)

// Unit is what a term is counted in. The zero Unit is not valid.
type Unit uint8

// The units. Their text is "day", "month" and "year".
const (
	Day Unit = iota + 1
	Month
	Year
)

var unitNames = []string{Day: "day", Month: "month", Year: "year"}

// Term is how long service is bought for. The zero Term is not valid.
type Term struct {
	N    int
	Unit Unit
}

// Plan is one edition of the service and its price table.
//
// In JSON, title may be left out; any other field that is missing, unknown or
// given twice is refused, as is a plan that [Plan.Validate] refuses.
type Plan struct {
	Name     string `json:"name"`      // unique in a catalog, such as "routine-operations"
	Title    string `json:"title"`     // for people; may be empty
	Unit     Unit   `json:"unit"`      // what Tier.Price buys: a Day or a Month
	LeadDays int    `json:"lead_days"` // from the day of purchase to the first day of service, at least: 0 to 366
	Tiers    []Tier `json:"tiers"`     // sorted; see ValidateTiers
}

// Catalog is a price list: plans of different names.
type Catalog []Plan

// Quote is an offer: a plan's price for a number of machines and a term. It is a
// snapshot, on which a later price list has no effect. One that came from a
// client is a claim: quote afresh and compare with [Quote.Equal].
//
// In JSON, every field must be there, and a quote that [Quote.Validate] refuses
// is neither written nor read.
type Quote struct {
	Plan     string          `json:"plan"`
	Machines int             `json:"machines"`
	Term     Term            `json:"term"`
	Tier     Tier            `json:"tier"`      // the band that contains Machines
	LeadDays int             `json:"lead_days"` // the plan's
	Amount   decimal.Decimal `json:"amount"`    // yuan for the whole term
}

// String returns "day", "month" or "year", or "Unit(9)" for an invalid unit.
func (u Unit) String() string { return enumString("Unit", unitNames, u) }

// MarshalText returns [Unit.String]. An invalid unit is [ErrTerm].
func (u Unit) MarshalText() ([]byte, error) { return enumText("unit", unitNames, u, ErrTerm) }

// UnmarshalText sets u to the unit that text names: "day", "month" or "year".
// Any other text is [ErrTerm] and leaves u untouched.
func (u *Unit) UnmarshalText(text []byte) error {
	return unmarshalEnum(u, "unit", unitNames, text, ErrTerm)
}

// Days returns a term of n days. Any n is taken; [Term.Validate] tells whether
// it can be sold.
func Days(n int) Term { return Term{n, Day} }

// Months returns a term of n months. Any n is taken; [Term.Validate] tells
// whether it can be sold.
func Months(n int) Term { return Term{n, Month} }

// Years returns a term of n years. Any n is taken; [Term.Validate] tells whether
// it can be sold.
func Years(n int) Term { return Term{n, Year} }

// The longest terms, of a hundred years each: any hundred years have at most 25
// leap days.
const (
	maxYears  = 100
	maxMonths = 12 * maxYears
	maxDays   = 365*maxYears + 25
)

// ParseTerm reads a term as [Term.String] writes it, an ISO 8601 duration of one
// unit: "P7D" is 7 days, "P3M" 3 months, "P1Y" 1 year. It takes
// P[1-9][0-9]*[DMY] within the bounds of [Term.Validate] and nothing else: no
// sign, no leading zero, no space, no lower case. Anything else is [ErrTerm].
func ParseTerm(s string) (Term, error) {
	t, err := parseTerm(s)
	if err != nil {
		return Term{}, fmt.Errorf("mss: parse term: %w: %w", err, ErrTerm)
	}
	return t, nil
}

// String returns the term in the form that [ParseTerm] reads, such as "P7D",
// whether or not the number is valid; for an invalid unit it returns a form that
// cannot be read back.
func (t Term) String() string {
	switch t.Unit {
	case Day:
		return "P" + strconv.Itoa(t.N) + "D"
	case Month:
		return "P" + strconv.Itoa(t.N) + "M"
	case Year:
		return "P" + strconv.Itoa(t.N) + "Y"
	}
	return fmt.Sprintf("Term(%d %v)", t.N, t.Unit)
}

// MarshalText returns [Term.String]. An invalid term is [ErrTerm].
func (t Term) MarshalText() ([]byte, error) {
	if err := t.Validate(); err != nil {
		return nil, err
	}
	return []byte(t.String()), nil
}

// UnmarshalText sets t to [ParseTerm] of text. An error leaves t untouched.
func (t *Term) UnmarshalText(text []byte) error {
	term, err := ParseTerm(string(text))
	if err != nil {
		return err
	}
	*t = term
	return nil
}

// Value returns [Term.String] for a text column of a database. An invalid term is
// [ErrTerm].
func (t Term) Value() (driver.Value, error) { return textValue(t.MarshalText()) }

// Scan sets t to [ParseTerm] of a text column. Anything else, NULL too, is
// [ErrTerm] and leaves t untouched; a column with NULL wants a sql.Null[Term].
func (t *Term) Scan(column any) error { return scan(t.UnmarshalText, "term", column, ErrTerm) }

// Validate returns [ErrTerm] unless t is 1 to 36525 days, 1 to 1200 months or 1
// to 100 years.
func (t Term) Validate() error {
	if err := t.check(); err != nil {
		return fmt.Errorf("mss: validate term: %w: %w", err, ErrTerm)
	}
	return nil
}

// UnmarshalJSON reads a plan as strictly as [ReadCatalog]. What is refused is
// [ErrPlan] and leaves p untouched.
func (p *Plan) UnmarshalJSON(data []byte) error {
	plan, err := decodePlan(data)
	if err != nil {
		return fmt.Errorf("mss: decode plan: %w: %w", err, ErrPlan)
	}
	*p = plan
	return nil
}

// MarshalJSON writes a plan that [Plan.Validate] accepts; any other is [ErrPlan].
func (p Plan) MarshalJSON() ([]byte, error) {
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("mss: encode plan: %w: %w", err, ErrPlan)
	}
	type plain Plan
	return json.Marshal(plain(p))
}

// Validate returns [ErrPlan] unless p has a name, a unit of Day or Month, 0 to
// 366 lead days, and tiers that [ValidateTiers] accepts; name and title must be
// UTF-8.
func (p Plan) Validate() error {
	if err := p.check(); err != nil {
		return fmt.Errorf("mss: validate plan: %w: %w", err, ErrPlan)
	}
	return nil
}

// Quote returns the price of the plan for a number of machines and a term: the
// price of the band that contains machines, times the months or days of the
// term. It is exact, and a year costs twelve months. 120 machines for 1 year of
// routine operations, in the band 101-200, cost 12 × 21000 = 252000 yuan.
//
// Quote checks, in this order: the plan but for its tiers ([ErrPlan]), the term
// ([ErrTerm]), that the term is of days for a plan priced by the day and of
// months or years for one priced by the month ([ErrTerm]), the number of
// machines as [Lookup] does ([ErrPlan], [ErrMachines], [ErrContactSales]), and
// the band found ([ErrPlan]). It does not look at the other bands: validate a
// price list once, when it is read.
func (p Plan) Quote(machines int, term Term) (Quote, error) {
	fail := func(err error) (Quote, error) {
		return Quote{}, fmt.Errorf("mss: %s: %w", operation("quote", p.Name), err)
	}
	if err := p.checkHead(); err != nil {
		return fail(fmt.Errorf("%w: %w", err, ErrPlan))
	}
	if err := term.check(); err != nil {
		return fail(fmt.Errorf("%w: %w", err, ErrTerm))
	}
	if (p.Unit == Day) != (term.Unit == Day) {
		want := "months or years"
		if p.Unit == Day {
			want = "days"
		}
		return fail(fmt.Errorf("term %v: priced by the %v: want a term of %s: %w", term, p.Unit, want, ErrTerm))
	}
	tier, err := Lookup(p.Tiers, machines)
	if err != nil {
		return fail(notFound(p.Tiers, machines)) // err, without "mss: lookup"
	}
	price, err := tier.priceFen()
	if err != nil {
		return fail(fmt.Errorf("%w: %w", err, ErrPlan))
	}
	return Quote{
		Plan:     p.Name,
		Machines: machines,
		Term:     term,
		Tier:     tier,
		LeadDays: p.LeadDays,
		Amount:   decimal.New(price*int64(term.periods()), -2), // within maxAmount
	}, nil
}

// Published returns Tencent Cloud's price list as published: [RoutineOperations]
// and [EventProtection]. The result is the caller's own.
func Published() Catalog {
	return Catalog{RoutineOperations(), EventProtection()}
}

// ReadCatalog reads a price list, a JSON array of plans, and validates it. It
// is strict: an unknown field, a missing one (but title), a field given twice
// and anything after the array are refused. An error is [ErrPlan], and tells the
// plan, the row of its table and the field; where r failed or held no JSON, it
// wraps the error of r or of encoding/json as well.
func ReadCatalog(r io.Reader) (Catalog, error) {
	c, err := readCatalog(r)
	if err != nil {
		return nil, fmt.Errorf("mss: read catalog: %w: %w", err, ErrPlan)
	}
	return c, nil
}

// Plan returns the plan of that name, with tiers of its own. A name that c lacks
// is [ErrUnknownPlan].
func (c Catalog) Plan(name string) (Plan, error) {
	names := make([]string, len(c))
	for i, p := range c {
		if p.Name == name {
			p.Tiers = slices.Clone(p.Tiers)
			return p, nil
		}
		names[i] = p.Name
	}
	return Plan{}, fmt.Errorf("mss: plan %q: want one of %q: %w", name, names, ErrUnknownPlan)
}

// Validate returns [ErrPlan] unless c has at least one plan, each plan is valid,
// and no two have the same name.
func (c Catalog) Validate() error {
	if err := c.check(); err != nil {
		return fmt.Errorf("mss: validate catalog: %w: %w", err, ErrPlan)
	}
	return nil
}

// UnmarshalJSON reads a quote and validates it. What is refused is
// [ErrInconsistent] and leaves q untouched.
func (q *Quote) UnmarshalJSON(data []byte) error {
	quote, err := decodeQuote(data)
	if err != nil {
		return fmt.Errorf("mss: decode quote: %w: %w", err, ErrInconsistent)
	}
	*q = quote
	return nil
}

// MarshalJSON writes a quote that [Quote.Validate] accepts; any other, and one whose
// plan is not UTF-8, is [ErrInconsistent].
func (q Quote) MarshalJSON() ([]byte, error) {
	err := q.check()
	if err == nil {
		err = checkText("plan", q.Plan)
	}
	if err != nil {
		return nil, fmt.Errorf("mss: encode quote: %w: %w", err, ErrInconsistent)
	}
	type plain Quote
	return json.Marshal(plain(q))
}

// Validate returns [ErrInconsistent] unless q adds up: it names a plan, its band
// is valid and contains its machines, its term and lead days are in range, and
// its amount is the band's price times the months or days of the term.
func (q Quote) Validate() error {
	if err := q.check(); err != nil {
		return fmt.Errorf("mss: validate quote: %w: %w", err, ErrInconsistent)
	}
	return nil
}

// Equal reports whether q and r are the same offer; prices and amounts are
// compared by their value, so that 21000 equals 21000.00.
func (q Quote) Equal(r Quote) bool {
	return q.Plan == r.Plan && q.Machines == r.Machines && q.Term == r.Term && q.Tier.equal(r.Tier) &&
		q.LeadDays == r.LeadDays && sameAmount(q.Amount, r.Amount)
}

// String returns q as a line of an offer, such as "routine-operations, 120
// machines (band 101-200), P1Y: 12 months × 21000.00 = 252000.00 yuan". A quote
// that does not add up gives "invalid quote" and the reason.
func (q Quote) String() string {
	if err := q.check(); err != nil {
		return "invalid quote: " + err.Error()
	}
	n, unit := q.Term.periods(), Month
	if q.Term.Unit == Day {
		unit = Day
	}
	return fmt.Sprintf("%s, %s (band %d-%d), %v: %s × %s = %s yuan", q.Plan, count(q.Machines, "machine"),
		q.Tier.Min, q.Tier.Max, q.Term, count(n, unit.String()), yuan(q.Tier.Price), yuan(q.Amount))
}

// parseTerm is ParseTerm without the operation and the sentinel.
func parseTerm(s string) (Term, error) {
	if last := len(s) - 1; last >= 2 && s[0] == 'P' && '1' <= s[1] && s[1] <= '9' {
		n, err := strconv.Atoi(s[1:last])
		t := Term{n, Unit(strings.IndexByte("DMY", s[last]) + 1)} // 0, no unit, for any other letter
		if err == nil && t.check() == nil {
			return t, nil
		}
	}
	return Term{}, fmt.Errorf("%.40q: want P1D to P%dD, P1M to P%dM or P1Y to P%dY", s, maxDays, maxMonths, maxYears)
}

// check is Validate without the operation and the sentinel, as are the other
// methods of this name.
func (t Term) check() error {
	limit := 0
	switch t.Unit {
	case Day:
		limit = maxDays
	case Month:
		limit = maxMonths
	case Year:
		limit = maxYears
	}
	if t.N < 1 || t.N > limit {
		return fmt.Errorf("term %v: want P1D to P%dD, P1M to P%dM or P1Y to P%dY", t, maxDays, maxMonths, maxYears)
	}
	return nil
}

// periods returns how often the band's price is paid for the term: its months, or
// its days where it is of days.
func (t Term) periods() int {
	if t.Unit == Year {
		return 12 * t.N
	}
	return t.N
}

// checkHead checks all of p but its tiers.
func (p Plan) checkHead() error {
	if p.Name == "" {
		return errNoName
	}
	if p.Unit != Day && p.Unit != Month {
		return fmt.Errorf("plan %s: unit %v: want day or month", p.Name, p.Unit)
	}
	if p.LeadDays < 0 || p.LeadDays > maxLeadDays {
		return fmt.Errorf("plan %s: %s: want 0 to %d", p.Name, count(p.LeadDays, "lead day"), maxLeadDays)
	}
	return nil
}

const maxLeadDays = 366

var errNoName = errors.New("plan: no name, want one")

// checkText checks a text of a plan. What is not UTF-8 would not be read back from
// JSON as it was written.
func checkText(key, text string) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("%s %.40q: want UTF-8", key, text)
	}
	return nil
}

func (p Plan) check() error {
	if err := p.checkHead(); err != nil {
		return err
	}
	if err := checkText("name", p.Name); err != nil {
		return err
	}
	if err := checkText("title", p.Title); err != nil {
		return fmt.Errorf("plan %s: %w", p.Name, err)
	}
	if err := checkTiers(p.Tiers); err != nil {
		return fmt.Errorf("plan %s: tiers: %w", p.Name, err)
	}
	return nil
}

func (c Catalog) check() error {
	if len(c) == 0 {
		return errors.New("no plans, want at least one")
	}
	seen := make(map[string]bool, len(c))
	for i, p := range c {
		if err := p.check(); err != nil {
			return fmt.Errorf("plan %d of %d: %w", i+1, len(c), err)
		}
		if seen[p.Name] {
			return fmt.Errorf("plan %d of %d: name %s: given before, want another", i+1, len(c), p.Name)
		}
		seen[p.Name] = true
	}
	return nil
}

func (q Quote) check() error {
	if q.Plan == "" {
		return errNoName
	}
	if err := q.Term.check(); err != nil {
		return err
	}
	price, err := q.Tier.priceFen()
	if err != nil {
		return fmt.Errorf("tier: %w", err)
	}
	if q.Machines < q.Tier.Min || q.Machines > q.Tier.Max {
		return fmt.Errorf("%s: want %d to %d, as the band", count(q.Machines, "machine"), q.Tier.Min, q.Tier.Max)
	}
	if q.LeadDays < 0 || q.LeadDays > maxLeadDays {
		return fmt.Errorf("%s: want 0 to %d", count(q.LeadDays, "lead day"), maxLeadDays)
	}
	want := price * int64(q.Term.periods()) // within maxAmount
	if fen, exact := floorFen(q.Amount); !exact || fen != want {
		return fmt.Errorf("amount %s: want %s, the price %s × %d", yuan(q.Amount), yuan(decimal.New(want, -2)),
			yuan(q.Tier.Price), q.Term.periods())
	}
	return nil
}

// operation returns what was tried with a plan, whose name may be missing.
func operation(name, plan string) string {
	if plan == "" {
		return name
	}
	return name + " " + plan
}

// count returns "1 machine" or "2 machines".
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

// The three enums have their text in a slice, at the index of the value; index 0
// is no value.

func enumString[E ~uint8](kind string, names []string, e E) string {
	if e < 1 || int(e) >= len(names) {
		return fmt.Sprintf("%s(%d)", kind, e)
	}
	return names[e]
}

func enumText[E ~uint8](kind string, names []string, e E, sentinel error) ([]byte, error) {
	if e < 1 || int(e) >= len(names) {
		return nil, fmt.Errorf("mss: encode %s: %d: want one of %q: %w", kind, e, names[1:], sentinel)
	}
	return []byte(names[e]), nil
}

func parseEnum[E ~uint8](names []string, text string) (E, error) {
	if i := slices.Index(names, text); i >= 1 {
		return E(i), nil
	}
	return 0, fmt.Errorf("%.40q: want one of %q", text, names[1:])
}

func unmarshalEnum[E ~uint8](e *E, kind string, names []string, text []byte, sentinel error) error {
	v, err := parseEnum[E](names, string(text))
	if err != nil {
		return fmt.Errorf("mss: decode %s: %w: %w", kind, err, sentinel)
	}
	*e = v
	return nil
}

func readCatalog(r io.Reader) (Catalog, error) {
	if r == nil {
		return nil, errors.New("no reader, want one")
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	var c Catalog
	err = decodeArray(data, "plan", func(plan []byte) error {
		p, err := decodePlan(plan)
		c = append(c, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c, c.check()
}

func decodePlan(data []byte) (p Plan, err error) {
	err = decodeObject(data, true,
		field{key: "name", read: into(&p.Name, aText)},
		field{key: "title", read: into(&p.Title, aText), optional: true},
		field{key: "unit", read: text(&p.Unit, func(s string) (Unit, error) { return parseEnum[Unit](unitNames, s) })},
		field{key: "lead_days", read: into(&p.LeadDays, wholeNumber)},
		field{key: "tiers", read: func(rows []byte) error {
			return decodeArray(rows, "row", func(row []byte) error {
				t, err := decodeTier(row, true)
				p.Tiers = append(p.Tiers, t)
				return err
			})
		}})
	if err != nil {
		return Plan{}, err
	}
	return p, p.check()
}

func decodeTier(data []byte, strict bool) (t Tier, err error) {
	err = decodeObject(data, strict,
		field{key: "min", read: into(&t.Min, wholeNumber)},
		field{key: "max", read: into(&t.Max, wholeNumber)},
		field{key: "price", read: amount(&t.Price)})
	return t, err
}

func decodeQuote(data []byte) (q Quote, err error) {
	err = decodeObject(data, false,
		field{key: "plan", read: into(&q.Plan, aText)},
		field{key: "machines", read: into(&q.Machines, wholeNumber)},
		field{key: "term", read: text(&q.Term, parseTerm)},
		field{key: "tier", read: func(tier []byte) (err error) {
			q.Tier, err = decodeTier(tier, false)
			return err
		}},
		field{key: "lead_days", read: into(&q.LeadDays, wholeNumber)},
		field{key: "amount", read: amount(&q.Amount)})
	if err != nil {
		return Quote{}, err
	}
	return q, q.check()
}

// textValue makes a text column of what is encoded.
func textValue(text []byte, err error) (driver.Value, error) {
	if err != nil {
		return nil, err
	}
	return string(text), nil
}

// scan reads a text column of a database.
func scan(read func(text []byte) error, kind string, column any, sentinel error) error {
	switch text := column.(type) {
	case string:
		return read([]byte(text))
	case []byte:
		return read(text)
	}
	return fmt.Errorf("mss: scan %s: column of type %T: want text: %w", kind, column, sentinel)
}

// field is one key of a JSON object, with what reads its value.
type field struct {
	key      string
	read     func(value []byte) error
	optional bool
}

// decodeObject reads the fields of a JSON object. Unlike encoding/json it refuses
// a field that is missing, null or given twice (either value may be the one that
// was meant) and, where strict, one that is unknown; and it takes a key only as it
// is spelled.
func decodeObject(data []byte, strict bool, fields ...field) error {
	var object json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return err // not JSON at all; from here on dec has no error to report
	}
	dec := json.NewDecoder(bytes.NewReader(object))
	if start, _ := dec.Token(); start != json.Delim('{') {
		return fmt.Errorf("%.40s: want a JSON object", object)
	}
	values := make(map[string]json.RawMessage)
	for dec.More() {
		token, _ := dec.Token()
		key := token.(string)
		if _, twice := values[key]; twice {
			return fmt.Errorf("%.40q: given twice, want it once", key)
		}
		var value json.RawMessage
		_ = dec.Decode(&value)
		values[key] = value
	}
	for _, f := range fields {
		value, given := values[f.key]
		delete(values, f.key)
		if given = given && string(value) != "null"; !given {
			if !f.optional {
				return fmt.Errorf("%s: missing or null, want a value", f.key)
			}
			continue
		}
		if err := f.read(value); err != nil {
			return fmt.Errorf("%s: %w", f.key, err)
		}
	}
	if strict && len(values) > 0 {
		return fmt.Errorf("%.40q: unknown field", slices.Min(slices.Collect(maps.Keys(values))))
	}
	return nil
}

// decodeArray reads each item of a JSON array.
func decodeArray(data []byte, noun string, read func(item []byte) error) error {
	var items []json.RawMessage
	if err := json.Unmarshal(data, &items); err != nil {
		if json.Valid(data) {
			return fmt.Errorf("%.40s: want a JSON array", data)
		}
		return err
	}
	for i, item := range items {
		if err := read(item); err != nil {
			return fmt.Errorf("%s %d: %w", noun, i+1, err)
		}
	}
	return nil
}

// What into reads, for its errors.
const (
	wholeNumber = "a whole number"
	aText       = "text"
	anInstant   = "a time such as 2026-01-31T10:00:00+08:00"
)

// into reads what encoding/json can read by itself.
func into(to any, want string) func([]byte) error {
	return func(value []byte) error {
		if json.Unmarshal(value, to) != nil {
			return fmt.Errorf("%.40s: want %s", value, want)
		}
		return nil
	}
}

// text reads a string that parse understands.
func text[T any](to *T, parse func(string) (T, error)) func([]byte) error {
	return func(value []byte) error {
		var s string
		err := into(&s, aText)(value)
		if err == nil {
			*to, err = parse(s)
		}
		return err
	}
}

// amount reads a number with or without quotes, exactly. decimal's own reader
// obeys MaxDecodeExponent, a setting of the importing program.
func amount(to *decimal.Decimal) func([]byte) error {
	return func(value []byte) error {
		var number json.Number
		if json.Unmarshal(value, &number) != nil || len(number) > 3*maxDigits {
			return fmt.Errorf("%.40s: want yuan, in whole fen", value)
		}
		mantissa, power, scientific := strings.Cut(strings.ToLower(string(number)), "e")
		whole, fraction, _ := strings.Cut(mantissa, ".")
		exponent := int64(0)
		if scientific {
			var err error
			// One bit less than decimal's exponent has, which leaves room for the fraction.
			if exponent, err = strconv.ParseInt(power, 10, 31); err != nil {
				return fmt.Errorf("%.40s: want yuan, in whole fen", value)
			}
		}
		coefficient, _ := new(big.Int).SetString(whole+fraction, 10)
		*to = decimal.NewFromBigInt(coefficient, int32(exponent)-int32(len(fraction)))
		return nil
	}
}
