package spec

import (
	"strings"

	"github.com/distribution/reference"
)

// ImagePending reports whether the image or how it is built is known only at
// the service's turn.
func ImagePending(d Definition) bool {
	for _, field := range []string{"image", "platform", "buildFrom", "dockerfile", "buildTarget", "buildArgs"} {
		for _, pending := range d.Pending {
			if pending == field || strings.HasPrefix(pending, field+".") {
				return true
			}
		}
	}
	return false
}

// FullReference is the same for all ways to write a reference: app, app:latest.
func FullReference(image string) string {
	if named, err := reference.ParseNormalizedNamed(image); err == nil {
		return reference.TagNameOnly(named).String()
	}
	return image
}

// IsLatest reports whether a reference has the tag latest, written or not.
func IsLatest(ref string) bool {
	if strings.Contains(ref, "@") {
		return false
	}
	name := ref[strings.LastIndex(ref, "/")+1:]
	_, tag, tagged := strings.Cut(name, ":")
	return !tagged || tag == "latest"
}
