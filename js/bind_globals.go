package js

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	goruntime "runtime"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dop251/goja"

	"github.com/miniboss/miniboss/internal/lazyregexp"
)

// bindGlobals offers what the prelude's globals.js and encoding.js need.
func bindGlobals(h *host, native *goja.Object) {
	env := h.rt.NewObject()
	for _, entry := range h.options.environment.all {
		// On Windows, names such as "=C:" are not the user's.
		if name, value, ok := strings.Cut(entry, "="); ok && name != "" {
			_ = env.Set(name, value)
			h.marks.outside(value)
		}
	}
	_ = h.global.DefineDataProperty("global", h.global, goja.FLAG_TRUE, goja.FLAG_TRUE, goja.FLAG_FALSE)
	_ = native.Set("env", env)
	_ = native.Set("platform", nodePlatform(goruntime.GOOS))
	_ = native.Set("arch", nodeArch(goruntime.GOARCH))
	_ = native.Set("cwd", h.options.WorkDir)
	_ = native.Set("file", h.options.File)
	_ = native.Set("pid", os.Getpid())
	_ = native.Set("write", func(call goja.FunctionCall) goja.Value {
		if h.options.Console != nil {
			line := Line{Level: call.Argument(0).String(), Text: h.marks.plain(call.Argument(1).String())}
			if s := h.loop.scope; s != nil {
				line.Service, line.Suite = s.service, s.suite
			}
			h.options.Console(line)
		}
		return goja.Undefined()
	})
	_ = native.Set("trace", func(call goja.FunctionCall) goja.Value {
		var b strings.Builder
		b.WriteString(call.Argument(0).String())
		for _, frame := range h.rt.CaptureCallStack(0, nil) {
			if src, pos := h.sources.find(frame.Position()); src != nil {
				fmt.Fprintf(&b, "\n    at %s (%s)", frame.FuncName(), pos)
			}
		}
		return h.rt.ToValue(b.String())
	})
	_ = native.Set("jsonMistake", func(call goja.FunctionCall) goja.Value {
		return h.rt.ToValue(jsonMistake(call.Argument(0).String()))
	})
	_ = native.Set("tidy", func(call goja.FunctionCall) goja.Value {
		return h.rt.ToValue(h.tidyStack(call.Argument(0).String()))
	})
	_ = native.Set("promise", func(call goja.FunctionCall) goja.Value {
		p, ok := call.Argument(0).Export().(*goja.Promise)
		switch {
		case !ok || p.State() == goja.PromiseStatePending:
			return h.rt.NewArray("pending")
		case p.State() == goja.PromiseStateRejected:
			return h.rt.NewArray("rejected", p.Result())
		default:
			return h.rt.NewArray("fulfilled", p.Result())
		}
	})
	_ = native.Set("uncaught", func(call goja.FunctionCall) goja.Value {
		h.report(&thrown{call.Argument(0)}, h.loop.scope)
		return goja.Undefined()
	})
	_ = native.Set("random", func(call goja.FunctionCall) goja.Value {
		b := make([]byte, max(0, call.Argument(0).ToInteger()))
		_, _ = rand.Read(b)
		return h.rt.ToValue(h.rt.NewArrayBuffer(b))
	})
	_ = native.Set("uuid", func(goja.FunctionCall) goja.Value {
		var b [16]byte
		_, _ = rand.Read(b[:])
		b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
		return h.rt.ToValue(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]))
	})
	bindEncoding(h, native)
}

// goja's line of a stack: "\tat f (file:1:2(34))", "\tat file:1:2(34)" or
// "\tat f (native)".
var stackLine = lazyregexp.New(`^\tat (?:(.*) \()?(.+?):(\d+):(\d+)\(\d+\)\)?$`)

