package mss_test

import (
	"database/sql"
	"encoding"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"example.com/mss"
)

func TestEnums(t *testing.T) {
	checkEnum(t, mss.ErrTerm, map[mss.Unit]string{mss.Day: "day", mss.Month: "month", mss.Year: "year"})
	checkEnum(t, mss.ErrInconsistent, map[mss.Proration]string{mss.ByDay: "day", mss.ByMonth: "month"})
	checkEnum(t, mss.ErrInconsistent, map[mss.Status]string{
		mss.Scheduled: "scheduled", mss.Active: "active", mss.Expired: "expired", mss.Cancelled: "cancelled",
	})
}

// checkEnum tries every value of an enum, and texts that are none.
func checkEnum[E interface {
	~int
	fmt.Stringer
	encoding.TextMarshaler
}, P interface {
	*E
	encoding.TextUnmarshaler
}](t *testing.T, sentinel error, texts map[E]string) {
	kind := reflect.TypeFor[E]().Name()
	for _, n := range []int{math.MinInt, -256, -1, 0, 1, 2, 3, 4, 5, 255, 256, 257, 1 << 30, math.MaxInt} {
		e := E(n)
		name := fmt.Sprintf("%s(%d)", kind, n)
		var want any = sentinel
		if text, valid := texts[e]; valid {
			name, want = text, text
		}
		if got := e.String(); got != name {
			t.Errorf("%s(%d).String() = %q, want %q", kind, n, got, name)
		}
		text, err := e.MarshalText()
		check(t, fmt.Sprintf("%s(%d).MarshalText()", kind, n), text, err, want)
		var back E
		err = P(&back).UnmarshalText([]byte(name))
		check(t, fmt.Sprintf("%s.UnmarshalText(%q)", kind, name), back, err, want)
	}
	for _, text := range []string{"", "Day", "days", " day", "day ", "0", "1", "week", "Active", "дay", "day\x00"} {
		e := E(1)
		err := P(&e).UnmarshalText([]byte(text))
		checkError(t, fmt.Sprintf("%s.UnmarshalText(%q)", kind, text), err, sentinel)
		unchanged(t, fmt.Sprintf("UnmarshalText(%q)", text), e, 1)
	}
}

// What ParseTerm reads is what String writes, within the bounds of Validate.
func TestTerm(t *testing.T) {
	for _, tt := range []struct {
		term mss.Term
		text string
		want error
	}{
		{mss.Days(1), "P1D", nil},
		{mss.Days(36525), "P36525D", nil},
		{mss.Months(1), "P1M", nil},
		{mss.Months(1200), "P1200M", nil},
		{mss.Years(1), "P1Y", nil},
		{mss.Years(100), "P100Y", nil},
		{mss.Days(0), "P0D", mss.ErrTerm},
		{mss.Days(36526), "P36526D", mss.ErrTerm},
		{mss.Days(math.MaxInt), "P" + maxInt + "D", mss.ErrTerm},
		{mss.Months(1201), "P1201M", mss.ErrTerm},
		{mss.Years(0), "P0Y", mss.ErrTerm},
		{mss.Years(101), "P101Y", mss.ErrTerm},
		{mss.Years(math.MinInt), "P" + strconv.Itoa(math.MinInt) + "Y", mss.ErrTerm},
		{mss.Term{}, "Term(0 Unit(0))", mss.ErrTerm},
		{mss.Term{N: 3, Unit: 4}, "Term(3 Unit(4))", mss.ErrTerm},
	} {
		if got := tt.term.String(); got != tt.text {
			t.Errorf("%#v.String() = %q, want %q", tt.term, got, tt.text)
		}
		checkError(t, tt.text+": Validate()", tt.term.Validate(), tt.want)
		var want any = tt.text
		if tt.want != nil {
			want = tt.want
		}
		text, err := tt.term.MarshalText()
		check(t, tt.text+": MarshalText()", text, err, want)
		got, err := mss.ParseTerm(tt.text)
		check(t, "ParseTerm("+tt.text+")", got, err, want)
		if err == nil && got != tt.term {
			t.Errorf("ParseTerm(%s) = %#v, want %#v", tt.text, got, tt.term)
		}
	}
}

func TestParseTermRefuses(t *testing.T) {
	for _, text := range []string{
		"", "P", "D", "PD", "P7", "7D", "P D", "P00D", "P07D", "P+7D", "+P7D", "-P7D", "p7d", "P7d", "p7D", "P7m", "P7y", "P1W",
		"P1H", "PT1M", "P1Y2M", "P1M1D", "P7DD", "PP7D", "P7D ", " P7D", "P 7D", "P7 D", "P7D\n", "P7D\x00", "P1.5D", "P1,5M",
		"P1e1D", "P1_0D", "P0x1D", "P٧D", "P７D", "Р7D", "P7Ｄ", "P7.", "P7\xff", "7 days", "P9223372036854775808M",
		"P18446744073709551617Y", "P00000000000000000001D", "P1" + strings.Repeat("0", 1<<20) + "D",
	} {
		call := fmt.Sprintf("ParseTerm(%.40q)", text)
		got, err := mss.ParseTerm(text)
		check(t, call, got, err, mss.ErrTerm)
		term := mss.Years(3)
		checkError(t, call, term.UnmarshalText([]byte(text)), mss.ErrTerm)
		unchanged(t, call, term, mss.Years(3))
	}
}

func TestFlags(t *testing.T) {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	var term mss.Term
	var by mss.Proration
	flags.TextVar(&term, "term", mss.Months(1), "")
	flags.TextVar(&by, "by", mss.ByDay, "")
	err := flags.Parse([]string{"-term", "P3M"})
	check(t, "Parse(-term P3M)", fmt.Sprint(term, " ", by), err, "P3M day")
	if err := flags.Parse([]string{"-by", "week"}); err == nil || !strings.Contains(err.Error(), `want one of ["day" "month"]`) {
		t.Errorf("Parse(-by week) = %v, want an error that says what is accepted", err)
	}
}

func TestNullColumn(t *testing.T) {
	null, term := sql.Null[mss.Term]{V: mss.Days(7), Valid: true}, sql.Null[mss.Term]{}
	err := errors.Join(null.Scan(nil), term.Scan("P1Y"))
	check(t, "Null[Term].Scan", fmt.Sprint(null.Valid, " ", term.V), err, "false P1Y")
}
