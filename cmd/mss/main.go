// Command mss prices, sells, renews and refunds Tencent Cloud's Managed Security
// Service, and divides what it costs among months. It is package mss on the command
// line: flags in, text, JSON or CSV out, and no rule of its own.
//
// "mss help" and "mss help COMMAND" print its documentation.
package main

import (
	"bufio"
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"example.com/mss"
)

// command is one of the commands, with what it takes.
type command struct {
	name   string
	do     func(*call) (result any, text string, err error) // no result if it is printed already
	flags  []string
	takes  int    // how many FILEs, which hold subscriptions
	prints string // the form if no flag sets one
}

const many = math.MaxInt

var commands = []command{
	{"plans", plans, flags("on catalog json text"), 0, "text"},
	{"quote", quote, flags("plan machines term on start catalog csv json text"), 0, "text"},
	{"buy", buy, flags("plan machines term quote as-quoted on start catalog json text"), 0, "json"},
	{"status", status, flags("on json text"), many, "json"},
	{"renew", renew, flags("plan machines term on catalog json text"), 1, "json"},
	{"refund", refund, flags("on by confirm json text"), 1, "json"},
	{"change", change, flags("plan machines term on by opened catalog json text"), 1, "json"},
	{"amortize", amortize, flags("by json text"), 1, "text"},
	{"ledger", ledger, flags("by month csv json text focus account"), many, "text"},
	{"version", version, flags("json text"), 0, "text"},
}

func flags(names string) []string { return strings.Fields(names) }

// usageError is a command line that cannot be understood. Any other error is a
// request that was understood and refused.
type usageError string

func (e usageError) Error() string { return string(e) }

func main() {
	debug.SetGCPercent(400) // of few bytes: a subscription is read, and soon garbage
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, time.Now))
}

// run executes one command line and returns the exit status. The clock is a
// function, because in a pipe a step must read it after the step before it has.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer, now func() time.Time) int {
	out := bufio.NewWriterSize(stdout, 1<<20) // so that most errors come before output
	err := execute(args, stdin, out, now)
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "mss: "+printable(plain(err)))
	if errors.As(err, new(usageError)) {
		return 2
	}
	return 1
}

func execute(args []string, stdin io.Reader, out *bufio.Writer, now func() time.Time) error {
	if len(args) == 0 {
		return misused("missing command")
	}
	name, args := args[0], args[1:]
	if slices.Contains(helps, name) {
		return help(out, args)
	}
	i := slices.IndexFunc(commands, func(c command) bool { return c.name == name })
	if i < 0 {
		return misused("unknown command %.40q", name)
	}
	c := &call{command: commands[i], stdin: stdin, out: out, now: now, by: mss.ByDay}
	if err := c.parse(args); errors.Is(err, flag.ErrHelp) {
		return help(out, []string{name})
	} else if err != nil {
		return err
	}
	result, text, err := c.do(c)
	if result == nil || err != nil {
		return err
	}
	if c.form == "json" {
		data, err := json.MarshalIndent(result, "", "  ")
		if err != nil {
			return err
		}
		text = string(data) + "\n"
	}
	_, err = out.WriteString(text)
	return err
}

// misused returns an error that ends with what mss takes.
func misused(format string, args ...any) error {
	var names []string
	for _, c := range commands {
		names = append(names, c.name)
	}
	return usageError(fmt.Sprintf("%s; commands: %s, help; see \"mss help\"",
		fmt.Sprintf(format, args...), strings.Join(names, ", ")))
}

// misused returns an error that ends with what the command takes.
func (c command) misused(format string, args ...any) error {
	files := map[int]string{1: ", and one FILE at most", many: ", and any number of FILEs"}
	return usageError(fmt.Sprintf("%s: %s; flags: -%s%s; see \"mss help %s\"",
		c.name, fmt.Sprintf(format, args...), strings.Join(c.flags, ", -"), files[c.takes], c.name))
}

