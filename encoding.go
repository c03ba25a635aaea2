package mss

import (
	"bytes"
	"cmp"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// This file holds what all types share in being written and read: errors, the texts
// of enums, columns and JSON. It knows no rule of the product.

// wrap says what was tried, and with what. err has its sentinel already.
func wrap(err error, operation string, with ...string) error {
	if err == nil {
		return nil
	}
	for _, text := range with {
		operation += " " + quoted(text)
	}
	return fmt.Errorf("mss: %s: %w", operation, err)
}

// prefix says in what part of a value err is.
func prefix(err error, part string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", part, err)
}

// as makes err, of a part, an error of the whole.
func as(err, sentinel error) error {
	if err == nil || errors.Is(err, sentinel) {
		return err
	}
	return fmt.Errorf("%v: %w", err, sentinel)
}

// quoted returns text from outside for a message: in quotes, printable, and of about
// 60 bytes at most.
func quoted(text string) string {
	const most = 60
	q := strconv.Quote(text[:min(len(text), 2*most)])
	if len(q) > most {
		q = strings.ToValidUTF8(q[:most], "") + `…"`
	}
	return q
}

// count returns "1 machine" or "2 machines".
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

// enum has the texts of a small type, the first for the value 1. Any other value is
// not valid.
type enum[E ~int] struct {
	kind  string
	texts []string
	err   error // the sentinel of an invalid value or text
}

func (n enum[E]) valid(e E) bool { return 1 <= e && int(e) <= len(n.texts) }

func (n enum[E]) check(e E) error {
	if !n.valid(e) {
		return fmt.Errorf("%s: want one of %q: %w", n.text(e), n.texts, n.err)
	}
	return nil
}

func (n enum[E]) text(e E) string {
	if !n.valid(e) {
		return fmt.Sprintf("%s(%d)", n.kind, int(e))
	}
	return n.texts[e-1]
}

func (n enum[E]) marshal(e E) ([]byte, error) {
	if err := n.check(e); err != nil {
		return nil, wrap(err, "encode "+strings.ToLower(n.kind))
	}
	return []byte(n.texts[e-1]), nil
}

func (n enum[E]) unmarshal(e *E, text []byte) error {
	i := slices.Index(n.texts, string(text))
	if i < 0 {
		err := fmt.Errorf("%s: want one of %q: %w", quoted(string(text)), n.texts, n.err)
		return wrap(err, "decode "+strings.ToLower(n.kind))
	}
	*e = E(i + 1)
	return nil
}

func (n enum[E]) scan(e *E, src any) error {
	return scan(src, strings.ToLower(n.kind), func(text []byte) error { return n.unmarshal(e, text) }, n.err)
}

const gormText = "string" // GORM otherwise makes a column of the Go kind

// columnValue returns what was encoded as a text column of a database.
func columnValue(text []byte, err error) (driver.Value, error) {
	if err != nil {
		return nil, err
	}
	return string(text), nil
}

// scan reads a text column of a database.
func scan(src any, kind string, read func(text []byte) error, sentinel error) error {
	switch text := src.(type) {
	case string:
		return read([]byte(text))
	case []byte:
		return read(text)
	}
	err := fmt.Errorf("column of type %s: want text: %w", quoted(fmt.Sprintf("%T", src)), sentinel)
	return wrap(err, "scan "+kind)
}

// encode returns v as JSON, unless err says why it is not written.
func encode(v any, err error, kind string) ([]byte, error) {
	if err != nil {
		return nil, wrap(err, "encode "+kind)
	}
	return json.Marshal(v)
}

// decode sets to if read finds a valid value in data.
func decode[T any](to *T, data []byte, kind string, read func([]byte) (T, error)) error {
	v, err := read(data)
	if err != nil {
		return wrap(err, "decode "+kind)
	}
	*to = v
	return nil
}

// A field is a row of the schema of a JSON object.
type field struct {
	key  string // one that ends in ? may be missing or null; in documents a path, such as "tier.min"
	to   any    // a pointer, or a func([]byte) error that reads the value
	want string // what is accepted, for messages
}

// What fields accept, for messages.
const (
	aText, aNumber      = "text", "a whole number of up to 9 digits"
	anAmount, anInstant = `yuan, such as 21000 or "21000.00"`, "an instant such as 2026-01-31T00:00:00+08:00"
)

func (f field) name() string { return strings.TrimSuffix(f.key, "?") }

// missing returns an error if there is no value where there must be one.
func (f field) missing(value []byte, sentinel error) error {
	if !absent(value) || f.name() != f.key {
		return nil
	}
	return fmt.Errorf("%s: missing, want %s: %w", f.key, f.want, sentinel)
}

// read reads a value, if there is one.
func (f field) read(value []byte, sentinel error) error {
	switch read, ok := f.to.(func([]byte) error); {
	case absent(value):
		return nil
	case ok && value[0] == '[':
		return read(value)
	case f.want == anAmount && len(strings.Trim(string(value), `"`)) > maxNumber: // decimal takes quadratic time to read
		return fmt.Errorf("%s: %d bytes: want %s, in at most %d: %w", f.name(), len(value), f.want, maxNumber, sentinel)
	case json.Unmarshal(value, f.to) != nil:
		return fmt.Errorf("%s: %s: want %s: %w", f.name(), shown(value), f.want, sentinel)
	}
	return nil
}

// readFields reads the values of fields. What is missing comes before what is wrong.
func readFields(schema []field, value func(name string) []byte, sentinel error) error {
	var missing, wrong error
	for _, f := range schema {
		data := value(f.name())
		missing = cmp.Or(missing, f.missing(data, sentinel))
		wrong = cmp.Or(wrong, f.read(data, sentinel))
	}
	return cmp.Or(missing, wrong)
}

func absent(value []byte) bool { return value == nil || string(value) == "null" }

// shown returns JSON for a message. Only text is in quotes.
func shown(value []byte) string {
	var text string
	if value = bytes.TrimSpace(value); value[0] == '"' && json.Unmarshal(value, &text) == nil {
		return quoted(text)
	}
	return strings.Trim(quoted(string(value)), `"`)
}

// The longest document that is read, and the longest number of a price list, in bytes.
const maxDocument, maxNumber = 16 << 10, 1000

// readDocument reads fields and checks them. encoding/json reads them in one pass;
// only if they are not valid is the document searched, for what is missing or of
// another kind.
func readDocument[F, T any](data []byte, fields F, check func(F) (T, error), schema func([]byte) []field) (T, error) {
	var none T
	if len(data) > maxDocument {
		return none, fmt.Errorf("%d bytes: want at most %d: %w", len(data), maxDocument, ErrInconsistent)
	}
	unread := json.Unmarshal(data, &fields)
	v, invalid := check(fields)
	if unread == nil && invalid == nil {
		return v, nil
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(data, &object) != nil || object == nil {
		return none, misread(data, "object", ErrInconsistent)
	}
	err := readFields(schema(data), func(path string) []byte { return find(data, path) }, ErrInconsistent)
	if unread != nil { // though the last of each field can be read
		unread = fmt.Errorf("a field given twice cannot be read: want it once: %w", ErrInconsistent)
	}
	return none, cmp.Or(err, unread, invalid)
}

// misread returns why data is not the JSON that is wanted: if it is no JSON at all, in
// the words of encoding/json.
func misread(data []byte, want string, sentinel error) error {
	if err := json.Unmarshal(data, new(json.RawMessage)); err != nil {
		return fmt.Errorf("want a JSON %s: %w: %w", want, err, sentinel)
	}
	return fmt.Errorf("%s: want a JSON %s: %w", shown(data), want, sentinel)
}

// find returns the value at a path of keys in a document, or nil. Like encoding/json
// it takes a key in any case. What should be an object and is not is found for its keys.
func find(data []byte, path string) json.RawMessage {
	for _, key := range strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune(".: ", r) }) {
		var object map[string]json.RawMessage
		if json.Unmarshal(data, &object) != nil {
			return data
		}
		data = object[key]
		for k, value := range object {
			if data == nil && strings.EqualFold(k, key) {
				data = value
			}
		}
	}
	return data
}

