package runtime

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// preview is what a service should be, as far as that can be told before its
// turn.
type preview struct {
	definition spec.Definition
	want       Desired
	request    []byte
	image      *imageJob
	unknown    string // why it cannot be told; "": it can
	fails      bool   // because a start would fail
}

func (r *Runner) preview(ctx context.Context, s *spec.Service, network Network, images *imageSet, timeout time.Duration) (p preview, err error) {
	p.definition, err = r.finalDefinition(ctx, s)
	var unknown *spec.DefinitionError
	if errors.As(err, &unknown) {
		if p.unknown = r.unknownYet(unknown.Problems); p.unknown != "" {
			return p, nil
		}
		fields := make([]string, len(unknown.Problems))
		for i, p := range unknown.Problems {
			fields[i] = p.Field
		}
		p.unknown = "only known when it starts: " + strings.Join(fields, ", ")
		return p, nil
	}
	if err != nil {
		if ctx.Err() != nil {
			return p, context.Cause(ctx)
		}
		p.unknown = "cannot be evaluated before it starts: " + r.Secrets.Hide(spec.HidePasswords(err.Error()))
		return p, nil
	}
	if p.want, p.request, err = r.desiredState(ctx, s, p.definition, network, timeout); err != nil {
		return p, err
	}
	if p.image, err = images.get(ctx, s.Name, p.definition); err != nil {
		if ctx.Err() != nil || !images.canBuild(p.definition) {
			return p, err
		}
		p.unknown, p.fails = r.Secrets.Hide(spec.HidePasswords(err.Error())), true
		return p, nil
	}
	p.want.ImageID, p.want.Pulled, p.want.Stale = p.image.id, !images.canBuild(p.definition), p.image.stale
	return p, nil
}

func byService(containers []Container) map[string][]Container {
	by := map[string][]Container{}
	for _, c := range containers {
		by[c.Labels.Service] = append(by[c.Labels.Service], c)
	}
	return by
}
