package main

import (
	"testing"
	"time"

	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"example.com/mss"
)

// Sale is a table of a service that uses GORM instead of SQL: each type of mss that can be
// a column, without tags.
type Sale struct {
	ID           uint
	Unit         mss.Unit
	Term         mss.Term
	Status       mss.Status
	Proration    mss.Proration
	Quote        mss.Quote
	Subscription mss.Subscription
	Refund       mss.Refund
}

// GORM makes the table, stores a row and reads it back.
func TestGORM(t *testing.T) { run(t, testGORM) }

func testGORM(t *testing.T, create database) {
	name := create(t)
	var dialect gorm.Dialector = sqlite.Dialector{Conn: open(t, name)}
	if isPostgres(name) {
		dialect = postgres.New(postgres.Config{Conn: open(t, name)})
	}
	db, err := gorm.Open(dialect, &gorm.Config{Logger: logger.Discard})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing to do
		if err := db.AutoMigrate(&Sale{}); err != nil {
			t.Fatal(err)
		}
	}
	bought := year(t, time.Date(2026, 1, 31, 10, 0, 0, 1, mss.Beijing))
	refund, err := bought.Refund(time.Date(2026, 3, 15, 9, 0, 0, 1, mss.Beijing), mss.ByMonth)
	if err != nil {
		t.Fatal(err)
	}
	cancelled, err := bought.Cancel(refund, refund.At)
	if err != nil {
		t.Fatal(err)
	}
	want := Sale{1, mss.Year, mss.Months(3), mss.Cancelled, mss.ByMonth, bought.Quote, cancelled, refund}
	if err := db.Create(&want).Error; err != nil {
		t.Fatal(err)
	}
	var got Sale
	if err := db.First(&got, "status = ? AND term = ?", mss.Cancelled, mss.Months(3)).Error; err != nil {
		t.Fatal(err)
	}
	if got.Unit != want.Unit || got.Term != want.Term || got.Status != want.Status || got.Proration != want.Proration ||
		!got.Quote.Equal(want.Quote) || !got.Subscription.Equal(want.Subscription) || !got.Refund.Equal(want.Refund) {
		t.Errorf("read %+v, want %+v", got, want)
	}
	var text string
	if err := db.Raw("SELECT unit || ' ' || term || ' ' || status || ' ' || proration FROM sales").Scan(&text).Error; err != nil ||
		text != "year P3M cancelled month" {
		t.Errorf("stored as %q, %v, want text", text, err)
	}
}
