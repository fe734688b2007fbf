// Package js runs the user's file: it bundles it (esbuild), evaluates it
// (goja) and hands the core a list of services whose hooks are Go functions.
// No other package knows goja or esbuild.
//
// # The rules
//
// A goja runtime belongs to one goroutine, that of the loop of its file. Every
// function that takes or returns a goja value runs there, and no goja value is
// kept anywhere else. There are three ways across, and no others:
//
//   - loop.do runs a Go function on the loop and waits for it;
//   - await calls a JavaScript function on the loop and waits, outside of it,
//     until the promise that it returned is settled;
//   - host.async offers slow Go work to JavaScript as a promise: arguments
//     become Go values before the goroutine starts, and the promise is settled
//     on the loop, once.
//
// A hook runs in a scope: the service, the hook and a context. Whatever the
// hook starts (promises, timers, requests) belongs to its scope, also after an
// await, so that output and errors can be attributed and everything ends when
// the hook's time is up.
//
// A job that keeps the loop busy for too long is interrupted. goja then drops
// all promise jobs of the runtime, which other hooks wait for, so the loop is
// dead from then on and everything that waits for it gets the error.
package js
