package docker

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/pkg/stdcopy"

	"github.com/miniboss/miniboss/runtime"
)

// frame is what the engine sends of one write of a container.
func frame(kind byte, text string) []byte {
	header := []byte{kind, 0, 0, 0, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(header[4:], uint32(len(text)))
	return append(header, text...)
}

// The engine's streams of logs and of attached commands: whatever comes, it ends,
// and what whole frames hold is passed on as the SDK does.
func FuzzDemultiplex(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(slices.Concat(frame(1, "out\n"), frame(2, "err\n"), frame(1, "")))
	f.Add(slices.Concat(frame(0, "in"), frame(3, "the engine has a problem"), frame(1, "never")))
	f.Add(frame(1, "cut off")[:12])
	f.Add(frame(1, "")[:5])
	f.Add([]byte{2, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 'x'})
	f.Add([]byte("not a stream of frames at all"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var stdout, stderr bytes.Buffer
		err := demultiplex(&stdout, &stderr, bytes.NewReader(data))
		var again, errAgain bytes.Buffer
		slowly := demultiplex(&again, &errAgain, iotest.OneByteReader(bytes.NewReader(data)))
		if again.String() != stdout.String() || errAgain.String() != stderr.String() || (err == nil) != (slowly == nil) {
			t.Fatalf("at once %q %q %v, byte by byte %q %q %v", &stdout, &stderr, err, &again, &errAgain, slowly)
		}
		if !wholeFrames(data) {
			return
		}
		var sdkOut, sdkErr bytes.Buffer
		_, failed := stdcopy.StdCopy(&sdkOut, &sdkErr, bytes.NewReader(data))
		if sdkOut.String() != stdout.String() || sdkErr.String() != stderr.String() || (err == nil) != (failed == nil) {
			t.Fatalf("%q %q %v, the SDK has %q %q %v", &stdout, &stderr, err, &sdkOut, &sdkErr, failed)
		}
	})
}

// wholeFrames tells whether data are frames of known kinds to its end.
func wholeFrames(data []byte) bool {
	for len(data) >= 8 {
		size := int(binary.BigEndian.Uint32(data[4:]))
		if data[0] > 3 || size > len(data)-8 {
			return false
		}
		data = data[8+size:]
	}
	return len(data) == 0
}

func TestDemultiplexBroken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"no frames":     {[]byte("HTTP/1.1 200 OK"), "the engine's stream is broken: there is no frame of kind 72"},
		"engine's":      {slices.Concat(frame(1, "out"), frame(3, "no more log"), frame(1, "never")), "no more log"},
		"engine's, cut": {frame(3, "no more log")[:10], "no "[:2]},
	} {
		var out bytes.Buffer
		if err := demultiplex(&out, &out, bytes.NewReader(test.data)); err == nil || err.Error() != test.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Four GB that never come: what is there is passed on, and not kept.
	var out bytes.Buffer
	if err := demultiplex(&out, &out, strings.NewReader("\x01\x00\x00\x00\xff\xff\xff\xffcut off")); err != nil || out.String() != "cut off" {
		t.Errorf("%q, %v", &out, err)
	}
}

