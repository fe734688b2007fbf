package runtime

import (
	"context"
	"fmt"
)

// NameTakenError says that a container's name is taken by something else.
type NameTakenError struct {
	Name string // of the container
	ID   string
	// Image is what it was made from.
	Image string
	// Group and File are those of a container that miniboss made, or "".
	Group, File string
	// Project and Service are those of a container that Compose made, or "".
	Project, Service string
}

func (e *NameTakenError) Error() string {
	by := "that miniboss did not create"
	switch {
	case e.Group != "" && e.File != "":
		by = fmt.Sprintf("of group %q, created from %s", e.Group, e.File)
	case e.Group != "":
		by = fmt.Sprintf("of group %q", e.Group)
	case e.Project != "" && e.Service != "":
		by = fmt.Sprintf("of service %q in the Compose project %q", e.Service, e.Project)
	case e.Project != "":
		by = fmt.Sprintf("of the Compose project %q", e.Project)
	}
	return fmt.Sprintf("the container name %s is taken by a container %s (image %s, id %.12s)", e.Name, by, e.Image, e.ID)
}

// Hint says what to do.
func (e *NameTakenError) Hint() string {
	return fmt.Sprintf("remove that container with docker rm -f %s\n  hint: or rename this file's group with groupName(…)", e.Name)
}

// lookForName begins to find out whether the name that the service's container
// is to have is free, which the name that it has until it is ready does not tell.
// nameIsFree waits for the answer.
func (t *turn) lookForName(ctx context.Context) {
	answer := make(chan *NameTakenError, 1)
	t.nameAnswer = answer
	go func() { answer <- t.runner.Engine.NameHolder(ctx, fullName(t.runner.Group, t.service.Name)) }()
}

func (t *turn) nameIsFree() error {
	if t.nameAnswer == nil {
		return nil
	}
	answer := t.nameAnswer
	t.nameAnswer = nil
	if holder := <-answer; holder != nil {
		return holder
	}
	return nil
}
