package network

import (
	"os"
	"testing"

	"github.com/miniboss/miniboss/internal/enginetest"
)

func TestMain(m *testing.M) { os.Exit(enginetest.Run(m)) }
