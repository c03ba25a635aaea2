package main

import (
	"fmt"
	"strconv"
	"time"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

// A charge is an entry of the ledger as a row of FOCUS, the FinOps Open Cost and
// Usage Specification, version 1.2.
type charge struct {
	entry
	account  string
	class    string    // "Correction" if a refund corrects an earlier billing period
	from, to time.Time // the service that is charged or, by a refund, taken back
	cost     decimal.Decimal
	quantity decimal.Decimal // how often the price of the band is paid for cost
}

// focusColumns has the columns that FOCUS requires or recommends of a provider
// without regions, discounts, and sub accounts, and x_SubscriptionId.
var focusColumns = []column[charge]{
	fixed("BillingAccountName", ""), fixed("BillingCurrency", mss.Currency), fixed("InvoiceIssuerName", "Tencent Cloud"),
	fixed("PricingCategory", "Standard"), fixed("ProviderName", "Tencent Cloud"), fixed("PublisherName", "Tencent Cloud"),
	fixed("ServiceCategory", "Security"), fixed("ServiceName", "Managed Security Service"),
	fixed("ServiceSubcategory", "Other (Security)"), fixed("SkuMeter", "Service Days"), fixed("SkuPriceDetails", ""),
	{"BilledCost", func(c charge) any { return c.billed.String() }},
	{"BillingAccountId", func(c charge) any { return ascii(c.account) }},
	{"BillingPeriodEnd", func(c charge) any { return utc((monthOf(c.start) + 1).start()) }},
	{"BillingPeriodStart", func(c charge) any { return utc(monthOf(c.start).start()) }},
	{"ChargeCategory", func(c charge) any { return c.choose("Usage", "Purchase") }},
	{"ChargeClass", func(c charge) any { return c.class }},
	{"ChargeDescription", func(c charge) any {
		return ascii(fmt.Sprintf("%s: %s, %d machines, %v", c.name, c.Quote.Plan, c.Quote.Machines, c.Quote.Term))
	}},
	{"ChargeFrequency", func(c charge) any { return c.choose("Recurring", "One-Time") }},
	{"ChargePeriodEnd", func(c charge) any { return utc(c.to) }},
	{"ChargePeriodStart", func(c charge) any { return utc(c.from) }},
	{"ConsumedQuantity", func(c charge) any { return c.choose(c.days, "") }},
	{"ConsumedUnit", func(c charge) any { return c.choose("Days", "") }},
	{"ContractedCost", charge.listCost},
	{"EffectiveCost", func(c charge) any { return c.earned.String() }},
	{"ListCost", charge.listCost},
	{"ListUnitPrice", func(c charge) any { return c.Quote.Tier.Price.String() }},
	{"PricingQuantity", func(c charge) any { return c.quantity.String() }},
	{"PricingUnit", func(c charge) any { return pricingUnits[c.Quote.Unit] }},
	{"SkuId", charge.sku},
	{"SkuPriceId", func(c charge) any { return fmt.Sprint(c.sku(), "/", c.Quote.Tier.Price, "/", c.Quote.Unit) }},
	{"x_SubscriptionId", func(c charge) any { return ascii(c.id) }},
}

// charge returns an entry as a row of FOCUS.
func (c *call) charge(e entry) charge {
	end := e.End
	if r := e.Refunded; r != nil {
		end = e.Start.AddDate(0, 0, r.TotalDays) // of the term, as it was bought
	}
	row := charge{entry: e, account: c.given["account"], cost: e.billed, from: e.Start, to: end}
	switch e.name {
	case "service":
		row.cost, row.from, row.to = e.earned, e.start, e.end
	case "refund":
		row.from = e.start
		if monthOf(e.start) > monthOf(e.Purchased) {
			row.class = "Correction"
		}
	}
	places := len(e.Quote.Tier.Price.StringFixed(2)) - 1 // the digits of the fen: enough for listCost to be right to the fen
	row.quantity = row.cost.DivRound(e.Quote.Tier.Price, int32(places))
	return row
}

var pricingUnits = map[mss.Unit]string{mss.Day: "Days", mss.Month: "Months", mss.Year: "Years"}

// listCost is exactly the quantity × the price, which FOCUS asks for.
func (c charge) listCost() any { return c.quantity.Mul(c.Quote.Tier.Price) }

func (c charge) sku() any { return ascii(c.Quote.Plan + "/" + band(c.Quote.Tier)) }

// fixed returns a column that is the same in all rows.
func fixed(name, value string) column[charge] {
	return column[charge]{name, func(charge) any { return value }}
}

func utc(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ascii writes other characters as \u escapes, as FOCUS allows only ASCII.
func ascii(s string) string {
	quoted := strconv.QuoteToASCII(s)
	return quoted[1 : len(quoted)-1]
}
