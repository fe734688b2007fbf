package runtime

// ParseDefinition checks the fields of a service and makes its definition.
// fields holds what JavaScript found on the instance, the user's own fields
// and methods included; dir is the directory of the file, which relative paths
// start from. All mistakes are returned, sorted by field; Class and Pos are
// left to the caller (see Service.FieldPos). The core calls it again at the
// service's turn, with what Service.Evaluate returned. It never panics, whatever the values are.
func ParseDefinition(fields map[string]any, dir string, stage Stage) (Definition, []Problem) {
	return Definition{}, nil
}
