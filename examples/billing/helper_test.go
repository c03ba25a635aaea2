package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/shopspring/decimal"

	"example.com/mss"
)

// scratch is a directory for the whole run.
var scratch string

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // the faults that are provoked here
	var err error
	if scratch, err = os.MkdirTemp("", "billing"); err != nil {
		panic(err)
	}
	status := m.Run()
	os.RemoveAll(scratch)
	os.Exit(status)
}

// database makes a new database and returns what -db calls it.
type database func(t testing.TB) string

// run runs a test on SQLite and, where BILLING_TEST_POSTGRES has the URL of a server, on
// PostgreSQL.
func run(t *testing.T, test func(t *testing.T, create database)) {
	t.Run("sqlite", func(t *testing.T) { test(t, newSQLite) })
	t.Run("postgres", func(t *testing.T) { test(t, newPostgres) })
}

func newSQLite(t testing.TB) string { return filepath.Join(t.TempDir(), "what? 100%.db") }

// newPostgres makes a schema of its own.
func newPostgres(t testing.TB) string {
	server := os.Getenv("BILLING_TEST_POSTGRES")
	if server == "" {
		t.Skip("BILLING_TEST_POSTGRES has no URL")
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	admin := open(t, server)
	if _, err := admin.Exec("CREATE SCHEMA " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP SCHEMA " + name + " CASCADE"); err != nil {
			t.Error(err)
		}
	})
	query := u.Query()
	query.Set("search_path", name)
	u.RawQuery = query.Encode()
	return u.String()
}

// open opens a database past the service.
func open(t testing.TB, db string) *sql.DB {
	t.Helper()
	driver := "pgx"
	if !isPostgres(db) {
		driver, db = "sqlite", "file:"+(&url.URL{Path: db}).EscapedPath()+"?_busy_timeout=5000"
	}
	pool, err := sql.Open(driver, db)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	return pool
}

func isPostgres(db string) bool { return strings.HasPrefix(db, "postgres") }

// clock is a clock that stands still until it is set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// set sets the clock to a time in Beijing. The clock itself is in New York, which
// has daylight saving: the machine's zone must not matter.
func (c *clock) set(t testing.TB, text string) {
	t.Helper()
	now, err := time.ParseInLocation(time.DateTime, text, mss.Beijing)
	if err != nil {
		t.Fatal(err)
	}
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now.In(newYork)
}

// client talks to a server on loopback. Its methods can be called from any goroutine.
type client struct {
	t    testing.TB
	base string
	http *http.Client
}

func newClient(t testing.TB, addr string) *client {
	transport := &http.Transport{MaxIdleConnsPerHost: 128}
	t.Cleanup(transport.CloseIdleConnections)
	return &client{t, "http://" + addr, &http.Client{Transport: transport, Timeout: 50 * time.Second}}
}

