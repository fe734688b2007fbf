package js

import (
	"container/heap"
	"time"

	"github.com/dop251/goja"
)

// timers are those of setTimeout, setInterval and setImmediate, in the order in
// which they fire: by time, and by creation where the time is the same. They
// belong to the loop.
type timers struct {
	loop  *loop
	queue timerQueue
	byID  map[int64]*timer
	last  int64
}

type timer struct {
	id     int64
	at     time.Time
	every  time.Duration // 0: once
	run    func()
	scope  *scope
	finish func() // counts a timeout out of its scope
	index  int
}

// add makes a timer in the current scope. A timeout counts as work of its
// scope; an interval does not, it would keep the scope for ever.
func (t *timers) add(run func(), after time.Duration, repeat bool) int64 {
	t.last++
	tm := &timer{id: t.last, at: time.Now().Add(after), run: run, scope: t.loop.scope, finish: func() {}}
	if repeat {
		tm.every = after
	} else {
		_, tm.finish = t.loop.begin(tm.scope)
	}
	if t.byID == nil {
		t.byID = map[int64]*timer{}
	}
	t.byID[tm.id] = tm
	heap.Push(&t.queue, tm)
	return tm.id
}

func (t *timers) clear(id int64) {
	tm := t.byID[id]
	if tm == nil {
		return
	}
	delete(t.byID, id)
	if tm.index >= 0 {
		heap.Remove(&t.queue, tm.index)
	}
	tm.finish()
}

func (t *timers) first() (time.Time, bool) {
	if len(t.queue) == 0 {
		return time.Time{}, false
	}
	return t.queue[0].at, true
}

// next takes a timer that is due off the queue and returns its job.
func (t *timers) next(now time.Time) func() {
	if len(t.queue) == 0 || t.queue[0].at.After(now) {
		return nil
	}
	tm := heap.Pop(&t.queue).(*timer)
	return func() {
		if tm.scope.isOver() {
			t.clear(tm.id)
			return
		}
		t.loop.enter(tm.scope)
		tm.run()
		if tm.every == 0 {
			delete(t.byID, tm.id)
			tm.finish()
		} else if t.byID[tm.id] == tm {
			tm.at = time.Now().Add(tm.every)
			heap.Push(&t.queue, tm)
		}
	}
}

type timerQueue []*timer

func (q timerQueue) Len() int { return len(q) }

func (q timerQueue) Less(i, j int) bool {
	if q[i].at.Equal(q[j].at) {
		return q[i].id < q[j].id
	}
	return q[i].at.Before(q[j].at)
}

func (q timerQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

func (q *timerQueue) Push(x any) {
	tm := x.(*timer)
	tm.index = len(*q)
	*q = append(*q, tm)
}

func (q *timerQueue) Pop() any {
	last := len(*q) - 1
	tm := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	tm.index = -1
	return tm
}

// delay turns the second argument of setTimeout into a duration as Node does.
func delay(v goja.Value) time.Duration {
	ms := v.ToFloat()
	if !(ms >= 1 && ms <= 1<<31-1) {
		ms = 1
	}
	return time.Duration(int64(ms)) * time.Millisecond
}
