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
	db := flag.String("db", "billing.db", "database `file`, created if there is none")
	file := flag.String("prices", "", "price book `file` in JSON, instead of the published prices")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr, *db, *file); err != nil {
		slog.Error("billing", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr, db, file string) error {
	prices := published()
	if file != "" {
		var err error
		if prices, err = readPrices(file); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	return serve(ctx, listener, db, prices, time.Now)
}

// published is Tencent Cloud's price list, from a date before any purchase.
func published() mss.PriceBook {
	return mss.PriceBook{{From: time.Date(2000, 1, 1, 0, 0, 0, 0, mss.Beijing), Catalog: mss.Published()}}
}

func readPrices(file string) (mss.PriceBook, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return mss.ReadPriceBook(f)
}

// serve answers requests until ctx is done, and finishes those under way.
func serve(ctx context.Context, l net.Listener, db string, prices mss.PriceBook, now func() time.Time) (err error) {
	store, err := openStore(db)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	defer func() { err = errors.Join(err, store.close()) }()
	server := &http.Server{
		Handler:           routes(&service{prices, now, store}),
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
