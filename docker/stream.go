package docker

import (
	"encoding/json"
	"errors"
	"io"
)

// message is one of the JSON objects that the engine sends while it pulls or
// builds.
type message struct {
	Stream   string `json:"stream"` // output of the classic builder
	Status   string `json:"status"`
	ID       string `json:"id"`
	Progress struct {
		Current int64 `json:"current"`
		Total   int64 `json:"total"`
	} `json:"progressDetail"`
	Aux   json.RawMessage `json:"aux"`
	Error struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"errorDetail"`
	ErrorText string `json:"error"` // all that Podman sends of an error
}

func (m message) failure() error {
	switch {
	case m.Error.Message != "":
		return errors.New(m.Error.Message)
	case m.ErrorText != "":
		return errors.New(m.ErrorText)
	}
	return nil
}

// readMessages hands every message to each until the stream ends, one tells of
// an error, or each returns one.
func readMessages(stream io.Reader, each func(message) error) error {
	decoder := json.NewDecoder(stream)
	for {
		var m message
		err := decoder.Decode(&m)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := each(m); err != nil {
			return err
		}
		if err := m.failure(); err != nil {
			return err
		}
	}
}
