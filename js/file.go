package js

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/dop251/goja"

	"github.com/miniboss/miniboss/runtime"
	"github.com/miniboss/miniboss/runtime/spec"
)

// File is a loaded file. Its methods may be called from any goroutine.
type File struct {
	Path     string // absolute
	Group    string
	Services []*spec.Service // in the order of the file
	Suites   []*spec.Suite
	Graph    *spec.Graph
	Tests    *spec.SuiteGraph // of the suites
	Warnings []Warning

	options Options
	host    *host
	keeping chan struct{} // closed when the bundle is in the cache; nil: nothing is under way
	closing sync.Once
}

var _ runtime.Values = (*File)(nil)

// Bind gives the hooks the containers of the group.
func (f *File) Bind(c runtime.Containers) {
	f.host.loop.post(func() { f.host.containers = c })
}

// Snapshot returns the shared context as a JSON object. Values that cannot be
// saved, which the hooks are told of, are in it as they were when they could.
func (f *File) Snapshot(ctx context.Context) ([]byte, error) {
	h := f.host
	return await(ctx, h, "", "", func() (goja.Value, error) { return h.callNative("snapshot") },
		func(_ *scope, v goja.Value) ([]byte, error) { return []byte(v.String()), nil })
}

// OnStart calls what onStartServices registered with the names of the services
// that were started. The errors of several are joined.
func (f *File) OnStart(ctx context.Context, names []string) error {
	return f.notify(ctx, "onStartServices", names)
}

// OnStop is OnStart for onStopServices.
func (f *File) OnStop(ctx context.Context, names []string) error {
	return f.notify(ctx, "onStopServices", names)
}

// OnReload calls what onReloadService registered with the name of the service.
func (f *File) OnReload(ctx context.Context, name string) error {
	return f.notify(ctx, "onReloadService", name)
}

func (f *File) notify(ctx context.Context, list string, what any) error {
	h := f.host
	var count int
	if err := h.loop.do(ctx, func() error { count = len(h.listeners[list]); return nil }); err != nil {
		return err
	}
	var errs []error
	for i := range count {
		_, err := await(ctx, h, "", list, func() (goja.Value, error) {
			arg := h.rt.ToValue(what)
			if names, ok := what.([]string); ok {
				values := make([]any, len(names))
				for i, n := range names {
					values[i] = n
				}
				arg = h.rt.NewArray(values...)
			}
			return h.call(h.listeners[list][i], goja.Undefined(), arg)
		}, func(*scope, goja.Value) (struct{}, error) { return struct{}{}, nil })
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Dead is closed when the file's JavaScript cannot run any more: a hook went on
// without giving way, or the file was closed. Err says why.
func (f *File) Dead() <-chan struct{} { return f.host.loop.dead }

// Err returns why the file is dead; nil while it is not.
func (f *File) Err() error {
	if !f.host.loop.isDead() {
		return nil
	}
	return f.host.loop.deadErr()
}

// keepingTime is how long Close waits for the bundle to be in the cache: a disk
// may hang.
const keepingTime = time.Second

// Close ends everything that the file has under way.
func (f *File) Close() {
	f.closing.Do(func() {
		if f.host != nil {
			f.host.loop.close()
		}
		if f.keeping != nil {
			select {
			case <-f.keeping:
			case <-time.After(keepingTime):
			}
		}
	})
}
