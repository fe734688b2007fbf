package runtime

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/miniboss/miniboss/runtime/spec"
	"github.com/miniboss/miniboss/runtime/state"
)

// imageBuild gets an image that a service of the file builds: it finds out
// whether one that is there was built from what there is now, and builds it where
// it was not.
type imageBuild struct {
	*imageSet
	job      *imageJob
	service  string
	platform string
	build    spec.Build

	definition string // key of its record
	last       buildRecord
	recorded   bool
	sources    Sources
	next       buildRecord // of what there is now
	changes    []string    // since the last build
	summed     bool        // the sources have their sums
	bases      []*imageJob // that the file builds, of those that the Dockerfile names
}

func newImageBuild(s *imageSet, service, platform string, build spec.Build, job *imageJob) *imageBuild {
	job.built = true
	b := &imageBuild{imageSet: s, job: job, service: service, platform: platform, build: build, definition: s.runner.definitionKey(job.ref)}
	b.last, b.recorded = s.runner.Builds.last(b.definition)
	return b
}

func (b *imageBuild) run() error {
	// What is there does where nothing is to be built, whatever it was built from.
	// One that is named by its digest is what it is.
	any := b.rule == buildAbsent || b.forced != "" && !b.isForced() || strings.Contains(b.job.ref, "@")
	scanned := make(chan error, 1)
	if any {
		scanned <- nil
	} else {
		go func() { scanned <- b.scan() }()
	}
	found, err := b.find()
	scanErr := <-scanned
	switch {
	case err != nil:
		return err
	case scanErr != nil:
		return scanErr
	}
	b.job.tagged, b.job.old = found.tagged, found.tagged
	if any {
		if b.job.id = found.any(); b.job.id != "" {
			return nil
		}
		if err := b.scan(); err != nil {
			return err
		}
	}
	found.changes, found.recorded = b.changes, b.recorded
	found.same = found.tagged != "" && b.runner.Builds.inputs(found.tagged) == b.next.Inputs
	found.foreign = found.tagged != "" && !found.same && b.runner.Builds.inputs(found.tagged) != ""
	b.job.id, b.job.stale = found.verdict()
	b.job.why = b.reason()
	switch {
	case b.rule == buildNone && b.job.stale != "":
		return b.leave()
	case b.job.why == "" || b.rule == buildNone:
		return b.keep()
	case b.look:
		return nil
	}
	return b.make()
}

func (b *imageBuild) isForced() bool {
	return spec.FullReference(b.job.ref) == spec.FullReference(b.forced)
}

// reason says why the image is built; "": the one that is there does.
func (b *imageBuild) reason() string {
	switch {
	case b.job.id == "":
		return b.job.stale
	case b.isForced():
		return "reload"
	case b.imageSet.build:
		return "--build"
	case b.job.stale != "":
		return b.job.stale
	case b.latest && spec.IsLatest(b.job.ref):
		return "its tag is latest"
	}
	return ""
}

// find asks the engine for the image that has the tag, and for the one that was
// built last.
func (b *imageBuild) find() (imagesFound, error) {
	tagged, err := b.image(b.job.ref)
	found := imagesFound{tagged: tagged}
	if err != nil || !b.recorded {
		return found, err
	}
	if tagged != b.last.Image {
		if id, err := b.image(b.last.Image); err != nil || id == "" {
			return found, err
		}
	}
	found.own = b.last.Image
	return found, nil
}

// image returns the id of an image; "": it is absent.
func (b *imageBuild) image(ref string) (string, error) {
	image, err := b.runner.Engine.Image(b.ctx, ref)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("image %s: %w", ref, err)
	}
	return image.ID, nil
}

