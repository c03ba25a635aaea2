package mss_test

import (
	"fmt"
	"slices"
	"testing"

	"example.com/mss"
)

func TestPriceListsValidate(t *testing.T) {
	list := mss.Published()
	for _, tt := range []struct {
		name string
		list interface{ Validate() error }
		want error
	}{
		{"published", list, nil},
		{"the second plan invalid", mss.Catalog{list[0], {Name: "x"}}, mss.ErrPlan},
		{"a name twice", mss.Catalog{list[0], list[1], list[0]}, mss.ErrPlan},

		{"two lists", priceBook(), nil},
		{"a nanosecond apart", mss.PriceBook{{at("2026-01-01"), list}, {at("2026-01-01 1ns"), list}}, nil},
		{"the first and the last instant", mss.PriceBook{{at("1-01-01"), list}, {at("10000-01-01 -1ns"), list}}, nil},
		{"one instant twice", mss.PriceBook{{at("2026-01-01"), list}, {at("2025-12-31T16:00:00Z"), list}}, mss.ErrPlan},
		{"zero time", mss.PriceBook{{at(""), list}}, mss.ErrPlan},
		{"the year 10000", mss.PriceBook{{at("2026-01-01"), list}, {at("10000-01-01"), list}}, mss.ErrPlan},
		{"an empty list", mss.PriceBook{{at("2026-01-01"), list}, {at("2027-01-01"), nil}}, mss.ErrPlan},
	} {
		checkError(t, tt.name+": Validate()", tt.list.Validate(), tt.want)
	}
	_, err := mss.DatedCatalog{Catalog: list}.MarshalJSON()
	checkError(t, "MarshalJSON without a from", err, mss.ErrPlan)
	for _, doc := range []string{
		within(t, datedDoc, "2026-01-01T00:00:00+08:00", "0001-01-01T00:00:00Z"),
		within(t, datedDoc, planDoc, ""),
		within(t, datedDoc, planDoc, planDoc+","+planDoc),
	} {
		checkError(t, "UnmarshalJSON("+doc+")", new(mss.DatedCatalog).UnmarshalJSON([]byte(doc)), mss.ErrPlan)
	}
}

func TestCatalogPlan(t *testing.T) {
	for _, want := range mss.Published() {
		got, err := mss.Published().Plan(want.Name)
		check(t, "Plan("+want.Name+")", got, err, show(want))
	}
	for name, catalog := range map[string]mss.Catalog{"": mss.Published(), "Event-Protection": mss.Published(), "none": nil} {
		got, err := catalog.Plan(name)
		check(t, "Plan("+name+")", got, err, mss.ErrUnknownPlan)
	}
}

// priceBook is the published list from 2026, and one at double prices from 2027.
func priceBook() mss.PriceBook {
	double := mss.Published()
	for _, plan := range double {
		for i := range plan.Tiers {
			plan.Tiers[i].Price = plan.Tiers[i].Price.Mul(dec("2"))
		}
	}
	return mss.PriceBook{{at("2026-01-01"), mss.Published()}, {at("2027-01-01"), double}}
}

// A list is in force from its instant until that of the next one.
func TestPriceBookAt(t *testing.T) {
	first, second := show(mss.Published()), show(priceBook()[1].Catalog)
	disorder := priceBook()
	slices.Reverse(disorder)
	for _, tt := range []struct {
		name string
		book mss.PriceBook
		when string
		want any
	}{
		{"the instant of the first", priceBook(), "2026-01-01", first},
		{"a nanosecond before it", priceBook(), "2026-01-01 -1ns", mss.ErrDate},
		{"a nanosecond before the second", priceBook(), "2027-01-01 -1ns", first},
		{"the instant of the second", priceBook(), "2027-01-01", second},
		{"the same in UTC", priceBook(), "2026-12-31T16:00:00Z", second},
		{"disorder, before both", disorder, "2025-06-01", mss.ErrDate},
		{"disorder, after both", disorder, "2027-06-01", first},
		{"a list of the zero time", mss.PriceBook{{Catalog: mss.Published()}}, "", mss.ErrDate},
		{"no list", nil, "2026-01-01", mss.ErrPlan},
		{"no list, at no date", mss.PriceBook{}, "", mss.ErrPlan},
	} {
		got, err := tt.book.At(at(tt.when))
		check(t, fmt.Sprintf("%s: At(%s)", tt.name, tt.when), got, err, tt.want)
	}
}
