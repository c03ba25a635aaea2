package main

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

// TestColumns stores the values of mss in columns of their own, as a service that
// queries by them would: text for a term and a status, decimal text for an amount,
// a JSON document for a whole subscription.
func TestColumns(t *testing.T) {
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "columns.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TABLE sold (term TEXT, status TEXT, amount TEXT, document TEXT) STRICT`); err != nil {
		t.Fatal(err)
	}
	quote, err := mss.RoutineOperations().Quote(120, mss.Years(1))
	if err != nil {
		t.Fatal(err)
	}
	want, err := quote.Subscribe(time.Date(2026, 1, 31, 10, 0, 0, 1, mss.Beijing))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`INSERT INTO sold VALUES (?, ?, ?, ?)`,
		want.Quote.Term, want.Status(want.Start), want.Quote.Amount, want); err != nil {
		t.Fatal(err)
	}

	var text string
	if err := db.QueryRow(`SELECT term || ' ' || status || ' ' || amount || ' ' || (document ->> '$.quote.machines') FROM sold`).
		Scan(&text); err != nil || text != "P1Y active 252000 120" {
		t.Errorf("stored as %q, %v, want P1Y active 252000 120", text, err)
	}
	var (
		term   mss.Term
		status mss.Status
		amount decimal.Decimal
		got    mss.Subscription
	)
	if err := db.QueryRow(`SELECT term, status, amount, document FROM sold`).Scan(&term, &status, &amount, &got); err != nil {
		t.Fatal(err)
	}
	if term != mss.Years(1) || status != mss.Active || !amount.Equal(want.Quote.Amount) || !got.Equal(want) {
		t.Errorf("read back as %v, %v, %v, %v, want %v", term, status, amount, got, want)
	}

	// What was edited behind the service's back does not come in.
	if _, err := db.Exec(`UPDATE sold SET document = replace(document, '"252000"', '"252"'), status = 'running'`); err != nil {
		t.Fatal(err)
	}
	if err := db.QueryRow(`SELECT document FROM sold`).Scan(&got); !errors.Is(err, mss.ErrInconsistent) || !got.Equal(want) {
		t.Errorf("an edited document: %v, and %v, want ErrInconsistent and the one before", err, got)
	}
	if err := db.QueryRow(`SELECT status FROM sold`).Scan(&status); !errors.Is(err, mss.ErrInconsistent) || status != mss.Active {
		t.Errorf("an edited status: %v, and %v, want ErrInconsistent and active as before", err, status)
	}
}
