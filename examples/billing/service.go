package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"time"

	"example.com/mss"
)

var (
	errPriceChanged = errors.New("price changed")
	errRenewed      = errors.New("subscription renewed")
	errStalePreview = errors.New("preview outdated")
)

// proration is the service's choice: a client that could choose it for each refund
// would choose the one that pays out more.
const proration = mss.ByDay

// maxSkew is how far the clocks of machines may differ.
const maxSkew = 5 * time.Second

// service is what is done, without HTTP and SQL. Every amount and date is the
// library's. A method given a tx returns the id of the subscription that it made, or 0.
// It checks before it writes, and reads the clock when it has its lock.
type service struct {
	prices mss.PriceBook
	now    func() time.Time
	store  *store
}

// What clients send.
type (
	quoteIn struct {
		Plan     string
		Machines int
		Term     mss.Term
	}
	buyIn struct {
		Quote mss.Quote // as handed out
		Start string    // "2006-01-02"; left out, the earliest day
	}
	renewIn  struct{ Quote mss.Quote }
	refundIn struct{ Refund mss.Refund } // as previewed
	changeIn struct {
		renewIn
		refundIn
	}
)

type changed struct {
	ClosedID int64 `json:"closed_id"`
	OpenedID int64 `json:"opened_id"`
	mss.Change
}

func (c changed) LogValue() slog.Value {
	return slog.GroupValue(slog.Int64("closed_id", c.ClosedID), slog.Any("closed", c.Closed),
		slog.Int64("id", c.OpenedID), slog.Any("subscription", c.Opened))
}

// outdated is an error about a quote or a preview, with the one to agree to instead.
type outdated struct {
	error
	quote   *mss.Quote
	preview *mss.Refund
}

func (e outdated) Unwrap() error { return e.error }

func (s *service) quote(_ context.Context, _ int64, in quoteIn) (mss.Quote, error) {
	return s.quoteAt(s.now(), in)
}

// quoteAt quotes from the price list in force at an instant.
func (s *service) quoteAt(now time.Time, in quoteIn) (mss.Quote, error) {
	catalog, err := s.prices.At(now)
	if err != nil {
		return mss.Quote{}, fmt.Errorf("price book: %v", err) // not %w: no fault of the client's
	}
	plan, err := catalog.Plan(in.Plan)
	if err == nil && in.Term == (mss.Term{}) { // the body had none: decoding checks it
		err = fmt.Errorf("term: want one such as P1Y: %w", mss.ErrTerm)
	}
	if err != nil {
		return mss.Quote{}, err
	}
	return plan.Quote(in.Machines, in.Term)
}

// agreed checks a quote that a client came back with, which is not trusted: it holds if
// the price list in force says the same.
func (s *service) agreed(claim mss.Quote, now time.Time) error {
	if claim.Validate() != nil { // the body had none: decoding checks it
		return fmt.Errorf("quote: want one, as handed out: %w", mss.ErrInconsistent)
	}
	quote, err := s.quoteAt(now, quoteIn{claim.Plan, claim.Machines, claim.Term})
	if err == nil && !quote.Equal(claim) {
		err = outdated{error: fmt.Errorf("%v: want %v: %w", claim, quote, errPriceChanged), quote: &quote}
	}
	return err
}

func (s *service) get(ctx context.Context, id int64) (record, error) {
	r, err := read(ctx, s.store.reader.QueryRowContext, id)
	return s.today(r), err
}

// periods returns the months in which what a subscription costs is earned.
func (s *service) periods(ctx context.Context, id int64) ([]mss.Period, error) {
	r, err := read(ctx, s.store.reader.QueryRowContext, id)
	by := proration
	if r.Subscription.Refunded != nil {
		by = r.Subscription.Refunded.By
	}
	periods, amortizeErr := r.Subscription.Amortize(by)
	return periods, cmp.Or(err, amortizeErr)
}

// list returns a page of a list. What expires is listed as of the instant at which the
// list was begun, however late a page is asked for: so no page lacks or repeats what
// another has.
func (s *service) list(ctx context.Context, l listing) (page, error) {
	if l.days > 0 && l.after == (place{}) {
		now := s.now().Unix()
		l.after = place{begun: now, ends: now, id: math.MaxInt64}
	}
	p, err := s.store.list(ctx, l)
	for i, r := range p.Subscriptions {
		p.Subscriptions[i] = s.today(r)
	}
	return p, err
}

func (s *service) today(r record) record {
	now := s.nowFor(r)
	r.Status, r.DaysLeft = r.Subscription.Status(now), r.Subscription.DaysLeft(now)
	return r
}

// nowFor returns what the clock says, or the purchase if that is later: it was on a
// machine whose clock is ahead, or this clock was set back.
func (s *service) nowFor(r record) time.Time {
	return slices.MaxFunc([]time.Time{s.now(), r.Subscription.Purchased}, time.Time.Compare)
}

