package runtime

import (
	"context"
	"sync"
)

// stopsAtOnce is how many containers are stopped at a time. Engines are fastest
// with 8 to 16, and Docker 20.10 was seen to miscount a network's endpoints
// when a hundred were stopped at once.
const stopsAtOnce = 12

// semaphore bounds how much is done at once. It holds a token for each slot taken.
type semaphore chan struct{}

func newSemaphore(n int) semaphore { return make(semaphore, n) }

// do does something when a slot is free.
func (s semaphore) do(ctx context.Context, do func() error) error {
	release, err := s.take(ctx)
	if err != nil {
		return err
	}
	defer release()
	return do()
}

// take waits for a free slot. The caller calls release, once or several times.
func (s semaphore) take(ctx context.Context) (release func(), err error) {
	select {
	case s <- struct{}{}:
		return sync.OnceFunc(func() { <-s }), nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
