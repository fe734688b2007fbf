package docker

import (
	"bytes"
	"io"
	"strings"
)

// refusal is how the engine begins what it writes to the output of a command
// that could not be started.
const refusal = "OCI runtime exec failed: "

// refusalLimit is how long a refusal may be.
const refusalLimit = 8 << 10

// execFailureWriter passes on what a command writes, but keeps what looks like a
// refusal until it is known which of the two it is.
type execFailureWriter struct {
	out    io.Writer
	kept   bytes.Buffer
	passes bool
}

func (w *execFailureWriter) Write(p []byte) (int, error) {
	if w.passes {
		return w.out.Write(p)
	}
	w.kept.Write(p)
	kept := w.kept.String()
	if strings.HasPrefix(refusal, kept) || strings.HasPrefix(kept, refusal) && len(kept) < refusalLimit {
		return len(p), nil
	}
	return len(p), w.flush()
}

// flush passes on what was kept: it was no refusal.
func (w *execFailureWriter) flush() error {
	w.passes = true
	_, err := w.out.Write(w.kept.Bytes())
	w.kept.Reset()
	return err
}

// refused returns what the engine wrote in place of the command, given its exit
// code, or "".
func (w *execFailureWriter) refused(code int) string {
	text := strings.TrimSpace(w.kept.String())
	if (code == 126 || code == 127) && strings.HasPrefix(text, refusal) {
		w.kept.Reset()
		return engineSays(errorText(text))
	}
	return ""
}

type errorText string

func (e errorText) Error() string { return string(e) }
