package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/miniboss/miniboss/runtime"
)

func (a *app) envCommand(g *globals) *cobra.Command {
	var format string
	var host bool
	cmd := &cobra.Command{
		Use:     "env [FILE] [SERVICE]",
		GroupID: groupService,
		Short:   "print a service's environment, for example to run it outside Docker",
		Long: `env prints a service's environment, using the values of the saved context, as
commands for sh, bash and zsh, as a .env file, or as JSON. With --host, it rewrites
the addresses of other containers so that you can reach them from this machine:
appdb:5432 becomes localhost:5433. It warns on stderr about addresses that it
cannot rewrite.

Without SERVICE, it prints the environment of every service: as nested JSON
objects, or one after the other, each under a comment.

It changes nothing, does not wait for other commands, and works while nothing is
running. It asks the engine only for host ports that the engine chose.`,
		Example: `  miniboss env todo
  eval "$(miniboss env todo --host)" && npm run dev
  miniboss env todo --host --format dotenv > .env.local`,
		ValidArgsFunction: a.completeServices(g, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, names, err := g.takeFile(args)
			if err != nil {
				return err
			}
			if len(names) > 1 {
				return noArguments(cmd, names[1:])
			}
			s := a.newSession(g, path)
			defer s.close()
			if err := s.loadOffline(cmd.Context()); err != nil {
				return err
			}
			environments, err := s.environments(cmd.Context(), names, host)
			output := s.formatted(environments, format, len(names) == 1)
			s.shown()
			_, writeErr := fmt.Fprint(a.stdout, output)
			return errors.Join(s.finish(err), writeErr)
		},
	}
	flags := cmd.Flags()
	choiceVar(cmd, flags, &format, "format", "shell", []string{"shell", "dotenv", "json"}, "print in this `FORMAT`: shell, dotenv or json")
	flags.BoolVar(&host, "host", false, "rewrite the addresses of containers so that this machine can reach them")
	return cmd
}

// environment is what a service has in its env.
type environment struct {
	service string
	values  map[string]string
}

func (e environment) names() []string { return slices.Sorted(maps.Keys(e.values)) }

// loadOffline loads the file with the saved context, without the engine and the
// group's lock.
func (s *session) loadOffline(ctx context.Context) error {
	file, err := s.app.load(ctx, s.path, s.show, func(group string) ([]byte, error) { return s.store().Load(group) })
	if err != nil {
		return err
	}
	s.file = file
	s.runner = runtime.NewRunner(runtime.Setup{
		Group: file.Group, File: s.path, Graph: file.Graph, Values: file, ReadOnly: true, Sink: s.show, Secrets: &s.app.secrets,
		ScriptDead: file.Dead(), ScriptErr: file.Err,
	})
	return nil
}

// environments evaluates the environment of a service, or of all. The error of
// one of all is reported, and the others are returned.
func (s *session) environments(ctx context.Context, names []string, host bool) ([]environment, error) {
	one := len(names) == 1
	if !one {
		names = s.file.Graph.Names()
	}
	reach := &runtime.HostEnv{Runner: s.runner, Running: func(ctx context.Context) ([]runtime.Container, error) {
		if err := s.connect(ctx); err != nil {
			return nil, err
		}
		s.runner.Engine, s.runner.Machine = s.engine, s.machine()
		s.runner.Adopted = runtime.NewAdopted(lockDir(), s.lockName(s.runner.Group))
		return s.runner.OwnContainers(ctx)
	}}
	var list []environment
	var failed []string
	for _, name := range names {
		values, err := s.runner.Environment(ctx, name)
		switch {
		case err == nil:
		case one || ctx.Err() != nil:
			return nil, err
		default:
			s.show(runtime.Event{Time: time.Now(), Service: name, Phase: runtime.PhaseError, Err: err})
			failed = append(failed, name)
			continue
		}
		if host {
			var notes []string
			values, notes = reach.Rewrite(ctx, name, values)
			for _, note := range notes {
				s.warn(name, note)
			}
		}
		if values == nil {
			values = map[string]string{} // JSON has {} for it
		}
		list = append(list, environment{name, values})
	}
	if len(failed) > 0 {
		return list, &runtime.FailedError{Failed: failed}
	}
	return list, nil
}

func (s *session) warn(service, text string) {
	s.show(runtime.Event{Time: time.Now(), Service: service, Phase: runtime.PhaseWarning, Cause: text})
}

// formatted writes environments in a form, and warns of what it cannot hold.
func (s *session) formatted(list []environment, format string, one bool) string {
	if format == "json" {
		if one && len(list) == 1 {
			return asJSON(list[0].values)
		}
		all := map[string]map[string]string{}
		for _, e := range list {
			all[e.service] = e.values
		}
		return asJSON(all)
	}
	line := shellLine
	if format == "dotenv" {
		line = dotenvLine
	}
	var b strings.Builder
	setBy := map[string]environment{}
	for _, e := range list {
		if !one {
			fmt.Fprintf(&b, "# %s\n", e.service)
		}
		for _, name := range e.names() {
			text, problem := line(name, e.values[name])
			b.WriteString(text)
			if problem != "" {
				s.warn(e.service, "env."+name+": "+problem)
			}
			if first, twice := setBy[name]; twice && first.values[name] != e.values[name] {
				s.warn(e.service, fmt.Sprintf("env.%s: %s sets a different value; if you load both, the last one wins", name, first.service))
			}
			setBy[name] = e
		}
	}
	return b.String()
}

// asJSON never fails: there are only texts.
func asJSON(value any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(value)
	return b.String()
}
