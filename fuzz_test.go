package mss_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/mss"
	"github.com/shopspring/decimal"
)

// The fuzz targets assert what must hold for any input at all. Each has seeds on
// both sides of the rules it is about, and .ci/run runs each for some seconds.

var termPattern = regexp.MustCompile(`\AP([1-9][0-9]*)([DMY])\z`)

func FuzzParseTerm(f *testing.F) {
	for _, seed := range []string{
		"P1D", "P36525D", "P36526D", "P1200M", "P1201M", "P100Y", "P101Y",
		"", "P", "PD", "P0D", "P01D", "P-1D", "P+1D", "p1d", "P1W", "P1Y1M", "P1D ", "P1\u0660D",
		"P18446744073709551617D", "P9223372036854775808Y",
	} {
		f.Add(seed)
	}
	limits := map[string]*big.Int{"D": big.NewInt(36525), "M": big.NewInt(1200), "Y": big.NewInt(100)}
	f.Fuzz(func(t *testing.T, s string) {
		term, err := mss.ParseTerm(s)
		valid := false
		if m := termPattern.FindStringSubmatch(s); m != nil {
			n, _ := new(big.Int).SetString(m[1], 10)
			valid = n.Cmp(limits[m[2]]) <= 0
		}
		if !valid {
			if !errors.Is(err, mss.ErrTerm) || term != (mss.Term{}) {
				t.Fatalf("ParseTerm(%q) = %v, %v, want the zero Term and ErrTerm", s, term, err)
			}
			return
		}
		if err != nil || term.String() != s || term.Validate() != nil {
			t.Fatalf("ParseTerm(%q) = %v, %v, want a valid term of that text", s, term, err)
		}
	})
}

