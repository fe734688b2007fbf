package main

import (
	"archive/tar"
	"context"
	"io"
	"os"

	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"
)

// makeImage makes an image of one static program.
func makeImage(ctx context.Context, api *client.Client, name, program string) error {
	file, err := os.Open(program)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	read, write := io.Pipe()
	go func() {
		archive := tar.NewWriter(write)
		err := archive.WriteHeader(&tar.Header{Name: "testserver", Mode: 0o755, Size: info.Size()})
		if err == nil {
			_, err = io.Copy(archive, file)
		}
		if err == nil {
			err = archive.Close()
		}
		_ = write.CloseWithError(err)
	}()
	answer, err := api.ImageImport(ctx, image.ImportSource{Source: read, SourceName: "-"}, name,
		image.ImportOptions{Changes: []string{`ENTRYPOINT ["/testserver"]`}})
	if err != nil {
		return err
	}
	defer func() { _ = answer.Close() }()
	_, err = io.Copy(io.Discard, answer)
	return err
}

func removeImage(ctx context.Context, api *client.Client, name string) error {
	_, err := api.ImageRemove(ctx, name, image.RemoveOptions{Force: true})
	return err
}
