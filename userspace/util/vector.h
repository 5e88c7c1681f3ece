/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Growing arrays of any type.
 *
 * Copyright (C) 2026 The kprof authors
 *
 *	vector(int) numbers = {};
 *
 *	err = vector_push(&numbers, 7);
 *	vector_for_each(&numbers, number)
 *		use(*number);
 *	vector_free(&numbers);
 *
 * Elements move when the vector grows: keep indices, not pointers.
 */
#ifndef UTIL_VECTOR_H
#define UTIL_VECTOR_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/**
 * kprof_array_reserve() - room for more elements
 * @array: address of the pointer to the elements; changed if they move
 * @capacity: elements that there is room for; may change
 * @nr: elements that room is wanted for
 * @element_bytes: size of one
 *
 * Grows by half at least, so that adding one by one is cheap.
 *
 * Return: 0 or -ENOMEM; then nothing has changed.
 */
static inline int kprof_array_reserve(void *array, size_t *capacity, size_t nr,
				      size_t element_bytes)
{
	size_t wanted = *capacity + *capacity / 2;
	size_t bytes;
	void *old, *new;

	if (nr <= *capacity)
		return 0;
	if (wanted < nr)
		wanted = nr;
	if (wanted < 8)
		wanted = 8;
	if (__builtin_mul_overflow(wanted, element_bytes, &bytes))
		return -ENOMEM;
	/* memcpy: the pointer behind @array has a type of its own. */
	memcpy(&old, array, sizeof(old));
	new = realloc(old, bytes);
	if (!new)
		return -ENOMEM;
	memcpy(array, &new, sizeof(new));
	*capacity = wanted;
	return 0;
}

#define vector(type)             \
	struct {                 \
		type *data;      \
		size_t nr;       \
		size_t capacity; \
	}

/* 0 or -ENOMEM. */
#define vector_reserve(v, wanted)                                  \
	kprof_array_reserve(&(v)->data, &(v)->capacity, (wanted),  \
			    sizeof(*(v)->data))

/* 0 or -ENOMEM; braces around an initializer need parentheses around them. */
#define vector_push(v, ...)                                        \
	({                                                         \
		int __err = vector_reserve(v, (v)->nr + 1);        \
		if (!__err)                                        \
			(v)->data[(v)->nr++] = (__VA_ARGS__);      \
		__err;                                             \
	})

#define vector_free(v)             \
	do {                       \
		free((v)->data);   \
		(v)->data = NULL;  \
		(v)->nr = 0;       \
		(v)->capacity = 0; \
	} while (0)

/* @element is a pointer to each element in turn. */
#define vector_for_each(v, element)                          \
	for (__typeof__((v)->data + 0) element = (v)->data;  \
	     element && element < (v)->data + (v)->nr; element++)

#endif /* UTIL_VECTOR_H */
