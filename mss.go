// Package mss prices, sells, renews and refunds Tencent Cloud's Managed Security
// Service (安全托管服务), which is prepaid and sold in two plans: routine operations
// by the month and event protection by the day. A band of machine counts has one
// flat price for all the machines together.
//
//	quote, err := mss.RoutineOperations().Quote(120, mss.Years(1)) // 252000.00 yuan
//	bought, err := quote.Subscribe(time.Now())                     // from today, in Beijing
//	months, err := bought.Amortize(mss.ByDay)                      // its cost by calendar month
//	refund, err := bought.Refund(time.Now(), mss.ByDay)            // a preview: the amount to apply for
//	closed, err := bought.Cancel(refund, time.Now())               // confirmed on the same day
//
// All types are plain values. Their methods change nothing they are given, read
// no clock, and are safe for concurrent use. Compare a Tier, Quote, Subscription or
// Refund with Equal, never with ==: amounts are decimals, which hold a pointer. Print
// an amount with StringFixed(2). Keep a Quote, Subscription or Refund in a named
// field: embedding it would promote its MarshalJSON and Value to the outer struct.
//
// # Days
//
// A day is a calendar day in Beijing (UTC+8), whatever zone a time comes in.
// Service covers [Start, End), both 00:00 in Beijing. The End of a term of n months is
// the anchor day (the day of the month on which service began) n months later; if
// that month is shorter, its last day. One month from 31 January is served through
// 27 February (End is 28 February, 00:00), two months through 30 March. Calendar days
// and anchor days are the library's choice; the billing document defines neither.
//
// # Rounding
//
// Every amount is a whole number of fen (0.01 yuan). Quotes are exact. What is
// consumed is rounded once, half away from zero (the library's choice); a refund is
// what was paid less that. Months sum to what was paid or, once refunded, consumed.
//
// # Errors
//
// Every error wraps one of the package's Err values, for [errors.Is]; its text says
// what was tried, with what, and what would have been accepted. A value returned
// with an error is the zero value. Status, Days, UsedDays, DaysLeft and
// EarliestStart return no error, but zero if their receiver is not valid.
package mss

