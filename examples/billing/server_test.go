package main

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"example.com/mss"
)

type body = map[string]any

// A year for 120 machines, band 101-200: 12 × 21000 = 252000 yuan. Of 365 days 44
// are used on 15 March (1 in January, 28 in February, 15 in March):
// 252000 × 44 ÷ 365 = 30378.08.
func TestBuyAndRefund(t *testing.T) { run(t, testBuyAndRefund) }

func testBuyAndRefund(t *testing.T, create database) {
	api, now := startAt(t, create, "2026-01-31 10:00:00")
	quote := api.quote(120, mss.Years(1))
	wantYuan(t, "quote", quote.Amount, "252000.00")

	answer := api.do("POST", "/subscriptions", "buy", body{"quote": quote})
	var bought record
	decodeInto(t, answer, 201, &bought)
	if location := answer.header.Get("Location"); location != path(bought.ID, "") {
		t.Errorf("Location %q, want %q", location, path(bought.ID, ""))
	}
	wantDay(t, "start", bought.Subscription.Start, "2026-01-31")
	wantDay(t, "end", bought.Subscription.End, "2027-01-31")
	if bought.Status != mss.Active || bought.DaysLeft != 364 || !bought.Subscription.Purchased.Equal(now.Now()) {
		t.Errorf("bought %+v, want it active since now with 364 days left", bought)
	}

	now.set(t, "2026-03-15 09:00:00")
	if read := api.get(bought.ID); !read.Subscription.Equal(bought.Subscription) || read.DaysLeft != 321 {
		t.Errorf("read %+v, want what was bought with 321 days left", read)
	}
	preview := api.preview(bought.ID)
	wantYuan(t, "consumed", preview.Consumed, "30378.08")
	wantYuan(t, "amount", preview.Amount, "221621.92")
	if preview.UsedDays != 44 || preview.TotalDays != 365 {
		t.Errorf("preview %+v, want 44 of 365 days", preview)
	}
	if api.get(bought.ID).Subscription.Refunded != nil {
		t.Error("refunded by a preview")
	}

	now.set(t, "2026-03-15 23:59:59")
	closed := must[record](api, 200, "POST", path(bought.ID, "/refunds"), "refund", body{"refund": preview})
	if closed.Status != mss.Active || closed.DaysLeft != 0 || !closed.Subscription.Refunded.Equal(preview) {
		t.Errorf("closed %+v, want it active for the rest of the day and refunded as previewed", closed)
	}
	now.set(t, "2026-03-16 00:00:00")
	read := api.get(bought.ID)
	if read.Status != mss.Cancelled || !read.Subscription.Equal(closed.Subscription) {
		t.Errorf("read %+v, want it cancelled as confirmed", read)
	}
	api.refused(409, "cancelled", "POST", path(bought.ID, "/refunds"), "again", body{"refund": preview})
	api.refused(409, "cancelled", "POST", path(bought.ID, "/renewals"), "renew", body{"quote": quote})
}

func TestStartDay(t *testing.T) { run(t, testStartDay) }

func testStartDay(t *testing.T, create database) {
	api, _ := startAt(t, create, "2026-01-31 10:00:00")
	week := api.quote(60, mss.Days(7)) // band 51-200: 7 × 17000
	wantYuan(t, "quote", week.Amount, "119000.00")
	if s := api.buy("earliest", week); s.Status != mss.Scheduled || s.DaysLeft != 7 {
		t.Errorf("bought %+v, want it scheduled with 7 days left", s)
	}
	picked := must[record](api, 201, "POST", "/subscriptions", "picked", body{"quote": week, "start": "2026-03-01"})
	wantDay(t, "start", picked.Subscription.Start, "2026-03-01")
	wantDay(t, "end", picked.Subscription.End, "2026-03-08")
	for i, start := range []string{"2026-02-04", "2026-02-30", "tomorrow", "2026-03-01T00:00:00Z"} {
		api.refused(422, "date", "POST", "/subscriptions", fmt.Sprint("start ", i), body{"quote": week, "start": start})
	}
	api.refused(422, "date", "POST", "/subscriptions", "month", body{"quote": api.quote(5, mss.Months(1)), "start": "2026-02-01"})
}

func TestRenew(t *testing.T) { run(t, testRenew) }

func testRenew(t *testing.T, create database) {
	api, now := startAt(t, create, "2026-01-31 10:00:00")
	month := api.quote(120, mss.Months(1))
	first := api.buy("first", month)
	wantDay(t, "first end", first.Subscription.End, "2026-02-28")

	renew := func(key string) record {
		return must[record](api, 201, "POST", path(first.ID, "/renewals"), key, body{"quote": month})
	}
	second := renew("second")
	wantDay(t, "renewed start", second.Subscription.Start, "2026-02-28")
	wantDay(t, "renewed end", second.Subscription.End, "2026-03-31")
	if second.Follows != first.ID || api.get(first.ID).FollowedBy != second.ID {
		t.Errorf("renewal %+v does not follow %d", second, first.ID)
	}

	// While there is a renewal, only it can be renewed, changed or refunded.
	refund := mss.Refund{At: now.Now(), By: mss.ByDay, UsedDays: 1, TotalDays: 28, Paid: decimal.NewFromInt(21000),
		Consumed: decimal.NewFromInt(750), Amount: decimal.NewFromInt(20250)}
	api.refused(409, "renewed", "POST", path(first.ID, "/renewals"), "twice", body{"quote": month})
	api.refused(409, "renewed", "POST", path(first.ID, "/refunds/preview"), "", body{})
	api.refused(409, "renewed", "POST", path(first.ID, "/refunds"), "refund", body{"refund": refund})
	api.refused(409, "renewed", "POST", path(first.ID, "/changes"), "change", body{"quote": month, "refund": refund})

	// Refunded before it began, it makes way for another.
	unused := api.preview(second.ID)
	wantYuan(t, "unused", unused.Amount, "21000.00")
	void := must[record](api, 200, "POST", path(second.ID, "/refunds"), "void", body{"refund": unused})
	if void.Status != mss.Cancelled || api.get(first.ID).FollowedBy != 0 {
		t.Errorf("%+v still follows %d", void, first.ID)
	}
	third := renew("third")
	wantDay(t, "renewed start", third.Subscription.Start, "2026-02-28")

	// Changed before it began, its successor takes its place: the days from
	// 28 February on are sold, and cannot be sold again.
	fewer := api.quote(5, mss.Months(2))
	change := must[changed](api, 201, "POST", path(third.ID, "/changes"), "fewer",
		body{"quote": fewer, "refund": api.preview(third.ID)})
	wantYuan(t, "net", change.Net, "-18500.00") // 2 × 1250 - 21000
	wantDay(t, "opened start", change.Opened.Start, "2026-02-28")
	if by := api.get(first.ID).FollowedBy; by != change.OpenedID {
		t.Errorf("%d is followed by %d, want %d", first.ID, by, change.OpenedID)
	}
	api.refused(409, "renewed", "POST", path(first.ID, "/renewals"), "fourth", body{"quote": month})

	// In use, a renewal keeps its place even when it is refunded.
	now.set(t, "2026-03-10 10:00:00")
	must[record](api, 200, "POST", path(change.OpenedID, "/refunds"), "used", body{"refund": api.preview(change.OpenedID)})
	api.refused(409, "renewed", "POST", path(first.ID, "/renewals"), "fifth", body{"quote": month})
}

