package main

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/mss"
)

// SQLite takes "" and ":memory:" for databases that no disk holds.
func TestDatabasePath(t *testing.T) {
	if status, log := begin(t, "").exit(t); status != 1 || !strings.Contains(log, "want the path of a file") {
		t.Errorf(`-db "": exit status %d, %s, want 1 and the reason`, status, log)
	}

	t.Chdir(t.TempDir())
	now := new(clock)
	now.set(t, "2026-01-31 10:00:00")
	api, stop := start(t, ":memory:", published(), now)
	bought := api.buy("buy", api.quote(5, mss.Months(1)))
	stop()
	if _, err := os.Stat(":memory:"); err != nil {
		t.Errorf("database :memory: %v, want a file of that name", err)
	}
	api, _ = start(t, ":memory:", published(), now)
	if read := api.get(bought.ID); !read.Subscription.Equal(bought.Subscription) {
		t.Errorf("read after a restart: %+v, want %+v", read, bought)
	}
}

// Processes that start together on a new database all come up.
func TestStartTogether(t *testing.T) { run(t, testStartTogether) }

func testStartTogether(t *testing.T, create database) {
	for range 15 {
		db := create(t)
		together := []process{begin(t, db), begin(t, db), begin(t, db)}
		for _, p := range together {
			p.client(t)
		}
		for _, p := range together {
			p.Process.Kill()
		}
	}
}

// A page is found through the index: SQLite neither sorts nor passes over what the
// pages before had, even if a hundred thousand end on the same day.
func TestPagePlan(t *testing.T) {
	s, err := openStore(filepath.Join(t.TempDir(), "billing.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	rows, err := s.reader.Query("EXPLAIN QUERY PLAN "+sqliteExpiring, 1, 2, 3, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"MERGE (UNION ALL)",
		"LEFT", "SEARCH s USING INDEX expiring (ends=? AND rowid>?)", "CORRELATED SCALAR SUBQUERY 1", "SEARCH next USING INDEX followed_once (follows=?)",
		"RIGHT", "SEARCH s USING INDEX expiring (ends>? AND ends<?)", "CORRELATED SCALAR SUBQUERY 3", "SEARCH next USING INDEX followed_once (follows=?)",
	}
	if !slices.Equal(plan, want) {
		t.Errorf("plan %q, want %q", plan, want)
	}
}

// PostgreSQL, too, neither sorts nor reads what it does not list, in either list.
func TestPagePlanPostgres(t *testing.T) {
	db := newPostgres(t)
	put(t, db, year(t, time.Date(2026, 1, 31, 10, 0, 0, 0, mss.Beijing)), 1)
	pool := open(t, db)
	// A hundred thousand more, half of which end on the same day and half of which are renewals.
	if _, err := pool.Exec(`INSERT INTO subscriptions (follows, purchased, starts, ends, refunded, document)
		SELECT CASE n % 2 WHEN 0 THEN n END, purchased, starts, ends + 86400 * CASE WHEN n < 50000 THEN 0 ELSE n::bigint END, refunded, document FROM subscriptions, generate_series(1, 100000) n;
		ANALYZE subscriptions`); err != nil {
		t.Fatal(err)
	}
	for query, args := range map[string][]any{
		selectAll:        {int64(50_000), 101},
		postgresExpiring: {time.Date(2027, 1, 31, 0, 0, 0, 0, mss.Beijing).Unix(), int64(30_000), int64(1 << 40), 101},
	} {
		rows, err := pool.Query("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) "+query, args...)
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, line)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		text := strings.Join(plan, "\n")
		for _, m := range regexp.MustCompile(`on subscriptions.*rows=(\d+)|Sort Key|(?:Seq|Bitmap Heap) Scan`).FindAllStringSubmatch(text, -1) {
			if n, _ := strconv.Atoi(m[1]); m[1] == "" || n > 101 {
				t.Errorf("%s: %q in the plan, want an index scan of 101 rows at most:\n%s", query, m[0], text)
			}
		}
	}
}

// Reading one subscription does not wait for those who read lists.
func TestListsWaitApart(t *testing.T) { run(t, testListsWaitApart) }

func testListsWaitApart(t *testing.T, create database) {
	now := new(clock)
	now.set(t, "2026-01-31 10:00:00")
	db := create(t)
	put(t, db, year(t, now.Now()), 1)
	s, err := openStore(db)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	api := routes(&service{published(), now.Now, s})
	get := func(path string) int {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		w := httptest.NewRecorder()
		api.ServeHTTP(w, httptest.NewRequestWithContext(ctx, "GET", path, nil))
		return w.Code
	}
	list, err := s.lister.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if one, all := get("/subscriptions/1"), get("/subscriptions?expires_within=366"); one != 200 || all != 503 {
		t.Errorf("during a list: %d for one and %d for another list, want 200 and, after a second, 503", one, all)
	}
	if err := list.Close(); err != nil {
		t.Fatal(err)
	}
	if all := get("/subscriptions?expires_within=366"); all != 200 {
		t.Errorf("after a list: %d, want 200", all)
	}
}
