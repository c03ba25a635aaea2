package main

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// The same two subscriptions, in every form in which they are read.
func TestForms(t *testing.T) {
	read := func(line string) string { return strings.TrimSpace(pipe(t, inProcess, "", line).Stdout) }
	compact := func(document string) string {
		var out bytes.Buffer
		if err := json.Compact(&out, []byte(document)); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	changed := read("buy" + routine + " | change -on 2026-03-15 -machines 300")
	var parts struct{ Closed, Opened json.RawMessage }
	if err := json.Unmarshal([]byte(changed), &parts); err != nil {
		t.Fatal(err)
	}
	closed, opened := string(parts.Closed), string(parts.Opened)
	answer := func(id, document string) string {
		return `{"id": ` + id + `, "status": "active", "days_left": 3, "subscription": ` + document + "}"
	}
	const ids = "7 8"
	for _, test := range []struct{ name, stdin, ids string }{
		{"one after another", closed + opened, "1 2"},
		{"lines", compact(closed) + "\n" + compact(opened) + "\n", "1 2"},
		{"lines of Windows", "\ufeff" + compact(closed) + "\r\n" + compact(opened) + "\r\n", "1 2"},
		{"files of Windows, one after another", "\ufeff" + closed + "\r\n\ufeff" + opened + "\r\n", "1 2"},
		{"an array", "[" + closed + ",\n" + opened + "]\n", "1 2"},
		{"arrays", " [" + closed + "] [] [" + opened + "]", "1 2"},
		{"an array and a document", "[" + closed + "]" + opened, "1 2"},
		{"a change", changed, "1 2"},
		{"a change of the service", `{"closed_id": 7, "opened_id": 8, ` + strings.TrimPrefix(changed, "{"), ids},
		{"answers of the service", answer("7", closed) + answer("8", opened), ids},
		{"answers with other ids", answer(`"7"`, closed) + answer(`"8"`, opened), ids},
		{"an answer without an id", `{"subscription": ` + closed + "}" + answer("8", opened), "1 8"},
		{"an array of answers", "[" + answer("7", closed) + "," + answer("8", opened) + "]", ids},
		{"a page of the service", `{"next": "/subscriptions?limit=2", "subscriptions": [` + answer("7", closed) + "," + answer("8", opened) + `]}`, ids},
		{"pages of the service", `{"subscriptions": [` + answer("7", closed) + `]}{"subscriptions": []}{"subscriptions": [` + answer("8", opened) + `]}`, ids},
		{"a page of subscriptions", `{"subscriptions": [` + closed + "," + opened + `]}`, "1 2"},
	} {
		want := pipe(t, inProcess, closed+opened, "ledger -csv").Stdout
		for i, id := range strings.Fields(test.ids) {
			want = strings.ReplaceAll(want, "\n"+string(rune('1'+i))+",", "\n"+id+",")
		}
		for name, run := range runners {
			if diff := cmp.Diff(result{Stdout: want}, run(t, test.stdin, []string{"ledger", "-csv"})); diff != "" {
				t.Errorf("%s: mss ledger -csv with %s (-want +got):\n%s", name, test.name, diff)
			}
		}
	}
	// Where one subscription is wanted, an answer or an array of one is as good.
	want := pipe(t, inProcess, closed, "status -on 2026-03-15")
	for _, stdin := range []string{answer("7", closed), "[" + closed + "]", `{"subscriptions": [` + answer("7", closed) + `]}`} {
		if diff := cmp.Diff(want, inProcess(t, stdin, []string{"status", "-on", "2026-03-15"})); diff != "" {
			t.Errorf("mss status with %.40s... (-want +got):\n%s", stdin, diff)
		}
	}
	if got := inProcess(t, answer("7", opened), []string{"refund", "-on", "2026-03-16"}); got.Status != 0 {
		t.Errorf("mss refund of an answer of the service: status %d, standard error %q, want 0", got.Status, got.Stderr)
	}
}

func TestIDs(t *testing.T) {
	subscription := readFile(t, "testdata/buy-routine-operations.json")
	dir := t.TempDir()
	files := map[string]string{
		"one.json":        subscription,
		"two.json":        subscription + `{"id": 42, "subscription": ` + subscription + "}" + subscription,
		"many.jsonl":      subscription,
		"no-subscription": "[]",
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	in := func(name string) string { return filepath.Join(dir, name) }
	got := inProcess(t, subscription+subscription, []string{"status", in("one.json"), "-text", "-on", "2026-03-15", in("two.json"), "-", in("many.jsonl"), in("no-subscription")})
	var ids []string
	for _, block := range strings.Split(got.Stdout, "\n\n") {
		if id, ok := strings.CutPrefix(strings.SplitN(block, "\n", 2)[0], "id          "); ok {
			ids = append(ids, id)
		}
	}
	want := []string{"one", "two", "42", "two#3", "1", "2", "many.jsonl"}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("mss status of several: ids (-want +got):\n%s\n%s", diff, got.Stderr)
	}
	if want := "id          one\n" + readFile(t, "testdata/status-active.txt") + "\nid          two\n"; !strings.HasPrefix(got.Stdout, want) {
		t.Errorf("mss status of several printed\n%s\nwant it to begin with\n%s", got.Stdout, want)
	}
}

func TestStatusOfSeveral(t *testing.T) {
	subscription := readFile(t, "testdata/buy-routine-operations.json")
	const want = `{"id":"1","at":"2026-03-15T00:00:00+08:00","status":"active","start":"2026-01-31T00:00:00+08:00",` +
		`"end":"2027-01-31T00:00:00+08:00","days":365,"used_days":44,"days_left":321}` + "\n"
	got := inProcess(t, subscription+subscription, []string{"status", "-on", "2026-03-15"})
	if diff := cmp.Diff(result{Stdout: want + strings.Replace(want, `"1"`, `"2"`, 1)}, got); diff != "" {
		t.Errorf("mss status of two (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(result{}, inProcess(t, "[]", []string{"status"})); diff != "" {
		t.Errorf("mss status of none (-want +got):\n%s", diff)
	}
}

// An error after more than 1 MiB of output comes after it, and an earlier one before any.
func TestErrorAfterOutput(t *testing.T) {
	subscription := readFile(t, "testdata/buy-routine-operations.json")
	for _, test := range []struct {
		n    int
		some bool
	}{{100, false}, {5000, true}} {
		got := inProcess(t, strings.Repeat(subscription, test.n)+"{}", []string{"ledger", "-csv"})
		if got.Status != 1 || !strings.Contains(got.Stderr, "document ") || test.some != (got.Stdout != "") {
			t.Errorf("mss ledger -csv of %d and what is none: status %d, %d bytes of output, standard error %q", test.n, got.Status, len(got.Stdout), got.Stderr)
		}
	}
}

// encoding/json splits the same streams, more slowly.
func TestSplitter(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	texts := []string{`""`, `"\""`, `"\\"`, `"}"`, `"]"`, `"[{"`, `"a\\\"}"`, `"年"`, `"\u0022"`}
	var value func(depth int) string
	value = func(depth int) string {
		switch n := r.Intn(5); {
		case depth > 0 && n == 0:
			return "[" + value(depth-1) + ", " + value(depth-1) + "]"
		case depth > 0 && n == 1:
			return "{" + texts[r.Intn(len(texts))] + ": " + value(depth-1) + "}"
		case n == 2:
			return "-12.5e3"
		case n == 3:
			return "null"
		}
		return texts[r.Intn(len(texts))]
	}
	object := func() string { return `{"a": ` + value(4) + `, "b": ` + value(4) + "}" }
	for range 2000 {
		var stream string
		var want []string
		for range r.Intn(4) {
			one, two := object(), object()
			switch r.Intn(3) {
			case 0:
				stream, want = stream+one+"\r\n", append(want, one)
			case 1:
				stream, want = stream+"["+one+" ,\n"+two+" ]", append(want, one, two)
			case 2:
				stream += " [ ]\t"
			}
		}
		c := &call{command: command{takes: many}}
		for name, reader := range map[string]io.Reader{
			"whole": strings.NewReader(stream), "bytes": iotest.OneByteReader(strings.NewReader(stream)),
			"halves": iotest.HalfReader(strings.NewReader(stream)), "with the error": iotest.DataErrReader(strings.NewReader(stream)),
		} {
			c.stdin = reader
			var got []string
			for data, err := range c.documents("-") {
				if err != nil && stream != "" {
					t.Fatalf("%s: documents of %q: %v", name, stream, err)
				}
				if err == nil {
					got = append(got, string(data))
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s: documents of %q (-want +got):\n%s", name, stream, diff)
			}
		}
	}
}

// A page of nearly 1 MiB leaves room for what comes after it.
func TestLargePage(t *testing.T) {
	subscription := strings.Join(strings.Fields(readFile(t, "testdata/buy-routine-operations.json")), "")
	n := 1<<20/len(subscription) - 20
	page := `{"subscriptions": [` + strings.Repeat(subscription+",", n-1) + subscription + "]}"
	line := subscription + "\n"
	got := inProcess(t, page+strings.Repeat(line, 1000)+page, []string{"ledger", "-csv", "-month", "2026-01"})
	if rows := strings.Count(got.Stdout, ",purchase,"); got.Status != 0 || rows != 2*n+1000 {
		t.Errorf("mss ledger of two pages of %d and 1000 lines: status %d, standard error %q, %d purchases", n, got.Status, got.Stderr, rows)
	}
	got = inProcess(t, page[:len(page)-2]+","+strings.Repeat(subscription+",", 100)+subscription+"]}", []string{"ledger"})
	if want := "mss: read standard input: document 1: more than 1 MiB, want less\n"; got.Stderr != want {
		t.Errorf("mss ledger of a page of more than 1 MiB: standard error %q, want %q", got.Stderr, want)
	}
}
