package js

import "path/filepath"

// fsArgs are the arguments of a call.
type fsArgs struct {
	dir  string // what relative paths are relative to, as process.cwd() says
	list []any
}

func (a *fsArgs) at(i int) any {
	if i < len(a.list) {
		return a.list[i]
	}
	return nil
}

func (a *fsArgs) text(i int) string { s, _ := a.at(i).(string); return s }

func (a *fsArgs) flag(i int) bool { b, _ := a.at(i).(bool); return b }

func (a *fsArgs) number(i int) int64 { n, _ := a.at(i).(int64); return n }

// path is where the path in an argument leads.
func (a *fsArgs) path(i int) string {
	p := a.text(i)
	if p == "" || filepath.IsAbs(p) || a.dir == "" {
		return p
	}
	// Not Join, which would drop a slash at the end, and what follows links.
	return a.dir + string(filepath.Separator) + p
}

// fail makes an error of a call with one path.
func (a *fsArgs) fail(err error, call string) error {
	if err == nil {
		return nil
	}
	return &fsError{err: err, call: call, path: a.text(0)}
}

// fail2 makes an error of a call from one path to another.
func (a *fsArgs) fail2(err error, call string) error {
	if err == nil {
		return nil
	}
	return &fsError{err: err, call: call, path: a.text(0), dest: a.text(1)}
}