// tidyStack writes a stack as Node does, without the frames that are not the
// user's.
func (h *host) tidyStack(stack string) string {
	lines := strings.Split(strings.TrimRight(stack, "\n"), "\n")
	out := lines[:0]
	for _, line := range lines {
		if !strings.HasPrefix(line, "\tat ") {
			out = append(out, line)
			continue
		}
		m := stackLine.FindStringSubmatch(line)
		if m == nil || h.sources == nil {
			continue
		}
		src := h.sources.byName[m[2]]
		switch {
		case src == nil:
		case m[1] == "":
			out = append(out, fmt.Sprintf("    at %s:%s:%s", src.shown, m[3], m[4]))
		default:
			out = append(out, fmt.Sprintf("    at %s (%s:%s:%s)", m[1], src.shown, m[3], m[4]))
		}
	}
	return strings.Join(out, "\n")
}

// nodePlatform and nodeArch are what process.platform and process.arch are in Node.
func nodePlatform(goos string) string {
	if goos == "windows" {
		return "win32"
	}
	return goos
}

func nodeArch(goarch string) string {
	switch goarch {
	case "amd64":
		return "x64"
	case "386":
		return "ia32"
	default:
		return goarch
	}
}

func bindEncoding(h *host, native *goja.Object) {
	_ = native.Set("utf8", func(call goja.FunctionCall) goja.Value {
		return h.rt.ToValue(h.rt.NewArrayBuffer([]byte(strings.ToValidUTF8(call.Argument(0).String(), "\ufffd"))))
	})
	_ = native.Set("decode", func(call goja.FunctionCall) goja.Value {
		b, _ := call.Argument(0).Export().([]byte)
		text, ok := decodeText(b, call.Argument(1).String(), call.Argument(3).ToBoolean())
		if !ok && call.Argument(2).ToBoolean() {
			panic(h.rt.NewTypeError("the encoded data is not valid %s", call.Argument(1).String()))
		}
		h.marks.outside(text)
		return h.rt.ToValue(text)
	})
	_ = native.Set("incomplete", func(call goja.FunctionCall) goja.Value {
		b, _ := call.Argument(0).Export().([]byte)
		return h.rt.ToValue(incomplete(b, call.Argument(1).String()))
	})
	_ = native.Set("btoa", func(call goja.FunctionCall) goja.Value {
		text := []rune(call.Argument(0).String())
		b := make([]byte, len(text))
		for i, r := range text {
			b[i] = byte(r)
		}
		return h.rt.ToValue(base64.StdEncoding.EncodeToString(b))
	})
	_ = native.Set("atob", func(call goja.FunctionCall) goja.Value {
		text := strings.NewReplacer(" ", "", "\t", "", "\n", "", "\f", "", "\r", "").Replace(call.Argument(0).String())
		if len(text)%4 == 0 {
			text = strings.TrimSuffix(strings.TrimSuffix(text, "="), "=")
		}
		b, err := base64.RawStdEncoding.DecodeString(text)
		if err != nil {
			return goja.Undefined()
		}
		runes := make([]rune, len(b))
		for i, c := range b {
			runes[i] = rune(c)
		}
		return h.rt.ToValue(string(runes))
	})
}

// decodeText decodes bytes; ok is false where some of them mean nothing.
func decodeText(b []byte, encoding string, keepBOM bool) (text string, ok bool) {
	switch encoding {
	case "utf-16le":
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
		}
		text = string(utf16.Decode(units))
		ok = len(b)%2 == 0 && !strings.ContainsRune(text, utf8.RuneError)
	case "windows-1252":
		runes := make([]rune, len(b))
		for i, c := range b {
			runes[i] = rune(c)
		}
		return string(runes), true
	default:
		ok = utf8.Valid(b)
		text = string(b)
		if !ok {
			text = string([]rune(text)) // one replacement for each byte that is wrong
		}
	}
	if !keepBOM {
		text = strings.TrimPrefix(text, "\ufeff")
	}
	return text, ok
}

// incomplete counts the bytes at the end that begin a character.
func incomplete(b []byte, encoding string) int {
	switch encoding {
	case "utf-16le":
		return len(b) % 2
	case "utf-8":
		for n := 1; n <= min(3, len(b)); n++ {
			if c := b[len(b)-n]; utf8.RuneStart(c) {
				if c >= utf8.RuneSelf && !utf8.FullRune(b[len(b)-n:]) {
					return n
				}
				return 0
			}
		}
	}
	return 0
}
