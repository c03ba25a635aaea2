package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"example.com/mss"
)

// binary is the command, built once with the race detector if the test has it.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "billing")
	args := []string{"build", "-o", path}
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		args = append(args, "-race")
	}
	out, err := exec.Command("go", append(args, ".")...).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, err
})

// process is the command, run as a process of its own.
type process struct {
	*exec.Cmd
	stderr io.Reader
	log    *buffer // what it has logged once it listens
}

// begin starts the command and does not wait until it listens.
func begin(t testing.TB, db string, flags ...string) process {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, append([]string{"-addr", "127.0.0.1:0", "-db", db}, flags...)...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return process{cmd, stderr, new(buffer)}
}

var listening = regexp.MustCompile(`listening addr=(\S+)`)

// client waits until the command listens.
func (p process) client(t testing.TB) *client {
	t.Helper()
	timeout := time.AfterFunc(20*time.Second, func() { p.Process.Kill() })
	defer timeout.Stop()
	for lines := bufio.NewScanner(p.stderr); lines.Scan(); {
		fmt.Fprintln(p.log, lines.Text())
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			go io.Copy(p.log, p.stderr)
			return newClient(t, m[1])
		}
	}
	t.Fatalf("the command did not listen:\n%s", strings.Join(p.log.take(), "\n"))
	return nil
}

// exit waits until the command ends, and returns its status and what it logged.
func (p process) exit(t *testing.T) (status int, log string) {
	t.Helper()
	timeout := time.AfterFunc(20*time.Second, func() { p.Process.Kill() })
	defer timeout.Stop()
	text, err := io.ReadAll(p.stderr)
	if err != nil {
		t.Fatal(err)
	}
	p.Wait()
	return p.ProcessState.ExitCode(), string(text)
}

// launch starts the command and waits until it listens.
func launch(t testing.TB, db string) (process, *client) {
	t.Helper()
	p := begin(t, db)
	return p, p.client(t)
}

// request is one that was sent; answer is empty if none came back.
type request struct {
	path, key string
	body      any
	answer    got
}

// Clients buy and refund in a loop, the process is killed in the middle, and
// what was acknowledged is there when another takes over the file. Three times.
func TestKill(t *testing.T) { run(t, testKill) }

func testKill(t *testing.T, create database) {
	db := create(t)
	const clients, answers, rounds = 16, 120, 3
	var all []request
	for round := range rounds {
		cmd, api := launch(t, db)
		quote := api.quote(120, mss.Years(1))
		var mu sync.Mutex
		answered, enough := 0, make(chan struct{})
		// post reports whether there was an answer.
		post := func(r request) (got, bool) {
			var err error
			r.answer, err = api.try("POST", r.path, r.key, r.body)
			if err != nil {
				r.answer = got{}
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, r)
			if err == nil {
				if answered++; answered == answers {
					close(enough)
				}
			}
			return r.answer, err == nil
		}
		var wg sync.WaitGroup
		for i := range clients {
			wg.Go(func() {
				for n := 0; ; n++ {
					key := fmt.Sprint(round, " ", i, " ", n)
					g, ok := post(request{path: "/subscriptions", key: "buy " + key, body: body{"quote": quote}})
					if !ok {
						return
					}
					if n%2 == 1 {
						continue
					}
					refunds := g.header.Get("Location") + "/refunds"
					preview, err := api.try("POST", refunds+"/preview", "", body{})
					if err != nil {
						return
					}
					// As text, because a number read and written again could look different.
					if _, ok := post(request{path: refunds, key: "refund " + key, body: `{"refund":` + string(preview.body) + `}`}); !ok {
						return
					}
				}
			})
		}
		gone := make(chan struct{})
		go func() { wg.Wait(); close(gone) }()
		select {
		case <-enough:
		case <-gone:
			t.Fatalf("round %d: the server stopped answering before it was killed", round)
		}
		if err := cmd.Process.Kill(); err != nil { // SIGKILL
			t.Fatal(err)
		}
		cmd.Wait()
		<-gone
	}

	cmd, api := launch(t, db)
	bought, refunded, lost := 0, 0, 0
	for _, r := range all {
		again := api.do("POST", r.path, r.key, r.body)
		if r.answer.status == 0 {
			lost++
			r.answer = again
		}
		if again.status != r.answer.status || !bytes.Equal(again.body, r.answer.body) {
			t.Errorf("%s: %v, want the first answer, %v", r.key, again, r.answer)
		}
		switch again.status {
		case 201:
			bought++
			var made record
			decodeInto(t, again, 201, &made)
			if read := api.get(made.ID); !read.Subscription.Quote.Equal(made.Subscription.Quote) ||
				!read.Subscription.Purchased.Equal(made.Subscription.Purchased) {
				t.Errorf("%s: read %+v, want what was bought, %+v", r.key, read, made)
			}
		case 200:
			refunded++
			var closed record
			decodeInto(t, again, 200, &closed)
			if read := api.get(closed.ID); !read.Subscription.Equal(closed.Subscription) {
				t.Errorf("%s: read %+v, want it refunded, %+v", r.key, read, closed)
			}
		case 409: // previewed just before midnight
		default:
			t.Errorf("%s: %v", r.key, again)
		}
	}
	t.Logf("%d bought, %d refunded, %d without an answer at first", bought, refunded, lost)

	api.http.CloseIdleConnections()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("stopped by SIGTERM: %v", err)
	}
	subscriptions := stored(t, db)
	for _, s := range subscriptions {
		if s.Refunded != nil {
			refunded--
		}
	}
	if len(subscriptions) != bought || refunded != 0 {
		t.Errorf("%d subscriptions stored for %d bought; %d refunds too few", len(subscriptions), bought, refunded)
	}
}

