package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/mss"
)

// buffer is a log that can be read while it is written.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// take returns the lines since it was last called.
func (b *buffer) take() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.text.Reset()
	return strings.Split(strings.TrimSuffix(b.text.String(), "\n"), "\n")
}

// Each request that changes something is one line in the log, and can be found there by
// the id that its answer has. One that only asks is none.
func TestLog(t *testing.T) { run(t, testLog) }

func testLog(t *testing.T, create database) {
	var log buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&log, nil)))
	defer slog.SetDefault(before)
	api, _ := startAt(t, create, "2026-01-31 10:00:00")
	quote := api.quote(120, mss.Years(1))

	type line struct {
		Msg, Level, Method, Path, Error string
		Status                          int
		Duration                        time.Duration
		RequestID                       string `json:"request_id"`
		Replayed                        bool
		ID                              int64
		ClosedID                        int64 `json:"closed_id"`
		Subscription, Closed            map[string]any
	}
	noLine := func(line string) bool { return line == "" || strings.Contains(line, `"msg":"listening"`) }
	// logged sends a request and returns its line.
	logged := func(status int, method, path, key string, order any) line {
		t.Helper()
		g := api.do(method, path, key, order)
		if g.status != status {
			t.Fatalf("%s %s: %v, want %d", method, path, g, status)
		}
		var l line
		var lines []string
		for begun := time.Now(); len(lines) == 0 && time.Since(begun) < time.Second; { // it is written before the answer
			lines = slices.DeleteFunc(log.take(), noLine)
		}
		if len(lines) != 1 {
			t.Fatalf("%s %s: %d lines in the log, want 1: %q", method, path, len(lines), lines)
		}
		if err := json.Unmarshal([]byte(lines[0]), &l); err != nil {
			t.Fatal(err)
		}
		if l.Method != method || l.Path != path || l.Status != status || l.RequestID != g.header.Get("Request-Id") || l.Duration <= 0 {
			t.Errorf("%s %s: logged %+v, want it with the status, duration and id of the answer %v", method, path, l, g.header)
		}
		return l
	}
	bought := logged(201, "POST", "/subscriptions", "buy", body{"quote": quote})
	if bought.ID != 1 || bought.Subscription["plan"] != "routine-operations" || bought.Subscription["amount"] != "252000.00" || bought.Replayed {
		t.Errorf("purchase logged as %+v, want subscription 1", bought)
	}
	if again := logged(201, "POST", "/subscriptions", "buy", body{"quote": quote}); !again.Replayed || again.ID != 0 {
		t.Errorf("repeated purchase logged as %+v, want it replayed", again)
	}
	renewed := logged(201, "POST", "/subscriptions/1/renewals", "renew", body{"quote": quote})
	if renewed.ID != 2 || renewed.Subscription["start"] != "2027-01-31" {
		t.Errorf("renewal logged as %+v, want subscription 2", renewed)
	}
	refunded := logged(200, "POST", "/subscriptions/2/refunds", "refund", body{"refund": api.preview(2)})
	if refunded.ID != 2 || refunded.Subscription["refund"] != "252000.00" {
		t.Errorf("refund logged as %+v, want subscription 2", refunded)
	}
	changed := logged(201, "POST", "/subscriptions/1/changes", "change", body{"quote": api.quote(300, mss.Years(1)), "refund": api.preview(1)})
	if changed.ID != 3 || changed.ClosedID != 1 || changed.Subscription["machines"] != 300.0 || changed.Closed["refund"] != "251309.59" {
		t.Errorf("change logged as %+v, want subscriptions 1 and 3", changed)
	}
	refused := logged(409, "POST", "/subscriptions/1/renewals", "again", body{"quote": quote})
	if !strings.Contains(refused.Error, "subscription cancelled") || refused.Subscription != nil {
		t.Errorf("refusal logged as %+v, want its reason", refused)
	}

	api.get(1)
	api.preview(3)
	api.do("GET", "/subscriptions", "", nil)
	api.do("GET", "/nothing", "", nil)
	api.do("GET", "/healthz", "", nil)
	if lines := slices.DeleteFunc(log.take(), noLine); len(lines) > 0 {
		t.Errorf("requests that change nothing logged as %q", lines)
	}
}

// Every answer has an id of its own, and a problem repeats it. A replayed answer says so.
func TestRequestID(t *testing.T) { run(t, testRequestID) }

func testRequestID(t *testing.T, create database) {
	api, _ := startAt(t, create, "2026-01-31 10:00:00")
	order := body{"quote": api.quote(120, mss.Years(1))}
	seen := map[string]bool{"": true}
	for _, c := range []struct {
		method, path, key string
		status            int
	}{
		{"POST", "/subscriptions", "buy", 201},
		{"POST", "/subscriptions", "buy", 201},
		{"POST", "/subscriptions", "", 400},
		{"GET", "/subscriptions/1", "", 200},
		{"GET", "/subscriptions/2", "", 404},
		{"GET", "/nothing", "", 404},
		{"DELETE", "/subscriptions", "", 405},
		{"GET", "/healthz", "", 200},
	} {
		replay := seen[c.method+c.path+c.key]
		seen[c.method+c.path+c.key] = true
		g := api.do(c.method, c.path, c.key, order)
		id := g.header.Get("Request-Id")
		if g.status != c.status || seen[id] {
			t.Errorf("%s %s: %v with id %q, want %d and an id of its own", c.method, c.path, g, id, c.status)
		}
		seen[id] = true
		if g.status >= 400 && string(fields(t, string(g.body))["request_id"]) != `"`+id+`"` {
			t.Errorf("%s %s: %v, want request_id %q", c.method, c.path, g, id)
		}
		if is := g.header.Get("Idempotent-Replayed"); (is == "true") != replay || is != "" && !replay {
			t.Errorf("%s %s: Idempotent-Replayed %q, repeated: %t", c.method, c.path, is, replay)
		}
	}
}

