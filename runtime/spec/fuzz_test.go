package spec

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func FuzzExtrapolate(f *testing.F) {
	for _, seed := range []string{"", "{a}", "{{a}}", "{{{a}}}", `{"a":{"b":{}}}`, "${HOME}", "{a.b[0]}", "}}{{", "{a}}", "{ü}", "{a[0]}{b", "{{a}", "{a.b.c}{d}"} {
		f.Add(seed)
	}
	values := object{"a": "{b}", "b": 1.0, "o": object{"l": array{1.0, "x"}}}
	f.Fuzz(func(t *testing.T, in string) {
		out, err := extrapolate(in, values)
		if again, errAgain := extrapolate(in, values); again != out || (err == nil) != (errAgain == nil) {
			t.Fatalf("%q gives %q and then %q", in, out, again)
		}
		if !strings.ContainsAny(in, "{}") && out != in {
			t.Fatalf("%q without braces gives %q", in, out)
		}
		if err != nil && !HasReference(in) {
			t.Fatalf("%q has no reference and gives %v", in, err)
		}
		if !HasReference(in) && !strings.Contains(in, "{{") && !strings.Contains(in, "}}") && out != in {
			t.Fatalf("%q has nothing to replace and gives %q", in, out)
		}
		// Whatever the text, it can be written so that it stays as it is.
		escaped := strings.NewReplacer("{", "{{", "}", "}}").Replace(in)
		if plain, err := extrapolate(escaped, values); err != nil || plain != in {
			t.Fatalf("%q, written %q, gives %q, %v", in, escaped, plain, err)
		}
		// JSON without references stays JSON.
		var v any
		if json.Unmarshal([]byte(in), &v) == nil && !HasReference(in) && !strings.Contains(in, "{{") && balanced(in) {
			if out != in {
				t.Fatalf("the JSON %s gives %s", in, out)
			}
		}
	})
}

// balanced reports whether all braces are JSON's own: none in a string.
func balanced(in string) bool {
	inside := false
	for _, c := range in {
		switch {
		case c == '"':
			inside = !inside
		case c == '\\' || inside && (c == '{' || c == '}'):
			return false
		}
	}
	return true
}

func FuzzParseDefinition(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `{"name":"a","image":"b"}`, `{"name":"a","image":"b","env":{"A":{},"B":[1],"":null,"x=y":1}}`,
		`{"name":1,"image":[],"ports":{"1":{},"a":1,"53/udp":"1.2.3.4:5"},"volumes":{"a":{"bind":"/x"},"b":null}}`,
		`{"volumes":["a:/a","a","C:\\x:/y",":::",7],"cmd":"a 'b","entrypoint":[null,1,"x"],"memory":"1e400","cpus":1e300}`,
		`{"name":"a","image":"b","tmpfs":{"a":"","b":""},"extraHosts":{"":1},"labels":{"miniboss.x":1},"always_start_new":true}`,
		`{"buildFrom":"x","dockerfile":"../../x","buildArgs":{"A":null},"pingTimeout":1e-300,"restart":{},"platform":"{x}","sync":{"a":[]}}`,
		`{"name":"{a}","image":"{a}","dependencies":["{a}",{}],"env":{"A":"{a.b[0]}"},"user":"{{a}}"}`,
		`{"env":{"A":"$undefined","B":"$placeholder","C":"$function"},"oneShot":"$placeholder","volumes":["$undefined"],"ports":{"1":"$function"}}`,
	} {
		f.Add(seed)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		var fields object
		if json.Unmarshal([]byte(text), &fields) != nil {
			t.Skip("no object")
		}
		special(fields)
		for _, stage := range []Stage{AtLoad, AtTurn} {
			d, problems := ParseDefinition(fields, dir, stage)
			again, problemsAgain := ParseDefinition(fields, dir, stage)
			if !reflect.DeepEqual(d, again) || !reflect.DeepEqual(problems, problemsAgain) {
				t.Fatalf("two results:\n%+v\n%v\n%+v\n%v", d, problems, again, problemsAgain)
			}
			if !slices.IsSortedFunc(problems, func(a, b Problem) int { return strings.Compare(a.Field, b.Field) }) {
				t.Fatalf("not sorted: %v", problems)
			}
			for _, p := range problems {
				if p.Field == "" || p.Message == "" && (p.Found == "" || p.Accepted == "") {
					t.Fatalf("a problem that does not say enough: %+v", p)
				}
			}
			if stage == AtTurn && len(d.Pending) > 0 {
				t.Fatalf("pending at the turn: %v", d.Pending)
			}
			if len(problems) == 0 && stage == AtTurn && (!hostnameLabel(d.Name) || d.Image == "") {
				t.Fatalf("taken as fine: %+v", d)
			}
			// The next step takes whatever was found, too.
			if _, more := ExtrapolateFields(fields, object{"a": 1.0}); len(more) > 0 && more[0].Found == "" {
				t.Fatalf("an empty problem: %+v", more)
			}
		}
	})
}

