// Package chaos holds the tests of what miniboss promises when things go wrong:
// it is killed, several commands run at once, the engine goes away. They run
// the real program against the real engine; docs/reliability.md tells what is
// promised. `make test` runs a short form of them, and `make chaos` one as long
// as it is told to.
package chaos
