# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# kprofctl and its library: compilers and clang-tidy. Sourced by "run".

# compile - all objects, without -flto: some warnings would come when linking, and
# linking finds nothing more
compile()
{
	local build=$LINT_BUILD/user

	mkdir -p "$build"
	if ! make --no-print-directory -s -k -C userspace W=1 BUILD="$build" CFLAGS=-O2 \
		lib commands >"$build.log" 2>&1; then
		grep -E '^[^ ]+:[0-9]+(:[0-9]+)?: (warning|error|fatal error):' "$build.log" ||
			tail -n 20 "$build.log"
	fi
}

check_gcc()
{
	unless_all_passed gcc "$(gcc --version | head -n 1)" \
		'userspace proto kmod/uapi kmod/unwind_table.c kmod/unwind_table.h' compile
}

run_tidy()
{
	local -a flags

	mapfile -t flags < <(make --no-print-directory -s -C userspace \
		BUILD="$LINT_BUILD/tidy" CFLAGS= print-cflags)
	# A header is checked by itself, and so by its own content
	printf '%s\n' "${@#userspace/}" | (cd userspace && xargs -P 2 -n 1 \
		sh -c 'clang-tidy --quiet "$@" -- -x c '"${flags[*]}" sh 2>/dev/null) |
		sed -n "s#^$PWD/##p"
}

# With clang's own warnings, and clang takes them as it takes them in a build
check_tidy()
{
	# What is generated has to be there
	mkdir -p "$LINT_BUILD"
	if ! make --no-print-directory -s -C userspace BUILD="$LINT_BUILD/tidy" \
		generated >"$LINT_BUILD/tidy.log" 2>&1; then
		cat "$LINT_BUILD/tidy.log"
		return
	fi
	git ls-files 'userspace/*.c' 'userspace/*.h' | unless_passed tidy \
		"$(clang-tidy --version | grep -i version) $(sha256sum .clang-tidy)" run_tidy
}