// special puts what JSON does not have in the place of strings that name it.
func special(v any) any {
	switch v := v.(type) {
	case string:
		switch v {
		case "$undefined":
			return Undefined{}
		case "$placeholder":
			return Placeholder{Path: "x.y"}
		case "$function":
			return Opaque{Kind: "a function"}
		}
	case map[string]any:
		for key := range v {
			v[key] = special(v[key])
		}
	case []any:
		for i := range v {
			v[i] = special(v[i])
		}
	}
	return v
}

func FuzzVolume(f *testing.F) {
	for _, seed := range []string{"a:/a", "./a:/b:ro", "C:\\x:/y:rw", "C:/x:/y", "c:/x", ":", "::", "a:/b:", "~:/x", "a:/b:ro,z", "/:/", "a:/../..", "a:/b:ro:rw"} {
		f.Add(seed)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		written := splitVolume(text)
		if joined := written.Source + ":" + written.Target + ":" + written.Mode; written.Target != "" && written.Mode != "" && written.Mode != ":" && joined != text {
			t.Fatalf("%q was taken apart as %q", text, joined)
		}
		v, problem := (&parser{dir: dir}).volume(written)
		if problem != "" {
			return
		}
		if !strings.HasPrefix(v.Target, "/") || (v.Source == "") != v.Anonymous {
			t.Fatalf("%q is taken for %+v", text, v)
		}
		if v.Named && !volumeName.MatchString(v.Source) {
			t.Fatalf("%q has the name %q", text, v.Source)
		}
		if !v.Named && !v.Anonymous && !strings.HasPrefix(v.Source, "/") {
			t.Fatalf("%q is the directory %q, which is not absolute", text, v.Source)
		}
	})
}

func FuzzPorts(f *testing.F) {
	for _, seed := range [][2]string{{"80", "8080"}, {"53/udp", "127.0.0.1:53"}, {"0", "0"}, {"80/", ":80"}, {"65536", "[::1]:1"}, {"/tcp", "::1:1"}, {"080", "1.2.3.4:00"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, key, value string) {
		container, protocol, ok := ContainerPort(key)
		if ok {
			if written := fmt.Sprintf("%d/%s", container, protocol); written != key && written != key+"/tcp" || container < 1 || container > 65535 {
				t.Fatalf("%q is taken for %s", key, written)
			}
		}
		ip, host, ok := hostPort(value)
		if ok {
			if host < 0 || host > 65535 || !strings.HasSuffix(value, fmt.Sprint(host)) || ip != "" && !strings.Contains(value, ip) {
				t.Fatalf("%q is taken for %q %d", value, ip, host)
			}
		}
	})
}

func FuzzWords(f *testing.F) {
	for _, seed := range []string{"", " ", "a b", `sh -c "echo 'x'"`, `a\ b`, `'a`, `"a`, `a\`, "a\nb", "''", `a"b"'c'`, "a # b", "$(x)", "\xff", "{a} b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, problems := ParseDefinition(with(object{"cmd": text}), "/", AtTurn)
		if len(problems) > 0 {
			if len(problems) != 1 || problems[0].Field != "cmd" {
				t.Fatalf("%q: %v", text, problems)
			}
			return
		}
		if len(d.Cmd) == 0 {
			t.Fatalf("%q has no words", text)
		}
		// What was split is, as a list, the same command.
		list := make(array, len(d.Cmd))
		for i, word := range d.Cmd {
			list[i] = word
		}
		if again, problems := ParseDefinition(with(object{"cmd": list}), "/", AtTurn); len(problems) > 0 || !slices.Equal(again.Cmd, d.Cmd) {
			t.Fatalf("%q is split into %q, which as a list is %q, %v", text, d.Cmd, again.Cmd, problems)
		}
	})
}
