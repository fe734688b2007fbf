package docker

import (
	"context"
	"errors"
	"github.com/miniboss/miniboss/internal/lazyregexp"
	"os"
	"strings"

	"github.com/distribution/reference"

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
	if len(private) == 0 {
		return options.Pull, nil
	}
	for _, base := range bases {
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
	globalArg  = lazyregexp.New(`(?i)^\s*ARG\s+([A-Za-z_]\w*)(?:=(\S*))?\s*$`)
	defaultArg = lazyregexp.New(`\$\{(\w+):-([^}]*)\}`)
)

// baseImages lists the images that a Dockerfile is built from: those of its
// FROM lines that are neither a stage of the same file nor empty.
func baseImages(text string, arguments map[string]string) []string {
	text = continued.ReplaceAllString(comment.ReplaceAllString(text, ""), " ")
	values := map[string]string{}
	stages := map[string]bool{"scratch": true}
	seen := map[string]bool{}
	var images []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		// Only the arguments before the first FROM count in one.
		if found := globalArg.FindStringSubmatch(line); found != nil && len(stages) == 1 && len(images) == 0 {
			values[found[1]] = strings.Trim(found[2], `"'`)
			if given, ok := arguments[found[1]]; ok {
				values[found[1]] = given
			}
			continue
		}
		found := fromLine.FindStringSubmatch(line)
		if found == nil {
			continue
		}
		image := expand(found[2], values)
		if image != "" && !stages[strings.ToLower(image)] && !seen[image] {
			seen[image] = true
			images = append(images, image)
		}
		if found[3] != "" {
			stages[strings.ToLower(found[3])] = true
		}
	}
	return images
}

func expand(text string, values map[string]string) string {
	text = defaultArg.ReplaceAllStringFunc(text, func(part string) string {
		found := defaultArg.FindStringSubmatch(part)
		if value := values[found[1]]; value != "" {
			return value
		}
		return found[2]
	})
	return os.Expand(text, func(name string) string { return values[name] })
}
