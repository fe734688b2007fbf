package nodefs

import "path/filepath"

// Args are the arguments of a call.
type Args struct {
	Dir  string // what relative paths are relative to, as process.cwd() says
	List []any
}

func (a *Args) at(i int) any {
	if i < len(a.List) {
		return a.List[i]
	}
	return nil
}

func (a *Args) text(i int) string { s, _ := a.at(i).(string); return s }

func (a *Args) flag(i int) bool { b, _ := a.at(i).(bool); return b }

func (a *Args) number(i int) int64 { n, _ := a.at(i).(int64); return n }

// path is where the path in an argument leads.
func (a *Args) path(i int) string {
	p := a.text(i)
	if p == "" || filepath.IsAbs(p) || a.Dir == "" {
		return p
	}
	// Not Join, which would drop a slash at the end, and what follows links.
	return a.Dir + string(filepath.Separator) + p
}

// fail makes an error of a call with one path.
func (a *Args) fail(err error, call string) error {
	if err == nil {
		return nil
	}
	return &failure{err: err, call: call, path: a.text(0)}
}

// fail2 makes an error of a call from one path to another.
func (a *Args) fail2(err error, call string) error {
	if err == nil {
		return nil
	}
	return &failure{err: err, call: call, path: a.text(0), dest: a.text(1)}
}
