package mss

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// Quote is an offer: a plan's price for a number of machines and a term. It is a
// snapshot, which a later price list does not change. Do not trust a quote that comes
// from a client: quote again and compare with [Quote.Equal].
//
// In JSON, every field must be there, and a quote that is not valid is neither
// written nor read. A document without a unit, as older versions wrote it, has Day
// for a term of days and Month for any other.
type Quote struct {
	Plan     string          `json:"plan"`
	Machines int             `json:"machines"`
	Term     Term            `json:"term"`
	Tier     Tier            `json:"tier"`      // the band that contains Machines
	Unit     Unit            `json:"unit"`      // the plan's: what Tier.Price buys
	LeadDays int             `json:"lead_days"` // the plan's
	Amount   decimal.Decimal `json:"amount"`    // yuan for the whole term
}

// Quantity returns how many times the price of the band is paid: the days of a plan priced
// by the day, the months (12 a year) of one priced by the month, the years of one
// priced by the year. It is 0 if q is not valid.
func (q Quote) Quantity() int {
	o, _ := q.check()
	return o.Term.quantity(o.Unit)
}

// Validate returns an error wrapping [ErrInconsistent] unless q is consistent: its
// plan's name, unit and lead days are valid, its term is valid and fits the unit, its
// band is valid and contains its machines, and its amount is the band's price ×
// [Quote.Quantity].
func (q Quote) Validate() error {
	_, err := q.check()
	return wrap(err, "validate quote")
}

// Equal reports whether q and r are the same offer. Prices and amounts are compared
// by value, so 21000 equals 21000.00.
func (q Quote) Equal(r Quote) bool {
	return q.Plan == r.Plan && q.Machines == r.Machines && q.Term == r.Term && q.Tier.Equal(r.Tier) &&
		q.Unit == r.Unit && q.LeadDays == r.LeadDays && compare(q.Amount, r.Amount) == 0
}

// String returns q as a line of an offer, such as "routine-operations, 120 machines
// (band 101-200), P1Y: 12 months × 21000.00 = 252000.00 yuan", or "invalid quote"
// and the reason if q is not valid.
func (q Quote) String() string {
	o, err := q.check()
	if err != nil {
		return "invalid quote: " + err.Error()
	}
	return fmt.Sprintf("%s, %s (band %d-%d), %v: %s × %v = %v yuan", q.Plan, count(q.Machines, "machine"), q.Tier.Min,
		q.Tier.Max, q.Term, count(q.Term.quantity(q.Unit), q.Unit.String()), o.price, o.amount)
}

// EarliestStart returns 00:00 Beijing of the first day on which service bought at
// the instant purchased can begin: the day of purchase plus the lead days. Event
// protection bought on 31 January begins on 5 February at the earliest, routine
// operations on 31 January. The billing document says that event protection is bought
// five days ahead; that these are calendar days is the library's choice.
//
// The result is the zero time if q is not valid, if purchased is the zero time, or
// if either day is outside the years 1 to 9999.
func (q Quote) EarliestStart(purchased time.Time) time.Time {
	o, err := q.check()
	if err = cmp.Or(err, checkDate("purchase", purchased)); err != nil || !o.earliest(purchased).valid() {
		return time.Time{}
	}
	return o.earliest(purchased).midnight()
}

// MarshalJSON writes q, or returns an error wrapping [ErrInconsistent] if q is not
// valid.
func (q Quote) MarshalJSON() ([]byte, error) {
	_, err := q.check()
	return encode(quoteFields(q), err, "quote")
}

// UnmarshalJSON reads a quote and validates it. If it returns an error, which wraps
// [ErrInconsistent], q is unchanged.
func (q *Quote) UnmarshalJSON(data []byte) error { return decode(q, data, "quote", readQuote) }

// Value implements [driver.Valuer]: it returns what MarshalJSON does, for a text or
// JSON column.
func (q Quote) Value() (driver.Value, error) { return columnValue(q.MarshalJSON()) }

// Scan implements [database/sql.Scanner]: it reads a text column as UnmarshalJSON
// does. For any other column, NULL too, it returns an error wrapping
// [ErrInconsistent] and leaves q unchanged.
func (q *Quote) Scan(src any) error { return scan(src, "quote", q.UnmarshalJSON, ErrInconsistent) }

// GormDataType returns "string", so that GORM makes a text column.
func (Quote) GormDataType() string { return gormText }

// An offer is a Quote that was checked, with its amounts in fen.
type offer struct {
	Quote
	price, amount fen // of the band, and for the whole term
}

// check returns q as an offer, or what is inconsistent.
func (q Quote) check() (offer, error) {
	price, err := q.Tier.check()
	if err = cmp.Or(checkSale(q.Plan, q.Unit, q.LeadDays), checkTerm(q.Term, q.Unit), err); err != nil {
		return offer{}, as(err, ErrInconsistent)
	}
	if q.Machines < q.Tier.Min || q.Machines > q.Tier.Max {
		return offer{}, fmt.Errorf("%s: want %d to %d, the band: %w",
			count(q.Machines, "machine"), q.Tier.Min, q.Tier.Max, ErrInconsistent)
	}
	amount := price * fen(q.Term.quantity(q.Unit))
	if got, ok := toFen(q.Amount); !ok || got != amount {
		return offer{}, fmt.Errorf("amount %s: want %v, the price %v × %d: %w",
			yuan(q.Amount), amount, price, q.Term.quantity(q.Unit), ErrInconsistent)
	}
	return offer{q, price, amount}, nil
}

// earliest returns the first day on which service bought at an instant can begin.
func (o offer) earliest(purchased time.Time) day { return dayOf(purchased) + day(o.LeadDays) }

// quoteFields has no methods, so that encoding/json reads and writes the fields. It
// reads into one with -1 lead days, which is not valid as long as a field is missing.
type quoteFields Quote

// quote returns the quote that was read.
func (f quoteFields) quote() Quote {
	if f.Unit == 0 {
		f.Unit = min(f.Term.Unit, Month)
	}
	return Quote(f)
}

func readQuote(data []byte) (Quote, error) {
	check := func(f quoteFields) (offer, error) { return f.quote().check() }
	o, err := readDocument(data, quoteFields{LeadDays: -1}, check, quoteSchema)
	return o.Quote, err
}

func quoteSchema([]byte) []field {
	var q Quote
	return append([]field{
		{"plan", &q.Plan, aText}, {"machines", &q.Machines, aNumber}, {"term", &q.Term, aTerm},
		{"unit?", &q.Unit, "day, month or year"}, {"lead_days", &q.LeadDays, aNumber}, {"amount", &q.Amount, anAmount},
	}, within("tier", ".", tierSchema(&q.Tier))...)
}
