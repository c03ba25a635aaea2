//go:build !mutation

// What the READMEs show is what happens: each command and each piece of Go is run and prints what is written beside or
// after it, tables and timelines have the figures of the package, links lead somewhere, and both languages say the same.
// Mutation runs leave this file out, as it starts programs.

package proof

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"example.com/mss"
	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

const root = "../../"

var readmes = []string{"README.md", "README.zh-CN.md"}

type block struct{ language, text string }

var fence = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$")

// blocks returns the fenced blocks of a README, in order.
func blocks(t *testing.T, readme string) []block {
	t.Helper()
	var found []block
	for _, m := range fence.FindAllStringSubmatch(readText(t, root+readme), -1) {
		found = append(found, block{m[1], m[2]})
	}
	return found
}

// TestReadmesAgree compares the languages: the same headings, and the same blocks but for comments and diagrams.
func TestReadmesAgree(t *testing.T) {
	heading, comment := regexp.MustCompile(`(?m)^#+ `), regexp.MustCompile(`(?m)(^|[ \t]+)(//|#) .*$`)
	var contents [2][]string
	for i, readme := range readmes {
		contents[i] = heading.FindAllString(fence.ReplaceAllString(readText(t, root+readme), ""), -1)
		for _, b := range blocks(t, readme) {
			if b.language == "mermaid" {
				b.text = ""
			}
			contents[i] = append(contents[i], b.language+"\n"+comment.ReplaceAllString(b.text, ""))
		}
	}
	if diff := cmp.Diff(contents[0], contents[1]); diff != "" {
		t.Errorf("headings and blocks (-%s +%s):\n%s", readmes[0], readmes[1], diff)
	}
}

// run runs a program in a directory and returns what it prints.
func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	command := exec.Command(name, args...)
	command.Dir = dir
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, &stderr)
	}
	return string(out)
}

// result is what a line of Go prints, in a comment.
var result = regexp.MustCompile(`(?m)^\s*fmt\.Println\(.*\) +// (.*\n)`)

