package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

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
