// What importers depend on stays: the exported names and signatures they are compiled against, and the documents they
// have stored. Both are compared with files in testdata, so that a change is made there too, where a review sees what
// breaks.

package proof

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/mss"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// TestSurface compares each exported declaration with testdata/surface.txt.
func TestSurface(t *testing.T) {
	var got []string
	for _, name := range noError(filepath.Glob("../../*.go"))(t) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file := noError(parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution))(t)
		ast.FileExports(file)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				f.Body = nil
				if f.Recv != nil && !ast.IsExported(strings.TrimPrefix(types.ExprString(f.Recv.List[0].Type), "*")) {
					continue
				}
			}
			var b strings.Builder
			if err := printer.Fprint(&b, token.NewFileSet(), d); err != nil {
				t.Fatal(err)
			}
			got = append(got, b.String()+"\n")
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(readText(t, "../../testdata/surface.txt"), strings.Join(got, "\n")); diff != "" {
		t.Errorf("exported surface (-testdata/surface.txt +package):\n%s", diff)
	}
}

// TestDocuments reads each document of testdata/documents, and writes it again to the letter. They were written once, at
// the prices of that day, and are read for ever: they are never edited, only added to. Those from before quotes had a unit
// and periods a deferred amount are equal in value only. What is only written is made again from other documents.
func TestDocuments(t *testing.T) {
	read := map[string]func(t *testing.T, document string) any{
		"catalog": decoded[mss.Catalog], "pricebook": decoded[mss.PriceBook], "plan": decoded[mss.Plan],
		"quote": decoded[mss.Quote], "subscription": decoded[mss.Subscription], "refund": decoded[mss.Refund],
		"change": decoded[mss.Change], "amortization": decoded[[]mss.Period],
	}
	kinds := map[string]bool{}
	for _, name := range noError(filepath.Glob("../../testdata/documents/*.json"))(t) {
		base := strings.TrimSuffix(filepath.Base(name), ".json")
		kind, variant, _ := strings.Cut(base, "-")
		if kinds[kind] = true; read[kind] == nil {
			t.Errorf("%s: unknown kind", name)
			continue
		}
		document := readText(t, name)
		value := read[kind](t, document)
		switch {
		case base == "change":
			s, q := stored[mss.Subscription](t, "subscription-anchored"), stored[mss.Quote](t, "quote-month")
			value = noError(s.Change(q, time.Date(2028, 4, 15, 9, 30, 15, 123456789, mss.Beijing), mss.ByDay))(t)
		case kind == "change": // on the eve of an anchor day
			s, q := stored[mss.Subscription](t, "subscription-"+variant), stored[mss.Quote](t, "quote-unit")
			value = noError(s.Change(q, time.Date(2028, 3, 30, 23, 59, 59, 999999999, mss.Beijing), mss.ByMonth))(t)
		case kind == "amortization":
			s := stored[mss.Subscription](t, "subscription-"+variant)
			by := mss.ByMonth
			if s.Refunded != nil {
				by = s.Refunded.By
			}
			value = noError(s.Amortize(by))(t)
		}
		text := string(noError(json.MarshalIndent(value, "", "  "))(t)) + "\n"
		old := strings.Contains(document, `"term"`) && !strings.Contains(document, `"unit"`) || strings.Contains(document, `"remaining"`)
		if diff := cmp.Diff(document, text); diff != "" && !old {
			t.Errorf("%s (-document +now):\n%s", name, diff)
		}
		ignored := cmpopts.IgnoreFields(mss.Period{}, "Deferred")
		if diff := cmp.Diff(read[kind](t, document), read[kind](t, text), ignored); diff != "" {
			t.Errorf("%s in value (-document +now):\n%s", name, diff)
		}
	}
	if len(kinds) != len(read) {
		t.Errorf("documents of %v, want %d kinds", kinds, len(read))
	}
}

func decoded[T any](t *testing.T, document string) any {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(document), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func stored[T any](t *testing.T, name string) T {
	t.Helper()
	return decoded[T](t, readText(t, "../../testdata/documents/"+name+".json")).(T)
}

func readText(t *testing.T, name string) string {
	t.Helper()
	return string(noError(os.ReadFile(name))(t))
}
