// Package mss calculates the billing of Tencent Cloud's Managed Security Service
// (安全托管服务): prices, service dates, renewals, refunds and cost by month. The
// service is prepaid and sold in two plans, [RoutineOperations] by the month or year
// and [EventProtection] by the day.
//
//	quote, err := mss.RoutineOperations().Quote(120, mss.Years(1)) // 252000.00 yuan
//	bought, err := quote.Subscribe(time.Now())                     // from today, in Beijing
//	months, err := bought.Amortize(mss.ByDay)                      // its cost by calendar month
//	refund, err := bought.Refund(time.Now(), mss.ByDay)            // a preview: the amount to apply for
//	closed, err := bought.Cancel(refund, time.Now())               // confirmed on the same day
//
// All types are plain values. Only Scan and the Unmarshal methods change their
// receiver; no method reads a clock, and the others are safe for concurrent use.
// Compare a [Tier], [Quote], [Subscription] or [Refund] with Equal, not with ==, and
// print an amount with StringFixed(2).
//
// # Days
//
// A day is a calendar day in Beijing (UTC+8), whatever the zone of a time. Service
// covers [Start, End), both 00:00 in Beijing. A term of n months ends n months later, on
// the anchor day (the day of the month on which service began) or on the last day of a
// shorter month. One month from 31 January has its End on 28 February, and is served
// through 27 February; two months end on 31 March.
//
// # Rounding
//
// Every amount is a whole number of fen (0.01 yuan). Quotes are exact. What is
// consumed is rounded once, half up; a refund is what was paid less that.
//
// # JSON
//
// Amounts are written as strings without trailing zeros; numbers are read, too. An
// amount has at most 100 digits, and an exponent from -100 to 100. A value that is not
// valid is neither written nor read. Put a value in a named field: embedding it would
// promote its MarshalJSON and Value to the outer struct.
//
// # Errors
//
// Every error wraps one of the Err values, for [errors.Is], and says on one line what
// would have been accepted. A value returned with an error is the zero value.
package mss

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// PurchaseURL is where to buy.
	PurchaseURL = "https://buy.cloud.tencent.com/mss"
	// ContactURL is where to ask for a price above the last band, or for a refund.
	ContactURL = "https://cloud.tencent.com/act/event/connect-service"
	// Currency is the ISO 4217 code of every amount.
	Currency = "CNY"
)

// Beijing is the zone of every time that the package returns: UTC+8, without
// daylight saving time. The package uses a copy of its own, so assigning another zone
// to this variable changes no result.
var Beijing = beijing

// Each error of this package wraps one of these.
var (
	// ErrMachines: the number of machines is below 1.
	ErrMachines = errors.New("invalid machine count")
	// ErrContactSales: the number of machines is above the last band.
	ErrContactSales = errors.New("no published price")
	// ErrTerm: a term is out of range, or does not fit the plan.
	ErrTerm = errors.New("invalid term")
	// ErrPlan: a plan, tier table, catalog or price book is not valid.
	ErrPlan = errors.New("invalid plan")
	// ErrUnknownPlan: the catalog has no plan of that name.
	ErrUnknownPlan = errors.New("unknown plan")
	// ErrDate: a date is too early, too late, or outside the years 1 to 9999.
	ErrDate = errors.New("invalid date")
	// ErrInconsistent: a quote, subscription, refund or proration is not valid.
	ErrInconsistent = errors.New("inconsistent value")
	// ErrExpired: the term of the subscription is over.
	ErrExpired = errors.New("subscription expired")
	// ErrCancelled: the subscription was refunded before.
	ErrCancelled = errors.New("subscription cancelled")
)

// Plan is one edition of the service and its price table. A negotiated price is a
// plan with one tier.
//
// In JSON, title may be missing or null. Any other field that is missing, unknown or
// given twice is refused, as is a plan that is not valid.
type Plan struct {
	// Name is unique in a catalog, such as "routine-operations".
	Name string `json:"name"`
	// Title is for people, and may be empty.
	Title string `json:"title"`
	// Unit is what a tier's price buys: a Day, a Month or a Year.
	Unit Unit `json:"unit"`
	// LeadDays is the number of days from the day of purchase to the earliest day of
	// service, 0 to 366.
	LeadDays int `json:"lead_days"`
	// Tiers are the bands, sorted; see ValidateTiers.
	Tiers []Tier `json:"tiers"`
}

// RoutineOperations returns the published plan 日常运营版本: yuan a month, service
// that begins on the day of purchase. The English name is this library's. The caller
// may modify the result.
func RoutineOperations() Plan {
	return Plan{Name: "routine-operations", Title: "日常运营版本", Unit: Month, Tiers: routineBands()}
}

