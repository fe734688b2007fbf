package runtime

import (
	"context"
	"errors"
	"time"

	"github.com/miniboss/miniboss/runtime/state"
)

// networkRetry is how often the lock of a network's name is tried, which is held
// for one answer of the engine.
const networkRetry = 20 * time.Millisecond

// createNetwork makes a network that was not there. The lock of the group does
// not keep two groups from making one of the same name (--network-name) at once,
// and a one-off container's command does not take it; engines would make two. So
// it looks again under a lock of that name.
func (r *Runner) createNetwork(ctx context.Context, name string) (network Network, err error) {
	release, err := r.lockNetwork(ctx, name)
	if err != nil {
		return Network{}, err
	}
	defer release()
	if network, err = r.Engine.Network(ctx, name); !errors.Is(err, ErrNotFound) {
		return network, err
	}
	err = r.Journal.Doing(state.VerbNetwork, name, func() error {
		network, err = r.Engine.CreateNetwork(ctx, name, r.groupLabels())
		return err
	})
	return network, err
}

func (r *Runner) lockNetwork(ctx context.Context, name string) (release func(), err error) {
	if r.TryLock == nil {
		return func() {}, nil
	}
	for {
		if release, err = r.TryLock("network " + name); release != nil || err != nil {
			return release, err
		}
		select {
		case <-time.After(networkRetry):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
