package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/mss"
)

const (
	maxBody  = 16 << 10
	maxKey   = 255
	maxDays  = 3660 // of expires_within
	maxLimit = 1000 // of a page

	requestTimeout = 20 * time.Second // of which the body may take readTimeout
)

var (
	errMalformed = errors.New("malformed request")
	errMethod    = errors.New("method not allowed")
	errTooLarge  = errors.New("body too large")
	errTimeout   = errors.New("body too slow")
	errKey       = errors.New("missing or invalid idempotency key")
)

// problem is the body of every answer with an error (RFC 9457); the last four
// members are extensions.
type problem struct {
	Type       string      `json:"type"`
	Title      string      `json:"title"`
	Status     int         `json:"status"`
	Detail     string      `json:"detail"`
	RequestID  string      `json:"request_id"`            // as in the log
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
	{errMalformed, http.StatusBadRequest, "malformed"}, // also wraps what mss says of a body
	{errUnavailable, http.StatusServiceUnavailable, "unavailable"},
}

func routes(s *service) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", handler{answer: func(r *http.Request, _ int64) (answer, error) {
		return reply(map[string]string{"status": "ok"}, s.store.ping(r.Context()))
	}})
	mux.Handle("POST /quotes", ask(s.quote))
	mux.Handle("POST /subscriptions", act(s, s.buy))
	mux.Handle("GET /subscriptions", handler{answer: func(r *http.Request, _ int64) (answer, error) {
		l, err := parseListing(r.URL.RawQuery)
		if err != nil {
			return answer{}, err
		}
		return reply(s.list(r.Context(), l))
	}})
	mux.Handle("GET /subscriptions/{id}", handler{answer: func(r *http.Request, id int64) (answer, error) {
		return reply(s.get(r.Context(), id))
	}})
	mux.Handle("GET /subscriptions/{id}/periods", handler{answer: func(r *http.Request, id int64) (answer, error) {
		list, err := s.periods(r.Context(), id)
		return reply(map[string]any{"periods": list}, err)
	}})
	mux.Handle("POST /subscriptions/{id}/renewals", act(s, s.renew))
	mux.Handle("POST /subscriptions/{id}/changes", act(s, s.change))
	mux.Handle("POST /subscriptions/{id}/refunds/preview", ask(s.preview))
	mux.Handle("POST /subscriptions/{id}/refunds", act(s, s.refund))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Request-Id", rand.Text())
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
		send(w, handler{}.refusal(w, fmt.Errorf("%s %s: %w", r.Method, r.URL.Path, err)))
	})
}

// headerOnly is a ResponseWriter that keeps the header.
type headerOnly http.Header

func (h headerOnly) Header() http.Header         { return http.Header(h) }
func (h headerOnly) WriteHeader(int)             {}
func (h headerOnly) Write(p []byte) (int, error) { return len(p), nil }

// handler answers a request; id is the one in its path, or 0, which none has.
type handler struct {
	answer  func(r *http.Request, id int64) (answer, error)
	changes bool // something, once for each key
}

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if strconv.FormatInt(id, 10) != r.PathValue("id") { // such as 01, and what is not a number
		id = 0
	}
	ctx, cancel := context.WithTimeout(r.Context(), requestTimeout)
	defer cancel()
	a, err := h.answer(r.WithContext(ctx), id)
	about := slog.Any("", a.out) // the group of its LogValue
	if err != nil {
		a, about = h.refusal(w, err), slog.Any("error", err)
	}
	log, message := slog.Info, "request"
	if a.status >= 500 {
		log, message = slog.Error, "request failed"
	}
	if h.changes || a.status >= 500 && r.Context().Err() == nil { // the client is still there
		log(message, "method", r.Method, "path", r.URL.Path, "status", a.status, "duration", time.Since(begun),
			"request_id", w.Header().Get("Request-Id"), "replayed", a.replayed, about)
	}
	send(w, a)
}

// MarshalText writes the path and query of a page.
func (l listing) MarshalText() ([]byte, error) {
	if l.days == 0 {
		return fmt.Appendf(nil, "/subscriptions?limit=%d&after=%d", l.limit, l.after.id), nil
	}
	return fmt.Appendf(nil, "/subscriptions?expires_within=%d&limit=%d&after=%d-%d-%d", l.days, l.limit, l.after.begun, l.after.ends, l.after.id), nil
}

func parseListing(text string) (listing, error) {
	query, err := url.ParseQuery(text)
	l := listing{limit: 100} // unless given
	fmt.Sscan(query.Get("expires_within"), &l.days)
	fmt.Sscan(query.Get("limit"), &l.limit)
	fmt.Sscanf(query.Get("after"), "%d-%d-%d", &l.after.begun, &l.after.ends, &l.after.id)
	if l.days == 0 { // of which only the id is there
		l.after.id = l.after.begun
	}
	next, _ := l.MarshalText()
	written, _ := url.Parse(string(next))
	for name, values := range query {
		if !slices.Equal(values, written.Query()[name]) { // another name, twice, or not as in next
			err = errMalformed
		}
	}
	if err != nil || l.days < 0 || l.days > maxDays || l.limit < 1 || l.limit > maxLimit {
		err = fmt.Errorf("query %.99q: want expires_within, if any, of 1 to %d days, limit, if any, of 1 to %d, and after, if any, as in next: %w",
			text, maxDays, maxLimit, errMalformed)
	}
	return l, err
}

