// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of C++ and Rust functions, for people.
 *
 * Copyright (C) 2026 The kprof authors
 *
 * A mangled name may refer back to parts of itself, so a hundred bytes can
 * stand for gigabytes. libiberty has no limit for what it prints, nor a way to
 * stop it. Therefore the callback leaves by longjmp() when the buffer is full.
 * The C++ demangler holds no memory while it prints; the Rust one may lose the
 * buffer of one Unicode identifier, and only for a name that is that long.
 */
#include "lib/demangle.h"

#ifdef HAVE_LIBIBERTY

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <string.h>

enum {
	/* libiberty's own limit for names, which it can be told to ignore... */
	SHORT_SYMBOL = 1000,
	/* ...but then it needs about 1 KiB of stack for each byte. */
	LONG_SYMBOL = 3000,
};

struct output {
	char *data;
	size_t size;
	size_t len;
	jmp_buf full;
};

static void append(const char *data, size_t len, void *opaque)
{
	struct output *out = opaque;
	size_t room = out->size - 1 - out->len;

	memcpy(out->data + out->len, data, len < room ? len : room);
	out->len += len < room ? len : room;
	out->data[out->len] = '\0';
	if (len > room)
		longjmp(out->full, 1);
}

typedef int demangle_fn(const char *symbol, int options,
			demangle_callbackref callback, void *opaque);

static bool run(demangle_fn *demangle, const char *symbol, int options,
		struct output *out)
{
	static const char cut[] = "...";

	out->len = 0;
	if (setjmp(out->full)) {
		memcpy(out->data + out->size - sizeof(cut), cut, sizeof(cut));
		return true;
	}
	return demangle(symbol, options, append, out) && out->len > 0;
}

/* Length of a C++ name without .cold, .constprop.0, .llvm.123, @plt behind it. */
static size_t cxx_length(const char *symbol)
{
	return strcspn(symbol, ".@");
}

/*
 * The suffix is appended as it is. libiberty would ignore it without
 * parameters and write "[clone .cold]" with them.
 */
static bool demangle_cxx(const char *symbol, int options, struct output *out)
{
	size_t len = cxx_length(symbol), suffix_len = strlen(symbol + len);
	char plain[LONG_SYMBOL + 1];

	memcpy(plain, symbol, len);
	plain[len] = '\0';
	if (!run(cplus_demangle_v3_callback, plain, options, out))
		return false;
	if (out->len + suffix_len < out->size)
		memcpy(out->data + out->len, symbol + len, suffix_len + 1);
	return true;
}

bool kprof_demangle(const char *symbol, char *ret, size_t size)
{
	struct output out = {.data = ret, .size = size};
	size_t len = strlen(symbol);
	int options = DMGL_NO_OPTS;

	if (strncmp(symbol, "_Z", 2) && strncmp(symbol, "_R", 2))
		return false;
	if (len > LONG_SYMBOL)
		return false;
	if (len > SHORT_SYMBOL)
		options |= DMGL_NO_RECURSE_LIMIT;
	/* Rust first: its older names are C++ names with a hash at the end. */
	if (run(rust_demangle_callback, symbol, options, &out))
		return true;
	return symbol[1] == 'Z' && demangle_cxx(symbol, options, &out);
}

#else
/* ISO C wants something in a file. */
typedef int kprof_no_demangler;
#endif
