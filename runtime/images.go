package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
)

// imageSet gets each image that a command needs once, as soon as it is known.
type imageSet struct {
	runner  *Runner
	ctx     context.Context // of the command: an image may serve several services
	cancel  context.CancelFunc
	running sync.WaitGroup
	rule    imageRule
	latest  bool   // build also what has the tag latest
	build   bool   // build all that can be built
	pull    bool   // look for newer images
	look    bool   // only find out what would be done
	forced  string // reference that is built in any case, and no other that is there; may be ""
	// allowed is closed when images may be built and pulled; nil: from the beginning.
	allowed <-chan struct{}

	mu       sync.Mutex
	jobs     map[string]*imageJob
	builders map[string]*spec.Service // full reference to the service that can build it
}

// imageRule says which images are built that a service of the file can build.
type imageRule int

const (
	buildChanged imageRule = iota // what is absent, or was built from something else
	buildAbsent                   // what is absent
	buildNone                     // nothing, as --no-build says
)

// imageJob is an image that is being got. The fields are set before done is
// closed.
type imageJob struct {
	done   chan struct{}
	ref    string
	id     string
	old    string // id before it was built or pulled; "" where it was absent
	action string // "built", "pulled", or "" where it was there
	err    error

	// Of an image that the file builds. Another build may have got its tag:
	// then tagged is another id.
	built  bool
	tagged string
	stale  string // why what is there does not do; "": it does
	why    string // why it would be built or pulled, where it is only looked at; "": it would not
	kept   string // why it would be built but for --no-build; "": it would not

	waits []*imageJob // for what it is built from; guarded by the set
}

func newImageSet(ctx context.Context, r *Runner, build, pull bool) *imageSet {
	ctx, cancel := context.WithCancel(ctx)
	set := &imageSet{runner: r, ctx: ctx, cancel: cancel, build: build, pull: pull, latest: true, jobs: map[string]*imageJob{}, builders: map[string]*spec.Service{}}
	for _, s := range r.Graph.Services() {
		if d := s.Loaded; d.Build != nil && set.builder(d) == nil {
			set.builders[spec.FullReference(d.Image)] = s
		}
	}
	return set
}

// close ends what nobody waits for any more.
func (s *imageSet) close() {
	s.cancel()
	s.running.Wait()
}

// prepare begins to get the images of the services that are known at load.
func (s *imageSet) prepare(services []*spec.Service) {
	for _, service := range services {
		if d := service.Loaded; d.Image != "" && !spec.ImagePending(d) {
			s.job(service.Name, d)
		}
	}
}

// get returns the image of a service, when it is there.
func (s *imageSet) get(ctx context.Context, service string, d spec.Definition) (*imageJob, error) {
	job := s.job(service, d)
	select {
	case <-job.done:
		return job, job.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (s *imageSet) job(service string, d spec.Definition) *imageJob {
	s.mu.Lock()
	defer s.mu.Unlock()
	build := d.Build
	if builder := s.builder(d); build == nil && builder != nil && !spec.ImagePending(builder.Loaded) {
		// Another service of the file builds this image.
		service, build = builder.Name, builder.Loaded.Build
	}
	key := spec.FullReference(d.Image) + " " + d.Platform
	if job := s.jobs[key]; job != nil {
		return job
	}
	job := &imageJob{done: make(chan struct{}), ref: d.Image}
	s.jobs[key] = job
	s.running.Go(func() {
		defer close(job.done)
		if build == nil {
			job.err = s.fetch(service, d.Platform, job)
			return
		}
		job.err = newImageBuild(s, service, d.Platform, *build, job).run()
	})
	return job
}

// fetch gets an image that the file does not build.
func (s *imageSet) fetch(service, platform string, job *imageJob) error {
	image, err := s.runner.Engine.Image(s.ctx, job.ref)
	absent := errors.Is(err, ErrNotFound)
	if err != nil && !absent {
		return fmt.Errorf("image %s: %w", job.ref, err)
	}
	job.id, job.old = image.ID, image.ID
	switch {
	case absent:
		job.why = "not found locally"
	case s.pull && s.rule != buildAbsent && s.forced == "":
		job.why = "--pull"
	}
	if job.why == "" || s.look {
		return nil
	}
	if err := s.await(); err != nil {
		return err
	}
	began := time.Now()
	if err := s.runner.Engine.Pull(s.ctx, job.ref, platform, s.progress(service, PhasePulling, job)); err != nil {
		return err
	}
	job.action = "pulled"
	s.runner.emit(Event{Service: service, Phase: PhasePulled, Image: job.ref, Duration: time.Since(began)})
	image, err = s.runner.Engine.Image(s.ctx, job.ref)
	job.id = image.ID
	return err
}

// await waits until images may be built and pulled.
func (s *imageSet) await() error {
	if s.allowed == nil {
		return nil
	}
	select {
	case <-s.allowed:
		return nil
	case <-s.ctx.Done():
		return context.Cause(s.ctx)
	}
}

// progress tells that an image is being got, and why, and returns what tells how
// far that is.
func (s *imageSet) progress(service string, phase Phase, job *imageJob) func(Progress) {
	s.runner.emit(Event{Service: service, Phase: phase, Image: job.ref, Cause: job.why})
	return func(p Progress) {
		s.runner.emit(Event{Service: service, Phase: phase, Image: job.ref, Progress: &p})
	}
}

// builder returns the service that builds the image of a definition, or nil.
func (s *imageSet) builder(d spec.Definition) *spec.Service {
	return s.builders[spec.FullReference(d.Image)]
}

// canBuild reports whether the image of a definition is built from the file.
func (s *imageSet) canBuild(d spec.Definition) bool { return d.Build != nil || s.builder(d) != nil }

// removeOld removes the images that were replaced by those built in this
// command and that nothing uses any more. It is called when the containers
// made from them are gone.
func (s *imageSet) removeOld(ctx context.Context, ids []string) {
	s.mu.Lock()
	for _, job := range s.jobs {
		select {
		case <-job.done:
			if job.action == "built" && job.old != "" && job.old != job.id {
				ids = append(ids, job.old)
			}
		default:
		}
	}
	s.mu.Unlock()
	s.runner.removeOldImages(ctx, ids)
}