// ask handles a POST that changes nothing.
func ask[In, Out any](do func(ctx context.Context, id int64, in In) (Out, error)) handler {
	return handler{answer: func(r *http.Request, id int64) (answer, error) {
		in, _, err := decode[In](r)
		if err != nil {
			return answer{}, err
		}
		return reply(do(r.Context(), id, in))
	}}
}

// act handles a POST that changes something, and does it once for each key.
func act[In any](s *service, do func(ctx context.Context, t tx, id int64, in In) (made int64, out any, err error)) handler {
	return handler{changes: true, answer: func(r *http.Request, id int64) (answer, error) {
		keys := r.Header.Values("Idempotency-Key")
		if len(keys) != 1 || keys[0] == "" || len(keys[0]) > maxKey {
			return answer{}, fmt.Errorf("want one Idempotency-Key of 1 to %d bytes: %w", maxKey, errKey)
		}
		in, body, err := decode[In](r)
		if err != nil {
			return answer{}, err
		}
		request := sha256.Sum256(fmt.Appendf(nil, "%s\n%s", r.URL.Path, body))
		return s.store.once(r.Context(), keys[0], request[:], s.now(), func(t tx) (answer, error) {
			made, out, err := do(r.Context(), t, id, in)
			a, err := reply(out, err)
			if err == nil && made != 0 {
				a.status, a.location = http.StatusCreated, fmt.Sprintf("/subscriptions/%d", made)
			}
			return a, err
		})
	}}
}

// decode reads the body, one JSON object of known fields.
func decode[In any](r *http.Request) (in In, body []byte, err error) {
	if r.ContentLength <= maxBody { // or unknown
		body, err = io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	}
	switch {
	case max(r.ContentLength, int64(len(body))) > maxBody:
		err = fmt.Errorf("want at most %d bytes: %w", maxBody, errTooLarge)
	case errors.Is(err, os.ErrDeadlineExceeded): // its text has addresses
		err = fmt.Errorf("want the whole body within %v: %w", readTimeout, errTimeout)
	default:
		if err = cmp.Or(err, decodeObject(body, &in)); err != nil {
			err = fmt.Errorf("body: %w: %w", err, errMalformed)
		}
	}
	return in, body, err
}

func decodeObject(body []byte, in any) error {
	if !json.Valid(body) || !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		return errors.New("want a JSON object")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber() // of any size
	if err := checkFields(dec); err != nil {
		return err
	}
	dec = json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	err := dec.Decode(in)
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) { // its text has names of Go
		err = fmt.Errorf("field %q: wrong type: %s", strings.ToLower(wrong.Field), wrong.Value)
	}
	return err
}

// checkFields refuses what encoding/json takes although two readers may understand it
// differently: a field given twice, or in another case. All fields are in lower case.
func checkFields(dec *json.Decoder) error {
	open, err := dec.Token()
	if open != json.Delim('{') && open != json.Delim('[') {
		return err
	}
	for seen := map[json.Token]bool{}; dec.More(); {
		if open == json.Delim('{') {
			field, _ := dec.Token()
			if seen[field] || strings.Trim(field.(string), "abcdefghijklmnopqrstuvwxyz_") != "" {
				return fmt.Errorf("field %q: want it once, in lower case", field)
			}
			seen[field] = true
		}
		if err := checkFields(dec); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}

func reply(out any, err error) (answer, error) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false) // & is part of next
	err = cmp.Or(err, enc.Encode(out))
	return answer{status: http.StatusOK, body: bytes.TrimSuffix(body.Bytes(), []byte("\n")), out: out}, err
}

// refusal is the answer with an error.
func (h handler) refusal(w http.ResponseWriter, err error) answer {
	p := problem{Type: "about:blank", Title: "Internal Server Error", Status: http.StatusInternalServerError, RequestID: w.Header().Get("Request-Id")}
	for _, known := range problems {
		if errors.Is(err, known.err) || known.err == errUnavailable && unavailable(err) {
			p.Type, p.Title, p.Status = "https://example.com/mss/problems/"+known.name, known.err.Error(), known.status
			break
		}
	}
	p.Detail = fmt.Sprintf("%.400s", err) // short, whatever was sent
	if p.Status >= 500 {
		p.Detail = "the fault is not the client's"
		if h.changes && !errors.Is(err, errDamaged) {
			p.Detail = "try again, with the same Idempotency-Key"
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
	if a.replayed {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	switch a.status {
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "5") // seconds
	case http.StatusRequestEntityTooLarge:
		w.Header().Set("Connection", "close") // or net/http reads the body before it answers
	}
	w.WriteHeader(a.status)
	w.Write(append(a.body, '\n')) // a client that does not get it asks again, with the same key
}
