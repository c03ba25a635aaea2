package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// binary is the command as it is built, for what run cannot show: processes, pipes and exit statuses.
var binary string

func TestMain(m *testing.M) { os.Exit(buildAndTest(m)) }

func buildAndTest(m *testing.M) int {
	os.Unsetenv("MSS_CATALOG")
	dir, err := os.MkdirTemp("", "mss")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "mss")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// morning is what the clock of run says: half past nine in Beijing, on 31 January 2026.
func morning() time.Time { return time.Date(2026, time.January, 31, 1, 30, 0, 0, time.UTC) }

type result struct {
	Status         int
	Stdout, Stderr string
}

// A runner runs one command line.
type runner func(t *testing.T, stdin string, args []string) result

var runners = map[string]runner{"run": inProcess, "binary": asBinary}

func inProcess(_ *testing.T, stdin string, args []string) result {
	var stdout, stderr bytes.Buffer
	status := run(args, strings.NewReader(stdin), &stdout, &stderr, morning)
	return result{status, stdout.String(), stderr.String()}
}

func asBinary(t *testing.T, stdin string, args []string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(binary, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatalf("mss %q: %v", args, err)
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// pipe runs steps written as in a shell, "buy … | renew …", and returns the result of the last.
func pipe(t *testing.T, run runner, stdin, line string) result {
	t.Helper()
	var got result
	for i, step := range strings.Split(line, " | ") {
		if i > 0 {
			if got.Status != 0 || got.Stderr != "" {
				t.Fatalf("mss %s: step %d: status %d, standard error %q, want 0 and nothing", line, i, got.Status, got.Stderr)
			}
			stdin = got.Stdout
		}
		got = run(t, stdin, strings.Fields(step))
	}
	return got
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

const (
	routine      = " -plan routine-operations -machines 120 -term P1Y -on 2026-01-31"
	routineMonth = " -plan routine-operations -machines 120 -term P1M -on 2026-01-31"
	event        = " -plan event-protection -machines 300 -term P7D -on 2026-01-31"
)

// The files are written by hand, with the prices of the published tables and the days of a calendar.
func TestGolden(t *testing.T) {
	tests := []struct {
		line, file string
	}{
		{"plans", "plans.txt"},
		{"plans -text", "plans.txt"},
		{"plans -json=false", "plans.txt"},
		{"plans -json | plans -catalog -", "plans.txt"},
		{"plans -json | plans -json -catalog - | plans -catalog -", "plans.txt"},
		{"plans -catalog testdata/own-catalog.json", "own-plans.txt"},
		{"quote" + routine, "quote-routine-operations.txt"},
		{"quote" + routine + " -on 2026-01-30T16:00:00Z", "quote-routine-operations.txt"},
		{"quote" + routine + " -start 2026-01-31", "quote-routine-operations.txt"},
		{"quote" + routine + " -text", "quote-routine-operations.txt"},
		{"quote" + routine + " -json", "quote-routine-operations.json"},
		{"quote" + event, "quote-event-protection.txt"},
		{"quote" + event + " -start 2026-02-05T23:59:59+08:00", "quote-event-protection.txt"},
		{"plans -json | quote -catalog -" + event, "quote-event-protection.txt"},
		{"buy" + routine, "buy-routine-operations.json"},
		{"buy" + routine + " -json", "buy-routine-operations.json"},
		{"quote" + routine + " -json | buy -quote - -on 2026-01-31", "buy-routine-operations.json"},
		{"buy -quote testdata/quote-routine-operations.json -on 2026-01-31", "buy-routine-operations.json"},
		{"buy -quote testdata/quote-routine-operations.json -on 2026-01-31 -text", "quote-routine-operations.txt"},
		{"buy" + routine + " -text", "quote-routine-operations.txt"},
		{"buy" + event + " -text", "quote-event-protection.txt"},
		{"buy" + routine + " | refund -on 2026-03-15", "refund-by-day.json"},
		{"buy" + routine + " | refund -on 2026-03-15 -json", "refund-by-day.json"},
		{"buy" + routine + " | refund -on 2026-03-15 -by day -text -", "refund-by-day.txt"},
		{"buy" + routine + " | refund -on 2026-03-15 -by month -text", "refund-by-month.txt"},
		{"buy" + routine + " | refund -on 2026-03-15 -confirm -text", "cancelled.txt"},
		{"buy" + routine + " | change -on 2026-03-15 -machines 300 -text", "change-to-300.txt"},
		{"refund -on 2026-03-15 -text testdata/buy-routine-operations.json", "refund-by-day.txt"},
		{"buy" + routine + " | status -on 2026-03-15 -json", "status-active.json"},
		{"buy" + routine + " | status -on 2026-03-14T16:00:00Z -text", "status-active.txt"},
		{"buy" + routine + " | refund -on 2026-03-15 -confirm | status -on 2026-03-15 -text", "status-refunded.txt"},
		{"buy" + routineMonth + " | renew -on 2026-02-20 -text", "renewed.txt"},
		{"buy" + routineMonth + " | renew -on 2026-02-20 | refund -on 2026-03-15 -confirm", "renewed-and-cancelled.json"},
		{"buy" + routine + " | amortize", "amortize-by-day.txt"},
		{"buy" + routine + " | amortize -by day -text", "amortize-by-day.txt"},
		{"buy" + routine + " | amortize -by month", "amortize-by-month.txt"},
		{"buy" + routine + " | refund -on 2026-03-15 -by month -confirm | amortize", "amortize-refunded.txt"},
		{"buy" + routine + " | refund -on 2026-03-15 -by month -confirm | amortize -by month -", "amortize-refunded.txt"},
		{"buy" + routineMonth + " | amortize -json", "amortize.json"},
		{"buy" + event + " | refund -on 2026-02-01 -confirm | amortize", "amortize-nothing.txt"},
		{"status testdata/buy-routine-operations.json -on 2026-03-15 -text", "status-active.txt"},
		{"status -on 2026-03-15 -text -- testdata/buy-routine-operations.json", "status-active.txt"},
		{"buy" + routine + " | refund - -on 2026-03-15 -text", "refund-by-day.txt"},
		{"buy -quote testdata/quote-routine-operations.json -as-quoted -on 2026-01-31", "buy-routine-operations.json"},
		{"quote -plan routine-operations -machines 5,120,300 -term P1M,P1Y", "quotes.txt"},
		{"quote -plan routine-operations -machines 5,120,300 -term P1M,P1Y -csv", "quotes.csv"},
		{"quote -plan routine-operations -machines 120 -term P1Y -csv", "quote.csv"},
	}
	for _, test := range tests {
		want := result{Stdout: readFile(t, filepath.Join("testdata", test.file))}
		for name, run := range runners {
			if diff := cmp.Diff(want, pipe(t, run, "", test.line)); diff != "" {
				t.Errorf("%s: mss %s (-want +got):\n%s", name, test.line, diff)
			}
		}
	}
}

// What is wanted are lines of the output, or how they begin, in their order. The figures are worked out by hand.
func TestLife(t *testing.T) {
	tests := []struct {
		name, line string
		want       []string
	}{
		{
			"the start that the buyer picks", "buy" + event + " -start 2026-10-01 -text",
			[]string{"bought      2026-01-31", "service     2026-10-01 to 2026-10-07 (7 days)"},
		},
		{
			"the instant is kept", "buy" + routine + " -on 2026-01-30T20:00:00.5Z",
			[]string{`  "purchased": "2026-01-31T04:00:00.5+08:00",`, `  "start": "2026-01-31T00:00:00+08:00",`},
		},
		{
			"scheduled", "buy" + event + " | status -on 2026-02-04",
			[]string{`  "status": "scheduled",`, `  "days": 7,`, `  "used_days": 0,`, `  "days_left": 7`},
		},
		{
			"expired", "buy" + routine + " | status -on 2027-01-31",
			[]string{`  "status": "expired",`, `  "days": 365,`, `  "used_days": 365,`, `  "days_left": 0`},
		},
		{
			"cancelled before it began, for a person", "buy" + event + " | refund -on 2026-02-01 -confirm | status -on 2026-02-01 -text",
			[]string{"paid        161000.00 yuan", "refund      161000.00 yuan, by day, at 2026-02-01T00:00:00+08:00",
				"service     none: refunded before it began", "status      cancelled", "days        0 used, 0 left"},
		},
		{
			"cancelled", "buy" + routine + " | refund -on 2026-03-15 -confirm | status -on 2026-03-16",
			[]string{`  "status": "cancelled",`, `  "end": "2026-03-16T00:00:00+08:00",`, `  "days": 44,`, `  "used_days": 44,`, `  "days_left": 0`},
		},
		{
			// 252000 ÷ 365 = 690.41 and 252000 − 690.41 = 251309.59.
			"the date of purchase is the instant of purchase",
			"buy" + routine + " -on 2026-01-31T09:30:00+08:00 | refund -on 2026-01-31",
			[]string{`  "at": "2026-01-31T09:30:00+08:00",`, `  "used_days": 1,`, `  "consumed": "690.41",`, `  "amount": "251309.59"`},
		},
		{
			"the date of purchase is that in Beijing", "buy" + routine + " -on 2026-01-30T22:00:00Z | status -on 2026-01-31",
			[]string{`  "at": "2026-01-31T06:00:00+08:00",`, `  "used_days": 1,`},
		},
		{
			"the same for a renewal and a change", "buy" + routine + " -on 2026-01-31T09:30:00+08:00 | renew -on 2026-01-31 | " +
				"change -on 2026-01-31 -machines 1 -opened",
			[]string{`    "machines": 1,`, `  "purchased": "2026-01-31T09:30:00+08:00",`, `  "start": "2027-01-31T00:00:00+08:00",`},
		},
		{
			"an instant on the day of purchase is taken as it is",
			"buy" + routine + " -on 2026-01-31T09:30:00+08:00 | status -on 2026-01-31T07:00:00+08:00",
			[]string{`  "at": "2026-01-31T07:00:00+08:00",`},
		},
		{
			"renewed as it is", "buy" + routine + " | renew -on 2026-12-01",
			[]string{`    "machines": 120,`, `    "term": "P1Y",`, `    "amount": "252000"`,
				`  "start": "2027-01-31T00:00:00+08:00",`, `  "end": "2028-01-31T00:00:00+08:00",`},
		},
		{
			"renewed with everything new", "buy" + routine + " | renew -plan event-protection -machines 50 -term P2D -on 2027-01-30",
			[]string{`    "plan": "event-protection",`, `    "machines": 50,`, `    "term": "P2D",`, `    "amount": "24000"`,
				`  "start": "2027-02-04T00:00:00+08:00",`, `  "end": "2027-02-06T00:00:00+08:00",`},
		},
		{
			// A whole month is 21000, and 16 of the 31 days to 30 March are 10838.71.
			"cancelled by month", "buy" + routine + " | refund -on 2026-03-15 -by month -confirm",
			[]string{`  "end": "2026-03-16T00:00:00+08:00",`, `    "by": "month",`, `    "consumed": "31838.71",`, `    "amount": "220161.29"`},
		},
		{
			"cancelled before it began", "buy" + event + " | refund -on 2026-02-04 -confirm -text",
			[]string{"used        0 of 7 days", "consumed    0.00 yuan",
				"amount      161000.00 yuan, to apply for at https://cloud.tencent.com/act/event/connect-service",
				"confirmed   the subscription is cancelled before service began"},
		},
		{
			"refunded on the last day", "buy" + routine + " | refund -on 2027-01-30",
			[]string{`  "used_days": 365,`, `  "consumed": "252000",`, `  "amount": "0"`},
		},
		{
			// 354000 − 221621.92 = 132378.08.
			"changed", "buy" + routine + " | change -on 2026-03-15 -machines 300",
			[]string{`  "refund": {`, `    "amount": "221621.92"`, `  "closed": {`, `    "end": "2026-03-16T00:00:00+08:00",`,
				`  "opened": {`, `      "machines": 300,`, `    "start": "2026-03-16T00:00:00+08:00",`, `  "net": "132378.08"`},
		},
		{
			// 1250 − 220161.29 = −218911.29.
			"changed, and money is owed", "buy" + routine + " | change -on 2026-03-15 -machines 5 -term P1M -by month -text",
			[]string{"closed", "amount      220161.29 yuan",
				"service     2026-01-31 to 2026-03-15 (44 days)", "opened", "amount      1250.00 yuan = 1 month × 1250.00",
				"net         218911.29 yuan owed to the customer"},
		},
		{
			"what a change opens pipes on", "buy" + routine + " | change -on 2026-03-15 -machines 300 -opened | refund -on 2026-03-15",
			[]string{`  "used_days": 0,`, `  "total_days": 365,`, `  "paid": "354000",`, `  "amount": "354000"`},
		},
		{
			"what a change opens, for a person", "buy" + routine + " | change -on 2026-03-15 -machines 300 -opened -text",
			[]string{"plan        routine-operations (日常运营版本)", "machines    300", "service     2026-03-16 to 2027-03-15 (365 days)"},
		},
		{
			"prices of one's own", "buy -catalog testdata/own-catalog.json -plan own -machines 1 -term P1D -on 2026-01-31 | " +
				"renew -catalog testdata/own-catalog.json -machines 2 -term P2D -on 2026-01-31 -text",
			[]string{"plan        own", "amount      2469135.78 yuan = 2 days × 1234567.89", "service     2026-02-01 to 2026-02-02 (2 days)"},
		},
		{
			"a quote of other prices", "quote -json -catalog testdata/own-catalog.json -plan own -machines 1 -term P3D | " +
				"buy -quote - -catalog testdata/own-catalog.json -on 2026-01-31 -start 2026-02-28 -text",
			[]string{"plan        own", "price       0.50 yuan a day", "amount      1.50 yuan = 3 days × 0.50",
				"bought      2026-01-31", "service     2026-02-28 to 2026-03-02 (3 days)"},
		},
		{
			"prices of one's own for a change", "buy -catalog testdata/own-catalog.json -plan own -machines 1 -term P4D -on 2026-01-31 | " +
				"change -catalog testdata/own-catalog.json -machines 2 -term P1D -on 2026-01-31",
			[]string{`    "consumed": "0.5",`, `    "amount": "1.5"`, `    "start": "2026-02-01T00:00:00+08:00",`, `  "net": "1234566.39"`},
		},
		{
			"several quotes", "quote -plan event-protection -machines 1,1000 -term P1D,P2D -json",
			[]string{"[", "  {", `    "machines": 1,`, `    "term": "P1D",`, `    "amount": "12000"`, `    "machines": 1,`, `    "term": "P2D",`, `    "amount": "24000"`,
				`    "machines": 1000,`, `    "term": "P1D",`, `    "amount": "30000"`, `    "machines": 1000,`, `    "term": "P2D",`, `    "amount": "60000"`, "]"},
		},
		{
			// 0.5 ÷ 1, and 1234567.89 ÷ 9 = 137174.21.
			"several quotes of a plan by the day", "quote -catalog testdata/own-catalog.json -plan own -machines 1,9 -term P1D",
			[]string{"  plan  machines    band  term  yuan a day  yuan for the term  yuan per machine and day",
				"   own         1  1 to 1   P1D        0.50               0.50                      0.50",
				"   own         9  2 to 9   P1D  1234567.89         1234567.89                 137174.21"},
		},
		{
			"a renewal without a gap", "buy" + routineMonth + " | renew -on 2026-02-28 -text",
			[]string{"service     2026-02-28 to 2026-03-30 (31 days)"},
		},
		{
			"a renewal with a gap", "buy" + routineMonth + " | renew -on 2026-03-03 -text",
			[]string{"service     2026-03-03 to 2026-04-02 (31 days)", "gap         no service from 2026-02-28 to 2026-03-02"},
		},
		{
			"a gap of a day", "buy" + routineMonth + " | renew -on 2026-03-01 -text", []string{"gap         no service from 2026-02-28 to 2026-02-28"},
		},
		{
			"nothing to apply for", "buy" + routine + " | refund -on 2027-01-30 -text",
			[]string{"amount      0.00 yuan: nothing to apply for"},
		},
		{
			// All of 7 days is refunded, and 7 days cost the same.
			"nothing to pay", "buy" + event + " -start 2026-02-10 | change -on 2026-02-01 -machines 400 -text",
			[]string{"net         0.00 yuan: nothing to pay"},
		},
		{
			"a quote of an old list, all the same", "quote -catalog testdata/price-book.json -plan own -machines 1 -term P1M -on 2026-01-31 -json | " +
				"buy -as-quoted -on 2026-02-01 -quote - -text",
			[]string{"plan        own", "amount      100.00 yuan = 1 month × 100.00"},
		},
		{
			"no months", "buy" + event + " | refund -on 2026-02-01 -confirm | amortize -json",
			[]string{"[]"},
		},
		{
			"a price book, on the last day of the old prices", "plans -catalog testdata/price-book.json -on 2026-01-31T23:59:59+08:00",
			[]string{"own", "priced by the month, 0 lead days", "       1-9        100.00", "", "above the last band"},
		},
		{
			"a price book, on the first day of the new ones", "plans -catalog testdata/price-book.json -on 2026-01-31T16:00:00Z",
			[]string{"own", "       1-9        120.50", "new", "priced by the day, 3 lead days"},
		},
		{
			"the list in force is a price list", "plans -catalog testdata/price-book.json -on 2026-03-01 -json | plans -catalog - -on 2026-01-01",
			[]string{"       1-9        120.50"},
		},
		{
			"a quote, of the prices in force", "quote -catalog testdata/price-book.json -plan own -machines 1 -term P1Y -on 2026-01-31",
			[]string{"amount      1200.00 yuan = 12 months × 100.00"},
		},
		{
			"a purchase at the old prices and a renewal at the new ones",
			"buy -catalog testdata/price-book.json -plan own -machines 1 -term P1M -on 2026-01-31 | renew -catalog testdata/price-book.json -on 2026-02-01 -text",
			[]string{"amount      120.50 yuan = 1 month × 120.50", "service     2026-02-28 to 2026-03-30 (31 days)"},
		},
		{
			// 100 − 100 × 2 ÷ 28 = 92.86, and 120.50 − 92.86 = 27.64.
			"a change on the day of the new prices",
			"buy -catalog testdata/price-book.json -plan own -machines 1 -term P1M -on 2026-01-31 | " +
				"change -catalog testdata/price-book.json -on 2026-02-01 -machines 2",
			[]string{`    "amount": "92.86"`, `  "net": "27.64"`},
		},
		{
			"the end of the calendar", "quote -catalog testdata/own-catalog.json -plan own -machines 1 -term P1D -on 9999-12-30",
			[]string{"service     9999-12-30 to 9999-12-30 (1 day)", `contact by  unknown: find the day of contact for "own": `},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for name, run := range runners {
				got := pipe(t, run, "", test.line)
				if got.Status != 0 || got.Stderr != "" {
					t.Errorf("%s: mss %s: status %d, standard error %q, want 0 and nothing", name, test.line, got.Status, got.Stderr)
				}
				wantLines(t, got.Stdout, test.want)
			}
		})
	}
}

// MSS_CATALOG stands for -catalog in every command that has it.
func TestCatalogOfTheEnvironment(t *testing.T) {
	t.Setenv("MSS_CATALOG", "testdata/own-catalog.json")
	const line = "buy -plan own -machines 1 -term P4D -on 2026-01-31"
	for _, test := range []struct {
		line string
		want []string
	}{
		{"plans", []string{"own"}},
		{"quote -plan own -machines 1 -term P4D", []string{"amount      2.00 yuan = 4 days × 0.50"}},
		{"quote -plan own -machines 1 -term P4D -json | buy -quote - -text", []string{"amount      2.00 yuan = 4 days × 0.50"}},
		{line + " | renew -machines 2 -on 2026-02-01 -text", []string{"amount      4938271.56 yuan = 4 days × 1234567.89"}},
		{line + " | change -machines 2 -on 2026-01-31 -opened -text", []string{"amount      4938271.56 yuan = 4 days × 1234567.89"}},
		{line + " | status", []string{`  "status": "`}},
		{"plans -catalog testdata/price-book.json -on 2026-01-31", []string{"priced by the month, 0 lead days", "       1-9        100.00"}},
	} {
		for name, run := range runners {
			got := pipe(t, run, "", test.line)
			if got.Status != 0 {
				t.Errorf("%s: mss %s: status %d, standard error %q, want 0", name, test.line, got.Status, got.Stderr)
			}
			wantLines(t, got.Stdout, test.want)
		}
	}
	t.Setenv("MSS_CATALOG", "testdata/none.json")
	if got := inProcess(t, "", []string{"plans"}); got.Status != 1 || !strings.HasPrefix(got.Stderr, "mss: open testdata/none.json: ") {
		t.Errorf("mss plans without the file: status %d, standard error %q, want 1 and its name", got.Status, got.Stderr)
	}
}

// wantLines checks that text has lines that begin so, in this order.
func wantLines(t *testing.T, text string, want []string) {
	t.Helper()
	rest := "\n" + text
	for _, line := range want {
		_, after, found := strings.Cut(rest, "\n"+line)
		if !found {
			t.Errorf("printed:\n%s\nwant a line %q, after the ones before it", text, line)
		}
		rest = after
	}
}

// The default of -on is now, which in Beijing may be another day than in UTC.
func TestNow(t *testing.T) {
	for _, test := range []struct {
		utc  string
		line string
		want []string
	}{
		{"2026-01-30T15:59:59Z", "quote -plan routine-operations -machines 1 -term P3M",
			[]string{"bought      2026-01-30", "service     2026-01-30 to 2026-04-29 (90 days)", "contact by  the end of 2026-02-02"}},
		{"2026-01-30T16:00:00Z", "quote -plan routine-operations -machines 1 -term P3M",
			[]string{"bought      2026-01-31", "service     2026-01-31 to 2026-04-29 (89 days)", "contact by  the end of 2026-02-02"}},
		{"2026-01-30T16:00:00Z", "buy -plan event-protection -machines 1 -term P1D",
			[]string{`  "purchased": "2026-01-31T00:00:00+08:00",`, `  "start": "2026-02-05T00:00:00+08:00",`}},
		{"2026-03-14T16:00:00Z", "status testdata/buy-routine-operations.json",
			[]string{`  "at": "2026-03-15T00:00:00+08:00",`, `  "used_days": 44,`}},
		{"2026-01-31T15:59:59Z", "plans -catalog testdata/price-book.json", []string{"       1-9        100.00"}},
		{"2026-01-31T16:00:00Z", "plans -catalog testdata/price-book.json", []string{"       1-9        120.50"}},
		{"2026-03-14T16:00:00Z", "amortize testdata/buy-routine-operations.json", []string{"  2026-01     1         690.41"}},
		{"2026-03-14T16:00:00Z", "refund testdata/buy-routine-operations.json", []string{`  "amount": "221621.92"`}},
	} {
		now, err := time.Parse(time.RFC3339, test.utc)
		if err != nil {
			t.Fatal(err)
		}
		var stdout, stderr bytes.Buffer
		status := run(strings.Fields(test.line), strings.NewReader(""), &stdout, &stderr, func() time.Time { return now })
		if status != 0 {
			t.Errorf("mss %s at %s: status %d, standard error %q, want 0", test.line, test.utc, status, &stderr)
		}
		wantLines(t, stdout.String(), test.want)
	}
}

// Every step is started before the one in front of it, as a shell may do.
func TestProcessesInAPipe(t *testing.T) {
	lines := []string{"buy -plan routine-operations -machines 120 -term P1Y", "renew", "refund -confirm", "status"}
	var stdout, stderr bytes.Buffer
	steps := make([]*exec.Cmd, len(lines))
	for i, line := range lines {
		steps[i] = exec.Command(binary, strings.Fields(line)...)
		if i > 0 {
			output, err := steps[i-1].StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			steps[i].Stdin = output
		}
	}
	last := steps[len(steps)-1]
	last.Stdout, last.Stderr = &stdout, &stderr
	for _, step := range slices.Backward(steps) {
		if err := step.Start(); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range slices.Backward(steps) {
		if err := step.Wait(); err != nil {
			t.Errorf("mss %q: %v", step.Args[1:], err)
		}
	}
	wantLines(t, stdout.String(), []string{`  "status": "cancelled",`, `  "days": 0,`})
	if stderr.Len() > 0 {
		t.Errorf("standard error %q, want nothing", &stderr)
	}
}

// A step that read its clock before its input would be earlier than the step that it reads from.
func TestClockIsReadAfterTheInput(t *testing.T) {
	bought := inProcess(t, "", strings.Fields("buy -plan routine-operations -machines 1 -term P1M"))
	clock := morning().Add(-time.Hour)
	stdin := io.MultiReader(strings.NewReader(bought.Stdout), readerFunc(func([]byte) (int, error) {
		clock = morning()
		return 0, io.EOF
	}))
	var stdout, stderr bytes.Buffer
	if status := run([]string{"refund"}, stdin, &stdout, &stderr, func() time.Time { return clock }); status != 0 {
		t.Errorf("mss refund: status %d, standard error %q, want 0", status, &stderr)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// Editors on Windows write lines that end in CRLF, and some a byte order mark.
func TestInputFromWindows(t *testing.T) {
	subscription := strings.ReplaceAll(readFile(t, "testdata/buy-routine-operations.json"), "\n", "\r\n")
	want := inProcess(t, "", []string{"status", "testdata/buy-routine-operations.json"})
	for _, input := range []string{subscription, "\ufeff" + subscription} {
		if diff := cmp.Diff(want, inProcess(t, input, []string{"status"})); diff != "" {
			t.Errorf("mss status given %.10q... (-want +got):\n%s", input, diff)
		}
	}
}

func TestInputOfOneMebibyte(t *testing.T) {
	subscription, quote := readFile(t, "testdata/buy-routine-operations.json"), readFile(t, "testdata/quote-routine-operations.json")
	if got := inProcess(t, padded(subscription, 1<<20), []string{"status"}); got.Status != 0 {
		t.Errorf("mss status with 1 MiB of input: status %d, standard error %q, want 0", got.Status, got.Stderr)
	}
	file := filepath.Join(t.TempDir(), "quote.json")
	if err := os.WriteFile(file, []byte(padded(quote, 1<<20+1)), 0o600); err != nil {
		t.Fatal(err)
	}
	want := result{Status: 1, Stderr: "mss: read " + file + ": more than 1 MiB, want less\n"}
	if diff := cmp.Diff(want, asBinary(t, "", []string{"buy", "-quote", file})); diff != "" {
		t.Errorf("mss buy with a quote of more than 1 MiB (-want +got):\n%s", diff)
	}
}

// padded returns text with blanks behind it, up to a length.
func padded(text string, length int) string { return text + strings.Repeat(" ", length-len(text)) }

// A command line that is refused, or that reads nothing, does not wait for input.
func TestNoInput(t *testing.T) {
	for _, line := range []string{"plans", "help", "quote" + routine, "buy" + routine, "status -on today", "renew -machines x",
		"refund -by week", "change -term 1", "buy -quote testdata/quote-routine-operations.json", "buy -quote - -on today", "status testdata/buy-routine-operations.json"} {
		stdin := readerFunc(func([]byte) (int, error) {
			t.Errorf("mss %s reads standard input, want it left alone", line)
			return 0, io.EOF
		})
		run(strings.Fields(line), stdin, io.Discard, io.Discard, morning)
	}
}

var errBroken = errors.New("broken\npipe")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestBrokenStreams(t *testing.T) {
	subscription := readFile(t, "testdata/buy-routine-operations.json")
	for _, test := range []struct {
		line   string
		stdin  io.Reader
		stdout io.Writer
		want   string
	}{
		{"plans", strings.NewReader(""), brokenWriter{}, ""},
		{"plans -json", strings.NewReader(""), brokenWriter{}, ""},
		{"help", strings.NewReader(""), brokenWriter{}, ""},
		{"status", strings.NewReader(subscription + subscription), brokenWriter{}, ""},
		{"ledger", strings.NewReader(subscription), brokenWriter{}, ""},
		{"ledger -csv", strings.NewReader(strings.Repeat(subscription, 2000)), brokenWriter{}, ""},
		{"ledger -json", strings.NewReader(strings.Repeat(subscription, 2000)), brokenWriter{}, ""},
		{"ledger -focus -account 1", strings.NewReader(strings.Repeat(subscription, 2000)), brokenWriter{}, ""},
		{"status", iotest.ErrReader(errBroken), io.Discard, "read standard input: document 1: "},
		{"ledger", io.MultiReader(strings.NewReader(subscription), iotest.ErrReader(errBroken)), io.Discard, "read standard input: document 2: "},
		{"plans -catalog -", iotest.ErrReader(errBroken), io.Discard, "read standard input: "},
	} {
		var stderr bytes.Buffer
		status := run(strings.Fields(test.line), test.stdin, test.stdout, &stderr, morning)
		if want := "mss: " + test.want + "broken\ufffdpipe\n"; status != 1 || stderr.String() != want {
			t.Errorf("mss %s: status %d, standard error %q, want 1 and %q", test.line, status, &stderr, want)
		}
	}
}

func TestFullDevice(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	var stderr bytes.Buffer
	cmd := exec.Command(binary, "plans")
	cmd.Stdout, cmd.Stderr = full, &stderr
	err = cmd.Run()
	if cmd.ProcessState.ExitCode() != 1 || !strings.HasPrefix(stderr.String(), "mss: write ") || strings.Count(stderr.String(), "\n") != 1 {
		t.Errorf("mss plans: %v, standard error %q, want exit status 1 and one line", err, &stderr)
	}
}

// A name may come from a file of anyone's. It does not break out of its line.
func TestNamesArePrintable(t *testing.T) {
	const catalog = `[{"name": "a\u001bb", "unit": "day", "lead_days": 0, "tiers": [{"min": 1, "max": 1, "price": 1}]}]`
	subscription := strings.TrimSpace(readFile(t, "testdata/buy-routine-operations.json"))
	answer := `{"id": "a\u202e\nb", "subscription": ` + subscription + "}"
	file := filepath.Join(t.TempDir(), "\u202ec.json")
	if err := os.WriteFile(file, []byte(subscription+subscription), 0o600); err != nil {
		t.Skip(err)
	}
	for _, test := range []struct {
		stdin string
		args  []string
	}{
		{catalog, []string{"plans", "-catalog", "-"}},
		{answer, []string{"ledger", "-csv"}},
		{answer, []string{"ledger", "-json"}},
		{answer + answer, []string{"status", "-text"}},
		{answer + answer, []string{"status", "-json"}},
		{"", []string{"ledger", "-csv", file}},
		{"", []string{"renew", file}},
		{"", []string{"status", "a\x1b\nb"}},
	} {
		got := inProcess(t, test.stdin, test.args)
		for i, r := range got.Stdout + got.Stderr {
			if r != '\n' && !unicode.IsGraphic(r) {
				t.Errorf("mss %q printed %q at byte %d of %q", test.args, r, i, got.Stdout+got.Stderr)
			}
		}
		if strings.Count(got.Stderr, "\n") > 1 {
			t.Errorf("mss %q: standard error %q, want one line", test.args, got.Stderr)
		}
	}
}

func TestVersion(t *testing.T) {
	got := asBinary(t, "", []string{"version"})
	version, ok := strings.CutPrefix(got.Stdout, "mss ")
	if !ok || got.Status != 0 || got.Stderr != "" || len(strings.Fields(version)) != 1 {
		t.Errorf("mss version: %+v, want mss and a version", got)
	}
	want := result{Stdout: strconv.Quote(strings.TrimSpace(version)) + "\n"}
	if diff := cmp.Diff(want, asBinary(t, "", []string{"version", "-json"})); diff != "" {
		t.Errorf("mss version -json (-want +got):\n%s", diff)
	}
}