// scan finds out what the image would be built from, and what of it has changed.
// It reads only files that look different.
func (b *imageBuild) scan() (err error) {
	if b.sources, err = b.runner.Engine.Sources(b.ctx, b.build); err != nil {
		return err
	}
	if err := b.awaitBases(); err != nil {
		return err
	}
	b.next.Fields = buildFields(b.build, b.platform)
	var settled bool
	b.next.Stat, settled = b.sources.stat()
	b.next.Settled = settled
	same := b.recorded && b.last.Settled && b.last.Stat == b.next.Stat
	if same {
		b.next.Content = b.last.Content
	} else if err := b.sum(); err != nil {
		return err
	}
	b.next.digest()
	if !b.recorded {
		return nil
	}
	if b.next.Content != b.last.Content {
		what := "sources changed"
		if files := b.sources.changedSince(b.runner.Builds.files(b.definition)); files != "" {
			what += ": " + files
		}
		b.changes = append(b.changes, what)
	}
	b.changes = append(b.changes, fieldsChanged(b.next.Fields, b.last.Fields, func(field string) string { return field + " changed" })...)
	b.changes = append(b.changes, fieldsChanged(b.next.Bases, b.last.Bases, func(ref string) string {
		switch id, named := b.next.Bases[ref]; {
		case !named:
			return "base image " + ref + " is no longer used"
		case id == "":
			return "base image " + ref + " needs a rebuild"
		}
		return "base image " + ref + " was rebuilt"
	})...)
	return nil
}

// sum gives the files their sums: the last ones where they look the same, and has
// the others read.
func (b *imageBuild) sum() error {
	if b.summed {
		return nil
	}
	unread := b.sources.takeSums(b.runner.Builds.files(b.definition))
	files := make([]SourceFile, len(unread))
	for i, at := range unread {
		files[i] = b.sources.Files[at]
	}
	if err := b.runner.Engine.ReadSources(b.ctx, b.build, files); err != nil {
		return err
	}
	for i, at := range unread {
		b.sources.Files[at].Sum = files[i].Sum
	}
	b.next.Content, b.summed = b.sources.content(), true
	return nil
}

// awaitBases waits for the images that this one is built from and that the file
// builds too. Where they are only looked at, one that is going to be built has no
// id.
func (b *imageBuild) awaitBases() error {
	b.next.Bases = map[string]string{}
	if b.rule == buildNone {
		b.next.Bases = b.last.Bases
		return nil
	}
	var refs []string
	for _, ref := range b.sources.Bases {
		builder := b.builders[spec.FullReference(ref)]
		if builder == nil || spec.ImagePending(builder.Loaded) || spec.FullReference(ref) == spec.FullReference(b.job.ref) {
			continue
		}
		refs = append(refs, ref)
		b.bases = append(b.bases, b.imageSet.job(builder.Name, builder.Loaded))
	}
	for i, base := range b.bases {
		if err := b.awaitBase(b.job, base); err != nil {
			return err
		}
		b.next.Bases[refs[i]] = base.id
		if base.stale != "" && b.look {
			b.next.Bases[refs[i]] = ""
		}
	}
	return nil
}

// keep uses an image that is there.
func (b *imageBuild) keep() error {
	if b.look {
		return nil
	}
	if b.job.tagged == "" {
		if err := b.await(); err != nil {
			return err
		}
		if err := b.runner.Engine.Tag(b.ctx, b.job.id, b.job.ref); err != nil {
			return err
		}
	}
	fresh := b.recorded && b.last.Image == b.job.id && b.last.Inputs == b.next.Inputs && b.last.Settled && b.last.Stat == b.next.Stat
	if fresh {
		return nil
	}
	// The next start need not read again what this one has read.
	return b.remember()
}

// leave uses what is there though it is to be built, as --no-build says.
func (b *imageBuild) leave() error {
	if b.job.id == "" {
		return &NotBuiltError{Image: b.job.ref}
	}
	b.job.kept = fmt.Sprintf("keeping the existing image %s (--no-build): %s", b.job.ref, b.job.stale)
	b.job.stale, b.job.why = "", ""
	if !b.look {
		b.runner.phase(b.service, PhaseNotice, b.job.kept)
	}
	return nil
}