// From 120 to 300 machines, band 201-400, on 15 March: 12 × 29500 = 354000 yuan
// less the refund of 221621.92.
func TestChange(t *testing.T) { run(t, testChange) }

func testChange(t *testing.T, create database) {
	api, now := startAt(t, create, "2026-01-31 10:00:00")
	bought := api.buy("buy", api.quote(120, mss.Years(1)))
	now.set(t, "2026-03-15 09:00:00")
	order := body{"quote": api.quote(300, mss.Years(1)), "refund": api.preview(bought.ID)}
	answer := api.do("POST", path(bought.ID, "/changes"), "change", order)
	var change changed
	decodeInto(t, answer, 201, &change)
	if change.ClosedID != bought.ID || answer.header.Get("Location") != path(change.OpenedID, "") {
		t.Errorf("change of %d to %d at %q", change.ClosedID, change.OpenedID, answer.header.Get("Location"))
	}
	wantYuan(t, "refund", change.Refund.Amount, "221621.92")
	wantYuan(t, "net", change.Net, "132378.08")
	wantDay(t, "closed end", change.Closed.End, "2026-03-16")
	wantDay(t, "opened start", change.Opened.Start, "2026-03-16")
	if closed := api.get(bought.ID); !closed.Subscription.Equal(change.Closed) || closed.FollowedBy != change.OpenedID {
		t.Errorf("closed %+v, want it as answered", closed)
	}
	if opened := api.get(change.OpenedID); !opened.Subscription.Equal(change.Opened) || opened.Follows != bought.ID {
		t.Errorf("opened %+v, want it as answered", opened)
	}
	api.refused(409, "cancelled", "POST", path(bought.ID, "/changes"), "again", order)
	api.refused(409, "cancelled", "POST", path(bought.ID, "/refunds/preview"), "", body{})
	// Five days' notice cannot be kept by tomorrow.
	api.refused(422, "date", "POST", path(change.OpenedID, "/changes"), "notice",
		body{"quote": api.quote(60, mss.Days(7)), "refund": api.preview(change.OpenedID)})
}

func TestExpiring(t *testing.T) { run(t, testExpiring) }

func testExpiring(t *testing.T, create database) {
	api, now := startAt(t, create, "2026-01-31 10:00:00")
	list := func(days int) (ids []int64) {
		t.Helper()
		answer := must[map[string][]record](api, 200, "GET", fmt.Sprint("/subscriptions?expires_within=", days), "", nil)
		for _, r := range answer["subscriptions"] {
			ids = append(ids, r.ID)
		}
		return ids
	}
	if answer := api.do("GET", "/subscriptions?expires_within=1", "", nil); string(answer.body) != `{"subscriptions":[]}`+"\n" {
		t.Errorf("nothing yet: %v", answer)
	}
	year := api.buy("year", api.quote(5, mss.Years(1))).ID      // ends on 31 January 2027, in 365 days
	quarter := api.buy("3", api.quote(5, mss.Months(3))).ID     // 30 April, 89 days
	month := api.buy("1", api.quote(5, mss.Months(1))).ID       // 28 February, 28 days
	week := api.buy("week", api.quote(5, mss.Days(7))).ID       // 5 to 12 February, 12 days
	refunded := api.buy("back", api.quote(5, mss.Months(1))).ID // ends tomorrow, but not by itself
	must[record](api, 200, "POST", path(refunded, "/refunds"), "refund", body{"refund": api.preview(refunded)})
	for _, c := range []struct {
		days int
		want []int64
	}{
		{11, nil}, {12, []int64{week}}, {27, []int64{week}}, {28, []int64{week, month}}, {88, []int64{week, month}},
		{89, []int64{week, month, quarter}}, {364, []int64{week, month, quarter}}, {365, []int64{week, month, quarter, year}},
	} {
		if ids := list(c.days); !slices.Equal(ids, c.want) {
			t.Errorf("within %d days: %v, want %v", c.days, ids, c.want)
		}
	}
	now.set(t, "2026-02-01 00:30:00") // daylight saving begins in New York before 30 April
	if ids := list(88); !slices.Equal(ids, []int64{week, month, quarter}) {
		t.Errorf("within 88 days: %v, want %v", ids, []int64{week, month, quarter})
	}
	for _, last := range []string{"2026-02-27 00:00:00", "2026-02-27 23:59:59"} {
		now.set(t, last)
		if ids := list(1); !slices.Equal(ids, []int64{month}) {
			t.Errorf("on the last day: %v, want %v", ids, []int64{month})
		}
	}
	now.set(t, "2026-02-28 00:00:00")
	if ids := list(1); ids != nil {
		t.Errorf("after the last day: %v, want none", ids)
	}
	for _, query := range []string{"?expires_within=", "?expires_within=0", "?expires_within=-1", "?expires_within=3661",
		"?expires_within=soon", "?expires_within=99999999999999999999", "?Expires_within=5", "?expires_within=5&expires_within=5"} {
		api.refused(400, "malformed", "GET", "/subscriptions"+query, "", nil)
	}
}

// follow reads a list page by page and returns the ids of each page.
func (c *client) follow(next string) (pages [][]int64, unreadable []int64) {
	c.t.Helper()
	for next != "" && len(pages) < 50 {
		p := must[pageOf](c, 200, "GET", next, "", nil)
		var ids []int64
		for _, r := range p.Subscriptions {
			ids = append(ids, r.ID)
		}
		pages, unreadable, next = append(pages, ids), append(unreadable, p.Unreadable...), p.Next
	}
	return pages, unreadable
}

func TestPages(t *testing.T) { run(t, testPages) }