func (s *service) buy(ctx context.Context, t tx, _ int64, in buyIn) (made int64, out any, err error) {
	now := s.now()
	start := in.Quote.EarliestStart(now)
	if in.Start != "" {
		if start, err = time.ParseInLocation(time.DateOnly, in.Start, mss.Beijing); err != nil {
			err = fmt.Errorf("start %.99q: want a day such as 2026-03-01: %w", in.Start, mss.ErrDate)
		}
	}
	bought, buyErr := in.Quote.SubscribeFrom(now, start)
	if err := cmp.Or(s.agreed(in.Quote, now), err, buyErr); err != nil {
		return 0, nil, err
	}
	return s.insert(ctx, t, 0, bought)
}

func (s *service) renew(ctx context.Context, t tx, id int64, in renewIn) (made int64, out any, err error) {
	r, now, err := s.lock(ctx, t, id, mss.Refund{})
	renewed, renewErr := r.Subscription.Renew(in.Quote, now)
	if err := cmp.Or(err, s.agreed(in.Quote, now), renewErr); err != nil {
		return 0, nil, err
	}
	return s.insert(ctx, t, id, renewed)
}

func (s *service) insert(ctx context.Context, t tx, follows int64, bought mss.Subscription) (made int64, out any, err error) {
	made, err = t.insert(ctx, follows, bought)
	return made, s.today(record{ID: made, Follows: follows, Subscription: bought}), err
}

func (s *service) preview(ctx context.Context, id int64, _ struct{}) (mss.Refund, error) {
	r, err := last(read(ctx, s.store.reader.QueryRowContext, id))
	refund, refundErr := r.Subscription.Refund(s.nowFor(r), proration)
	return refund, cmp.Or(err, refundErr)
}

func (s *service) refund(ctx context.Context, t tx, id int64, in refundIn) (made int64, out any, err error) {
	r, now, err := s.lock(ctx, t, id, in.Refund)
	if err == nil {
		r.Subscription, err = confirm(r.Subscription, in.Refund, now)
	}
	if err != nil {
		return 0, nil, err
	}
	return 0, s.today(r), t.refund(ctx, id, r.Subscription)
}

func (s *service) change(ctx context.Context, t tx, id int64, in changeIn) (made int64, out any, err error) {
	r, now, err := s.lock(ctx, t, id, in.Refund)
	_, confirmErr := confirm(r.Subscription, in.Refund, now)
	c, changeErr := r.Subscription.Change(in.Quote, now, proration)
	if err := cmp.Or(err, s.agreed(in.Quote, now), confirmErr, changeErr); err != nil {
		return 0, nil, err
	}
	if err := t.refund(ctx, id, c.Closed); err != nil {
		return 0, nil, err
	}
	follows := id
	if c.Closed.Days() == 0 { // it covers no day any more: the new one takes its place
		follows = r.Follows
	}
	made, err = t.insert(ctx, follows, c.Opened)
	return made, changed{id, made, c}, err
}

// lock reads a subscription that is about to be changed, and the clock: see nowFor. A
// preview to confirm may be a little later.
func (s *service) lock(ctx context.Context, t tx, id int64, preview mss.Refund) (r record, now time.Time, err error) {
	r, err = last(t.read(ctx, id))
	now = s.nowFor(r)
	if ahead := preview.At.Sub(now); ahead > 0 && ahead <= maxSkew {
		now = preview.At
	}
	return r, now, err
}

// last is what was read to renew, change or refund a subscription. One that has a
// renewal is refused: a second renewal would bill the same days twice, and taking back
// what the first begins after would leave a gap before it.
func last(r record, err error) (record, error) {
	if err == nil && r.FollowedBy != 0 && r.Subscription.Refunded == nil {
		err = fmt.Errorf("subscription %d: renewed by %d, the one to deal with first: %w", r.ID, r.FollowedBy, errRenewed)
	}
	return r, err
}

// confirm cancels by a refund that was previewed today. One of another day is not
// paid out: the error has a fresh preview, so that the client agrees to a figure
// it has seen.
func confirm(s mss.Subscription, previewed mss.Refund, now time.Time) (mss.Subscription, error) {
	if previewed.By != proration {
		return mss.Subscription{}, fmt.Errorf("refund: want one by %v, as previewed: %w", proration, mss.ErrInconsistent)
	}
	cancelled, err := s.Cancel(previewed, now)
	if errors.Is(err, mss.ErrDate) {
		fresh, expired := s.Refund(now, proration)
		err = cmp.Or(expired, error(outdated{error: fmt.Errorf("%w: %w", err, errStalePreview), preview: &fresh}))
	}
	return cancelled, err
}