// PostgreSQL is restarted as after a crash, twice, and a replica is killed, while clients
// buy through three replicas and ask again until they have an answer.
func TestCrash(t *testing.T) {
	db, restart := newPostgres(t), os.Getenv("BILLING_TEST_POSTGRES_RESTART")
	if restart == "" {
		t.Skip("BILLING_TEST_POSTGRES_RESTART has no command")
	}
	var replicas []process
	var apis []*client
	for range 3 {
		p, api := launch(t, db)
		replicas, apis = append(replicas, p), append(apis, api)
	}
	order := body{"quote": apis[0].quote(120, mss.Years(1))}
	const clients, purchases = 12, 60
	var acknowledged sync.Map
	var count, repeated atomic.Int64
	at := func(n int64) <-chan struct{} { // closed once so many are acknowledged
		reached := make(chan struct{})
		go func() {
			for count.Load() < n {
				time.Sleep(time.Millisecond)
			}
			close(reached)
		}()
		return reached
	}
	first, second, third := at(150), at(300), at(450)
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() {
			for n := range purchases {
				key := fmt.Sprint(i, " ", n)
				for replica := i; ; replica++ {
					g, err := apis[replica%len(apis)].try("POST", "/subscriptions", key, order)
					if err == nil && g.status == 201 {
						acknowledged.Store(key, g)
						count.Add(1)
						break
					}
					if err == nil && g.status != 503 {
						t.Errorf("%s: %v, want 201 or 503", key, g)
						return
					}
					if repeated.Add(1) > 100_000 {
						t.Error("no end of answers that failed")
						return
					}
					time.Sleep(time.Millisecond)
				}
			}
		})
	}
	crash := func() {
		t.Helper()
		if out, err := exec.Command("sh", "-c", restart).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", restart, err, out)
		}
	}
	<-first
	crash()
	<-second
	if err := replicas[2].Process.Kill(); err != nil { // SIGKILL
		t.Fatal(err)
	}
	<-third
	crash()
	wg.Wait()
	t.Logf("%d requests were repeated", repeated.Load())

	ids := map[int64]bool{}
	for i := range clients {
		for n := range purchases {
			key := fmt.Sprint(i, " ", n)
			again := apis[0].do("POST", "/subscriptions", key, order)
			if first, _ := acknowledged.Load(key); first == nil || first.(got).String() != again.String() {
				t.Fatalf("%s: %v, want the first answer, %v", key, again, first)
			}
			var made record
			decodeInto(t, again, 201, &made)
			ids[made.ID] = true
		}
	}
	if all := stored(t, db); len(ids) != clients*purchases || len(all) != clients*purchases {
		t.Errorf("%d subscriptions stored, %d told, want %d of each", len(all), len(ids), clients*purchases)
	}
}

