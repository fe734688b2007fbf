package js

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/miniboss/miniboss/runtime/spec"
)

const keptFile = `
import { Service, context } from "miniboss";
const gate = () => { let open; const opened = new Promise((resolve) => { open = resolve; }); return { open, opened }; };
const spoilt = gate(), end = gate();
const base = class extends Service { image = "i"; };
export class Slow extends base {
  name = "slow";
  async preStart() {
    const mine = { id: 1 };
    context.mine = mine;
    mine.bad = NaN;
    spoilt.open();
    await end.opened;
  }
}
export class Quick extends base {
  name = "quick";
  async preStart() { await spoilt.opened; context.quick = true; }
  postStart() { end.open(); }
}`

const keptError = "TypeError: context.mine.bad cannot be NaN: the context keeps JSON values only"

func loadKept(t *testing.T, onError func(*Error)) (f *File, slow, quick spec.Hooks) {
	t.Helper()
	file := write(t, t.TempDir(), "miniboss.js", keptFile)
	f, err := Load(t.Context(), Options{File: file, WorkDir: filepath.Dir(file), OnError: onError})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f, f.Graph.Service("slow").Hooks, f.Graph.Service("quick").Hooks
}

// A hook that waits in the middle may have left what cannot be saved. Another
// hook that ends meanwhile does not answer for it.
func TestContextSpoiltByAnotherHook(t *testing.T) {
	t.Parallel()
	f, slow, quick := loadKept(t, nil)
	result := make(chan error, 1)
	go func() { result <- slow.PreStart(t.Context()) }()
	if err := quick.PreStart(t.Context()); err != nil {
		t.Error(err)
	}
	values, err := f.Snapshot(t.Context())
	if string(values) != `{"quick":true}` || err != nil {
		t.Errorf("%s %v", values, err)
	}
	if err := quick.PostStart(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-result; err == nil || err.Error() != keptError {
		t.Error(err)
	}
}

// What a hook has left that was given up is told as its own, and once.
func TestContextSpoiltByAHookGivenUp(t *testing.T) {
	t.Parallel()
	told := make(chan *Error, 10)
	f, slow, quick := loadKept(t, func(e *Error) { told <- e })
	late := errors.New("too late")
	ctx, cancel := context.WithCancelCause(t.Context())
	result := make(chan error, 1)
	go func() { result <- slow.PreStart(ctx) }()
	if err := quick.PreStart(t.Context()); err != nil {
		t.Error(err)
	}
	cancel(late)
	if err := <-result; !errors.Is(err, late) {
		t.Error(err)
	}
	if err := quick.PostStart(t.Context()); err != nil {
		t.Error(err)
	}
	if values, err := f.Snapshot(t.Context()); string(values) != `{"quick":true}` || err != nil {
		t.Errorf("%s %v", values, err)
	}
	f.Close()
	close(told)
	var all []string
	for e := range told {
		all = append(all, e.Service+" "+e.Hook+" "+e.Error())
	}
	if len(all) != 1 || all[0] != "slow preStart "+keptError {
		t.Errorf("%q", all)
	}
}

// The file itself may have left it.
func TestContextSpoiltAtLoad(t *testing.T) {
	t.Parallel()
	file := write(t, t.TempDir(), "miniboss.js", `
import { Service, context } from "miniboss";
const list = [1];
context.list = list;
list[2] = 3;
export class A extends Service { name = "a"; image = "i"; }`)
	_, err := Load(t.Context(), Options{File: file})
	if err == nil || err.Error() != "TypeError: context.list[1] cannot be empty: use null, or splice" {
		t.Error(err)
	}
}
