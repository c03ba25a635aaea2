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
	want, err := os.ReadFile("testdata/surface.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), strings.Join(got, "\n")); diff != "" {
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

// TestDocuments holds what is written today against testdata/documents, which was
// written once and is read for ever.
func TestDocuments(t *testing.T) {
	at := func(month time.Month, day int) time.Time {
		return time.Date(2028, month, day, 9, 30, 15, 123456789, mss.Beijing)
	}
	month := must(mss.RoutineOperations().Quote(120, mss.Months(1)))
	year := must(mss.RoutineOperations().Quote(6000, mss.Years(1)))
	week := must(mss.EventProtection().Quote(300, mss.Days(7)))
	bought := must(month.Subscribe(at(1, 31)))
	renewed := must(bought.Renew(year, at(2, 1)))
	event := must(week.SubscribeFrom(at(1, 31), at(3, 1)))
	byDay := must(renewed.Refund(at(4, 15), mss.ByDay))
	byMonth := must(renewed.Refund(at(4, 15), mss.ByMonth))
	unused := must(event.Refund(at(2, 1), mss.ByDay))

	checkDocument(t, "quote-month", month)
	checkDocument(t, "quote-day", week)
	checkDocument(t, "subscription", bought)
	checkDocument(t, "subscription-anchored", renewed)
	checkDocument(t, "subscription-scheduled", event)
	checkDocument(t, "subscription-cancelled", must(renewed.Cancel(byMonth, at(4, 15))))
	checkDocument(t, "subscription-unused", must(event.Cancel(unused, at(2, 1))))
	checkDocument(t, "refund-day", byDay)
	checkDocument(t, "refund-month", byMonth)
	checkDocument(t, "plan", mss.EventProtection())
	checkDocument(t, "catalog", mss.Published())

	// A change is only written.
	change := must(renewed.Change(month, at(4, 15), mss.ByDay))
	if diff := cmp.Diff(readDocument(t, "change"), indent(t, change)); diff != "" {
		t.Errorf("Marshal(%v) (-document +now):\n%s", change, diff)
	}
}

// checkDocument holds value as it is written today against the document of that
// name, and the document as it is read today against the same.
func checkDocument[T any](t *testing.T, name string, value T) {
	t.Helper()
	want := readDocument(t, name)
	if diff := cmp.Diff(want, indent(t, value)); diff != "" {
		t.Errorf("Marshal of %s (-document +now):\n%s", name, diff)
	}
	var read T
	if err := json.Unmarshal([]byte(want), &read); err != nil {
		t.Errorf("Unmarshal of %s: %v", name, err)
		return
	}
	if diff := cmp.Diff(want, indent(t, read)); diff != "" {
		t.Errorf("Marshal(Unmarshal) of %s (-document +now):\n%s", name, diff)
	}
}

func readDocument(t *testing.T, name string) string {
	t.Helper()
	document, err := os.ReadFile(filepath.Join("testdata", "documents", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(document)
}

func indent(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}
