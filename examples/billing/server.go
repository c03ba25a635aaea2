package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"example.com/mss"
)

const (
	maxBody  = 16 << 10
	maxKey   = 255
	maxDays  = 3660 // of expires_within
	maxLimit = 1000 // of a page
)

var (
	errMalformed = errors.New("malformed request")
	errMethod    = errors.New("method not allowed")
	errTooLarge  = errors.New("body too large")
	errTimeout   = errors.New("body too slow")
	errKey       = errors.New("missing or invalid idempotency key")
)

// problem is the body of every answer with an error (RFC 9457); the last three
// members are extensions.
type problem struct {
	Type       string      `json:"type"`
	Title      string      `json:"title"`
	Status     int         `json:"status"`
	Detail     string      `json:"detail"`
	ContactURL string      `json:"contact_url,omitempty"` // where to ask for a price above the last band
	Quote      *mss.Quote  `json:"quote,omitempty"`       // to agree to instead of the outdated one
	Preview    *mss.Refund `json:"preview,omitempty"`     // to confirm instead of the outdated one
}

// problems has the status of each error; the first that fits counts. Any other
// error is the service's own fault, and so is mss.ErrPlan: it sets the prices.
var problems = []struct {
	err    error
	status int
	name   string // of the problem's type
}{
	{errNotFound, http.StatusNotFound, "not-found"},
	{errMethod, http.StatusMethodNotAllowed, "method"},
	{errTooLarge, http.StatusRequestEntityTooLarge, "too-large"},
	{errTimeout, http.StatusRequestTimeout, "timeout"},
	{errKey, http.StatusBadRequest, "key"},
	{errKeyReused, http.StatusUnprocessableEntity, "key-reused"},
	{errPriceChanged, http.StatusConflict, "price-changed"},
	{errRenewed, http.StatusConflict, "renewed"},
	{errStalePreview, http.StatusConflict, "stale-preview"},
	{mss.ErrUnknownPlan, http.StatusNotFound, "unknown-plan"},
	{mss.ErrContactSales, http.StatusUnprocessableEntity, "contact-sales"},
	{mss.ErrMachines, http.StatusUnprocessableEntity, "machines"},
	{mss.ErrTerm, http.StatusUnprocessableEntity, "term"},
	{mss.ErrDate, http.StatusUnprocessableEntity, "date"},
	{mss.ErrInconsistent, http.StatusUnprocessableEntity, "inconsistent"},
	{mss.ErrExpired, http.StatusConflict, "expired"},
	{mss.ErrCancelled, http.StatusConflict, "cancelled"},
	{errMalformed, http.StatusBadRequest, "malformed"}, // also wraps what mss says of a body, so it is last
}

func routes(s *service) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /quotes", ask(s.quote))
	mux.Handle("POST /subscriptions", once(s.store, s.buy))
	mux.Handle("GET /subscriptions", handler(func(r *http.Request, _ int64) (answer, error) {
		days, limit, after, err := parseListing(r.URL.RawQuery)
		if err != nil {
			return answer{}, err
		}
		p, err := s.expiring(r.Context(), days, limit, after)
		if p.next != nil {
			p.Next = fmt.Sprintf("/subscriptions?expires_within=%d&limit=%d&after=%v", days, limit, p.next)
		}
		return reply(p, err)
	}))
	mux.Handle("GET /subscriptions/{id}", handler(func(r *http.Request, id int64) (answer, error) {
		return reply(s.get(r.Context(), id))
	}))
	mux.Handle("GET /subscriptions/{id}/periods", handler(func(r *http.Request, id int64) (answer, error) {
		list, err := s.periods(r.Context(), id)
		return reply(map[string]any{"periods": list}, err)
	}))
	mux.Handle("POST /subscriptions/{id}/renewals", once(s.store, s.renew))
	mux.Handle("POST /subscriptions/{id}/changes", once(s.store, s.change))
	mux.Handle("POST /subscriptions/{id}/refunds/preview", ask(s.preview))
	mux.Handle("POST /subscriptions/{id}/refunds", once(s.store, s.refund))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, _ := mux.Handler(r)
		if _, ours := h.(handler); ours {
			mux.ServeHTTP(w, r)
			return
		}
		// What the mux answers by itself, such as a redirect from //subscriptions, is
		// text. Here it is a problem.
		own, err := headerOnly{}, errNotFound
		if h.ServeHTTP(own, r); own.Header().Get("Allow") != "" {
			w.Header().Set("Allow", own.Header().Get("Allow"))
			err = errMethod
		}
		send(w, refusal(fmt.Errorf("%s %s: %w", r.Method, r.URL.Path, err)))
	})
}

// headerOnly is a ResponseWriter that keeps the header.
type headerOnly http.Header

func (h headerOnly) Header() http.Header         { return http.Header(h) }
func (h headerOnly) WriteHeader(int)             {}
func (h headerOnly) Write(p []byte) (int, error) { return len(p), nil }

// handler answers a request; id is the one in its path, or 0, which none has.
type handler func(r *http.Request, id int64) (answer, error)

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if strconv.FormatInt(id, 10) != r.PathValue("id") { // such as 01, and what is no number
		id = 0
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	a, err := h(r, id)
	if err != nil {
		a = refusal(err)
		if a.status >= 500 && r.Context().Err() == nil { // the client is still there
			slog.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
		}
	}
	send(w, a)
}

