package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"example.com/mss"
)

// A subscription is stored whole, as the JSON that mss writes, and checks when
// it reads it. The other columns are what SQL itself has to compare. One that was
// refunded before its first day covers no day, and does not count as following.
const schema = `
CREATE TABLE IF NOT EXISTS subscriptions (
	id       INTEGER PRIMARY KEY,
	follows  INTEGER REFERENCES subscriptions (id), -- the one it renews or replaces
	starts   INTEGER NOT NULL,                      -- unix seconds, as is ends
	ends     INTEGER NOT NULL,
	refunded INTEGER NOT NULL,
	document TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS followed_once ON subscriptions (follows) WHERE starts < ends;
CREATE INDEX IF NOT EXISTS expiring ON subscriptions (ends) WHERE refunded = 0;
CREATE TABLE IF NOT EXISTS answers (
	key      TEXT PRIMARY KEY, -- the Idempotency-Key
	request  BLOB NOT NULL,    -- a hash of what was asked
	status   INTEGER NOT NULL,
	location TEXT NOT NULL,
	body     BLOB NOT NULL
) STRICT;`

var (
	errNotFound  = errors.New("not found")
	errKeyReused = errors.New("idempotency key used before")
	errDamaged   = errors.New("stored document damaged") // a fault of the service
)

// store is the database. SQLite has one writer at a time: with one connection,
// writers wait in Go, where waiting ends with the request. Readers wait neither for
// them nor for lists, which take longer and have a connection of their own.
type store struct{ writer, reader, lister *sql.DB }

// tx is a transaction that has the write lock from its beginning (_txlock), so
// that what it read is still true when it writes.
type tx struct{ *sql.Tx }

// record is a subscription as stored, and as handed out once the service has
// filled in what depends on the time.
type record struct {
	ID           int64            `json:"id"`
	Follows      int64            `json:"follows,omitempty"`     // the one it renews or replaces
	FollowedBy   int64            `json:"followed_by,omitempty"` // the one that renews or replaces it
	Status       mss.Status       `json:"status"`
	DaysLeft     int              `json:"days_left"`
	Subscription mss.Subscription `json:"subscription"`

	ends int64 // the column
}

// place is a place in a list of what expires: after the subscription with that id,
// which ends then, in the list that was begun at an instant. All are unix seconds.
type place struct{ begun, ends, id int64 }

func (p place) String() string { return fmt.Sprintf("%d-%d-%d", p.begun, p.ends, p.id) }

// page is what follows a place in a list.
type page struct {
	Subscriptions []record `json:"subscriptions"`
	Unreadable    []int64  `json:"unreadable,omitempty"` // the ids of those left out, whose documents are damaged
	Next          string   `json:"next,omitempty"`       // path and query of the next page

	next *place // nil on the last page
}

// answer is an HTTP answer in the form in which it is kept.
type answer struct {
	status   int
	location string
	body     []byte
}

func openStore(path string) (*store, error) {
	if path == "" {
		return nil, errors.New("open database: want the path of a file, not an empty one")
	}
	path, err := filepath.Abs(path) // without this, ":memory:" is a database that no disk holds
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	pool := func(connections int, options string) *sql.DB {
		db, openErr := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_busy_timeout=5000"+options)
		if err = errors.Join(err, openErr); err == nil {
			db.SetMaxOpenConns(connections)
			db.SetMaxIdleConns(connections)
		}
		return db
	}
	// With synchronous=FULL a commit is on the disk before it is acknowledged.
	s := &store{
		writer: pool(1, "&_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on&_txlock=immediate"),
		reader: pool(4, "&_query_only=on"),
		lister: pool(1, "&_query_only=on"),
	}
	if err == nil {
		err = createSchema(s.writer)
	}
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	return s, nil
}

// createSchema waits up to 5 s for another process that creates it: while a file is
// switched to WAL, SQLite does not wait for its busy timeout.
func createSchema(writer *sql.DB) error {
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		_, err := writer.Exec(schema)
		if busy := (*sqlite.Error)(nil); !errors.As(err, &busy) || busy.Code()&0xff != sqlite3.SQLITE_BUSY || time.Now().After(deadline) {
			return err
		}
	}
}

func (s *store) close() error {
	return errors.Join(s.lister.Close(), s.reader.Close(), s.writer.Close())
}

