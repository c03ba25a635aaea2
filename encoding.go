package mss

import (
	"bytes"
	"cmp"
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

// prefix says in what part of a value err is.
func prefix(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}

// relabel returns the text of err with another sentinel. A term that is not valid,
// for example, makes its quote inconsistent.
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

// encode returns v as JSON, unless err says why it is not written.
func encode(v any, err error, kind string) ([]byte, error) {
	if err != nil {
		return nil, wrap(err, "encode", kind)
	}
	return json.Marshal(v)
}

// decode sets to if read finds a valid value in data.
func decode[T any](to *T, data []byte, kind string, read func([]byte) (T, error)) error {
	v, err := read(data)
	if err == nil {
		*to = v
	}
	return wrap(err, "decode", kind)
}

// unmarshal is json.Unmarshal with a sentinel. It refuses a number that is far too
// long for an amount, because decimal takes quadratic time to read it.
func unmarshal(data []byte, to any, sentinel error) error {
	const limit = 10_000
	notDigit := func(r rune) bool { return r < '0' || r > '9' }
	tooLong := func(digits []byte) bool { return len(digits) > limit }
	if len(data) > limit && slices.ContainsFunc(bytes.FieldsFunc(data, notDigit), tooLong) {
		return fmt.Errorf("a number of more than %d digits: want at most 100: %w", limit, sentinel)
	}
	err := json.Unmarshal(data, to)
	if errors.As(err, new(*json.SyntaxError)) {
		return fmt.Errorf("%w: %w", err, sentinel)
	} else if err != nil {
		return relabel(err, sentinel)
	}
	return nil
}

// object returns the fields of an object of a price list. It refuses what
// encoding/json lets pass: a field that is unknown or in another case, and one given
// twice, as either value may be the one that was meant.
func object(data []byte, keys ...string) (map[string]json.RawMessage, error) {
	if err := unmarshal(data, new(json.RawMessage), ErrPlan); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(data)) // valid JSON: no error from here on
	if start, _ := dec.Token(); start != json.Delim('{') {
		return nil, fmt.Errorf("%.40s: want a JSON object: %w", data, ErrPlan)
	}
	fields := make(map[string]json.RawMessage)
	for dec.More() {
		token, _ := dec.Token()
		key := fmt.Sprint(token)
		if !slices.Contains(keys, key) || fields[key] != nil {
			return nil, fmt.Errorf("%.40q: unknown field, or given twice: want only %q, each once: %w", key, keys, ErrPlan)
		}
		var value json.RawMessage
		_ = dec.Decode(&value)
		fields[key] = value
	}
	return fields, nil
}

// decodeField reads one of the fields that object returned. It must be there.
func decodeField(fields map[string]json.RawMessage, key string, to any, want string) error {
	data := fields[key]
	if data == nil || string(data) == "null" {
		return fmt.Errorf("%s: missing, want %s: %w", key, want, ErrPlan)
	}
	if json.Unmarshal(data, to) != nil {
		return fmt.Errorf("%s: %.40s: want %s: %w", key, data, want, ErrPlan)
	}
	return nil
}

// decodeList reads the items of an array of a price list.
func decodeList[T any](items []json.RawMessage, noun string, decode func(item []byte) (T, error)) ([]T, error) {
	list := make([]T, len(items))
	for i, item := range items {
		var err error
		if list[i], err = decode(item); err != nil {
			return nil, fmt.Errorf("%s %d: %w", noun, i+1, err)
		}
	}
	return list, nil
}

// read reads all of r as decodeList does, and checks the whole.
func read[S ~[]T, T any](r io.Reader, noun string, decode func([]byte) (T, error), check func(S) error) (S, error) {
	if r == nil {
		return nil, fmt.Errorf("no reader, want one: %w", ErrPlan)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrPlan)
	}
	var items []json.RawMessage
	if err := unmarshal(data, &items, ErrPlan); err != nil {
		return nil, fmt.Errorf("want a JSON array of %ss: %w", noun, err)
	}
	list, err := decodeList(items, noun, decode)
	if err = cmp.Or(err, check(list)); err != nil {
		return nil, err
	}
	return list, nil
}
