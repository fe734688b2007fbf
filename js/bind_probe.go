package js

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dop251/goja"

	"github.com/miniboss/miniboss/network"
	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// bindProbe offers what the prelude's probe.js does: each is a promise of true
// or false. Where it is false the reason is noted in the scope, so that a ping
// that fails in the end can say it.
func bindProbe(h *host, native *goja.Object, client *network.HTTP) {
	_ = native.Set("probeHTTP", func(call goja.FunctionCall) goja.Value {
		p := h.httpProbe(call.Argument(0).String(), call.Argument(1))
		return h.probe(func(ctx context.Context) (network.Readiness, error) { return client.Probe(ctx, p) })
	})
	_ = native.Set("probeTCP", func(call goja.FunctionCall) goja.Value {
		address := call.Argument(0).String()
		return h.probe(func(ctx context.Context) (network.Readiness, error) { return network.ProbeTCP(ctx, address) })
	})
	_ = native.Set("probeSQL", func(call goja.FunctionCall) goja.Value {
		url, query := call.Argument(0).String(), call.Argument(1).String()
		return h.probe(func(ctx context.Context) (network.Readiness, error) { return network.ProbeSQL(ctx, url, query) })
	})
	_ = native.Set("probeRedis", func(call goja.FunctionCall) goja.Value {
		url := call.Argument(0).String()
		return h.probe(func(ctx context.Context) (network.Readiness, error) { return network.ProbeRedis(ctx, url) })
	})
	bindContainerProbes(h, native)
}

// bindContainerProbes offers the probes that ask the engine.
func bindContainerProbes(h *host, native *goja.Object) {
	_ = native.Set("probeExec", func(call goja.FunctionCall) goja.Value {
		containers := h.bound("probe.exec")
		service, options := h.probed("probe.exec", call.Argument(0)), h.execOptions(call.Argument(1), goja.Undefined())
		return h.probe(func(ctx context.Context) (network.Readiness, error) {
			result, err := containers.Exec(ctx, service, options)
			if err != nil {
				return notYet(ctx, err)
			}
			if result.ExitCode == 0 {
				return network.Readiness{Ready: true}, nil
			}
			reason := fmt.Sprintf("%s: exit code %d", options.Cmd[0], result.ExitCode)
			if line := lastLine(result.Stderr, result.Stdout); line != "" {
				reason += ": " + line
			}
			return network.Readiness{Reason: reason}, nil
		})
	})
	_ = native.Set("probeHealthy", func(call goja.FunctionCall) goja.Value {
		containers := h.bound("probe.healthy")
		service := h.probed("probe.healthy", call.Argument(0))
		return h.probe(func(ctx context.Context) (network.Readiness, error) {
			healthy, err := containers.Healthy(ctx, service)
			if missing, ok := errors.AsType[*runtime.NoHealthcheckError](err); ok {
				return network.Readiness{}, fmt.Errorf("probe.healthy: %w", missing)
			}
			if err != nil {
				return notYet(ctx, err)
			}
			if healthy {
				return network.Readiness{Ready: true}, nil
			}
			return network.Readiness{Reason: fmt.Sprintf("service %q is not healthy yet", service)}, nil
		})
	})
	// The log is matched in JavaScript, whose regular expression it is.
	_ = native.Set("probeLog", func(call goja.FunctionCall) goja.Value {
		containers := h.bound("probe.log")
		service := h.probed("probe.log", call.Argument(0))
		return h.async(func(ctx context.Context) (any, error) {
			log, err := runLog(ctx, containers, service)
			if err != nil {
				answer, err := notYet(ctx, err)
				return h.noted(answer), err
			}
			return log, nil
		})
	})
	_ = native.Set("noteReason", func(call goja.FunctionCall) goja.Value {
		h.noteReason(network.Readiness{Reason: call.Argument(0).String()})
		return goja.Undefined()
	})
}

// probe is h.async for a probe.
func (h *host) probe(try func(ctx context.Context) (network.Readiness, error)) goja.Value {
	return h.async(func(ctx context.Context) (any, error) {
		answer, err := try(ctx)
		if err != nil {
			return nil, networkError(err)
		}
		return h.noted(answer), nil
	})
}

// noted makes true or false of an answer and notes its reason.
func (h *host) noted(answer network.Readiness) func(*goja.Runtime) (goja.Value, error) {
	return func(*goja.Runtime) (goja.Value, error) {
		if !answer.Ready {
			h.noteReason(answer)
		}
		return h.rt.ToValue(answer.Ready), nil
	}
}

