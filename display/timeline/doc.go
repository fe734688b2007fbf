// Package timeline shows where the time of a start went: what each service did
// when, and the chain of services that everything waited for.
//
// All is computed from the events, by pure functions. Only names, phases and
// times are used: nothing of what the events hold besides, which may be secret.
package timeline
