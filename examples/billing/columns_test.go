package main

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/mss"
)

// column is a column of SQLite, for values of one type of mss.
type column struct {
	t        *testing.T
	db       *sql.DB
	sentinel error    // of what is no value of the type
	wrong    []string // texts that are none
}

// keeps stores a value, finds it in the column as that text (of a document, as that
// text in a field) and reads it back, from a TEXT and from a BLOB.
func keeps[T any, P interface {
	*T
	sql.Scanner
}](c column, value T, equal func(a, b T) bool, field, text string) {
	c.t.Helper()
	if _, err := c.db.Exec(`DELETE FROM stored; INSERT INTO stored VALUES (?)`, value); err != nil {
		c.t.Fatal(err)
	}
	var is string
	if err := c.db.QueryRow(`SELECT CASE ?1 WHEN '' THEN value ELSE value ->> ?1 END FROM stored`, field).Scan(&is); err != nil || is != text {
		c.t.Errorf("%s of %v is %q, %v, want %q", field, value, is, err, text)
	}
	for _, read := range []string{`SELECT value FROM stored`, `SELECT CAST(value AS BLOB) FROM stored`} {
		var got T
		if err := c.db.QueryRow(read).Scan(P(&got)); err != nil || !equal(got, value) {
			c.t.Errorf("%s: %v, %v, want %v", read, got, err, value)
		}
	}
	for _, wrong := range append(c.wrong, "NULL", "7", "2.5", "''", "'null'", "'"+strings.Repeat("x", 9)+"'", "x'FF'") {
		got := value
		if err := c.db.QueryRow(`SELECT ` + wrong).Scan(P(&got)); !errors.Is(err, c.sentinel) || !equal(got, value) {
			c.t.Errorf("%s read: %v, %v, want an error wrapping %q and %v unchanged", wrong, got, err, c.sentinel, value)
		}
	}
}

func same[T comparable](a, b T) bool { return a == b }

// TestColumns stores each type that the README of mss names in a column of SQLite,
// as a service that queries by them would.
func TestColumns(t *testing.T) {
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "columns.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TABLE stored (value TEXT NOT NULL) STRICT`); err != nil {
		t.Fatal(err)
	}
	quote, err := mss.RoutineOperations().Quote(120, mss.Years(1))
	if err != nil {
		t.Fatal(err)
	}
	bought, err := quote.Subscribe(time.Date(2026, 1, 31, 10, 0, 0, 1, mss.Beijing))
	if err != nil {
		t.Fatal(err)
	}
	refund, err := bought.Refund(time.Date(2026, 3, 15, 9, 0, 0, 1, mss.Beijing), mss.ByMonth)
	if err != nil {
		t.Fatal(err)
	}
	cancelled, err := bought.Cancel(refund, refund.At)
	if err != nil {
		t.Fatal(err)
	}

	// What is stored of a document with one figure edited.
	edited := func(v any, old, replacement string) string {
		t.Helper()
		text := strings.Replace(marshal(t, v), old, replacement, 1)
		if text == marshal(t, v) {
			t.Fatalf("%s has no %s", text, old)
		}
		return "'" + text + "'"
	}
	tests := []struct {
		name  string
		keeps func(c column)
	}{
		{"Unit", func(c column) {
			c.sentinel, c.wrong = mss.ErrTerm, []string{"'days'", "'DAY'", "2"}
			keeps(c, mss.Day, same, "", "day")
			keeps(c, mss.Month, same, "", "month")
			keeps(c, mss.Year, same, "", "year")
		}},
		{"Term", func(c column) {
			c.sentinel, c.wrong = mss.ErrTerm, []string{"'P0D'", "'p1y'", "'P101Y'"}
			keeps(c, mss.Days(36525), same, "", "P36525D")
			keeps(c, mss.Years(1), same, "", "P1Y")
		}},
		{"Status", func(c column) {
			c.sentinel, c.wrong = mss.ErrInconsistent, []string{"'running'", "'Active'", "1"}
			keeps(c, mss.Scheduled, same, "", "scheduled")
			keeps(c, mss.Active, same, "", "active")
			keeps(c, mss.Expired, same, "", "expired")
			keeps(c, mss.Cancelled, same, "", "cancelled")
		}},
		{"Proration", func(c column) {
			c.sentinel, c.wrong = mss.ErrInconsistent, []string{"'Day'", "'year'", "1"}
			keeps(c, mss.ByDay, same, "", "day")
			keeps(c, mss.ByMonth, same, "", "month")
		}},
		{"Quote", func(c column) {
			c.sentinel, c.wrong = mss.ErrInconsistent, []string{"'{}'", edited(quote, `"252000"`, `"252"`), edited(quote, "120", "201")}
			keeps(c, quote, mss.Quote.Equal, "$.machines", "120")
		}},
		{"Subscription", func(c column) {
			c.sentinel, c.wrong = mss.ErrInconsistent, []string{"'{}'", edited(bought, "2027-01-31", "2027-01-30")}
			keeps(c, bought, mss.Subscription.Equal, "$.quote.amount", "252000")
			keeps(c, cancelled, mss.Subscription.Equal, "$.refunded.by", "month")
		}},
		{"Refund", func(c column) {
			c.sentinel, c.wrong = mss.ErrInconsistent, []string{"'{}'", edited(refund, `"month"`, `"year"`), edited(refund, `"252000"`, `"252001"`)}
			keeps(c, refund, mss.Refund.Equal, "$.used_days", "44")
		}},
	}
	var names []string
	for _, test := range tests {
		names = append(names, test.name)
		t.Run(test.name, func(t *testing.T) { test.keeps(column{t: t, db: db}) })
	}

	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	sentence := regexp.MustCompile("(?:`[A-Z][a-z]+`(?:,| and)\\s+)+`[A-Z][a-z]+`\\s+can\\s+be\\s+stored\\s+in\\s+a\\s+text\\s+column").Find(readme)
	for _, name := range regexp.MustCompile("`(.*?)`").FindAllSubmatch(sentence, -1) {
		named = append(named, string(name[1]))
	}
	if !slices.Equal(names, named) {
		t.Errorf("stored %v, want those that the README names: %v", names, named)
	}
}