// Everything is listed by id, what was refunded and what has ended too.
func TestListAll(t *testing.T) { run(t, testListAll) }

func testListAll(t *testing.T, create database) {
	api, now := startAt(t, create, "2026-01-31 10:00:00")
	if g := api.do("GET", "/subscriptions", "", nil); string(g.body) != `{"subscriptions":[]}`+"\n" {
		t.Errorf("nothing yet: %v", g)
	}
	month := api.quote(5, mss.Months(1))
	for i := range 5 {
		api.buy(fmt.Sprint(i), month)
	}
	must[record](api, 200, "POST", path(2, "/refunds"), "refund", body{"refund": api.preview(2)})
	must[record](api, 201, "POST", path(3, "/renewals"), "renew", body{"quote": month})
	now.set(t, "2026-02-28 00:00:00") // the first month is over
	for _, c := range []struct {
		query string
		want  [][]int64
	}{
		{"", [][]int64{{1, 2, 3, 4, 5, 6}}},
		{"?limit=6", [][]int64{{1, 2, 3, 4, 5, 6}}},
		{"?limit=4", [][]int64{{1, 2, 3, 4}, {5, 6}}},
		{"?limit=2", [][]int64{{1, 2}, {3, 4}, {5, 6}}},
		{"?limit=2&after=3", [][]int64{{4, 5}, {6}}},
		{"?after=5", [][]int64{{6}}},
		{"?after=6", [][]int64{nil}},
		{"?after=0", [][]int64{{1, 2, 3, 4, 5, 6}}},
		{"?after=9223372036854775807", [][]int64{nil}},
	} {
		if got, _ := api.follow("/subscriptions" + c.query); !slices.EqualFunc(got, c.want, slices.Equal) {
			t.Errorf("%s: pages %v, want %v", c.query, got, c.want)
		}
	}
	if g := api.do("GET", "/subscriptions?limit=2", "", nil); !bytes.HasSuffix(g.body, []byte(`"next":"/subscriptions?limit=2&after=2"}`+"\n")) {
		t.Errorf("first page %v, want next after 2", g)
	}
	all := must[pageOf](api, 200, "GET", "/subscriptions", "", nil).Subscriptions
	for id, status := range map[int64]mss.Status{1: mss.Expired, 2: mss.Cancelled, 3: mss.Expired, 6: mss.Active} {
		if r := all[id-1]; r.Status != status || !r.Subscription.Equal(api.get(id).Subscription) {
			t.Errorf("listed %+v, want it %v and as read by itself", r, status)
		}
	}
	if all[2].FollowedBy != 6 || all[5].Follows != 3 {
		t.Errorf("listed %+v and %+v, want one to follow the other", all[2], all[5])
	}
	for _, query := range []string{"limit=0", "limit=1001", "limit=", "limit=1&limit=1", "Limit=1", "after=", "after=x", "after=01", "after=1-2-3",
		"after=%201", "after=1&after=1", "after=9223372036854775808", "page=2", "limit=%zz"} {
		api.refused(400, "malformed", "GET", "/subscriptions?"+query, "", nil)
	}
}

// A clock that is behind another machine's is not the client's fault.
func TestSkew(t *testing.T) { run(t, testSkew) }

