package js

import "github.com/dop251/goja"

// rejections are the promises that were rejected while nobody was waiting for
// them. Most get a handler before the loop is idle.
type rejections struct {
	order []*goja.Promise
	scope map[*goja.Promise]*scope
}

func (l *loop) trackRejection(p *goja.Promise, op goja.PromiseRejectionOperation) {
	r := &l.rejected
	if op == goja.PromiseRejectionHandle {
		delete(r.scope, p)
		return
	}
	if r.scope == nil {
		r.scope = map[*goja.Promise]*scope{}
	}
	r.scope[p] = l.scope
	r.order = append(r.order, p)
}

// take returns the promises that nobody has handled until now, in the order of
// their rejection, and forgets them.
func (r *rejections) take(report func(p *goja.Promise, s *scope)) {
	order := r.order
	r.order = nil
	for _, p := range order {
		if s, ok := r.scope[p]; ok {
			delete(r.scope, p)
			report(p, s)
		}
	}
}
