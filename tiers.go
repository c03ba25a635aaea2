package mss

import (
	"errors"
	"fmt"
	"math"
	"sort"

	"github.com/shopspring/decimal"
)

// Tier is one band of a price table: any number of machines from Min to Max
// costs Price yuan a month (or a day, by the plan's unit), for all of them
// together. It is a flat price for the band, not a price per machine.
type Tier struct {
	Min   int             `json:"min"`
	Max   int             `json:"max"`
	Price decimal.Decimal `json:"price"`
}

// RoutineOperations returns the published plan 日常运营版本: yuan a month, service
// from the day of purchase. The result is the caller's own.
func RoutineOperations() Plan {
	return Plan{
		Name:  "routine-operations",
		Title: "日常运营版本",
		Unit:  Month,
		Tiers: bands(
			band{1, 5, 1250},
			band{6, 20, 4200},
			band{21, 50, 8400},
			band{51, 100, 12500},
			band{101, 200, 21000},
			band{201, 400, 29500},
			band{401, 600, 42000},
			band{601, 800, 54500},
			band{801, 1000, 64800},
			band{1001, 1500, 89100},
			band{1501, 2000, 118800},
			band{2001, 2500, 148500},
			band{2501, 3000, 178200},
			band{3001, 3500, 207900},
			band{3501, 4000, 237600},
			band{4001, 4500, 267300},
			band{4501, 5000, 297000},
			band{5001, 5500, 326700},
			band{5501, 6000, 356400},
		),
	}
}

// EventProtection returns the published plan 重保服务版本: yuan a day, service from
// a day the buyer picks, at least 5 days after the day of purchase. The result
// is the caller's own.
func EventProtection() Plan {
	return Plan{
		Name:     "event-protection",
		Title:    "重保服务版本",
		Unit:     Day,
		LeadDays: 5,
		Tiers: bands(
			band{1, 50, 12000},
			band{51, 200, 17000},
			band{201, 500, 23000},
			band{501, 1000, 30000},
		),
	}
}

// Lookup returns the band of tiers that contains machines. The tiers must be
// sorted, as [ValidateTiers] wants them; of tiers that are not, the answer is
// still a band that contains the count, or an error. Lookup makes a binary
// search and allocates nothing.
//
// No tiers at all, or a count that falls between two bands, is [ErrPlan]; a
// count below 1 is [ErrMachines]; a count above the last band is
// [ErrContactSales], with the last Max and [ContactURL] in its message.
func Lookup(tiers []Tier, machines int) (Tier, error) {
	i := sort.Search(len(tiers), func(i int) bool { return tiers[i].Max >= machines })
	if i < len(tiers) && tiers[i].Min <= machines && machines >= 1 {
		return tiers[i], nil
	}
	return Tier{}, fmt.Errorf("mss: lookup: %w", notFound(tiers, machines))
}

// Within returns the largest band whose price is at most budget, in yuan a
// month (or a day, by the plan's unit), and reports whether there is one. The
// tiers must be sorted, as [ValidateTiers] wants them; of bands at one price it
// is the last. With the published prices, 20000 yuan a month buys the band
// 51-100 of routine operations, at 12500.
func Within(tiers []Tier, budget decimal.Decimal) (Tier, bool) {
	limit, _ := floorFen(budget)
	n := sort.Search(len(tiers), func(i int) bool {
		price, exact := floorFen(tiers[i].Price)
		return !exact || price > limit
	})
	if n == 0 {
		return Tier{}, false
	}
	return tiers[n-1], true
}

// ValidateTiers returns nil where tiers can be sold by: they start at 1, leave
// no gap and no overlap, and have Max ≥ Min; each price is above 0, at most
// 10^12 yuan, in whole fen (0.01 yuan), and not below the price of the band
// before. Otherwise, and where there are no tiers at all, it returns [ErrPlan]
// with the first row that is wrong, counted from 1. A price of more than 1000
// digits is wrong, too, even where all but a few are zeros; so is any amount.
func ValidateTiers(tiers []Tier) error {
	if err := checkTiers(tiers); err != nil {
		return fmt.Errorf("mss: validate tiers: %w: %w", err, ErrPlan)
	}
	return nil
}

// notFound tells why no band of tiers contains machines.
func notFound(tiers []Tier, machines int) error {
	asked := count(machines, "machine")
	if len(tiers) == 0 {
		return fmt.Errorf("%s: no bands, want at least one: %w", asked, ErrPlan)
	}
	last := tiers[len(tiers)-1].Max
	if machines < 1 {
		return fmt.Errorf("%s: want 1 to %d: %w", asked, last, ErrMachines)
	}
	if machines > last {
		return fmt.Errorf("%s: above the last band, %d: contact sales at %s: %w", asked, last, ContactURL, ErrContactSales)
	}
	return fmt.Errorf("%s: in no band of %d, want bands without gaps: %w", asked, len(tiers), ErrPlan)
}

