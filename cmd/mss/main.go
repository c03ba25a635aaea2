// Command mss prices, sells, renews and refunds Tencent Cloud's Managed Security
// Service. It is package mss with flags in and text or JSON out, and has no rule
// of its own. "mss help" prints its manual.
package main

import (
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"example.com/mss"
)

// command is one of the commands, with what it takes.
type command struct {
	name  string
	do    func(*call) (string, error)
	flags []string
	file  bool // takes FILE, a subscription
	text  bool // prints text by default
}

var commands = []command{
	{name: "plans", do: plans, flags: flags("on catalog"), text: true},
	{name: "quote", do: quote, flags: flags("plan machines term on start catalog"), text: true},
	{name: "buy", do: buy, flags: flags("plan machines term quote on start catalog")},
	{name: "status", do: status, flags: flags("on"), file: true},
	{name: "renew", do: renew, flags: flags("plan machines term on catalog"), file: true},
	{name: "refund", do: refund, flags: flags("on by confirm"), file: true},
	{name: "change", do: change, flags: flags("plan machines term on by opened catalog"), file: true},
	{name: "amortize", do: amortize, flags: flags("by"), file: true, text: true},
}

// flags returns the flags named and the two of every command.
func flags(names string) []string { return strings.Fields(names + " json text") }

// offer is the flags that say what is bought. Without a subscription to take the
// defaults from, they are required.
var offer = []string{"plan", "machines", "term"}

// usageError is a command line that cannot be understood. Any other error is a
// request that was understood and refused.
type usageError string

func (e usageError) Error() string { return string(e) }

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, time.Now))
}

// run executes one command line and returns the exit status. The clock is a
// function, because in a pipe a step must read it after the step before it has.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer, now func() time.Time) int {
	output, err := execute(args, stdin, now)
	if err == nil {
		_, err = io.WriteString(stdout, output)
	}
	if err == nil {
		return 0
	}
	fmt.Fprintln(stderr, "mss: "+printable(strings.TrimPrefix(err.Error(), "mss: ")))
	if errors.As(err, new(usageError)) {
		return 2
	}
	return 1
}

// execute returns all that is to be printed, so that nothing is when it fails.
func execute(args []string, stdin io.Reader, now func() time.Time) (string, error) {
	if len(args) == 0 {
		return "", misused("usage: mss COMMAND [FLAG]... [FILE]")
	}
	name, args := args[0], args[1:]
	switch name {
	case "help", "-h", "-help", "--help":
		return help(args)
	}
	for _, command := range commands {
		if command.name == name {
			return command.execute(args, stdin, now)
		}
	}
	return "", misused("unknown command %.40q", name)
}

func (c command) execute(args []string, stdin io.Reader, now func() time.Time) (string, error) {
	used := &call{command: c, stdin: stdin, given: make(map[string]string), file: "-", by: mss.ByDay}
	err := used.parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return help([]string{c.name})
	}
	if err == nil {
		err = used.load(now)
	}
	if err != nil {
		return "", err
	}
	return c.do(used)
}

// misused returns an error that ends with what mss takes.
func misused(format string, args ...any) error {
	var names []string
	for _, command := range commands {
		names = append(names, command.name)
	}
	return usageError(fmt.Sprintf("%s; commands: %s, help; see \"mss help\"",
		fmt.Sprintf(format, args...), strings.Join(names, ", ")))
}

// misused returns an error that ends with what the command takes.
func (c command) misused(format string, args ...any) error {
	takes := "-" + strings.Join(c.flags, ", -")
	if c.file {
		takes += ", then one FILE at most"
	}
	return usageError(fmt.Sprintf("%s: %s; flags: %s; see \"mss help %s\"",
		c.name, fmt.Sprintf(format, args...), takes, c.name))
}

//go:embed help/*.txt
var pages embed.FS

// help returns the manual, or the page of one command.
func help(args []string) (string, error) {
	name := "mss"
	if len(args) > 0 && args[0] != "help" {
		name = args[0]
	}
	page, err := pages.ReadFile("help/" + name + ".txt")
	if err != nil {
		return "", misused("unknown command %.40q", name)
	}
	if len(args) > 1 {
		return "", misused("help: unexpected argument %.40q", args[1])
	}
	return string(page), nil
}
