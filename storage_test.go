package mss_test

import (
	"bytes"
	"database/sql"
	"flag"
	"io"
	"log/slog"
	"strings"
	"testing"
	"text/template"
	"time"

	"example.com/mss"
)

// What services use to store, print and read values beside JSON: columns that may
// be NULL, logs, templates, flags. examples/billing has columns of a real database.

// storedYear is 120 machines for a year from 31 January 2026.
func storedYear() mss.Subscription {
	q := must(mss.RoutineOperations().Quote(120, mss.Years(1)))
	return must(q.Subscribe(time.Date(2026, 1, 31, 10, 0, 0, 0, mss.Beijing)))
}

func TestNullColumn(t *testing.T) {
	term := sql.Null[mss.Term]{V: mss.Days(7), Valid: true}
	if err := term.Scan(nil); err != nil || term.Valid {
		t.Errorf("Null[Term].Scan(nil) = %v, valid %t, want nil, not valid", err, term.Valid)
	}
	if err := term.Scan("P1Y"); err != nil || term.V != mss.Years(1) {
		t.Errorf("Null[Term].Scan(P1Y) = %v, %v, want P1Y", term.V, err)
	}
}

func TestLog(t *testing.T) {
	bought := storedYear()
	at := time.Date(2026, 3, 15, 16, 30, 0, 0, mss.Beijing)
	refund := must(bought.Refund(at, mss.ByDay))
	closed := must(bought.Cancel(refund, at))
	noTime := &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
			return slog.Attr{}
		}
		return a
	}}
	text := func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, noTime) }
	object := func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, noTime) }
	for _, c := range []struct {
		name    string
		handler func(io.Writer) slog.Handler
		value   any
		want    string
	}{
		{"subscription", text, bought, "v.plan=routine-operations v.machines=120 v.term=P1Y v.amount=252000.00 v.start=2026-01-31 v.end=2027-01-31"},
		{"subscription as JSON", object, bought, `{"plan":"routine-operations","machines":120,"term":"P1Y","amount":"252000.00","start":"2026-01-31","end":"2027-01-31"}}`},
		{"cancelled", text, closed, "v.plan=routine-operations v.machines=120 v.term=P1Y v.amount=252000.00 v.start=2026-01-31 v.end=2026-03-16 v.refund=221621.92"},
		{"zero subscription", text, mss.Subscription{}, `v="invalid subscription: quote: plan: no name, want one"`},
		{"quote", text, bought.Quote, `v="routine-operations, 120 machines (band 101-200), P1Y: 12 months × 21000.00 = 252000.00 yuan"`},
		{"term", text, mss.Years(1), "v=P1Y"},
		{"status", object, mss.Active, `"v":"active"}`},
	} {
		var line bytes.Buffer
		slog.New(c.handler(&line)).Info("m", "v", c.value)
		if got := strings.TrimSuffix(line.String(), "\n"); !strings.HasSuffix(got, c.want) {
			t.Errorf("%s: log line %s, want one that ends with %s", c.name, got, c.want)
		}
	}
}

func TestTemplate(t *testing.T) {
	page := template.Must(template.New("").Parse(
		`{{.Quote.Plan}} for {{.Quote.Term}} at {{.Quote.Amount.StringFixed 2}} until {{.End.Format "2006-01-02"}}, {{.Status .Start}}`))
	var out strings.Builder
	if err := page.Execute(&out, storedYear()); err != nil {
		t.Fatal(err)
	}
	if want := "routine-operations for P1Y at 252000.00 until 2027-01-31, active"; out.String() != want {
		t.Errorf("Execute = %q, want %q", out.String(), want)
	}
}

func TestFlags(t *testing.T) {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	var term mss.Term
	var by mss.Proration
	flags.TextVar(&term, "term", mss.Months(1), "")
	flags.TextVar(&by, "by", mss.ByDay, "")
	if err := flags.Parse([]string{"-term", "P3M"}); err != nil || term != mss.Months(3) || by != mss.ByDay {
		t.Errorf("Parse(-term P3M) = %v, %v, %v, want P3M and day, the default", term, by, err)
	}
	for _, args := range [][]string{{"-term", "P0M"}, {"-by", "week"}} {
		if err := flags.Parse(args); err == nil || !strings.Contains(err.Error(), "want") {
			t.Errorf("Parse(%v) = %v, want an error that tells what is accepted", args, err)
		}
	}
	if term != mss.Months(3) || by != mss.ByDay {
		t.Errorf("after an error: %v, %v, want P3M and day as before", term, by)
	}
}
