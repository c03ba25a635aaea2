package mss_test

import (
	"database/sql"
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"example.com/mss"
)

func TestEnums(t *testing.T) {
	checkEnum(t, mss.Day, mss.ErrTerm, []string{"Unit(0)", "day", "month", "year"})
	checkEnum(t, mss.ByDay, mss.ErrInconsistent, []string{"Proration(0)", "day", "month"})
	checkEnum(t, mss.Active, mss.ErrInconsistent, []string{"Status(0)", "scheduled", "active", "expired", "cancelled"})
}

// checkEnum tries values of an enum, whose texts are given from that of 0, and texts
// that are none.
func checkEnum[E interface {
	~int
	fmt.Stringer
	encoding.TextMarshaler
}, P interface {
	*E
	encoding.TextUnmarshaler
	sql.Scanner
}](t *testing.T, _ E, sentinel error, texts []string) {
	kind := reflect.TypeFor[E]().Name()
	for _, n := range []int{math.MinInt, -256, -1, 0, 1, 2, 3, 4, 5, 255, 256, 257, 1 << 30, math.MaxInt} {
		e, name, want := E(n), fmt.Sprintf("%s(%d)", kind, n), any(sentinel)
		if 1 <= n && n < len(texts) {
			name, want = texts[n], texts[n]
		}
		check(t, fmt.Sprintf("%s(%d).String()", kind, n), e.String(), nil, name)
		text, err := e.MarshalText()
		check(t, fmt.Sprintf("%s(%d).MarshalText()", kind, n), text, err, want)
		var back E
		err = P(&back).UnmarshalText([]byte(name))
		check(t, fmt.Sprintf("%s.UnmarshalText(%q)", kind, name), back, err, want)
	}
	for _, text := range []string{"", "Day", "days", " day", "day ", " active", "0", "1", "week", "Active", "дay", "day\x00"} {
		e := E(1)
		checkError(t, fmt.Sprintf("%s.UnmarshalText(%q)", kind, text), P(&e).UnmarshalText([]byte(text)), sentinel)
		checkError(t, fmt.Sprintf("%s.Scan(%q)", kind, text), P(&e).Scan(text), sentinel)
		unchanged(t, fmt.Sprintf("UnmarshalText(%q)", text), e, 1)
	}

	// A slice of them is not taken for bytes.
	var all []E
	if err := json.Unmarshal([]byte(`"AgcJ"`), &all); err == nil || all != nil {
		t.Errorf("json.Unmarshal(AgcJ) into a []%s = %v, %v, want an error", kind, all, err)
	}
	var line strings.Builder
	slog.New(slog.NewJSONHandler(&line, nil)).Info("m", "all", []E{1, 2})
	if got, want := fmt.Sprint([]E{1, 2}), "["+texts[1]+" "+texts[2]+"]"; got != want || !strings.Contains(line.String(), `"all":["`+texts[1]+`","`+texts[2]+`"]`) {
		t.Errorf("a []%s prints as %s and %s, want %s", kind, got, line.String(), want)
	}
}

// What ParseTerm reads is what String writes, within the bounds of Validate.
func TestTerm(t *testing.T) {
	for i, tt := range []struct {
		term mss.Term
		text string
	}{
		{mss.Days(1), "P1D"},
		{mss.Days(36525), "P36525D"},
		{mss.Months(1), "P1M"},
		{mss.Months(1200), "P1200M"},
		{mss.Years(1), "P1Y"},
		{mss.Years(100), "P100Y"},
		{mss.Days(0), "P0D"}, // not valid, from here
		{mss.Days(36526), "P36526D"},
		{mss.Days(math.MaxInt), "P" + maxInt + "D"},
		{mss.Months(1201), "P1201M"},
		{mss.Years(0), "P0Y"},
		{mss.Years(101), "P101Y"},
		{mss.Years(math.MinInt), "P" + strconv.Itoa(math.MinInt) + "Y"},
		{mss.Term{}, "Term(0 Unit(0))"},
		{mss.Term{N: 3, Unit: 4}, "Term(3 Unit(4))"},
	} {
		want, invalid := any(tt.text), error(nil)
		if i >= 6 {
			want, invalid = mss.ErrTerm, mss.ErrTerm
		}
		check(t, tt.text+": String()", tt.term.String(), nil, tt.text)
		checkError(t, tt.text+": Validate()", tt.term.Validate(), invalid)
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
