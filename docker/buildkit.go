package docker

import (
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

// BuildKit sends its progress as protobuf messages of its own API
// (moby.buildkit.v1.StatusResponse) inside the engine's JSON stream. The few
// fields used here are read straight from the wire: BuildKit's packages would
// bring gRPC and containerd with them. The numbers are part of that API and do
// not change.

type trace struct {
	vertexes []vertex
	statuses []vertexStatus
	logs     []vertexLog
}

// vertex is a step of the build.
type vertex struct {
	digest    string // 1
	name      string // 3
	cached    bool   // 4
	started   bool   // 5 is there
	completed bool   // 6 is there
	failed    string // 7
}

// vertexStatus is how far a part of a step is, such as a layer to pull.
type vertexStatus struct {
	id      string // 1
	vertex  string // 2, a digest
	current int64  // 4
	total   int64  // 5
}

type vertexLog struct {
	vertex string // 1, a digest
	text   []byte // 4
}

func decodeTrace(data []byte) (trace, error) {
	var t trace
	err := eachField(data, func(number protowire.Number, value field) error {
		switch number {
		case 1:
			var v vertex
			t.vertexes = append(t.vertexes, v)
			return t.vertexes[len(t.vertexes)-1].decode(value.bytes)
		case 2:
			var s vertexStatus
			t.statuses = append(t.statuses, s)
			return t.statuses[len(t.statuses)-1].decode(value.bytes)
		case 3:
			var l vertexLog
			t.logs = append(t.logs, l)
			return t.logs[len(t.logs)-1].decode(value.bytes)
		}
		return nil
	})
	return t, err
}

func (v *vertex) decode(data []byte) error {
	return eachField(data, func(number protowire.Number, value field) error {
		switch number {
		case 1:
			v.digest = string(value.bytes)
		case 3:
			v.name = string(value.bytes)
		case 4:
			v.cached = value.number != 0
		case 5:
			v.started = true
		case 6:
			v.completed = true
		case 7:
			v.failed = string(value.bytes)
		}
		return nil
	})
}

func (s *vertexStatus) decode(data []byte) error {
	return eachField(data, func(number protowire.Number, value field) error {
		switch number {
		case 1:
			s.id = string(value.bytes)
		case 2:
			s.vertex = string(value.bytes)
		case 4:
			s.current = int64(value.number)
		case 5:
			s.total = int64(value.number)
		}
		return nil
	})
}

func (l *vertexLog) decode(data []byte) error {
	return eachField(data, func(number protowire.Number, value field) error {
		switch number {
		case 1:
			l.vertex = string(value.bytes)
		case 4:
			l.text = value.bytes
		}
		return nil
	})
}

// field is a value on the wire: bytes (text, messages) or a number.
type field struct {
	bytes  []byte
	number uint64
}

var errTrace = errors.New("the engine's build progress cannot be read")

// eachField walks over the fields of a message; those of other kinds than
// above are passed over.
func eachField(data []byte, each func(protowire.Number, field) error) error {
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return errTrace
		}
		data = data[n:]
		var value field
		switch kind {
		case protowire.BytesType:
			value.bytes, n = protowire.ConsumeBytes(data)
		case protowire.VarintType:
			value.number, n = protowire.ConsumeVarint(data)
		default:
			n = protowire.ConsumeFieldValue(number, kind, data)
		}
		if n < 0 {
			return errTrace
		}
		data = data[n:]
		if kind != protowire.BytesType && kind != protowire.VarintType {
			continue
		}
		if err := each(number, value); err != nil {
			return err
		}
	}
	return nil
}