// -prices names a price book to sell from instead of the published one.
func TestPrices(t *testing.T) {
	book := func(text string) string {
		t.Helper()
		file := filepath.Join(t.TempDir(), "prices.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	db := filepath.Join(t.TempDir(), "billing.db")
	api := begin(t, db, "-prices", book(`[{"from":"2026-01-01T00:00:00+08:00","catalog":[
		{"name":"routine-operations","unit":"month","lead_days":0,"tiers":[{"min":1,"max":10,"price":"7"}]}]}]`)).client(t)
	wantYuan(t, "a month from the book", api.quote(5, mss.Months(1)).Amount, "7.00")

	for _, c := range []struct{ name, file, want string }{
		{"absent", filepath.Join(t.TempDir(), "absent.json"), "no such file"},
		{"no name", "", "no such file"},
		{"no book", book(`[]`), "invalid plan"},
	} {
		if status, log := begin(t, db, "-prices", c.file).exit(t); status != 2 || !strings.Contains(log, c.want) {
			t.Errorf("%s: exit status %d, %s, want 2 and %q", c.name, status, log, c.want)
		}
	}
}

// stop sends SIGTERM and waits until no connection is taken any more.
func (p process) stop(t *testing.T, addr string) {
	t.Helper()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for begun := time.Now(); ; time.Sleep(time.Millisecond) {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		conn.Close()
		if time.Since(begun) > 5*time.Second {
			t.Fatal("told to stop, it still takes connections")
		}
	}
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// Connections without a request do not delay the end: a new one, one that was
// used, and one with half a header.
func TestStopIdle(t *testing.T) { run(t, testStopIdle) }

func testStopIdle(t *testing.T, create database) {
	p, api := launch(t, create(t))
	addr := strings.TrimPrefix(api.base, "http://")
	dial(t, addr)
	io.WriteString(dial(t, addr), "GET /subscriptions HTTP/1.1\r\nHost: ")
	api.quote(5, mss.Months(1)) // and keeps its connection
	begun := time.Now()
	p.stop(t, addr)
	if status, _ := p.exit(t); status != 0 || time.Since(begun) > 2*time.Second {
		t.Errorf("exit status %d after %v, want 0 at once", status, time.Since(begun))
	}
}

// A second signal does not wait for a request in progress.
func TestSecondSignal(t *testing.T) { run(t, testSecondSignal) }

func testSecondSignal(t *testing.T, create database) {
	p, api := launch(t, create(t))
	addr := strings.TrimPrefix(api.base, "http://")
	io.WriteString(dial(t, addr), "POST /quotes HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
	time.Sleep(100 * time.Millisecond) // until the server waits for the rest
	begun := time.Now()
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} { // one right after the other
		if err := p.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
	}
	if status, _ := p.exit(t); status != 1 || time.Since(begun) > 2*time.Second {
		t.Errorf("exit status %d after %v, want 1 at once", status, time.Since(begun))
	}
}

// A client that does not read is cut at the end of the grace period of 10 s.
func TestStopUnread(t *testing.T) {
	t.Parallel()
	run(t, testStopUnread)
}

func testStopUnread(t *testing.T, create database) {
	t.Parallel()
	db := create(t)
	put(t, db, year(t, time.Now()), 1000)
	p, api := launch(t, db)
	addr := strings.TrimPrefix(api.base, "http://")
	begun := time.Now()
	api.do("GET", "/subscriptions?expires_within=3660&limit=1000", "", nil)
	took := time.Since(begun)
	conn := dial(t, addr)
	if err := conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	io.WriteString(conn, strings.Repeat("GET /subscriptions?expires_within=3660&limit=1000 HTTP/1.1\r\nHost: x\r\n\r\n", 60))
	time.Sleep(3*time.Second + 20*took) // until what is unread fills the buffers
	begun = time.Now()
	p.stop(t, addr)
	status, _ := p.exit(t)
	if took = time.Since(begun); status != 0 || took < 9*time.Second || took > 14*time.Second {
		t.Errorf("exit status %d after %v, want 0 after about 10 s", status, took)
	}
	if n := len(stored(t, db)); n != 1000 {
		t.Errorf("%d subscriptions stored, want 1000", n)
	}
}