// start runs the service as main does, and returns a client of it and what stops it.
func start(t testing.TB, db string, prices mss.PriceBook, c *clock) (*client, func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- serve(ctx, listener, db, prices, c.Now) }()
	api := newClient(t, listener.Addr().String())
	stop := sync.OnceFunc(func() {
		api.http.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(stop)
	return api, stop
}

// startAt starts the service over a new database, at a time in Beijing.
func startAt(t testing.TB, create database, now string) (*client, *clock) {
	t.Helper()
	c := new(clock)
	c.set(t, now)
	api, _ := start(t, create(t), published(), c)
	return api, c
}

// got is an answer as a client sees it.
type got struct {
	status int
	header http.Header
	body   []byte
}

func (g got) String() string { return fmt.Sprintf("%d %s", g.status, g.body) }

// try sends a request; a string is sent as it is, any other body as JSON.
func (c *client) try(method, path, key string, body any) (got, error) {
	var r io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		r = bytes.NewReader([]byte(body))
	default:
		data, err := json.Marshal(body)
		if err != nil {
			return got{}, err
		}
		r = bytes.NewReader(data)
	}
	req, err := http.NewRequest(method, c.base+path, r)
	if err != nil {
		return got{}, err
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return got{}, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return got{resp.StatusCode, resp.Header, data}, err
}

func (c *client) do(method, path, key string, body any) got {
	c.t.Helper()
	g, err := c.try(method, path, key, body)
	if err != nil {
		c.t.Errorf("%s %s: %v", method, path, err)
	}
	return g
}

// must is do for an answer of that status, decoded.
func must[T any](c *client, status int, method, path, key string, body any) (v T) {
	c.t.Helper()
	decodeInto(c.t, c.do(method, path, key, body), status, &v)
	return v
}

func decodeInto(t testing.TB, g got, status int, v any) {
	t.Helper()
	want := "application/json"
	if status >= 400 {
		want = "application/problem+json"
	}
	if g.status != status || g.header.Get("Content-Type") != want {
		t.Errorf("answer %v (%s), want %d (%s)", g, g.header.Get("Content-Type"), status, want)
		return
	}
	if err := json.Unmarshal(g.body, v); err != nil {
		t.Errorf("answer %v: %v", g, err)
	}
}

func (c *client) quote(machines int, term mss.Term) mss.Quote {
	c.t.Helper()
	plan := "routine-operations"
	if term.Unit == mss.Day {
		plan = "event-protection"
	}
	return must[mss.Quote](c, 200, "POST", "/quotes", "", map[string]any{"plan": plan, "machines": machines, "term": term})
}

func (c *client) buy(key string, q mss.Quote) record {
	c.t.Helper()
	return must[record](c, 201, "POST", "/subscriptions", key, map[string]any{"quote": q})
}

func (c *client) preview(id int64) mss.Refund {
	c.t.Helper()
	return must[mss.Refund](c, 200, "POST", path(id, "/refunds/preview"), "", body{})
}

func (c *client) get(id int64) record {
	c.t.Helper()
	return must[record](c, 200, "GET", path(id, ""), "", nil)
}

// refused sends a request that is answered with a problem of that type.
func (c *client) refused(status int, name, method, path, key string, body any) problem {
	c.t.Helper()
	p := must[problem](c, status, method, path, key, body)
	if p.Type != "https://example.com/mss/problems/"+name || p.Status != status || p.Title == "" || p.Detail == "" {
		c.t.Errorf("%s %s: problem %+v, want %d of type %s with a title and a detail", method, path, p, status, name)
	}
	return p
}

// pageOf is a page as a client sees it.
type pageOf struct {
	Subscriptions []record
	Unreadable    []int64
	Next          string
}

func path(id int64, rest string) string { return fmt.Sprintf("/subscriptions/%d%s", id, rest) }

// published is a price book of the published prices.
func published() mss.PriceBook {
	return mss.PriceBook{{From: time.Date(2000, 1, 1, 0, 0, 0, 0, mss.Beijing), Catalog: mss.Published()}}
}

// put stores a subscription n times, without a request, and returns the last id.
func put(t testing.TB, db string, bought mss.Subscription, n int) (id int64) {
	t.Helper()
	s, err := openStore(db)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	begun, err := s.writer.Begin()
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		if id, err = (tx{begun}).insert(t.Context(), 0, bought); err != nil {
			t.Fatal(err)
		}
	}
	if err := begun.Commit(); err != nil {
		t.Fatal(err)
	}
	return id
}

// year is a year for 120 machines, bought at an instant.
func year(t testing.TB, purchased time.Time) mss.Subscription {
	t.Helper()
	quote, err := mss.RoutineOperations().Quote(120, mss.Years(1))
	if err != nil {
		t.Fatal(err)
	}
	bought, err := quote.Subscribe(purchased)
	if err != nil {
		t.Fatal(err)
	}
	return bought
}

// stored returns all documents of a database, by id.
func stored(t testing.TB, db string) map[int64]mss.Subscription {
	t.Helper()
	pool := open(t, db)
	if sound := "ok"; !isPostgres(db) {
		if err := pool.QueryRow(`PRAGMA integrity_check`).Scan(&sound); err != nil || sound != "ok" {
			t.Errorf("integrity check: %s, %v", sound, err)
		}
	}
	rows, err := pool.Query(`SELECT id, document FROM subscriptions`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := make(map[int64]mss.Subscription)
	for rows.Next() {
		var id int64
		var document []byte
		var s mss.Subscription
		if err := rows.Scan(&id, &document); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(document, &s); err != nil {
			t.Errorf("subscription %d: %v", id, err)
		}
		all[id] = s
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// hash is what is kept of a request.
func hash(path, body string) []byte {
	sum := sha256.Sum256([]byte(path + "\n" + body))
	return sum[:]
}

func marshal(t testing.TB, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// fields returns the top-level fields of a JSON object.
func fields(t testing.TB, object string) map[string]json.RawMessage {
	t.Helper()
	var all map[string]json.RawMessage
	if err := json.Unmarshal([]byte(object), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func wantYuan(t testing.TB, what string, amount decimal.Decimal, want string) {
	t.Helper()
	if amount.StringFixed(2) != want {
		t.Errorf("%s: %s yuan, want %s", what, amount.StringFixed(2), want)
	}
}

func wantDay(t testing.TB, what string, day time.Time, want string) {
	t.Helper()
	if day.In(mss.Beijing).Format(time.DateOnly) != want {
		t.Errorf("%s: %v, want %s", what, day, want)
	}
}

// atOnce runs f(0) to f(n-1) at the same time and waits for all of them.
func atOnce(n int, f func(i int)) {
	var wg sync.WaitGroup
	gate := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-gate
			f(i)
		})
	}
	close(gate)
	wg.Wait()
}
