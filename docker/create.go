package docker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/miniboss/miniboss/runtime"
)

// createRequest is a request as the engine wants it.
type createRequest struct {
	Config           container.Config
	HostConfig       container.HostConfig
	NetworkingConfig network.NetworkingConfig
	Platform         string
}

// Create implements runtime.Engine.
func (e *Engine) Create(ctx context.Context, name string, request []byte, labels runtime.Labels) (string, error) {
	req, err := decodeRequest(request)
	if err != nil {
		return "", err
	}
	// The names are taken before our own labels are added, so that a change of
	// those is never taken for one of the user's.
	names, err := fieldNames(req.fields())
	if err != nil {
		return "", err
	}
	if req.Config.Labels == nil {
		req.Config.Labels = map[string]string{}
	}
	maps.Copy(req.Config.Labels, encodeLabels(labels))
	req.Config.Labels[labelFields] = names
	if req.Platform != "" {
		req.Config.Labels[labelPlatform] = req.Platform
	}
	req.Config.Env = e.withProxies(req.Config.Env)
	for deadline := time.Now().Add(otherCreation); ; {
		created, err := e.api.ContainerCreate(ctx, &req.Config, &req.HostConfig, &req.NetworkingConfig, platformOf(req.Platform), name)
		if err == nil {
			return created.ID, nil
		}
		if !isNameTaken(err, name) || time.Now().After(deadline) {
			return "", e.failed(ctx, fmt.Sprintf("create container %q", name), err)
		}
		if err := e.freeName(ctx, name, labels); err != nil {
			return "", err
		}
	}
}

// otherCreation is how long a creation that a killed command has begun may take.
const otherCreation = 30 * time.Second

func isNameTaken(err error, name string) bool {
	return strings.Contains(err.Error(), "already in use") && strings.Contains(err.Error(), name)
}

// freeName removes the container that has the name of a new one. A command that
// was killed had asked for it, and the engine made it after the group's
// containers were listed. While it is being made there is nothing but its name,
// and the engine does not tell when it is done: then freeName waits a moment.
func (e *Engine) freeName(ctx context.Context, name string, labels runtime.Labels) error {
	found, err := e.inspect(ctx, name)
	switch {
	case err == nil:
		is := decodeLabels(found.Config.Labels)
		if is.Group != labels.Group || is.Service != labels.Service || !runtime.SameFile(is.File, labels.File) {
			return nameTaken(name, found)
		}
		return e.Remove(ctx, found.ID)
	case !isGone(err):
		return err
	}
	select {
	case <-time.After(20 * time.Millisecond):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// NameHolder implements runtime.Engine.
func (e *Engine) NameHolder(ctx context.Context, name string) *runtime.NameTakenError {
	found, err := e.inspect(ctx, name)
	if err != nil {
		return nil
	}
	return nameTaken(name, found)
}

// The labels of Docker Compose that say whose a container is.
const (
	composeProject = "com.docker.compose.project"
	composeService = "com.docker.compose.service"
)

func nameTaken(name string, by container.InspectResponse) *runtime.NameTakenError {
	labels := decodeLabels(by.Config.Labels)
	return &runtime.NameTakenError{
		Name: name, ID: by.ID, Image: by.Config.Image, Group: labels.Group, File: labels.File,
		Project: by.Config.Labels[composeProject], Service: by.Config.Labels[composeService],
	}
}

// Rename implements runtime.Engine.
func (e *Engine) Rename(ctx context.Context, id, name string) error {
	err := e.api.ContainerRename(ctx, id, name)
	return e.failed(ctx, fmt.Sprintf("rename container %s to %q", short(id), name), err)
}

// decodeRequest reads a request that the user's configure hook may have
// changed: a mistake there must not be dropped in silence.
func decodeRequest(data []byte) (createRequest, error) {
	var req createRequest
	var parts map[string]json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return req, fmt.Errorf("the request must be an object with Config, HostConfig and NetworkingConfig: %w", err)
	}
	for name, part := range parts {
		var into any
		switch name {
		case "Config":
			into = &req.Config
		case "HostConfig":
			into = &req.HostConfig
		case "NetworkingConfig":
			into = &req.NetworkingConfig
		case "Platform":
			into = &req.Platform
		default:
			return req, fmt.Errorf("the request has an unknown field %q: it can have Config, HostConfig, NetworkingConfig and Platform", name)
		}
		if err := decodePart(name, part, into); err != nil {
			return req, err
		}
	}
	for name, endpoint := range req.NetworkingConfig.EndpointsConfig {
		if endpoint == nil {
			req.NetworkingConfig.EndpointsConfig[name] = &network.EndpointSettings{}
		}
	}
	return req, nil
}

func decodePart(name string, data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if err == nil {
		return nil
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		field := name
		if wrong.Field != "" {
			field += "." + withoutEmbedded(wrong.Field)
		}
		return fmt.Errorf("the request's %s is %s, but the engine expects %s", field, aKind(wrong.Value), aType(wrong))
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return fmt.Errorf("the request's %s has an unknown field %s", name, field)
	}
	return fmt.Errorf("the request's %s: %w", name, err)
}

// withoutEmbedded takes the name of an embedded struct out of a path: users
// know HostConfig.Memory, not HostConfig.Resources.Memory.
func withoutEmbedded(path string) string { return strings.TrimPrefix(path, "Resources.") }

func aKind(value string) string {
	kind, detail, _ := strings.Cut(value, " ")
	switch kind {
	case "object", "array":
		return "an " + kind
	case "bool":
		return "true or false"
	case "number":
		if detail != "" {
			return "the number " + detail
		}
	}
	return "a " + kind
}

func aType(wrong *json.UnmarshalTypeError) string {
	switch kind := wrong.Type.Kind().String(); kind {
	case "struct", "map", "ptr":
		return "an object"
	case "slice", "array":
		return "an array"
	case "bool":
		return "true or false"
	case "string":
		return "a string"
	case "float64", "float32":
		return "a number"
	case "int", "int64", "int32", "uint", "uint16", "uint32", "uint64":
		return "a whole number"
	default:
		return kind
	}
}

// platformOf reads linux/arm64/v8; nil is the engine's own.
func platformOf(text string) *ocispec.Platform {
	if text == "" {
		return nil
	}
	parts := append(strings.Split(strings.ToLower(text), "/"), "", "")
	return &ocispec.Platform{OS: parts[0], Architecture: parts[1], Variant: parts[2]}
}