func testSkew(t *testing.T, create database) {
	db := create(t)
	ahead, behind := new(clock), new(clock)
	ahead.set(t, "2026-02-01 00:00:01")
	behind.set(t, "2026-01-31 23:59:59")
	one, _ := start(t, db, published(), ahead)
	other, _ := start(t, db, published(), behind)
	quote := one.quote(120, mss.Years(1))

	// Bought on the one and, two seconds before that, read, renewed, changed and refunded on the other.
	bought := one.buy("buy", quote)
	wantDay(t, "start", bought.Subscription.Start, "2026-02-01")
	if read := other.get(bought.ID); read.Status != mss.Active || read.DaysLeft != 364 {
		t.Errorf("read %+v, want it active with 364 days left", read)
	}
	renewed := must[record](other, 201, "POST", path(bought.ID, "/renewals"), "renew", body{"quote": quote})
	if !renewed.Subscription.Purchased.Equal(ahead.Now()) {
		t.Errorf("renewed at %v, want %v, when what it renews was bought", renewed.Subscription.Purchased, ahead.Now())
	}
	if preview := other.preview(renewed.ID); !preview.At.Equal(ahead.Now()) {
		t.Errorf("previewed at %v, want %v", preview.At, ahead.Now())
	}
	must[record](other, 200, "POST", path(renewed.ID, "/refunds"), "void", body{"refund": one.preview(renewed.ID)})

	// Previewed on the one and confirmed on the other.
	old := one.buy("old", quote)
	ahead.set(t, "2026-03-15 00:00:02")
	behind.set(t, "2026-03-14 23:59:57") // 5 s
	change := must[changed](other, 201, "POST", path(old.ID, "/changes"), "change",
		body{"quote": one.quote(300, mss.Years(1)), "refund": one.preview(old.ID)})
	wantDay(t, "opened", change.Opened.Start, "2026-03-16")
	preview := one.preview(bought.ID)
	behind.set(t, "2026-03-14 23:59:56") // 6 s
	p := other.refused(409, "stale-preview", "POST", path(bought.ID, "/refunds"), "refund", body{"refund": preview})
	if p.Title != "preview outdated" || p.Preview == nil || p.Preview.UsedDays != 42 {
		t.Errorf("problem %+v, want one with the preview of 14 March", p)
	}
	behind.set(t, "2026-03-14 23:59:57")
	must[record](other, 200, "POST", path(bought.ID, "/refunds"), "refund", body{"refund": preview})
	wantDay(t, "closed", one.get(bought.ID).Subscription.End, "2026-03-16")
}

// A key may be any bytes that a header can have.
func TestKeyBytes(t *testing.T) { run(t, testKeyBytes) }

func testKeyBytes(t *testing.T, create database) {
	api, _ := startAt(t, create, "2026-01-31 10:00:00")
	order := body{"quote": api.quote(5, mss.Months(1))}
	for i, key := range []string{"\xff\xfe", "\xff", "钥匙", `\x6b`, "k", "'; --", "a\tb", strings.Repeat("\x80", 255)} {
		for range 2 {
			if r := must[record](api, 201, "POST", "/subscriptions", key, order); r.ID != int64(i+1) {
				t.Errorf("key %q: subscription %d, want %d", key, r.ID, i+1)
			}
		}
	}
}

