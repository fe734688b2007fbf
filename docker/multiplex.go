package docker

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// The kinds of frames, by their first byte.
const (
	frameStdin = iota // the engine's echo of it; goes to stdout
	frameStdout
	frameStderr
	frameError // the engine says what went wrong
)

// frameErrorLimit is how much of an engine's error is read.
const frameErrorLimit = 64 << 10

// demultiplex copies a stream in which the engine has joined stdout and stderr
// until it ends, which it may do in the middle of a frame. It passes on what it
// gets instead of waiting for the whole frame, as the SDK does in as much memory
// as the frame's header says: up to 4 GB where the stream is broken.
func demultiplex(stdout, stderr io.Writer, stream io.Reader) error {
	for {
		var header [8]byte
		if _, err := io.ReadFull(stream, header[:]); err != nil {
			return atEnd(err)
		}
		size := int64(binary.BigEndian.Uint32(header[4:]))
		out := stdout
		switch header[0] {
		case frameStdin, frameStdout:
		case frameStderr:
			out = stderr
		case frameError:
			text, err := io.ReadAll(io.LimitReader(stream, min(size, frameErrorLimit)))
			if err != nil {
				return err
			}
			return errors.New(string(text))
		default:
			return fmt.Errorf("the engine's stream is broken: there is no frame of kind %d", header[0])
		}
		if _, err := io.CopyN(out, stream, size); err != nil {
			return atEnd(err)
		}
	}
}

// atEnd takes the end of a stream for no error, also in the middle of a frame.
func atEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}
