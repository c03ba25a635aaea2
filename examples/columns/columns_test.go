package columns

import (
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/lib/pq"
	_ "github.com/mattn/go-sqlite3"
	_ "modernc.org/sqlite"

	"example.com/mss"
)

// A server is a database with one of its drivers.
type server struct {
	name, driver string
	new          func(t *testing.T) string // a new database, as the driver calls it
	text         []string                  // types of columns for any type of mss
	documents    []string                  // and for Quote, Subscription and Refund
	field        string                    // the text at a path, $2, of a document, $1
	bytes        string                    // reads a column as []byte
	wrong        []string                  // values that are of no type of mss
}

var servers = []server{
	{"modernc", "sqlite", newSQLite, []string{"TEXT", "VARCHAR(4000)"}, []string{"JSON"}, sqliteField, sqliteBytes, sqliteWrong},
	{"mattn", "sqlite3", newSQLite, []string{"TEXT", "VARCHAR(4000)"}, []string{"JSON"}, sqliteField, sqliteBytes, sqliteWrong},
	{"pgx", "pgx", newPostgres, []string{"TEXT", "VARCHAR(4000)"}, []string{"JSON", "JSONB"}, postgresField, postgresBytes, postgresWrong},
	{"pq", "postgres", newPostgres, []string{"TEXT", "VARCHAR(4000)"}, []string{"JSON", "JSONB"}, postgresField, postgresBytes, postgresWrong},
}

const (
	sqliteField   = `SELECT value ->> ('$.' || replace($1, ',', '.')) FROM stored`
	postgresField = `SELECT value::json #>> ('{' || $1 || '}')::text[] FROM stored`
	sqliteBytes   = `SELECT CAST(value AS BLOB) FROM stored`
	postgresBytes = `SELECT convert_to(value::text, 'UTF8') FROM stored`
)

var (
	sqliteWrong   = []string{"NULL", "7", "2.5", "''", "'null'", "'xxxxxxxxx'", "x'FF'"}
	postgresWrong = []string{"NULL::text", "7::bigint", "2.5::float8", "''::text", "'null'::text", "'xxxxxxxxx'::text", `'\xff'::bytea`, "now()"}
)

func newSQLite(t *testing.T) string { return filepath.Join(t.TempDir(), "columns.db") }

// newPostgres makes a schema of its own.
func newPostgres(t *testing.T) string {
	text := os.Getenv("BILLING_TEST_POSTGRES")
	if text == "" {
		t.Skip("BILLING_TEST_POSTGRES has no URL")
	}
	admin := open(t, "pgx", text)
	name := "columns_" + strings.ToLower(rand.Text())
	exec(t, admin, "CREATE SCHEMA "+name)
	t.Cleanup(func() { exec(t, admin, "DROP SCHEMA "+name+" CASCADE") })
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set("search_path", name)
	query.Set("sslmode", "disable") // which pq otherwise asks for
	u.RawQuery = query.Encode()
	return u.String()
}