import (
	"cmp"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// Where to buy, where to ask for a price above the last band or for a refund, and
// the currency of every amount.
const (
	PurchaseURL = "https://buy.cloud.tencent.com/mss"
	ContactURL  = "https://cloud.tencent.com/act/event/connect-service"
	Currency    = "CNY"
)

// Beijing is the zone of every time that the package returns: UTC+8, without
// summer time. The package reads its own copy of the pointer, so assigning another
// zone to this variable changes no result.
var Beijing = beijing

var beijing = time.FixedZone("UTC+8", 8*60*60)

// The errors. Each error of this package wraps one of them.
var (
	ErrMachines     = errors.New("invalid machine count")  // below 1
	ErrContactSales = errors.New("no published price")     // above the last band
	ErrTerm         = errors.New("invalid term")           // out of range, or of a unit that does not fit the plan
	ErrPlan         = errors.New("invalid plan")           // a plan, tier table, catalog or price book that is not valid
	ErrUnknownPlan  = errors.New("unknown plan")           // a name that the catalog lacks
	ErrDate         = errors.New("invalid date")           // too early, too late, or outside the years 1 to 9999
	ErrInconsistent = errors.New("inconsistent value")     // a quote, subscription, refund or proration that is not valid
	ErrExpired      = errors.New("subscription expired")   // nothing is left to refund
	ErrCancelled    = errors.New("subscription cancelled") // refunded already
)

// Plan is one edition of the service and its price table. The English names of the
// published plans are this library's.
//
// In JSON, title may be left out or null. Any other field that is missing, unknown
// or given twice is refused, as is a plan that is not valid.
type Plan struct {
	Name     string `json:"name"`      // unique in a catalog, such as "routine-operations"
	Title    string `json:"title"`     // for people; may be empty
	Unit     Unit   `json:"unit"`      // what a tier's price buys: a Day or a Month
	LeadDays int    `json:"lead_days"` // from the day of purchase to the earliest day of service: 0 to 366
	Tiers    []Tier `json:"tiers"`     // sorted; see ValidateTiers
}

// Validate returns an error wrapping [ErrPlan] unless p has a name, a unit of Day
// or Month, 0 to 366 lead days, and tiers that [ValidateTiers] accepts. Name and
// title must be UTF-8.
func (p Plan) Validate() error { return wrap(p.check(), "validate plan") }

// Quote returns the price of p for a number of machines and a term: the price of
// the band that contains machines × the months or days of the term, exactly. A year
// costs twelve months, without discount, which is the library's choice: Tencent
// Cloud prices by the month and publishes no yearly price. 120 machines for 1 year
// of routine operations, in the band 101-200, cost 12 × 21000 = 252000 yuan.
//
// Quote checks only the band it finds, not the others: validate a price list once,
// when it is read. It returns an error wrapping
//   - [ErrPlan] if the name, unit or lead days of p are not valid;
//   - [ErrTerm] if the term is not valid, or is not of days for a plan priced by
//     the day, of months or years for one priced by the month;
//   - [ErrPlan], [ErrMachines] or [ErrContactSales] if [Lookup] finds no band;
//   - [ErrPlan] if the band found is not valid.
func (p Plan) Quote(machines int, term Term) (Quote, error) {
	if err := checkSale(p.Name, p.Unit, p.LeadDays, term); err != nil {
		return Quote{}, wrap(err, "quote", p.Name)
	}
	tier, err := Lookup(p.Tiers, machines)
	if err != nil {
		return Quote{}, wrap(notFound(p.Tiers, machines), "quote", p.Name) // err, without "mss: lookup"
	}
	price, err := tier.priceFen()
	if err != nil {
		return Quote{}, wrap(relabel(err, ErrPlan), "quote", p.Name)
	}
	amount := decimal.New(price*int64(term.periods()), -2)
	return Quote{Plan: p.Name, Machines: machines, Term: term, Tier: tier, LeadDays: p.LeadDays, Amount: amount}, nil
}

// MarshalJSON writes p, or returns an error wrapping [ErrPlan] if p is not valid.
func (p Plan) MarshalJSON() ([]byte, error) {
	type plan Plan // without methods, so that encoding/json writes the fields
	return encode(plan(p), p.check(), "plan")
}

// UnmarshalJSON reads a plan as strictly as [ReadCatalog]. If it returns an error,
// which wraps [ErrPlan], p is unchanged.
func (p *Plan) UnmarshalJSON(data []byte) error { return decode(p, data, "plan", decodePlan) }

func decodePlan(data []byte) (p Plan, err error) {
	fields, err := object(data, "name", "title", "unit", "lead_days", "tiers")
	if err != nil {
		return Plan{}, err
	}
	if title := string(fields["title"]); title == "" || title == "null" { // the only one that may be missing
		fields["title"] = []byte(`""`)
	}
	var rows []json.RawMessage
	err = cmp.Or(decodeField(fields, "name", &p.Name, "text"), decodeField(fields, "title", &p.Title, "text"),
		decodeField(fields, "unit", &p.Unit, "day or month"), decodeField(fields, "lead_days", &p.LeadDays, "a whole number"),
		decodeField(fields, "tiers", &rows, "a JSON array of bands"))
	if err == nil {
		p.Tiers, err = decodeList(rows, "row", decodeTier)
	}
	return p, cmp.Or(err, p.check())
}

func (p Plan) check() error {
	oneUnit := Term{1, p.Unit} // which fits every plan
	err := cmp.Or(checkSale(p.Name, p.Unit, p.LeadDays, oneUnit), checkTiers(p.Tiers))
	if err == nil && !utf8.ValidString(p.Title) {
		err = fmt.Errorf("title %.40q: want UTF-8: %w", p.Title, ErrPlan)
	}
	return prefix(err, "%.40q", p.Name)
}

// RoutineOperations returns the published plan 日常运营版本: yuan a month, service
// that begins on the day of purchase. The caller may modify the result.
func RoutineOperations() Plan {
	return Plan{Name: "routine-operations", Title: "日常运营版本", Unit: Month, Tiers: routineBands()}
}

// EventProtection returns the published plan 重保服务版本: yuan a day, service from
// a day the buyer picks, at least 5 days after the day of purchase. The caller may
// modify the result.
func EventProtection() Plan {
	return Plan{Name: "event-protection", Title: "重保服务版本", Unit: Day, LeadDays: 5, Tiers: eventBands()}
}

// Catalog is a price list: plans of different names.
type Catalog []Plan

// Published returns Tencent Cloud's price list as published in its billing document
// (1308/48534): [RoutineOperations] and [EventProtection]. The caller may modify
// the result.
func Published() Catalog { return Catalog{RoutineOperations(), EventProtection()} }

// ReadCatalog reads a price list, a JSON array of plans, and validates it. It is
// strict: an unknown field, a missing one (but title), one given twice, and
// anything after the array are refused with an error wrapping [ErrPlan] that names
// the plan, the row of its table and the field. Reading a Catalog with encoding/json
// is as strict about fields; call Validate for the whole. If r failed or held no
// JSON, the error also wraps that of r or of encoding/json.
func ReadCatalog(r io.Reader) (Catalog, error) {
	c, err := read(r, "plan", decodePlan, Catalog.check)
	return c, wrap(err, "read catalog")
}

// Plan returns the plan of that name, with a copy of its tiers, or an error
// wrapping [ErrUnknownPlan] if c has none.
func (c Catalog) Plan(name string) (Plan, error) {
	var names []string
	for _, p := range c {
		if p.Name == name {
			p.Tiers = slices.Clone(p.Tiers)
			return p, nil
		}
		if len(names) < 3 { // to keep the message short
			names = append(names, p.Name)
		}
	}
	return Plan{}, wrap(fmt.Errorf("%.40q: want a name such as %.40q: %w", name, names, ErrUnknownPlan), "find plan")
}

// Validate returns an error wrapping [ErrPlan] unless c has at least one plan, each
// is valid, and no two have the same name.
func (c Catalog) Validate() error { return wrap(c.check(), "validate catalog") }

func (c Catalog) check() error {
	if len(c) == 0 {
		return fmt.Errorf("no plans, want at least one: %w", ErrPlan)
	}
	seen := make(map[string]bool, len(c))
	for i, p := range c {
		err := p.check()
		if err == nil && seen[p.Name] {
			err = fmt.Errorf("%.40q: given before, want another name: %w", p.Name, ErrPlan)
		}
		if err != nil {
			return fmt.Errorf("plan %d: %w", i+1, err)
		}
		seen[p.Name] = true
	}
	return nil
}

// DatedCatalog is a price list and the instant from which it is in force, which is
// in the years 1 to 9999 and not the zero time.
//
// In JSON, a field that is missing, unknown or given twice is refused, and a dated
// catalog that is not valid is neither written nor read.
type DatedCatalog struct {
	From    time.Time `json:"from"`
	Catalog Catalog   `json:"catalog"`
}

// PriceBook is a sequence of price lists, each in force from its From until that
// of the next one, and the last one without end.
type PriceBook []DatedCatalog

// ReadPriceBook reads a price book, a JSON array of dated catalogs, and validates
// it. It is as strict as [ReadCatalog], and so is reading a PriceBook with
// encoding/json; then call Validate for the order of the lists. An error wraps
// [ErrPlan] and names the list, the plan, the row and the field. If r failed or held
// no JSON, the error also wraps that of r or of encoding/json.
func ReadPriceBook(r io.Reader) (PriceBook, error) {
	b, err := read(r, "list", decodeDated, PriceBook.check)
	return b, wrap(err, "read price book")
}

// At returns the price list in force at an instant: the last whose From is not
// after t. It makes a binary search and allocates nothing; the catalog it returns
// shares its plans with b. The lists must be in order, as [PriceBook.Validate]
// requires; from a book that is not, At still returns a list whose From is not
// after t, or an error.
//
// At returns an error wrapping
//   - [ErrPlan] if b is empty;
//   - [ErrDate] if t is before the first list or is not a valid date.
func (b PriceBook) At(t time.Time) (Catalog, error) {
	i := sort.Search(len(b), func(i int) bool { return b[i].From.After(t) })
	if i > 0 && validDate(t) {
		return b[i-1].Catalog, nil
	}
	if len(b) == 0 {
		return nil, wrap(b.check(), "find price list")
	}
	err := fmt.Errorf("%s: want %s, the start of the first list, or later: %w", instant(t), instant(b[0].From), ErrDate)
	return nil, wrap(cmp.Or(checkDate("time", t), err), "find price list")
}

// Validate returns an error wrapping [ErrPlan] unless b has at least one list, each
// From is a valid date later than the one before, and each catalog is valid.
func (b PriceBook) Validate() error { return wrap(b.check(), "validate price book") }

// MarshalJSON writes d with its time in Beijing, or returns an error wrapping
// [ErrPlan] if d is not valid.
func (d DatedCatalog) MarshalJSON() ([]byte, error) {
	err := d.check()
	d.From = d.From.In(beijing) // RFC 3339 has no seconds in an offset, as old zones have
	type dated DatedCatalog
	return encode(dated(d), err, "dated catalog")
}

// UnmarshalJSON reads a dated catalog as strictly as [ReadPriceBook]. If it returns
// an error, which wraps [ErrPlan], d is unchanged.
func (d *DatedCatalog) UnmarshalJSON(data []byte) error {
	return decode(d, data, "dated catalog", decodeDated)
}

func decodeDated(data []byte) (d DatedCatalog, err error) {
	fields, err := object(data, "from", "catalog")
	if err != nil {
		return DatedCatalog{}, err
	}
	var plans []json.RawMessage
	err = cmp.Or(decodeField(fields, "from", &d.From, "an instant such as 2026-01-01T00:00:00+08:00"),
		decodeField(fields, "catalog", &plans, "a JSON array of plans"))
	if err == nil {
		d.Catalog, err = decodeList(plans, "plan", decodePlan)
	}
	d.From = d.From.In(beijing)
	return d, cmp.Or(err, d.check())
}

func (d DatedCatalog) check() error {
	if err := checkDate("from", d.From); err != nil {
		return relabel(err, ErrPlan)
	}
	return d.Catalog.check()
}

func (b PriceBook) check() error {
	if len(b) == 0 {
		return fmt.Errorf("no lists, want at least one: %w", ErrPlan)
	}
	for i, d := range b {
		err := d.check()
		if err == nil && i > 0 && !d.From.After(b[i-1].From) {
			err = fmt.Errorf("from %s: want an instant after %s, that of the list before: %w",
				instant(d.From), instant(b[i-1].From), ErrPlan)
		}
		if err != nil {
			return fmt.Errorf("list %d: %w", i+1, err)
		}
	}
	return nil
}

// Quote is an offer: a plan's price for a number of machines and a term. It is a
// snapshot, which a later price list does not change. A quote that comes from a
// client is a claim: quote again and compare with [Quote.Equal].
//
// In JSON, every field must be there, and a quote that is not valid is neither
// written nor read.
type Quote struct {
	Plan     string          `json:"plan"`
	Machines int             `json:"machines"`
	Term     Term            `json:"term"`
	Tier     Tier            `json:"tier"`      // the band that contains Machines
	LeadDays int             `json:"lead_days"` // the plan's
	Amount   decimal.Decimal `json:"amount"`    // yuan for the whole term
}

// Validate returns an error wrapping [ErrInconsistent] unless q is consistent: it
// names a plan, its band is valid and contains its machines, its term and lead days
// are in range, and its amount is the band's price × the months or days of the
// term.
func (q Quote) Validate() error { return wrap(q.check(), "validate quote") }

// Equal reports whether q and r are the same offer. Prices and amounts are compared
// by value, so 21000 equals 21000.00.
func (q Quote) Equal(r Quote) bool {
	return q.Plan == r.Plan && q.Machines == r.Machines && q.Term == r.Term && q.Tier.Equal(r.Tier) &&
		q.LeadDays == r.LeadDays && compare(q.Amount, r.Amount) == 0
}

// String returns q as a line of an offer, such as "routine-operations, 120 machines
// (band 101-200), P1Y: 12 months × 21000.00 = 252000.00 yuan", or "invalid quote"
// and the reason if q is not valid.
func (q Quote) String() string {
	if err := q.check(); err != nil {
		return "invalid quote: " + err.Error()
	}
	return fmt.Sprintf("%s, %s (band %d-%d), %v: %s × %s = %s yuan", q.Plan, count(q.Machines, "machine"), q.Tier.Min,
		q.Tier.Max, q.Term, count(q.Term.periods(), q.Term.period().String()), yuan(q.Tier.Price), yuan(q.Amount))
}

// MarshalJSON writes q, or returns an error wrapping [ErrInconsistent] if q is not
// valid.
func (q Quote) MarshalJSON() ([]byte, error) {
	type quote Quote
	return encode(quote(q), q.check(), "quote")
}

// UnmarshalJSON reads a quote and validates it. If it returns an error, which wraps
// [ErrInconsistent], q is unchanged.
func (q *Quote) UnmarshalJSON(data []byte) error { return decode(q, data, "quote", decodeQuote) }

// Value returns the JSON document of q for a text column, or an error wrapping
// [ErrInconsistent] if q is not valid.
func (q Quote) Value() (driver.Value, error) { return columnValue(q.MarshalJSON()) }

// Scan reads the JSON document of a text column, as UnmarshalJSON does. For
// anything else, NULL too, it returns an error wrapping [ErrInconsistent] and
// leaves q unchanged.
func (q *Quote) Scan(column any) error {
	return scan(column, "quote", q.UnmarshalJSON, ErrInconsistent)
}

func decodeQuote(data []byte) (Quote, error) {
	type quote Quote              // without methods, so that encoding/json reads the fields
	fields := quote{LeadDays: -1} // not valid, so that it cannot be left out
	err := unmarshal(data, &fields, ErrInconsistent)
	return Quote(fields), cmp.Or(err, Quote(fields).check())
}

func (q Quote) check() error {
	price, err := q.Tier.priceFen()
	// The term comes first, as it gives the unit.
	err = cmp.Or(q.Term.check(), checkSale(q.Plan, q.Term.period(), q.LeadDays, q.Term), err)
	if err == nil && (q.Machines < q.Tier.Min || q.Machines > q.Tier.Max) {
		err = fmt.Errorf("%s: want %d to %d, the band", count(q.Machines, "machine"), q.Tier.Min, q.Tier.Max)
	}
	if err != nil {
		return relabel(err, ErrInconsistent)
	}
	want := price * int64(q.Term.periods())
	if amount, ok := fen(q.Amount); !ok || amount != want {
		return fmt.Errorf("amount %s: want %s, the price %s × %d: %w", yuan(q.Amount), yuan(decimal.New(want, -2)),
			yuan(q.Tier.Price), q.Term.periods(), ErrInconsistent)
	}
	return nil
}

// checkSale checks what a plan and a quote have in common.
func checkSale(plan string, unit Unit, leadDays int, term Term) error {
	if plan == "" || !utf8.ValidString(plan) { // JSON would not read other text back as it was
		return fmt.Errorf("name %.40q: want text in UTF-8: %w", plan, ErrPlan)
	}
	if unit != Day && unit != Month {
		return fmt.Errorf("unit %v: want day or month: %w", unit, ErrPlan)
	}
	if leadDays < 0 || leadDays > 366 {
		return fmt.Errorf("%s: want 0 to 366: %w", count(leadDays, "lead day"), ErrPlan)
	}
	if err := term.check(); err != nil {
		return err
	}
	if term.period() != unit {
		want := map[Unit]string{Day: "days", Month: "months or years"}[unit]
		return fmt.Errorf("term %v: want one of %s, as the plan is priced by the %v: %w", term, want, unit, ErrTerm)
	}
	return nil
}

// The years that RFC 3339 can write, in Beijing.
var (
	firstYear = time.Date(1, 1, 1, 0, 0, 0, 0, beijing)
	afterLast = time.Date(10000, 1, 1, 0, 0, 0, 0, beijing)
)

// validDate reports whether t can be calculated with. The zero time is within the
// first year.
func validDate(t time.Time) bool { return !t.IsZero() && !t.Before(firstYear) && t.Before(afterLast) }

func checkDate(what string, t time.Time) error {
	if !validDate(t) {
		return fmt.Errorf("%s %s: want a day in the years 1 to 9999, other than the zero time: %w", what, instant(t), ErrDate)
	}
	return nil
}

// instant formats t for a message.
func instant(t time.Time) string { return t.In(beijing).Format(time.RFC3339Nano) }
