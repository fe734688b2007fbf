package runtime

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/miniboss/miniboss/runtime/spec"
)

// Plan is what Start would do.
type Plan struct {
	Steps []PlanStep
}

// PlanStep is what Start would do to one service.
type PlanStep struct {
	Service string
	Image   string // "build todo:dev (not found locally)"; "": it is there
	What    string // "replace: env.DB_URI changed"
	// Changes are the fields in which its container differs from the file,
	// without secret values.
	Changes []spec.Change
	// Port says which host ports that it wants are taken, and who has them;
	// "": none is.
	Port string
}

// String prints the plan, one service a line, with what changed below it.
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
		if s.Port != "" {
			fmt.Fprintf(&out, "; %s", s.Port)
		}
		out.WriteByte('\n')
		for _, c := range s.Changes {
			fmt.Fprintf(&out, "%-*s    %s\n", width, "", c)
		}
	}
	return out.String()
}

// Plan finds out what Start would do with the same options. It changes nothing.
func (r *Runner) Plan(ctx context.Context, o StartOptions) (Plan, error) {
	names, err := o.ForStart(r.Graph)
	if err != nil {
		return Plan{}, err
	}
	survey, err := r.survey(ctx)
	if err == nil {
		err = r.taken(survey.things)
	}
	if err != nil {
		return Plan{}, err
	}
	containers, _ := withoutOneOffs(survey.containers)
	have := byService(containers)
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
	network = mostUsed(network, containers)
	images := newImageSet(ctx, r, o.Build, o.Pull)
	defer images.close()
	images.look = true
	if o.NoBuild {
		images.rule = buildNone
	}
	images.prepare(r.services(names))
	taken := r.takenPorts(ctx, names, network.Name, have)
	var plan Plan
	renewed := map[string]bool{} // services that get a new container
	for _, name := range names {
		s := r.Graph.Service(name)
		dependencies := r.dependencyContainers(s, have, func(name string) bool { return renewed[name] })
		step, action, err := r.planStep(ctx, o, s, network, have[name], dependencies, images)
		if err != nil {
			return Plan{}, err
		}
		renewed[name] = action == Create || action == Replace
		if err := taken[name]; err != nil {
			step.Port = err.Error()
		}
		plan.Steps = append(plan.Steps, step)
	}
	return plan, nil
}

// planStep also returns the action; "" where it is decided at the service's turn.
func (r *Runner) planStep(ctx context.Context, o StartOptions, s *spec.Service, network Network, have []Container,
	dependencies map[string]DependencyContainer, images *imageSet,
) (step PlanStep, action Action, err error) {
	step.Service = s.Name
	p, err := r.preview(ctx, s, network, images, o.Timeout)
	if err != nil {
		return step, "", err
	}
	if p.unknown != "" {
		step.What = p.unknown
		if p.fails {
			step.What = "fails: " + p.unknown
		}
		return step, "", nil
	}
	p.want.Dependencies = dependencies
	decision, err := r.decideOn(ctx, p.want, p.request, have)
	step.What = decision.String()
	step.Image = p.image.plan(step.What)
	for _, c := range decision.Changes {
		step.Changes = append(step.Changes, c.Masked())
	}
	return step, decision.Action, err
}

// plan says what is done about an image, without the reason where that is told
// already; "": nothing is.
func (j *imageJob) plan(told string) string {
	if j.why == "" {
		return j.kept
	}
	verb := "pull "
	if j.built {
		verb = "build "
	}
	if strings.Contains(told, j.why) {
		return verb + j.ref
	}
	return verb + j.ref + " (" + j.why + ")"
}
