package main

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.com/mss"
)

// The README has each request that is served, and each status.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	api, _ := startAt(t, "2026-01-31 10:00:00")
	api.buy("buy", api.quote(5, mss.Months(1)))
	var requests []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([A-Z]+) (\\S+)`").FindAllStringSubmatch(string(text), -1) {
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
	for _, m := range regexp.MustCompile(`(?m)^\| (\d+) \|`).FindAllStringSubmatch(string(text), -1) {
		status, _ := strconv.Atoi(m[1])
		documented[status] = true
	}
	if !maps.Equal(want, documented) {
		t.Errorf("statuses %v, documented %v", want, documented)
	}
}