func testPages(t *testing.T, create database) {
	api, now := startAt(t, create, "2026-01-31 10:00:00")
	week := api.quote(5, mss.Days(7)) // from 5 to 12 February
	month := api.quote(5, mss.Months(1))
	var weeks, months []int64
	for i := range 4 {
		months = append(months, api.buy(fmt.Sprint("month ", i), month).ID)
		weeks = append(weeks, api.buy(fmt.Sprint("week ", i), week).ID)
	}
	w, m := weeks, months
	for _, c := range []struct {
		query string
		want  [][]int64
	}{
		{"expires_within=28", [][]int64{{w[0], w[1], w[2], w[3], m[0], m[1], m[2], m[3]}}},
		{"expires_within=28&limit=1000", [][]int64{{w[0], w[1], w[2], w[3], m[0], m[1], m[2], m[3]}}},
		{"limit=8&expires_within=28", [][]int64{{w[0], w[1], w[2], w[3], m[0], m[1], m[2], m[3]}}},
		{"expires_within=28&limit=7", [][]int64{{w[0], w[1], w[2], w[3], m[0], m[1], m[2]}, {m[3]}}},
		{"expires_within=28&limit=3", [][]int64{{w[0], w[1], w[2]}, {w[3], m[0], m[1]}, {m[2], m[3]}}},
		{"expires_within=28&limit=2", [][]int64{{w[0], w[1]}, {w[2], w[3]}, {m[0], m[1]}, {m[2], m[3]}}},
		{"expires_within=27&limit=3", [][]int64{{w[0], w[1], w[2]}, {w[3]}}},
		{"expires_within=11&limit=3", [][]int64{nil}},
	} {
		if got, _ := api.follow("/subscriptions?" + c.query); !slices.EqualFunc(got, c.want, slices.Equal) {
			t.Errorf("%s: pages %v, want %v", c.query, got, c.want)
		}
	}

	// A person who copies next from a terminal copies an address.
	if g := api.do("GET", "/subscriptions?limit=2&expires_within=28", "", nil); !bytes.Contains(g.body, []byte(`"next":"/subscriptions?expires_within=28&limit=2&after=`)) {
		t.Errorf("first page %v, want next without escapes", g)
	}

	// The pages are those of the list as it began, while the clock goes on.
	first := must[pageOf](api, 200, "GET", "/subscriptions?expires_within=28&limit=2", "", nil)
	must[record](api, 200, "POST", path(m[1], "/refunds"), "refund", body{"refund": api.preview(m[1])})
	later := api.buy("later", month).ID // at the end of the list
	now.set(t, "2026-02-15 00:00:00")   // the weeks are over
	between := api.buy("between", week).ID
	api.buy("after its end", month)
	got, _ := api.follow(first.Next)
	if want := [][]int64{{w[2], w[3]}, {between, m[0]}, {m[2], m[3]}, {later}}; !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("pages %v, want %v", got, want)
	}
	if got, _ := api.follow("/subscriptions?expires_within=28"); !slices.Equal(got[0], []int64{between, m[0], m[2], m[3], later, later + 2}) {
		t.Errorf("a new list: %v", got)
	}

	after := first.Next[strings.LastIndex(first.Next, "=")+1:]
	if !strings.Contains(first.Next, "after="+after) {
		t.Fatalf("next %q, want it with a value of after", first.Next)
	}
	for _, query := range []string{"limit=0", "limit=-1", "limit=1001", "limit=x", "limit=", "limit=1&limit=1", "limit=1&limit=2", "Limit=5", "page=2",
		"after=", "after=x", "after=1", "after=1-2", "after=1-2-3-4", "after=1-2-x", "after=01-2-3", "after=1-2-99999999999999999999",
		"after=%20" + after, "after=" + after + "%20", "after=" + after + "&after=" + after, "limit=%zz", "limit=5;after=" + after} {
		api.refused(400, "malformed", "GET", "/subscriptions?expires_within=28&"+query, "", nil)
	}
	for _, extreme := range []string{"9223372036854775807-0-0", "-9223372036854775808-0-0", "0-9223372036854775807-9223372036854775807"} {
		if got, _ := api.follow("/subscriptions?expires_within=28&after=" + extreme); len(got) != 1 || got[0] != nil {
			t.Errorf("after %s: %v, want an empty page", extreme, got)
		}
	}
}

// A damaged document hides no other: the list goes on without it and names it.
func TestUnreadable(t *testing.T) { run(t, testUnreadable) }

func testUnreadable(t *testing.T, create database) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	now := new(clock)
	now.set(t, "2026-01-31 10:00:00")
	db := create(t)
	api, stop := start(t, db, published(), now)
	for i := range 6 {
		api.buy(fmt.Sprint(i), api.quote(5, mss.Months(1)))
	}
	pool := open(t, db)
	for id, document := range map[int]string{1: "no JSON", 4: `replace(document, '"amount":"1250"', '"amount":"1251"')`, 6: "{}"} {
		if id != 4 {
			document = "'" + document + "'"
		}
		if _, err := pool.Exec(fmt.Sprintf(`UPDATE subscriptions SET document = %s WHERE id = %d`, document, id)); err != nil {
			t.Fatal(err)
		}
	}
	for limit, want := range map[int][][]int64{
		1:   {nil, {2}, {3}, nil, {5}, nil},
		2:   {{2}, {3}, {5}},
		100: {{2, 3, 5}},
	} {
		got, unreadable := api.follow(fmt.Sprint("/subscriptions?expires_within=60&limit=", limit))
		if !slices.EqualFunc(got, want, slices.Equal) || !slices.Equal(unreadable, []int64{1, 4, 6}) {
			t.Errorf("limit %d: pages %v without %v, want %v without 1, 4 and 6", limit, got, unreadable, want)
		}
	}
	if g := api.do("GET", "/subscriptions?expires_within=1", "", nil); string(g.body) != `{"subscriptions":[]}`+"\n" {
		t.Errorf("an empty list: %v, want nothing unreadable", g)
	}
	for _, id := range []int64{1, 4, 6} {
		must[problem](api, 500, "GET", path(id, ""), "", nil)
		must[problem](api, 500, "GET", path(id, "/periods"), "", nil)
	}
	stop()
	for _, id := range []int{1, 4, 6} {
		for _, where := range []string{"left out", "request failed"} {
			if !regexp.MustCompile(fmt.Sprintf(`%s.*subscription %d: `, where, id)).MatchString(log.String()) {
				t.Errorf("the log does not name subscription %d under %q:\n%s", id, where, &log)
			}
		}
	}
}

func TestStalePreview(t *testing.T) { run(t, testStalePreview) }

func testStalePreview(t *testing.T, create database) {
	for _, operation := range []string{"/refunds", "/changes"} {
		t.Run(operation[1:], func(t *testing.T) {
			api, now := startAt(t, create, "2026-01-31 10:00:00")
			bought := api.buy("buy", api.quote(120, mss.Years(1)))
			order := body{}
			if operation == "/changes" {
				order["quote"] = api.quote(300, mss.Years(1))
			}
			send := func(status int, name, key string, refund mss.Refund) problem {
				t.Helper()
				order["refund"] = refund
				return api.refused(status, name, "POST", path(bought.ID, operation), key, order)
			}

			now.set(t, "2026-03-14 23:59:59")
			stale := api.preview(bought.ID)
			now.set(t, "2026-03-15 00:00:00")
			p := send(409, "stale-preview", "stale", stale)
			if p.Preview == nil || !p.Preview.At.Equal(now.Now()) || p.Preview.UsedDays != 44 {
				t.Fatalf("problem %+v, want one with a preview of today", p)
			}
			wantYuan(t, "previewed again", p.Preview.Amount, "221621.92")
			if api.get(bought.ID).Subscription.Refunded != nil {
				t.Fatal("paid out by a preview of yesterday")
			}
			fresh := *p.Preview

			early := fresh
			early.At = now.Now().Add(5*time.Second + 1) // no clock is so far ahead
			send(409, "stale-preview", "future", early)
			dearer := fresh
			dearer.Consumed, dearer.Amount = dearer.Consumed.Sub(decimal.NewFromInt(1)), dearer.Amount.Add(decimal.NewFromInt(1))
			order["refund"] = body{"at": fresh.At, "by": "day", "used_days": 44, "total_days": 365,
				"paid": fresh.Paid, "consumed": dearer.Consumed, "amount": dearer.Amount}
			api.refused(422, "inconsistent", "POST", path(bought.ID, operation), "dearer", order)
			other := api.buy("other", api.quote(5, mss.Years(1)))
			send(422, "inconsistent", "of another", api.preview(other.ID))
			delete(order, "refund")
			api.refused(422, "inconsistent", "POST", path(bought.ID, operation), "none", order)
			if api.get(bought.ID).Subscription.Refunded != nil {
				t.Fatal("paid out by an inconsistent preview")
			}

			now.set(t, "2027-01-31 00:00:00")
			send(409, "expired", "expired", fresh)
			now.set(t, "2026-03-15 23:59:59")
			order["refund"] = fresh
			if g := api.do("POST", path(bought.ID, operation), "fresh", order); g.status >= 300 {
				t.Errorf("fresh preview: %v, want it paid out", g)
			}
			wantYuan(t, "paid out", api.get(bought.ID).Subscription.Refunded.Amount, "221621.92")
		})
	}
}

func TestIdempotency(t *testing.T) { run(t, testIdempotency) }

