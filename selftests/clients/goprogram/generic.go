// SPDX-License-Identifier: GPL-2.0-only

//go:build go1.18
// +build go1.18

package main

type number interface{ ~int | ~float64 }

type list[T number] struct{ items []T }

func (l *list[T]) each(f func(T) T) *list[T] {
	for i := range l.items {
		l.items[i] = f(l.items[i])
	}
	return l
}

func fold[T number](items []T) (ret T) {
	for _, item := range items {
		ret = add(ret, item)
	}
	return ret
}

func add[T number](a, b T) T { return a + b }

func generic() string {
	ints := (&list[int]{[]int{1, 2}}).each(func(i int) int { return i * 2 })
	floats := (&list[float64]{[]float64{1, 2}}).each(func(f float64) float64 {
		return add(f, f)
	})
	return string(rune('0' + fold(ints.items) + int(fold(floats.items))))
}
