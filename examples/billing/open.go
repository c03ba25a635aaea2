package main

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// openStore opens the file or the postgres:// URL that -db names.
func openStore(db string) (*store, error) {
	if strings.HasPrefix(db, "postgres://") || strings.HasPrefix(db, "postgresql://") {
		return openPostgres(db)
	}
	return openSQLite(db)
}

// openSQLite opens a file. SQLite has one writer at a time: with one connection,
// writers wait in Go, where waiting ends with the request. Readers do not wait for them.
func openSQLite(name string) (*store, error) {
	path, err := filepath.Abs(name) // without this, ":memory:" is a database that no disk holds
	if name == "" || err != nil {
		return nil, fmt.Errorf("%q: want the path of a file or a postgres:// URL", name)
	}
	// SQLite itself would create a file that others can read. With mode=rw it creates none:
	// after it is deleted, another would be empty.
	if file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o600); err == nil {
		file.Close()
	}
	pool := func(connections int, options string) *sql.DB {
		db, _ := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=rw&_busy_timeout=5000"+options)
		return limit(db, connections)
	}
	// The writer has the write lock from the beginning of a transaction. With
	// synchronous=FULL a commit is on the disk before it is acknowledged.
	s := &store{name: path, expiring: sqliteExpiring, reader: pool(4, "&_query_only=on"), lister: pool(1, "&_query_only=on"),
		writer: pool(1, "&_synchronous=FULL&_foreign_keys=on&_txlock=immediate")}
	if err := prepareSQLite(s.writer); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	opened, err := os.Stat(path)
	s.check = func() error {
		now, err := os.Stat(path)
		if _, walErr := os.Stat(path + "-wal"); err != nil || walErr != nil || !os.SameFile(now, opened) {
			return fmt.Errorf("%s was deleted or replaced: %w", path, errUnavailable)
		}
		return nil
	}
	return s, err
}

// prepareSQLite waits up to 5 s for another process that prepares the file: while it is
// switched to WAL, SQLite does not wait for its busy timeout.
func prepareSQLite(writer *sql.DB) error {
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		err := prepare(writer, sqliteVersion, schema+`PRAGMA user_version = 2`, fromFirst+`PRAGMA user_version = 2`)
		if err == nil {
			_, err = writer.Exec(`PRAGMA journal_mode = WAL`) // not before it is known whose it is
		}
		if busy := (*sqlite.Error)(nil); !errors.As(err, &busy) || busy.Code()&0xff != sqlite3.SQLITE_BUSY || time.Now().After(deadline) {
			return err
		}
	}
}

// sqliteVersion is the version of the tables: 0 if there are none, 1 for the first, which
// had no number, and -1 for those of another program.
func sqliteVersion(t *sql.Tx) (version int, err error) {
	err = t.QueryRow(`SELECT CASE
		WHEN EXISTS (SELECT * FROM sqlite_schema WHERE name = 'followed_once') THEN max(user_version, 1)
		WHEN user_version = 0 AND NOT EXISTS (SELECT * FROM sqlite_schema) THEN 0
		ELSE -1 END FROM pragma_user_version`).Scan(&version)
	return version, err
}

// fromFirst migrates the tables of version 1. The time of a purchase is cut out of the
// text, as SQLite would round it. Answers count as kept since the migration.
const fromFirst = `
ALTER TABLE subscriptions RENAME TO first_subscriptions;
ALTER TABLE answers RENAME TO first_answers;
DROP INDEX followed_once;
DROP INDEX expiring;` + schema + `
INSERT INTO subscriptions SELECT id, follows,
	coalesce(unixepoch(CASE WHEN json_valid(document) THEN substr(document ->> 'purchased', 1, 19) || '+08:00' END), 0),
	starts, ends, refunded, document FROM first_subscriptions;
INSERT INTO answers SELECT CAST(key AS BLOB), unixepoch(), request, status, location, body FROM first_answers WHERE status < 300;
DROP TABLE first_subscriptions;
DROP TABLE first_answers;`

// openPostgres opens the database that a URL names. READ COMMITTED is enough, as what is
// changed is locked before it is read.
func openPostgres(dsn string) (*store, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err // without the password
	}
	config.ConnectTimeout = cmp.Or(config.ConnectTimeout, 5*time.Second)
	pool := func(connections int, options string) *sql.DB {
		c := config.Copy()
		c.RuntimeParams["options"] += options // which a parameter of the URL overrides
		return limit(stdlib.OpenDB(*c), connections)
	}
	// A commit is on the disk before it is acknowledged. A replica that the network has
	// cut off loses its locks after 30 s.
	s := &store{reader: pool(4, " -c default_transaction_read_only=on"), lister: pool(1, " -c default_transaction_read_only=on"),
		writer: pool(16, ` -c default_transaction_isolation=read\ committed -c synchronous_commit=on`+
			` -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s`),
		name:  fmt.Sprintf("postgres://%s:%d/%s", config.Host, config.Port, config.Database),
		check: func() error { return nil }, expiring: postgresExpiring}
	return s, prepare(s.writer, postgresVersion, postgresTypes.Replace(schema)+`CREATE TABLE billing_version AS SELECT 2 AS version`, "")
}

var postgresTypes = strings.NewReplacer("INTEGER PRIMARY KEY", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
	"refunded  INTEGER", "refunded  BOOLEAN", "INTEGER", "BIGINT", "BLOB", "BYTEA", " STRICT", "",
	"(ends)", "(ends, id)") // SQLite's indexes have the id anyway

// postgresVersion is as sqliteVersion. Replicas that start together wait for each other.
func postgresVersion(t *sql.Tx) (version int, err error) {
	if _, err := t.Exec(`SELECT pg_advisory_xact_lock(1651076204)`); err != nil {
		return 0, err
	}
	err = t.QueryRow(`SELECT CASE WHEN count(*) = 0 THEN 0 WHEN bool_or(relname = 'billing_version') THEN 1 ELSE -1 END
		FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace`).Scan(&version)
	if err == nil && version == 1 {
		err = t.QueryRow(`SELECT version FROM billing_version`).Scan(&version)
	}
	return version, err
}

// prepare makes the tables, in one transaction: from[v] are the statements that make them
// from those of version v, so len(from) is the version that they are of.
func prepare(writer *sql.DB, version func(*sql.Tx) (int, error), from ...string) error {
	t, err := writer.Begin()
	if err != nil {
		return err
	}
	defer t.Rollback() // does nothing after Commit
	v, err := version(t)
	switch {
	case err != nil || v == len(from):
		return err
	case v < 0:
		return errors.New("it is the database of another program")
	case v > len(from):
		return fmt.Errorf("it has tables of version %d, want %d or older", v, len(from))
	}
	if _, err := t.Exec(from[v]); err != nil {
		return err
	}
	return t.Commit()
}

func limit(db *sql.DB, connections int) *sql.DB {
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db
}

// unavailable reports whether an error says that the database is locked, full or not
// reachable, and so may pass.
func unavailable(err error) bool {
	if e := (*sqlite.Error)(nil); errors.As(err, &e) {
		return slices.Contains([]int{sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR,
			sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN}, e.Code()&0xff)
	}
	if e := (*pgconn.PgError)(nil); errors.As(err, &e) { // of these classes
		return slices.Contains([]string{"08", "25", "28", "3D", "40", "53", "55", "57", "58"}, e.Code[:2])
	}
	return errors.Is(err, errUnavailable) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, driver.ErrBadConn) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, new(*net.OpError)) || errors.As(err, new(*pgconn.ConnectError)) ||
		pgconn.SafeToRetry(err) // such as "conn closed"
}
