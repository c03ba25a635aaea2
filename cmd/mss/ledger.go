package main

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"time"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

// An entry is a line of the ledger. A purchase and a refund are billed, on one day;
// service is earned, within one month, and leaves the rest deferred.
type entry struct {
	*record
	name                     string // "purchase", "service" or "refund"
	start, end               time.Time
	days                     int // of service
	billed, earned, deferred decimal.Decimal
}

func ledger(c *call) (any, string, error) {
	switch c.form {
	case "csv":
		return nil, "", printTable(c, ledgerColumns, func(e entry) entry { return e })
	case "json":
		return nil, "", c.printLines()
	case "focus":
		return nil, "", printTable(c, focusColumns, c.charge)
	}
	return c.balances()
}

// entries returns those of all subscriptions, one after another; with -month, those
// of that month, except for balances. An error is the last that it returns.
func (c *call) entries() iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		emit := func(e entry) bool {
			return c.form != "text" && c.has("month") && monthOf(e.start) != c.month || yield(e, nil)
		}
		for r, err := range c.subscriptions() {
			by := c.by
			if r.Refunded != nil {
				by = r.Refunded.By
			}
			var periods []mss.Period
			if err == nil {
				periods, err = r.Amortize(by)
			}
			if err != nil {
				yield(entry{}, err)
				return
			}
			more := emit(billed(&r, "purchase", r.Purchased, r.Quote.Amount))
			for _, p := range periods {
				more = more && emit(entry{&r, "service", p.Start, p.End, p.Days, decimal.Decimal{}, p.Amount, p.Deferred})
			}
			if r.Refunded != nil {
				more = more && emit(billed(&r, "refund", r.Refunded.At, r.Refunded.Amount.Neg()))
			}
			if !more {
				return
			}
		}
	}
}

// billed returns an entry on the day of an instant.
func billed(r *record, name string, at time.Time, amount decimal.Decimal) entry {
	year, month, day := at.Date()
	start := time.Date(year, month, day, 0, 0, 0, 0, mss.Beijing)
	return entry{record: r, name: name, start: start, end: start.AddDate(0, 0, 1), billed: amount}
}

// month is a calendar month, counted from that before the first year.
type month int

// monthOf returns the month of a time in Beijing, as all of a subscription are.
func monthOf(t time.Time) month { return month(12*t.Year() + int(t.Month()) - 1) }

func (m month) start() time.Time { return time.Date(0, time.Month(m+1), 1, 0, 0, 0, 0, mss.Beijing) }

// A balance is what the entries of one or more months sum to.
type balance struct{ billed, refunded, earned decimal.Decimal }

func (b *balance) add(e entry) {
	switch e.name {
	case "purchase":
		b.billed = b.billed.Add(e.billed)
	case "refund":
		b.refunded = b.refunded.Sub(e.billed)
	case "service":
		b.earned = b.earned.Add(e.earned)
	}
}

// balances returns a row for each month from the first entry to the last, or for
// -month alone.
func (c *call) balances() (any, string, error) {
	months, first, last := make(map[month]*balance), month(math.MaxInt), month(-1)
	for e, err := range c.entries() {
		if err != nil {
			return nil, "", err
		}
		m := monthOf(e.start)
		if months[m] == nil {
			months[m] = new(balance)
		}
		months[m].add(e)
		first, last = min(first, m), max(last, m)
	}
	if c.has("month") {
		first, last = min(first, c.month), max(last, c.month)
	}
	rows := [][]string{{"month", "yuan billed", "yuan refunded", "yuan earned", "yuan deferred"}}
	var total balance
	for m := first; m <= last; m++ {
		b := cmp.Or(months[m], new(balance))
		total = balance{total.billed.Add(b.billed), total.refunded.Add(b.refunded), total.earned.Add(b.earned)}
		if !c.has("month") || m == c.month {
			deferred := total.billed.Sub(total.refunded).Sub(total.earned)
			rows = append(rows, append(b.cells(m.start().Format("2006-01")), deferred.StringFixed(2)))
		}
	}
	if !c.has("month") {
		rows = append(rows, total.cells("total"))
	}
	return total, tableText(rows), nil
}

func (b *balance) cells(name string) []string {
	return []string{name, b.billed.StringFixed(2), b.refunded.StringFixed(2), b.earned.StringFixed(2)}
}

// A column is one of a table for programs. What a row does not have is "".
type column[T any] struct {
	name  string
	value func(T) any
}

var ledgerColumns = []column[entry]{
	{"id", func(e entry) any { return e.id }},
	{"plan", func(e entry) any { return e.Quote.Plan }},
	{"machines", func(e entry) any { return e.Quote.Machines }},
	{"entry", func(e entry) any { return e.name }},
	{"first_day", func(e entry) any { return e.start.Format(time.DateOnly) }},
	{"last_day", func(e entry) any { return dayBefore(e.end) }},
	{"days", func(e entry) any { return e.choose(e.days, "") }},
	{"billed", func(e entry) any { return e.choose("", e.billed.StringFixed(2)) }},
	{"earned", func(e entry) any { return e.choose(e.earned.StringFixed(2), "") }},
	{"deferred", func(e entry) any { return e.choose(e.deferred.StringFixed(2), "") }},
}

// choose returns the value that an entry of service has, or that of one that is billed.
func (e entry) choose(service, billed any) any {
	if e.name == "service" {
		return service
	}
	return billed
}

// printTable prints the entries as CSV.
func printTable[T any](c *call, columns []column[T], rowOf func(entry) T) error {
	table, cells := csv.NewWriter(c.out), make([]string, len(columns))
	for i, column := range columns {
		cells[i] = column.name
	}
	err := table.Write(cells)
	for e, failed := range c.entries() {
		if err = cmp.Or(err, failed); err != nil {
			return err
		}
		row := rowOf(e)
		for i, column := range columns {
			cells[i] = fmt.Sprint(column.value(row))
		}
		err = table.Write(cells)
	}
	table.Flush()
	return table.Error()
}

// printLines prints the entries as lines of JSON.
func (c *call) printLines() error {
	for e, err := range c.entries() {
		if err != nil {
			return err
		}
		before := byte('{')
		for _, column := range ledgerColumns {
			if value := column.value(e); value != "" {
				text, _ := json.Marshal(value) // a text or a number
				fmt.Fprintf(c.out, "%c%q:%s", before, column.name, text)
				before = ','
			}
		}
		if _, err = c.out.WriteString("}\n"); err != nil {
			return err
		}
	}
	return nil
}
