package mss

import (
	"fmt"
	"time"
)

// beijing has no daylight saving time, so the day of an instant is a division.
var beijing = time.FixedZone("UTC+8", 8*60*60)

// day is a calendar day in Beijing, or a number of days. Day 0 is 1 January of the
// year 0. It is not an int, which on 32 bits would make a valid day of an absurd one.
type day int64

// The years that RFC 3339 can write, in Beijing.
const (
	firstDay day = 366     // 1 January of the year 1
	lastDay  day = 3652424 // 31 December 9999
)

const epoch = 719528 // 1 January 1970

// dayOf returns the day that contains t. An absurd instant, whose seconds would
// overflow, is on a day that is not valid either.
func dayOf(t time.Time) day {
	const absurd, dayZero = 1 << 40, -epoch*86400 - 8*60*60 // seconds; each day in Beijing has 86400
	return day((min(max(t.Unix(), -absurd), absurd) - dayZero) / 86400)
}

// midnight returns 00:00 of d in Beijing.
func (d day) midnight() time.Time { return time.Unix(int64(d-epoch)*86400-8*60*60, 0).In(beijing) }

// newDay returns a day as time.Date does: month 13 is January of the next year.
func newDay(year int, month time.Month, d int) day {
	return day(time.Date(year, month, d, 0, 0, 0, 0, time.UTC).Unix()/86400) + epoch
}

// date returns the year, month and day of the month of d.
func (d day) date() (int, time.Month, int) { return time.Unix(int64(d-epoch)*86400, 0).UTC().Date() }

func (d day) valid() bool { return firstDay <= d && d <= lastDay }

// String returns d as "2006-01-02".
func (d day) String() string { return d.midnight().Format(time.DateOnly) }

// anchored returns the anchor day, 1 to 31, of a month, or its last day if it is
// shorter.
func anchored(year int, month time.Month, anchor int) day {
	return min(newDay(year, month, 1)+day(anchor)-1, newDay(year, month+1, 1)-1)
}

// checkDate returns an error wrapping ErrDate if t cannot be calculated with. The
// zero time is within the first year, but is none.
func checkDate(what string, t time.Time) error {
	if t.IsZero() || !dayOf(t).valid() {
		return fmt.Errorf("%s %s: want a day in the years 1 to 9999, other than the zero time: %w", what, instant(t), ErrDate)
	}
	return nil
}

// instant formats t for a message.
func instant(t time.Time) string { return t.In(beijing).Format(time.RFC3339Nano) }
