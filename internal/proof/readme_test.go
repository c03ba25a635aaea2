//go:build !mutation

// What the READMEs show is what happens: each command and each piece of Go is run and prints what follows it, tables and
// charts have the published prices, links lead somewhere, and both languages say the same. Mutation runs leave this file
// out, as it starts programs.

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

// TestReadmeOutput compares each block of text with what the block before it, Go or a command, prints. The Go is in a
// module of its own, which depends on this checkout as the README says.
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
	write("go.sum", readText(t, root+"go.sum")) // so that nothing is asked of a network
	run(t, importer, "go", "mod", "init", "example.com/importer")
	i := slices.IndexFunc(all, func(b block) bool { return strings.HasPrefix(b.text, "go mod edit -require") })
	checkout, err := filepath.Abs(root)
	if i < 0 || err != nil {
		t.Fatalf("%s does not say how to depend on a checkout, or: %v", readmes[0], err)
	}
	for line := range strings.Lines(strings.Replace(all[i].text, "../mss", checkout, 1)) {
		args := strings.Fields(line)
		run(t, importer, args[0], args[1:]...)
	}
	run(t, importer, "go", "build", "./...") // also what is not followed by text

	shown := map[string]int{}
	for i, b := range all {
		if b.language != "text" {
			continue
		}
		before, printed := all[i-1], ""
		switch before.language {
		case "go":
			printed = run(t, importer, "go", "run", fmt.Sprintf("./%d", i-1))
		case "sh":
			printed = run(t, root, "sh", "-c", before.text)
		}
		shown[before.language]++
		if diff := cmp.Diff(b.text, printed); diff != "" {
			t.Errorf("%s prints (-README +printed):\n%s", before.text, diff)
		}
	}
	if shown["go"] == 0 || shown["sh"] == 0 {
		t.Errorf("%s shows %v, want what Go and commands print", readmes[0], shown)
	}
	modules := strings.Fields(run(t, importer, "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./..."))
	slices.Sort(modules)
	want := []string{"example.com/importer", "example.com/mss", "github.com/shopspring/decimal"}
	if diff := cmp.Diff(want, slices.Compact(modules)); diff != "" {
		t.Errorf("modules of an importing program (-want +got):\n%s", diff)
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

// TestReadmeFigures compares the tables with the published plans, and the chart with price ÷ machines at the end of each
// band. It finds each status in the state diagram.
func TestReadmeFigures(t *testing.T) {
	var rows, machines, yuan []string
	for _, p := range mss.Published() {
		for _, tier := range p.Tiers {
			rows = append(rows, fmt.Sprintf("%d-%d %s", tier.Min, tier.Max, tier.Price))
			if p.Unit == mss.Month {
				machines = append(machines, fmt.Sprint(tier.Max))
				yuan = append(yuan, tier.Price.DivRound(decimal.NewFromInt(int64(tier.Max)), 2).StringFixed(2))
			}
		}
	}
	row := regexp.MustCompile(`(?m)^\| ([0-9,]+)-([0-9,]+) \| ([0-9,]+) \|$`)
	for _, readme := range readmes {
		text := readText(t, root+readme)
		var got []string
		for _, m := range row.FindAllStringSubmatch(text, -1) {
			got = append(got, strings.ReplaceAll(m[1]+"-"+m[2]+" "+m[3], ",", ""))
		}
		if diff := cmp.Diff(rows, got); diff != "" {
			t.Errorf("%s: prices (-published +README):\n%s", readme, diff)
		}
		for _, series := range [][]string{machines, yuan} {
			if want := "[" + strings.Join(series, ", ") + "]\n"; !strings.Contains(text, want) {
				t.Errorf("%s: the chart lacks %s", readme, want)
			}
		}
		for s := mss.Scheduled; s <= mss.Cancelled; s++ {
			if name := s.String(); !strings.Contains(text, strings.ToUpper(name[:1])+name[1:]+" -->") {
				t.Errorf("%s: the state diagram has nothing after %v", readme, s)
			}
		}
	}
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
