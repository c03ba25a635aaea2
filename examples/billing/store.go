package main

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"example.com/mss"
)

// schema is version 2 of the tables, with the types of SQLite: see postgresTypes.
//
// A subscription is stored whole, as the JSON that mss writes, and checks when it
// reads it. The other columns are what SQL itself has to compare. One that was refunded
// before its first day covers no day, and does not count as following.
const schema = `
CREATE TABLE subscriptions (
	id        INTEGER PRIMARY KEY,
	follows   INTEGER REFERENCES subscriptions (id), -- the one it renews or replaces
	purchased INTEGER NOT NULL,                      -- unix seconds, as are starts and ends
	starts    INTEGER NOT NULL,
	ends      INTEGER NOT NULL,
	refunded  INTEGER NOT NULL,                      -- 0 or 1
	document  TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX followed_once ON subscriptions (follows) WHERE starts < ends;
CREATE INDEX expiring ON subscriptions (ends) WHERE NOT refunded;
CREATE TABLE answers (
	key      BLOB    NOT NULL PRIMARY KEY, -- the Idempotency-Key
	kept     INTEGER NOT NULL,             -- since when, in unix seconds
	request  BLOB    NOT NULL,             -- a hash of what was asked
	status   INTEGER NOT NULL DEFAULT 0,   -- set, as are the next two, before the transaction ends
	location TEXT    NOT NULL DEFAULT '',
	body     BLOB
) STRICT;`

var (
	errNotFound    = errors.New("not found")
	errKeyReused   = errors.New("idempotency key used before")
	errDamaged     = errors.New("stored document damaged") // a fault of the service
	errUnavailable = errors.New("database unavailable")
)

// store is the database. Lists take longer than other reads and have connections of
// their own, so that others do not wait for them.
type store struct {
	writer, reader, lister *sql.DB
	name, expiring         string       // for the log, and the query for what expires
	check                  func() error // whether the database is still there, before a commit
}

func (s *store) close() error {
	return errors.Join(s.lister.Close(), s.reader.Close(), s.writer.Close())
}

// ping asks the database something that it has to read.
func (s *store) ping(ctx context.Context) error {
	return errors.Join(s.check(), s.reader.QueryRowContext(ctx, `SELECT max(id) FROM subscriptions`).Scan(new(sql.Null[int64])))
}

// tx is a transaction that writes.
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

	columns columns
}

func (r record) LogValue() slog.Value {
	return slog.GroupValue(slog.Int64("id", r.ID), slog.Any("subscription", r.Subscription))
}

// columns is what the columns repeat of a document.
type columns struct {
	purchased, starts, ends int64
	refunded                bool
}

func columnsOf(s mss.Subscription) columns {
	return columns{s.Purchased.Unix(), s.Start.Unix(), s.End.Unix(), s.Refunded != nil}
}

// place is a place in a list of what expires: after the subscription with that id,
// which ends then, in the list that was begun at an instant. All are unix seconds.
type place struct{ begun, ends, id int64 }

// listing asks for a page of a list.
type listing struct {
	days, limit int   // within which they expire, 0 for all, by id; and of the page
	after       place // of all, only the id counts
}

// page is what follows a place in a list.
type page struct {
	Subscriptions []record `json:"subscriptions"`
	Unreadable    []int64  `json:"unreadable,omitempty"` // the ids of those left out, whose documents are damaged
	Next          *listing `json:"next,omitempty"`       // nil on the last page
}

// answer is an HTTP answer, the first three in the form in which they are kept.
type answer struct {
	status   int
	location string
	body     []byte
	replayed bool // kept from an earlier request
	out      any  // what body has, unless replayed
}

// once runs do and keeps its answer under key, in one transaction. If the key has
// an answer, it returns that instead. An error of do undoes everything and leaves
// the key free, so that a refusal ends with its reason.
func (s *store) once(ctx context.Context, key string, request []byte, now time.Time, do func(tx) (answer, error)) (a answer, err error) {
	begun, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return answer{}, fmt.Errorf("begin: %w", err)
	}
	defer begun.Rollback() // does nothing after Commit
	t := tx{begun}

	// The key is claimed first: another request with it waits here for this one.
	var asked []byte
	err = t.QueryRowContext(ctx, `INSERT INTO answers (key, kept, request) VALUES ($1, $2, $3)
		ON CONFLICT (key) DO UPDATE SET kept = answers.kept RETURNING request, status, location, body`,
		[]byte(key), now.Unix(), request).Scan(&asked, &a.status, &a.location, &a.body)
	switch {
	case err != nil:
		return answer{}, fmt.Errorf("claim key: %w", err)
	case !bytes.Equal(asked, request):
		return answer{}, fmt.Errorf("want another key for another request: %w", errKeyReused)
	case a.status != 0:
		a.replayed = true
		return a, nil
	}
	if a, err = do(t); err != nil {
		return answer{}, err
	}
	_, err = t.ExecContext(ctx, `UPDATE answers SET status = $1, location = $2, body = $3 WHERE key = $4`,
		a.status, a.location, a.body, []byte(key))
	if err := cmp.Or(err, s.check()); err != nil {
		return answer{}, fmt.Errorf("keep answer: %w", err)
	}
	return a, t.Commit()
}

