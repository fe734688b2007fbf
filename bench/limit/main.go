// Command limit makes, starts and stops the containers of a collection with
// the fewest calls of the engine that will do, and nothing else: it checks
// nothing, keeps nothing and shows nothing. What it needs, the engine needs.
//
//	limit [flags] start|again|restart|stop|remove FILE
//	limit image|unimage NAME FILE
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"

	"github.com/docker/docker/client"

	"github.com/miniboss/miniboss/bench/collection"
)

// run is one run of the limit.
type run struct {
	collection.Collection
	api     *client.Client
	ahead   bool // containers are made before their dependencies are up
	creates slots
	starts  slots
	stops   slots
}

func main() {
	if err := limit(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "limit:", err)
		os.Exit(1)
	}
}

func limit(ctx context.Context) error {
	// The best that were found; see ../RESULTS.md.
	ahead := flag.Bool("ahead", true, "make containers before their dependencies are up")
	creates := flag.Int("creates", 0, "how many containers are made at a time; 0: all")
	starts := flag.Int("starts", 0, "how many containers are started at a time; 0: all")
	stops := flag.Int("stops", 12, "how many containers are stopped at a time; 0: all")
	flag.Parse()
	api, err := client.NewClientWithOpts(client.FromEnv, client.WithVersion("1.41"), func(c *client.Client) error {
		if transport, ok := c.HTTPClient().Transport.(*http.Transport); ok {
			transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 0, 128
		}
		return nil
	})
	if err != nil {
		return err
	}
	if flag.Arg(0) == "image" {
		return makeImage(ctx, api, flag.Arg(1), flag.Arg(2))
	}
	if flag.Arg(0) == "unimage" {
		return removeImage(ctx, api, flag.Arg(1))
	}
	c, err := collection.Read(flag.Arg(1))
	if err != nil {
		return err
	}
	r := run{Collection: c, api: api, ahead: *ahead, creates: newSlots(*creates), starts: newSlots(*starts), stops: newSlots(*stops)}
	switch flag.Arg(0) {
	case "start":
		return r.start(ctx)
	case "again":
		_, err := r.list(ctx)
		return err
	case "restart":
		return r.restart(ctx)
	case "stop":
		return r.stop(ctx, false)
	case "remove":
		return r.stop(ctx, true)
	}
	return fmt.Errorf("what to do with %s?", flag.Arg(1))
}