func testIdempotency(t *testing.T, create database) {
	api, now := startAt(t, create, "2026-01-31 10:00:00")
	order := body{"quote": api.quote(120, mss.Years(1))}
	same := func(what string, first, again got) {
		t.Helper()
		if again.status != first.status || !bytes.Equal(again.body, first.body) ||
			again.header.Get("Location") != first.header.Get("Location") || again.header.Get("Content-Type") != first.header.Get("Content-Type") {
			t.Errorf("%s: %v, want the first answer, %v", what, again, first)
		}
	}

	first := api.do("POST", "/subscriptions", "key", order)
	now.set(t, "2026-05-01 10:00:00")
	same("repeated", first, api.do("POST", "/subscriptions", "key", order))
	api.refused(422, "key-reused", "POST", "/subscriptions", "key", body{"quote": api.quote(121, mss.Years(1))})
	api.refused(422, "key-reused", "POST", "/subscriptions/1/renewals", "key", order)

	// A refusal leaves its key free for the same request, and for another.
	api.refused(404, "not-found", "POST", "/subscriptions/2/renewals", "early", order)
	api.refused(404, "unknown-plan", "POST", "/subscriptions", "early", `{"quote":`+strings.Replace(string(api.do("POST", "/quotes", "",
		body{"plan": "routine-operations", "machines": 5, "term": "P1M"}).body), "routine", "retired", 1)+`}`)
	if second := api.buy("second", api.quote(120, mss.Years(1))); second.ID != 2 {
		t.Errorf("second purchase has id %d, want 2: one of those before bought something", second.ID)
	}
	renewal := api.do("POST", "/subscriptions/2/renewals", "early", order)
	if renewal.status != 201 {
		t.Errorf("renewal refused before: %v, want it made", renewal)
	}
	same("repeated renewal", renewal, api.do("POST", "/subscriptions/2/renewals", "early", order))

	for _, key := range []string{"", strings.Repeat("k", 256)} {
		for _, p := range []string{"/subscriptions", "/subscriptions/1/renewals", "/subscriptions/1/changes", "/subscriptions/1/refunds"} {
			api.refused(400, "key", "POST", p, key, order)
		}
	}
	if id := api.buy(strings.Repeat("k", 255), api.quote(120, mss.Years(1))).ID; id != 4 {
		t.Errorf("third purchase has id %d, want 4", id)
	}

	for round := range 10 {
		key := fmt.Sprint("at once ", round)
		answers := make([]got, 16)
		atOnce(len(answers), func(i int) { answers[i] = api.do("POST", "/subscriptions", key, order) })
		var bought record
		decodeInto(t, answers[0], 201, &bought)
		if want := int64(5 + round); bought.ID != want {
			t.Errorf("round %d has id %d, want %d: one purchase a key", round, bought.ID, want)
		}
		for _, a := range answers[1:] {
			same("at once", answers[0], a)
		}
	}
}

// Refusals, however long what they refuse, neither grow the database nor the answer.
func TestRefusalsAreShort(t *testing.T) { run(t, testRefusalsAreShort) }

func testRefusalsAreShort(t *testing.T, create database) {
	now := new(clock)
	now.set(t, "2026-01-31 10:00:00")
	db := create(t)
	api, stop := start(t, db, published(), now)
	quote, err := mss.RoutineOperations().Quote(5, mss.Months(1))
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 15000)
	for i, c := range []struct{ method, path, body string }{
		{"POST", "/subscriptions", `{"quote":` + strings.Replace(marshal(t, quote), quote.Plan, strings.Repeat(`\u202e\u0001`, 1200), 1) + `}`},
		{"POST", "/subscriptions", `{"` + long + `":1}`},
		{"POST", "/subscriptions", `{"quote":` + marshal(t, api.quote(5, mss.Days(7))) + `,"start":"` + long + `"}`},
		{"POST", "/quotes", `{"plan":"` + long + `"}`},
		{"POST", "/quotes", `{"plan":"routine-operations","machines":5,"term":"` + long + `"}`},
		{"POST", "/" + long, "{}"},
		{"GET", "/subscriptions?" + long + "=1", ""},
	} {
		g := api.do(c.method, c.path, fmt.Sprint(i), c.body)
		if g.status < 400 || g.status > 499 || len(g.body) > 4000 {
			t.Errorf("%s %.30s %.30s: %d with %d bytes, want 4xx and at most 4000", c.method, c.path, c.body, g.status, len(g.body))
		}
	}
	stop()
	pool := open(t, db)
	var kept int
	if err := pool.QueryRow(`SELECT count(*) FROM answers`).Scan(&kept); err != nil || kept != 0 {
		t.Errorf("%d answers kept, %v, want none", kept, err)
	}
}

// A fault of the service is no answer: the key stays free.
func TestFault(t *testing.T) { run(t, testFault) }

func testFault(t *testing.T, create database) {
	now := new(clock)
	now.set(t, "2026-01-31 10:00:00")
	db := create(t)
	broken := published()
	broken[0].Catalog[0].Tiers = nil // mss.ErrPlan
	api, stop := start(t, db, broken, now)
	quote, err := mss.RoutineOperations().Quote(5, mss.Months(1))
	if err != nil {
		t.Fatal(err)
	}
	fault := must[problem](api, 500, "POST", "/subscriptions", "key", body{"quote": quote})
	if fault.Type != "about:blank" || fault.Status != 500 || strings.Contains(fmt.Sprint(fault), "mss") {
		t.Errorf("fault %+v, want one that tells nothing", fault)
	}
	stop()

	api, stop = start(t, db, published(), now)
	bought := api.buy("key", quote)
	stop()

	// An inconsistent document in the database is a fault too.
	pool := open(t, db)
	if _, err := pool.Exec(`UPDATE subscriptions SET document = replace(document, '"amount":"1250"', '"amount":"1251"')`); err != nil {
		t.Fatal(err)
	}
	api, _ = start(t, db, published(), now)
	for _, g := range []got{
		api.do("GET", path(bought.ID, ""), "", nil),
		api.do("POST", path(bought.ID, "/renewals"), "renew", body{"quote": quote}),
	} {
		if g.status != 500 {
			t.Errorf("damaged document: %v, want 500", g)
		}
	}
}

// The price list changes at midnight: quotes of the old one come back too late,
// and the answer has what to agree to instead.
func TestPriceChange(t *testing.T) { run(t, testPriceChange) }