// What a reader of a log has not read does not keep the copying from its end.
func FuzzLogReader(f *testing.F) {
	f.Add(slices.Concat(frame(1, "out\n"), frame(2, "err\n")), 3)
	f.Add(frame(3, "a problem"), 0)
	f.Fuzz(func(t *testing.T, data []byte, n int) {
		reader := demultiplexed(io.NopCloser(bytes.NewReader(data)))
		text, _ := io.ReadAll(io.LimitReader(reader, int64(n)))
		if n >= 0 && len(text) > n || len(text) > len(data) {
			t.Fatalf("%d of %d bytes", len(text), len(data))
		}
		if err := reader.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// The stream of a build, by either builder.
func FuzzBuildStream(f *testing.F) {
	f.Add([]byte(`{"id":"moby.buildkit.trace","aux":"CgA="}{"stream":"Step 1/2 : FROM x\n"}{"aux":{"ID":"sha256:x"}}`))
	f.Add([]byte(`{"stream":"STEP 1/1: RUN x\n"}{"stream":"a\rb\nc"}{"stream":"\u001b[91md\n"}{"errorDetail":{"code":1,"message":"failed to solve: executor failed running [x]: exit code: 1"},"error":"e"}`))
	f.Add([]byte(`{"status":"Pulling fs layer","id":"a","progressDetail":{"current":1,"total":-2}}{"error":"why"}`))
	f.Add([]byte(`{"id":"moby.image.id","aux":{"ID":7}}{"id":"moby.buildkit.trace","aux":null}{"aux":"x"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var told []runtime.Progress
		log := newBuildLog(func(p runtime.Progress) { told = append(told, p) })
		err := readMessages(bytes.NewReader(data), func(m message) error {
			builtID(m)
			return log.add(m)
		})
		_, output := log.failed()
		if len(output) > outputTail {
			t.Fatalf("%d lines are kept", len(output))
		}
		if len(told) > 2+len(data) {
			t.Fatalf("%d bytes make %d reports, %v", len(data), len(told), err)
		}
	})
}

// The stream of a pull.
func FuzzPullStream(f *testing.F) {
	f.Add([]byte(`{"status":"Pulling from library/x","id":"latest"}{"status":"Downloading","id":"a","progressDetail":{"current":1,"total":2}}`))
	f.Add([]byte(`{"status":"Waiting","id":"a","progressDetail":{}}{"errorDetail":{"message":"toomanyrequests"},"error":"toomanyrequests"}`))
	f.Add([]byte(`{"status":1}`))
	f.Add([]byte("{\"status\":\"a\"}\r\n{\"status\":"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var told []runtime.Progress
		err := readMessages(bytes.NewReader(data), pullMessage(func(p runtime.Progress) { told = append(told, p) }))
		for _, p := range told {
			if p.Text == "" || strings.HasPrefix(p.Text, "Pulling from ") {
				t.Fatalf("%+v tells nothing", p)
			}
		}
		if quiet := readMessages(bytes.NewReader(data), pullMessage(nil)); (quiet == nil) != (err == nil) {
			t.Fatalf("%v, and without progress %v", err, quiet)
		}
	})
}

// What a command writes comes through whole, in whatever pieces, or is taken for
// the engine's refusal to run it.
func FuzzRefusal(f *testing.F) {
	f.Add("hello", "world", 0)
	f.Add("OCI runtime exec ", "failed: no such file", 126)
	f.Add("OCI runtime", "", 127)
	f.Fuzz(func(t *testing.T, first, second string, code int) {
		var out bytes.Buffer
		w := &execFailureWriter{out: &out}
		for _, text := range []string{first, second} {
			if n, err := w.Write([]byte(text)); n != len(text) || err != nil {
				t.Fatal(n, err)
			}
		}
		refused := w.refused(code)
		if err := w.flush(); err != nil {
			t.Fatal(err)
		}
		if refused == "" && out.String() != first+second {
			t.Fatalf("%q and %q come as %q", first, second, &out)
		}
		if refused != "" && (out.Len() > 0 || !strings.HasPrefix(strings.TrimSpace(first+second), refusal)) {
			t.Fatalf("%q and %q are refused as %q, and shown as %q", first, second, refused, &out)
		}
	})
}

// The lines of a Dockerfile that say what it is built from.
func FuzzBaseImages(f *testing.F) {
	f.Add("# FROM no\nARG V=1\nFROM --platform=x a:${V:-2} AS b\nFROM b\nFROM scratch")
	f.Add("FROM \\\n a:$V\nFROM ${")
	f.Fuzz(func(t *testing.T, text string) {
		images := baseImages(text, map[string]string{"V": "given"})
		for _, image := range images {
			if image == "" || image == "scratch" {
				t.Fatalf("%q is built from %q", text, images)
			}
		}
		if !slices.Equal(images, baseImages(text, map[string]string{"V": "given"})) {
			t.Fatal("two answers")
		}
	})
}

// The engine's stream of events: whatever comes, no event is told twice, none that
// nobody knows is told, and what the stream would be taken up from never goes back.
func FuzzEvents(f *testing.F) {
	f.Add([]byte(`{"Type":"container","Action":"start","Actor":{"ID":"a"},"time":1,"timeNano":1000000001}` +
		`{"Type":"container","Action":"die","Actor":{"ID":"a","Attributes":{"exitCode":"3"}},"time":2,"timeNano":2000000002}`))
	f.Add([]byte(`{"Action":"health_status: healthy","Actor":{"ID":"a"},"time":7}{"Action":"health_status: healthy","Actor":{"ID":"a"},"time":7}`))
	f.Add([]byte(`{"Action":"died","Actor":{"ID":"a","Attributes":{"containerExitCode":"x"}},"time":2}{"Action":"remove","Actor":{"ID":"a"},"time":1}`))
	f.Add([]byte(`{"Action":"pause","timeNano":-1}{"Action":"pause","time":9223372036854775807}{"Action":"health_status"}{"Actor":null}{"status":7}`))
	f.Add([]byte(`{"Action":"start","Actor":{"ID":"a"}}` + "\n" + `{"Action":`))
	f.Fuzz(func(t *testing.T, data []byte) {
		// As a lost stream is taken up: all of it comes a second time.
		messages := append(eventsOf(data), eventsOf(data)...)
		out := make(chan runtime.ContainerEvent, len(messages))
		w := &watcher{out: out, seen: map[string]int64{}}
		told := map[string]bool{}
		for i, m := range messages {
			before := w.since
			w.handle(t.Context(), m)
			if w.since < before {
				t.Fatalf("%+v makes %d of %d", m, w.since, before)
			}
			if len(w.seen) > i+1 {
				t.Fatalf("%d messages, and %d are remembered", i+1, len(w.seen))
			}
			if len(out) == 0 {
				continue
			}
			event := <-out
			switch event.Action {
			case "start", "die", "health", "destroy", "pause", "unpause":
			default:
				t.Fatalf("%+v is told as %+v", m, event)
			}
			// The engine repeats what is as late as the last one, or later.
			key := fmt.Sprintf("%d %s %s", eventTime(m), m.Actor.ID, m.Action)
			if told[key] && eventTime(m) >= before {
				t.Fatalf("%+v is told twice", event)
			}
			told[key] = true
		}
	})
}

// eventsOf reads a stream of events as the SDK does, to its first mistake.
func eventsOf(data []byte) []events.Message {
	var messages []events.Message
	for decoder := json.NewDecoder(bytes.NewReader(data)); ; {
		var m events.Message
		if decoder.Decode(&m) != nil {
			return messages
		}
		messages = append(messages, m)
	}
}

func eventTime(m events.Message) int64 {
	if m.TimeNano != 0 {
		return m.TimeNano
	}
	return m.Time * 1e9
}
