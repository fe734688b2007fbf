package js

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dop251/goja"

	"github.com/miniboss/miniboss/network"
)

// What a ping throws means "not yet" where a connection brought it: a program
// that is starting refuses, resets and closes connections. Its fetch, sql or
// redis may have thrown it as it is, or the user has wrapped it in an error of
// their own. Any other error is one of the user's code, which no waiting heals.

// waitingOn is network.WaitingOn for what JavaScript is to be told of.
func waitingOn(err error) network.Waiting {
	if failed, ok := errors.AsType[*failedError](err); ok {
		err = failed.error
	}
	return network.WaitingOn(err)
}

// carry keeps the Go error that a JavaScript error was made of.
func (h *host) carry(e *goja.Object, err error) {
	if waiting := waitingOn(err); waiting.NotYet {
		_ = e.DefineDataPropertySymbol(h.waitingKey, h.rt.ToValue(&waiting), goja.FLAG_FALSE, goja.FLAG_FALSE, goja.FLAG_FALSE)
	}
}

// noteFailure keeps why the network failed a call, for a ping that catches the
// error and returns false. On the loop only.
func (h *host) noteFailure(err error) {
	if waiting := waitingOn(err); waiting.NotYet {
		h.noteReason(network.Readiness{Reason: err.Error(), Lasting: waiting.Lasting, Address: waiting.Address})
	}
}

// noteStatus does the same for an answer of which a ping returns whether it is ok.
func (h *host) noteStatus(request network.Request, response *network.Response) {
	if response.Status < 200 || response.Status > 299 {
		h.noteReason(network.Readiness{
			Reason:  fmt.Sprintf("%s %s: status %d", request.Method, network.Redact(response.URL), response.Status),
			Lasting: network.LastingStatus(response.Status),
		})
	}
}

// waitingOf looks through the causes of what was thrown. ok is false where it
// does not mean "not yet".
func (h *host) waitingOf(v goja.Value, depth int) (waiting network.Waiting, ok bool) {
	thrown, isObject := v.(*goja.Object)
	if !isObject || depth > maxCauses {
		return waiting, false
	}
	ex := h.rt.Try(func() { waiting, ok = h.waitingOfObject(thrown, depth) })
	return waiting, ok && ex == nil
}

func (h *host) waitingOfObject(thrown *goja.Object, depth int) (network.Waiting, bool) {
	if carried := thrown.GetSymbol(h.waitingKey); carried != nil {
		if waiting, ok := carried.Export().(*network.Waiting); ok {
			return *waiting, true
		}
	}
	// The end of an AbortSignal.timeout, or of an AbortController that a timer
	// aborts. Errors of the user's own are no DOMExceptions.
	switch name := text(thrown.Get("name")); name {
	case "TimeoutError", "AbortError":
		if class, ok := h.global.Get("DOMException").(*goja.Object); ok && h.rt.InstanceOf(thrown, class) {
			return network.Waiting{NotYet: true}, true
		}
	case "AggregateError":
		if all, ok := h.waitingOfAll(thrown.Get("errors"), depth); ok {
			return all, true
		}
	}
	return h.waitingOf(thrown.Get("cause"), depth+1)
}

// waitingOfAll is waitingOf for an AggregateError, every error of which has to
// mean "not yet". It lasts where one of them does.
func (h *host) waitingOfAll(list goja.Value, depth int) (all network.Waiting, ok bool) {
	each, isObject := list.(*goja.Object)
	if !isObject {
		return all, false
	}
	ok = true
	h.rt.ForOf(each, func(v goja.Value) bool {
		var one network.Waiting
		one, ok = h.waitingOf(v, depth+1)
		all.Lasting = all.Lasting || one.Lasting
		if all.Address == "" {
			all.Address = one.Address
		}
		all.NotYet = true
		return ok
	})
	return all, ok && all.NotYet
}

// reasonOf says why a ping threw, without the words that fetch puts before each
// failure.
func reasonOf(e *Error) string {
	return strings.NewReplacer("TypeError: fetch failed: ", "", "TypeError: terminated: ", "").Replace(e.Error())
}

// mayMeanNotYet notes what an error that came out of a ping means.
func (h *host) mayMeanNotYet(e *Error, thrown goja.Value, s *scope) {
	if s == nil || s.hook != "ping" {
		return
	}
	if waiting, ok := h.waitingOf(thrown, 0); ok {
		e.waiting = &waiting
	}
}
