package docker

import (
	"context"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/distribution/reference"

	"github.com/miniboss/miniboss/internal/lazyregexp"
	"github.com/miniboss/miniboss/runtime"
)

// pullBases pulls the base images that need credentials. BuildKit would ask
// for them over a session of its own, a protocol on gRPC; images that are
// there already it takes as they are. It returns whether the builder is to
// look for newer base images itself.
func (e *Engine) pullBases(ctx context.Context, dockerfile []byte, options runtime.BuildOptions, progress func(runtime.Progress)) (bool, error) {
	bases := baseImages(string(dockerfile), options.Args)
	private := map[string]bool{}
	for _, base := range bases {
		if named, err := reference.ParseNormalizedNamed(base); err == nil {
			if header, err := e.auth.header(reference.Domain(named)); err == nil && header != "" {
				private[base] = true
			}
		}
	}
	if len(private) == 0 && len(options.Local) == 0 {
		return options.Pull, nil
	}
	for _, base := range bases {
		if slices.Contains(options.Local, base) {
			continue
		}
		if !options.Pull {
			if !private[base] {
				continue
			}
			if _, err := e.Image(ctx, base); !errors.Is(err, runtime.ErrNotFound) {
				continue
			}
		}
		if err := e.Pull(ctx, base, options.Platform, progress); err != nil {
			return false, err
		}
	}
	return false, nil
}

var (
	continued  = lazyregexp.New("(?m)[\\\\`][ \t]*\r?\n")
	comment    = lazyregexp.New(`(?m)^[ \t]*#.*\n?`)
	fromLine   = lazyregexp.New(`(?i)^\s*FROM\s+((?:--\S+\s+)*)(\S+)(?:\s+AS\s+(\S+))?\s*$`)
	argLine    = lazyregexp.New(`(?i)^\s*ARG\s+(.*)$`)
	argument   = lazyregexp.New(`([A-Za-z_]\w*)(?:=("[^"]*"|'[^']*'|\S*))?`)
	optionLine = lazyregexp.New(`(?i)^\s*(?:ONBUILD\s+)?(?:COPY|ADD|RUN)\s+((?:--\S+\s+)+)`)
	fromOption = lazyregexp.New(`(?i)(?:--from=|--mount=(?:[^\s,]*,)*from=)([^\s,]+)`)
	defaultArg = lazyregexp.New(`\$\{(\w+):([-+])([^}]*)\}`)
)

// baseImages lists the images that a Dockerfile is built from: those of its
// FROM lines, and those that it copies or mounts from, that are neither a stage
// of the same file nor empty.
func baseImages(text string, arguments map[string]string) []string {
	text = continued.ReplaceAllString(comment.ReplaceAllString(text, ""), " ")
	d := dockerfileImages{global: map[string]string{}, given: arguments, stages: map[string]bool{"scratch": true}, seen: map[string]bool{}}
	for line := range strings.Lines(text) {
		d.read(strings.TrimRight(line, "\r\n"))
	}
	return d.images
}

type dockerfileImages struct {
	given  map[string]string // arguments of the build
	global map[string]string // those before the first FROM: they count in the others
	begun  bool              // there was a FROM
	stages map[string]bool
	seen   map[string]bool
	images []string
}

func (d *dockerfileImages) read(line string) {
	if found := argLine.FindStringSubmatch(line); found != nil {
		if !d.begun {
			d.define(found[1])
		}
		return
	}
	if found := fromLine.FindStringSubmatch(line); found != nil {
		d.begun = true
		d.add(found[2])
		if found[3] != "" {
			d.stages[strings.ToLower(found[3])] = true
		}
		return
	}
	options := optionLine.FindStringSubmatch(line)
	if options == nil {
		return
	}
	for _, option := range fromOption.FindAllStringSubmatch(options[1], -1) {
		if _, err := strconv.Atoi(option[1]); err != nil { // a number is a stage
			d.add(option[1])
		}
	}
}

// define takes the arguments of an ARG line: NAME, NAME=default, several of them.
func (d *dockerfileImages) define(line string) {
	for _, found := range argument.FindAllStringSubmatch(line, -1) {
		value, given := d.given[found[1]]
		if !given {
			value = expand(found[2], d.global)
		}
		d.global[found[1]] = value
	}
}

func (d *dockerfileImages) add(image string) {
	image = expand(image, d.global)
	if image != "" && !d.stages[strings.ToLower(image)] && !d.seen[image] {
		d.seen[image] = true
		d.images = append(d.images, image)
	}
}

func expand(text string, values map[string]string) string {
	text = strings.Trim(text, `"'`)
	text = defaultArg.ReplaceAllStringFunc(text, func(part string) string {
		found := defaultArg.FindStringSubmatch(part)
		value := values[found[1]]
		switch {
		case found[2] == "+" && value != "":
			return found[3]
		case found[2] == "+", value != "":
			return value
		}
		return found[3]
	})
	return os.Expand(text, func(name string) string { return values[name] })
}
