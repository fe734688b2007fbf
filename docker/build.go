package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/docker/docker/api/types/build"

	"github.com/miniboss/miniboss/internal/lazyregexp"
	"github.com/miniboss/miniboss/runtime"
)

// outputTail is how many lines of output a failed build keeps.
const outputTail = 40

// BuildError is a build that the Dockerfile, not the engine, made fail.
type BuildError struct {
	Context string
	Step    string   // the line of the Dockerfile; "": not known
	Reason  string   // the engine's words
	Output  []string // the last lines that the step wrote
}

func (e *BuildError) Error() string {
	text := "build of " + e.Context
	if e.Step != "" {
		text += ": " + e.Step
	}
	text += ": " + e.Reason
	for _, line := range e.Output {
		text += "\n  | " + line
	}
	return text
}

// Build implements runtime.Engine. progress may be nil; Step is the line of
// the Dockerfile.
func (e *Engine) Build(ctx context.Context, options runtime.BuildOptions, progress func(runtime.Progress)) (string, error) {
	tag := options.Tag
	if options.Under == "" {
		return e.build(ctx, options, progress)
	}
	options.Tag = options.Under
	id, err := e.build(ctx, options, progress)
	if err != nil {
		return "", err
	}
	return id, e.Tag(ctx, id, tag)
}

func (e *Engine) build(ctx context.Context, options runtime.BuildOptions, progress func(runtime.Progress)) (string, error) {
	doing := "build of " + options.Context
	classic, err := e.buildsClassic(ctx)
	if err != nil {
		return "", e.failed(ctx, doing, err)
	}
	files, err := openContext(options.Context, options.Dockerfile, classic)
	if err != nil {
		return "", fmt.Errorf("%s: %w", doing, err)
	}
	pull := options.Pull
	if !classic {
		if pull, err = e.pullBases(ctx, files.dockerfileText, options, progress); err != nil {
			files.close()
			return "", fmt.Errorf("%s: %w", doing, err)
		}
	}
	body, sent := files.send()
	defer func() { _ = body.Close() }() // ends the sending where the engine has not read everything

	answer, err := e.api.ImageBuild(ctx, body, e.buildQuery(options, files.dockerfile, pull, classic))
	if err != nil {
		_ = body.Close()
		if sendErr := <-sent; sendErr != nil && !errors.Is(sendErr, io.ErrClosedPipe) {
			err = sendErr // a file that cannot be read is the cause, the engine's error its effect
		}
		return "", e.failed(ctx, doing, err)
	}
	defer func() { _ = answer.Body.Close() }()

	log := newBuildLog(progress)
	var imageID string
	err = readMessages(answer.Body, func(m message) error {
		if id := builtID(m); id != "" {
			imageID = id
		}
		return log.add(m)
	})
	switch {
	case err != nil && ctx.Err() != nil:
		return "", e.failed(ctx, doing, ctx.Err())
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, errSilent):
		return "", e.failed(ctx, doing, err) // the build may well go on
	case err != nil:
		step, output := log.failed()
		return "", &BuildError{Context: options.Context, Step: step, Reason: reasonOf(err), Output: output}
	case imageID != "":
		return fullImageID(imageID), nil
	}
	// Podman does not tell the id in a way of its own.
	image, err := e.Image(ctx, options.Tag)
	return image.ID, err
}

// buildsClassic tells whether the engine builds without BuildKit. Docker on
// Linux has it since 18.09, also where it does not say so in its answer to a
// ping; Podman, which says as little, builds in its own way.
func (e *Engine) buildsClassic(ctx context.Context) (bool, error) {
	if e.builder != "" {
		return e.builder != build.BuilderBuildKit, nil
	}
	if e.os == "windows" {
		return true, nil
	}
	version, err := e.api.ServerVersion(ctx)
	for _, component := range version.Components {
		if strings.Contains(component.Name, "Podman") {
			return true, nil
		}
	}
	return false, err
}

func (e *Engine) buildQuery(options runtime.BuildOptions, dockerfile string, pull, classic bool) build.ImageBuildOptions {
	query := build.ImageBuildOptions{
		Tags:        []string{options.Tag},
		Dockerfile:  dockerfile,
		Target:      options.Target,
		BuildArgs:   map[string]*string{},
		Platform:    options.Platform,
		PullParent:  pull,
		Remove:      true,
		ForceRemove: true, // a failed build leaves no container behind
		Version:     build.BuilderBuildKit,
	}
	if classic {
		query.Version, query.AuthConfigs = build.BuilderV1, e.auth.all()
	}
	for name, value := range options.Args {
		query.BuildArgs[name] = &value
	}
	query.BuildArgs = e.addProxies(query.BuildArgs)
	return query
}

// builtID finds the image's id, which BuildKit marks and the classic builder
// does not. Podman writes it as the last line of the output.
func builtID(m message) string {
	if len(m.Aux) > 0 && (m.ID == "" || m.ID == "moby.image.id") {
		var result build.Result
		if json.Unmarshal(m.Aux, &result) == nil {
			return result.ID
		}
	}
	return ""
}

// reasonOf takes the wrapping off that every failed step of BuildKit has.
func reasonOf(err error) string {
	text := engineSays(err)
	for _, prefix := range []string{"failed to solve with frontend dockerfile.v0: ", "failed to solve: ", "failed to create LLB definition: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return failedStep.ReplaceAllString(text, "")
}

// failedStep is how BuildKit says which command failed. The step, which is
// shown with it, says so already.
var failedStep = lazyregexp.New(`(?s)^.*?(?:executor failed running \[.*\]|process ".*" did not complete successfully): `)