// TestReadmeOutput compares what each piece of Go prints with the comments beside it, and what a command prints with the
// text after it. The Go is in a module of its own, which depends on this checkout by the commands that the README gives.
func TestReadmeOutput(t *testing.T) {
	all := blocks(t, readmes[0])
	importer := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		name = filepath.Join(importer, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for i, b := range all {
		if b.language == "go" {
			write(fmt.Sprintf("%d/main.go", i), program(b.text))
		}
	}
	write("main.go", all[slices.IndexFunc(all, func(b block) bool { return b.language == "go" })].text)
	write("go.sum", readText(t, root+"go.sum")) // so that nothing is asked of a network
	checkout := noError(filepath.Abs(root))(t)
	i := slices.IndexFunc(all, func(b block) bool { return strings.HasPrefix(b.text, "go mod init") })
	for line := range strings.Lines(strings.Replace(all[i].text, "../mss", checkout, 1)) {
		args := strings.Fields(line)
		run(t, importer, args[0], args[1:]...)
	}

	shown := map[string]int{}
	for i, b := range all {
		before, want, printed := b.text, "", ""
		switch b.language {
		case "go":
			printed = run(t, importer, "go", "run", fmt.Sprintf("./%d", i))
			for _, m := range result.FindAllStringSubmatch(b.text, -1) {
				want += m[1]
			}
		case "text":
			before, want = all[i-1].text, b.text
			printed = run(t, root, "sh", "-c", before)
		}
		shown[b.language]++
		if diff := cmp.Diff(want, printed); diff != "" {
			t.Errorf("%s prints (-README +printed):\n%s", before, diff)
		}
		for line := range strings.Lines(b.text) {
			if columns := utf8.RuneCountInString(line) - 1; b.language != "mermaid" && columns > 100 {
				t.Errorf("a line of %d columns, want at most 100: %s", columns, line)
			}
		}
	}
	if shown["go"] < 4 || shown["text"] < 2 {
		t.Errorf("%s shows %v, want what Go and commands print", readmes[0], shown)
	}
	modules := strings.Fields(run(t, importer, "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./..."))
	slices.Sort(modules)
	if modules = slices.Compact(modules); len(modules) != 3 || !slices.Contains(modules, "github.com/shopspring/decimal") {
		t.Errorf("modules of an importing program: %v, want it, this one and decimal", modules)
	}
}

// program makes a whole program of Go that has no package clause: statements, which may use check and the packages here.
func program(text string) string {
	if strings.HasPrefix(text, "package ") {
		return text
	}
	imports := "import \"log\"\n"
	packages := "encoding/json errors fmt os strings time example.com/mss github.com/shopspring/decimal"
	for name := range strings.FieldsSeq(packages) {
		if strings.Contains(text, path.Base(name)+".") {
			imports += fmt.Sprintf("import %q\n", name)
		}
	}
	return "package main\n" + imports +
		"func main() {\n" + text + "}\nfunc check(err error) { if err != nil { log.Fatal(err) } }\n"
}

// TestReadmeFigures compares the tables with the published plans, and the dates and amounts of the timelines with what
// the package calculates. It finds each status in the state diagram.
func TestReadmeFigures(t *testing.T) {
	var rows []string
	for _, p := range mss.Published() {
		for _, tier := range p.Tiers {
			each := func(n int) string { return tier.Price.DivRound(decimal.NewFromInt(int64(n)), 2).StringFixed(2) }
			rows = append(rows, fmt.Sprintf("%d-%d %s %s %s", tier.Min, tier.Max, tier.Price, each(tier.Min), each(tier.Max)))
		}
	}
	row := regexp.MustCompile(`(?m)^\| ([0-9,]+)-([0-9,]+) \| ([0-9,]+) \| ([0-9,.]+) (?:to|至) ([0-9.]+) \|$`)
	timeline, figure := regexp.MustCompile("(?ms)^```\n(.*?)^```$"), regexp.MustCompile(`\d{4}-\d\d-\d\d|\d+\.\d\d`)
	for _, readme := range readmes {
		text := readText(t, root+readme)
		var got []string
		for _, m := range row.FindAllStringSubmatch(text, -1) {
			got = append(got, strings.ReplaceAll(fmt.Sprintf("%s-%s %s %s %s", m[1], m[2], m[3], m[4], m[5]), ",", ""))
		}
		if diff := cmp.Diff(rows, got); diff != "" {
			t.Errorf("%s: prices (-published +README):\n%s", readme, diff)
		}
		got = nil
		for _, m := range timeline.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			got = append(got, figure.FindAllString(m[1], -1)...)
		}
		if diff := cmp.Diff(timelineFigures(t), got); diff != "" {
			t.Errorf("%s: timelines (-package +README):\n%s", readme, diff)
		}
		for s := mss.Scheduled; s <= mss.Cancelled; s++ {
			if name := s.String(); !strings.Contains(text, strings.ToUpper(name[:1])+name[1:]+" -->") && s < mss.Expired {
				t.Errorf("%s: the state diagram has nothing after %v", readme, s)
			}
		}
	}
}

// timelineFigures returns the dates and amounts of the timelines: a month renewed without a gap and with one, and a year
// that is refunded.
func timelineFigures(t *testing.T) (figures []string) {
	on := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 0, 0, 0, 0, mss.Beijing) }
	add := func(times ...time.Time) {
		for _, at := range times {
			figures = append(figures, at.Format(time.DateOnly))
		}
	}
	month := noError(mss.RoutineOperations().Quote(120, mss.Months(1)))(t)
	first := noError(month.Subscribe(on(1, 31)))(t)
	second := noError(first.Renew(month, first.End))(t)
	late := noError(first.Renew(month, on(3, 10)))(t)
	add(first.Start, first.End, second.End, noError(second.Renew(month, second.End))(t).End)
	add(first.Start, first.End, late.Start, late.End)

	year := noError(noError(mss.RoutineOperations().Quote(120, mss.Years(1)))(t).Subscribe(on(1, 31)))(t)
	add(year.Start, first.End, on(3, 16), year.End)
	for _, by := range []mss.Proration{mss.ByDay, mss.ByMonth} {
		figures = append(figures, noError(year.Refund(on(3, 15), by))(t).Consumed.StringFixed(2))
	}
	return figures
}

// TestReadmeLinks finds each file that a document of the checkout links to.
func TestReadmeLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^):#]+)\)`)
	for _, document := range append([]string{"CONTRIBUTING.md", "CHANGELOG.md", "examples/billing/README.md"}, readmes...) {
		for _, m := range link.FindAllStringSubmatch(readText(t, root+document), -1) {
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(document), m[1])); err != nil {
				t.Errorf("%s: %v", document, err)
			}
		}
	}
}
