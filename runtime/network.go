package runtime

import (
	"context"
	"errors"
	"time"
)

// networkRetry is how often the lock of a network's name is tried, which is held
// for one answer of the engine.
const networkRetry = 20 * time.Millisecond

// createNetwork makes the network of the run. The lock of the group does not keep
// two groups from making one of the same name (--network-name) at once, of which
// engines would make two. So it looks again under a lock of that name.
func (s *startRun) createNetwork(ctx context.Context) (network Network, err error) {
	release, err := s.lockNetwork(ctx)
	if err != nil {
		return Network{}, err
	}
	defer release()
	if network, err = s.Engine.Network(ctx, s.NetworkName); !errors.Is(err, ErrNotFound) {
		return network, err
	}
	err = s.Journal.doing(verbNetwork, s.NetworkName, func() error {
		network, err = s.Engine.CreateNetwork(ctx, s.NetworkName, Labels{Group: s.Group, File: s.File})
		return err
	})
	return network, err
}

func (s *startRun) lockNetwork(ctx context.Context) (release func(), err error) {
	if s.TryLock == nil {
		return func() {}, nil
	}
	for {
		if release, err = s.TryLock("network " + s.NetworkName); release != nil || err != nil {
			return release, err
		}
		select {
		case <-time.After(networkRetry):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