// checkTiers is ValidateTiers without the operation and the sentinel.
func checkTiers(tiers []Tier) error {
	if len(tiers) == 0 {
		return errors.New("no bands, want at least one")
	}
	var before Tier
	floor := int64(0) // the price of the band before
	for i, t := range tiers {
		price, err := t.priceFen()
		if err != nil {
			return fmt.Errorf("row %d: %w", i+1, err)
		}
		if i == 0 && t.Min != 1 {
			return fmt.Errorf("row 1: band %d-%d: want it to start at 1", t.Min, t.Max)
		}
		if t.Min-1 != before.Max { // 0 before the first row; Min is at least 1, so this cannot overflow.
			fault := "leaves a gap after"
			if t.Min <= before.Max {
				fault = "overlaps or precedes"
			}
			return fmt.Errorf("row %d: band %d-%d: %s the band before, %d-%d: want it to start one above %d",
				i+1, t.Min, t.Max, fault, before.Min, before.Max, before.Max)
		}
		if price < floor {
			return fmt.Errorf("row %d: band %d-%d: price %s: want at least %s, the price of the band before",
				i+1, t.Min, t.Max, yuan(t.Price), yuan(before.Price))
		}
		before, floor = t, price
	}
	return nil
}

// priceFen returns the price of t in fen, or what is wrong with t taken alone.
func (t Tier) priceFen() (int64, error) {
	if t.Min < 1 || t.Max < t.Min {
		return 0, fmt.Errorf("band %d-%d: want 1 <= min <= max", t.Min, t.Max)
	}
	price, exact := floorFen(t.Price)
	if !exact || price < 1 || price > maxPrice {
		return 0, fmt.Errorf("band %d-%d: price %s: want 0.01 to 1000000000000.00 yuan, in whole fen",
			t.Min, t.Max, yuan(t.Price))
	}
	return price, nil
}

func (t Tier) equal(u Tier) bool {
	return t.Min == u.Min && t.Max == u.Max && sameAmount(t.Price, u.Price)
}

// band is a row of a price table with its price in whole yuan.
type band struct {
	min, max int
	price    int64
}

func bands(rows ...band) []Tier {
	tiers := make([]Tier, len(rows))
	for i, b := range rows {
		tiers[i] = Tier{Min: b.min, Max: b.max, Price: decimal.NewFromInt(b.price)}
	}
	return tiers
}

// Prices and amounts are checked and compared in fen (0.01 yuan) as int64. The
// largest amount of a valid quote, 10^12 yuan a day for 36525 days, is about 40
// percent of what that holds.
const (
	maxPrice  = 1e14 // 10^12 yuan in fen
	maxAmount = maxPrice * maxDays
)

// floorFen returns d in fen, rounded down to a whole number of them, and reports
// whether that is d exactly. A negative d gives -1, a d beyond int64
// math.MaxInt64. The time it takes does not grow with d's exponent, as it does
// for most of decimal's operations; and what it calls exact is short to write.
func floorFen(d decimal.Decimal) (fen int64, exact bool) {
	if d.Sign() <= 0 {
		return int64(d.Sign()), d.Sign() == 0 && short(d, maxDigits)
	}
	magnitude := magnitude(d)
	if magnitude < -1 {
		return 0, false
	}
	if magnitude > 17 {
		return math.MaxInt64, false
	}
	if magnitude == 17 || d.NumDigits() > 18 {
		n := d.Shift(2).BigInt()
		if !n.IsInt64() {
			return math.MaxInt64, false
		}
		return n.Int64(), short(d, maxDigits) && decimal.NewFromBigInt(n, -2).Equal(d)
	}
	// The common case needs no allocation: both the coefficient and the result,
	// at most 18 digits each, fit.
	fen, exact = d.CoefficientInt64(), true
	exponent := d.Exponent()
	for ; exponent > -2; exponent-- {
		fen *= 10
	}
	for ; exponent < -2; exponent++ {
		exact = exact && fen%10 == 0
		fen /= 10
	}
	return fen, exact
}

// short reports whether d can be written with few digits. A zero, too, may have an
// exponent of a billion, and a thousand yuan a million zeros behind the point.
func short(d decimal.Decimal, digits int) bool {
	exponent := int(d.Exponent())
	return d.NumDigits() <= digits && -digits <= exponent && exponent <= digits
}

// maxDigits is how many digits of an amount are read and written, rather than
// taken for an attack.
const maxDigits = 1000

// magnitude returns the m for which 10^(m-1) <= |d| < 10^m, for a d that is not 0.
func magnitude(d decimal.Decimal) int64 {
	return int64(d.NumDigits()) + int64(d.Exponent())
}

// sameAmount is d.Equal(e) for values from anywhere: decimal aligns exponents
// before it compares, and with absurd ones would not come back.
func sameAmount(d, e decimal.Decimal) bool {
	if d.Sign() != e.Sign() {
		return false
	}
	return d.Sign() == 0 || magnitude(d) == magnitude(e) && d.Equal(e)
}

// yuan formats d for a message or an offer: with two places where it is a whole
// number of fen, in full where it is not, and by its size alone where writing it
// out would take a page.
func yuan(d decimal.Decimal) string {
	if fen, exact := floorFen(d); exact || d.Sign() == 0 {
		return decimal.New(fen, -2).StringFixed(2)
	}
	if short(d, 40) {
		return d.String()
	}
	sign := ""
	if d.IsNegative() {
		sign = "-"
	}
	return fmt.Sprintf("%s~10^%d", sign, magnitude(d)-1)
}
