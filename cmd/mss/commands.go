package main

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

func plans(c *call) (any, string, error) {
	catalog, err := c.catalog(c.at(mss.Subscription{}))
	return catalog, plansText(catalog), err
}

func quote(c *call) (any, string, error) {
	at := c.at(mss.Subscription{})
	plan, quotes, err := c.quotes(mss.Quote{}, at)
	switch {
	case err != nil:
		return nil, "", err
	case c.form == "csv":
		return nil, "", csv.NewWriter(c.out).WriteAll(quotesTable(quotes))
	case c.lists():
		return quotes, tableText(quotesTable(quotes)), nil
	}
	s, err := c.subscribe(quotes[0], at)
	return s.Quote, saleText(plan.Title, s), err
}

func buy(c *call) (any, string, error) {
	var wanted mss.Quote
	if c.has("quote") {
		if err := c.read(c.given["quote"], "a quote", wanted.UnmarshalJSON); err != nil {
			return nil, "", err
		}
	}
	at, title := c.at(mss.Subscription{}), ""
	if !c.is("as-quoted") {
		plan, quotes, err := c.quotes(wanted, at)
		switch {
		case c.has("quote") && err != nil:
			err = fmt.Errorf("%w; -as-quoted sells the quote all the same", err)
		case c.has("quote") && !quotes[0].Equal(wanted):
			err = fmt.Errorf("quote %v; the price list in force has %v: quote again, or sell it -as-quoted", wanted, quotes[0])
		}
		if err != nil {
			return nil, "", err
		}
		wanted, title = quotes[0], plan.Title
	}
	s, err := c.subscribe(wanted, at)
	return s, saleText(title, s), err
}

// report is what status prints.
type report struct {
	ID       string     `json:"id,omitempty"`
	At       time.Time  `json:"at"`
	Status   mss.Status `json:"status"`
	Start    time.Time  `json:"start"`
	End      time.Time  `json:"end"`
	Days     int        `json:"days"`
	UsedDays int        `json:"used_days"`
	DaysLeft int        `json:"days_left"`
}

// status prints one subscription as it is, and several with their ids.
func status(c *call) (any, string, error) {
	var last record
	var r report
	n := 0
	for s, err := range c.subscriptions() {
		if err == nil && n > 0 {
			err = c.printReport(last, r)
		}
		if err != nil {
			return nil, "", err
		}
		at := c.at(s.Subscription)
		last, r = s, report{s.id, at.In(mss.Beijing), s.Status(at), s.Start, s.End, s.Days(), s.UsedDays(at), s.DaysLeft(at)}
		n++
	}
	if n == 1 {
		r.ID = ""
		return r, statusText(last.Subscription, r), nil
	} else if n > 1 {
		return nil, "", c.printReport(last, r)
	}
	return nil, "", nil
}

// printReport prints one of several reports.
func (c *call) printReport(s record, r report) error {
	if c.form == "json" {
		return json.NewEncoder(c.out).Encode(r)
	}
	_, err := fmt.Fprintf(c.out, "%s%s\n", line("id", "%s", r.ID), statusText(s.Subscription, r))
	return err
}

func renew(c *call) (any, string, error) {
	s, at, err := c.subscription()
	if err != nil {
		return nil, "", err
	}
	plan, quotes, err := c.quotes(s.Quote, at)
	if err != nil {
		return nil, "", err
	}
	renewed, err := s.Renew(quotes[0], at)
	return renewed, saleText(plan.Title, renewed) + gapText(s, renewed), err
}

func refund(c *call) (any, string, error) {
	s, at, err := c.subscription()
	if err != nil {
		return nil, "", err
	}
	r, err := s.Refund(at, c.by)
	if err != nil || !c.is("confirm") {
		return r, previewText(r), err
	}
	s, err = s.Cancel(r, at)
	return s, cancelledText(r, s), err
}

func change(c *call) (any, string, error) {
	s, at, err := c.subscription()
	if err != nil {
		return nil, "", err
	}
	plan, quotes, err := c.quotes(s.Quote, at)
	if err != nil {
		return nil, "", err
	}
	changed, err := s.Change(quotes[0], at, c.by)
	if c.is("opened") {
		return changed.Opened, saleText(plan.Title, changed.Opened), err
	}
	return changed, changeText(plan.Title, changed), err
}

