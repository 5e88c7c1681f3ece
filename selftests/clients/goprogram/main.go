// SPDX-License-Identifier: GPL-2.0-only

// A program with everything that gives a Go function a name: inlined
// functions, closures, methods, interfaces, goroutines, deferred calls and,
// where there are such, generic functions.
package main

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"sync"
)

type shape interface{ area() float64 }

type square struct{ side float64 }
type circle struct{ radius float64 }

func (s square) area() float64  { return times(s.side, s.side) }
func (c *circle) area() float64 { return 3.14 * times(c.radius, c.radius) }

func times(a, b float64) float64 { return twice(a*b) / 2 }
func twice(a float64) float64    { return a + a }

type embedded struct {
	*circle
	sync.Mutex
}

func sum(shapes []shape) (total float64) {
	defer func() {
		if recover() != nil {
			total = -1
		}
	}()
	for _, s := range shapes {
		total += s.area()
	}
	return total
}

func counter() func() int {
	n := 0
	return func() int {
		n++
		return func() int { return n * n }()
	}
}

func concurrent(n int) []string {
	var group sync.WaitGroup
	results := make(chan string, n)
	for i := 0; i < n; i++ {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			results <- strings.Repeat("x", i)
		}(i)
	}
	group.Wait()
	close(results)
	var ret []string
	for r := range results {
		ret = append(ret, r)
	}
	sort.Slice(ret, func(i, j int) bool { return len(ret[i]) < len(ret[j]) })
	return ret
}

func main() {
	c := &circle{2}
	e := embedded{circle: c}
	next := counter()
	words := map[string][]string{"words": concurrent(next() + 9)}
	text, err := json.Marshal(words)
	if err != nil {
		panic(err)
	}
	fmt.Println(sum([]shape{square{1}, c, e}), next(), generic(), len(text))
}
