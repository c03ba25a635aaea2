// Command billing is a small HTTP service over package mss: it quotes, sells,
// renews, changes and refunds subscriptions, and keeps them in SQLite or PostgreSQL.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"example.com/mss"
)

const readTimeout = 10 * time.Second // for a whole request

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "`address` to listen on")
	db := flag.String("db", "billing.db", "database `file`, created if there is none, or a postgres:// URL")
	// The published prices, from a date before any purchase.
	prices := mss.PriceBook{{From: time.Date(2000, 1, 1, 0, 0, 0, 0, mss.Beijing), Catalog: mss.Published()}}
	flag.Func("prices", "price book `file` in JSON, instead of the published prices", func(name string) error {
		text, err := os.ReadFile(name)
		if err == nil {
			prices, err = mss.ReadPriceBook(bytes.NewReader(text))
		}
		return err
	})
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "argument %q: want only flags\n", flag.Arg(0))
		flag.Usage()
		os.Exit(2)
	}

	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		<-signals
		stop()
		<-signals
		os.Exit(1) // at once, whatever it waits for
	}()
	listener, err := net.Listen("tcp", *addr)
	if err == nil {
		err = serve(ctx, listener, *db, prices, time.Now)
	}
	if err != nil {
		slog.Error("billing", "error", err)
		os.Exit(1)
	}
}

// serve answers requests until ctx is done, and then finishes those in progress.
func serve(ctx context.Context, l net.Listener, db string, prices mss.PriceBook, now func() time.Time) (err error) {
	if _, err = prices.At(now()); err != nil {
		return errors.Join(fmt.Errorf("it could sell nothing now: %w", err), l.Close())
	}
	store, err := openStore(db)
	if err != nil {
		return errors.Join(fmt.Errorf("open database: %w", err), l.Close())
	}
	defer func() { err = errors.Join(err, store.close()) }()
	server := &http.Server{
		Handler:           routes(&service{prices, now, store}),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: readTimeout,
		WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
	}
	closeUnused(server)
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	slog.Info("listening", "addr", l.Addr().String(), "db", store.name)
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	slog.Info("stopping")
	grace, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err = server.Shutdown(grace); errors.Is(err, context.DeadlineExceeded) {
		slog.Warn("cut off the clients still connected")
		err = server.Close()
	}
	return err
}

// closeUnused lets Shutdown close connections on which no request has come: it
// would wait 5 s for one.
func closeUnused(server *http.Server) {
	var unused sync.Map
	server.ConnState = func(c net.Conn, state http.ConnState) {
		if unused.Delete(c); state == http.StateNew {
			unused.Store(c, nil)
		}
	}
	server.RegisterOnShutdown(func() {
		for c := range unused.Range {
			c.(net.Conn).Close()
		}
	})
}
