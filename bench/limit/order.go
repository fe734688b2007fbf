package main

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/miniboss/miniboss/bench/collection"
)

// slots bounds how much is done at a time. A nil one does not.
type slots chan struct{}

func newSlots(n int) slots {
	if n == 0 {
		return nil
	}
	return make(slots, n)
}

func (s slots) within(do func() error) error {
	if s != nil {
		s <- struct{}{}
		defer func() { <-s }()
	}
	return do()
}

// each calls do for all services at once. wait returns when those that go
// before have been done: dependencies, or for stops dependants.
func (r *run) each(ctx context.Context, backwards bool, do func(ctx context.Context, s collection.Service, wait func() error) error) error {
	all, ctx := errgroup.WithContext(ctx)
	done := map[string]chan struct{}{}
	before := map[string][]string{}
	for _, s := range r.Services {
		done[s.Name] = make(chan struct{})
		for _, d := range s.DependsOn {
			if backwards {
				before[d] = append(before[d], s.Name)
			} else {
				before[s.Name] = append(before[s.Name], d)
			}
		}
	}
	for _, s := range r.Services {
		all.Go(func() error {
			err := do(ctx, s, func() error {
				for _, name := range before[s.Name] {
					select {
					case <-done[name]:
					case <-ctx.Done():
						return ctx.Err()
					}
				}
				return nil
			})
			if err == nil {
				close(done[s.Name])
			}
			return err
		})
	}
	return all.Wait()
}
