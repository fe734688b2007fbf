// Package chaos holds the tests of what miniboss promises when things go wrong:
// it is killed, several commands run at once, the engine goes away. They run
// the real program against the real engine; docs/reliability.md tells what is
// promised. They take minutes and want an engine of their own: a busy one, or one
// of Docker 20.10 that miscounts, fails them. `make chaos` runs them.
package chaos
