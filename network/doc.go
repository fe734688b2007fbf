// Package network is what hooks can call on the network: HTTP requests, SQL and
// Redis connections, and probes that tell whether something answers yet.
//
// It is plain Go and knows no JavaScript. Everything takes the context of the
// hook that asked for it and gives up when that ends. There is no package
// state: the connections belong to the HTTP, Database or Redis that opened
// them, and end with its Close.
//
// Failures of the network are *Error values. No message of this package ever
// holds a password of a URL, not even of one that cannot be parsed.
package network