func TestArguments(t *testing.T) {
	db := filepath.Join(t.TempDir(), "billing.db")
	if status, log := begin(t, db, "serve").exit(t); status != 2 || !strings.Contains(log, `argument "serve"`) {
		t.Errorf("an argument: exit status %d, %s, want 2", status, log)
	}
	book := filepath.Join(t.TempDir(), "prices.json")
	if err := os.WriteFile(book, []byte(`[{"from":"2999-01-01T00:00:00+08:00","catalog":`+marshal(t, mss.Published())+`}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, log := begin(t, db, "-prices", book).exit(t); status != 1 || !strings.Contains(log, "sell nothing") {
		t.Errorf("no price list in force: exit status %d, %s, want 1", status, log)
	}
	if _, err := os.Stat(db); err == nil {
		t.Error("a database was made")
	}
}

// The password of a URL is in no message.
func TestPassword(t *testing.T) {
	for _, url := range []string{"postgres://u:secret@127.0.0.1:1/x", "postgres://u:secret@127.0.0.1:x/y", "postgres://u:secret%zz@127.0.0.1/y"} {
		if status, log := begin(t, url).exit(t); status != 1 || strings.Contains(log, "secret") || !strings.Contains(log, "open database") {
			t.Errorf("%s: exit status %d, %s, want 1 and no password", url, status, log)
		}
	}
	db := newPostgres(t)
	u, err := url.Parse(db)
	if err != nil {
		t.Fatal(err)
	}
	if _, has := u.User.Password(); !has {
		u.User = url.UserPassword(u.User.Username(), "secret") // which trust authentication does not ask for
	}
	password, _ := u.User.Password()
	p := begin(t, u.String())
	api := p.client(t)
	api.quote(5, mss.Months(1))
	p.stop(t, strings.TrimPrefix(api.base, "http://"))
	if log := strings.Join(p.log.take(), "\n"); strings.Contains(log, password) || !strings.Contains(log, "db=postgres://") {
		t.Errorf("log %s, want it without the password", log)
	}
}

// Nobody else can read the files.
func TestFileMode(t *testing.T) {
	db := newSQLite(t)
	now := new(clock)
	now.set(t, "2026-01-31 10:00:00")
	api, _ := start(t, db, published(), now)
	api.buy("buy", api.quote(5, mss.Months(1)))
	for _, file := range []string{db, db + "-wal", db + "-shm"} {
		if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: %v, %v, want mode 0600", file, info.Mode(), err)
		}
	}
}

// A file that is deleted or replaced takes nothing with it that was acknowledged later.
func TestFileDeleted(t *testing.T) {
	for name, damage := range map[string]func(db string) error{
		"deleted":     os.Remove,
		"log deleted": func(db string) error { return os.Remove(db + "-wal") },
		"replaced": func(db string) error {
			if err := os.WriteFile(db+".new", nil, 0o600); err != nil {
				return err
			}
			return os.Rename(db+".new", db)
		},
		"moved": func(db string) error { return os.Rename(db, db+".old") },
		"all deleted": func(db string) error {
			for _, suffix := range []string{"", "-wal", "-shm"} {
				if err := os.Remove(db + suffix); err != nil {
					return err
				}
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := newSQLite(t)
			now := new(clock)
			now.set(t, "2026-01-31 10:00:00")
			api, _ := start(t, db, published(), now)
			order := body{"quote": api.quote(5, mss.Months(1))}
			must[record](api, 201, "POST", "/subscriptions", "before", order)
			must[map[string]string](api, 200, "GET", "/healthz", "", nil)
			if err := damage(db); err != nil {
				t.Fatal(err)
			}
			for i := range 3 {
				api.away("POST", "/subscriptions", fmt.Sprint("after ", i), order)
			}
			api.away("GET", "/healthz", "", nil)
			if _, err := os.Stat(db); name != "replaced" && name != "log deleted" && !os.IsNotExist(err) {
				t.Errorf("the file was made again: %v", err)
			}
		})
	}
}

// away sends a request that is answered with 503.
func (c *client) away(method, path, key string, order any) {
	c.t.Helper()
	g := c.do(method, path, key, order)
	var p problem
	decodeInto(c.t, g, 503, &p)
	if p.Type != "https://example.com/mss/problems/unavailable" || g.header.Get("Retry-After") != "5" ||
		strings.Contains(p.Detail, "Idempotency-Key") != (key != "") || strings.Contains(string(g.body), "127.0.0.1") {
		c.t.Errorf("%s %s: %v, Retry-After %q, want a problem of type unavailable that names the key if there is one",
			method, path, g, g.header.Get("Retry-After"))
	}
}

// While another program has the lock, writers are told to come back, and readers are
// served.
func TestLocked(t *testing.T) { run(t, testLocked) }

func testLocked(t *testing.T, create database) {
	t.Parallel()
	db := create(t)
	now := new(clock)
	now.set(t, "2026-01-31 10:00:00")
	api, _ := start(t, db, published(), now)
	bought := api.buy("buy", api.quote(5, mss.Months(1)))
	refund := body{"refund": api.preview(bought.ID)}
	locker, err := open(t, db).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	exec := func(statement string) {
		t.Helper()
		if _, err := locker.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if isPostgres(db) {
		exec("BEGIN")
		exec("SELECT * FROM subscriptions FOR UPDATE")
	} else {
		exec("BEGIN IMMEDIATE")
	}
	begun := time.Now()
	api.away("POST", path(bought.ID, "/refunds"), "refund", refund)
	if took := time.Since(begun); took < 4*time.Second || took > 8*time.Second {
		t.Errorf("refused after %v, want about 5 s", took)
	}
	api.get(bought.ID)
	exec("ROLLBACK")
	must[record](api, 200, "POST", path(bought.ID, "/refunds"), "refund", refund)
}

// A full disk is no fault of the client's, and ends.
func TestFull(t *testing.T) {
	now := new(clock)
	now.set(t, "2026-01-31 10:00:00")
	s, err := openStore(newSQLite(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: routes(&service{published(), now.Now, s})}
	defer server.Close()
	go server.Serve(listener)
	api := newClient(t, listener.Addr().String())
	order := body{"quote": api.quote(5, mss.Months(1))}
	limit := func(pages int) {
		t.Helper()
		if _, err := s.writer.Exec(fmt.Sprint("PRAGMA max_page_count = ", pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(1) // as small as the file is
	bought := 0
	var g got
	for g.status != 503 && bought < 1000 {
		if g = api.do("POST", "/subscriptions", fmt.Sprint(bought), order); g.status == 201 {
			bought++
		}
	}
	api.away("POST", "/subscriptions", fmt.Sprint(bought), order)
	must[map[string]string](api, 200, "GET", "/healthz", "", nil)
	limit(1 << 30)
	if r := must[record](api, 201, "POST", "/subscriptions", fmt.Sprint(bought), order); r.ID != int64(bought+1) {
		t.Errorf("subscription %d, want %d", r.ID, bought+1)
	}
}

// proxy passes connections on to PostgreSQL until it is cut.
type proxy struct {
	net.Listener
	mu    sync.Mutex
	open  []net.Conn
	isCut bool
}

func (p *proxy) serve(to string) {
	for {
		in, err := p.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", to)
		p.mu.Lock()
		if err != nil || p.isCut {
			in.Close()
			p.mu.Unlock()
			continue
		}
		p.open = append(p.open, in, out)
		p.mu.Unlock()
		go func() { io.Copy(in, out); in.Close() }()
		go func() { io.Copy(out, in); out.Close() }()
	}
}

func (p *proxy) cut(is bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.open {
		c.Close()
	}
	p.open, p.isCut = nil, is
}

// While PostgreSQL cannot be reached, requests are told to come back, and then work.
func TestAway(t *testing.T) {
	db := newPostgres(t)
	u, err := url.Parse(db)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	wire := &proxy{Listener: listener}
	go wire.serve(u.Host)
	u.Host = listener.Addr().String()
	now := new(clock)
	now.set(t, "2026-01-31 10:00:00")
	api, _ := start(t, u.String(), published(), now)
	order := body{"quote": api.quote(5, mss.Months(1))}
	must[record](api, 201, "POST", "/subscriptions", "before", order)

	wire.cut(true)
	for i := range 3 {
		api.away("POST", "/subscriptions", fmt.Sprint("cut ", i), order)
		api.away("GET", "/subscriptions/1", "", nil)
		api.away("GET", "/subscriptions", "", nil)
		api.away("GET", "/healthz", "", nil)
	}
	api.quote(5, mss.Months(1)) // which needs no database
	wire.cut(false)
	for i := range 3 {
		must[record](api, 201, "POST", "/subscriptions", fmt.Sprint("cut ", i), order)
	}
	must[map[string]string](api, 200, "GET", "/healthz", "", nil)
	atOnce(8, func(i int) { // and when it is cut during requests
		for n := range 20 {
			if g := api.do("POST", "/subscriptions", fmt.Sprint(i, " ", n), order); g.status != 201 && g.status != 503 {
				t.Errorf("during a cut: %v, want 201 or 503", g)
			}
			if i == 0 && n%5 == 0 {
				wire.cut(false)
			}
		}
	})
}

// A column that disagrees with its document is a damaged document: SQL has counted
// something else than mss would.
func TestColumnsDisagree(t *testing.T) { run(t, testColumnsDisagree) }

func testColumnsDisagree(t *testing.T, create database) {
	db := create(t)
	now := new(clock)
	now.set(t, "2026-01-31 10:00:00")
	api, _ := start(t, db, published(), now)
	for i := range 5 {
		api.buy(fmt.Sprint(i), api.quote(5, mss.Months(1)))
	}
	truth := map[bool]string{true: "true", false: "1"}[isPostgres(db)]
	pool := open(t, db)
	for id, assignment := range map[int]string{1: "purchased = purchased + 1", 2: "starts = starts - 1", 3: "ends = ends + 1", 4: "refunded = " + truth} {
		if _, err := pool.Exec(fmt.Sprintf("UPDATE subscriptions SET %s WHERE id = %d", assignment, id)); err != nil {
			t.Fatal(err)
		}
	}
	for id := int64(1); id <= 4; id++ {
		p := must[problem](api, 500, "GET", path(id, ""), "", nil)
		if p.Type != "about:blank" || strings.Contains(p.Detail, "again") {
			t.Errorf("subscription %d: problem %+v, want no advice to try again", id, p)
		}
		p = must[problem](api, 500, "POST", path(id, "/renewals"), fmt.Sprint("renew ", id), body{"quote": api.quote(5, mss.Months(1))})
		if strings.Contains(p.Detail, "again") {
			t.Errorf("renewal of subscription %d: problem %+v, want no advice to try again", id, p)
		}
	}
	if p := must[pageOf](api, 200, "GET", "/subscriptions", "", nil); !slices.Equal(p.Unreadable, []int64{1, 2, 3, 4}) || len(p.Subscriptions) != 1 {
		t.Errorf("listed %+v, want 1 to 4 unreadable", p)
	}
}

// Inside a quote or a refund, too, a field is given once and in lower case.
func TestFieldsInside(t *testing.T) { run(t, testFieldsInside) }

func testFieldsInside(t *testing.T, create database) {
	api, _ := startAt(t, create, "2026-01-31 10:00:00")
	quote := marshal(t, api.quote(5, mss.Months(1)))
	bought := must[record](api, 201, "POST", "/subscriptions", "buy", `{"quote":`+quote+`}`)
	refund := marshal(t, api.preview(bought.ID))
	n := 0
	send := func(path, body string) {
		t.Helper()
		n++
		api.refused(400, "malformed", "POST", path, fmt.Sprint(n), body)
	}
	for field, document := range map[string]string{"quote": quote, "refund": refund} {
		where := map[string]string{"quote": "/subscriptions", "refund": path(bought.ID, "/refunds")}[field]
		names := fields(t, document)
		for name, value := range names {
			send(where, fmt.Sprintf(`{"%s":{"%s":%s,%s}`, field, name, value, document[1:]))                  // twice
			send(where, fmt.Sprintf(`{"%s":{"%s":%s,%s}`, field, strings.ToUpper(name), value, document[1:])) // and in another case
			send(where, fmt.Sprintf(`{"%s":%s}`, field, strings.Replace(document, `"`+name, `"`+strings.ToUpper(name[:1])+name[1:], 1)))
		}
		send(where, fmt.Sprintf(`{"%s":%s}`, field, `{"a":[{"b":1,"b":2}],`+document[1:])) // in what mss ignores
	}
	send("/subscriptions", `{"quote":`+strings.Replace(quote, `{"min":1`, `{"min":1,"min":1`, 1)+`}`)
	send("/subscriptions", `{"quote":`+strings.Replace(quote, `{"min":1`, `{"Min":1`, 1)+`}`)

	// What mss does not know it ignores.
	must[record](api, 201, "POST", "/subscriptions", "more", `{"quote":{"more":[1e999,{"b":1},{"b":2}],`+quote[1:]+`}`)
}

// A body that is announced as too large is refused before it is sent.
func TestContentLength(t *testing.T) {
	api, _ := startAt(t, newSQLite, "2026-01-31 10:00:00")
	for _, length := range []int64{16<<10 + 1, 100_000, 1 << 20, 1 << 40} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(api.base, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(2 * time.Second))
		fmt.Fprintf(conn, "POST /subscriptions HTTP/1.1\r\nHost: x\r\nIdempotency-Key: k\r\nContent-Length: %d\r\n\r\n", length)
		answer := make([]byte, 12)
		if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != "HTTP/1.1 413" {
			t.Errorf("%d bytes announced: %q, %v, want 413 at once", length, answer, err)
		}
	}
}

// Problems are for people who do not know that this is Go.
func TestNoGoNames(t *testing.T) {
	api, _ := startAt(t, newSQLite, "2026-01-31 10:00:00")
	quote := marshal(t, api.quote(5, mss.Months(1)))
	week := marshal(t, api.quote(5, mss.Days(7)))
	refund := marshal(t, api.preview(api.buy("buy", api.quote(5, mss.Months(1))).ID))
	values := []string{`1`, `1.5`, `-1`, `1e999`, `"x"`, `true`, `[]`, `{}`, `null`, `"2026-03-01"`}
	names := []string{"Go ", "struct", "int64", "main.", "mss.", "map[", "time:", "parsing", "decimal", "2006", "strconv", "unmarshal", "Machines", "Unit(", "Proration(", "Term("}
	n := 0
	send := func(path, body string) {
		t.Helper()
		n++
		g := api.do("POST", path, fmt.Sprint(n), body)
		if g.status < 400 {
			return
		}
		var p problem
		if err := json.Unmarshal(g.body, &p); err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.Contains(p.Detail, name) {
				t.Errorf("%s %s: %q has %q", path, body, p.Detail, name)
			}
		}
	}
	for _, value := range values {
		for _, document := range []struct{ path, field, text string }{
			{"/quotes", "", `{"plan":"routine-operations","machines":5,"term":"P1M"}`},
			{"/subscriptions", "", `{"quote":` + week + `,"start":"2026-03-01"}`},
			{"/subscriptions", "quote", quote},
			{"/subscriptions/1/refunds", "refund", refund},
		} {
			for name, old := range fields(t, document.text) {
				body := strings.Replace(document.text, `"`+name+`":`+string(old), `"`+name+`":`+value, 1)
				if document.field != "" {
					body = `{"` + document.field + `":` + body + `}`
				}
				send(document.path, body)
				send(document.path, strings.Replace(body, `"`+name+`":`+value, `"more":1`, 1))
			}
		}
		send("/quotes", value)
		for _, path := range []string{"/quotes", "/subscriptions", "/subscriptions/1/refunds", "/subscriptions/1/renewals", "/subscriptions/1/changes"} {
			send(path, "{}")
		}
		send("/subscriptions", value)
		send("/subscriptions/1/refunds", `{"refund":`+value+`}`)
		send("/subscriptions/1/renewals", `{"quote":`+value+`}`)
	}
}

// What another program made, or a newer version, is left as it is.
func TestRefusedDatabase(t *testing.T) { run(t, testRefusedDatabase) }

func testRefusedDatabase(t *testing.T, create database) {
	for _, c := range []struct{ name, sqlite, postgres, want string }{
		{"another program's", "CREATE TABLE notes (text)", "CREATE TABLE notes (text TEXT)", "another program"},
		{"another program's, with a version", "CREATE TABLE notes (text); PRAGMA user_version = 2", "", "another program"},
		{"another program's, empty", "PRAGMA user_version = 2", "", "another program"},
		{"another program's, with tables of these names", "CREATE TABLE subscriptions (id); CREATE TABLE answers (key)",
			"CREATE TABLE subscriptions (id INTEGER); CREATE TABLE answers (key TEXT)", "another program"},
		{"a newer version", "PRAGMA user_version = 3", "UPDATE billing_version SET version = 3", "version 3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := create(t)
			statements := c.sqlite
			if isPostgres(db) {
				statements = c.postgres
			}
			if statements == "" {
				t.Skip("there is no such thing")
			}
			if c.want == "version 3" {
				put(t, db, year(t, time.Now()), 1)
			}
			pool := open(t, db)
			if _, err := pool.Exec(statements); err != nil {
				t.Fatal(err)
			}
			pool.Close()
			before, _ := os.ReadFile(db)
			if status, log := begin(t, db).exit(t); status != 1 || !strings.Contains(log, c.want) {
				t.Errorf("exit status %d, %s, want 1 and %q", status, log, c.want)
			}
			if after, _ := os.ReadFile(db); !bytes.Equal(after, before) {
				t.Error("the file was changed")
			}
			if isPostgres(db) {
				var tables int
				if err := open(t, db).QueryRow(`SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()
					AND tablename IN ('answers', 'billing_version', 'notes')`).Scan(&tables); err != nil || tables > 2 {
					t.Errorf("%d tables, %v, want none added", tables, err)
				}
			}
		})
	}
}

// The first tables there were, as its version wrote them: with a damaged document, a
// key that is no UTF-8, and a refusal, which it still kept.
func TestMigrate(t *testing.T) {
	db := newSQLite(t)
	pool := open(t, db)
	bought := year(t, time.Date(2026, 1, 31, 10, 0, 0, 999_999_999, mss.Beijing))
	refund, err := bought.Refund(bought.Purchased, mss.ByDay)
	if err != nil {
		t.Fatal(err)
	}
	cancelled, err := bought.Cancel(refund, bought.Purchased)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(`PRAGMA journal_mode = WAL;
		CREATE TABLE subscriptions (
			id       INTEGER PRIMARY KEY,
			follows  INTEGER REFERENCES subscriptions (id), -- the one it renews or replaces
			starts   INTEGER NOT NULL,                      -- unix seconds, as is ends
			ends     INTEGER NOT NULL,
			refunded INTEGER NOT NULL,
			document TEXT    NOT NULL
		) STRICT;
		CREATE UNIQUE INDEX followed_once ON subscriptions (follows) WHERE starts < ends;
		CREATE INDEX expiring ON subscriptions (ends) WHERE refunded = 0;
		CREATE TABLE answers (
			key      TEXT PRIMARY KEY, -- the Idempotency-Key
			request  BLOB NOT NULL,    -- a hash of what was asked
			status   INTEGER NOT NULL,
			location TEXT NOT NULL,
			body     BLOB NOT NULL
		) STRICT`); err != nil {
		t.Fatal(err)
	}
	exec := func(statement string, args ...any) {
		t.Helper()
		if _, err := pool.Exec(statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	insert := `INSERT INTO subscriptions VALUES (?, ?, ?, ?, ?, ?)`
	exec(insert, 1, nil, bought.Start.Unix(), bought.End.Unix(), 0, bought)
	exec(insert, 7, 1, cancelled.Start.Unix(), cancelled.End.Unix(), 1, cancelled)
	exec(insert, 9, nil, bought.Start.Unix(), bought.End.Unix(), 0, "no JSON")
	order := `{"quote":` + marshal(t, bought.Quote) + `}`
	kept := `INSERT INTO answers VALUES (CAST(? AS TEXT), ?, ?, ?, ?)`
	exec(kept, []byte("key \xff"), hash("/subscriptions", order), 201, "/subscriptions/7", []byte(`{"id":7}`))
	exec(kept, []byte("refused"), hash("/subscriptions", order), 409, "", []byte(`{}`))
	pool.Close()

	now := new(clock)
	now.set(t, "2026-01-31 10:00:01")
	before := time.Now().Unix()
	api, stop := start(t, db, published(), now)
	if r := api.get(1); !r.Subscription.Equal(bought) || r.FollowedBy != 7 {
		t.Errorf("read %+v, want what was bought, followed by 7", r)
	}
	if r := api.get(7); !r.Subscription.Equal(cancelled) || r.Follows != 1 {
		t.Errorf("read %+v, want what was cancelled", r)
	}
	must[problem](api, 500, "GET", "/subscriptions/9", "", nil)
	if g := api.do("POST", "/subscriptions", "key \xff", order); g.status != 201 || string(g.body) != `{"id":7}`+"\n" ||
		g.header.Get("Location") != "/subscriptions/7" || g.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("repeated: %v, want the answer that was kept", g)
	}
	if r := must[record](api, 201, "POST", "/subscriptions", "refused", order); r.ID != 10 {
		t.Errorf("refused before the migration: subscription %d, want 10", r.ID)
	}
	stop()

	// The tables are those of a new database.
	structure := func(db string) (tables []string) {
		t.Helper()
		rows, err := open(t, db).Query(`SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				t.Fatal(err)
			}
			tables = append(tables, text)
		}
		return tables
	}
	fresh := newSQLite(t)
	put(t, fresh, bought, 1)
	if got, want := structure(db), structure(fresh); !slices.Equal(got, want) {
		t.Errorf("tables %q, want %q", got, want)
	}
	pool = open(t, db)
	var purchased, keptSince int64
	if err := pool.QueryRow(`SELECT purchased, (SELECT min(kept) FROM answers WHERE location = '/subscriptions/7') FROM subscriptions WHERE id = 1`).
		Scan(&purchased, &keptSince); err != nil || purchased != bought.Purchased.Unix() || keptSince < before || keptSince > time.Now().Unix() {
		t.Errorf("purchased %d, kept since %d, %v, want %d and now", purchased, keptSince, err, bought.Purchased.Unix())
	}
	api, _ = start(t, db, published(), now) // and again
	api.get(1)
}

// backupOf makes a backup as the README says, and restores it as another database.
func backupOf(t *testing.T, db string) (restored string) {
	for _, command := range []string{"VACUUM INTO 'backup.db'", "pg_dump --no-owner", "psql --quiet --set=ON_ERROR_STOP=1"} {
		if !strings.Contains(readme(t), command) {
			t.Errorf("the README does not say %q", command)
		}
	}
	if !isPostgres(db) {
		backup := filepath.Join(t.TempDir(), "backup.db")
		if _, err := open(t, db).Exec(`VACUUM INTO ?`, backup); err != nil {
			t.Fatal(err)
		}
		return backup
	}
	u, err := url.Parse(db)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	schema := query.Get("search_path")
	query.Del("search_path")
	u.RawQuery = query.Encode()
	dump := exec.Command(postgresProgram(t, "pg_dump"), "--no-owner", "--schema="+schema, u.String())
	text, err := dump.Output()
	if err != nil {
		t.Fatalf("%v: %v", dump, err)
	}
	name := strings.ToLower("restored_" + schema)
	admin := open(t, u.String())
	if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	u.Path = "/" + name
	restore := exec.Command(postgresProgram(t, "psql"), "--quiet", "--set=ON_ERROR_STOP=1", u.String())
	restore.Stdin = bytes.NewReader(text)
	if out, err := restore.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", restore, err, out)
	}
	query.Set("search_path", schema)
	u.RawQuery = query.Encode()
	return u.String()
}

// postgresProgram finds a program of PostgreSQL, which Debian does not put on the path.
func postgresProgram(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, err := fs.Glob(os.DirFS("/"), "usr/lib/postgresql/*/bin/"+name)
	if err != nil || len(found) == 0 {
		t.Fatalf("%s: not found", name)
	}
	return "/" + found[len(found)-1]
}

// A backup that is made while clients buy has all that was acknowledged before it was
// begun, and the service goes on from it.
func TestBackup(t *testing.T) { run(t, testBackup) }

func testBackup(t *testing.T, create database) {
	db := create(t)
	now := new(clock)
	now.set(t, "2026-01-31 10:00:00")
	api, _ := start(t, db, published(), now)
	order := body{"quote": api.quote(120, mss.Years(1))}
	var mu sync.Mutex
	acknowledged := map[string]got{}
	buy := func(key string) {
		g := api.do("POST", "/subscriptions", key, order)
		mu.Lock()
		defer mu.Unlock()
		acknowledged[key] = g
	}
	for i := range 50 {
		buy(fmt.Sprint("before ", i))
	}
	done := make(chan struct{})
	var clients sync.WaitGroup
	for i := range 8 {
		clients.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
					buy(fmt.Sprint(i, " ", n))
				}
			}
		})
	}
	time.Sleep(100 * time.Millisecond)
	mu.Lock()
	before := make(map[string]got)
	for key, g := range acknowledged {
		before[key] = g
	}
	mu.Unlock()
	restored := backupOf(t, db)
	close(done)
	clients.Wait()
	if len(acknowledged) == len(before) {
		t.Errorf("nothing was bought during the backup")
	}

	all := stored(t, restored)
	if len(all) < len(before) || len(all) > len(acknowledged) {
		t.Errorf("%d subscriptions in the backup, want %d to %d", len(all), len(before), len(acknowledged))
	}
	now.set(t, "2026-02-01 10:00:00")
	api, _ = start(t, restored, published(), now)
	for key, g := range before {
		if again := api.do("POST", "/subscriptions", key, order); again.String() != g.String() {
			t.Fatalf("%s: %v after the restore, want %v", key, again, g)
		}
	}
	var last int64
	for id := range all {
		last = max(last, id)
	}
	if r := must[record](api, 201, "POST", "/subscriptions", "after", order); r.ID <= last {
		t.Errorf("bought %d after the restore, want more than %d", r.ID, last)
	}
}

// The statements of the README that operators and finance use.
func TestStatements(t *testing.T) { run(t, testStatements) }

func testStatements(t *testing.T, create database) {
	db := create(t)
	now := new(clock)
	now.set(t, "2026-01-31 23:59:59")
	api, _ := start(t, db, published(), now)
	api.buy("old", api.quote(120, mss.Years(1)))
	now.set(t, "2026-02-01 00:00:00")
	api.buy("february", api.quote(5, mss.Months(1)))
	pool := open(t, db)
	statement := func(title string) string {
		t.Helper()
		name := map[bool]string{true: "PostgreSQL", false: "SQLite"}[isPostgres(db)]
		_, rest, _ := strings.Cut(readme(t), title)
		_, rest, _ = strings.Cut(rest, "-- "+name+"\n")
		text, _, ok := strings.Cut(rest, ";\n")
		if !ok {
			t.Fatalf("README: no statement for %s after %q", name, title)
		}
		return text
	}
	var ids []int64
	rows, err := pool.Query(statement("what was bought in February 2026"))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var plan, amount string
		if err := rows.Scan(&id, &plan, &amount); err != nil {
			t.Fatal(err)
		}
		if plan != "routine-operations" || amount != "1250" {
			t.Errorf("%d: %s for %s, want routine-operations for 1250", id, plan, amount)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil || !slices.Equal(ids, []int64{2}) {
		t.Errorf("bought in February: %v, %v, want 2", ids, err)
	}
	for _, days := range []int{91, 89} { // ago, by the clock of the machine
		now.mu.Lock()
		now.now = time.Now().AddDate(0, 0, -days)
		now.mu.Unlock()
		api.buy(fmt.Sprint(days, " days"), api.quote(5, mss.Months(1)))
	}
	if _, err := pool.Exec(statement("answers that were kept for 90 days")); err != nil {
		t.Fatal(err)
	}
	var left []string
	keys, err := pool.Query(`SELECT key FROM answers`)
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	for keys.Next() {
		var key sql.RawBytes
		if err := keys.Scan(&key); err != nil {
			t.Fatal(err)
		}
		left = append(left, string(key))
	}
	if slices.Contains(left, "91 days") || !slices.Contains(left, "89 days") {
		t.Errorf("answers left: %q, want that of 89 days and not that of 91", left)
	}
}
