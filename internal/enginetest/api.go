package enginetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Client asks the engine directly.
type Client struct {
	http *http.Client
	base string
}

// API returns a client for the engine that Engine connects to.
func API(t testing.TB) *Client {
	t.Helper()
	client := sharedAPI(t)
	t.Cleanup(client.http.CloseIdleConnections)
	return client
}

// sharedAPI returns a client that outlives the test.
func sharedAPI(t testing.TB) *Client {
	t.Helper()
	needed(t)
	scheme, address, _ := strings.Cut(Engine(t).Host(), "://")
	if scheme != "unix" && scheme != "tcp" {
		t.Fatalf("the tests want an engine on unix:// or tcp://, not %s://", scheme)
	}
	return clientFor(scheme, strings.TrimSuffix(address, "/"))
}

func clientFor(scheme, address string) *Client {
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, scheme, address)
	}}
	// Without a version in the path each engine takes its own.
	return &Client{http: &http.Client{Transport: transport}, base: "http://engine"}
}

// StatusError is an answer of the engine that is not 2xx.
type StatusError struct {
	Status int
	Text   string
}

func (e *StatusError) Error() string { return fmt.Sprintf("%d %s", e.Status, e.Text) }

// Do sends a request and decodes the answer, where into is not nil. body may
// be a reader, which is sent as a tar archive, or anything else, as JSON.
func (c *Client) Do(ctx context.Context, method, path string, query url.Values, body, into any) error {
	var content io.Reader
	kind := ""
	switch b := body.(type) {
	case nil:
	case io.Reader:
		content, kind = b, "application/x-tar"
	default:
		data, err := json.Marshal(b)
		if err != nil {
			return err
		}
		content, kind = bytes.NewReader(data), "application/json"
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+path+"?"+query.Encode(), content)
	if err != nil {
		return err
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode >= 300 {
		return &StatusError{answer.StatusCode, strings.TrimSpace(string(data))}
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(data, into)
}

func filter(key, value string) url.Values {
	data, _ := json.Marshal(map[string][]string{key: {value}})
	return url.Values{"filters": {string(data)}}
}

// removeGroup removes what has the group's label, one-off containers too; where
// it is "", what has that of any.
func (c *Client) removeGroup(ctx context.Context, group string) error {
	label := filter("label", strings.TrimSuffix("miniboss.group="+group, "="))
	var errs []error

	var containers []struct{ ID string }
	query := url.Values{"all": {"1"}, "filters": label["filters"]}
	errs = append(errs, c.Do(ctx, http.MethodGet, "/containers/json", query, nil, &containers))
	for _, found := range containers {
		errs = append(errs, c.RemoveContainer(ctx, found.ID))
	}
	var networks []struct{ ID string }
	errs = append(errs, c.Do(ctx, http.MethodGet, "/networks", label, nil, &networks))
	for _, found := range networks {
		errs = append(errs, c.removeNetwork(ctx, found.ID))
	}
	var volumes struct{ Volumes []struct{ Name string } }
	errs = append(errs, c.Do(ctx, http.MethodGet, "/volumes", label, nil, &volumes))
	for _, found := range volumes.Volumes {
		errs = append(errs, gone(c.Do(ctx, http.MethodDelete, "/volumes/"+found.Name, nil, nil, nil)))
	}
	if group != "" {
		errs = append(errs, c.removeImages(ctx, group))
	}
	return errors.Join(errs...)
}

// removeNetwork removes a network. One that Docker 20.10 keeps because it has
// miscounted the containers on it stays until the engine is restarted.
func (c *Client) removeNetwork(ctx context.Context, id string) error {
	err := gone(c.Do(ctx, http.MethodDelete, "/networks/"+id, nil, nil, nil))
	if !isStatus(err, http.StatusForbidden) {
		return err
	}
	var network struct{ Containers map[string]any }
	if inspectErr := c.Do(ctx, http.MethodGet, "/networks/"+id, nil, nil, &network); inspectErr != nil || len(network.Containers) > 0 {
		return err
	}
	return nil
}

// LabelTest is on the images that a test builds, by a LABEL at the top of the
// Dockerfile, with the group as its value. The classic builder leaves an image
// for each step of a build that failed, which nothing else marks.
const LabelTest = "miniboss.test"

func (c *Client) removeImages(ctx context.Context, group string) error {
	query := url.Values{"all": {"1"}, "filters": filter("label", LabelTest+"="+group)["filters"]}
	for left := -1; ; {
		var images []struct{ ID string }
		if err := c.Do(ctx, http.MethodGet, "/images/json", query, nil, &images); err != nil || len(images) == 0 {
			return err
		}
		if len(images) == left {
			return fmt.Errorf("%d images are left", left)
		}
		left = len(images)
		for _, found := range images {
			// Parents cannot go before their children: they do in the next round.
			_ = c.removeImage(ctx, found.ID)
		}
	}
}

// RemoveContainer removes a container, running or not, and waits until it is
// gone where somebody else is removing it.
func (c *Client) RemoveContainer(ctx context.Context, id string) error {
	err := gone(c.Do(ctx, http.MethodDelete, "/containers/"+id, url.Values{"force": {"1"}, "v": {"1"}}, nil, nil))
	if isStatus(err, http.StatusConflict) {
		err = gone(c.Do(ctx, http.MethodPost, "/containers/"+id+"/wait", url.Values{"condition": {"removed"}}, nil, nil))
	}
	return err
}

// RemoveImage removes an image when the test is done, if it is there then.
func RemoveImage(t testing.TB, reference string) {
	t.Helper()
	api := API(t)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		// With a container left the image would only lose its name.
		err := api.removeUsers(ctx, reference)
		if err == nil {
			err = gone(api.removeImage(ctx, reference))
		}
		if err != nil {
			t.Errorf("removing image %s: %v", reference, err)
		}
	})
}

// removeUsers removes the containers that were made from an image by this name.
// Others may have one with the same id: builds of the same content have.
func (c *Client) removeUsers(ctx context.Context, reference string) error {
	var containers []struct{ ID, Image string }
	query := url.Values{"all": {"1"}, "filters": filter("ancestor", reference)["filters"]}
	err := gone(c.Do(ctx, http.MethodGet, "/containers/json", query, nil, &containers))
	for _, found := range containers {
		if strings.TrimSuffix(found.Image, ":latest") == strings.TrimSuffix(reference, ":latest") {
			err = errors.Join(err, c.RemoveContainer(ctx, found.ID))
		}
	}
	return err
}

// RemoveNetwork removes a network when the test is done, if it is there then.
func RemoveNetwork(t testing.TB, name string) {
	t.Helper()
	api := API(t)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := gone(api.Do(ctx, http.MethodDelete, "/networks/"+name, nil, nil, nil)); err != nil {
			t.Errorf("removing network %s: %v", name, err)
		}
	})
}

func (c *Client) removeImage(ctx context.Context, reference string) error {
	return c.Do(ctx, http.MethodDelete, "/images/"+reference, url.Values{"force": {"1"}}, nil, nil)
}

func gone(err error) error {
	if isStatus(err, http.StatusNotFound) {
		return nil
	}
	return err
}

func isStatus(err error, status int) bool {
	var answer *StatusError
	return errors.As(err, &answer) && answer.Status == status
}
