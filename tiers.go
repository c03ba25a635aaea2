package mss

import (
	"fmt"
	"sort"

	"github.com/shopspring/decimal"
)

// Tier is one band of a price table: any number of machines from Min to Max costs
// Price, in yuan a day, a month or a year, by the plan's unit. That is a flat price
// for all of them together, not a price per machine.
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

// String returns t on one line, such as "101-200 at 21000.00 yuan".
func (t Tier) String() string { return fmt.Sprintf("%d-%d at %s yuan", t.Min, t.Max, yuan(t.Price)) }

// routineBands returns the published bands of 日常运营版本, in yuan a month.
func routineBands() []Tier {
	price := decimal.NewFromInt
	return []Tier{
		{1, 5, price(1250)}, {6, 20, price(4200)},
		{21, 50, price(8400)}, {51, 100, price(12500)},
		{101, 200, price(21000)}, {201, 400, price(29500)},
		{401, 600, price(42000)}, {601, 800, price(54500)},
		{801, 1000, price(64800)}, {1001, 1500, price(89100)},
		{1501, 2000, price(118800)}, {2001, 2500, price(148500)},
		{2501, 3000, price(178200)}, {3001, 3500, price(207900)},
		{3501, 4000, price(237600)}, {4001, 4500, price(267300)},
		{4501, 5000, price(297000)}, {5001, 5500, price(326700)},
		{5501, 6000, price(356400)},
	}
}

// eventBands returns the published bands of 重保服务版本, in yuan a day.
func eventBands() []Tier {
	price := decimal.NewFromInt
	return []Tier{
		{1, 50, price(12000)}, {51, 200, price(17000)},
		{201, 500, price(23000)}, {501, 1000, price(30000)},
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
	tier, err := lookup(tiers, machines)
	if err != nil {
		return Tier{}, wrap(err, "lookup")
	}
	return *tier, nil
}

// Affordable returns the largest band that a budget, in yuan a month (or a day or a
// year, by the plan's unit), pays for, and reports whether there is one. The tiers
// must be sorted, as [ValidateTiers] requires; of bands at the same price it returns
// the last. With the published prices of routine operations, 20000 yuan a month pays
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
func ValidateTiers(tiers []Tier) error { return wrap(checkTiers(tiers), "validate tiers") }

// lookup returns the band that contains machines.
func lookup(tiers []Tier, machines int) (*Tier, error) {
	i := sort.Search(len(tiers), func(i int) bool { return tiers[i].Max >= machines })
	if i < len(tiers) && tiers[i].Min <= machines && machines >= 1 {
		return &tiers[i], nil
	}
	return nil, notFound(tiers, machines)
}

// notFound returns why lookup finds no band.
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
		return fmt.Errorf("%s: above the last band, which ends at %d: contact sales at %s: %w",
			asked, last, ContactURL, ErrContactSales)
	}
	return fmt.Errorf("%s: in no band of %d, want bands without gaps: %w", asked, len(tiers), ErrPlan)
}

func checkTiers(tiers []Tier) error {
	var before Tier
	var least fen
	return checkEach(tiers, "row", func(_ int, t Tier) error {
		price, err := t.check()
		switch {
		case err != nil:
			return err
		case t.Min-1 != before.Max: // before.Max+1 could overflow; t.Min is at least 1
			return fmt.Errorf("band %d-%d: want it to start at %d, without a gap or an overlap: %w",
				t.Min, t.Max, uint(before.Max)+1, ErrPlan)
		case price < least:
			return fmt.Errorf("band %d-%d: price %v: want at least %v, the price of the band before: %w",
				t.Min, t.Max, price, least, ErrPlan)
		}
		before, least = t, price
		return nil
	})
}

// checkEach checks each item of a price list, which must have one.
func checkEach[T any](items []T, noun string, check func(i int, item T) error) error {
	if len(items) == 0 {
		return fmt.Errorf("no %ss, want at least one: %w", noun, ErrPlan)
	}
	for i, item := range items {
		if err := check(i, item); err != nil {
			return fmt.Errorf("%s %d: %w", noun, i+1, err)
		}
	}
	return nil
}

// check returns the price of t, or what is not valid in t alone.
func (t Tier) check() (fen, error) {
	if t.Min < 1 || t.Max < t.Min {
		return 0, fmt.Errorf("band %d-%d: want 1 <= min <= max: %w", t.Min, t.Max, ErrPlan)
	}
	price, ok := toFen(t.Price)
	if !ok || price < 1 || price > maxPrice {
		return 0, fmt.Errorf("band %d-%d: price %s: want 0.01 to %v yuan, in whole fen and at most 100 digits: %w",
			t.Min, t.Max, yuan(t.Price), maxPrice, ErrPlan)
	}
	return price, nil
}

// readTier reads a row of a price list.
func readTier(data []byte) (t Tier, err error) {
	err = readObject(data, tierSchema(&t)...)
	return t, err
}

func tierSchema(t *Tier) []field {
	return []field{{"min", &t.Min, aNumber}, {"max", &t.Max, aNumber}, {"price", &t.Price, anAmount}}
}
