package mss

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"time"
)

// Catalog is a price list: plans, no two of the same name.
type Catalog []Plan

// Published returns Tencent Cloud's price list as published in its billing document
// (1308/48534): [RoutineOperations] and [EventProtection]. The caller may modify
// the result.
func Published() Catalog { return Catalog{RoutineOperations(), EventProtection()} }

// ReadCatalog reads a price list, a JSON array of plans, and validates it. A field
// that is unknown, missing or given twice is refused, as is anything after the array.
// The error wraps [ErrPlan] and names the plan, the row of its table and the field;
// if r failed or held no JSON, it also wraps the error of r or of encoding/json.
//
// encoding/json reads a Catalog just as strictly, but does not call [Catalog.Validate].
func ReadCatalog(r io.Reader) (Catalog, error) {
	c, err := readList(r, "plan", readPlan, Catalog.check)
	return c, wrap(err, "read catalog")
}

// Plan returns the plan of that name, with a copy of its tiers, or an error
// wrapping [ErrUnknownPlan] if c has none.
func (c Catalog) Plan(name string) (Plan, error) {
	for _, p := range c {
		if p.Name == name {
			p.Tiers = slices.Clone(p.Tiers)
			return p, nil
		}
	}
	var names []string
	for _, p := range c[:min(len(c), 3)] { // to keep the message short
		names = append(names, quoted(p.Name))
	}
	err := fmt.Errorf("want one of %s (%s): %w", count(len(c), "name"), strings.Join(names, ", "), ErrUnknownPlan)
	return Plan{}, wrap(err, "find plan", name)
}

// Validate returns an error wrapping [ErrPlan] unless c has at least one plan, each
// is valid, and no two have the same name.
func (c Catalog) Validate() error { return wrap(c.check(), "validate catalog") }

func (c Catalog) check() error {
	seen := make(map[string]bool, len(c))
	return checkEach(c, "plan", func(_ int, p Plan) error {
		err := p.check()
		if err == nil && seen[p.Name] {
			err = fmt.Errorf("%s: given before, want another name: %w", quoted(p.Name), ErrPlan)
		}
		seen[p.Name] = true
		return err
	})
}

// DatedCatalog is a price list and the instant from which it is in force, which is
// in the years 1 to 9999 and not the zero time.
//
// In JSON, a field that is missing, unknown or given twice is refused, as is a dated
// catalog that is not valid.
type DatedCatalog struct {
	From    time.Time `json:"from"`
	Catalog Catalog   `json:"catalog"`
}

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
	return decode(d, data, "dated catalog", readDated)
}

func (d DatedCatalog) check() error {
	return cmp.Or(as(checkDate("from", d.From), ErrPlan), d.Catalog.check())
}

// readDated reads a price list of a price book.
func readDated(data []byte) (d DatedCatalog, err error) {
	err = readObject(data,
		field{"from", &d.From, anInstant},
		field{"catalog", list(&d.Catalog, "plan", readPlan), "an array of plans"})
	d.From = d.From.In(beijing)
	return d, cmp.Or(err, d.check())
}

// PriceBook is a sequence of price lists. Each is in force from its From until the next
// one's; the last has no end.
type PriceBook []DatedCatalog

// ReadPriceBook reads a price book, a JSON array of dated catalogs, and validates it,
// as strictly as [ReadCatalog] and with the same errors, which name the list, too.
//
// encoding/json reads a PriceBook just as strictly, but does not call
// [PriceBook.Validate].
func ReadPriceBook(r io.Reader) (PriceBook, error) {
	b, err := readList(r, "list", readDated, PriceBook.check)
	return b, wrap(err, "read price book")
}

// At returns the price list in force at an instant: the last whose From is not after
// t. It makes a binary search and allocates nothing; the result shares its plans with
// b. If b is not sorted, the list returned may not be the last such one, but its From
// is not after t.
//
// At returns an error wrapping
//   - [ErrPlan] if b is empty;
//   - [ErrDate] if t is before the first list, or is the zero time or outside the
//     years 1 to 9999.
func (b PriceBook) At(t time.Time) (Catalog, error) {
	if len(b) == 0 {
		return nil, wrap(b.check(), "find price list")
	}
	i := sort.Search(len(b), func(i int) bool { return b[i].From.After(t) })
	err := checkDate("time", t)
	if err == nil && i == 0 {
		err = fmt.Errorf("%s: want %s, the start of the first list, or later: %w", instant(t), instant(b[0].From), ErrDate)
	}
	if err != nil {
		return nil, wrap(err, "find price list")
	}
	return b[i-1].Catalog, nil
}

// Validate returns an error wrapping [ErrPlan] unless b has at least one list, each
// From is a valid date later than the one before, and each catalog is valid.
func (b PriceBook) Validate() error { return wrap(b.check(), "validate price book") }

func (b PriceBook) check() error {
	return checkEach(b, "list", func(i int, d DatedCatalog) error {
		err := d.check()
		if err == nil && i > 0 && !d.From.After(b[i-1].From) {
			err = fmt.Errorf("from %s: want an instant after %s, that of the list before: %w",
				instant(d.From), instant(b[i-1].From), ErrPlan)
		}
		return err
	})
}

// readList reads all of r as list does, and checks the whole.
func readList[S ~[]T, T any](r io.Reader, noun string, read func(item []byte) (T, error), check func(S) error) (S, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrPlan)
	}
	var s S
	if err = list(&s, noun, read)(data); err == nil {
		err = check(s)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}
