package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
)

// maxInput bounds what is read of a file: a subscription has about a kilobyte, a
// price list a few, and a price book has a few for each of its lists.
const maxInput = 1 << 20

// read decodes the document in a file, or in standard input if file is "-".
func (c *call) read(file string, decode func([]byte) error, want ...string) error {
	from, name := c.stdin, "standard input"
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		from, name = f, file
	}
	data, err := io.ReadAll(io.LimitReader(from, maxInput+1))
	if err != nil {
		return err
	}
	if len(data) > maxInput {
		return fmt.Errorf("read %s: more than 1 MiB, want less", name)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // which editors on Windows write
	err = decode(data)
	if got := identify(data); err != nil && got.name != "" && !slices.Contains(want, got.name) {
		return fmt.Errorf("read %s: %s, want %s: use %s", name, got.name, want[0], cmp.Or(instead[want[0]], got.use))
	}
	return err
}

// A document is what mss prints.
type document struct {
	key  string // tells it from the others
	name string
	use  string // what to do if it is read in place of a subscription
}

var documents = []document{
	{key: "anchor_day", name: "a subscription"},
	{"tier", "a quote", `"buy -quote"`},
	{"tiers", "a price list", "-catalog"},
	{"catalog", "a price book", "-catalog"},
	{"consumed", "a refund", `"refund -confirm"`},
	{"opened", "a change", `"change -opened"`},
	{"remaining", "an amortization", "the one that it was printed for"},
	{"days_left", "a status report", "the one that it was printed for"},
}

// instead says what prints a document, if another is read in its place.
var instead = map[string]string{
	"a quote":      `"quote -json"`,
	"a price list": `"plans -json"`,
}

// identify returns which document data is, or the first item of data, by its keys.
func identify(data []byte) document {
	if len(data) > 0 && 'a' <= data[0] && data[0] <= 'z' && !json.Valid(data) {
		return document{name: "text", use: "-json"} // as a command prints it
	}
	items := make([]map[string]json.RawMessage, 1)
	if json.Unmarshal(data, &items[0]) != nil {
		_ = json.Unmarshal(data, &items) // what is neither has no keys
	}
	for _, d := range documents {
		if len(items) > 0 && items[0][d.key] != nil {
			return d
		}
	}
	return document{}
}