var helps = []string{"help", "-h", "-help", "--help"}

//go:embed help/*.txt
var pages embed.FS

// help prints the page of mss, or that of one command.
func help(out io.Writer, args []string) error {
	name := "mss"
	if len(args) > 0 && !slices.Contains(helps, args[0]) {
		name = args[0]
	}
	page, err := pages.ReadFile("help/" + name + ".txt")
	if err != nil {
		return misused("unknown command %.40q", name)
	}
	if len(args) > 1 {
		return misused("help: unexpected argument %.40q", args[1])
	}
	_, err = out.Write(page)
	return err
}

// call is one use of a command: its command line, and where it reads and writes.
type call struct {
	command
	stdin io.Reader
	out   *bufio.Writer
	now   func() time.Time

	named    []string          // the flags on the command line
	given    map[string]string // their values
	form     string            // "text", "json", "csv" or "focus"
	files    []string          // "-" is standard input
	prices   string            // the file with the price list, if it is not the published one
	machines []int             // of quote several, and so are the terms
	terms    []mss.Term
	on       time.Time
	start    time.Time
	month    month
	by       mss.Proration
}

// parse reads the command line.
func (c *call) parse(args []string) error {
	if err := c.parseFlags(args); err != nil {
		return err
	}
	if err := c.checkFlags(); err != nil {
		return err
	}
	return cmp.Or(
		parseFlag(c, "machines", &c.machines, list(c.parseCount)),
		parseFlag(c, "term", &c.terms, list(mss.ParseTerm)),
		parseFlag(c, "on", &c.on, parseTime),
		parseFlag(c, "start", &c.start, parseTime),
		parseFlag(c, "month", &c.month, parseMonth),
		parseFlag(c, "by", &c.by, parseProration))
}

