package runtime

import (
	"context"
	"fmt"

	"github.com/miniboss/miniboss/runtime/spec"
)

// Environment returns a service's environment variables as its container gets
// them from the file: with the values of the shared context, and the braces
// replaced. Mistakes in other fields do not matter. No engine is needed.
func (r *Runner) Environment(ctx context.Context, service string) (map[string]string, error) {
	s := r.Graph.Service(service)
	if s == nil {
		return nil, spec.UnknownService(r.Graph, service)
	}
	ctx, stop := r.guard(ctx)
	defer stop()
	d, err := r.oneField(ctx, s, "env")
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("service %q: %w", service, err)
	}
	return d.Env, nil
}

// oneField evaluates a service as at its turn, and returns a definition with
// this field alone: the values that the others need may not be there.
func (r *Runner) oneField(ctx context.Context, s *spec.Service, field string) (spec.Definition, error) {
	fields, err := s.Evaluate(ctx)
	problems := spec.MissingProblems(err)
	if err != nil && problems == nil {
		return spec.Definition{}, err
	}
	values, err := r.contextValues(ctx)
	if err != nil {
		return spec.Definition{}, err
	}
	only := map[string]any{"name": s.Name, "image": "any"}
	if value, there := fields[field]; there {
		only[field] = value
	}
	if len(problems) == 0 {
		var d spec.Definition
		if d, problems = finishDefinition(only, values, r.dir()); len(problems) == 0 {
			return d, nil
		}
	}
	r.explainMissing(s, problems, values)
	for i := range problems {
		problems[i].Class, problems[i].Pos = s.Class, s.FieldPos(problems[i].Field)
		if problems[i].Hint == "" {
			problems[i].Hint = "run `miniboss start` first: hooks set context values while services start"
		}
	}
	return spec.Definition{}, &spec.DefinitionError{Problems: problems}
}
