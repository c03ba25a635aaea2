package mss

import (
	"cmp"
	"fmt"
	"sort"

	"github.com/shopspring/decimal"
)

// Tier is one band of a price table: any number of machines from Min to Max costs
// Price yuan a month (or a day, by the plan's unit). That is a flat price for all
// of them together, not a price per machine.
type Tier struct {
	Min   int             `json:"min"`
	Max   int             `json:"max"`
	Price decimal.Decimal `json:"price"`
}

// Equal reports whether t and u are the same band at the same price. Prices are
// compared by value, so 21000 equals 21000.00.
func (t Tier) Equal(u Tier) bool {
	return t.Min == u.Min && t.Max == u.Max && compare(t.Price, u.Price) == 0
}

// routineBands returns the published bands of 日常运营版本, in yuan a month.
func routineBands() []Tier {
	price := decimal.NewFromInt
	return []Tier{
		{1, 5, price(1250)},
		{6, 20, price(4200)},
		{21, 50, price(8400)},
		{51, 100, price(12500)},
		{101, 200, price(21000)},
		{201, 400, price(29500)},
		{401, 600, price(42000)},
		{601, 800, price(54500)},
		{801, 1000, price(64800)},
		{1001, 1500, price(89100)},
		{1501, 2000, price(118800)},
		{2001, 2500, price(148500)},
		{2501, 3000, price(178200)},
		{3001, 3500, price(207900)},
		{3501, 4000, price(237600)},
		{4001, 4500, price(267300)},
		{4501, 5000, price(297000)},
		{5001, 5500, price(326700)},
		{5501, 6000, price(356400)},
	}
}

// eventBands returns the published bands of 重保服务版本, in yuan a day.
func eventBands() []Tier {
	price := decimal.NewFromInt
	return []Tier{
		{1, 50, price(12000)},
		{51, 200, price(17000)},
		{201, 500, price(23000)},
		{501, 1000, price(30000)},
	}
}

// Lookup returns the band of tiers that contains machines. The tiers must be
// sorted, as [ValidateTiers] requires; from tiers that are not, Lookup still
// returns a band that contains machines, or an error. It makes a binary search,
// allocates nothing and does not write to tiers.
//
// Lookup returns an error wrapping
//   - [ErrPlan] if there are no tiers;
//   - [ErrMachines] if machines is below 1;
//   - [ErrContactSales] if machines is above the last band; the message has the
//     last Max and [ContactURL];
//   - [ErrPlan] if machines falls between two bands.
func Lookup(tiers []Tier, machines int) (Tier, error) {
	i := sort.Search(len(tiers), func(i int) bool { return tiers[i].Max >= machines })
	if i < len(tiers) && tiers[i].Min <= machines && machines >= 1 {
		return tiers[i], nil
	}
	return Tier{}, wrap(notFound(tiers, machines), "lookup")
}

// Affordable returns the largest band that budget, in yuan a month (or a day, by
// the plan's unit), pays for, and reports whether there is one. The tiers must be
// sorted, as [ValidateTiers] requires; of bands at the same price it returns the
// last. With the published prices of routine operations, 20000 yuan a month pays
// for the band 51-100, at 12500.
func Affordable(tiers []Tier, budget decimal.Decimal) (Tier, bool) {
	n := sort.Search(len(tiers), func(i int) bool { return compare(tiers[i].Price, budget) > 0 })
	if n == 0 {
		return Tier{}, false
	}
	return tiers[n-1], true
}

// ValidateTiers returns an error wrapping [ErrPlan] unless tiers is a valid price
// table: there is at least one band, the first starts at 1, they leave no gap and
// do not overlap, and Max is never below Min; each price is above 0, at most 10^12
// yuan, in whole fen (0.01 yuan), and not below the price of the band before. The
// message names the first row that is not valid, counted from 1.
//
// A price or any other amount of more than 100 digits, or with an exponent beyond
// ±100, is not valid, whatever its value.
func ValidateTiers(tiers []Tier) error { return wrap(checkTiers(tiers), "validate tiers") }

// notFound returns why Lookup finds no band.
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