// parseFlags tells flags from FILEs, which may come in any order.
func (c *call) parseFlags(args []string) error {
	set := flag.NewFlagSet(c.name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	for _, name := range c.flags {
		switch name {
		case "text", "json", "csv", "focus", "confirm", "opened", "as-quoted":
			set.Bool(name, false, "")
		default:
			set.String(name, "", "")
		}
	}
	for last := false; !last; {
		if err := set.Parse(args); errors.Is(err, flag.ErrHelp) {
			return err
		} else if err != nil {
			return c.misused("%.80v", err)
		}
		rest := set.Args()
		last = len(rest) == 0 || len(rest) < len(args) && args[len(args)-len(rest)-1] == "--"
		if last {
			c.files = append(c.files, rest...)
		} else {
			c.files, args = append(c.files, rest[0]), rest[1:]
		}
	}
	if c.takes > 0 && len(c.files) == 0 {
		c.files = []string{"-"}
	}
	c.given = make(map[string]string)
	set.Visit(func(f *flag.Flag) { c.named, c.given[f.Name] = append(c.named, f.Name), f.Value.String() })
	return nil
}

// checkFlags checks which flags and FILEs there are, and sets what follows from that.
func (c *call) checkFlags() error {
	for _, name := range []string{"json", "csv", "focus", "text"} {
		if c.is(name) && c.form != "" {
			return c.misused("both -%s and -%s, want one", c.form, name)
		} else if c.is(name) {
			c.form = name
		}
	}
	c.form = cmp.Or(c.form, c.prints)
	for _, name := range []string{"plan", "machines", "term"} {
		asked := slices.Contains(c.flags, name) && c.takes == 0 // otherwise the subscription says it
		if asked && c.has("quote") && c.has(name) {
			return c.misused("both -quote and -%s, want one", name)
		} else if asked && !c.has("quote") && !c.has(name) {
			return c.misused("missing -%s", name)
		}
	}
	c.prices = cmp.Or(c.given["catalog"], os.Getenv("MSS_CATALOG"))
	inputs := append([]string{c.prices, c.given["quote"]}, c.files...)
	stdin := slices.Index(inputs, "-")
	switch {
	case len(c.files) > c.takes:
		return c.misused("unexpected argument %.40q", c.files[c.takes])
	case stdin >= 0 && slices.Contains(inputs[stdin+1:], "-"):
		return c.misused("standard input is named twice, want once")
	case c.is("as-quoted") && !c.has("quote"):
		return c.misused("-as-quoted without -quote")
	case c.lists() && c.name != "quote":
		return c.misused("several -machines or -term, want one; quote takes several")
	case c.name == "quote" && c.has("start") && (c.form != "text" || c.lists()):
		return c.misused("-start: a quote as JSON, as CSV or in a table has no dates; give -start to buy")
	case (c.form == "focus") != (c.given["account"] != ""):
		return c.misused("-focus and -account ID: want both or neither")
	}
	return nil
}

// has reports whether a flag is on the command line.
func (c *call) has(flag string) bool { return slices.Contains(c.named, flag) }

// is reports whether a flag without a value is set.
func (c *call) is(flag string) bool { return c.given[flag] == "true" }

// lists reports whether more than one quote is asked for.
func (c *call) lists() bool { return strings.Contains(c.given["machines"]+c.given["term"], ",") }

// at returns the time of what is done: -on, or now. A date on which s was bought is
// the instant of its purchase, as earlier on that day there was no subscription.
func (c *call) at(s mss.Subscription) time.Time {
	if c.on.IsZero() {
		c.on = c.now()
	}
	if bought := s.Purchased; !bought.IsZero() && c.given["on"] == bought.Format(time.DateOnly) {
		return bought
	}
	return c.on
}

// parseFlag sets to, if the flag is on the command line.
func parseFlag[T any](c *call, name string, to *T, parse func(string) (T, error)) (err error) {
	if c.has(name) {
		*to, err = parse(c.given[name])
	}
	return err
}

// list returns a function that parses items with commas between them.
func list[T any](parse func(string) (T, error)) func(string) ([]T, error) {
	return func(text string) (items []T, err error) {
		for text := range strings.SplitSeq(text, ",") {
			item, failed := parse(text)
			items, err = append(items, item), cmp.Or(err, failed)
		}
		return items, err
	}
}

func (c *call) parseCount(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil { // whose cause is invalid syntax or value out of range
		return 0, c.misused("-machines %.40q: %v, want a whole number such as 120", text, errors.Unwrap(err))
	}
	return n, nil
}

// parseTime reads an instant, or a day, which means 00:00 of it in Beijing.
func parseTime(text string) (time.Time, error) {
	layout := time.DateOnly
	if strings.Contains(text, "T") {
		layout = time.RFC3339
	}
	return parseYears(layout, text, "2026-01-31 or 2026-01-31T09:30:00+08:00")
}

func parseMonth(text string) (month, error) {
	t, err := parseYears("2006-01", text, "2026-01")
	return monthOf(t), err
}

// parseYears reads a time in the years that mss calculates with.
func parseYears(layout, text, example string) (time.Time, error) {
	t, err := time.ParseInLocation(layout, text, mss.Beijing)
	if year := t.In(mss.Beijing).Year(); err == nil && 1 <= year && year <= 9999 && !t.IsZero() {
		return t, nil
	}
	reason := "out of range"
	if parsing := (*time.ParseError)(nil); errors.As(err, &parsing) {
		reason = cmp.Or(strings.TrimPrefix(parsing.Message, ": "), "not a date")
	}
	return time.Time{}, fmt.Errorf("date %.40q: %.60s: want one in the years 1 to 9999, such as %s", text, reason, example)
}

func parseProration(text string) (by mss.Proration, err error) {
	err = by.UnmarshalText([]byte(text))
	return by, err
}

// plain returns the text of an error without the prefix that those of the library have.
func plain(err error) string { return strings.TrimPrefix(err.Error(), "mss: ") }

// printable keeps text from elsewhere on its line, and away from the controls of
// the terminal.
func printable(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsGraphic(r) }), "\ufffd")
}
