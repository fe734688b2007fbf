package network

import (
	"errors"
	"net/http"
	"slices"
	"strings"
)

// Waiting is what an error means to someone who waits for a server.
type Waiting struct {
	// NotYet says that the connection failed, or that the server does not serve
	// yet: a program that is starting looks like that. Any other error is about
	// what was asked.
	NotYet bool
	// Lasting says that waiting seldom heals it: a wrong password, a certificate.
	Lasting bool
	// Address is the host and port that were to be reached; "": not known.
	Address string
}

// WaitingOn tells what an error of this package means to someone who waits. Any
// other error, and a *Mistake, is the zero Waiting.
func WaitingOn(err error) Waiting {
	if failed, ok := errors.AsType[*Error](err); ok {
		return failed.Waiting
	}
	return Waiting{}
}

// waitingForConnection is what an error of the connection means, which has no
// answer of the server in it.
func waitingForConnection(e *Error) Waiting {
	return Waiting{NotYet: e.Code != "" || e.Op == "connect", Lasting: isAboutTLS(e.Code)}
}

func isAboutTLS(code string) bool {
	return strings.Contains(code, "CERT") || strings.HasPrefix(code, "UNABLE_TO_VERIFY") || strings.HasPrefix(code, "ERR_SSL")
}

// waitingForSQL is what the answer of an SQL server means. Until it has let us
// in, whatever it says is not about the query.
func waitingForSQL(state string, connecting bool) Waiting {
	// Broken connections, too many of them, and a server that starts or ends.
	passing := len(state) == 5 && slices.Contains([]string{"08", "53", "57"}, state[:2])
	refused := len(state) == 5 && slices.Contains([]string{"28", "3D"}, state[:2])
	return Waiting{NotYet: connecting || passing || refused, Lasting: !passing && (connecting || refused)}
}

// waitingForRedis is what the answer of a Redis server means; code is its first
// word.
func waitingForRedis(code, text string, connecting bool) Waiting {
	passing := slices.Contains([]string{"LOADING", "MASTERDOWN", "CLUSTERDOWN", "BUSY", "TRYAGAIN"}, code) || strings.Contains(text, "max number of clients")
	refused := slices.Contains([]string{"NOAUTH", "WRONGPASS", "NOPERM"}, code)
	return Waiting{NotYet: connecting || passing || refused, Lasting: !passing && (connecting || refused)}
}

// LastingStatus tells whether waiting seldom heals an HTTP status that says no:
// the server answers, and does not know what it was asked for, or whom it may
// answer.
func LastingStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, http.StatusLocked:
		return false
	}
	return status >= 300 && status <= 499
}
