// SPDX-License-Identifier: GPL-2.0-only

// A Go program that works a while: closures, methods, generated code of the
// runtime, garbage.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
)

type record struct {
	Name   string
	Values []int
	Next   *record
}

func (r *record) depth() int {
	if r == nil {
		return 0
	}
	return 1 + r.Next.depth()
}

func chain(n int) (head *record) {
	for i := 0; i < n; i++ {
		head = &record{"n" + strconv.Itoa(i), []int{i, i * i}, head}
	}
	return head
}

func main() {
	rounds, _ := strconv.Atoi(os.Args[1])
	total := 0
	for i := 0; i < rounds; i++ {
		head := chain(60)
		text, err := json.Marshal(head)
		if err != nil {
			panic(err)
		}
		words := strings.FieldsFunc(string(text), func(c rune) bool {
			return c == '"' || c == ','
		})
		sort.Slice(words, func(a, b int) bool { return words[a] < words[b] })
		total += len(words) + head.depth()
	}
	fmt.Println(total)
}