// noteReason keeps why a probe said no, for the message of a ping that fails in
// the end. On the loop only.
func (h *host) noteReason(answer network.Readiness) {
	if s := h.loop.scope; s != nil {
		s.last = answer
	}
}

// notYet makes an answer of an error of the engine: a container that is just
// being made or restarted cannot be asked. A probe that nobody waits for any
// more has no answer.
func notYet(ctx context.Context, err error) (network.Readiness, error) {
	if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return network.Readiness{}, context.Cause(ctx)
	}
	return network.Readiness{Reason: err.Error()}, nil
}

// runLog returns the log of the container's present run. What it wrote before
// it was restarted says nothing about now.
func runLog(ctx context.Context, containers runtime.Containers, service string) (string, error) {
	description, err := containers.Inspect(ctx, service)
	if err != nil {
		return "", err
	}
	var container struct {
		State struct{ StartedAt, FinishedAt time.Time }
	}
	if err := json.Unmarshal(description, &container); err != nil {
		return "", fmt.Errorf("service %q: the engine's description of the container: %w", service, err)
	}
	since := runSince(container.State.StartedAt, container.State.FinishedAt)
	return containers.Logs(ctx, service, runtime.LogOptions{Since: since})
}

// runSince returns when the log of the present run begins, given when the
// container was last started and last ended. The engine notes the start only
// after the process may have written its first lines, and the last lines of a
// run can come after its end, so the line is drawn in the middle.
func runSince(started, ended time.Time) time.Time {
	switch {
	case ended.Year() <= 1: // it has run once
		return time.Time{}
	case ended.After(started): // it does not run
		return started.Add(-100 * time.Millisecond)
	}
	return ended.Add(started.Sub(ended) / 2)
}

// lastLine returns the last line of the first text that has one.
func lastLine(texts ...string) string {
	for _, text := range texts {
		text = strings.TrimSpace(text)
		if text != "" {
			return strings.TrimSpace(text[strings.LastIndex(text, "\n")+1:])
		}
	}
	return ""
}

// probed returns the name of a service that is given as a class, an instance
// or a name.
func (h *host) probed(what string, v goja.Value) string {
	if name, ok := v.Export().(string); ok {
		names := h.serviceNames()
		for _, known := range names {
			if known == name {
				return name
			}
		}
		hint := "the services are " + strings.Join(names, ", ")
		if near := spec.Nearest(name, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		h.throwType(fmt.Sprintf("%s: there is no service %q: %s", what, name, hint))
	}
	if o, ok := v.(*goja.Object); ok {
		if class := h.serviceOf(o); class != nil {
			return class.service
		}
		if name, err := h.callNative("nameOf", o); err == nil && !goja.IsUndefined(name) {
			return name.String()
		}
	}
	h.throwType(fmt.Sprintf("%s: the service must be an exported class, a service name or this, not %s", what, h.inspect(v)))
	return ""
}

// httpProbe reads the options of probe.http.
func (h *host) httpProbe(url string, options goja.Value) network.HTTPProbe {
	p := network.HTTPProbe{URL: url}
	given := h.optionsOf("probe.http", options, "status", "method", "headers", "body", "timeout")
	for key, value := range given {
		wrong := func(accepted string) {
			h.throwType(fmt.Sprintf("probe.http: %s must be %s, not %s", key, accepted, h.inspectGo(value)))
		}
		switch key {
		case "status":
			list, ok := value.([]any)
			if !ok {
				list = []any{value}
			}
			for _, one := range list {
				status, ok := one.(float64)
				if !ok || status != float64(int(status)) || status < 100 || status > 599 {
					wrong("a status from 100 to 599 or an array of them")
				}
				p.Status = append(p.Status, int(status))
			}
			if len(list) == 0 {
				wrong("a status from 100 to 599 or an array of them")
			}
		case "method":
			method, ok := value.(string)
			if !ok || method == "" {
				wrong("a string")
			}
			p.Method = strings.ToUpper(method)
		case "body":
			body, ok := value.(string)
			if !ok {
				wrong("a string")
			}
			p.Body = []byte(body)
		case "timeout":
			ms, ok := value.(float64)
			if !ok || !(ms > 0) {
				wrong("a number of milliseconds above 0")
			}
			p.Timeout = time.Duration(ms * float64(time.Millisecond))
		case "headers": // an array of pairs: the prelude has checked them
			p.Header = h.headerOf(options.ToObject(h.rt).Get("headers"))
		}
	}
	return p
}