func open(t *testing.T, driver, source string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func exec(t *testing.T, db *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.Exec(statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// A value is one of a type of mss. Its methods are those that know the type.
type value interface {
	isDocument() bool
	keeps(t *testing.T, s server, db *sql.DB) // in the column "value" of the table "stored"
	refuses(t *testing.T, s server, db *sql.DB)
	isNull(t *testing.T, db *sql.DB)
}

// of is a value of type T. It is found in the column as text or, of a document, as the text of a field.
type of[T driver.Valuer, P interface {
	*T
	sql.Scanner
}] struct {
	value       T
	equal       func(a, b T) bool
	field, text string
	sentinel    error // of what is no value of the type
	wrong       []string
}

func (v of[T, P]) isDocument() bool { return v.field != "" }

// keeps stores a value, finds its text in the column, and reads it back.
func (v of[T, P]) keeps(t *testing.T, s server, db *sql.DB) {
	t.Helper()
	for name, arg := range map[string]any{"value": v.value, "pointer": &v.value, "Null": sql.Null[T]{V: v.value, Valid: true}} {
		exec(t, db, `DELETE FROM stored`)
		exec(t, db, `INSERT INTO stored VALUES ($1)`, arg)
		query, args := `SELECT value FROM stored`, []any(nil)
		if v.isDocument() {
			query, args = s.field, []any{v.field}
		}
		var text string
		if err := db.QueryRow(query, args...).Scan(&text); err != nil || text != v.text {
			t.Errorf("%s of %v: %s is %q, %v, want %q", name, v.value, v.field, text, err, v.text)
		}
		for _, query := range []string{`SELECT value FROM stored`, s.bytes} {
			var got T
			if err := db.QueryRow(query).Scan(P(&got)); err != nil || !v.equal(got, v.value) {
				t.Errorf("%s of %v: %s: %v, %v, want it equal", name, v.value, query, got, err)
			}
		}
		var pointer *T
		if err := db.QueryRow(`SELECT value FROM stored`).Scan(&pointer); err != nil || pointer == nil || !v.equal(*pointer, v.value) {
			t.Errorf("%s of %v: read to a pointer: %v, %v, want it equal", name, v.value, pointer, err)
		}
		var null sql.Null[T]
		if err := db.QueryRow(`SELECT value FROM stored`).Scan(&null); err != nil || !null.Valid || !v.equal(null.V, v.value) {
			t.Errorf("%s of %v: read to a sql.Null: %v, %v, want it equal", name, v.value, null, err)
		}
	}
}

// refuses reads what is no value of the type, which leaves the target as it is.
func (v of[T, P]) refuses(t *testing.T, s server, db *sql.DB) {
	t.Helper()
	for _, wrong := range slices.Concat(v.wrong, s.wrong) {
		got := v.value
		if err := db.QueryRow(`SELECT ` + wrong).Scan(P(&got)); !errors.Is(err, v.sentinel) || !v.equal(got, v.value) {
			t.Errorf("%s read: %v, %v, want an error wrapping %q and %v unchanged", wrong, got, err, v.sentinel, v.value)
		}
	}
}

// isNull stores NULL and reads it back.
func (v of[T, P]) isNull(t *testing.T, db *sql.DB) {
	t.Helper()
	for name, arg := range map[string]any{"pointer": (*T)(nil), "Null": sql.Null[T]{}} {
		exec(t, db, `DELETE FROM stored`)
		exec(t, db, `INSERT INTO stored VALUES ($1)`, arg)
		pointer, null := &v.value, sql.Null[T]{V: v.value, Valid: true}
		if err := db.QueryRow(`SELECT value FROM stored`).Scan(&pointer); err != nil || pointer != nil {
			t.Errorf("%s: read to a pointer: %v, %v, want nil", name, pointer, err)
		}
		if err := db.QueryRow(`SELECT value FROM stored`).Scan(&null); err != nil || null.Valid {
			t.Errorf("%s: read to a sql.Null: %v, %v, want NULL", name, null, err)
		}
		if err := db.QueryRow(`SELECT value FROM stored`).Scan(P(&v.value)); !errors.Is(err, v.sentinel) {
			t.Errorf("%s: read to a value: %v, want an error wrapping %q", name, err, v.sentinel)
		}
	}
}

func same[T comparable](a, b T) bool { return a == b }

// documents are a year for 120 machines, what it was sold as, and its refund.
func documents(t *testing.T) (quote mss.Quote, bought, cancelled mss.Subscription, refund mss.Refund) {
	t.Helper()
	quote, err := mss.RoutineOperations().Quote(120, mss.Years(1))
	if err != nil {
		t.Fatal(err)
	}
	if bought, err = quote.Subscribe(time.Date(2026, 1, 31, 10, 0, 0, 1, mss.Beijing)); err != nil {
		t.Fatal(err)
	}
	if refund, err = bought.Refund(time.Date(2026, 3, 15, 9, 0, 0, 1, mss.Beijing), mss.ByMonth); err != nil {
		t.Fatal(err)
	}
	if cancelled, err = bought.Cancel(refund, refund.At); err != nil {
		t.Fatal(err)
	}
	return quote, bought, cancelled, refund
}

// TestColumns stores each type that the README of mss names, in each type of column.
func TestColumns(t *testing.T) {
	quote, bought, cancelled, refund := documents(t)
	// edited is what is stored of a document with one figure edited.
	edited := func(v any, old, replacement string) string {
		t.Helper()
		text, err := json.Marshal(v)
		if err != nil || !strings.Contains(string(text), old) {
			t.Fatalf("%s has no %s: %v", text, old, err)
		}
		return "'" + strings.Replace(string(text), old, replacement, 1) + "'"
	}
	tests := []struct {
		name   string
		values []value
	}{
		{"Unit", []value{
			of[mss.Unit, *mss.Unit]{mss.Day, same[mss.Unit], "", "day", mss.ErrTerm, []string{"'days'", "'DAY'", "2"}},
			of[mss.Unit, *mss.Unit]{mss.Month, same[mss.Unit], "", "month", mss.ErrTerm, nil},
			of[mss.Unit, *mss.Unit]{mss.Year, same[mss.Unit], "", "year", mss.ErrTerm, nil},
		}},
		{"Term", []value{
			of[mss.Term, *mss.Term]{mss.Days(36525), same[mss.Term], "", "P36525D", mss.ErrTerm, []string{"'P0D'", "'p1y'", "'P101Y'"}},
			of[mss.Term, *mss.Term]{mss.Years(1), same[mss.Term], "", "P1Y", mss.ErrTerm, nil},
		}},
		{"Status", []value{
			of[mss.Status, *mss.Status]{mss.Scheduled, same[mss.Status], "", "scheduled", mss.ErrInconsistent, []string{"'running'", "'Active'", "1"}},
			of[mss.Status, *mss.Status]{mss.Active, same[mss.Status], "", "active", mss.ErrInconsistent, nil},
			of[mss.Status, *mss.Status]{mss.Expired, same[mss.Status], "", "expired", mss.ErrInconsistent, nil},
			of[mss.Status, *mss.Status]{mss.Cancelled, same[mss.Status], "", "cancelled", mss.ErrInconsistent, nil},
		}},
		{"Proration", []value{
			of[mss.Proration, *mss.Proration]{mss.ByDay, same[mss.Proration], "", "day", mss.ErrInconsistent, []string{"'Day'", "'year'", "1"}},
			of[mss.Proration, *mss.Proration]{mss.ByMonth, same[mss.Proration], "", "month", mss.ErrInconsistent, nil},
		}},
		{"Quote", []value{
			of[mss.Quote, *mss.Quote]{quote, mss.Quote.Equal, "machines", "120", mss.ErrInconsistent,
				[]string{"'{}'", edited(quote, `"252000"`, `"252"`), edited(quote, "120", "201")}},
		}},
		{"Subscription", []value{
			of[mss.Subscription, *mss.Subscription]{bought, mss.Subscription.Equal, "quote,amount", "252000", mss.ErrInconsistent,
				[]string{"'{}'", edited(bought, "2027-01-31", "2027-01-30")}},
			of[mss.Subscription, *mss.Subscription]{cancelled, mss.Subscription.Equal, "refunded,by", "month", mss.ErrInconsistent, nil},
		}},
		{"Refund", []value{
			of[mss.Refund, *mss.Refund]{refund, mss.Refund.Equal, "used_days", "44", mss.ErrInconsistent,
				[]string{"'{}'", edited(refund, `"month"`, `"year"`), edited(refund, `"252000"`, `"252001"`)}},
		}},
	}
	var names []string
	for _, test := range tests {
		names = append(names, test.name)
	}
	for _, s := range servers {
		t.Run(s.name, func(t *testing.T) {
			for _, test := range tests {
				types := s.text
				if test.values[0].isDocument() {
					types = slices.Concat(types, s.documents)
				}
				for _, column := range types {
					t.Run(test.name+" "+column, func(t *testing.T) {
						db := open(t, s.driver, s.new(t))
						exec(t, db, `CREATE TABLE stored (value `+column+`)`)
						for _, v := range test.values {
							v.keeps(t, s, db)
							v.refuses(t, s, db)
							v.isNull(t, db)
						}
					})
				}
			}
		})
	}

	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	sentence := regexp.MustCompile("(?:`[A-Z][a-z]+`(?:,| and)\\s+)+`[A-Z][a-z]+`[^.`]+text\\s+column").Find(readme)
	for _, name := range regexp.MustCompile("`(.*?)`").FindAllSubmatch(sentence, -1) {
		named = append(named, string(name[1]))
	}
	if !slices.Equal(names, named) {
		t.Errorf("stored %v, want those that the README names: %v", names, named)
	}
}

// A row has all seven types, as a table of a service has. The tags say what sql.Null hides from GORM.
type row struct {
	ID           int64
	Unit         mss.Unit
	Term         mss.Term
	Status       mss.Status
	Proration    mss.Proration
	Quote        mss.Quote
	Subscription mss.Subscription
	Refund       mss.Refund

	// NULL in every second row.
	Renewal *mss.Subscription
	Offer   *mss.Quote
	Repaid  *mss.Refund
	Last    *mss.Status
	Wish    *mss.Term
	By      *mss.Proration
	Per     *mss.Unit
	Next    sql.Null[mss.Subscription] `gorm:"type:text"`
	First   sql.Null[mss.Status]       `gorm:"type:text"`
}

func rows(t *testing.T) []row {
	t.Helper()
	quote, bought, cancelled, refund := documents(t)
	expired, week, byDay, year := mss.Expired, mss.Days(7), mss.ByDay, mss.Year
	return []row{
		{1, mss.Year, mss.Months(3), mss.Scheduled, mss.ByMonth, quote, cancelled, refund,
			&bought, &quote, &refund, &expired, &week, &byDay, &year,
			sql.Null[mss.Subscription]{V: bought, Valid: true}, sql.Null[mss.Status]{V: mss.Active, Valid: true}},
		{ID: 2, Unit: mss.Day, Term: mss.Years(1), Status: mss.Cancelled, Proration: mss.ByDay, Quote: quote, Subscription: bought, Refund: refund},
	}
}

// compare compares rows as the types compare: documents by their Equal.
func compare(t *testing.T, what string, got, want []row) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d rows, want %d", what, len(got), len(want))
	}
	for i, g := range got {
		w := want[i]
		if g.ID != w.ID || g.Unit != w.Unit || g.Term != w.Term || g.Status != w.Status || g.Proration != w.Proration ||
			!g.Quote.Equal(w.Quote) || !g.Subscription.Equal(w.Subscription) || !g.Refund.Equal(w.Refund) ||
			!pointers(g.Renewal, w.Renewal, mss.Subscription.Equal) || !pointers(g.Offer, w.Offer, mss.Quote.Equal) ||
			!pointers(g.Repaid, w.Repaid, mss.Refund.Equal) || !pointers(g.Last, w.Last, same) || !pointers(g.Wish, w.Wish, same) ||
			!pointers(g.By, w.By, same) || !pointers(g.Per, w.Per, same) ||
			g.Next.Valid != w.Next.Valid || g.Next.Valid && !g.Next.V.Equal(w.Next.V) || g.First != w.First {
			t.Errorf("%s: row %+v, want %+v", what, g, w)
		}
	}
}

func pointers[T any](a, b *T, equal func(a, b T) bool) bool {
	return a == nil && b == nil || a != nil && b != nil && equal(*a, *b)
}