func testPriceChange(t *testing.T, create database) {
	now := new(clock)
	now.set(t, "2026-01-31 23:59:59")
	dearer := mss.Catalog{mss.RoutineOperations()} // and event protection is no longer sold
	for i := range dearer[0].Tiers {
		dearer[0].Tiers[i].Price = dearer[0].Tiers[i].Price.Mul(decimal.NewFromInt(2))
	}
	prices := append(published(), mss.DatedCatalog{From: time.Date(2026, 2, 1, 0, 0, 0, 0, mss.Beijing), Catalog: dearer})
	api, _ := start(t, create(t), prices, now)
	old, week := api.quote(120, mss.Years(1)), api.quote(60, mss.Days(7))
	bought := api.buy("buy", old)
	wantYuan(t, "old price", bought.Subscription.Quote.Amount, "252000.00")

	now.set(t, "2026-02-01 00:00:00")
	preview := api.preview(bought.ID)
	wantYuan(t, "what was paid", preview.Paid, "252000.00")
	for _, c := range []struct {
		name, path string
		order      body
	}{
		{"purchase", "/subscriptions", body{}},
		{"renewal", path(bought.ID, "/renewals"), body{}},
		{"change", path(bought.ID, "/changes"), body{"refund": preview}},
	} {
		c.order["quote"] = old
		p := api.refused(409, "price-changed", "POST", c.path, c.name, c.order)
		if p.Quote == nil || !p.Quote.Equal(api.quote(120, mss.Years(1))) || p.Preview != nil {
			t.Errorf("%s: problem %+v, want one with the quote of today", c.name, p)
			continue
		}
		wantYuan(t, c.name+" at the new price", p.Quote.Amount, "504000.00")
		c.order["quote"] = week
		api.refused(404, "unknown-plan", "POST", c.path, c.name, c.order)
	}
	if g := api.do("POST", "/subscriptions", "buy", body{"quote": old}); g.status != 201 {
		t.Errorf("repeated purchase: %v, want the first answer", g)
	}
	renewed := must[record](api, 201, "POST", path(bought.ID, "/renewals"), "renewal", body{"quote": api.quote(120, mss.Years(1))})
	wantYuan(t, "renewed", renewed.Subscription.Quote.Amount, "504000.00")
	if read := api.get(bought.ID); !read.Subscription.Equal(bought.Subscription) {
		t.Errorf("read %+v, want what was bought at the old price", read)
	}

	now.set(t, "1999-12-31 23:59:59") // before the first list: no fault of the client's
	must[problem](api, 500, "POST", "/quotes", "", body{"plan": old.Plan, "machines": 120, "term": "P1Y"})
}

// A year for 120 machines from 31 January costs 252000 yuan: a day of January
// 252000 ÷ 365 = 690.41, and from there to the end of February 29 × 252000 ÷ 365 =
// 20021.92.
func TestPeriods(t *testing.T) { run(t, testPeriods) }

func testPeriods(t *testing.T, create database) {
	now := new(clock)
	now.set(t, "2026-01-31 10:00:00")
	db := create(t)
	api, _ := start(t, db, published(), now)
	type period struct {
		Start, End       time.Time
		Days             int
		Amount, Deferred decimal.Decimal
	}
	list := func(id int64) []period {
		t.Helper()
		return must[map[string][]period](api, 200, "GET", path(id, "/periods"), "", nil)["periods"]
	}
	bought := api.buy("buy", api.quote(120, mss.Years(1)))
	all := list(bought.ID)
	if len(all) != 13 {
		t.Fatalf("%d periods, want 13", len(all))
	}
	wantDay(t, "first start", all[0].Start, "2026-01-31")
	wantDay(t, "first end", all[0].End, "2026-02-01")
	wantYuan(t, "January", all[0].Amount, "690.41")
	wantYuan(t, "January and February", all[0].Amount.Add(all[1].Amount), "20021.92")
	wantYuan(t, "after January", all[0].Deferred, "251309.59")
	wantYuan(t, "after the last", all[12].Deferred, "0.00")
	total, days := decimal.Zero, 0
	for _, p := range all {
		total, days = total.Add(p.Amount), days+p.Days
	}
	wantYuan(t, "total", total, "252000.00")
	if days != 365 || all[1].Days != 28 {
		t.Errorf("%d days, of which %d in February, want 365 and 28", days, all[1].Days)
	}

	now.set(t, "2026-02-01 10:00:00") // two days used: 252000 × 2 ÷ 365
	must[record](api, 200, "POST", path(bought.ID, "/refunds"), "refund", body{"refund": api.preview(bought.ID)})
	if all = list(bought.ID); len(all) != 2 {
		t.Fatalf("%d periods of a refunded one, want 2", len(all))
	}
	wantYuan(t, "consumed", all[0].Amount.Add(all[1].Amount), "1380.82")

	// By the proration of its refund, if it is another: 21000 × 2 ÷ 28.
	byMonth := year(t, bought.Subscription.Purchased)
	refund, err := byMonth.Refund(now.Now(), mss.ByMonth)
	if err != nil {
		t.Fatal(err)
	}
	if byMonth, err = byMonth.Cancel(refund, now.Now()); err != nil {
		t.Fatal(err)
	}
	if all = list(put(t, db, byMonth, 1)); len(all) != 2 {
		t.Fatalf("%d periods of one refunded by the month, want 2", len(all))
	}
	wantYuan(t, "consumed by month", all[0].Amount.Add(all[1].Amount), "1500.00")

	unused := api.buy("unused", api.quote(60, mss.Days(7)))
	must[record](api, 200, "POST", path(unused.ID, "/refunds"), "unused refund", body{"refund": api.preview(unused.ID)})
	if g := api.do("GET", path(unused.ID, "/periods"), "", nil); string(g.body) != `{"periods":[]}`+"\n" {
		t.Errorf("never served: %v, want no periods", g)
	}
}

func TestProblems(t *testing.T) { run(t, testProblems) }

func testProblems(t *testing.T, create database) {
	api, now := startAt(t, create, "2026-01-31 10:00:00")
	quote := api.quote(5, mss.Months(1))
	bought := api.buy("buy", quote)
	for _, c := range []struct {
		name   string
		status int
		body   string
	}{
		{"machines", 422, `{"plan":"routine-operations","machines":0,"term":"P1Y"}`},
		{"machines", 422, `{"plan":"routine-operations","machines":-5,"term":"P1Y"}`},
		{"machines", 422, `{"plan":"routine-operations","term":"P1Y"}`},
		{"contact-sales", 422, `{"plan":"routine-operations","machines":6001,"term":"P1Y"}`},
		{"contact-sales", 422, `{"plan":"event-protection","machines":1001,"term":"P7D"}`},
		{"term", 422, `{"plan":"routine-operations","machines":5,"term":"P7D"}`},
		{"term", 422, `{"plan":"event-protection","machines":5,"term":"P1M"}`},
		{"term", 422, `{"plan":"routine-operations","machines":5,"term":"P101Y"}`},
		{"term", 422, `{"plan":"routine-operations","machines":5,"term":"a year"}`},
		{"term", 422, `{"plan":"routine-operations","machines":5}`},
		{"unknown-plan", 404, `{"plan":"premium","machines":5,"term":"P1Y"}`},
		{"unknown-plan", 404, `{}`},
	} {
		p := api.refused(c.status, c.name, "POST", "/quotes", "", c.body)
		if (p.ContactURL == mss.ContactURL) != (c.name == "contact-sales") || p.Preview != nil {
			t.Errorf("%s: contact_url %q, preview %v", c.body, p.ContactURL, p.Preview)
		}
	}

	forged := strings.Replace(string(api.do("POST", "/quotes", "", body{"plan": quote.Plan, "machines": 5, "term": "P1M"}).body), "1250", "1", 1)
	gone := quote
	gone.Plan = "retired"
	for i, c := range []struct {
		name   string
		status int
		body   any
	}{
		{"inconsistent", 422, `{"quote":` + forged + `}`}, // one price of the two
		{"inconsistent", 422, `{"quote":null}`},
		{"inconsistent", 422, `{}`},
		{"price-changed", 409, `{"quote":` + strings.ReplaceAll(string(api.do("POST", "/quotes", "",
			body{"plan": quote.Plan, "machines": 5, "term": "P1M"}).body), "1250", "1") + `}`}, // both prices
		{"unknown-plan", 404, body{"quote": gone}},
	} {
		api.refused(c.status, c.name, "POST", "/subscriptions", fmt.Sprint("problem ", i), c.body)
	}

	for _, id := range []string{"2", "0", "-1", "x", "1x", "01", "+1", "%201", "1_0", "0x1", "١", "1.5",
		"9223372036854775808", "18446744073709551617", "99999999999999999999"} {
		api.refused(404, "not-found", "GET", "/subscriptions/"+id, "", nil)
		api.refused(404, "not-found", "GET", "/subscriptions/"+id+"/periods", "", nil)
		api.refused(404, "not-found", "POST", "/subscriptions/"+id+"/refunds/preview", "", `{}`)
		for _, operation := range []string{"renewals", "refunds", "changes"} {
			api.refused(404, "not-found", "POST", "/subscriptions/"+id+"/"+operation, id+operation, `{}`)
		}
	}
	for _, p := range []string{"/", "/quote", "/subscriptions/1/2/3", "/subscriptions/1/refund"} {
		api.refused(404, "not-found", "GET", p, "", nil)
		api.refused(404, "not-found", "POST", p, "", `{}`)
	}
	for _, c := range []struct{ method, path, allow string }{
		{"GET", "/quotes", "POST"},
		{"DELETE", "/subscriptions", "GET, HEAD, POST"},
		{"PUT", "/subscriptions/1", "GET, HEAD"},
		{"POST", "/subscriptions/1/periods", "GET, HEAD"},
		{"GET", "/subscriptions/1/renewals", "POST"},
		{"PATCH", "/subscriptions/1/changes", "POST"},
		{"GET", "/subscriptions/1/refunds", "POST"},
		{"GET", "/subscriptions/1/refunds/preview", "POST"},
	} {
		api.refused(405, "method", c.method, c.path, "key", nil)
		if allow := api.do(c.method, c.path, "", nil).header.Get("Allow"); allow != c.allow {
			t.Errorf("%s %s: Allow %q, want %q", c.method, c.path, allow, c.allow)
		}
	}

	now.set(t, "2026-02-28 00:00:00") // the end
	api.refused(409, "expired", "POST", path(bought.ID, "/refunds/preview"), "", `{}`)
	if status := api.get(bought.ID).Status; status != mss.Expired {
		t.Errorf("status %v, want expired", status)
	}
}

