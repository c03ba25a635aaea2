package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// The manual and its pages are text. What they tell is held against what the commands take.

func helpOf(t *testing.T, command string) string {
	t.Helper()
	got := inProcess(t, "", []string{"help", command})
	if got.Status != 0 || got.Stderr != "" {
		t.Fatalf("mss help %s: status %d, standard error %q, want 0 and nothing", command, got.Status, got.Stderr)
	}
	return got.Stdout
}

// section returns what a page has under a heading.
func section(t *testing.T, page, heading string) string {
	t.Helper()
	_, after, found := strings.Cut("\n"+page, "\n"+heading+"\n")
	if !found {
		t.Fatalf("no %s, want it on the page\n%s", heading, page)
	}
	if next := regexp.MustCompile(`(?m)^\S`).FindStringIndex(after); next != nil {
		after = after[:next[0]]
	}
	return after
}

// found returns what the group of a pattern matches, sorted, once each.
func found(pattern, text string) []string {
	var names []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		names = append(names, match[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestPages(t *testing.T) {
	for _, command := range commands {
		page := helpOf(t, command.name)
		if want := "NAME\n    mss " + command.name + " - "; !strings.HasPrefix(page, want) {
			t.Errorf("mss help %s begins with %.40q, want %q", command.name, page, want)
		}
		section(t, page, "DESCRIPTION")
		want := slices.Sorted(slices.Values(command.flags))
		synopsis := section(t, page, "SYNOPSIS")
		if diff := cmp.Diff(want, found(`[ []-([\w-]+)`, synopsis)); diff != "" {
			t.Errorf("mss help %s: SYNOPSIS (-want +got):\n%s", command.name, diff)
		}
		if diff := cmp.Diff(want, found(`(?m)^    -([\w-]+)`, section(t, page, "FLAGS"))); diff != "" {
			t.Errorf("mss help %s: FLAGS (-want +got):\n%s", command.name, diff)
		}
		required := map[string][]string{"quote": {"plan", "machines", "term"}, "buy": {"plan", "machines", "term", "quote"}, "ledger": {"focus", "account"}}
		for _, name := range command.flags {
			optional := strings.Contains(synopsis, "[-"+name) || strings.Contains(synopsis, "| -"+name)
			if optional == slices.Contains(required[command.name], name) {
				t.Errorf("mss help %s: SYNOPSIS: -%s is in brackets: %t, want the opposite", command.name, name, optional)
			}
		}
		files := "no FILE"
		if found := regexp.MustCompile(`\[FILE\](\.\.\.)?`).FindString(synopsis); found != "" {
			files = found
		}
		if want := map[int]string{0: "no FILE", 1: "[FILE]", many: "[FILE]..."}[command.takes]; files != want {
			t.Errorf("mss help %s: SYNOPSIS has %s, want %s", command.name, files, want)
		}
		for _, flag := range []string{"-h", "-help", "--help"} {
			if diff := cmp.Diff(result{Stdout: page}, asBinary(t, "", []string{command.name, flag})); diff != "" {
				t.Errorf("mss %s %s (-want +got):\n%s", command.name, flag, diff)
			}
		}
		line := []string{command.name, "-" + command.flags[0], "x", "-h"}
		if diff := cmp.Diff(result{Stdout: page}, inProcess(t, "", line)); diff != "" {
			t.Errorf("mss %q (-want +got):\n%s", line, diff)
		}
	}
}

func TestManual(t *testing.T) {
	manual := helpOf(t, "mss")
	if want := "NAME\n    mss - "; !strings.HasPrefix(manual, want) {
		t.Errorf("mss help begins with %.40q, want %q", manual, want)
	}
	for _, heading := range []string{"SYNOPSIS", "DESCRIPTION", "FILES", "DATES", "PRICES", "ENVIRONMENT", "EXIT STATUS", "EXAMPLES"} {
		section(t, manual, heading)
	}
	wantCommands, wantFlags := []string{"help"}, []string{"h"}
	for _, command := range commands {
		wantCommands, wantFlags = append(wantCommands, command.name), append(wantFlags, command.flags...)
	}
	slices.Sort(wantCommands)
	slices.Sort(wantFlags)
	if diff := cmp.Diff(wantCommands, found(`(?m)^    (\w+)`, section(t, manual, "COMMANDS"))); diff != "" {
		t.Errorf("mss help: COMMANDS (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(slices.Compact(wantFlags), found(`(?:^|\n    |, )-([\w-]+)`, section(t, manual, "FLAGS"))); diff != "" {
		t.Errorf("mss help: FLAGS (-want +got):\n%s", diff)
	}
	for _, line := range []string{"help", "-h", "-help", "--help", "help help", "help -h", "help --help"} {
		if diff := cmp.Diff(result{Stdout: manual}, asBinary(t, "", strings.Fields(line))); diff != "" {
			t.Errorf("mss %s (-want +got):\n%s", line, diff)
		}
	}
}

// The examples are run as they are printed.
func TestExamples(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip(err)
	}
	t.Setenv("PATH", filepath.Dir(binary)+string(filepath.ListSeparator)+os.Getenv("PATH"))
	for _, command := range append([]command{{name: "mss"}}, commands...) {
		dir := t.TempDir()
		files := map[string]string{
			"subscription.json": "buy -plan routine-operations -machines 120 -term P1Y",
			"renewed.json":      "buy -plan routine-operations -machines 120 -term P1Y | renew",

			"subscriptions/1.json": "buy -plan routine-operations -machines 120 -term P1Y",
			"subscriptions/2.json": "buy -plan event-protection -machines 300 -term P7D",
		}
		if err := os.Mkdir(filepath.Join(dir, "subscriptions"), 0o700); err != nil {
			t.Fatal(err)
		}
		for name, line := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(pipe(t, asBinary, "", line).Stdout), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		examples := exec.Command(shell, "-e", "-x", "-c", section(t, helpOf(t, command.name), "EXAMPLES"))
		examples.Dir = dir
		if out, err := examples.CombinedOutput(); err != nil || strings.Contains(string(out), "\nmss: ") {
			t.Errorf("mss help %s: EXAMPLES: %v\n%s", command.name, err, out)
		}
	}
}

func TestPagesFitATerminal(t *testing.T) {
	for _, command := range append([]command{{name: "mss"}}, commands...) {
		for line := range strings.Lines(helpOf(t, command.name)) {
			text := strings.TrimSuffix(line, "\n")
			if utf8.RuneCountInString(text) > 80 || text != strings.TrimRight(text, " ") || strings.Contains(text, "\t") {
				t.Errorf("mss help %s: %q, want 80 characters at most, no tab, and no blank at the end", command.name, text)
			}
		}
	}
}
