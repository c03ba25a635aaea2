package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/mss"
)

// A kind is a kind of document, and what to use if it is read in place of another.
type kind struct {
	key     string // that tells it from those below
	name    string
	instead string // of it, where a subscription is wanted
	source  string // of it, where it is wanted itself
}

// kinds has the documents that mss and the service in examples/billing print.
var kinds = []kind{
	{"anchor_day", "a subscription", "", ""},
	{"opened", "a change", `"change -opened"`, ""},
	{"tier", "a quote", `"buy -quote"`, `"quote -json"`},
	{"tiers", "a price list", "-catalog", `"plans -json"`},
	{"catalog", "a price book", "-catalog", ""},
	{"consumed", "a refund", `"refund -confirm"`, ""},
	{"amount", "an amortization", "the subscription that was amortized", ""},
	{"periods", "an amortization", "the subscription that was amortized", ""}, // of the service
	{"entry", "a ledger", "the subscriptions in it", ""},
	{"days_left", "a status report", "the subscription that was reported on", ""},
	{"detail", "a refusal of the service", "the answer to a request that it granted", ""},
	{"", "text", "-json", ""}, // as mss prints it for people
}

// identify returns of which kind a document is, or the first item of one.
func identify(data []byte) kind {
	data = bytes.TrimLeft(data, "[ \t\r\n")
	if len(data) > 0 && 'a' <= data[0]|0x20 && data[0]|0x20 <= 'z' && !json.Valid(data) {
		return kinds[len(kinds)-1]
	}
	var fields map[string]json.RawMessage
	_ = json.NewDecoder(bytes.NewReader(data)).Decode(&fields) // what is no object has no fields
	for _, k := range kinds {
		if fields[k.key] != nil {
			return k
		}
	}
	return kind{}
}

// mistaken returns the reason why a document is refused: err or, if it is of another
// kind, that.
func mistaken(err error, data []byte, want string) error {
	if err == nil {
		return nil
	}
	got := identify(data)
	if got.name == "" || got.name == want || got.name == "a price book" && want == "a price list" {
		return err
	}
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == want })
	return fmt.Errorf("%s, want %s: use %s", got.name, want, cmp.Or(kinds[i].source, got.instead))
}

// maxInput bounds what is read of one document: a subscription has about a kilobyte,
// a price list a few, a price book a few for each of its lists, and a page of the
// service up to a thousand subscriptions.
const maxInput = 1 << 20

// An input is a file of which a number of bytes may be read.
type input struct {
	io.ReadCloser
	left int
}

// open opens a file, or standard input if its name is "-".
func (c *call) open(file string) (*input, error) {
	from := io.NopCloser(c.stdin)
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		from = f
	}
	return &input{from, maxInput}, nil
}

func (in *input) Read(p []byte) (int, error) {
	n, err := in.ReadCloser.Read(p[:min(len(p), 4<<10)]) // hardly more than a document
	if in.left -= n; in.left < 0 {
		return 0, errors.New("more than 1 MiB, want less")
	}
	return n, err
}

// readError says in which file err is, and in which part of it.
func readError(file, part string, err error) error {
	if err == nil || errors.As(err, new(*fs.PathError)) { // which has the name
		return err
	}
	if file == "-" {
		file = "standard input"
	}
	return fmt.Errorf("read %s: %s%s", file, part, plain(err))
}

// read reads a file of one document, which decode decodes.
func (c *call) read(file, want string, decode func([]byte) error) error {
	in, err := c.open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	data, err := io.ReadAll(in)
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // which editors on Windows write
	if err == nil {
		err = mistaken(decode(data), data, want)
	}
	return readError(file, "", err)
}

// catalog reads the price list in force at an instant.
func (c *call) catalog(at time.Time) (catalog mss.Catalog, err error) {
	if c.prices == "" && !c.has("catalog") {
		return mss.Published(), nil
	}
	err = c.read(c.prices, "a price list", func(data []byte) error {
		if identify(data).name != "a price book" {
			catalog, err = mss.ReadCatalog(bytes.NewReader(data))
			return err
		}
		book, err := mss.ReadPriceBook(bytes.NewReader(data))
		if err == nil {
			catalog, err = book.At(at)
		}
		return err
	})
	return catalog, err
}

// subscription reads the only subscription, and returns the time of what is done to it.
func (c *call) subscription() (s mss.Subscription, at time.Time, err error) {
	wrong := readError(c.files[0], "", errors.New("want one subscription, neither none nor several"))
	n := 0
	for r, err := range c.subscriptions() {
		if n++; err != nil || n > 1 {
			return s, at, cmp.Or(err, wrong)
		}
		s = r.Subscription
	}
	if n == 0 {
		return s, at, wrong
	}
	return s, c.at(s), nil
}

// A record is a subscription and its id.
type record struct {
	id string
	mss.Subscription
}