// parseListing reads the query of a page.
func parseListing(text string) (days, limit int, after place, err error) {
	query, err := url.ParseQuery(text)
	limit = 100 // unless given
	for name, values := range query {
		wrong := errMalformed // a parameter of another name
		switch name {
		case "expires_within":
			days, wrong = strconv.Atoi(values[0])
		case "limit":
			limit, wrong = strconv.Atoi(values[0])
		case "after":
			_, wrong = fmt.Sscanf(values[0], "%d-%d-%d", &after.begun, &after.ends, &after.id)
		}
		if wrong != nil || len(values) > 1 || name == "after" && after.String() != values[0] {
			err = errMalformed
		}
	}
	if err != nil || days < 1 || days > maxDays || limit < 1 || limit > maxLimit {
		err = fmt.Errorf("query %.99q: want expires_within of 1 to %d days, limit, if any, of 1 to %d, and after, if any, as in next: %w",
			text, maxDays, maxLimit, errMalformed)
	}
	return days, limit, after, err
}

// ask handles a POST that changes nothing.
func ask[In, Out any](do func(ctx context.Context, id int64, in In) (Out, error)) handler {
	return func(r *http.Request, id int64) (answer, error) {
		var in In
		if _, err := decode(r, &in); err != nil {
			return answer{}, err
		}
		return reply(do(r.Context(), id, in))
	}
}

// once handles a POST that changes something, and does it once for each key. do
// returns the id of the subscription that it made, or 0.
func once[In any](st *store, do func(ctx context.Context, t tx, id int64, in In) (int64, any, error)) handler {
	return func(r *http.Request, id int64) (answer, error) {
		keys := r.Header.Values("Idempotency-Key")
		if len(keys) != 1 || keys[0] == "" || len(keys[0]) > maxKey {
			return answer{}, fmt.Errorf("want one Idempotency-Key of 1 to %d bytes: %w", maxKey, errKey)
		}
		var in In
		body, err := decode(r, &in)
		if err != nil {
			return answer{}, err
		}
		request := sha256.Sum256(fmt.Appendf(nil, "%s\n%s", r.URL.Path, body))
		return st.once(r.Context(), keys[0], request[:], func(t tx) (answer, error) {
			made, out, err := do(r.Context(), t, id, in)
			a, err := reply(out, err)
			if err == nil && made != 0 {
				a.status, a.location = http.StatusCreated, fmt.Sprintf("/subscriptions/%d", made)
			}
			return a, err
		})
	}
}

// decode reads the body, one JSON object of known fields, into in.
func decode(r *http.Request, in any) (body []byte, err error) {
	body, err = io.ReadAll(r.Body)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, fmt.Errorf("want at most %d bytes: %w", tooLarge.Limit, errTooLarge)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) { // its text has addresses
		return nil, fmt.Errorf("want the whole body within %v: %w", readTimeout, errTimeout)
	}
	if err == nil {
		err = decodeObject(body, in)
	}
	if err != nil {
		return nil, fmt.Errorf("body: %w: %w", err, errMalformed)
	}
	return body, nil
}

// decodeObject refuses what encoding/json takes although two readers may
// understand it differently: null, a field given twice, a field in another case.
// The fields of this service are in lower case.
func decodeObject(body []byte, in any) error {
	if err := json.Unmarshal(body, new(json.RawMessage)); err != nil {
		return err // from here on it is valid JSON
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	if open, _ := dec.Token(); open != json.Delim('{') {
		return errors.New("want a JSON object")
	}
	for seen := map[string]bool{}; dec.More(); dec.Decode(new(json.RawMessage)) {
		token, _ := dec.Token()
		field := token.(string)
		if seen[field] || strings.Trim(field, "abcdefghijklmnopqrstuvwxyz") != "" {
			return fmt.Errorf("field %q: want it once, in lower case", field)
		}
		seen[field] = true
	}
	dec = json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	return dec.Decode(in)
}

func reply(out any, err error) (answer, error) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false) // & is part of next
	if err == nil {
		err = enc.Encode(out)
	}
	return answer{status: http.StatusOK, body: bytes.TrimSuffix(body.Bytes(), []byte("\n"))}, err
}

func refusal(err error) answer {
	p := problem{Type: "about:blank", Title: "Internal Server Error", Status: http.StatusInternalServerError,
		Detail: "try again, with the same Idempotency-Key"}
	for _, known := range problems {
		if errors.Is(err, known.err) {
			p = problem{Type: "https://example.com/mss/problems/" + known.name, Title: known.err.Error(), Status: known.status,
				Detail: fmt.Sprintf("%.400s", err)} // short, whatever was sent
			break
		}
	}
	if errors.Is(err, mss.ErrContactSales) {
		p.ContactURL = mss.ContactURL
	}
	if old := (outdated{}); errors.As(err, &old) {
		p.Quote, p.Preview = old.quote, old.preview
	}
	body, _ := json.Marshal(p) // cannot fail: quote and preview are fresh from the library
	return answer{status: p.Status, body: body}
}

func send(w http.ResponseWriter, a answer) {
	w.Header().Set("Content-Type", "application/json")
	if a.status >= 400 {
		w.Header().Set("Content-Type", "application/problem+json")
	}
	if a.location != "" {
		w.Header().Set("Location", a.location)
	}
	w.WriteHeader(a.status)
	w.Write(append(a.body, '\n')) // a client that does not get it asks again, with the same key
}
