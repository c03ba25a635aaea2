package mss

import (
	"cmp"
	"fmt"

	"github.com/shopspring/decimal"
)

// fen is an amount in fen, 0.01 yuan. The largest valid amount, of 36525 days at
// maxPrice, is about 40 percent of what it holds.
type fen int64

// maxPrice is 10^12 yuan.
const maxPrice fen = 1e14

// toFen returns d in fen, and reports whether d is a whole number of them that fen
// holds. It allocates nothing for the usual amounts.
func toFen(d decimal.Decimal) (fen, bool) {
	digits, exponent := d.NumDigits(), d.Exponent()
	if digits > 100 || exponent < -100 || exponent > 100 { // decimal would write an absurd exponent out
		return 0, false
	}
	if digits <= 16 && -2 <= exponent && exponent <= 0 {
		n := d.CoefficientInt64()
		for ; exponent > -2; exponent-- {
			n *= 10
		}
		return fen(n), true
	}
	n := d.Shift(2).IntPart()
	return fen(n), decimal.New(n, -2).Equal(d)
}

func (f fen) yuan() decimal.Decimal { return decimal.New(int64(f), -2) }

// String returns f in yuan, such as "21000.00".
func (f fen) String() string { return f.yuan().StringFixed(2) }

// prorate returns f × part ÷ whole, rounded half up, for f of at least 0. It is exact:
// only the remainder of f is multiplied before it is divided, so nothing overflows.
func (f fen) prorate(part, whole int64) fen {
	quotient, remainder := int64(f)/whole, int64(f)%whole
	return fen(quotient*part + (2*remainder*part+whole)/(2*whole))
}

// compare is d.Cmp(e) for amounts from anywhere. decimal aligns the exponents
// before it compares; with an absurd one it would not come back.
func compare(d, e decimal.Decimal) int {
	sign := d.Sign()
	if sign == 0 || sign != e.Sign() {
		return cmp.Compare(sign, e.Sign())
	}
	if order := cmp.Compare(magnitude(d), magnitude(e)); order != 0 {
		return sign * order
	}
	return d.Cmp(e)
}

// magnitude returns the m for which 10^(m-1) <= |d| < 10^m, for a d that is not 0. An
// int of 32 bits would overflow.
func magnitude(d decimal.Decimal) int64 { return int64(d.NumDigits()) + int64(d.Exponent()) }

// yuan formats d for a message: with two places if it is a whole number of fen,
// in full if it is not, and by its size alone if that would be long.
func yuan(d decimal.Decimal) string {
	if f, ok := toFen(d); ok {
		return f.String()
	}
	if m, digits := magnitude(d), d.NumDigits(); digits > 40 || m < -40 || m > 40 {
		return fmt.Sprintf("around %de%d in %s", d.Sign(), m-1, count(digits, "digit"))
	}
	return d.String()
}