func TestBodies(t *testing.T) { run(t, testBodies) }

func testBodies(t *testing.T, create database) {
	api, _ := startAt(t, create, "2026-01-31 10:00:00")
	quote := `{"plan":"routine-operations","machines":5,"term":"P1M","tier":{"min":1,"max":5,"price":"1250"},"lead_days":0,"amount":"1250"}`
	good := map[string]string{
		"/quotes":                          `{"plan":"routine-operations","machines":5,"term":"P1M"}`,
		"/subscriptions":                   `{"quote":` + quote + `}`,
		"/subscriptions/1/renewals":        `{"quote":` + quote + `}`,
		"/subscriptions/2/changes":         `{"quote":` + quote + `}`,
		"/subscriptions/2/refunds":         `{"refund":{"at":"2026-01-31T10:00:00+08:00","by":"day","used_days":1,"total_days":28,"paid":"1250","consumed":"44.64","amount":"1205.36"}}`,
		"/subscriptions/2/refunds/preview": `{}`,
	}
	const limit = 16 << 10
	var n atomic.Int64
	send := func(status int, name, path, body string) {
		t.Helper()
		api.refused(status, name, "POST", path, fmt.Sprint("body ", n.Add(1)), body)
	}
	for path, body := range good {
		for _, bad := range []string{"", " ", "{", "nonsense", `"text"`, "1", "[]", "[" + body + "]", body[:len(body)-1],
			body + "x", body + "{}", body + " null", body + body, "\x00", strings.Repeat("[", 10000), strings.Repeat(`{"plan":`, 1000)} {
			send(400, "malformed", path, bad)
		}
		send(400, "malformed", path, "null")
		send(400, "malformed", path, `{"unknown":1,`+body[1:])
		for name := range fields(t, body) { // any of which encoding/json takes for name
			send(400, "malformed", path, strings.Replace(body, name, strings.ToUpper(name), 1))
			send(400, "malformed", path, strings.Replace(body, name, strings.ToUpper(name[:1])+name[1:], 1))
			send(400, "malformed", path, `{"`+name+`":null,`+body[1:])
			send(400, "malformed", path, fmt.Sprintf(`{"\u%04x%s":null,`, name[0], name[1:])+body[1:])
			send(400, "malformed", path, body[:len(body)-1]+`,"`+strings.ToUpper(name)+`":null}`)
		}
		send(400, "malformed", path, body[:len(body)-1]+`,"price":"1"}`)
		send(413, "too-large", path, body+strings.Repeat(" ", limit+1-len(body)))
		send(413, "too-large", path, strings.Repeat("x", limit+1))
		send(413, "too-large", path, strings.Repeat("x", 1<<20))
	}
	for _, wrong := range []string{`{"plan":1}`, `{"machines":"5"}`, `{"machines":1.5}`, `{"machines":1e99}`, `{"term":{}}`, `{"term":5}`,
		`{"machineſ":5}`} { // a long s, which encoding/json folds as well
		send(400, "malformed", "/quotes", wrong)
	}
	for _, path := range []string{"/subscriptions", "/subscriptions/1/renewals"} {
		for _, wrong := range []string{`{"quote":5}`, `{"quote":{}}`, `{"quote":{"plan":"routine-operations"}}`,
			`{"quote":` + strings.Replace(quote, `"machines":5`, `"machines":"five"`, 1) + `}`,
			`{"quote":` + strings.Replace(quote, `"amount":"1250"`, `"amount":"1e999999999"`, 1) + `}`} {
			send(422, "inconsistent", path, wrong)
		}
	}

	// None of these bought anything, and what is just allowed goes through.
	path := "/subscriptions"
	bought := must[record](api, 201, "POST", path, "allowed", good[path]+strings.Repeat(" ", limit-len(good[path])))
	if bought.ID != 1 {
		t.Errorf("first purchase has id %d, want 1", bought.ID)
	}
}

// Two keys, or one twice, do not say which request this is.
func TestTwoKeys(t *testing.T) { run(t, testTwoKeys) }

func testTwoKeys(t *testing.T, create database) {
	api, _ := startAt(t, create, "2026-01-31 10:00:00")
	order := marshal(t, body{"quote": api.quote(5, mss.Months(1))})
	for _, keys := range [][]string{{"a", "b"}, {"a", "a"}, {"", "a"}, {"a", ""}} {
		req, err := http.NewRequest("POST", api.base+"/subscriptions", strings.NewReader(order))
		if err != nil {
			t.Fatal(err)
		}
		req.Header["Idempotency-Key"] = keys
		resp, err := api.http.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 400 {
			t.Errorf("keys %q: %s, want 400", keys, resp.Status)
		}
	}
	if first := api.buy("a", api.quote(5, mss.Months(1))); first.ID != 1 {
		t.Errorf("first purchase has id %d, want 1", first.ID)
	}
}

// A body that does not arrive is 408, at the read timeout of 10 s.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	run(t, testSlowBody)
}

func testSlowBody(t *testing.T, create database) {
	t.Parallel()
	api, _ := startAt(t, create, "2026-01-31 10:00:00")
	text, writer := io.Pipe()
	defer writer.Close()
	req, err := http.NewRequest("POST", api.base+"/quotes", text)
	if err != nil {
		t.Fatal(err)
	}
	go io.WriteString(writer, `{"plan":"routine-operations",`)
	resp, err := api.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var p problem
	decodeInto(t, got{resp.StatusCode, resp.Header, data}, 408, &p)
	if p.Type != "https://example.com/mss/problems/timeout" || strings.Contains(p.Detail, "127.0.0.1") {
		t.Errorf("problem %+v, want one of type timeout without addresses", p)
	}
}

