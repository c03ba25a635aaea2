package mss_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/mss"
	"github.com/google/go-cmp/cmp"
)

// Importers are compiled against the exported names and signatures, and have
// documents stored. Both are held against files: who changes one changes its file
// with it, and sees in the review what breaks.

// TestSurface compares each exported declaration with testdata/surface.txt.
func TestSurface(t *testing.T) {
	var got []string
	for _, d := range declarations(t, "*.go") {
		if ast.FilterDecl(d, ast.IsExported) {
			got = append(got, declarationText(t, d))
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(readText(t, "testdata/surface.txt"), strings.Join(got, "\n")); diff != "" {
		t.Errorf("exported surface (-testdata/surface.txt +package):\n%s", diff)
	}
}

// TestEveryOperationHasAnExample finds the example of each exported function and
// method, where documentation shows it.
func TestEveryOperationHasAnExample(t *testing.T) {
	examples := make(map[string]bool)
	for _, d := range declarations(t, "example_test.go") {
		if f, ok := d.(*ast.FuncDecl); ok {
			examples[f.Name.Name] = true
		}
	}
	for _, d := range declarations(t, "*.go") {
		f, ok := d.(*ast.FuncDecl)
		if !ok || !ast.FilterDecl(f, ast.IsExported) {
			continue
		}
		name := "Example"
		if f.Recv != nil {
			receiver := f.Recv.List[0].Type
			if pointer, ok := receiver.(*ast.StarExpr); ok {
				receiver = pointer.X
			}
			name += receiver.(*ast.Ident).Name + "_"
		}
		if name += f.Name.Name; !examples[name] {
			t.Errorf("example_test.go has no %s", name)
		}
	}
}

// declarations returns the declarations of the files that match pattern: of its
// tests, or of the package where there are others.
func declarations(t *testing.T, pattern string) []ast.Decl {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	var decls []ast.Decl
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") && name != pattern {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		decls = append(decls, file.Decls...)
	}
	return decls
}

// declarationText returns a declaration on one line, without its body.
func declarationText(t *testing.T, d ast.Decl) string {
	t.Helper()
	if f, ok := d.(*ast.FuncDecl); ok {
		f.Body = nil
	}
	var b bytes.Buffer
	if err := printer.Fprint(&b, token.NewFileSet(), d); err != nil {
		t.Fatal(err)
	}
	return b.String() + "\n"
}

// TestDocuments reads each document of testdata/documents, and writes it again to
// the letter. They were written once, at the prices of that day, and are read for
// ever: they are never edited, only added to.
func TestDocuments(t *testing.T) {
	names, err := filepath.Glob("testdata/documents/*.json")
	if err != nil || len(names) < 12 {
		t.Fatalf("%d documents, %v, want at least 12", len(names), err)
	}
	again := map[string]func(t *testing.T, document string) string{
		"catalog":      rewritten[mss.Catalog],
		"plan":         rewritten[mss.Plan],
		"quote":        rewritten[mss.Quote],
		"refund":       rewritten[mss.Refund],
		"subscription": rewritten[mss.Subscription],
		"change":       rewrittenChange,
	}
	for _, name := range names {
		document := readText(t, name)
		kind, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(name), ".json"), "-")
		if diff := cmp.Diff(document, again[kind](t, document)); diff != "" {
			t.Errorf("Marshal(Unmarshal(%s)) (-document +now):\n%s", name, diff)
		}
	}
}

func rewritten[T any](t *testing.T, document string) string {
	t.Helper()
	var read T
	if err := json.Unmarshal([]byte(document), &read); err != nil {
		t.Error(err)
	}
	return indented(read)
}

// rewrittenChange makes the change of the document again: one is only written.
func rewrittenChange(t *testing.T, _ string) string {
	t.Helper()
	var before mss.Subscription
	var quote mss.Quote
	for name, into := range map[string]any{"subscription-anchored": &before, "quote-month": &quote} {
		if err := json.Unmarshal([]byte(readText(t, "testdata/documents/"+name+".json")), into); err != nil {
			t.Error(err)
		}
	}
	at := time.Date(2028, 4, 15, 9, 30, 15, 123456789, mss.Beijing)
	return indented(must(before.Change(quote, at, mss.ByDay)))
}

func indented(v any) string { return string(must(json.MarshalIndent(v, "", "  "))) + "\n" }

func readText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
