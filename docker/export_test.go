package docker

// Rich is for the tests from outside, which use the test kit.
var Rich = rich
