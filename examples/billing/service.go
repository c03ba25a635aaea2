package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"example.com/mss"
)

var (
	errPriceChanged = errors.New("price changed")
	errRenewed      = errors.New("subscription renewed")
	errStalePreview = errors.New("preview of another day")
)

// proration is the service's choice: a client that could choose it for each refund
// would choose the one that pays out more.
const proration = mss.ByDay

// service is what is done, without HTTP and SQL. Every amount and date is the
// library's. A method given a tx checks before it writes, and reads the clock
// when the tx has its lock.
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
	if err != nil {
		return mss.Quote{}, err
	}
	return plan.Quote(in.Machines, in.Term)
}

// agreed checks a quote that a client came back with: it is a claim, and holds if
// the price list in force says the same.
func (s *service) agreed(claim mss.Quote, now time.Time) error {
	if err := claim.Validate(); err != nil { // the body had none
		return err
	}
	quote, err := s.quoteAt(now, quoteIn{claim.Plan, claim.Machines, claim.Term})
	if err == nil && !quote.Equal(claim) {
		err = outdated{error: fmt.Errorf("%v: want %v: %w", claim, quote, errPriceChanged), quote: &quote}
	}
	return err
}

func (s *service) get(ctx context.Context, id int64) (record, error) {
	r, err := read(ctx, s.store.reader, id)
	return s.today(r), err
}

// periods returns the months in which what a subscription costs is earned.
func (s *service) periods(ctx context.Context, id int64) ([]mss.Period, error) {
	r, err := read(ctx, s.store.reader, id)
	if err != nil {
		return nil, err
	}
	by := proration
	if r.Subscription.Refunded != nil {
		by = r.Subscription.Refunded.By
	}
	return r.Subscription.Amortize(by)
}

// expiring returns a page of what ends by itself within some days of the instant
// at which the list was begun, however late the page is asked for: so no page
// lacks or repeats what another has. The days are the bounds of a query: no price
// and no term depends on them.
func (s *service) expiring(ctx context.Context, days, limit int, after place) (page, error) {
	if after == (place{}) {
		now := s.now().Unix()
		after = place{begun: now, ends: now, id: math.MaxInt64}
	}
	p, err := s.store.expiring(ctx, after, after.begun+int64(days)*24*60*60, limit) // Beijing has no summer time
	for i, r := range p.Subscriptions {
		p.Subscriptions[i] = s.today(r)
	}
	return p, err
}

func (s *service) today(r record) record {
	now := s.now()
	r.Status, r.DaysLeft = r.Subscription.Status(now), r.Subscription.DaysLeft(now)
	return r
}

func (s *service) buy(ctx context.Context, t tx, _ int64, in buyIn) (int64, any, error) {
	now := s.now()
	if err := s.agreed(in.Quote, now); err != nil {
		return 0, nil, err
	}
	start := in.Quote.EarliestStart(now)
	if in.Start != "" {
		var err error
		if start, err = time.ParseInLocation(time.DateOnly, in.Start, mss.Beijing); err != nil {
			return 0, nil, fmt.Errorf("start: %w: %w", err, mss.ErrDate)
		}
	}
	bought, err := in.Quote.SubscribeFrom(now, start)
	if err != nil {
		return 0, nil, err
	}
	return s.insert(ctx, t, 0, bought)
}

func (s *service) renew(ctx context.Context, t tx, id int64, in renewIn) (int64, any, error) {
	now := s.now()
	r, err := last(ctx, t, id)
	if err == nil {
		err = s.agreed(in.Quote, now)
	}
	if err != nil {
		return 0, nil, err
	}
	renewed, err := r.Subscription.Renew(in.Quote, now)
	if err != nil {
		return 0, nil, err
	}
	return s.insert(ctx, t, id, renewed)
}

func (s *service) insert(ctx context.Context, t tx, follows int64, bought mss.Subscription) (int64, any, error) {
	id, err := t.insert(ctx, follows, bought)
	return id, s.today(record{ID: id, Follows: follows, Subscription: bought}), err
}

func (s *service) preview(ctx context.Context, id int64, _ struct{}) (mss.Refund, error) {
	r, err := last(ctx, s.store.reader, id)
	if err != nil {
		return mss.Refund{}, err
	}
	return r.Subscription.Refund(s.now(), proration)
}

func (s *service) refund(ctx context.Context, t tx, id int64, in refundIn) (int64, any, error) {
	r, err := last(ctx, t, id)
	if err != nil {
		return 0, nil, err
	}
	if r.Subscription, err = confirm(r.Subscription, in.Refund, s.now()); err != nil {
		return 0, nil, err
	}
	return 0, s.today(r), t.refund(ctx, id, r.Subscription)
}

func (s *service) change(ctx context.Context, t tx, id int64, in changeIn) (int64, any, error) {
	now := s.now()
	r, err := last(ctx, t, id)
	if err == nil {
		err = s.agreed(in.Quote, now)
	}
	if err != nil {
		return 0, nil, err
	}
	if _, err := confirm(r.Subscription, in.Refund, now); err != nil {
		return 0, nil, err
	}
	c, err := r.Subscription.Change(in.Quote, now, proration)
	if err != nil {
		return 0, nil, err
	}
	if err := t.refund(ctx, id, c.Closed); err != nil {
		return 0, nil, err
	}
	follows := id
	if c.Closed.Days() == 0 { // it covers no day any more: the new one takes its place
		follows = r.Follows
	}
	opened, err := t.insert(ctx, follows, c.Opened)
	return opened, changed{id, opened, c}, err
}

// last reads a subscription to renew, change or refund. One that has a renewal
// is refused: a second renewal would bill the same days twice, and taking back
// what the first begins after would leave a gap before it.
func last(ctx context.Context, from querier, id int64) (record, error) {
	r, err := read(ctx, from, id)
	if err == nil && r.FollowedBy != 0 && r.Subscription.Refunded == nil {
		err = fmt.Errorf("subscription %d: renewed by %d, the one to deal with first: %w", id, r.FollowedBy, errRenewed)
	}
	return r, err
}

// confirm cancels by a refund that was previewed today. One of another day is not
// paid out: the error has a fresh preview, so that the client agrees to a figure
// it has seen.
func confirm(s mss.Subscription, previewed mss.Refund, now time.Time) (mss.Subscription, error) {
	if previewed.By != proration {
		return mss.Subscription{}, fmt.Errorf("refund by %v: want one by %v, as previewed: %w", previewed.By, proration, mss.ErrInconsistent)
	}
	cancelled, err := s.Cancel(previewed, now)
	if !errors.Is(err, mss.ErrDate) {
		return cancelled, err
	}
	fresh, expired := s.Refund(now, proration)
	if expired != nil {
		return mss.Subscription{}, expired
	}
	return mss.Subscription{}, outdated{error: fmt.Errorf("%w: %w", err, errStalePreview), preview: &fresh}
}