// The mux answers some paths by itself: with a redirect to a cleaner one, and with
// text. They are no paths of the service.
func TestUncleanPaths(t *testing.T) { run(t, testUncleanPaths) }

func testUncleanPaths(t *testing.T, create database) {
	api, _ := startAt(t, create, "2026-01-31 10:00:00")
	api.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	order := body{"quote": api.quote(5, mss.Months(1))}
	for _, p := range []string{"//subscriptions", "/./subscriptions", "/quotes/../subscriptions", "//", "/subscriptions/", "/subscriptions//1",
		"//subscriptions/1/refunds", "//nothing"} {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			api.refused(404, "not-found", method, p, "key", order)
			if location := api.do(method, p, "key", order).header.Get("Location"); location != "" {
				t.Errorf("%s %s: Location %q, want none", method, p, location)
			}
		}
	}
	if first := api.buy("key", api.quote(5, mss.Months(1))); first.ID != 1 {
		t.Errorf("first purchase has id %d, want 1", first.ID)
	}
}

// A client that could choose the proration would choose the one that refunds more,
// subscription by subscription. A month for 6000 machines costs 356400 yuan, a year
// 4276800; of a year that began on 1 March, 31 of 365 days are used on the 31st by
// the day, and one month of twelve by the month: 363235.07 or 356400 yuan.
func TestProrationIsTheService(t *testing.T) { run(t, testProrationIsTheService) }

func testProrationIsTheService(t *testing.T, create database) {
	api, now := startAt(t, create, "2026-03-01 10:00:00")
	bought := api.buy("buy", api.quote(6000, mss.Years(1)))
	now.set(t, "2026-03-31 10:00:00")
	preview := api.preview(bought.ID)
	wantYuan(t, "consumed", preview.Consumed, "363235.07")
	byMonth, err := bought.Subscription.Refund(now.Now(), mss.ByMonth)
	if err != nil {
		t.Fatal(err)
	}
	wantYuan(t, "consumed by month", byMonth.Consumed, "356400.00")
	for _, by := range []string{`"day"`, `"month"`, "null"} {
		api.refused(400, "malformed", "POST", path(bought.ID, "/refunds/preview"), "", `{"by":`+by+`}`)
	}
	quote := api.quote(300, mss.Years(1))
	for _, operation := range []string{"/refunds", "/changes"} {
		order := body{"refund": byMonth}
		if operation == "/changes" {
			order["quote"] = quote
		}
		api.refused(422, "inconsistent", "POST", path(bought.ID, operation), "by month", order)
		now.set(t, "2026-04-01 10:00:00") // a stale one is not previewed again
		api.refused(422, "inconsistent", "POST", path(bought.ID, operation), "by month", order)
		now.set(t, "2026-03-31 10:00:00")
	}
	must[record](api, 200, "POST", path(bought.ID, "/refunds"), "by day", body{"refund": preview})
}

// What is acknowledged has to be on the disk, which no test can pull the plug of.
func TestDurability(t *testing.T) { run(t, testDurability) }

func testDurability(t *testing.T, create database) {
	db := create(t)
	s, err := openStore(db)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	settings := map[string]string{"PRAGMA journal_mode": "wal", "PRAGMA synchronous": "2", "PRAGMA foreign_keys": "1"}
	if isPostgres(db) {
		settings = map[string]string{"SHOW synchronous_commit": "on", "SHOW lock_timeout": "5s",
			"SHOW idle_in_transaction_session_timeout": "30s", "SHOW transaction_isolation": "read committed"}
	}
	for setting, want := range settings {
		var is string
		if err := s.writer.QueryRow(setting).Scan(&is); err != nil || is != want {
			t.Errorf("%s is %s (%v), want %s", setting, is, err, want)
		}
	}
	for _, pool := range []*sql.DB{s.reader, s.lister} {
		if _, err := pool.Exec(`DELETE FROM subscriptions`); err == nil {
			t.Error("a reader wrote")
		}
	}
}

// A parameter of the URL overrides what the service sets.
func TestPostgresURL(t *testing.T) {
	s, err := openStore(newPostgres(t) + "&synchronous_commit=remote_apply&lock_timeout=2s&connect_timeout=3")
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for setting, want := range map[string]string{"synchronous_commit": "remote_apply", "lock_timeout": "2s", "application_name": ""} {
		var is string
		if err := s.writer.QueryRow("SHOW " + setting).Scan(&is); err != nil || is != want {
			t.Errorf("%s is %s (%v), want %s", setting, is, err, want)
		}
	}
}

// A request in progress when the service is told to stop is still answered.
func TestStop(t *testing.T) { run(t, testStop) }

func testStop(t *testing.T, create database) {
	now := new(clock)
	now.set(t, "2026-01-31 10:00:00")
	api, stop := start(t, create(t), published(), now)
	text, writer := io.Pipe()
	req, err := http.NewRequest("POST", api.base+"/quotes", text)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Expect", "100-continue") // so that the body is read once the handler is
	api.http.Transport.(*http.Transport).ExpectContinueTimeout = time.Minute
	answered := make(chan error, 1)
	go func() {
		resp, err := api.http.Do(req)
		if err == nil && resp.StatusCode != 200 {
			err = errors.New(resp.Status)
		}
		answered <- err
	}()
	if _, err := io.WriteString(writer, `{"plan":"routine-operations",`); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	for begun := time.Now(); ; time.Sleep(time.Millisecond) { // until it takes no more connections
		conn, err := net.Dial("tcp", strings.TrimPrefix(api.base, "http://"))
		if err != nil {
			break
		}
		conn.Close()
		if time.Since(begun) > 10*time.Second {
			t.Fatal("told to stop, it still takes connections")
		}
	}
	if _, err := io.WriteString(writer, `"machines":5,"term":"P1M"}`); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	if err := <-answered; err != nil {
		t.Errorf("request in progress: %v", err)
	}
	<-stopped
}

// Clients that hang up before the answer ask again with the same key, and have
// bought once.
func TestHangUp(t *testing.T) { run(t, testHangUp) }

func testHangUp(t *testing.T, create database) {
	now := new(clock)
	now.set(t, "2026-01-31 10:00:00")
	db := create(t)
	api, stop := start(t, db, published(), now)
	order := body{"quote": api.quote(120, mss.Years(1))}
	hasty := newClient(t, strings.TrimPrefix(api.base, "http://"))
	const clients, purchases = 16, 10
	var answered atomic.Int64
	atOnce(clients, func(i int) {
		for n := range purchases {
			impatient := *hasty.http
			impatient.Timeout = time.Duration(1+i*n%10) * time.Millisecond
			c := &client{t, hasty.base, &impatient}
			if _, err := c.try("POST", "/subscriptions", fmt.Sprint(i, " ", n), order); err == nil {
				answered.Add(1)
			}
		}
	})
	t.Logf("%d of %d waited for the answer", answered.Load(), clients*purchases)
	made := make(map[int64]bool)
	for i := range clients {
		for n := range purchases {
			made[must[record](api, 201, "POST", "/subscriptions", fmt.Sprint(i, " ", n), order).ID] = true
		}
	}
	stop()
	if n := len(stored(t, db)); len(made) != clients*purchases || n != clients*purchases {
		t.Errorf("%d stored and %d told, want %d of each", n, len(made), clients*purchases)
	}
}

