package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.com/mss"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The README has each request that is served, and each status.
func TestReadme(t *testing.T) { run(t, testReadme) }

func testReadme(t *testing.T, create database) {
	text := readme(t)
	api, _ := startAt(t, create, "2026-01-31 10:00:00")
	api.buy("buy", api.quote(5, mss.Months(1)))
	var requests []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([A-Z]+) (\\S+)`").FindAllStringSubmatch(text, -1) {
		requests = append(requests, m[1]+" "+m[2])
		path := strings.NewReplacer("{id}", "1", "{days}", "5").Replace(m[2])
		if g := api.do(m[1], path, "key", "{}"); g.status == 405 || g.status == 404 && !strings.Contains(string(g.body), "unknown-plan") {
			t.Errorf("%s %s: %v, want a request that is served", m[1], path, g)
		}
	}
	source, err := os.ReadFile("server.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`mux\.Handle\("(.*?)"`).FindAllStringSubmatch(string(source), -1) {
		if !slices.ContainsFunc(requests, func(r string) bool { path, _, _ := strings.Cut(r, "?"); return path == m[1] }) {
			t.Errorf("the README lacks %s", m[1])
		}
	}

	want := map[int]bool{500: true}
	for _, p := range problems {
		want[p.status] = true
	}
	documented := map[int]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\| (\d+) \|`).FindAllStringSubmatch(text, -1) {
		status, _ := strconv.Atoi(m[1])
		documented[status] = true
	}
	if !maps.Equal(want, documented) {
		t.Errorf("statuses %v, documented %v", want, documented)
	}
}

// The session of the README prints what it says, on both databases. Only request ids are
// different each time.
func TestSession(t *testing.T) { run(t, testSession) }

func testSession(t *testing.T, create database) {
	api, _ := startAt(t, create, "2026-11-25 10:00:00")
	_, session, _ := strings.Cut(readme(t), "\n## A session\n")
	session, _, _ = strings.Cut(session, "\n## ")
	var script strings.Builder
	var want []string
	for _, block := range regexp.MustCompile("(?ms)^```(sh|json)\n(.*?)^```$").FindAllStringSubmatch(session, -1) {
		if block[1] == "sh" {
			fmt.Fprintf(&script, "%s\nprintf '\\036'\n", block[2])
			want = append(want, "")
		} else {
			want[len(want)-1] += block[2]
		}
	}
	const base = "api=http://127.0.0.1:8080\n"
	if !strings.HasPrefix(script.String(), base) {
		t.Fatalf("the session begins with %.50q, want %q", script.String(), base)
	}
	shell := exec.Command("sh", "-e", "-c", strings.Replace(script.String(), base, "api="+api.base+"\n", 1))
	shell.Stderr = os.Stderr
	out, err := shell.Output()
	if err != nil {
		t.Fatal(err)
	}
	id := regexp.MustCompile(`"request_id":"[A-Z2-7]{26}"`)
	got := strings.Split(string(out), "\036")
	for i, text := range want {
		if text = id.ReplaceAllString(text, "id"); id.ReplaceAllString(got[i], "id") != text {
			t.Errorf("block %d prints\n%s\nwant\n%s", i+1, got[i], text)
		}
	}
	if len(want) < 9 || len(got) != len(want)+1 {
		t.Errorf("%d blocks printed, %d in the README", len(got)-1, len(want))
	}
}
