package main

import (
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf16"

	"example.com/mss"
)

func plansText(catalog mss.Catalog) string {
	var out strings.Builder
	for _, plan := range catalog {
		fmt.Fprintf(&out, "%s\npriced by the %v, notice %s\n", heading(plan), plan.Unit, count(plan.LeadDays, "day"))
		table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
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
func saleText(plan mss.Plan, s mss.Subscription) string {
	q := s.Quote
	price, amount := q.Tier.Price.StringFixed(2), q.Amount.StringFixed(2)
	periods, _ := q.Amount.QuoRem(q.Tier.Price, 0)
	return line("plan", "%s", heading(plan)) +
		line("machines", "%d", q.Machines) +
		line("band", "%s", band(q.Tier)) +
		line("price", "%s yuan a %v, for all machines of the band", price, plan.Unit) +
		line("term", "%s", term(q.Term)) +
		line("amount", "%s yuan = %s × %s", amount, count(int(periods.IntPart()), plan.Unit.String()), price) +
		line("bought", "%s", s.Purchased.Format(time.DateOnly)) +
		line("service", "%s", service(s)) +
		line("contact by", "%s", contact(s)) +
		line("purchase", "%s", mss.PurchaseURL)
}

func statusText(s mss.Subscription, r report) string {
	q, refund := s.Quote, ""
	if s.Refunded != nil {
		refund = line("refund", "%s yuan, by %v, at %s", s.Refunded.Amount.StringFixed(2), s.Refunded.By, instant(s.Refunded.At))
	}
	return line("plan", "%s", printable(q.Plan)) +
		line("machines", "%d", q.Machines) +
		line("band", "%s", band(q.Tier)) +
		line("term", "%s", term(q.Term)) +
		line("paid", "%s yuan", q.Amount.StringFixed(2)) +
		refund +
		line("service", "%s", service(s)) +
		line("at", "%s", instant(r.At)) +
		line("status", "%v", r.Status) +
		line("days", "%d used, %d left", r.UsedDays, r.DaysLeft)
}

// refundText returns r, and the days of s where s is cancelled by it.
func refundText(r mss.Refund, s mss.Subscription) string {
	text := line("refund", "by %v, at %s", r.By, instant(r.At)) +
		line("used", "%d of %s", r.UsedDays, count(r.TotalDays, "day")) +
		line("paid", "%s yuan", r.Paid.StringFixed(2)) +
		line("consumed", "%s yuan", r.Consumed.StringFixed(2)) +
		line("amount", "%s yuan, to apply for at %s", r.Amount.StringFixed(2), mss.ContactURL)
	if s.Refunded == nil {
		return text + line("preview", "changes nothing, and keeps until the end of %s in Beijing", r.At.Format(time.DateOnly))
	}
	return text + line("service", "%s", service(s))
}

func changeText(plan mss.Plan, changed mss.Change) string {
	payment := "to pay"
	if changed.Net.IsNegative() {
		payment = "owed to the customer"
	}
	return "closed\n" + refundText(changed.Refund, changed.Closed) +
		"\nopened\n" + saleText(plan, changed.Opened) +
		"\n" + line("net", "%s yuan %s", changed.Net.Abs().StringFixed(2), payment)
}

// line returns a fact behind its label.
func line(label, format string, args ...any) string {
	return fmt.Sprintf("%-12s", label) + fmt.Sprintf(format, args...) + "\n"
}

func heading(plan mss.Plan) string {
	if plan.Title == "" {
		return printable(plan.Name)
	}
	return printable(plan.Name + " (" + plan.Title + ")")
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

// contact returns the working day by the end of which the customer is contacted.
func contact(s mss.Subscription) string {
	by, err := s.ContactBy(nil)
	if err != nil {
		return "unknown: " + err.Error()
	}
	return "the end of " + dayBefore(by)
}

// dayBefore returns the day that ends at end, which is 00:00 of the next one.
func dayBefore(end time.Time) string { return end.Add(-1).Format(time.DateOnly) }

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
