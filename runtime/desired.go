package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

// finalDefinition evaluates a service at its turn.
func (r *Runner) finalDefinition(ctx context.Context, s *spec.Service) (spec.Definition, error) {
	fields, err := s.Evaluate(ctx)
	problems := spec.MissingProblems(err)
	if err != nil && problems == nil {
		return spec.Definition{}, err
	}
	values, err := r.contextValues(ctx)
	if err != nil {
		return spec.Definition{}, err
	}
	if len(problems) == 0 {
		var d spec.Definition
		if d, problems = finishDefinition(fields, values, r.dir()); len(problems) == 0 {
			// The graph was built on these two.
			d.Name = s.Name
			r.Secrets.Learn(d)
			return d, nil
		}
	}
	r.explainMissing(s, problems, values)
	for i := range problems {
		problems[i].Class = s.Class
		problems[i].Pos = s.FieldPos(problems[i].Field)
	}
	return spec.Definition{}, &spec.DefinitionError{Problems: problems}
}

// finishDefinition replaces the templates in the fields of a service and parses
// them, as at its turn.
func finishDefinition(fields, values map[string]any, dir string) (spec.Definition, []spec.Problem) {
	fields, problems := spec.ExtrapolateFields(fields, values)
	d, more := spec.ParseDefinition(fields, dir, spec.AtTurn)
	return d, append(problems, more...)
}

// desiredState makes the create request of a service and what Decide compares.
func (r *Runner) desiredState(ctx context.Context, s *spec.Service, d spec.Definition, network Network, timeout time.Duration) (Desired, []byte, error) {
	request, err := r.request(ctx, s, ContainerSpec{Definition: d, NetworkName: network.Name}, timeout)
	if err != nil {
		return Desired{}, nil, err
	}
	hash, err := r.HashKey.Hash(request)
	if err != nil {
		return Desired{}, nil, err
	}
	want := Desired{
		Service: s.Name, FullName: fullName(r.Group, s.Name), Image: d.Image, Hash: hash,
		AlwaysNew: d.AlwaysStartNew, OneShot: d.OneShot,
	}
	if networkMode(request) == network.Name {
		want.NetworkName, want.NetworkID = network.Name, network.ID
	}
	return want, request, nil
}

// request makes a create request from a spec without group and volumes, and
// lets the service change it.
func (r *Runner) request(ctx context.Context, s *spec.Service, spec ContainerSpec, timeout time.Duration) ([]byte, error) {
	spec.Group = r.Group
	spec.Volumes = slices.Clone(spec.Definition.Volumes)
	for i, v := range spec.Volumes {
		if v.Named && !v.External {
			spec.Volumes[i].Source = fullName(r.Group, v.Source)
		}
	}
	request, err := r.Engine.Request(spec)
	if err != nil || s.Hooks.Configure == nil {
		return request, err
	}
	err = r.call(ctx, timeout, func(ctx context.Context) (err error) {
		request, err = s.Hooks.Configure(ctx, request)
		return err
	})
	if err != nil {
		return nil, &HookError{Service: s.Name, Hook: "configure", Err: err}
	}
	return request, nil
}

// networkMode returns the network that a create request asks for, which
// configure may have changed.
func networkMode(request []byte) string {
	var r struct {
		HostConfig struct{ NetworkMode string }
	}
	_ = json.Unmarshal(request, &r) // one that is broken asks for none
	return r.HostConfig.NetworkMode
}

// decideOn asks the engine for the fields that changed where that is needed,
// and decides.
func (r *Runner) decideOn(ctx context.Context, want Desired, request []byte, have []Container) (Decision, error) {
	for {
		c, others := Candidate(want, have)
		changes, err := r.changes(ctx, want, request, c)
		if errors.Is(err, ErrNotFound) {
			have = others // it was removed since they were listed
			continue
		}
		if err != nil {
			return Decision{}, err
		}
		return Decide(want, have, changes), nil
	}
}

// changes returns the fields in which the service's container, which may be nil,
// differs from what it should be. The engine is not asked where the hashes tell
// that there is none. The error wraps ErrNotFound where the container is gone.
func (r *Runner) changes(ctx context.Context, want Desired, request []byte, c *Container) ([]spec.Change, error) {
	if c == nil {
		return nil, nil
	}
	if same, known := state.CompareHashes(c.Labels.Hash, want.Hash); same && known {
		return nil, nil
	}
	return r.Engine.Changes(ctx, c.ID, request)
}
