package mss

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
)

// Unit is what a term is counted in, and what a price buys. The zero Unit is not
// valid.
type Unit int

// The units. Their text is "day", "month" and "year".
const (
	Day Unit = iota + 1
	Month
	Year
)

var units = enum[Unit]{"Unit", []string{"day", "month", "year"}, ErrTerm}

// String returns "day", "month" or "year", or "Unit(9)" for an invalid unit.
func (u Unit) String() string { return units.text(u) }

// MarshalText implements [encoding.TextMarshaler]: it returns the text of u, or an
// error wrapping [ErrTerm] if u is not valid.
func (u Unit) MarshalText() ([]byte, error) { return units.marshal(u) }

// UnmarshalText implements [encoding.TextUnmarshaler]. For any text but "day",
// "month" and "year" it returns an error wrapping [ErrTerm] and leaves u unchanged.
func (u *Unit) UnmarshalText(text []byte) error { return units.unmarshal(u, text) }

// Value implements [driver.Valuer]: it returns what MarshalText does.
func (u Unit) Value() (driver.Value, error) { return columnValue(u.MarshalText()) }

// Scan implements [database/sql.Scanner]: it reads a text column as UnmarshalText
// does. For any other column, NULL too, it returns an error wrapping [ErrTerm] and
// leaves u unchanged.
func (u *Unit) Scan(src any) error { return units.scan(u, src) }

// GormDataType returns "string", so that GORM makes a text column.
func (Unit) GormDataType() string { return gormText }

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
	t, err := parseTerm([]byte(s))
	return t, wrap(err, "parse term")
}

func parseTerm(text []byte) (t Term, err error) {
	s := string(text)
	if last := len(s) - 1; last > 0 {
		n, _ := strconv.Atoi(s[1:last])
		t = Term{n, Unit(strings.IndexByte("DMY", s[last]) + 1)} // 0, not valid, for another letter
	}
	if t.check() != nil || t.String() != s { // Atoi accepts a sign and leading zeros
		return Term{}, fmt.Errorf("%s: want %s: %w", quoted(s), aTerm, ErrTerm)
	}
	return t, nil
}

// String returns t in the form that [ParseTerm] reads, such as "P7D", even if its
// number is out of range. For an invalid unit it returns a form that cannot be
// read back.
func (t Term) String() string {
	if !units.valid(t.Unit) {
		return fmt.Sprintf("Term(%d %v)", t.N, t.Unit)
	}
	return "P" + strconv.Itoa(t.N) + "DMY"[t.Unit-1:t.Unit]
}

// MarshalText implements [encoding.TextMarshaler]: it returns the text of t, or an
// error wrapping [ErrTerm] if t is not valid.
func (t Term) MarshalText() ([]byte, error) {
	if err := t.check(); err != nil {
		return nil, wrap(err, "encode term")
	}
	return []byte(t.String()), nil
}

// UnmarshalText implements [encoding.TextUnmarshaler]: it sets t to [ParseTerm] of
// text. If that is an error, t is unchanged.
func (t *Term) UnmarshalText(text []byte) error { return decode(t, text, "term", parseTerm) }

// Value implements [driver.Valuer]: it returns what MarshalText does.
func (t Term) Value() (driver.Value, error) { return columnValue(t.MarshalText()) }

// Scan implements [database/sql.Scanner]: it reads a text column as UnmarshalText
// does. For any other column, NULL too, it returns an error wrapping [ErrTerm] and
// leaves t unchanged. A column that may be NULL needs a pointer or a sql.Null[Term].
func (t *Term) Scan(src any) error { return scan(src, "term", t.UnmarshalText, ErrTerm) }

// GormDataType returns "string", so that GORM makes a text column.
func (Term) GormDataType() string { return gormText }

// Validate returns an error wrapping [ErrTerm] unless t is 1 to 36525 days, 1 to
// 1200 months or 1 to 100 years.
func (t Term) Validate() error { return wrap(t.check(), "validate term") }

const aTerm = "a term such as P3M: P1D to P36525D, P1M to P1200M or P1Y to P100Y"

func (t Term) check() error {
	if !units.valid(t.Unit) || t.N < 1 || t.N > maxTerm[t.Unit] {
		return fmt.Errorf("term %v: want %s: %w", t, aTerm, ErrTerm)
	}
	return nil
}

// quantity returns how often a price of a unit is paid for t, or 0 if the unit does
// not fit t.
func (t Term) quantity(unit Unit) int {
	switch {
	case t.Unit == unit:
		return t.N
	case t.Unit == Year && unit == Month:
		return 12 * t.N
	}
	return 0
}