func FuzzReadCatalog(f *testing.F) {
	f.Add(must(json.Marshal(mss.Published())))
	for _, seed := range []string{
		`[]`, `null`, `{}`, `[{}]`, `[null]`, `[1,2`, "", `[] []`,
		`[{"name":"a","unit":"day","lead_days":0,"tiers":[{"min":1,"max":2,"price":0.01}]}]`,
		`[{"name":"a","unit":"month","lead_days":366,"tiers":[{"min":1,"max":2,"price":"1e12"}]}]`,
		`[{"name":"a","unit":"month","lead_days":367,"tiers":[{"min":1,"max":2,"price":"1"}]}]`,
		`[{"name":"a","unit":"year","lead_days":0,"tiers":[{"min":1,"max":2,"price":"1"}]}]`,
		`[{"name":"a","unit":"day","lead_days":0,"tiers":[{"min":1,"max":2,"price":1e2000000000}]}]`,
		`[{"name":"a","unit":"day","lead_days":0,"tiers":[{"min":1,"max":2,"price":1,"price":2}]}]`,
		`[{"name":"a","unit":"day","lead_days":0,"tiers":[{"min":1,"max":2,"price":1},{"min":4,"max":5,"price":1}]}]`,
		`[{"name":"a","unit":"day","lead_days":0,"tiers":[{"min":1,"max":2,"price":2},{"min":3,"max":5,"price":1}]}]`,
		`[{"name":"a","unit":"day","lead_days":0,"Tiers":[{"min":1,"max":2,"price":1}]}]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := mss.ReadCatalog(bytes.NewReader(data))
		if err != nil {
			if !errors.Is(err, mss.ErrPlan) || c != nil {
				t.Fatalf("ReadCatalog(%q) = %v, %v, want nil and ErrPlan", data, c, err)
			}
			return
		}
		if err := c.Validate(); err != nil {
			t.Fatalf("ReadCatalog(%q) = %v, which is not valid: %v", data, c, err)
		}
		text := encodeText(t, c)
		again, err := mss.ReadCatalog(strings.NewReader(text))
		if err != nil || encodeText(t, again) != text {
			t.Fatalf("ReadCatalog(%s) = %v, %v, want the same again", text, again, err)
		}
		for _, p := range c {
			for _, tier := range p.Tiers {
				q, err := p.Quote(tier.Max, mss.Term{N: 7, Unit: p.Unit})
				want := new(big.Rat).Mul(tier.Price.Rat(), big.NewRat(7, 1))
				if err != nil || q.Amount.Rat().Cmp(want) != 0 {
					t.Fatalf("%s.Quote(%d, 7 %vs) = %v, %v, want %s", p.Name, tier.Max, p.Unit, q, err, want.FloatString(2))
				}
			}
		}
	})
}

func FuzzSubscriptionJSON(f *testing.F) {
	purchased := time.Date(2028, 1, 31, 10, 0, 0, 1, mss.Beijing)
	for _, p := range mss.Published() {
		q := must(p.Quote(51, mss.Term{N: 3, Unit: p.Unit}))
		bought := must(q.Subscribe(purchased))
		renewed := must(bought.Renew(q, purchased))
		refund := must(renewed.Refund(renewed.Start.Add(25*time.Hour), mss.ByMonth))
		for _, s := range []mss.Subscription{bought, renewed, must(renewed.Cancel(refund, refund.At))} {
			document := must(json.Marshal(s))
			f.Add(document)
			f.Add(bytes.Replace(document, []byte("2028"), []byte("2027"), 1))
			f.Add(bytes.Replace(document, []byte(`"P3`), []byte(`"P4`), 1))
			f.Add(bytes.Replace(document, []byte("+08:00"), []byte("+09:00"), 1))
		}
	}
	f.Add([]byte("{}"))
	f.Add([]byte("null"))
	f.Add([]byte("{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		before := mss.Subscription{AnchorDay: 99, Refunded: &mss.Refund{UsedDays: 99}}
		s := before
		if err := json.Unmarshal(data, &s); err != nil {
			if json.Valid(data) != errors.Is(err, mss.ErrInconsistent) {
				t.Fatalf("Unmarshal(%q) = %v, want ErrInconsistent for what is JSON, encoding/json's for the rest", data, err)
			}
			if s.Refunded != before.Refunded || s.Refunded.UsedDays != 99 || s.AnchorDay != 99 || s.Quote != (mss.Quote{}) {
				t.Fatalf("Unmarshal(%q) = %v, and changed its target", data, err)
			}
			return
		}
		if err := s.Validate(); err != nil {
			t.Fatalf("Unmarshal(%q) took what is not valid: %v", data, err)
		}
		var again mss.Subscription
		if err := json.Unmarshal([]byte(encodeText(t, s)), &again); err != nil || !again.Equal(s) {
			t.Fatalf("Unmarshal(Marshal(%v)) = %v, %v", s, again, err)
		}
		checkLife(t, s)
	})
}

func FuzzLookup(f *testing.F) {
	f.Add([]byte{5, 15, 30, 50}, 20, true)
	f.Add([]byte{5, 15, 30, 50}, 21, true)
	f.Add([]byte{5, 15, 30, 50}, 101, true)
	f.Add([]byte{5}, 0, true)
	f.Add([]byte{}, 1, true)
	f.Add([]byte{5, 15, 0, 50}, 20, false)
	f.Add([]byte{200, 1, 2, 50, 49}, 7, false)
	f.Fuzz(func(t *testing.T, widths []byte, machines int, sorted bool) {
		// Sorted: bands of these widths, one after the other, each a yuan dearer.
		// Else each byte is a band wherever it says, so that they overlap, leave
		// gaps and come in any order.
		var tiers []mss.Tier
		last := 0
		for i, w := range widths {
			tier := mss.Tier{Min: last + 1, Max: last + 1 + int(w), Price: decimal.NewFromInt(int64(i + 1))}
			if !sorted {
				tier.Min = int(w % 16)
				tier.Max = int(w / 16)
			}
			tiers = append(tiers, tier)
			last = tier.Max
		}
		before := slices.Clone(tiers)
		got, err := mss.Lookup(tiers, machines)
		if !slices.Equal(before, tiers) {
			t.Fatalf("Lookup(%v, %d) changed the tiers to %v", before, machines, tiers)
		}
		if err == nil && (machines < got.Min || machines > got.Max || machines < 1) {
			t.Fatalf("Lookup(%v, %d) = %v, which does not contain the count", tiers, machines, got)
		}
		if !sorted {
			return
		}
		if err := mss.ValidateTiers(tiers); (err == nil) != (len(tiers) > 0) {
			t.Fatalf("ValidateTiers(%v) = %v", tiers, err)
		}
		want, wantErr := linearLookup(tiers, machines)
		if got != want || !errors.Is(err, wantErr) {
			t.Fatalf("Lookup(%v, %d) = %v, %v, want %v, %v", tiers, machines, got, err, want, wantErr)
		}
		budget := decimal.New(int64(machines), -2)
		largest, ok := mss.Affordable(tiers, budget)
		n := 0
		for n < len(tiers) && !tiers[n].Price.GreaterThan(budget) {
			n++
		}
		if ok != (n > 0) || ok && largest != tiers[n-1] {
			t.Fatalf("Within(%v, %v) = %v, %t, want the %d. band", tiers, budget, largest, ok, n)
		}
	})
}

func linearLookup(tiers []mss.Tier, machines int) (mss.Tier, error) {
	for _, t := range tiers {
		if t.Min <= machines && machines <= t.Max {
			return t, nil
		}
	}
	switch {
	case len(tiers) == 0:
		return mss.Tier{}, mss.ErrPlan
	case machines < 1:
		return mss.Tier{}, mss.ErrMachines
	}
	return mss.Tier{}, mss.ErrContactSales
}

// FuzzLifecycle reads a life from bytes, three for each step: what is done, with
// which quote, and how many hours later.
func FuzzLifecycle(f *testing.F) {
	f.Add(int64(1769824800), []byte{0, 1, 0, 0, 1, 255, 1, 0, 24, 2, 0, 3})    // renewed twice, cancelled
	f.Add(int64(1769824800), []byte{3, 2, 200, 3, 1, 30, 3, 5, 1, 0, 0, 0})    // changed over and over
	f.Add(int64(1835366400), []byte{0, 4, 255, 0, 4, 255, 0, 4, 255, 1, 4, 1}) // late renewals
	f.Add(int64(253402185600), []byte{0, 1, 0, 0, 1, 0})                       // the end of the year 9999
	f.Add(int64(-62135596800), []byte{0, 1, 0})                                // the zero time
	f.Fuzz(func(t *testing.T, unix int64, steps []byte) {
		at := time.Unix(unix%(1<<40), 0)
		s, err := fuzzQuote(byte(unix)).Subscribe(at)
		checkOutcome(t, s.Equal(mss.Subscription{}), err, mss.ErrDate)
		for ; err == nil && len(steps) >= 3; steps = steps[3:] {
			q := fuzzQuote(steps[1])
			at = at.Add(time.Duration(steps[2]) * 7 * time.Hour)
			checkLife(t, s)
			by := mss.Proration(1 + steps[1]%2)
			switch steps[0] % 4 {
			case 0, 1:
				var next mss.Subscription
				if next, err = s.Renew(q, at); err != nil {
					checkOutcome(t, next.Equal(mss.Subscription{}), err, mss.ErrDate, mss.ErrCancelled)
					return
				}
				if next.Start.Before(s.End) {
					t.Fatalf("Renew(%v, %v) of %v begins before it ends: %v", q, at, s, next)
				}
				s = next
			case 2:
				var r mss.Refund
				if r, err = s.Refund(at, by); err != nil {
					checkOutcome(t, r.Equal(mss.Refund{}), err, mss.ErrDate, mss.ErrCancelled, mss.ErrExpired)
					return
				}
				closed, err := s.Cancel(r, at)
				if err != nil || closed.Days() != r.UsedDays || closed.Status(closed.End.Add(time.Hour*24*36525)) != mss.Cancelled {
					t.Fatalf("Cancel(%v, %v) of %v = %v, %v", r, at, s, closed, err)
				}
				s = closed
			case 3:
				var c mss.Change
				if c, err = s.Change(q, at, by); err != nil {
					checkOutcome(t, c.Opened.Equal(mss.Subscription{}), err, mss.ErrDate, mss.ErrCancelled, mss.ErrExpired)
					return
				}
				if !c.Opened.Start.Equal(c.Closed.End) || !c.Net.Add(c.Refund.Amount).Equal(c.Opened.Quote.Amount) {
					t.Fatalf("Change(%v, %v, %v) of %v = %v, which does not add up", q, at, by, s, c)
				}
				checkLife(t, c.Closed)
				s = c.Opened
			}
		}
	})
}

func fuzzQuote(b byte) mss.Quote {
	terms := []mss.Term{mss.Months(1), mss.Months(13), mss.Years(1), mss.Days(1), mss.Days(30), mss.Years(100)}
	term := terms[int(b)%len(terms)]
	plan := mss.RoutineOperations()
	if term.Unit == mss.Day {
		plan = mss.EventProtection()
	}
	return must(plan.Quote(1+int(b), term))
}

// checkOutcome fails unless err is nil, or one of allowed beside a zero value.
func checkOutcome(t *testing.T, zero bool, err error, allowed ...error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, want := range allowed {
		if errors.Is(err, want) && zero {
			return
		}
	}
	t.Fatalf("error %v beside a zero value: %t; want one of %v", err, zero, allowed)
}

// checkLife checks what holds for every subscription that adds up.
func checkLife(t *testing.T, s mss.Subscription) {
	t.Helper()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{s.Purchased, s.Start.Add(-1), s.Start, s.End.Add(-1), s.End} {
		if used, left := s.UsedDays(at), s.DaysLeft(at); used+left != s.Days() || used < 0 || left < 0 {
			t.Fatalf("%v at %v: %d days used, %d left of %d", s, at, used, left, s.Days())
		}
		for _, by := range []mss.Proration{mss.ByDay, mss.ByMonth} {
			r, err := s.Refund(at, by)
			if err != nil {
				checkOutcome(t, r.Equal(mss.Refund{}), err, mss.ErrDate, mss.ErrCancelled, mss.ErrExpired)
				continue
			}
			if !r.Consumed.Add(r.Amount).Equal(r.Paid) || r.Amount.IsNegative() || r.Consumed.IsNegative() {
				t.Fatalf("%v.Refund(%v, %v) = %v, which does not add up", s, at, by, r)
			}
		}
	}
}
