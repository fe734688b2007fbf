package docker

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/miniboss/miniboss/runtime"
)

// wire writes a message: text, numbers and messages by their field numbers.
func wire(fields ...any) []byte {
	var data []byte
	for i := 0; i < len(fields); i += 2 {
		number := protowire.Number(fields[i].(int))
		switch value := fields[i+1].(type) {
		case string:
			data = protowire.AppendString(protowire.AppendTag(data, number, protowire.BytesType), value)
		case []byte:
			data = protowire.AppendBytes(protowire.AppendTag(data, number, protowire.BytesType), value)
		case int:
			data = protowire.AppendVarint(protowire.AppendTag(data, number, protowire.VarintType), uint64(value))
		case float64: // a kind that none of the known fields has
			data = protowire.AppendFixed64(protowire.AppendTag(data, number, protowire.Fixed64Type), 1)
		}
	}
	return data
}

func traced(t *testing.T, data []byte) message {
	t.Helper()
	aux, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	return message{ID: "moby.buildkit.trace", Aux: aux}
}

func TestDecodeTrace(t *testing.T) {
	moment := wire(1, 1700000000, 2, 5)
	data := wire(
		1, wire(1, "sha256:a", 2, "sha256:b", 3, "[1/2] FROM x", 4, 1, 5, moment, 6, moment, 99, "new", 98, 1.0),
		1, wire(1, "sha256:b", 3, "[2/2] RUN y", 5, moment, 7, "exit code: 1"),
		2, wire(1, "layer", 2, "sha256:a", 3, "pulling", 4, 50, 5, 100, 6, moment),
		3, wire(1, "sha256:b", 2, moment, 3, 2, 4, []byte("output\n")),
		4, wire(1, "a warning"),
		50, "of a later version",
	)
	got, err := decodeTrace(data)
	if err != nil {
		t.Fatal(err)
	}
	want := trace{
		vertexes: []vertex{
			{digest: "sha256:a", name: "[1/2] FROM x", cached: true, started: true, completed: true},
			{digest: "sha256:b", name: "[2/2] RUN y", started: true, failed: "exit code: 1"},
		},
		statuses: []vertexStatus{{id: "layer", vertex: "sha256:a", current: 50, total: 100}},
		logs:     []vertexLog{{vertex: "sha256:b", text: []byte("output\n")}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	for n := range data {
		_, _ = decodeTrace(data[:n]) // cut anywhere: an error at most
	}
}

func FuzzDecodeTrace(f *testing.F) {
	f.Add(wire(1, wire(1, "a", 3, "name", 5, wire(1, 1))))
	f.Add(wire(3, wire(1, "a", 4, []byte{0xff})))
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = decodeTrace(data) })
}

func TestBuildLog(t *testing.T) {
	var told []runtime.Progress
	log := newBuildLog(func(p runtime.Progress) { told = append(told, p) })
	moment := wire(1, 1)
	for _, data := range [][]byte{
		wire(1, wire(1, "a", 3, "[base 1/2] FROM x"), 1, wire(1, "b", 3, "[base 2/2] RUN make")),
		wire(1, wire(1, "a", 3, "[base 1/2] FROM x", 5, moment), 2, wire(1, "layer", 2, "a", 4, 50, 5, 100)),
		wire(1, wire(1, "a", 3, "[base 1/2] FROM x", 4, 1, 5, moment, 6, moment)),
		wire(1, wire(1, "b", 3, "[base 2/2] RUN make", 5, moment), 3, wire(1, "b", 4, []byte("one\ntw"))),
		wire(3, wire(1, "b", 4, []byte("o\n10%\r20%\rdone\r\nlast"))),
		wire(1, wire(1, "c", 3, "other", 5, moment, 6, moment, 7, "context canceled")),
		wire(1, wire(1, "b", 3, "[base 2/2] RUN make", 5, moment, 6, moment, 7, "exit code: 2")),
	} {
		if err := log.add(traced(t, data)); err != nil {
			t.Fatal(err)
		}
	}
	step, output := log.failed()
	if step != "[base 2/2] RUN make" || !slices.Equal(output, []string{"one", "two", "done", "last"}) {
		t.Errorf("%q %q", step, output)
	}
	want := []runtime.Progress{
		{Step: "[base 1/2] FROM x", Current: 1, Total: 2},
		{Step: "[base 1/2] FROM x", Text: "layer", Current: 50, Total: 100},
		{Step: "[base 1/2] FROM x", Text: "cached", Current: 1, Total: 2},
		{Step: "[base 2/2] RUN make", Current: 2, Total: 2},
		{Step: "[base 2/2] RUN make", Text: "one"},
		{Step: "[base 2/2] RUN make", Text: "two"},
		{Step: "[base 2/2] RUN make", Text: "done"},
		{Step: "[base 2/2] RUN make", Text: "last"},
	}
	if !slices.Equal(told, want) {
		t.Errorf("%+v\nwant %+v", told, want)
	}
}

func TestBuildLogOfTheClassicBuilder(t *testing.T) {
	log := newBuildLog(nil)
	for _, text := range []string{
		"Step 1/2 : FROM x\n", " ---> 0123456789ab\n", "STEP 2/2: RUN make\n", " ---> Running in 0123456789ab\n",
		"one\n", "tw", "o\n", "\x1b[91mbroken\n\x1b[0m",
	} {
		if err := log.add(message{Stream: text}); err != nil {
			t.Fatal(err)
		}
	}
	step, output := log.failed()
	if step != "[2/2] RUN make" || !slices.Equal(output, []string{"one", "two", "broken"}) {
		t.Errorf("%q %q", step, output)
	}
}

func TestBuildLogKeepsTheTail(t *testing.T) {
	log := newBuildLog(nil)
	for range 1000 {
		_ = log.add(message{Stream: "a line\n"})
	}
	_ = log.add(message{Stream: "the last\n"})
	if _, output := log.failed(); len(output) != outputTail || output[outputTail-1] != "the last" {
		t.Errorf("%d lines, the last is %q", len(output), output[len(output)-1])
	}
}

func TestReadMessages(t *testing.T) {
	for stream, want := range map[string]string{
		`{"status":"a"}{"status":"b"}`:                             "",
		"{\"status\":\"a\"}\r\n{\"status\":\"b\"}\n":               "",
		`{"errorDetail":{"code":1,"message":"why"},"error":"why"}`: "why",
		`{"error":"why"}`:                                          "why",
		`{"status":`:                                               "unexpected EOF",
		`<html>`:                                                   "invalid character",
	} {
		err := readMessages(strings.NewReader(stream), func(message) error { return nil })
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", stream, err)
		}
	}
}

func TestBaseImages(t *testing.T) {
	for dockerfile, want := range map[string][]string{
		"FROM debian:12": {"debian:12"},
		"from debian:12 as x\nFROM x\nFROM scratch":        {"debian:12"},
		"# FROM no\nFROM --platform=linux/arm64 a\nFROM a": {"a"},
		"ARG V=1\nFROM a:$V\nFROM a:${V}\nFROM b:${W:-2}":  {"a:1", "b:2"},
		"ARG GIVEN=1\nFROM a:$GIVEN":                       {"a:given"},
		"FROM \\\n  a:1 \\\n  AS x\nRUN FROM\n":            {"a:1"},
		"FROM a AS One\nARG V=1\nFROM one\nFROM c:${V}":    {"a", "c:"},
		"":         nil,
		"FROM":     nil,
		"RUN true": nil,
	} {
		if got := baseImages(dockerfile, map[string]string{"GIVEN": "given"}); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", dockerfile, got, want)
		}
	}
}
