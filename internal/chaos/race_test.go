//go:build race

package chaos

// raceDetector is set where the tests have the race detector: the program gets it
// too.
const raceDetector = true
