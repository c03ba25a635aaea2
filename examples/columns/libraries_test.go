package columns

import (
	"context"
	"slices"
	"testing"

	"github.com/jmoiron/sqlx"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/schema"
	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"example.com/mss"
)

// TestGORM lets GORM make the table, and stores and reads rows with it.
func TestGORM(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) gorm.Dialector{
		"sqlite":   func(t *testing.T) gorm.Dialector { return sqlite.Open(newSQLite(t)) },
		"postgres": func(t *testing.T) gorm.Dialector { return postgres.Open(newPostgres(t)) },
	} {
		t.Run(name, func(t *testing.T) {
			db, err := gorm.Open(open(t), &gorm.Config{Logger: logger.Discard})
			if err != nil {
				t.Fatal(err)
			}
			pool, err := db.DB()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { pool.Close() })
			for range 2 { // the second time it finds nothing to migrate
				if err := db.AutoMigrate(&row{}); err != nil {
					t.Fatal(err)
				}
			}
			types, err := db.Migrator().ColumnTypes(&row{})
			if err != nil {
				t.Fatal(err)
			}
			for _, column := range types {
				if is := column.DatabaseTypeName(); column.Name() != "id" && !slices.Contains([]string{"text", "varchar", "TEXT"}, is) {
					t.Errorf("column %s is of type %s, want a text", column.Name(), is)
				}
			}
			want := rows(t)
			if err := db.Create(want).Error; err != nil {
				t.Fatal(err)
			}
			var got []row
			if err := db.Order("id").Find(&got).Error; err != nil {
				t.Fatal(err)
			}
			compare(t, "found", got, want)

			got = nil
			if err := db.Where("status = ? AND term = ?", mss.Scheduled, mss.Months(3)).Find(&got).Error; err != nil {
				t.Fatal(err)
			}
			compare(t, "found by status and term", got, want[:1])
			got = nil
			if err := db.Where(&row{Unit: mss.Day}).Find(&got).Error; err != nil {
				t.Fatal(err)
			}
			compare(t, "found by unit", got, want[1:])

			want[0].Status = mss.Active
			want[0].Renewal = nil
			if err := db.Save(&want[0]).Error; err != nil {
				t.Fatal(err)
			}
			var one row
			if err := db.First(&one, 1).Error; err != nil {
				t.Fatal(err)
			}
			compare(t, "saved", []row{one}, want[:1])
			if err := db.Model(&row{}).Where("id = 2").Update("status", mss.Expired).Error; err != nil {
				t.Fatal(err)
			}
			var statuses []mss.Status
			if err := db.Model(&row{}).Order("id").Pluck("status", &statuses).Error; err != nil || !slices.Equal(statuses, []mss.Status{mss.Active, mss.Expired}) {
				t.Errorf("statuses %v, %v, want active and expired", statuses, err)
			}
		})
	}
}

const columns = `(id BIGINT PRIMARY KEY, unit TEXT NOT NULL, term TEXT NOT NULL, status TEXT NOT NULL, proration TEXT NOT NULL,
	quote TEXT NOT NULL, subscription TEXT NOT NULL, refund TEXT NOT NULL,
	renewal TEXT, offer TEXT, repaid TEXT, last TEXT, wish TEXT, "by" TEXT, per TEXT, next TEXT, first TEXT)`

// TestSqlx stores and reads rows by name.
func TestSqlx(t *testing.T) {
	for _, s := range servers {
		t.Run(s.name, func(t *testing.T) {
			db := sqlx.NewDb(open(t, s.driver, s.new(t)), s.driver)
			exec(t, db.DB, `CREATE TABLE rows `+columns)
			want := rows(t)
			for _, r := range want {
				if _, err := db.NamedExec(`INSERT INTO rows VALUES (:id, :unit, :term, :status, :proration, :quote, :subscription, :refund,
					:renewal, :offer, :repaid, :last, :wish, :by, :per, :next, :first)`, r); err != nil {
					t.Fatal(err)
				}
			}
			var got []row
			if err := db.Select(&got, `SELECT * FROM rows ORDER BY id`); err != nil {
				t.Fatal(err)
			}
			compare(t, "selected", got, want)
		})
	}
}

// TestBun stores and reads rows with the query builder.
func TestBun(t *testing.T) {
	for _, s := range servers {
		t.Run(s.name, func(t *testing.T) {
			var dialect schema.Dialect = sqlitedialect.New()
			if s.name == "pgx" || s.name == "pq" {
				dialect = pgdialect.New()
			}
			pool := open(t, s.driver, s.new(t))
			exec(t, pool, `CREATE TABLE rows `+columns)
			db := bun.NewDB(pool, dialect)
			want := rows(t)
			ctx := context.Background()
			if _, err := db.NewInsert().Model(&want).Exec(ctx); err != nil {
				t.Fatal(err)
			}
			var got []row
			if err := db.NewSelect().Model(&got).OrderExpr("id").Scan(ctx); err != nil {
				t.Fatal(err)
			}
			compare(t, "selected", got, want)
			got = nil
			if err := db.NewSelect().Model(&got).Where("status = ?", mss.Scheduled).Scan(ctx); err != nil {
				t.Fatal(err)
			}
			compare(t, "selected by status", got, want[:1])
		})
	}
}
