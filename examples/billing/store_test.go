package main

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
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

// Processes that start together on a new file all come up.
func TestStartTogether(t *testing.T) {
	for range 25 {
		db := filepath.Join(t.TempDir(), "billing.db")
		one, other := begin(t, db), begin(t, db)
		for _, p := range []process{one, other} {
			p.client(t)
		}
		for _, p := range []process{one, other} {
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
	rows, err := s.reader.Query("EXPLAIN QUERY PLAN "+selectExpiring, 1, 2, 3, 4)
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
		"LEFT", "SEARCH s USING INDEX expiring (ends=? AND rowid>?)", "SEARCH next USING INDEX followed_once (follows=?) LEFT-JOIN",
		"RIGHT", "SEARCH s USING INDEX expiring (ends>? AND ends<?)", "SEARCH next USING INDEX followed_once (follows=?) LEFT-JOIN",
	}
	if !slices.Equal(plan, want) {
		t.Errorf("plan %q, want %q", plan, want)
	}
}

// Reading one subscription does not wait for those who read lists.
func TestListsWaitApart(t *testing.T) {
	now := new(clock)
	now.set(t, "2026-01-31 10:00:00")
	db := filepath.Join(t.TempDir(), "billing.db")
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
	if one, all := get("/subscriptions/1"), get("/subscriptions?expires_within=366"); one != 200 || all != 500 {
		t.Errorf("during a list: %d for one and %d for another list, want 200 and, after the client has waited for a second, 500", one, all)
	}
	if err := list.Close(); err != nil {
		t.Fatal(err)
	}
	if all := get("/subscriptions?expires_within=366"); all != 200 {
		t.Errorf("after a list: %d, want 200", all)
	}
}
