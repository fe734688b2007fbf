// Package runtime is the core of miniboss: what services are, in which order
// they start and stop, what has to be done to each of them and why.
//
// It is plain Go. It knows no JavaScript, no Docker and no terminal: hooks are
// Go functions (Hooks), the container engine is the interface Engine, and
// everything that happens is an Event handed to one sink. The way of the data:
//
//	load (js) -> []Service -> Graph -> observe (Engine) -> Decide -> execute
//
// Decide is pure. The executor carries out what it says and decides nothing.
package runtime
