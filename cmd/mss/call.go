package main

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"example.com/mss"
)

// call is one use of a command: its command line, and what that refers to.
type call struct {
	command  command
	stdin    io.Reader
	given    map[string]string // the flags on the command line
	file     string            // "-" is standard input
	machines int
	term     mss.Term
	at       time.Time // -on, or now
	start    time.Time
	by       mss.Proration

	subscription mss.Subscription
	catalog      mss.Catalog
	quote        mss.Quote
	title        string // of the plan quoted; a quote that is read has none
}

// parse reads the command line.
func (c *call) parse(args []string) error {
	flags := flag.NewFlagSet(c.command.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for _, name := range c.command.flags {
		switch name {
		case "json", "text", "confirm", "opened":
			flags.Bool(name, false, "")
		default:
			flags.String(name, "", "")
		}
	}
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil {
		return c.command.misused("%.80v", err)
	}
	flags.Visit(func(f *flag.Flag) { c.given[f.Name] = f.Value.String() })
	for _, name := range offer {
		if slices.Contains(c.command.flags, name) && !c.command.file && !c.has(name) && !c.has("quote") {
			return c.command.misused("missing -%s", name)
		}
	}
	for _, name := range append(offer, "catalog") {
		if c.has("quote") && c.has(name) {
			return c.command.misused("both -quote and -%s, want one", name)
		}
	}
	rest := flags.Args()
	if c.command.file && len(rest) > 0 {
		c.file, rest = rest[0], rest[1:]
	}
	switch {
	case len(rest) > 0:
		return c.command.misused("unexpected argument %.40q", rest[0])
	case c.is("json") && c.is("text"):
		return c.command.misused("both -json and -text, want one")
	case c.command.file && c.file == "-" && c.given["catalog"] == "-":
		return c.command.misused("-catalog and FILE are both standard input, want one")
	}
	return cmp.Or(
		parseFlag(c, "machines", &c.machines, c.command.parseCount),
		parseFlag(c, "term", &c.term, mss.ParseTerm),
		parseFlag(c, "on", &c.at, parseDate),
		parseFlag(c, "start", &c.start, parseDate),
		parseFlag(c, "by", &c.by, parseProration))
}

// load reads the files that the command line names, sets the time, and quotes what
// is asked for.
func (c *call) load(now func() time.Time) error {
	if c.command.file {
		if err := c.read(c.file, c.subscription.UnmarshalJSON, "a subscription"); err != nil {
			return err
		}
	}
	if c.has("quote") {
		if err := c.read(c.given["quote"], c.quote.UnmarshalJSON, "a quote"); err != nil {
			return err
		}
	}
	if r := c.subscription.Refunded; r != nil && !c.has("by") {
		c.by = r.By
	}
	purchased := c.subscription.Purchased
	switch {
	case !c.has("on"):
		c.at = now()
	case c.command.file && c.given["on"] == purchased.Format(time.DateOnly):
		c.at = purchased // earlier on that day there was no subscription
	}
	c.catalog = mss.Published()
	if c.has("catalog") {
		if err := c.read(c.given["catalog"], c.readCatalog, "a price list", "a price book"); err != nil {
			return err
		}
	}
	if slices.Contains(c.command.flags, "plan") && !c.has("quote") {
		return c.loadQuote()
	}
	return nil
}

// loadQuote quotes what the flags ask for; what they leave out is as in the
// subscription.
func (c *call) loadQuote() error {
	want := c.subscription.Quote
	if c.has("plan") {
		want.Plan = c.given["plan"]
	}
	if c.has("machines") {
		want.Machines = c.machines
	}
	if c.has("term") {
		want.Term = c.term
	}
	plan, err := c.catalog.Plan(want.Plan)
	if err != nil {
		return err
	}
	c.title = plan.Title
	c.quote, err = plan.Quote(want.Machines, want.Term)
	return err
}

// readCatalog reads a price list, or the one in force of a price book.
func (c *call) readCatalog(data []byte) (err error) {
	if identify(data).name != "a price book" {
		c.catalog, err = mss.ReadCatalog(bytes.NewReader(data))
		return err
	}
	book, err := mss.ReadPriceBook(bytes.NewReader(data))
	if err != nil {
		return err
	}
	c.catalog, err = book.At(c.at)
	return err
}

// has reports whether a flag is on the command line.
func (c *call) has(flag string) bool {
	_, ok := c.given[flag]
	return ok
}

// is reports whether a flag without a value is set.
func (c *call) is(flag string) bool { return c.given[flag] == "true" }

// parseFlag sets to, if the flag is on the command line.
func parseFlag[T any](c *call, name string, to *T, parse func(string) (T, error)) (err error) {
	if c.has(name) {
		*to, err = parse(c.given[name])
	}
	return err
}

func (c command) parseCount(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, c.misused("-machines %.40q: want a whole number, such as 120", text)
	}
	return n, nil
}

// parseDate reads an instant, or a day, which means 00:00 of it in Beijing.
func parseDate(text string) (time.Time, error) {
	if day, err := time.ParseInLocation(time.DateOnly, text, mss.Beijing); err == nil {
		return day, nil
	}
	instant, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("date %.40q: want one such as 2026-01-31 or 2026-01-31T09:30:00+08:00", text)
	}
	return instant, nil
}

func parseProration(text string) (by mss.Proration, err error) {
	err = by.UnmarshalText([]byte(text))
	return by, err
}