func amortize(c *call) (any, string, error) {
	s, _, err := c.subscription()
	if err != nil {
		return nil, "", err
	}
	if r := s.Refunded; r != nil && !c.has("by") {
		c.by = r.By
	}
	periods, err := s.Amortize(c.by)
	return periods, amortizationText(s, c.by, periods), err
}

// version prints that of the module, which a build from a checkout may lack.
func version(*call) (any, string, error) {
	module := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok {
		module = cmp.Or(info.Main.Version, module)
	}
	return module, "mss " + module + "\n", nil
}

// quotes returns what is asked for, from the price list in force. What the flags
// leave out is as it was.
func (c *call) quotes(was mss.Quote, at time.Time) (plan mss.Plan, quotes []mss.Quote, err error) {
	name, machines, terms := c.given["plan"], c.machines, c.terms
	if !c.has("plan") {
		name = was.Plan
	}
	if !c.has("machines") {
		machines = []int{was.Machines}
	}
	if !c.has("term") {
		terms = []mss.Term{was.Term}
	}
	catalog, err := c.catalog(at)
	if err == nil {
		plan, err = catalog.Plan(name)
	}
	if err != nil {
		return mss.Plan{}, nil, err
	}
	for _, n := range machines {
		for _, term := range terms {
			q, failed := plan.Quote(n, term)
			quotes, err = append(quotes, q), cmp.Or(err, failed)
		}
	}
	return plan, quotes, err
}

// subscribe makes a subscription of a quote.
func (c *call) subscribe(q mss.Quote, at time.Time) (mss.Subscription, error) {
	if c.has("start") {
		return q.SubscribeFrom(at, c.start)
	}
	return q.Subscribe(at)
}

func plansText(catalog mss.Catalog) string {
	var out strings.Builder
	for _, plan := range catalog {
		rows := [][]string{{"machines", "yuan a " + plan.Unit.String()}}
		for _, tier := range plan.Tiers {
			rows = append(rows, []string{band(tier), tier.Price.StringFixed(2)})
		}
		fmt.Fprintf(&out, "%s\npriced by the %v, %s\n%s\n",
			heading(plan.Name, plan.Title), plan.Unit, count(plan.LeadDays, "lead day"), tableText(rows))
	}
	fmt.Fprintf(&out, "above the last band: contact sales at %s; purchase page: %s\n", mss.ContactURL, mss.PurchaseURL)
	return out.String()
}

// quotesTable returns quotes of one plan, below a heading. A spreadsheet would take a
// band of 1-5 for a date.
func quotesTable(quotes []mss.Quote) [][]string {
	unit := quotes[0].Unit.String()
	rows := [][]string{{"plan", "machines", "band", "term", "yuan a " + unit, "yuan for the term", "yuan per machine and " + unit}}
	for _, q := range quotes {
		each := q.Tier.Price.DivRound(decimal.NewFromInt(int64(q.Machines)), 2)
		rows = append(rows, []string{q.Plan, strconv.Itoa(q.Machines), fmt.Sprintf("%d to %d", q.Tier.Min, q.Tier.Max), q.Term.String(),
			q.Tier.Price.StringFixed(2), q.Amount.StringFixed(2), each.StringFixed(2)})
	}
	return rows
}

// saleText returns a subscription, as an offer or as it was bought.
func saleText(title string, s mss.Subscription) string {
	q := s.Quote
	return offerText(title, q) +
		line("price", "%s a %v in total, not per machine", yuan(q.Tier.Price), q.Unit) +
		line("term", "%s", term(q.Term)) +
		line("amount", "%s = %s × %s", yuan(q.Amount), count(q.Quantity(), q.Unit.String()), q.Tier.Price.StringFixed(2)) +
		line("bought", "%s", s.Purchased.Format(time.DateOnly)) +
		line("service", "%s", service(s)) +
		line("contact by", "%s", contact(s)) +
		line("purchase", "%s", mss.PurchaseURL)
}

// gapText says on which days there is no service between s and what renews it.
func gapText(s, renewed mss.Subscription) string {
	if !renewed.Start.After(s.End) {
		return ""
	}
	return line("gap", "no service from %s to %s", s.End.Format(time.DateOnly), dayBefore(renewed.Start))
}

func offerText(title string, q mss.Quote) string {
	return line("plan", "%s", heading(q.Plan, title)) +
		line("machines", "%d", q.Machines) +
		line("band", "%s", band(q.Tier))
}