// subscriptions reads the subscriptions of all FILEs, one after another. An error is
// the last that it returns.
func (c *call) subscriptions() iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		for _, file := range c.files {
			document, n := 0, 0
			for data, err := range c.documents(file) {
				document++
				var records []record
				if err == nil {
					records, err = c.decode(data)
				}
				if err != nil {
					yield(record{}, readError(file, fmt.Sprintf("document %d: ", document), err))
					return
				}
				for _, r := range records {
					n++
					r.id = printable(cmp.Or(r.id, defaultID(file, n)))
					if !yield(r, nil) {
						return
					}
				}
			}
		}
	}
}

// defaultID returns what the nth subscription of a file is called.
func defaultID(file string, n int) string {
	if file == "-" {
		return strconv.Itoa(n)
	}
	id := fmt.Sprintf("%s#%d", strings.TrimSuffix(filepath.Base(file), ".json"), n)
	return strings.TrimSuffix(id, "#1") // the first has no number
}

// documents reads one JSON document of a file after another, and of an array one item
// after another. Each is valid until the next one is read.
func (c *call) documents(file string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		in, err := c.open(file)
		if err != nil {
			yield(nil, err)
			return
		}
		defer in.Close()
		var s splitter
		scanner := bufio.NewScanner(in)
		scanner.Buffer(make([]byte, 64<<10), 2*maxInput)
		scanner.Split(s.split)
		for scanner.Scan() && in.left >= 0 {
			if c.takes == many {
				in.left = maxInput
			}
			if !yield(scanner.Bytes(), nil) {
				return
			}
		}
		switch err := scanner.Err(); {
		case err != nil:
			yield(nil, err)
		case s.last == 0:
			yield(nil, errors.New("missing, want a subscription"))
		case s.last != ']':
			yield(nil, io.ErrUnexpectedEOF)
		}
	}
}

// A splitter finds where a JSON value ends. It leaves it to decoding to see whether it
// is valid, and is several times as fast.
type splitter struct {
	last byte // in an array '[', ',' or '.', an item; otherwise ']', or 0 before the first
}

// split is a [bufio.SplitFunc].
func (s *splitter) split(data []byte, atEOF bool) (advance int, value []byte, err error) {
	rest := data
	for {
		rest = bytes.TrimLeft(rest, " \t\r\n\ufeff")
		if len(rest) == 0 {
			return len(data), nil, nil
		}
		first, array := rest[0], s.last != 0 && s.last != ']'
		switch {
		case !array && first == '[', s.last == '.' && (first == ',' || first == ']'), s.last == '[' && first == ']':
			s.last, rest = first, rest[1:]
			continue
		case s.last == '.':
			return 0, nil, fmt.Errorf("invalid character %q after an item of an array", first)
		}
		end := valueEnd(rest)
		if end < 0 && !atEOF {
			return len(data) - len(rest), nil, nil
		} else if end < 0 {
			end = len(rest)
		}
		if s.last = ']'; array {
			s.last = '.'
		}
		return len(data) - len(rest) + end, rest[:end], nil
	}
}

// valueEnd returns the length of the value that data begins with, or -1 if more has to
// be read.
func valueEnd(data []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(data); i++ {
		switch b := data[i]; {
		case quoted && b == '\\':
			i++
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '{' || b == '[':
			depth++
		case b == '}' || b == ']':
			depth--
		}
		if !quoted && depth <= 0 && strings.IndexByte("}]\" \t\r\n,", data[i]) >= 0 {
			return i + 1
		}
	}
	return -1
}

// decode returns the subscriptions in a document: one, those of a change, or those in
// an answer of the service. It first takes it for a subscription, as most are one.
func (c *call) decode(data []byte) (records []record, err error) {
	var r record
	invalid := r.UnmarshalJSON(data)
	if invalid == nil {
		return []record{r}, nil
	}
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(data, &fields) // what has no fields is invalid
	if left := fields["unreadable"]; left != nil {
		return nil, fmt.Errorf("the page lacks the subscriptions %.80s, which the service could not read", left)
	}
	var page []json.RawMessage
	_ = json.Unmarshal(fields["subscriptions"], &page)
	for i, item := range page {
		items, err := c.decode(item)
		if err != nil {
			return nil, fmt.Errorf("subscription %d: %s", i+1, plain(err))
		}
		records = append(records, items...)
	}
	if page != nil {
		return records, nil
	}
	for _, part := range []struct{ id, subscription string }{{"id", "subscription"}, {"closed_id", "closed"}, {"opened_id", "opened"}} {
		if fields[part.subscription] == nil || part.id != "id" && c.takes == 1 { // which of a change is not said
			continue
		}
		r := record{id: strings.Trim(string(fields[part.id]), `"`)}
		if err := r.UnmarshalJSON(fields[part.subscription]); err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	if records == nil {
		return nil, mistaken(invalid, data, "a subscription")
	}
	return records, nil
}
