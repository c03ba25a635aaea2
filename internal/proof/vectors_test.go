// Figures of others: examples that vendors and bug reports have published, and the price lists before today's.

package proof

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"example.com/mss"
	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
)

// TestVectors buys what each row of testdata/vectors.csv says, for one machine, and refunds it.
func TestVectors(t *testing.T) {
	file := noError(os.Open("../../testdata/vectors.csv"))(t)
	defer file.Close()
	r := csv.NewReader(file)
	r.Comment = '#'
	rows := noError(r.ReadAll())(t)
	if len(rows) < 9 {
		t.Fatalf("%d rows, want a head and at least 8", len(rows))
	}
	for _, row := range rows[1:] {
		cell := make(map[string]string)
		for i, name := range rows[0] {
			cell[name] = row[i]
		}
		t.Run(cell["source"], func(t *testing.T) {
			unit, price, _ := strings.Cut(cell["plan"], " ")
			p := mss.Plan{Name: "vector", Tiers: []mss.Tier{{Min: 1, Max: 1, Price: noError(decimal.NewFromString(price))(t)}}}
			var by mss.Proration
			if p.Unit.UnmarshalText([]byte(unit)) != nil || by.UnmarshalText([]byte(cell["by"])) != nil {
				t.Fatalf("%q: want a unit and a price, and a proration", row)
			}
			q := noError(p.Quote(1, noError(mss.ParseTerm(cell["term"]))(t)))(t)
			day := func(name string) time.Time {
				return noError(time.ParseInLocation(time.DateOnly, cell[name], mss.Beijing))(t)
			}
			s, at := noError(q.Subscribe(day("purchased")))(t), day("at")
			refund := noError(s.Refund(at, by))(t)
			consumed := noError(s.Consumed(at.AddDate(0, 0, 1), by))(t)
			got := []string{refund.Consumed.StringFixed(2), consumed.StringFixed(2), refund.Amount.StringFixed(2)}
			if diff := cmp.Diff([]string{cell["consumed"], cell["consumed"], cell["refund"]}, got); diff != "" {
				t.Errorf("%q: consumed in the refund and at the end of the day, refund (-want +got):\n%s", row, diff)
			}
		})
	}
}

// TestPriceHistory reads every published price list as one book, writes it and reads it again, and quotes 120 machines for
// a year as each list came into force.
func TestPriceHistory(t *testing.T) {
	book := noError(mss.ReadPriceBook(strings.NewReader(readText(t, "../../testdata/price-history.json"))))(t)
	written := noError(json.Marshal(book))(t)
	again := noError(mss.ReadPriceBook(bytes.NewReader(written)))(t)
	if diff := cmp.Diff(book, again); diff != "" {
		t.Errorf("written and read again (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(mss.Published(), book[len(book)-1].Catalog); diff != "" {
		t.Errorf("the last list (-published +read):\n%s", diff)
	}
	for at, want := range map[string]string{
		"2020-12-07T23:59:59.999999999+08:00": "[ErrDate]",
		"2020-12-08T00:00:00+08:00":           "250000.00, event protection: [ErrUnknownPlan]",
		"2021-06-23T23:59:59.999999999+08:00": "250000.00, event protection: [ErrUnknownPlan]",
		"2021-06-24T00:00:00+08:00":           "250000.00, event protection: nil",
		"2021-11-03T23:59:59.999999999+08:00": "250000.00, event protection: nil",
		"2021-11-04T00:00:00+08:00":           "252000.00, event protection: nil", // 12 × 21000
	} {
		list, err := again.At(noError(time.Parse(time.RFC3339, at))(t))
		got := sentinel(err)
		if err == nil {
			year := noError(noError(list.Plan("routine-operations"))(t).Quote(120, mss.Years(1)))(t)
			_, err = list.Plan("event-protection")
			got = year.Amount.StringFixed(2) + ", event protection: " + sentinel(err)
		}
		if got != want {
			t.Errorf("120 machines for a year at %s: %s, want %s", at, got, want)
		}
	}
}