func statusText(s mss.Subscription, r report) string {
	q, refund := s.Quote, ""
	if s.Refunded != nil {
		refund = line("refund", "%s, by %v, at %s", yuan(s.Refunded.Amount), s.Refunded.By, instant(s.Refunded.At))
	}
	return offerText("", q) +
		line("term", "%s", term(q.Term)) +
		line("paid", "%s", yuan(q.Amount)) +
		refund +
		line("service", "%s", service(s)) +
		line("at", "%s", instant(r.At)) +
		line("status", "%v", r.Status) +
		line("days", "%d used, %d left", r.UsedDays, r.DaysLeft)
}

func refundText(r mss.Refund) string {
	apply := [...]string{": nothing to apply for", ", to apply for at " + mss.ContactURL}[r.Amount.Sign()]
	return line("refund", "by %v, at %s", r.By, instant(r.At)) +
		line("used", "%d of %s", r.UsedDays, count(r.TotalDays, "day")) +
		line("paid", "%s", yuan(r.Paid)) +
		line("consumed", "%s", yuan(r.Consumed)) +
		line("amount", "%s%s", yuan(r.Amount), apply)
}

func previewText(r mss.Refund) string {
	return refundText(r) +
		line("preview", "changes nothing, and is valid until the end of %s in Beijing", r.At.Format(time.DateOnly))
}

// cancelledText returns s, which r has cancelled.
func cancelledText(r mss.Refund, s mss.Subscription) string {
	ends := " before service began"
	if s.Days() > 0 {
		ends = "; service ends at the end of " + dayBefore(s.End) + " in Beijing"
	}
	return refundText(r) + line("confirmed", "the subscription is cancelled%s", ends)
}

func changeText(title string, changed mss.Change) string {
	payment := [...]string{" owed to the customer", ": nothing to pay", " to pay"}[changed.Net.Sign()+1]
	return "closed\n" + refundText(changed.Refund) + line("service", "%s", service(changed.Closed)) +
		"\nopened\n" + saleText(title, changed.Opened) +
		"\n" + line("net", "%s%s", yuan(changed.Net.Abs()), payment)
}

func amortizationText(s mss.Subscription, by mss.Proration, periods []mss.Period) string {
	rows := [][]string{{"month", "days", "yuan consumed", "yuan deferred"}}
	var total decimal.Decimal
	for _, p := range periods {
		total = total.Add(p.Amount)
		rows = append(rows, []string{p.Start.Format("2006-01"), strconv.Itoa(p.Days), p.Amount.StringFixed(2), p.Deferred.StringFixed(2)})
	}
	rows = append(rows, []string{"total", strconv.Itoa(s.Days()), total.StringFixed(2)})
	return line("plan", "%s", heading(s.Quote.Plan, "")) +
		line("service", "%s", service(s)) +
		line("amortized", "by %v", by) + "\n" + tableText(rows)
}

// tableText aligns the columns of a table.
func tableText(rows [][]string) string {
	var out strings.Builder
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, row := range rows {
		fmt.Fprintln(table, strings.Join(row, "\t")+"\t")
	}
	table.Flush()
	return out.String()
}

// line returns a fact behind its label.
func line(label, format string, args ...any) string {
	return fmt.Sprintf("%-12s", label) + fmt.Sprintf(format, args...) + "\n"
}

// heading returns the name of a plan and its title, if it has one.
func heading(name, title string) string { return strings.TrimSuffix(name+" ("+title+")", " ()") }

func band(t mss.Tier) string { return fmt.Sprintf("%d-%d", t.Min, t.Max) }

func term(t mss.Term) string { return fmt.Sprintf("%v (%s)", t, count(t.N, t.Unit.String())) }

func instant(t time.Time) string { return t.Format(time.RFC3339) }

// service returns the first and the last day of s.
func service(s mss.Subscription) string {
	if s.Days() == 0 {
		return "none: refunded before it began"
	}
	return fmt.Sprintf("%s to %s (%s)", s.Start.Format(time.DateOnly), dayBefore(s.End), count(s.Days(), "day"))
}

// contact returns when the customer is contacted at the latest.
func contact(s mss.Subscription) string {
	by, err := s.ContactBy(nil)
	if err != nil {
		return "unknown: " + plain(err)
	}
	return "the end of " + dayBefore(by) + " (public holidays are not considered)"
}

// dayBefore returns the day that ends at end, which is 00:00 of the next one.
func dayBefore(end time.Time) string { return end.Add(-1).Format(time.DateOnly) }

func yuan(amount decimal.Decimal) string { return amount.StringFixed(2) + " yuan" }

func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}