// within returns the rows of a schema for an object inside a document, and a separator
// of its keys.
func within(key, separator string, schema []field) []field {
	for i := range schema {
		schema[i].key = key + separator + schema[i].key
	}
	return append([]field{{key, new(map[string]any), "a JSON object"}}, schema...)
}

// readObject reads an object of a price list. It refuses what encoding/json lets pass:
// a field that is unknown or in another case, and one given twice, as either value may
// be the one that was meant.
func readObject(data []byte, schema ...field) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if start, _ := dec.Token(); start != json.Delim('{') || !json.Valid(data) {
		return misread(data, "object", ErrPlan)
	}
	values := make(map[string]json.RawMessage)
	for _, f := range schema {
		values[f.name()] = nil
	}
	for dec.More() {
		token, _ := dec.Token()
		key := fmt.Sprint(token)
		if before, known := values[key]; !known {
			return fmt.Errorf("%s: unknown field: want one of %q: %w", quoted(key), slices.Sorted(maps.Keys(values)), ErrPlan)
		} else if before != nil {
			return fmt.Errorf("%s: given twice: want it once: %w", key, ErrPlan)
		}
		var value json.RawMessage
		_ = dec.Decode(&value)
		values[key] = value
	}
	return readFields(schema, func(key string) []byte { return values[key] }, ErrPlan)
}

// list returns a function that reads an array of a price list into to, item by item.
// noun is what a message calls an item.
func list[S ~[]T, T any](to *S, noun string, read func(item []byte) (T, error)) func(data []byte) error {
	return func(data []byte) error {
		var items []json.RawMessage
		if json.Unmarshal(data, &items) != nil {
			return misread(data, "array of "+noun+"s", ErrPlan)
		}
		s := make(S, len(items))
		for i, item := range items {
			var err error
			if s[i], err = read(item); err != nil {
				return prefix(err, noun+" "+strconv.Itoa(i+1))
			}
		}
		*to = s
		return nil
	}
}
