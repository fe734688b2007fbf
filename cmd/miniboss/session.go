package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miniboss/miniboss/display"
	"github.com/miniboss/miniboss/docker"
	"github.com/miniboss/miniboss/js"
	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

// session is a loaded file with the engine and the group's lock. It is what
// every command works with that touches an engine.
type session struct {
	app    *app
	show   runtime.Sink
	shown  func() // ends the progress on the terminal: before results, and before another program gets it
	path   string
	file   *js.File // nil where the file cannot be loaded
	runner *runtime.Runner

	engine *docker.Engine
	dial   func() (*docker.Engine, error) // connects, once; see beginToConnect
	hangUp context.CancelFunc
	locks  map[string]*state.Lock // of groups, by name
	saved  []byte                 // the shared context as it was read
	// sawUnhandledError is set when an error happened that nobody in the file waited for.
	sawUnhandledError atomic.Bool
	// unlocked is set for commands that change nothing of the group.
	unlocked bool
}

// withSession loads the file, connects to the engine, takes the group's lock
// and calls run.
func (a *app) withSession(ctx context.Context, g *globals, path string, run func(*session) error) error {
	s := a.newSession(g, path)
	defer s.close()
	if err := s.load(ctx); err != nil {
		return err
	}
	return s.finish(run(s))
}

// finish adds to the result of a command what went wrong beside it.
func (s *session) finish(err error) error {
	if err == nil && s.sawUnhandledError.Load() {
		return fmt.Errorf("command %w: unhandled error in the service file", runtime.ErrFailed)
	}
	return err
}

// withStopSession is withSession for stop, which also works where the file
// cannot be loaded any more: then it stops what the file once started.
func (a *app) withStopSession(ctx context.Context, g *globals, path string, run func(*session) error) error {
	s := a.newSession(g, path)
	defer s.close()
	loadErr := s.load(ctx)
	var broken *fileError
	if loadErr == nil {
		return s.finish(run(s))
	}
	if !errors.As(loadErr, &broken) {
		return loadErr
	}
	groups, err := s.groupsOfFile(ctx)
	if err != nil {
		return err
	}
	if len(groups) == 0 {
		return loadErr
	}
	s.show(runtime.Event{Time: time.Now(), Phase: runtime.PhaseWarning,
		Cause: "the file cannot be loaded, stopping its containers without running hooks\n" + a.explain(loadErr)})
	var failed error
	for _, group := range groups {
		if err := s.lock(ctx, group); err != nil {
			return err
		}
		s.runner = s.newRunner(group)
		failed = errors.Join(failed, run(s))
	}
	return failed
}

// progress begins to show events in the form that --progress names. The caller
// calls done when there will be no more.
func (a *app) progress(form string) (show runtime.Sink, done func()) {
	open, done := a.stderr.Open(display.Options{Form: form, Getenv: a.getenv, Explain: a.explain})
	return func(e runtime.Event) { open(a.withoutSecrets(e)) }, done
}

// withoutSecrets takes what is secret out of what others have written: the reason
// of a ping, a line of a build, the log of a service that failed. What a hook
// writes itself is as it wants it. Errors are told by explain.
func (a *app) withoutSecrets(e runtime.Event) runtime.Event {
	if e.Phase == runtime.PhaseOutput {
		return e
	}
	e.Cause, e.Image, e.Hint = a.hide(e.Cause), a.hide(e.Image), a.hide(e.Hint)
	if e.Progress != nil {
		p := *e.Progress
		p.Step, p.Text = a.hide(p.Step), a.hide(p.Text)
		e.Progress = &p
	}
	if len(e.Logs) > 0 {
		e.Logs = slices.Clone(e.Logs)
		for i, line := range e.Logs {
			e.Logs[i] = a.hide(line)
		}
	}
	return e
}

func (a *app) newSession(g *globals, path string) *session {
	show, shown := a.progress(g.progress)
	s := &session{app: a, path: path, shown: sync.OnceFunc(shown)}
	s.show = func(e runtime.Event) {
		if e.Phase == runtime.PhaseError {
			s.sawUnhandledError.Store(true)
		}
		show(e)
	}
	return s
}

func (s *session) close() {
	if s.file != nil {
		s.file.Close()
	}
	s.shown() // after the file's last words
	if s.runner != nil {
		_ = s.runner.Journal.Close()
	}
	for _, lock := range s.locks {
		_ = lock.Release()
	}
	if s.dial == nil {
		return
	}
	s.hangUp()
	if engine, err := s.dial(); err == nil {
		_ = engine.Close()
	}
}

// load loads the file. Between running it and making its services, when the
// group is known, it connects to the engine, takes the lock and reads the saved
// context: no other command may change that any more.
func (s *session) load(ctx context.Context) error {
	s.beginToConnect(ctx)
	var ownErr error
	file, err := s.app.load(ctx, s.path, s.show, func(group string) (values []byte, err error) {
		defer func() { ownErr = err }()
		if err := s.connect(ctx); err != nil {
			return nil, err
		}
		if !s.unlocked {
			if err := s.lock(ctx, group); err != nil {
				return nil, err
			}
		}
		s.saved, err = s.store().Load(group)
		return s.saved, err
	})
	if ownErr != nil {
		return ownErr
	}
	if err != nil {
		return err
	}
	s.file = file
	s.runner = s.newRunner(file.Group)
	s.runner.Graph = file.Graph
	s.runner.Values = file
	s.runner.Saved = s.saved
	s.runner.ScriptDead = file.Dead()
	s.runner.ScriptErr = file.Err
	file.Bind(s.runner.Containers)
	return nil
}