func checkTiers(tiers []Tier) error {
	if len(tiers) == 0 {
		return fmt.Errorf("no bands, want at least one: %w", ErrPlan)
	}
	var before Tier
	for i, t := range tiers {
		if _, err := t.priceFen(); err != nil {
			return fmt.Errorf("row %d: %w: %w", i+1, err, ErrPlan)
		}
		if t.Min-1 != before.Max { // t.Min+1 could overflow; t.Min is at least 1
			return fmt.Errorf("row %d: band %d-%d: want it to start one above %d, without a gap or an overlap: %w",
				i+1, t.Min, t.Max, before.Max, ErrPlan)
		}
		if compare(t.Price, before.Price) < 0 {
			return fmt.Errorf("row %d: band %d-%d: price %s: want at least %s, the price of the band before: %w",
				i+1, t.Min, t.Max, yuan(t.Price), yuan(before.Price), ErrPlan)
		}
		before = t
	}
	return nil
}

// priceFen returns the price of t in fen, or what is not valid in t alone. The
// sentinel is for the caller to add: that of a price table or of a quote.
func (t Tier) priceFen() (int64, error) {
	if t.Min < 1 || t.Max < t.Min {
		return 0, fmt.Errorf("band %d-%d: want 1 <= min <= max", t.Min, t.Max)
	}
	price, ok := fen(t.Price)
	if !ok || price < 1 || price > maxPrice {
		return 0, fmt.Errorf("band %d-%d: price %s: want 0.01 to 1000000000000.00 yuan, in whole fen",
			t.Min, t.Max, yuan(t.Price))
	}
	return price, nil
}

// decodeTier reads a row of a price list.
func decodeTier(data []byte) (t Tier, err error) {
	fields, err := object(data, "min", "max", "price")
	if err == nil {
		err = cmp.Or(decodeField(fields, "min", &t.Min, "a whole number"), decodeField(fields, "max", &t.Max, "a whole number"),
			decodeField(fields, "price", &t.Price, `yuan, such as 21000 or "21000.00"`))
	}
	return t, err
}

// maxPrice is 10^12 yuan in fen. The largest amount, of 36525 days at that price,
// is about 40 percent of what int64 holds.
const maxPrice = 1e14

// fen returns d in fen (0.01 yuan), and reports whether d is a whole number of
// them that int64 holds. Amounts are checked in fen, which allocates nothing.
func fen(d decimal.Decimal) (int64, bool) {
	digits, exponent := d.NumDigits(), d.Exponent()
	if digits > 100 || exponent < -100 || exponent > 100 { // decimal would write an absurd exponent out
		return 0, false
	}
	if digits <= 16 && -2 <= exponent && exponent <= 0 {
		n := d.CoefficientInt64()
		for ; exponent > -2; exponent-- {
			n *= 10
		}
		return n, true
	}
	n := d.Shift(2).IntPart()
	return n, decimal.New(n, -2).Equal(d)
}

// compare is d.Cmp(e) for amounts from anywhere. decimal aligns the exponents
// before it compares; with an absurd one it would not come back.
func compare(d, e decimal.Decimal) int {
	sign := d.Sign()
	if sign == 0 || sign != e.Sign() {
		return cmp.Compare(sign, e.Sign())
	}
	if order := cmp.Compare(magnitude(d), magnitude(e)); order != 0 {
		return sign * order
	}
	return d.Cmp(e)
}

// magnitude returns the m for which 10^(m-1) <= |d| < 10^m, for a d that is not 0.
func magnitude(d decimal.Decimal) int { return d.NumDigits() + int(d.Exponent()) }

// yuan formats d for a message: with two places if it is a whole number of fen,
// in full if it is not, and by its size alone if that would be long.
func yuan(d decimal.Decimal) string {
	if _, ok := fen(d); ok {
		return d.StringFixed(2)
	}
	if m := magnitude(d); d.NumDigits() > 40 || m < -40 || m > 40 {
		return fmt.Sprintf("of the order of %de%d", d.Sign(), m-1)
	}
	return d.String()
}
