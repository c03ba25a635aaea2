package main

import (
	"encoding/json"
	"time"

	"example.com/mss"
)

func plans(c *call) (string, error) { return c.print(c.catalog, plansText(c.catalog)) }

func quote(c *call) (string, error) {
	s, err := c.buy()
	if err != nil {
		return "", err
	}
	return c.print(s.Quote, saleText(c.title, s))
}

func buy(c *call) (string, error) { return c.printSale(c.buy()) }

// report is what status prints.
type report struct {
	At       time.Time  `json:"at"`
	Status   mss.Status `json:"status"`
	Start    time.Time  `json:"start"`
	End      time.Time  `json:"end"`
	Days     int        `json:"days"`
	UsedDays int        `json:"used_days"`
	DaysLeft int        `json:"days_left"`
}

func status(c *call) (string, error) {
	s, at := c.subscription, c.at
	r := report{at.In(mss.Beijing), s.Status(at), s.Start, s.End, s.Days(), s.UsedDays(at), s.DaysLeft(at)}
	return c.print(r, statusText(s, r))
}

func renew(c *call) (string, error) { return c.printSale(c.subscription.Renew(c.quote, c.at)) }

func refund(c *call) (string, error) {
	s := c.subscription
	r, err := s.Refund(c.at, c.by)
	if err == nil && c.is("confirm") {
		s, err = s.Cancel(r, c.at)
	}
	if err != nil {
		return "", err
	}
	if c.is("confirm") {
		return c.print(s, cancelledText(s))
	}
	return c.print(r, previewText(r))
}

func change(c *call) (string, error) {
	changed, err := c.subscription.Change(c.quote, c.at, c.by)
	if err != nil || c.is("opened") {
		return c.printSale(changed.Opened, err)
	}
	return c.print(changed, changeText(c.title, changed))
}

func amortize(c *call) (string, error) {
	periods, err := c.subscription.Amortize(c.by)
	if err != nil {
		return "", err
	}
	return c.print(periods, amortizationText(c.subscription, c.by, periods))
}

// buy makes a subscription of the quote.
func (c *call) buy() (mss.Subscription, error) {
	if c.has("start") {
		return c.quote.SubscribeFrom(c.at, c.start)
	}
	return c.quote.Subscribe(c.at)
}

// printSale prints a subscription that was bought, unless it could not be.
func (c *call) printSale(s mss.Subscription, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return c.print(s, saleText(c.title, s))
}

// print returns a result as JSON or as text.
func (c *call) print(v any, text string) (string, error) {
	if c.is("text") || c.command.text && !c.is("json") {
		return text, nil
	}
	data, err := json.MarshalIndent(v, "", "  ")
	return escaped(string(data)) + "\n", err
}