func (s *session) newRunner(group string) *runtime.Runner {
	return runtime.NewRunner(runtime.Setup{
		Group: group, File: s.path, Engine: s.engine, Sink: s.show,
		Store:      s.store(),
		ReadOnly:   s.unlocked,
		TryLock:    s.tryLock,
		Journal:    s.journal(group),
		LastEnds:   state.NewLastEnds(lockDir(), s.lockName(group)),
		ReadyTimes: s.readyTimes(),
		Builds:     runtime.NewBuilds(filepath.Join(lockDir(), "builds"), s.onEngine()),
		HashKey:    s.keys(),
		Secrets:    &s.app.secrets,
		Adopted:    runtime.NewAdopted(lockDir(), s.lockName(group)),
		Machine:    s.machine(),
		Containers: runtime.NewContainers(group, s.engine),
	})
}

// journal is that of the group. It is only read where the group's lock is not held.
func (s *session) journal(group string) *state.Journal {
	if s.unlocked {
		return state.ReadJournal(lockDir(), s.lockName(group))
	}
	return state.NewJournal(lockDir(), s.lockName(group))
}

// machine names this machine where the engine is on another one.
func (s *session) machine() string {
	if s.engine.Local() {
		return ""
	}
	name, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return name
}

// readyTimes are those of this engine.
func (s *session) readyTimes() *state.ReadyTimes {
	return state.NewReadyTimes(lockDir(), s.onEngine())
}

// keys is the user's key for the hashes of definitions; nil where the user has
// no place to keep it. It is not beside the locks: a cache may be wiped, and
// each container then has to be compared with its definition field by field.
func (s *session) keys() *state.HashKey {
	dir, err := os.UserConfigDir()
	if err != nil {
		return nil
	}
	locks := lockDir()
	if s.unlocked {
		locks = "" // it changes nothing
	}
	return state.NewHashKey(filepath.Join(dir, "miniboss"), locks)
}

// beginToConnect connects to the engine while the file is loaded. What comes of
// that is asked for by connect: a mistake in the file is told without an engine.
func (s *session) beginToConnect(ctx context.Context) {
	ctx, s.hangUp = context.WithCancel(ctx)
	s.dial = sync.OnceValues(func() (*docker.Engine, error) { return docker.Connect(ctx, docker.Settings{}) })
	go func() {
		_, _ = s.dial()
		docker.PrepareLists()
	}()
}

func (s *session) connect(ctx context.Context) (err error) {
	if s.dial == nil {
		s.beginToConnect(ctx)
	}
	s.engine, err = s.dial()
	return err
}

func (s *session) store() *state.ContextStore {
	return state.NewContextStore(filepath.Dir(s.path), lockDir(), func(path string) {
		s.notice(fmt.Sprintf("another miniboss command is using the context file %s, waiting for it to finish", path))
	})
}

// bundleDir is where this user's bundles are kept; "": nowhere. A directory that
// others can write to is no place for code.
func bundleDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "miniboss", "bundles")
}

// groupsOfFile asks the engine in which groups the file has containers.
func (s *session) groupsOfFile(ctx context.Context) ([]string, error) {
	if err := s.connect(ctx); err != nil {
		return nil, err
	}
	containers, err := s.engine.Containers(ctx, runtime.Selector{})
	if err != nil {
		return nil, err
	}
	var groups []string
	seen := map[string]bool{}
	for _, c := range containers {
		if !runtime.SameFile(c.Labels.File, s.path) {
			continue
		}
		if !seen[c.Labels.Group] {
			seen[c.Labels.Group] = true
			groups = append(groups, c.Labels.Group)
		}
	}
	return groups, nil
}

// load loads a file and shows its warnings. The errors are *fileError where
// something is wrong with the file.
func (a *app) load(ctx context.Context, path string, show runtime.Sink, loadContext func(string) ([]byte, error)) (*js.File, error) {
	if err := mustExist(path); err != nil {
		return nil, &fileError{err: err}
	}
	emit := func(e runtime.Event) {
		e.Time = time.Now()
		show(e)
	}
	file, err := js.Load(ctx, js.Options{
		File:        path,
		CacheDir:    bundleDir(),
		EnvFiles:    a.envFiles,
		LoadContext: loadContext,
		Console: func(line js.Line) {
			emit(runtime.Event{Service: line.Service, Suite: line.Suite, Phase: runtime.PhaseOutput, Cause: line.Text})
		},
		OnError: func(err *js.Error) {
			emit(runtime.Event{Service: err.Service, Suite: err.Suite, Phase: runtime.PhaseError, Err: err})
		},
	})
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, &fileError{err: err}
	}
	a.learnSecrets(file)
	for _, w := range file.Warnings {
		emit(runtime.Event{Phase: runtime.PhaseWarning, Cause: explainWarning(w)})
	}
	return file, nil
}

// learnSecrets notes the secrets in the definitions as they are at load. The
// runner adds those that a service has at its turn.
func (a *app) learnSecrets(file *js.File) {
	var definitions []spec.Definition
	for _, s := range file.Services {
		definitions = append(definitions, s.Loaded)
	}
	for _, s := range file.Suites {
		definitions = append(definitions, s.Loaded.Definition)
	}
	a.secrets.Learn(definitions...)
}

// displayPath shortens a path to one relative to the working directory where
// that is shorter.
func displayPath(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	if relative, err := filepath.Rel(wd, path); err == nil && len(relative) < len(path) {
		return relative
	}
	return path
}