// What follows a subscription is looked up for each: PostgreSQL would merge a join, and
// pass over all that was sold before.
const selectRecords = `
	SELECT s.id AS id, coalesce(s.follows, 0),
		coalesce((SELECT next.id FROM subscriptions next WHERE next.follows = s.id AND next.starts < next.ends), 0),
		s.purchased, s.starts, s.ends AS ends, s.refunded, s.document FROM subscriptions s `

// read reads a subscription by a query of the database or of a transaction.
func read(ctx context.Context, query func(context.Context, string, ...any) *sql.Row, id int64) (record, error) {
	r, err := scan(query(ctx, selectRecords+`WHERE s.id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("subscription %d: %w", id, errNotFound)
	}
	return r, err
}

// read reads a subscription that is about to be changed. It locks it first: others that
// lock it wait until this transaction ends. That is a statement of its own, because what
// the waiting statement itself reads may be from before.
func (t tx) read(ctx context.Context, id int64) (record, error) {
	_, err := t.ExecContext(ctx, `UPDATE subscriptions SET refunded = refunded WHERE id = $1`, id)
	r, readErr := read(ctx, t.QueryRowContext, id)
	return r, cmp.Or(err, readErr)
}

const selectAll = selectRecords + `WHERE s.id > $1 ORDER BY s.id LIMIT $2`

// sqliteExpiring reads on from a place. What ends at its instant and what ends later are
// two searches of the index: for (ends, id) > ($1, $2) SQLite makes one, and reads again
// all that ends at that instant. PostgreSQL makes one that is right, and would sort a union.
const sqliteExpiring = selectRecords + `WHERE NOT s.refunded AND s.ends = $1 AND s.id > $2
	UNION ALL` + selectRecords + `WHERE NOT s.refunded AND s.ends > $1 AND s.ends <= $3
	ORDER BY ends, id LIMIT $4`

const postgresExpiring = selectRecords + `WHERE NOT s.refunded AND (s.ends, s.id) > ($1, $2) AND s.ends <= $3 ORDER BY s.ends, s.id LIMIT $4`

// list returns a page of all subscriptions, by id, or of those that end by themselves
// within some days of the instant at which the list was begun, in the order in which they
// end. The days are the bounds of a query: no price and no term depends on them.
func (s *store) list(ctx context.Context, l listing) (page, error) {
	query, args := selectAll, []any{l.after.id, l.limit + 1}
	if l.days > 0 { // of 24 hours, as Beijing has no daylight saving
		query, args = s.expiring, []any{l.after.ends, l.after.id, l.after.begun + int64(l.days)*24*60*60, l.limit + 1}
	}
	rows, err := s.lister.QueryContext(ctx, query, args...)
	if err != nil {
		return page{}, fmt.Errorf("list: %w", err)
	}
	defer rows.Close()
	p := page{Subscriptions: []record{}} // not nil, which is null in JSON
	for n := 0; rows.Next(); n++ {
		if n == l.limit {
			p.Next = &l
			break
		}
		r, err := scan(rows)
		l.after.ends, l.after.id = r.columns.ends, r.ID
		switch {
		case err == nil:
			p.Subscriptions = append(p.Subscriptions, r)
		case errors.Is(err, errDamaged):
			slog.Error("left out of a list", "error", err)
			p.Unreadable = append(p.Unreadable, r.ID)
		default:
			return page{}, fmt.Errorf("list: %w", err)
		}
	}
	return p, rows.Err()
}

func scan(from interface{ Scan(...any) error }) (r record, err error) {
	var document any
	c := &r.columns
	if err := from.Scan(&r.ID, &r.Follows, &r.FollowedBy, &c.purchased, &c.starts, &c.ends, &c.refunded, &document); err != nil {
		return r, err
	}
	err = r.Subscription.Scan(document)
	if want := columnsOf(r.Subscription); err == nil && *c != want {
		err = fmt.Errorf("columns %v, want %v as in the document", *c, want)
	}
	if err != nil {
		err = fmt.Errorf("subscription %d: %w: %v", r.ID, errDamaged, err) // %v: no fault of the client's
	}
	return r, err
}

// insert stores a subscription that follows another or, with 0, none.
func (t tx) insert(ctx context.Context, follows int64, s mss.Subscription) (id int64, err error) {
	c := columnsOf(s)
	err = t.QueryRowContext(ctx, `INSERT INTO subscriptions (follows, purchased, starts, ends, refunded, document)
		VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
		sql.Null[int64]{V: follows, Valid: follows != 0}, c.purchased, c.starts, c.ends, c.refunded, s).Scan(&id)
	return id, err
}

// refund replaces a subscription by itself refunded. Its condition would hold the
// rule without a lock, too.
func (t tx) refund(ctx context.Context, id int64, s mss.Subscription) error {
	c := columnsOf(s)
	err := t.QueryRowContext(ctx, `UPDATE subscriptions SET ends = $1, refunded = $2, document = $3
		WHERE id = $4 AND NOT refunded RETURNING id`, c.ends, c.refunded, s, id).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("subscription %d: %w", id, mss.ErrCancelled)
	}
	return err
}