// EventProtection returns the published plan 重保服务版本: yuan a day, service from
// a day the buyer picks, at least 5 days after the day of purchase. The English name
// is this library's. The caller may modify the result.
func EventProtection() Plan {
	return Plan{Name: "event-protection", Title: "重保服务版本", Unit: Day, LeadDays: 5, Tiers: eventBands()}
}

// Validate returns an error wrapping [ErrPlan] unless p has a name, a valid unit, 0
// to 366 lead days, and tiers that [ValidateTiers] accepts. Name and title must be
// printable ([unicode.IsPrint]) UTF-8 of at most 200 bytes.
func (p Plan) Validate() error { return wrap(p.check(), "validate plan") }

// Quote returns the price of p for a number of machines and a term: the price of
// the band that contains machines, times the days, months or years of the term. A
// year of a plan priced by the month costs twelve months, without discount; that is
// the library's choice, as the billing document gives no price of a year. 120
// machines for 1 year of routine operations, in the band 101-200, cost 12 × 21000 =
// 252000 yuan.
//
// Quote does not check the title and the other bands: validate a price list once,
// when it is read. It returns an error wrapping
//   - [ErrPlan] if the unit, lead days or name of p are not valid;
//   - [ErrTerm] if the term is not valid, or is not of days for a plan priced by the
//     day, of months or years for one priced by the month, of years for one priced
//     by the year;
//   - [ErrPlan], [ErrMachines] or [ErrContactSales] if [Lookup] finds no band;
//   - [ErrPlan] if the band it finds is not valid.
func (p Plan) Quote(machines int, term Term) (Quote, error) {
	if err := cmp.Or(checkSale(p.Name, p.Unit, p.LeadDays), checkTerm(term, p.Unit)); err != nil {
		return Quote{}, wrap(err, "quote", p.Name)
	}
	tier, err := lookup(p.Tiers, machines)
	if err != nil {
		return Quote{}, wrap(err, "quote", p.Name)
	}
	price, err := tier.check()
	if err != nil {
		return Quote{}, wrap(err, "quote", p.Name)
	}
	amount := price * fen(term.quantity(p.Unit))
	return Quote{Plan: p.Name, Machines: machines, Term: term, Tier: *tier, Unit: p.Unit, LeadDays: p.LeadDays,
		Amount: amount.yuan()}, nil
}

// MarshalJSON writes p, or returns an error wrapping [ErrPlan] if p is not valid.
func (p Plan) MarshalJSON() ([]byte, error) {
	type plan Plan // without methods, so that encoding/json writes the fields
	return encode(plan(p), p.check(), "plan")
}

// UnmarshalJSON reads a plan as strictly as [ReadCatalog]. If it returns an error,
// which wraps [ErrPlan], p is unchanged.
func (p *Plan) UnmarshalJSON(data []byte) error { return decode(p, data, "plan", readPlan) }

func (p Plan) check() error {
	err := cmp.Or(checkSale(p.Name, p.Unit, p.LeadDays), checkTiers(p.Tiers))
	if err == nil && !printable(p.Title) {
		err = fmt.Errorf("title %s: want at most %s: %w", quoted(p.Title), printableText, ErrPlan)
	}
	return prefix(err, quoted(p.Name))
}

// readPlan reads a plan of a price list.
func readPlan(data []byte) (p Plan, err error) {
	err = readObject(data,
		field{"name", &p.Name, aText},
		field{"title?", &p.Title, aText},
		field{"unit", &p.Unit, "day, month or year"},
		field{"lead_days", &p.LeadDays, aNumber},
		field{"tiers", list(&p.Tiers, "row", readTier), "an array of bands"})
	return p, cmp.Or(err, p.check())
}

// checkSale checks what a plan and a quote have in common.
func checkSale(plan string, unit Unit, leadDays int) error {
	if !units.valid(unit) {
		return fmt.Errorf("unit %v: want day, month or year: %w", unit, ErrPlan)
	}
	if leadDays < 0 || leadDays > 366 {
		return fmt.Errorf("lead days %d: want 0 to 366: %w", leadDays, ErrPlan)
	}
	if plan == "" || !printable(plan) {
		return fmt.Errorf("name %s: want 1 to %s: %w", quoted(plan), printableText, ErrPlan)
	}
	return nil
}

// checkTerm checks that a term is valid and fits a plan priced by a unit.
func checkTerm(term Term, unit Unit) error {
	err := term.check()
	if err == nil && term.quantity(unit) == 0 {
		want := map[Unit]string{Day: "days", Month: "months or years", Year: "years"}[unit]
		err = fmt.Errorf("term %v: want %s, as the plan is priced by the %v: %w", term, want, unit, ErrTerm)
	}
	return err
}

const printableText = "200 bytes of printable UTF-8"

// printable reports whether text can be shown on a line and is read back from JSON as
// it was.
func printable(text string) bool {
	if len(text) > 200 {
		return false
	}
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' { // not printable ASCII, the usual case
			return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
		}
	}
	return true
}
