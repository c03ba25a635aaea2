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

// TestDocuments reads each document of testdata/documents and writes it again, to the letter. They were written once, at
// the prices of that day, and are read for ever: they are never edited, only added to. What is only written is made
// again from documents.
func TestDocuments(t *testing.T) {
	again := map[string]func(t *testing.T, document []byte, variant string) any{
		"catalog":      read[mss.Catalog],
		"pricebook":    read[mss.PriceBook],
		"plan":         read[mss.Plan],
		"quote":        read[mss.Quote],
		"refund":       read[mss.Refund],
		"subscription": read[mss.Subscription],
		"change": func(t *testing.T, _ []byte, _ string) any {
			s, q := stored[mss.Subscription](t, "subscription-anchored"), stored[mss.Quote](t, "quote-month")
			return noError(s.Change(q, time.Date(2028, 4, 15, 9, 30, 15, 123456789, mss.Beijing), mss.ByDay))(t)
		},
		"amortization": func(t *testing.T, _ []byte, variant string) any {
			s := stored[mss.Subscription](t, "subscription-"+variant)
			return noError(s.Amortize(s.Refunded.By))(t)
		},
	}
	kinds := map[string]bool{}
	for _, name := range noError(filepath.Glob("../../testdata/documents/*.json"))(t) {
		kind, variant, _ := strings.Cut(strings.TrimSuffix(filepath.Base(name), ".json"), "-")
		if kinds[kind] = true; again[kind] == nil {
			t.Errorf("%s: unknown kind", name)
			continue
		}
		document := readText(t, name)
		text := noError(json.MarshalIndent(again[kind](t, []byte(document), variant), "", "  "))(t)
		if diff := cmp.Diff(document, string(text)+"\n"); diff != "" {
			t.Errorf("%s (-document +now):\n%s", name, diff)
		}
	}
	if len(kinds) != len(again) {
		t.Errorf("documents of %v, want %d kinds", kinds, len(again))
	}
}

func read[T any](t *testing.T, document []byte, _ string) any {
	t.Helper()
	var v T
	if err := json.Unmarshal(document, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func stored[T any](t *testing.T, name string) T {
	t.Helper()
	return read[T](t, []byte(readText(t, "../../testdata/documents/"+name+".json")), "").(T)
}

func readText(t *testing.T, name string) string {
	t.Helper()
	return string(noError(os.ReadFile(name))(t))
}
