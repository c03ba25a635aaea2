package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestErrors(t *testing.T) {
	subscription := readFile(t, "testdata/buy-routine-operations.json")
	book := readFile(t, "testdata/price-book.json")
	quote := readFile(t, "testdata/quote-routine-operations.json")
	catalog := readFile(t, "testdata/own-catalog.json")
	const (
		ofMss      = "; commands: plans, quote, buy, status, renew, refund, change, amortize, ledger, version, help; see \"mss help\"\n"
		ofPlans    = "; flags: -on, -catalog, -json, -text; see \"mss help plans\"\n"
		ofQuote    = "; flags: -plan, -machines, -term, -on, -start, -catalog, -csv, -json, -text; see \"mss help quote\"\n"
		ofBuy      = "; flags: -plan, -machines, -term, -quote, -as-quoted, -on, -start, -catalog, -json, -text; see \"mss help buy\"\n"
		ofStatus   = "; flags: -on, -json, -text, and any number of FILEs; see \"mss help status\"\n"
		ofRenew    = "; flags: -plan, -machines, -term, -on, -catalog, -json, -text, and one FILE at most; see \"mss help renew\"\n"
		ofRefund   = "; flags: -on, -by, -confirm, -json, -text, and one FILE at most; see \"mss help refund\"\n"
		ofChange   = "; flags: -plan, -machines, -term, -on, -by, -opened, -catalog, -json, -text, and one FILE at most; see \"mss help change\"\n"
		ofAmortize = "; flags: -by, -json, -text, and one FILE at most; see \"mss help amortize\"\n"
		ofLedger   = "; flags: -by, -month, -csv, -json, -text, -focus, -account, and any number of FILEs; see \"mss help ledger\"\n"
		wantNumber = "want a whole number such as 120"
		wantDate   = ": want one in the years 1 to 9999, such as 2026-01-31 or 2026-01-31T09:30:00+08:00\n"
		wantSold   = "want a subscription: use "
		wantQuote  = `want a quote: use "quote -json"` + "\n"
		wantList   = `want a price list: use "plans -json"` + "\n"
		ofStdin    = "mss: read standard input: "
		ofDocument = ofStdin + "document 1: "
		tooMuch    = ofStdin + "more than 1 MiB, want less\n"
		twice      = "standard input is named twice, want once"
	)
	long := strings.Repeat("9", 5000)
	empty := filepath.Join(t.TempDir(), "empty.json")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, line, stdin string
		status            int
		begins, contains  string // the line on standard error
	}{
		// Misused.
		{"no command", "", "", 2, "mss: missing command" + ofMss, ""},
		{"unknown command", "sell", "", 2, `mss: unknown command "sell"` + ofMss, ""},
		{"a flag for a command", "-json", "", 2, `mss: unknown command "-json"` + ofMss, ""},
		{"help of an unknown command", "help sell", "", 2, `mss: unknown command "sell"` + ofMss, ""},
		{"help of a path", "help ../help/buy", "", 2, `mss: unknown command "../help/buy"` + ofMss, ""},
		{"help of two commands", "help buy quote", "", 2, `mss: help: unexpected argument "quote"` + ofMss, ""},
		{"unknown flag", "quote -price 3", "", 2, "mss: quote: flag provided but not defined: -price" + ofQuote, ""},
		{"a flag of another command", "status -confirm", subscription, 2, "mss: status: flag provided but not defined: -confirm" + ofStatus, ""},
		{"a flag without its value", "quote -plan", "", 2, "mss: quote: flag needs an argument: -plan" + ofQuote, ""},
		{"neither true nor false", "quote -json=perhaps", "", 2, `mss: quote: invalid boolean value "perhaps" for -json: `, ofQuote},
		{"no plan", "quote -machines 1 -term P1M", "", 2, "mss: quote: missing -plan" + ofQuote, ""},
		{"no machines", "quote -plan routine-operations -term P1M", "", 2, "mss: quote: missing -machines" + ofQuote, ""},
		{"no term", "quote -plan routine-operations -machines 1", "", 2, "mss: quote: missing -term" + ofQuote, ""},
		{"nothing to buy", "buy", "", 2, "mss: buy: missing -plan" + ofBuy, ""},
		{"machines in words", "quote" + routine + " -machines many", "", 2, `mss: quote: -machines "many": invalid syntax, ` + wantNumber + ofQuote, ""},
		{"machines beyond an int", "buy" + routine + " -machines 99999999999999999999", "", 2,
			`mss: buy: -machines "99999999999999999999": value out of range, ` + wantNumber + ofBuy, ""},
		{"machines in hexadecimal", "renew -machines 0x10", subscription, 2, `mss: renew: -machines "0x10": invalid syntax, ` + wantNumber + ofRenew, ""},
		{"machines empty", "change -machines=", subscription, 2, `mss: change: -machines "": invalid syntax, ` + wantNumber + ofChange, ""},
		{"a file for plans", "plans catalog.json", "", 2, `mss: plans: unexpected argument "catalog.json"` + ofPlans, ""},
		{"two files", "renew one.json -json two.json", "", 2, `mss: renew: unexpected argument "two.json"` + ofRenew, ""},
		{"an unknown flag after the file", "refund - -sure", subscription, 2, "mss: refund: flag provided but not defined: -sure" + ofRefund, ""},
		{"a flag after --", "refund -- - -confirm", subscription, 2, `mss: refund: unexpected argument "-confirm"` + ofRefund, ""},
		{"both forms", "quote -json -text" + routine, "", 2, "mss: quote: both -json and -text, want one" + ofQuote, ""},
		{"both forms of a status", "status -text -json", subscription, 2, "mss: status: both -json and -text, want one" + ofStatus, ""},
		{"both forms of a purchase", "buy -json -text" + routine, "", 2, "mss: buy: both -json and -text, want one" + ofBuy, ""},
		{"a quote and a plan", "buy -quote - -plan routine-operations", quote, 2, "mss: buy: both -quote and -plan, want one" + ofBuy, ""},
		{"a quote and machines", "buy -machines 120 -quote -", quote, 2, "mss: buy: both -quote and -machines, want one" + ofBuy, ""},
		{"a quote and a term", "buy -quote - -term P1Y", quote, 2, "mss: buy: both -quote and -term, want one" + ofBuy, ""},
		{"a quote and a catalog in one stream", "buy -quote - -catalog -", quote, 2, "mss: buy: " + twice + ofBuy, ""},
		{"no quote to buy as quoted", "buy -as-quoted" + routine, "", 2, "mss: buy: -as-quoted without -quote" + ofBuy, ""},
		{"a start in JSON", "quote -json -start 2026-02-05" + event, "", 2, "mss: quote: -start: a quote as JSON, as CSV or in a table has no dates", "give -start to buy" + ofQuote},
		{"a start in CSV", "quote -csv -start 2026-02-05" + event, "", 2, "mss: quote: -start: a quote as JSON, as CSV or in a table has no dates", "give -start to buy" + ofQuote},
		{"a start of several", "quote -start 2026-02-05" + event + " -term P7D,P8D", "", 2, "mss: quote: -start: ", "give -start to buy" + ofQuote},
		{"several to buy", "buy" + routine + " -machines 1,2", "", 2, "mss: buy: several -machines or -term, want one; quote takes several" + ofBuy, ""},
		{"several to renew", "renew -term P1M,P2M", subscription, 2, "mss: renew: several -machines or -term, want one", ofRenew},
		{"CSV and JSON", "ledger -csv -json", subscription, 2, "mss: ledger: both -json and -csv, want one" + ofLedger, ""},
		{"FOCUS of nobody", "ledger -focus", subscription, 2, "mss: ledger: -focus and -account ID: want both or neither" + ofLedger, ""},
		{"FOCUS of an empty account", "ledger -focus -account=", subscription, 2, "mss: ledger: -focus and -account ID: want both or neither" + ofLedger, ""},
		{"an account without FOCUS", "ledger -csv -account 1", subscription, 2, "mss: ledger: -focus and -account ID: want both or neither" + ofLedger, ""},
		{"standard input twice", "ledger - testdata/none.json -", subscription, 2, "mss: ledger: " + twice + ofLedger, ""},
		{"a version of something", "version buy", "", 2, `mss: version: unexpected argument "buy"; flags: -json, -text; see "mss help version"` + "\n", ""},
		{"a quote of a quote", "quote -quote -", quote, 2, "mss: quote: flag provided but not defined: -quote" + ofQuote, ""},
		{"a time to amortize at", "amortize -on 2026-03-15", subscription, 2, "mss: amortize: flag provided but not defined: -on" + ofAmortize, ""},
		{"two documents in one stream", "change -catalog -", subscription, 2,
			"mss: change: " + twice + ofChange, ""},
		{"a long command", long, "", 2, `mss: unknown command "9999`, ofMss},
		{"a long page", "help " + long, "", 2, `mss: unknown command "9999`, ofMss},
		{"a long argument of help", "help buy " + long, "", 2, `mss: help: unexpected argument "9999`, ofMss},
		{"a long flag", "quote -" + long, "", 2, "mss: quote: flag provided but not defined: -9999", ofQuote},
		{"a long argument", "plans " + long, "", 2, `mss: plans: unexpected argument "9999`, ofPlans},
		{"a long number of machines", "quote" + routine + " -machines " + long, "", 2, `mss: quote: -machines "9999`, wantNumber + ofQuote},

		// Refused: a flag.
		{"a long date", "quote" + routine + " -on " + long, "", 1, `mss: date "9999`, wantDate},
		{"unknown plan", "quote" + routine + " -plan gold", "", 1, `mss: find plan "gold": `, "unknown plan\n"},
		{"empty plan", "renew -plan=", subscription, 1, `mss: find plan "": `, "unknown plan\n"},
		{"bad term", "quote" + routine + " -term 1y", "", 1, `mss: parse term: "1y": `, "such as P3M"},
		{"bad term of a renewal", "renew -term P0M", subscription, 1, `mss: parse term: "P0M": `, "such as P3M"},
		{"a term of another unit", "quote" + routine + " -term P7D", "", 1, `mss: quote "routine-operations": term P7D`, "want months or years"},
		{"no machines at all", "change -machines 0", subscription, 1, `mss: quote "routine-operations": 0 machines: want 1 to 6000: `, ""},
		{"fewer than none", "renew -machines -5", subscription, 1, `mss: quote "routine-operations": -5 machines: want 1 to 6000: `, ""},
		{"above the last band", "quote" + event + " -machines 1001", "", 1, `mss: quote "event-protection": 1001 machines: `,
			"https://cloud.tencent.com/act/event/connect-service"},
		{"bad -on", "quote" + routine + " -on today", "", 1, `mss: date "today": not a date` + wantDate, ""},
		{"no such day", "quote" + routine + " -on 2026-02-29", "", 1, `mss: date "2026-02-29": day out of range` + wantDate, ""},
		{"empty -on", "status -on=", subscription, 1, `mss: date "": not a date` + wantDate, ""},
		{"bad -on of a renewal", "renew -on 2026-1-31", subscription, 1, `mss: date "2026-1-31": not a date` + wantDate, ""},
		{"bad -on of a refund", "refund -on 2026-01-31T25:00:00Z", subscription, 1, `mss: date "2026-01-31T25:00:00Z": hour out of range` + wantDate, ""},
		{"bad -on of a change", "change -on 31.01.2026", subscription, 1, `mss: date "31.01.2026": not a date` + wantDate, ""},
		{"bad -start", "buy" + routine + " -start soon", "", 1, `mss: date "soon": not a date` + wantDate, ""},
		{"before the calendar", "buy" + routine + " -on 0001-01-01T00:00:00Z", "", 1, `mss: date "0001-01-01T00:00:00Z": out of range` + wantDate, ""},
		{"before the first year", "plans -on 0000-12-31", "", 1, `mss: date "0000-12-31": out of range` + wantDate, ""},
		{"after the calendar", "status -on 9999-12-31T23:00:00-08:00", subscription, 1, `mss: date "9999-12-31T23:00:00-08:00": out of range` + wantDate, ""},
		{"after the calendar, without a subscription", "plans -on 9999-12-31T16:00:00Z", "", 1, `mss: date "9999-12-31T16:00:00Z": out of range` + wantDate, ""},
		{"a year of five digits", "plans -on 10000-01-01", "", 1, `mss: date "10000-01-01": not a date` + wantDate, ""},
		{"no such month", "ledger -month 2026-13", subscription, 1, `mss: date "2026-13": month out of range: want one in the years 1 to 9999, such as 2026-01` + "\n", ""},
		{"a day for a month", "ledger -month 2026-03-01", subscription, 1, `mss: date "2026-03-01": extra text: "-01": `, "such as 2026-01\n"},
		{"a start before the lead days are over", "quote" + event + " -start 2026-02-04", "", 1,
			`mss: subscribe "event-protection": start 2026-02-04: want 2026-02-05 or later`, ""},
		{"a start of a plan by the month", "quote" + routine + " -start 2026-02-01", "", 1,
			`mss: subscribe "routine-operations": start 2026-02-01: want 2026-01-31`, ""},
		{"bad -by", "refund -by week", subscription, 1, "mss: ", `"week": want one of ["day" "month"]`},
		{"bad -by of a change", "change -by=", subscription, 1, "mss: ", `"": want one of ["day" "month"]`},

		// Refused: what is read.
		{"no such file", "status testdata/none.json", "", 1, "mss: open testdata/none.json: ", ""},
		{"a name with an escape", "status testdata/no\x1bne.json", "", 1, "mss: open testdata/no\ufffdne.json: ", ""},
		{"a directory", "status testdata", "", 1, "mss: read testdata: ", ""},
		{"no such catalog", "plans -catalog testdata/none.json", "", 1, "mss: open testdata/none.json: ", ""},
		{"no catalog named", "plans -catalog=", "", 1, "mss: open : ", ""},
		{"more after the catalog", "plans -catalog -", catalog + "[]", 1, ofStdin + "read catalog: ", "after top-level value"},
		{"before the first price list", "plans -catalog testdata/price-book.json -on 2025-12-31T15:59:59Z", "", 1, "mss: ", "invalid date\n"},
		{"a plan of a later price list", "quote -catalog testdata/price-book.json -plan new -machines 1 -term P1D -on 2026-01-31", "", 1,
			`mss: find plan "new": `, "unknown plan\n"},
		{"a price book in disorder", "plans -catalog -", strings.Replace(book, "2026-02", "2025-02", 1), 1, ofStdin + "read price book: ", "invalid plan\n"},
		{"a bad -on of the plans", "plans -on today", "", 1, `mss: date "today": not a date` + wantDate, ""},
		{"a catalog without the plan", "renew -catalog testdata/own-catalog.json -on 2026-03-15", subscription, 1,
			`mss: find plan "routine-operations": `, "unknown plan\n"},
		{"a word of JSON", "status", "null", 1, ofDocument + "decode subscription: ", "want a JSON object"},
		{"UTF-16", "status", "\xff\xfe{\x00}\x00", 1, ofDocument + "decode subscription: ", "invalid character"},
		{"nothing to read", "status", "", 1, ofDocument + "missing, want a subscription\n", ""},
		{"nothing in a file", "ledger testdata/buy-routine-operations.json " + empty, "", 1, "mss: read " + empty + ": document 1: missing, want a subscription\n", ""},
		{"an array cut off", "ledger", "[" + subscription + ",", 1, ofStdin + "document 2: unexpected EOF\n", ""},
		{"an array cut off behind an item", "ledger", "[" + subscription, 1, ofStdin + "document 2: unexpected EOF\n", ""},
		{"a subscription cut off", "ledger", subscription + subscription[:100], 1, ofStdin + "document 2: decode subscription: ", "unexpected end of JSON input"},
		{"a bracket too many", "ledger", subscription + "]", 1, ofStdin + "document 2: decode subscription: ", "invalid character ']'"},
		{"no comma", "ledger", "[" + subscription + subscription + "]", 1, ofStdin + "document 2: invalid character '{' after an item of an array\n", ""},
		{"a comma too many", "ledger", "[" + subscription + ",]", 1, ofStdin + "document 2: decode subscription: ", "invalid character ']'"},
		{"a comma in front", "ledger", "[," + subscription + "]", 1, ofDocument + "decode subscription: ", "invalid character ','"},
		{"a comma between documents", "ledger", subscription + "," + subscription, 1, ofStdin + "document 2: decode subscription: ", "invalid character ','"},
		{"an array in an array", "ledger", "[[" + subscription + "]]", 1, ofDocument + "decode subscription: ", "want a JSON object"},
		{"the third of a page", "ledger", `{"subscriptions": [` + subscription + `, {"id": 7, "subscription": ` + subscription + `}, {"subscription": {}}]}`, 1,
			ofDocument + "subscription 3: decode subscription: ", "missing"},
		{"a page that lacks some", "ledger", `{"subscriptions": [], "unreadable": [17, 18]}`, 1,
			ofDocument + "the page lacks the subscriptions [17, 18], which the service could not read\n", ""},
		{"a refusal", "ledger", subscription + `{"type": "about:blank", "title": "not found", "status": 404, "detail": "subscription 7"}`, 1,
			ofStdin + "document 2: a refusal of the service, " + wantSold + "the answer to a request that it granted\n", ""},
		{"several to renew at once", "renew", subscription + subscription, 1, ofStdin + "want one subscription, neither none nor several\n", ""},
		{"no JSON", "status -", "{subscription}", 1, ofDocument + "decode subscription: ", "invalid character"},
		{"more after the subscription", "status", subscription + "{}", 1, ofStdin + "document 2: decode subscription: ", "missing"},
		{"an edited amount", "status", strings.Replace(subscription, "252000", "2", 1), 1, ofDocument + "decode subscription: ", "want 252000.00"},
		{"a list of something else", "status", "[{}]", 1, ofDocument + "decode subscription: ", ""},
		{"an empty list", "refund", "[]", 1, ofStdin + "want one subscription, neither none nor several\n", ""},
		{"an edited quote", "buy -quote -", strings.Replace(quote, "252000", "2", 1), 1, ofStdin + "decode quote: ", "want 252000.00"},
		{"a quote at a tenth of the price", "buy -quote -", strings.NewReplacer("21000", "2100", "252000", "25200").Replace(quote), 1,
			"mss: quote routine-operations, 120 machines (band 101-200), P1Y: 12 months × 2100.00 = 25200.00 yuan; the price list in force has " +
				"routine-operations, 120 machines (band 101-200), P1Y: 12 months × 21000.00 = 252000.00 yuan: quote again, or sell it -as-quoted\n", ""},
		{"a quote from the list before", "quote -catalog testdata/price-book.json -plan own -machines 1 -term P1M -on 2026-01-31 -json | " +
			"buy -catalog testdata/price-book.json -on 2026-02-01 -quote -", "", 1, "mss: quote own, 1 machine (band 1-9), P1M: 1 month × 100.00 = 100.00 yuan; " +
			"the price list in force has own, 1 machine (band 1-9), P1M: 1 month × 120.50 = 120.50 yuan: ", ""},
		{"a quote of another list", "quote -catalog testdata/own-catalog.json -plan own -machines 1 -term P1D -json | buy -quote -", "", 1,
			`mss: find plan "own": `, "; -as-quoted sells the quote all the same\n"},
		{"no quote", "buy -quote testdata/none.json", "", 1, "mss: open testdata/none.json: ", ""},
		{"a quote too late for its start", "quote -json" + event + " | buy -quote - -on 2026-01-31 -start 2026-02-04", "", 1,
			`mss: subscribe "event-protection": start 2026-02-04: want 2026-02-05 or later`, ""},
		{"too much of a quote", "buy -quote -", padded(quote, 1<<20+1), 1, tooMuch, ""},
		{"too much to read", "refund", padded(subscription, 1<<20+1), 1, ofStdin + "document 2: more than 1 MiB, want less\n", ""},
		{"3 MiB of blanks", "ledger", padded(subscription, 3<<20), 1, ofStdin + "document 2: more than 1 MiB, want less\n", ""},
		{"3 MiB of a text", "ledger", subscription + `"` + strings.Repeat("x", 3<<20) + `"`, 1, ofStdin + "document 2: more than 1 MiB, want less\n", ""},
		{"3 MiB of brackets", "ledger", strings.Repeat("[", 3<<20), 1, ofDocument, ""},
		{"too much of a catalog", "plans -catalog -", padded(catalog, 1<<20+1), 1, tooMuch, ""},

		// Refused: a document in place of another.
		{"a quote", "quote -json" + routine + " | status", "", 1, ofDocument + "a quote, " + wantSold + `"buy -quote"` + "\n", ""},
		{"a refund", "refund -on 2026-03-15 | refund", subscription, 1, ofDocument + "a refund, " + wantSold + `"refund -confirm"` + "\n", ""},
		{"a change", "change -on 2026-03-15 | renew", subscription, 1, ofDocument + "a change, " + wantSold + `"change -opened"` + "\n", ""},
		{"a status", "status | change", subscription, 1, ofDocument + "a status report, " + wantSold + "the subscription that was reported on\n", ""},
		{"a price list", "status testdata/own-catalog.json", "", 1, "mss: read testdata/own-catalog.json: document 1: a price list, " + wantSold + "-catalog\n", ""},
		{"an amortization", "amortize -json | amortize", subscription, 1, ofDocument + "an amortization, " + wantSold + "the subscription that was amortized\n", ""},
		{"an amortization of the service", "ledger", `{"periods": []}`, 1, ofDocument + "an amortization, " + wantSold + "the subscription that was amortized\n", ""},
		{"a price book", "status testdata/price-book.json", "", 1, "mss: read testdata/price-book.json: document 1: a price book, " + wantSold + "-catalog\n", ""},
		{"a plan", "status", strings.Trim(catalog, "[ \n]"), 1, ofDocument + "a price list, " + wantSold + "-catalog\n", ""},
		{"a ledger", "ledger -json | ledger", subscription, 1, ofDocument + "a ledger, " + wantSold + "the subscriptions in it\n", ""},
		{"a ledger in CSV", "ledger -csv | ledger", subscription, 1, ofDocument + "text, " + wantSold + "-json\n", ""},
		{"FOCUS", "ledger -focus -account 1 | ledger", subscription, 1, ofDocument + "text, " + wantSold + "-json\n", ""},
		{"text", "quote" + routine + " | status", "", 1, ofDocument + "text, " + wantSold + "-json\n", ""},
		{"a subscription for a quote", "buy -quote testdata/buy-routine-operations.json", "", 1,
			"mss: read testdata/buy-routine-operations.json: a subscription, " + wantQuote, ""},
		{"a price list for a quote", "plans -json | buy -quote -", "", 1, ofStdin + "a price list, " + wantQuote, ""},
		{"text for a quote", "quote" + routine + " | buy -quote -", "", 1, ofStdin + "text, " + wantQuote, ""},
		{"a subscription for a price list", "quote -catalog testdata/buy-routine-operations.json" + routine, "", 1,
			"mss: read testdata/buy-routine-operations.json: a subscription, " + wantList, ""},
		{"a quote for a price list", "quote -json" + routine + " | plans -catalog -", "", 1, ofStdin + "a quote, " + wantList, ""},
		{"text for a price list", "plans | plans -catalog -", "", 1, ofStdin + "text, " + wantList, ""},

		// Refused: what is asked for.
		{"renewed before the purchase", "renew -on 2026-01-30", subscription, 1, `mss: renew "routine-operations": `, "invalid date\n"},
		{"renewed after a refund", "buy" + routine + " | refund -on 2026-03-15 -confirm | renew -on 2026-03-16", "", 1,
			`mss: renew "routine-operations": `, "subscription cancelled\n"},
		{"refunded after the end", "refund -on 2027-01-31", subscription, 1, `mss: refund "routine-operations": `, "subscription expired\n"},
		{"amortized otherwise than refunded", "buy" + routine + " | refund -on 2026-03-15 -by month -confirm | amortize -by day", "", 1,
			`mss: amortize "routine-operations": `, "inconsistent value\n"},
		{"refunded twice", "buy" + routine + " | refund -on 2026-03-15 -confirm | refund -on 2026-03-15 -confirm", "", 1,
			`mss: refund "routine-operations": `, "subscription cancelled\n"},
		{"changed within the lead days", "change -on 2026-03-15 -plan event-protection -term P7D", subscription, 1,
			`mss: change "routine-operations": `, "want 2026-03-20 or later"},
		{"changed within the lead days, only to see it", "change -opened -text -on 2026-03-15 -plan event-protection -term P7D", subscription, 1,
			`mss: change "routine-operations": `, "want 2026-03-20 or later"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for name, run := range runners {
				got := pipe(t, run, test.stdin, test.line)
				if got.Status != test.status || got.Stdout != "" {
					t.Errorf("%s: mss %s: status %d, standard output %q, want %d and nothing", name, test.line, got.Status, got.Stdout, test.status)
				}
				if len(got.Stderr) > 400 {
					t.Errorf("%s: mss %.80s: %d bytes on standard error, want few", name, test.line, len(got.Stderr))
				}
				if strings.Index(got.Stderr, "\n") != len(got.Stderr)-1 {
					t.Errorf("%s: mss %s: standard error %q, want one line", name, test.line, got.Stderr)
				}
				if !strings.HasPrefix(got.Stderr, test.begins) || !strings.Contains(got.Stderr, test.contains) {
					t.Errorf("%s: mss %s: standard error\n%swant it to begin with\n%s\nand to contain\n%s",
						name, test.line, got.Stderr, test.begins, test.contains)
				}
			}
		})
	}
}