// once runs do and keeps its answer under key, in one transaction. If the key has
// an answer, it returns that instead. An error of do undoes everything and leaves
// the key free, so that a refusal ends with its reason.
func (s *store) once(ctx context.Context, key string, request []byte, do func(tx) (answer, error)) (a answer, err error) {
	begun, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return answer{}, fmt.Errorf("begin: %w", err)
	}
	defer begun.Rollback() // does nothing after Commit
	t := tx{begun}

	var asked []byte
	err = t.QueryRowContext(ctx, `SELECT request, status, location, body FROM answers WHERE key = ?`, key).
		Scan(&asked, &a.status, &a.location, &a.body)
	switch {
	case err == nil && bytes.Equal(asked, request):
		return a, nil
	case err == nil:
		return answer{}, fmt.Errorf("want another key for another request: %w", errKeyReused)
	case !errors.Is(err, sql.ErrNoRows):
		return answer{}, fmt.Errorf("look up key: %w", err)
	}
	if a, err = do(t); err != nil {
		return answer{}, err
	}
	if _, err := t.ExecContext(ctx, `INSERT INTO answers (key, request, status, location, body) VALUES (?, ?, ?, ?, ?)`,
		key, request, a.status, a.location, a.body); err != nil {
		return answer{}, fmt.Errorf("keep answer: %w", err)
	}
	return a, t.Commit()
}

const selectRecords = `
	SELECT s.id AS id, s.ends AS ends, coalesce(s.follows, 0), coalesce(next.id, 0), s.document
	FROM subscriptions s LEFT JOIN subscriptions next ON next.follows = s.id AND next.starts < next.ends `

// querier is a transaction, or the database outside of one.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func read(ctx context.Context, from querier, id int64) (record, error) {
	r, err := scan(from.QueryRowContext(ctx, selectRecords+`WHERE s.id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("subscription %d: %w", id, errNotFound)
	}
	return r, err
}

// selectExpiring reads on from a place. What ends at its instant and what ends later
// are two searches of the index: for (ends, id) > (?1, ?2) SQLite makes one, and
// reads again all that ends at that instant.
const selectExpiring = selectRecords + `WHERE s.refunded = 0 AND s.ends = ?1 AND s.id > ?2
	UNION ALL` + selectRecords + `WHERE s.refunded = 0 AND s.ends > ?1 AND s.ends <= ?3
	ORDER BY ends, id LIMIT ?4`

// expiring returns up to limit of the subscriptions after a place that were not
// refunded and do not end after until, in the order in which they end.
func (s *store) expiring(ctx context.Context, after place, until int64, limit int) (page, error) {
	rows, err := s.lister.QueryContext(ctx, selectExpiring, after.ends, after.id, until, limit+1)
	if err != nil {
		return page{}, fmt.Errorf("expiring: %w", err)
	}
	defer rows.Close()
	p := page{Subscriptions: []record{}} // not nil, which is null in JSON
	for n := 0; rows.Next(); n++ {
		if n == limit {
			p.next = &after
			break
		}
		r, err := scan(rows)
		after.ends, after.id = r.ends, r.ID
		switch {
		case err == nil:
			p.Subscriptions = append(p.Subscriptions, r)
		case errors.Is(err, errDamaged):
			slog.Error("left out of a list", "error", err)
			p.Unreadable = append(p.Unreadable, r.ID)
		default:
			return page{}, fmt.Errorf("expiring: %w", err)
		}
	}
	return p, rows.Err()
}

func scan(from interface{ Scan(...any) error }) (r record, err error) {
	var document any
	if err := from.Scan(&r.ID, &r.ends, &r.Follows, &r.FollowedBy, &document); err != nil {
		return r, err
	}
	if err := r.Subscription.Scan(document); err != nil {
		return r, fmt.Errorf("subscription %d: %w: %v", r.ID, errDamaged, err) // %v: no fault of the client's
	}
	return r, nil
}

// insert stores a subscription that follows another or, with 0, none.
func (t tx) insert(ctx context.Context, follows int64, s mss.Subscription) (id int64, err error) {
	err = t.QueryRowContext(ctx, `INSERT INTO subscriptions (follows, starts, ends, refunded, document)
		VALUES (nullif(?, 0), ?, ?, 0, ?) RETURNING id`, follows, s.Start.Unix(), s.End.Unix(), s).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("insert: %w", err)
	}
	return id, nil
}

// refund replaces a subscription by itself refunded. Its condition would hold the
// rule on a database with weaker isolation, too.
func (t tx) refund(ctx context.Context, id int64, s mss.Subscription) error {
	err := t.QueryRowContext(ctx, `UPDATE subscriptions SET ends = ?, refunded = 1, document = ?
		WHERE id = ? AND refunded = 0 RETURNING id`, s.End.Unix(), s, id).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = mss.ErrCancelled
	}
	if err != nil {
		return fmt.Errorf("refund %d: %w", id, err)
	}
	return nil
}
