package mss

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
)

// Unit is what a term is counted in. The zero Unit is not valid.
type Unit uint8

// The units. Their text is "day", "month" and "year".
const (
	Day Unit = iota + 1
	Month
	Year
)

var units = enum[Unit]{"Unit", []string{"day", "month", "year"}, ErrTerm}

// String returns "day", "month" or "year", or "Unit(9)" for an invalid unit.
func (u Unit) String() string { return units.text(u) }

// MarshalText returns [Unit.String], or an error wrapping [ErrTerm] if u is not
// valid.
func (u Unit) MarshalText() ([]byte, error) { return units.marshal(u) }

// UnmarshalText sets u to the unit that text names. For any text but "day",
// "month" and "year" it returns an error wrapping [ErrTerm] and leaves u
// unchanged.
func (u *Unit) UnmarshalText(text []byte) error { return units.unmarshal(u, text) }

// Value returns [Unit.String] for a text column, or an error wrapping [ErrTerm]
// if u is not valid.
func (u Unit) Value() (driver.Value, error) { return columnValue(u.MarshalText()) }

// Scan sets u from a text column, as [Unit.UnmarshalText] does. For anything
// else, NULL too, it returns an error wrapping [ErrTerm] and leaves u unchanged.
func (u *Unit) Scan(column any) error { return scan(column, "unit", u.UnmarshalText, ErrTerm) }

// Term is how long service is bought for. The zero Term is not valid.
type Term struct {
	N    int
	Unit Unit
}

// maxDays is the number of days in a hundred years, the longest term: any hundred
// years have at most 25 leap days.
const maxDays = 100*365 + 25

var maxTerm = [...]int{Day: maxDays, Month: 12 * 100, Year: 100}

// Days returns a term of n days. It does not check n; see [Term.Validate].
func Days(n int) Term { return Term{n, Day} }

// Months returns a term of n months. It does not check n; see [Term.Validate].
func Months(n int) Term { return Term{n, Month} }

// Years returns a term of n years. It does not check n; see [Term.Validate].
func Years(n int) Term { return Term{n, Year} }

// ParseTerm reads a term as [Term.String] writes it, an ISO 8601 duration of one
// unit: "P7D" is 7 days, "P3M" 3 months, "P1Y" 1 year. It accepts
// P[1-9][0-9]*[DMY] within the bounds of [Term.Validate]: no sign, no leading
// zero, no space, no lower case. For anything else it returns an error wrapping
// [ErrTerm].
func ParseTerm(s string) (Term, error) {
	var t Term
	if last := len(s) - 1; last > 0 {
		n, _ := strconv.Atoi(s[1:last])
		t = Term{n, Unit(strings.IndexByte("DMY", s[last]) + 1)} // 0, not valid, for another letter
	}
	if t.check() != nil || t.String() != s { // Atoi accepts a sign and leading zeros
		return Term{}, wrap(fmt.Errorf("%.40q: %w", s, errTermRange), "parse term")
	}
	return t, nil
}

// String returns t in the form that [ParseTerm] reads, such as "P7D", even if its
// number is out of range. For an invalid unit it returns a form that cannot be
// read back.
func (t Term) String() string {
	if units.check(t.Unit) != nil {
		return fmt.Sprintf("Term(%d %v)", t.N, t.Unit)
	}
	return "P" + strconv.Itoa(t.N) + "DMY"[t.Unit-1:t.Unit]
}

// MarshalText returns [Term.String], or an error wrapping [ErrTerm] if t is not
// valid.
func (t Term) MarshalText() ([]byte, error) {
	if err := t.check(); err != nil {
		return nil, wrap(err, "encode term")
	}
	return []byte(t.String()), nil
}

// UnmarshalText sets t to [ParseTerm] of text. If that is an error, t is
// unchanged.
func (t *Term) UnmarshalText(text []byte) error {
	term, err := ParseTerm(string(text))
	if err == nil {
		*t = term
	}
	return err
}

// Value returns [Term.String] for a text column, or an error wrapping [ErrTerm]
// if t is not valid.
func (t Term) Value() (driver.Value, error) { return columnValue(t.MarshalText()) }

// Scan sets t to [ParseTerm] of a text column. For anything else, NULL too, it
// returns an error wrapping [ErrTerm] and leaves t unchanged; a column that may
// be NULL needs a sql.Null[Term].
func (t *Term) Scan(column any) error { return scan(column, "term", t.UnmarshalText, ErrTerm) }

// Validate returns an error wrapping [ErrTerm] unless t is 1 to 36525 days, 1 to
// 1200 months or 1 to 100 years.
func (t Term) Validate() error { return wrap(t.check(), "validate term") }

var errTermRange = fmt.Errorf("want a term such as P3M: P1D to P36525D, P1M to P1200M or P1Y to P100Y: %w", ErrTerm)

func (t Term) check() error {
	if int(t.Unit) >= len(maxTerm) || t.N < 1 || t.N > maxTerm[t.Unit] {
		return fmt.Errorf("term %v: %w", t, errTermRange)
	}
	return nil
}

// periods returns how often the price of a band is paid for t: once for each of
// its days, or of its months.
func (t Term) periods() int {
	if t.Unit == Year {
		return 12 * t.N
	}
	return t.N
}

// period returns what the price of a band buys for t: a Day or a Month.
func (t Term) period() Unit { return min(t.Unit, Month) }
