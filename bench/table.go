package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"
)

// print writes all results as a table, a row for each topology and step.
func (b *bench) print(w io.Writer) {
	columns := []string{limitName, miniName}
	if b.compose != "" {
		columns = append(columns, composeName)
	}
	slices.Sort(b.loads)
	fmt.Fprintf(w, "%d CPUs, %s/%s; load average %.1f to %.1f, median %.1f.", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH,
		b.loads[0], b.loads[len(b.loads)-1], middle(b.loads))
	if len(b.miscounts) > 0 {
		fmt.Fprintf(w, " The engine refused to remove a network that nothing was attached to: %s.", strings.Join(b.miscounts, ", "))
	}
	fmt.Fprint(w, "\n\n| topology | step | runs | spread of the limit |")
	for _, name := range columns {
		fmt.Fprintf(w, " %s |", name)
		if name != limitName {
			fmt.Fprint(w, " ratio |")
		}
	}
	for _, name := range columns {
		fmt.Fprintf(w, " CPU, memory: %s |", name)
	}
	fmt.Fprintf(w, "\n%s|\n", strings.Repeat("|---", 3+3*len(columns)))
	for _, t := range topologies() {
		for _, step := range steps {
			b.row(w, t, step, columns)
		}
	}
}

func (b *bench) row(w io.Writer, t topology, step string, columns []string) {
	limit := b.results[key{t.name, step, limitName}]
	if len(limit) == 0 {
		return
	}
	fmt.Fprintf(w, "| %s | %s | %d | %s |", t.name, step, len(limit), spread(limit))
	for _, name := range columns {
		all := b.results[key{t.name, step, name}]
		fmt.Fprintf(w, " %s |", short(median(all, wall)))
		if name != limitName {
			fmt.Fprintf(w, " %.2f |", float64(median(all, wall))/float64(median(limit, wall)))
		}
	}
	for _, name := range columns {
		all := b.results[key{t.name, step, name}]
		fmt.Fprintf(w, " %s, %d MB |", short(median(all, cpu)), median(all, memory)>>20)
	}
	fmt.Fprintln(w)
}

func wall(f figures) time.Duration { return f.wall }
func cpu(f figures) time.Duration  { return f.cpu }
func memory(f figures) int64       { return f.memory }

func median[T cmp.Ordered](all []figures, of func(figures) T) (none T) {
	values := make([]T, len(all))
	for i, f := range all {
		values[i] = of(f)
	}
	slices.Sort(values)
	if len(values) == 0 {
		return none
	}
	return middle(values)
}

// spread is where the middle half of the times lies, in parts of the median: how
// much a ratio to them moves by itself.
func spread(all []figures) string {
	values := make([]time.Duration, len(all))
	for i, f := range all {
		values[i] = f.wall
	}
	slices.Sort(values)
	part := func(i int) float64 { return float64(values[i]) / float64(middle(values)) }
	return fmt.Sprintf("%.2f to %.2f", part(len(values)/4), part(len(values)-1-len(values)/4))
}

func middle[T any](sorted []T) T { return sorted[len(sorted)/2] }

func short(d time.Duration) string {
	if d >= time.Second {
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}
