//go:build !mutation

// Mutation runs leave this file out: it starts programs, and shows documents true
// rather than rules.

package mss_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.com/mss"
	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

// What the READMEs show is run or compared, in both languages.

var readmes = []string{"README.md", "README.zh-CN.md"}

// fence matches a fenced block: its language and its text.
var fence = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$")

// blocks returns the blocks of a README that are in one language.
func blocks(t *testing.T, readme, language string) []string {
	t.Helper()
	var found []string
	for _, m := range fence.FindAllStringSubmatch(readText(t, readme), -1) {
		if m[1] == language {
			found = append(found, m[2])
		}
	}
	if len(found) == 0 {
		t.Fatalf("%s has no block of %s", readme, language)
	}
	return found
}

// outputAfter returns the text block that follows what in a README.
func outputAfter(t *testing.T, readme, what string) string {
	t.Helper()
	_, rest, found := strings.Cut(readText(t, readme), what)
	m := fence.FindStringSubmatch(rest)
	if !found || m == nil || m[1] != "text" {
		t.Fatalf("%s shows no output after %q", readme, what)
	}
	return m[2]
}

// TestReadmeCommands runs each command of mss that a README shows, and compares
// what it prints.
func TestReadmeCommands(t *testing.T) {
	for _, readme := range readmes {
		ran := 0
		for _, block := range blocks(t, readme, "sh") {
			if !strings.HasPrefix(block, "go run ./cmd/mss ") {
				continue
			}
			ran++
			out, err := exec.Command("sh", "-c", block).Output()
			if err != nil {
				t.Errorf("%s: %s: %v", readme, block, err)
			}
			if diff := cmp.Diff(outputAfter(t, readme, block), string(out)); diff != "" {
				t.Errorf("%s: %s (-README +printed):\n%s", readme, block, diff)
			}
		}
		if ran != 2 {
			t.Errorf("%s: ran %d commands, want 2", readme, ran)
		}
	}
}

// TestReadmeProgram builds the program of a README as a module of its own, which
// depends on this checkout as the README says, runs it, and looks at what it
// pulls in.
func TestReadmeProgram(t *testing.T) {
	checkout, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, readme := range readmes {
		program := blocks(t, readme, "go")[0]
		dir := t.TempDir()
		run := func(name string, args ...string) string {
			t.Helper()
			command := exec.Command(name, args...)
			command.Dir = dir
			var errors strings.Builder
			command.Stderr = &errors
			out, err := command.Output()
			if err != nil {
				t.Fatalf("%s: %s %v: %v\n%s", readme, name, args, err, &errors)
			}
			return string(out)
		}
		if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(program), 0o600); err != nil {
			t.Fatal(err)
		}
		// The sums are those of this module, so that nothing is asked of a network.
		if err := os.WriteFile(filepath.Join(dir, "go.sum"), []byte(readText(t, "go.sum")), 0o600); err != nil {
			t.Fatal(err)
		}
		run("go", "mod", "init", "example.com/importer")
		depend := strings.Replace(dependLine(t, readme), "../mss", checkout, 1)
		run("go", strings.Fields(depend)[1:]...)
		run("go", "mod", "tidy")

		if diff := cmp.Diff(outputAfter(t, readme, program), run("go", "run", ".")); diff != "" {
			t.Errorf("%s: the program (-README +printed):\n%s", readme, diff)
		}
		modules := run("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", ".")
		for _, module := range strings.Fields(modules) {
			switch module {
			case "example.com/importer", "example.com/mss", "github.com/shopspring/decimal":
			default:
				t.Errorf("%s: the program pulls in %s", readme, module)
			}
		}
	}
}

// dependLine returns the command that makes a module depend on a checkout.
func dependLine(t *testing.T, readme string) string {
	t.Helper()
	for _, block := range blocks(t, readme, "sh") {
		if strings.HasPrefix(block, "go mod edit -require") {
			line, _, _ := strings.Cut(block, "\n")
			return line
		}
	}
	t.Fatalf("%s does not tell how to depend on a checkout", readme)
	return ""
}

// tableRow matches a band of a README's price table.
var tableRow = regexp.MustCompile(`(?m)^\| ([0-9,]+)-([0-9,]+) \| ([0-9,]+) \|$`)

// TestReadmePrices compares the tables with the published plans, row by row.
func TestReadmePrices(t *testing.T) {
	var want []string
	for _, p := range mss.Published() {
		for _, tier := range p.Tiers {
			want = append(want, fmt.Sprintf("%d-%d %s", tier.Min, tier.Max, tier.Price))
		}
	}
	for _, readme := range readmes {
		var got []string
		for _, m := range tableRow.FindAllStringSubmatch(readText(t, readme), -1) {
			got = append(got, strings.ReplaceAll(m[1]+"-"+m[2]+" "+m[3], ",", ""))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: prices (-published +README):\n%s", readme, diff)
		}
	}
}

// TestReadmeChart compares the chart with price ÷ machines at the end of each band.
func TestReadmeChart(t *testing.T) {
	var machines, yuan []string
	for _, tier := range mss.RoutineOperations().Tiers {
		count := decimal.NewFromInt(int64(tier.Max))
		machines = append(machines, count.String())
		yuan = append(yuan, tier.Price.DivRound(count, 2).StringFixed(2))
	}
	for _, readme := range readmes {
		charts := strings.Join(blocks(t, readme, "mermaid"), "")
		for _, series := range [][]string{machines, yuan} {
			if want := "[" + strings.Join(series, ", ") + "]\n"; !strings.Contains(charts, want) {
				t.Errorf("%s: the chart lacks %s", readme, want)
			}
		}
	}
}

// TestReadmeStates finds each status in the state diagram.
func TestReadmeStates(t *testing.T) {
	for _, readme := range readmes {
		diagram := blocks(t, readme, "mermaid")[0]
		for s := mss.Scheduled; s <= mss.Cancelled; s++ {
			if name := s.String(); !strings.Contains(diagram, strings.ToUpper(name[:1])+name[1:]+" -->") {
				t.Errorf("%s: the state diagram has nothing after %v", readme, s)
			}
		}
	}
}

// TestReadmeLinks finds each file that a document of the checkout links to.
func TestReadmeLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^):#]+)\)`)
	documents := append([]string{"CONTRIBUTING.md", "CHANGELOG.md", "examples/billing/README.md"}, readmes...)
	for _, document := range documents {
		for _, m := range link.FindAllStringSubmatch(readText(t, document), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(document), m[1])); err != nil {
				t.Errorf("%s: %v", document, err)
			}
		}
	}
}
