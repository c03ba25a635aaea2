package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/mss"
	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

// books writes the subscriptions of which the ledger was worked out by hand:
//
//	month    21000 for 28 days from 31 January: 750 a day
//	cut      161000 for 7 days from 5 February, refunded on the second: 46000 are consumed
//	never    161000 for 7 days, refunded before the first
//	later    23000 for 10 May, bought on 28 February
func books(t *testing.T) (files []string) {
	t.Helper()
	dir := t.TempDir()
	for _, book := range []struct{ name, line string }{
		{"month", "buy" + routineMonth},
		{"cut", "buy" + event + " | refund -on 2026-02-06 -confirm"},
		{"never", "buy" + event + " | refund -on 2026-02-01 -confirm"},
		{"later", "buy -plan event-protection -machines 300 -term P1D -on 2026-02-28 -start 2026-05-10"},
	} {
		file := filepath.Join(dir, book.name+".json")
		if err := os.WriteFile(file, []byte(pipe(t, inProcess, "", book.line).Stdout), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

func TestLedger(t *testing.T) {
	const csvHead = "id,plan,machines,entry,first_day,last_day,days,billed,earned,deferred\n"
	for _, test := range []struct {
		name string
		args []string
		want string
	}{
		{"text", nil, `    month  yuan billed  yuan refunded  yuan earned  yuan deferred
  2026-01    343000.00           0.00       750.00      342250.00
  2026-02     23000.00      276000.00     66250.00       23000.00
  2026-03         0.00           0.00         0.00       23000.00
  2026-04         0.00           0.00         0.00       23000.00
  2026-05         0.00           0.00     23000.00           0.00
    total    366000.00      276000.00     90000.00
`},
		{"text of a month", []string{"-month", "2026-02"}, `    month  yuan billed  yuan refunded  yuan earned  yuan deferred
  2026-02     23000.00      276000.00     66250.00       23000.00
`},
		{"text of a month without entries", []string{"-month", "2026-04"}, `    month  yuan billed  yuan refunded  yuan earned  yuan deferred
  2026-04         0.00           0.00         0.00       23000.00
`},
		{"text of the month before the first", []string{"-month", "2025-12"}, `    month  yuan billed  yuan refunded  yuan earned  yuan deferred
  2025-12         0.00           0.00         0.00           0.00
`},
		{"text of the month after the last", []string{"-month", "2026-06"}, `    month  yuan billed  yuan refunded  yuan earned  yuan deferred
  2026-06         0.00           0.00         0.00           0.00
`},
		{"CSV", []string{"-csv"}, csvHead + `month,routine-operations,120,purchase,2026-01-31,2026-01-31,,21000.00,,
month,routine-operations,120,service,2026-01-31,2026-01-31,1,,750.00,20250.00
month,routine-operations,120,service,2026-02-01,2026-02-27,27,,20250.00,0.00
cut,event-protection,300,purchase,2026-01-31,2026-01-31,,161000.00,,
cut,event-protection,300,service,2026-02-05,2026-02-06,2,,46000.00,0.00
cut,event-protection,300,refund,2026-02-06,2026-02-06,,-115000.00,,
never,event-protection,300,purchase,2026-01-31,2026-01-31,,161000.00,,
never,event-protection,300,refund,2026-02-01,2026-02-01,,-161000.00,,
later,event-protection,300,purchase,2026-02-28,2026-02-28,,23000.00,,
later,event-protection,300,service,2026-05-10,2026-05-10,1,,23000.00,0.00
`},
		{"CSV of a month", []string{"-csv", "-month", "2026-01"}, csvHead + `month,routine-operations,120,purchase,2026-01-31,2026-01-31,,21000.00,,
month,routine-operations,120,service,2026-01-31,2026-01-31,1,,750.00,20250.00
cut,event-protection,300,purchase,2026-01-31,2026-01-31,,161000.00,,
never,event-protection,300,purchase,2026-01-31,2026-01-31,,161000.00,,
`},
		{"CSV of a month without entries", []string{"-csv", "-month", "2026-04"}, csvHead},
		{"JSON of a month", []string{"-json", "-month", "2026-02"}, `{"id":"month","plan":"routine-operations","machines":120,"entry":"service","first_day":"2026-02-01","last_day":"2026-02-27","days":27,"earned":"20250.00","deferred":"0.00"}
{"id":"cut","plan":"event-protection","machines":300,"entry":"service","first_day":"2026-02-05","last_day":"2026-02-06","days":2,"earned":"46000.00","deferred":"0.00"}
{"id":"cut","plan":"event-protection","machines":300,"entry":"refund","first_day":"2026-02-06","last_day":"2026-02-06","billed":"-115000.00"}
{"id":"never","plan":"event-protection","machines":300,"entry":"refund","first_day":"2026-02-01","last_day":"2026-02-01","billed":"-161000.00"}
{"id":"later","plan":"event-protection","machines":300,"entry":"purchase","first_day":"2026-02-28","last_day":"2026-02-28","billed":"23000.00"}
`},
	} {
		for name, run := range runners {
			got := run(t, "", append(append([]string{"ledger"}, books(t)...), test.args...))
			if diff := cmp.Diff(result{Stdout: test.want}, got); diff != "" {
				t.Errorf("%s: mss ledger: %s (-want +got):\n%s", name, test.name, diff)
			}
		}
	}
}

// A purchase at midnight in Beijing is of the month that begins, whatever the month is in UTC.
func TestLedgerMonthsAreInBeijing(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		{"buy -plan routine-operations -machines 1 -term P1M -on 2026-01-31T15:59:59Z | ledger -csv -month 2026-01", "1,routine-operations,1,purchase,2026-01-31,"},
		{"buy -plan routine-operations -machines 1 -term P1M -on 2026-01-31T16:00:00Z | ledger -csv -month 2026-02", "1,routine-operations,1,purchase,2026-02-01,"},
		{"buy" + event + " | refund -confirm -on 2026-01-31T16:00:00Z | ledger -csv -month 2026-02", "1,event-protection,300,refund,2026-02-01,"},
	} {
		if got := pipe(t, inProcess, "", test.line); !strings.Contains(got.Stdout, "\n"+test.want) {
			t.Errorf("mss %s printed\n%swant a line that begins with %q", test.line, got.Stdout, test.want)
		}
	}
}

// A cancelled subscription is by the proration of its refund, every other by -by.
func TestLedgerProration(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		// 252000 ÷ 365 by day; 21000 ÷ 28 by month.
		{"buy" + routine + " | ledger -csv", "1,routine-operations,120,service,2026-01-31,2026-01-31,1,,690.41,251309.59"},
		{"buy" + routine + " | ledger -csv -by month", "1,routine-operations,120,service,2026-01-31,2026-01-31,1,,750.00,251250.00"},
		{"buy" + routine + " | refund -on 2026-03-15 -by month -confirm | ledger -csv -by day", "1,routine-operations,120,service,2026-01-31,2026-01-31,1,,750.00,251250.00"},
		{"buy" + routine + " | refund -on 2026-03-15 -by day -confirm | ledger -csv -by month", "1,routine-operations,120,service,2026-01-31,2026-01-31,1,,690.41,251309.59"},
		{"buy" + routine + " | refund -on 2027-01-30 -confirm | ledger -csv", "1,routine-operations,120,refund,2027-01-30,2027-01-30,,0.00,,"},
	} {
		if got := pipe(t, inProcess, "", test.line); !strings.Contains(got.Stdout, "\n"+test.want+"\n") {
			t.Errorf("mss %s printed\n%swant a line %q", test.line, got.Stdout, test.want)
		}
	}
}

// lives returns the subscriptions of random customers: bought, and some of them renewed, changed and refunded.
func lives(t *testing.T, n int) (all []mss.Subscription) {
	t.Helper()
	r := rand.New(rand.NewSource(17))
	quote := func() mss.Quote {
		plan, machines, term := mss.RoutineOperations(), 1+r.Intn(6000), mss.Months(1+r.Intn(30))
		if r.Intn(3) == 0 {
			plan, machines, term = mss.EventProtection(), 1+r.Intn(1000), mss.Days(1+r.Intn(90))
		}
		q, err := plan.Quote(machines, term)
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	// An instant of the term; often the first or the last of a month in Beijing, or of the term.
	within := func(s mss.Subscription) time.Time {
		at := s.Purchased.Add(time.Duration(r.Int63n(int64(s.End.Sub(s.Purchased)))))
		month := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, mss.Beijing)
		for _, near := range []time.Time{month, month.Add(-1), s.Start, s.End.Add(-1)} {
			if r.Intn(8) == 0 && !near.Before(s.Purchased) && near.Before(s.End) {
				return near
			}
		}
		return at
	}
	for range n {
		at := time.Date(2024, 1, 1, 0, 0, 0, 0, mss.Beijing).Add(time.Duration(r.Intn(1000*24*3600)) * time.Second)
		if r.Intn(4) == 0 {
			at = time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, mss.Beijing)
		}
		s, err := quote().Subscribe(at)
		if err != nil {
			t.Fatal(err)
		}
		if r.Intn(3) == 0 {
			if renewed, err := s.Renew(quote(), within(s)); err == nil {
				all, s = append(all, s), renewed
			}
		}
		by := mss.Proration(1 + r.Intn(2))
		if r.Intn(3) == 0 {
			if changed, err := s.Change(quote(), within(s), by); err == nil {
				all, s = append(all, changed.Closed), changed.Opened
			}
		}
		if r.Intn(3) == 0 {
			at := within(s)
			refund, err := s.Refund(at, by)
			if err == nil {
				s, err = s.Cancel(refund, at)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, s)
	}
	return all
}

func marshalLines(t *testing.T, all []mss.Subscription) string {
	t.Helper()
	var out bytes.Buffer
	for _, s := range all {
		if err := json.NewEncoder(&out).Encode(s); err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// by returns the proration that the ledger has for s.
func by(s mss.Subscription, otherwise mss.Proration) mss.Proration {
	if s.Refunded != nil {
		return s.Refunded.By
	}
	return otherwise
}

// The ledger sums Amortize. Here every figure is Consumed and Deferred at the ends of months.
func TestBalances(t *testing.T) {
	n := 2000
	if testing.Short() {
		n = 200
	}
	all := lives(t, n)
	refunds := 0
	for _, s := range all {
		if s.Refunded != nil {
			refunds++
		}
	}
	if len(all) < n*5/4 || refunds < n/3 {
		t.Fatalf("%d subscriptions, %d of them refunded, want more", len(all), refunds)
	}
	for _, otherwise := range []mss.Proration{mss.ByDay, mss.ByMonth} {
		got := inProcess(t, marshalLines(t, all), []string{"ledger", "-by", otherwise.String()})
		rows := strings.Split(strings.TrimSpace(got.Stdout), "\n")
		if got.Status != 0 || len(rows) < 30 {
			t.Fatalf("mss ledger: status %d, standard error %q, %d rows", got.Status, got.Stderr, len(rows))
		}
		var totals [3]decimal.Decimal
		before := make([]decimal.Decimal, len(all)) // what each has consumed
		month := time.Date(2024, 1, 1, 0, 0, 0, 0, mss.Beijing)
		for _, row := range rows[1 : len(rows)-1] {
			next := month.AddDate(0, 1, 0)
			var billed, refunded, earned, deferred decimal.Decimal
			for i, s := range all {
				if !s.Purchased.Before(month) && s.Purchased.Before(next) {
					billed = billed.Add(s.Quote.Amount)
				}
				if r := s.Refunded; r != nil && !r.At.Before(month) && r.At.Before(next) {
					refunded = refunded.Add(r.Amount)
				}
				consumed := must(t, s.Consumed, next, by(s, otherwise))
				earned, before[i] = earned.Add(consumed).Sub(before[i]), consumed
				deferred = deferred.Add(must(t, s.Deferred, next, by(s, otherwise)))
			}
			want := []string{month.Format("2006-01"), billed.StringFixed(2), refunded.StringFixed(2), earned.StringFixed(2), deferred.StringFixed(2)}
			if diff := cmp.Diff(want, strings.Fields(row)); diff != "" {
				t.Errorf("mss ledger -by %v (-want +got):\n%s", otherwise, diff)
			}
			for i, amount := range []decimal.Decimal{billed, refunded, earned} {
				totals[i] = totals[i].Add(amount)
			}
			month = next
		}
		want := []string{"total", totals[0].StringFixed(2), totals[1].StringFixed(2), totals[2].StringFixed(2)}
		if diff := cmp.Diff(want, strings.Fields(rows[len(rows)-1])); diff != "" {
			t.Errorf("mss ledger -by %v (-want +got):\n%s", otherwise, diff)
		}
		if !totals[0].Equal(totals[1].Add(totals[2])) {
			t.Errorf("mss ledger -by %v: billed %v, refunded %v, earned %v, want what is billed refunded or earned in the end", otherwise, totals[0], totals[1], totals[2])
		}
	}
}

func must(t *testing.T, figure func(time.Time, mss.Proration) (decimal.Decimal, error), at time.Time, by mss.Proration) decimal.Decimal {
	t.Helper()
	amount, err := figure(at, by)
	if err != nil {
		t.Fatal(err)
	}
	return amount
}

func TestEntries(t *testing.T) {
	all := lives(t, 200)
	got := inProcess(t, marshalLines(t, all), []string{"ledger", "-csv"})
	rows, err := csv.NewReader(strings.NewReader(got.Stdout)).ReadAll()
	if err != nil || got.Status != 0 {
		t.Fatalf("mss ledger -csv: status %d, standard error %q, %v", got.Status, got.Stderr, err)
	}
	rows = rows[1:]
	for i, s := range all {
		id, by := strconv.Itoa(i+1), by(s, mss.ByDay)
		head := func(name string) []string { return []string{id, s.Quote.Plan, strconv.Itoa(s.Quote.Machines), name} }
		bought := s.Purchased.Format(time.DateOnly)
		want := [][]string{append(head("purchase"), bought, bought, "", s.Quote.Amount.StringFixed(2), "", "")}
		for day := s.Start; day.Before(s.End); {
			end := time.Date(day.Year(), day.Month()+1, 1, 0, 0, 0, 0, mss.Beijing)
			if end.After(s.End) {
				end = s.End
			}
			earned := must(t, s.Consumed, end, by).Sub(must(t, s.Consumed, day, by))
			want = append(want, append(head("service"), day.Format(time.DateOnly), end.AddDate(0, 0, -1).Format(time.DateOnly),
				strconv.Itoa(int(end.Sub(day).Hours()/24)), "", earned.StringFixed(2), must(t, s.Deferred, end, by).StringFixed(2)))
			day = end
		}
		if r := s.Refunded; r != nil {
			at := r.At.Format(time.DateOnly)
			want = append(want, append(head("refund"), at, at, "", r.Amount.Neg().StringFixed(2), "", ""))
		}
		if len(rows) < len(want) {
			t.Fatalf("mss ledger -csv: %d rows are left for subscription %s, want %d", len(rows), id, len(want))
		}
		if diff := cmp.Diff(want, rows[:len(want)]); diff != "" {
			t.Errorf("mss ledger -csv: subscription %s (-want +got):\n%s", id, diff)
		}
		rows = rows[len(want):]
	}
	if len(rows) > 0 {
		t.Errorf("mss ledger -csv: %d rows more than wanted, the first %q", len(rows), rows[0])
	}
}

// Memory does not grow with the number of subscriptions, as lines or in an array.
func TestLedgerStreams(t *testing.T) {
	subscription := strings.Join(strings.Fields(readFile(t, "testdata/renewed-and-cancelled.json")), "")
	for _, test := range []struct{ before, between, after string }{{"", "\n", ""}, {"[", ",", "]"}} {
		for _, form := range []string{"-text", "-csv", "-json"} {
			const n = 4000
			var early, late runtime.MemStats
			i := 0
			stdin := readerFunc(func(p []byte) (int, error) {
				text := test.between + subscription
				switch i++; i {
				case 1:
					text = test.before + subscription
				case 1000:
					runtime.GC()
					runtime.ReadMemStats(&early)
				case n:
					runtime.GC()
					runtime.ReadMemStats(&late)
				case n + 1:
					text = test.after
				case n + 2:
					return 0, io.EOF
				}
				return copy(p, text), nil
			})
			var stderr bytes.Buffer
			if status := run([]string{"ledger", form}, stdin, io.Discard, &stderr, morning); status != 0 {
				t.Fatalf("mss ledger %s: status %d, standard error %q", form, status, &stderr)
			}
			if growth := int64(late.HeapAlloc) - int64(early.HeapAlloc); growth > 512<<10 {
				t.Errorf("mss ledger %s: %d KB more in use after %d subscriptions than after 1000, want no more", form, growth>>10, n)
			}
		}
	}
}

func BenchmarkLedger(b *testing.B) {
	line := strings.Join(strings.Fields(string(mustRead(b, "testdata/buy-routine-operations.json"))), "") + "\n"
	lines := strings.Repeat(line, 1000)
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			dec := json.NewDecoder(strings.NewReader(lines))
			for {
				var s mss.Subscription
				if err := dec.Decode(&s); err == io.EOF {
					break
				} else if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	for _, form := range []string{"-text", "-csv", "-json", "-focus -account 1"} {
		b.Run(strings.Fields(form)[0][1:], func(b *testing.B) {
			for b.Loop() {
				var stderr bytes.Buffer
				if run(strings.Fields("ledger "+form), strings.NewReader(lines), io.Discard, &stderr, morning) != 0 {
					b.Fatal(&stderr)
				}
			}
		})
	}
}

func mustRead(b *testing.B, name string) []byte {
	data, err := os.ReadFile(name)
	if err != nil {
		b.Fatal(err)
	}
	return data
}
