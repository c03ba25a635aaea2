package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf16"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

func plansText(catalog mss.Catalog) string {
	var out strings.Builder
	for _, plan := range catalog {
		fmt.Fprintf(&out, "%s\npriced by the %v, notice %s\n", heading(plan.Name, plan.Title), plan.Unit, count(plan.LeadDays, "day"))
		table := newTable(&out)
		fmt.Fprintf(table, "machines\tyuan a %v\t\n", plan.Unit)
		for _, tier := range plan.Tiers {
			fmt.Fprintf(table, "%s\t%s\t\n", band(tier), tier.Price.StringFixed(2))
		}
		table.Flush()
		out.WriteString("\n")
	}
	fmt.Fprintf(&out, "above the last band: contact sales at %s; purchase page: %s\n", mss.ContactURL, mss.PurchaseURL)
	return out.String()
}

// saleText returns a subscription, as an offer or as it was bought.
func saleText(title string, s mss.Subscription) string {
	q, unit := s.Quote, mss.Month
	if q.Term.Unit == mss.Day {
		unit = mss.Day
	}
	periods, _ := q.Amount.QuoRem(q.Tier.Price, 0)
	return offerText(title, q) +
		line("price", "%s a %v, for all machines of the band", yuan(q.Tier.Price), unit) +
		line("term", "%s", term(q.Term)) +
		line("amount", "%s = %s × %s", yuan(q.Amount), count(int(periods.IntPart()), unit.String()), q.Tier.Price.StringFixed(2)) +
		line("bought", "%s", s.Purchased.Format(time.DateOnly)) +
		line("service", "%s", service(s)) +
		line("contact by", "%s", contact(s)) +
		line("purchase", "%s", mss.PurchaseURL)
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
	return line("refund", "by %v, at %s", r.By, instant(r.At)) +
		line("used", "%d of %s", r.UsedDays, count(r.TotalDays, "day")) +
		line("paid", "%s", yuan(r.Paid)) +
		line("consumed", "%s", yuan(r.Consumed)) +
		line("amount", "%s, to apply for at %s", yuan(r.Amount), mss.ContactURL)
}

func previewText(r mss.Refund) string {
	return refundText(r) +
		line("preview", "changes nothing, and is valid until the end of %s in Beijing", r.At.Format(time.DateOnly))
}

// cancelledText returns s, which a refund has cancelled.
func cancelledText(s mss.Subscription) string {
	ends := " before service began"
	if s.Days() > 0 {
		ends = "; service ends at the end of " + dayBefore(s.End) + " in Beijing"
	}
	return refundText(*s.Refunded) + line("confirmed", "the subscription is cancelled%s", ends)
}

func changeText(title string, changed mss.Change) string {
	payment := "to pay"
	if changed.Net.IsNegative() {
		payment = "owed to the customer"
	}
	return "closed\n" + refundText(changed.Refund) + line("service", "%s", service(changed.Closed)) +
		"\nopened\n" + saleText(title, changed.Opened) +
		"\n" + line("net", "%s %s", yuan(changed.Net.Abs()), payment)
}

func amortizationText(s mss.Subscription, by mss.Proration, periods []mss.Period) string {
	var out strings.Builder
	out.WriteString(line("plan", "%s", heading(s.Quote.Plan, "")) +
		line("service", "%s", service(s)) +
		line("amortized", "by %v", by) + "\n")
	table := newTable(&out)
	fmt.Fprint(table, "month\tdays\tyuan consumed\tyuan remaining\t\n")
	var total decimal.Decimal
	for _, p := range periods {
		total = total.Add(p.Amount)
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t\n", p.Start.Format("2006-01"), p.Days, p.Amount.StringFixed(2), p.Deferred.StringFixed(2))
	}
	fmt.Fprintf(table, "total\t%d\t%s\t\n", s.Days(), total.StringFixed(2))
	table.Flush()
	return out.String()
}

func newTable(out io.Writer) *tabwriter.Writer {
	return tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
}

// line returns a fact behind its label.
func line(label, format string, args ...any) string {
	return fmt.Sprintf("%-12s", label) + fmt.Sprintf(format, args...) + "\n"
}

func heading(name, title string) string {
	if title != "" {
		name += " (" + title + ")"
	}
	return printable(name)
}

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
		return "unknown: " + strings.TrimPrefix(err.Error(), "mss: ")
	}
	return "the end of " + dayBefore(by) + " (Tencent Cloud contacts the customer; public holidays are not considered)"
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

// printable keeps text from elsewhere on its line, and away from the controls of
// the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}

// escaped does the same for a JSON document, which it leaves equal.
func escaped(document string) string {
	var out strings.Builder
	for _, r := range document {
		if unicode.IsGraphic(r) || r == '\n' {
			out.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&out, `\u%04x`, unit)
		}
	}
	return out.String()
}