// make builds the image. What it is built from was looked at before anything is
// sent: what changes meanwhile is seen by the next start.
func (b *imageBuild) make() error {
	if err := errors.Join(b.sum(), b.await()); err != nil {
		return err
	}
	for _, base := range b.bases {
		if base.id != base.tagged {
			if err := b.runner.Engine.Tag(b.ctx, base.id, base.ref); err != nil {
				return err
			}
		}
	}
	if b.job.old != "" {
		b.runner.Journal.Note(state.VerbImage, b.job.old)
	}
	began := time.Now()
	options := BuildOptions{Build: b.build, Tag: b.job.ref, Platform: b.platform, Pull: b.pull, Local: slices.Sorted(maps.Keys(b.next.Bases))}
	id, err := b.runner.build(b.ctx, options, b.progress(b.service, PhaseBuilding, b.job))
	if err != nil {
		return err
	}
	b.job.id, b.job.tagged, b.job.action = id, id, "built"
	b.runner.emit(Event{Service: b.service, Phase: PhaseBuilt, Image: b.job.ref, Duration: time.Since(began)})
	return b.remember()
}

// remember keeps what the image was built from.
func (b *imageBuild) remember() error {
	if err := b.sum(); err != nil {
		return err
	}
	b.next.Image = b.job.id
	b.next.digest()
	b.runner.Builds.remember(b.definition, b.next, b.sources)
	return nil
}

// awaitBase waits for an image that another one is built from.
func (s *imageSet) awaitBase(job, base *imageJob) error {
	s.mu.Lock()
	job.waits = append(job.waits, base)
	cycle := base.wayTo(job)
	s.mu.Unlock()
	if cycle != nil {
		refs := []string{job.ref}
		for _, j := range cycle {
			refs = append(refs, j.ref)
		}
		return &ImageCycleError{Images: refs}
	}
	select {
	case <-base.done:
	case <-s.ctx.Done():
		return context.Cause(s.ctx)
	}
	var inCycle *ImageCycleError
	if base.err == nil || errors.As(base.err, &inCycle) {
		return base.err
	}
	return fmt.Errorf("base image %s: %w", base.ref, base.err)
}

// wayTo returns the images from one to another that it waits for, with both; nil:
// it does not wait for it.
func (j *imageJob) wayTo(other *imageJob) []*imageJob {
	if j == other {
		return []*imageJob{j}
	}
	for _, next := range j.waits {
		if way := next.wayTo(other); way != nil {
			return append([]*imageJob{j}, way...)
		}
	}
	return nil
}

// ImageCycleError says that images are built from each other.
type ImageCycleError struct {
	Images []string // the first is the last, too
}

func (e *ImageCycleError) Error() string {
	return "circular base images: " + strings.Join(e.Images, " → ")
}

// Hint says what to do.
func (e *ImageCycleError) Hint() string {
	return "remove one of these images from the FROM lines and --from options of the Dockerfiles"
}

// NotBuiltError says that an image is absent, and is not to be built.
type NotBuiltError struct{ Image string }

func (e *NotBuiltError) Error() string { return "image " + e.Image + " is missing" }

// Hint says what to do.
func (e *NotBuiltError) Hint() string { return "run the command without --no-build" }

// imagesFound is what is there of an image that the file builds. Two checkouts of
// a project, or a build by hand, may have the same tag.
type imagesFound struct {
	tagged   string   // id of what has the tag; "": nothing
	own      string   // id of what was built last from the definition, and is still there
	recorded bool     // it is known what was built last
	changes  []string // since then
	same     bool     // what has the tag was built from the same, if elsewhere
	foreign  bool     // it was built by miniboss from something else
}

// any returns an image where it does not matter what it was built from.
func (f imagesFound) any() string {
	if f.own != "" {
		return f.own
	}
	return f.tagged
}

// verdict chooses the image to use, and says why it has to be built.
func (f imagesFound) verdict() (id, stale string) {
	switch {
	case f.own != "" && len(f.changes) == 0:
		return f.own, ""
	case f.same:
		return f.tagged, ""
	case f.any() == "":
		return "", "not found locally"
	case len(f.changes) > 0:
		return f.any(), strings.Join(slices.Compact(f.changes), ", ")
	case f.recorded:
		return f.tagged, "its tag now points to another build"
	case f.foreign:
		return f.tagged, "built from other sources"
	}
	return f.tagged, "not built by miniboss from these sources"
}
