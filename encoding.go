package mss

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// This file holds what every type needs to be read and written: errors, the text
// of enums, columns and JSON. It knows no rule of the product.

// wrap says what was tried, and with what. err has its sentinel already.
func wrap(err error, operation ...string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("mss: %.60s: %w", strings.TrimSpace(strings.Join(operation, " ")), err)
}

// relabel returns err with the sentinel of the value that err makes invalid.
func relabel(err, sentinel error) error {
	text := strings.ReplaceAll(err.Error(), "mss: ", "")
	for _, own := range []error{ErrTerm, ErrPlan, ErrDate, ErrExpired, ErrInconsistent} {
		text = strings.TrimSuffix(text, ": "+own.Error())
	}
	return fmt.Errorf("%.200s: %w", text, sentinel)
}

// count returns "1 machine" or "2 machines".
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

// enum has the texts of a small type, the first for the value 1. The value 0 is
// not valid.
type enum[E ~uint8] struct {
	kind  string
	texts []string
	err   error // the sentinel of an invalid value or text
}

func (n enum[E]) check(e E) error {
	if e < 1 || int(e) > len(n.texts) {
		return fmt.Errorf("%s: want one of %q: %w", n.text(e), n.texts, n.err)
	}
	return nil
}

func (n enum[E]) text(e E) string {
	if e < 1 || int(e) > len(n.texts) {
		return fmt.Sprintf("%s(%d)", n.kind, e)
	}
	return n.texts[e-1]
}

func (n enum[E]) marshal(e E) ([]byte, error) {
	if err := n.check(e); err != nil {
		return nil, wrap(err, "encode", strings.ToLower(n.kind))
	}
	return []byte(n.texts[e-1]), nil
}

func (n enum[E]) unmarshal(e *E, text []byte) error {
	i := slices.Index(n.texts, string(text))
	if i < 0 {
		return wrap(fmt.Errorf("%.40q: want one of %q: %w", text, n.texts, n.err), "decode", strings.ToLower(n.kind))
	}
	*e = E(i + 1)
	return nil
}

// columnValue returns what was encoded as a text column of a database.
func columnValue(text []byte, err error) (driver.Value, error) {
	if err != nil {
		return nil, err
	}
	return string(text), nil
}

// scan reads a text column of a database.
func scan(column any, kind string, read func(text []byte) error, sentinel error) error {
	switch text := column.(type) {
	case string:
		return read([]byte(text))
	case []byte:
		return read(text)
	}
	return wrap(fmt.Errorf("column of type %T: want text: %w", column, sentinel), "scan", kind)
}

// decode sets to from JSON. encoding/json reads the fields, into a view of the
// value that has no methods; check returns the value, or what is inconsistent.
func decode[T any](to *T, data []byte, kind string, fields any, check func() (T, error)) error {
	if err := json.Unmarshal(data, fields); errors.As(err, new(*json.SyntaxError)) {
		return wrap(fmt.Errorf("%w: %w", err, ErrInconsistent), "decode", kind)
	} else if err != nil {
		return wrap(relabel(err, ErrInconsistent), "decode", kind)
	}
	v, err := check()
	return assign(to, v, err, kind)
}

// assign sets to v, unless there is an error.
func assign[T any](to *T, v T, err error, kind string) error {
	if err == nil {
		*to = v
	}
	return wrap(err, "decode", kind)
}

// decodeStrict reads an object of a price list. It refuses what encoding/json lets
// pass: an unknown field, and one given twice, in whatever case, of which either
// may be the one that was meant.
func decodeStrict(data []byte, fields any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(fields); err != nil {
		return relabel(err, ErrPlan)
	}
	dec = json.NewDecoder(bytes.NewReader(data)) // valid JSON: no error from here on
	_, _ = dec.Token()
	for seen := []string(nil); dec.More(); {
		token, _ := dec.Token()
		key := fmt.Sprint(token)
		if slices.ContainsFunc(seen, func(k string) bool { return strings.EqualFold(k, key) }) {
			return fmt.Errorf("%s: given twice, want it once: %w", key, ErrPlan)
		}
		seen = append(seen, key)
		var value json.RawMessage
		_ = dec.Decode(&value)
	}
	return nil
}

// decodeField reads a field of a price list that encoding/json would let be missing,
// or of which it would not give the name in an error.
func decodeField(data json.RawMessage, key string, to any, want string) error {
	if data == nil || string(data) == "null" {
		return fmt.Errorf("%s: missing, want %s: %w", key, want, ErrPlan)
	}
	if json.Unmarshal(data, to) != nil {
		return fmt.Errorf("%s: %.40s: want %s: %w", key, data, want, ErrPlan)
	}
	return nil
}

// decodeList reads the items of an array of a price list, and checks the whole.
func decodeList[S ~[]T, T any](items []json.RawMessage, noun string, decode func([]byte) (T, error), check func(S) error) (S, error) {
	list := make(S, len(items))
	for i, item := range items {
		var err error
		if list[i], err = decode(item); err != nil {
			return nil, fmt.Errorf("%s %d: %w", noun, i+1, err)
		}
	}
	if err := check(list); err != nil {
		return nil, err
	}
	return list, nil
}

// read reads all of r as decodeList does.
func read[S ~[]T, T any](r io.Reader, noun string, decode func([]byte) (T, error), check func(S) error) (S, error) {
	if r == nil {
		return nil, fmt.Errorf("no reader, want one: %w", ErrPlan)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrPlan)
	}
	var items []json.RawMessage
	if err := json.Unmarshal(data, &items); err != nil {
		return nil, fmt.Errorf("want a JSON array of %ss: %w: %w", noun, err, ErrPlan)
	}
	return decodeList(items, noun, decode, check)
}
