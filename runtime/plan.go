package runtime

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Plan is what Start would do.
type Plan struct {
	Steps []PlanStep
}

// PlanStep is what Start would do to one service.
type PlanStep struct {
	Service string
	Image   string // "build todo:dev (it is absent)"; "": it is there
	What    string // "replace: env.DB_URI changed"
}

// String prints the plan, one service a line.
func (p Plan) String() string {
	width := 0
	for _, s := range p.Steps {
		width = max(width, len(s.Service))
	}
	var out strings.Builder
	for _, s := range p.Steps {
		fmt.Fprintf(&out, "%-*s  %s", width, s.Service, s.What)
		if s.Image != "" {
			fmt.Fprintf(&out, "; %s", s.Image)
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// Plan finds out what Start would do with the same options. It changes nothing.
func (r *Runner) Plan(ctx context.Context, o StartOptions) (Plan, error) {
	names, err := o.ForStart(r.Graph)
	if err != nil {
		return Plan{}, err
	}
	containers, err := r.Engine.Containers(ctx, Selector{Group: r.Group})
	if err != nil {
		return Plan{}, err
	}
	have := map[string][]Container{}
	for _, c := range containers {
		have[c.Labels.Service] = append(have[c.Labels.Service], c)
	}
	name := o.NetworkName
	if name == "" {
		name = NetworkName(r.Group)
	}
	network, err := r.Engine.Network(ctx, name)
	if errors.Is(err, ErrNotFound) {
		network, err = Network{Name: name}, nil
	}
	if err != nil {
		return Plan{}, err
	}
	images := newImageSet(ctx, r, o.Build, o.Pull)
	defer images.close()
	var plan Plan
	for _, name := range names {
		step, err := r.planStep(ctx, o, r.Graph.Service(name), network, have[name], images)
		if err != nil {
			return Plan{}, err
		}
		plan.Steps = append(plan.Steps, step)
	}
	return plan, nil
}

func (r *Runner) planStep(ctx context.Context, o StartOptions, s *Service, network Network, have []Container, images *imageSet) (PlanStep, error) {
	step := PlanStep{Service: s.Name}
	definition, err := r.finalDefinition(ctx, s)
	var unknown *DefinitionError
	if errors.As(err, &unknown) {
		fields := make([]string, len(unknown.Problems))
		for i, p := range unknown.Problems {
			fields[i] = p.Field
		}
		step.What = "decided at its turn: " + strings.Join(fields, ", ") + " is not known before"
		return step, nil
	}
	if err != nil {
		if ctx.Err() != nil {
			return step, context.Cause(ctx)
		}
		// A field that reads context.user.id throws as long as there is no user.
		step.What = "decided at its turn: it cannot be evaluated before: " + err.Error()
		return step, nil
	}
	want, request, err := r.desire(ctx, s, definition, network, o.Timeout)
	if err != nil {
		return step, err
	}
	image, err := r.Engine.Image(ctx, definition.Image)
	absent := errors.Is(err, ErrNotFound)
	if err != nil && !absent {
		return step, err
	}
	want.ImageID, want.Pulled = image.ID, !images.canBuild(definition)
	if why := images.reason(definition.Image, images.canBuild(definition), absent); why != "" {
		verb := "pull "
		if images.canBuild(definition) {
			verb = "build "
		}
		step.Image = verb + definition.Image + " (" + why + ")"
	}
	decision, err := r.decideOn(ctx, want, request, have)
	step.What = decision.String()
	return step, err
}
