// Command billing is a small HTTP service over package mss: it quotes, sells,
// renews, changes and refunds subscriptions, and keeps them in one SQLite file.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"example.com/mss"
)

const readTimeout = 10 * time.Second // for a whole request

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "`address` to listen on")
	db := flag.String("db", "billing.db", "database `file`, made where there is none")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", *addr)
	if err == nil {
		err = serve(ctx, listener, *db, mss.Published(), time.Now)
	}
	if err != nil {
		slog.Error("billing", "error", err)
		os.Exit(1)
	}
}

// serve answers requests until ctx is done, and finishes those under way.
func serve(ctx context.Context, l net.Listener, db string, catalog mss.Catalog, now func() time.Time) (err error) {
	store, err := openStore(db)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	defer func() { err = errors.Join(err, store.close()) }()
	server := &http.Server{
		Handler:           routes(&service{catalog, now, store}),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       readTimeout,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	slog.Info("listening", "addr", l.Addr().String(), "db", db)
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	slog.Info("stopping")
	grace, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return server.Shutdown(grace)
}