// replicas starts three services over a new database.
func replicas(t *testing.T, create database, now *clock) (apis [3]*client) {
	t.Helper()
	db := create(t)
	for i := range apis {
		apis[i], _ = start(t, db, published(), now)
	}
	return apis
}

// Two refunds at the same moment, sent to one server and to two over one database.
func TestRefundRace(t *testing.T) { run(t, testRefundRace) }

func testRefundRace(t *testing.T, create database) {
	now := new(clock)
	now.set(t, "2026-01-31 10:00:00")
	apis := replicas(t, create, now)
	quote := apis[0].quote(120, mss.Years(1))
	for round := range 60 {
		bought := apis[0].buy(fmt.Sprint("buy ", round), quote)
		order := body{"refund": apis[0].preview(bought.ID)}
		answers := make([]got, 2)
		atOnce(2, func(i int) {
			answers[i] = apis[i*(round%3)].do("POST", path(bought.ID, "/refunds"), fmt.Sprint("refund ", round, " ", i), order)
		})
		if answers[0].status > answers[1].status {
			answers[0], answers[1] = answers[1], answers[0]
		}
		if answers[0].status != 200 || answers[1].status != 409 || !bytes.Contains(answers[1].body, []byte("problems/cancelled")) {
			t.Fatalf("round %d: %v and %v, want one refund and one 409", round, answers[0], answers[1])
		}
	}
}

// Of a renewal, a change and a refund at once, in whatever order, one goes through.
func TestOperationRace(t *testing.T) { run(t, testOperationRace) }

func testOperationRace(t *testing.T, create database) {
	now := new(clock)
	now.set(t, "2026-01-31 10:00:00")
	apis := replicas(t, create, now)
	quote := apis[0].quote(120, mss.Years(1))
	for round := range 30 {
		bought := apis[0].buy(fmt.Sprint("buy ", round), quote)
		order := body{"refund": apis[0].preview(bought.ID)}
		var through, conflict atomic.Int64
		atOnce(9, func(i int) {
			operation, order := []string{"/renewals", "/changes", "/refunds"}[i%3],
				[]body{{"quote": quote}, {"quote": quote, "refund": order["refund"]}, order}[i%3]
			switch g := apis[i/3].do("POST", path(bought.ID, operation), fmt.Sprint(round, " ", i), order); g.status {
			case 200, 201:
				through.Add(1)
			case 409:
				conflict.Add(1)
			default:
				t.Errorf("round %d: %v", round, g)
			}
		})
		if through.Load() != 1 || conflict.Load() != 8 {
			t.Fatalf("round %d: %d went through and %d did not, want 1 and 8", round, through.Load(), conflict.Load())
		}
	}
}

// A renewal that has not begun is refunded or changed while others renew what it follows:
// the days after that are never sold twice.
func TestChainRace(t *testing.T) { run(t, testChainRace) }

func testChainRace(t *testing.T, create database) {
	now := new(clock)
	now.set(t, "2026-01-31 10:00:00")
	apis := replicas(t, create, now)
	month := apis[0].quote(120, mss.Months(1))
	for round := range 20 {
		first := apis[0].buy(fmt.Sprint("buy ", round), month)
		second := must[record](apis[0], 201, "POST", path(first.ID, "/renewals"), fmt.Sprint("renew ", round), body{"quote": month})
		refund := apis[0].preview(second.ID)
		answers := make([]got, 9)
		atOnce(len(answers), func(i int) {
			key := fmt.Sprint(round, " ", i)
			switch i % 3 {
			case 0:
				answers[i] = apis[i/3].do("POST", path(first.ID, "/renewals"), key, body{"quote": month})
			case 1:
				answers[i] = apis[i/3].do("POST", path(second.ID, "/refunds"), key, body{"refund": refund})
			case 2:
				answers[i] = apis[i/3].do("POST", path(second.ID, "/changes"), key, body{"quote": month, "refund": refund})
			}
		})
		renewed, closed := 0, 0
		for i, g := range answers {
			switch {
			case g.status == 409:
			case g.status >= 300:
				t.Fatalf("round %d: %v", round, g)
			case i%3 == 0:
				renewed++
			default:
				closed++
			}
		}
		if closed != 1 || renewed > 1 {
			t.Fatalf("round %d: %d refunds or changes and %d renewals went through, want 1 and at most 1", round, closed, renewed)
		}
		following := 0
		for _, r := range must[pageOf](apis[1], 200, "GET", fmt.Sprint("/subscriptions?after=", first.ID), "", nil).Subscriptions {
			if r.Follows == first.ID && r.Subscription.Days() > 0 {
				following++
			}
		}
		if following > 1 {
			t.Fatalf("round %d: %d follow %d", round, following, first.ID)
		}
	}
}

// 64 clients buy a year for 120 machines. On 15 March a quarter of them refund
// it, a quarter renew it, a quarter change to 300 machines, and a quarter read.
// Each request is sent twice at once, to two servers.
func TestClients(t *testing.T) { run(t, testClients) }

func testClients(t *testing.T, create database) {
	now := new(clock)
	now.set(t, "2026-01-31 10:00:00")
	db := create(t)
	api, stop := start(t, db, published(), now)
	other, stopOther := start(t, db, published(), now)
	twice := func(path, key string, order any) (g got) {
		answers := make([]got, 2)
		atOnce(2, func(i int) { answers[i] = []*client{api, other}[i].do("POST", path, key, order) })
		if answers[0].String() != answers[1].String() {
			t.Errorf("%s %s: %v and %v, want the same answer", path, key, answers[0], answers[1])
		}
		return answers[0]
	}
	const clients = 64
	bought := make([]record, clients)
	atOnce(clients, func(i int) {
		decodeInto(t, twice("/subscriptions", fmt.Sprint("buy ", i), body{"quote": api.quote(120, mss.Years(1))}), 201, &bought[i])
	})
	now.set(t, "2026-03-15 10:00:00")
	atOnce(clients, func(i int) {
		id := bought[i].ID
		key := fmt.Sprint("act ", i)
		switch i % 4 {
		case 0:
			var closed record
			decodeInto(t, twice(path(id, "/refunds"), key, body{"refund": api.preview(id)}), 200, &closed)
		case 1:
			var renewed record
			decodeInto(t, twice(path(id, "/renewals"), key, body{"quote": api.quote(120, mss.Years(1))}), 201, &renewed)
		case 2:
			var change changed
			decodeInto(t, twice(path(id, "/changes"), key,
				body{"quote": api.quote(300, mss.Years(1)), "refund": api.preview(id)}), 201, &change)
			wantYuan(t, "net", change.Net, "132378.08")
		case 3:
			if read := api.get(id); !read.Subscription.Equal(bought[i].Subscription) {
				t.Errorf("read %+v, want %+v", read, bought[i])
			}
			must[map[string][]record](api, 200, "GET", "/subscriptions?expires_within=366", "", nil)
		}
	})
	stop()
	stopOther()

	all := stored(t, db)
	var sold, refunded decimal.Decimal
	for _, s := range all {
		sold = sold.Add(s.Quote.Amount)
		if s.Refunded != nil {
			refunded = refunded.Add(s.Refunded.Amount)
		}
	}
	if len(all) != 64+16+16 {
		t.Errorf("%d subscriptions, want 96", len(all))
	}
	wantYuan(t, "sold", sold, "25824000.00")        // 80 × 252000 + 16 × 354000
	wantYuan(t, "refunded", refunded, "7091901.44") // 32 × 221621.92
}
