# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The module: compilers, sparse, checkpatch, coccinelle. Sourced by "run".

LINT_KERNEL=amd64-6.1
# Which of the kernels brings its source, with checkpatch and rules
SOURCE_TARGET=amd64-board

# build_module NAME ARGUMENT... - prints the warnings and errors. What does not
# pass leaves no object, so a second run finds it again.
build_module()
{
	local build=$LINT_BUILD/$1 log found
	shift

	log=$build/kmod/$LINT_KERNEL/build.log
	mkdir -p "$build"
	KPROF_SRC=$TREE KPROF_BUILD=$build "$GUEST_DIR/build-module" "$LINT_KERNEL" \
		-k W=1 KPROF_W=y "$@" >"$build.log" 2>&1 && return
	found=$(sed "s#$build/kmod/$LINT_KERNEL/##g" "$log" |
		grep -E '^[^ ]+:[0-9]+(:[0-9]+)?: (warning|error):' | sort -u)
	if [ -n "$found" ]; then
		printf '%s\n' "$found"
	else
		tail -n 20 "$build.log"
	fi
}

check_sparse()
{
	unless_all_passed sparse "$(gcc --version | head -n 1) $(sparse --version)" \
		'Kbuild kmod' build_module gcc C=1 CF=-Wsparse-error
}

# The kernel was configured for gcc: what only that knows is left out
check_clang()
{
	unless_all_passed clang "$(clang --version | head -n 1)" 'Kbuild kmod' \
		build_module clang CC=clang CONFIG_CC_IS_GCC= CONFIG_CC_IS_CLANG=y \
		CONFIG_CC_IMPLICIT_FALLTHROUGH=-Wimplicit-fallthrough \
		CONFIG_FTRACE_MCOUNT_USE_CC= CONFIG_INIT_STACK_ALL_ZERO= \
		CONFIG_RETHUNK= CONFIG_SLS= KCFLAGS=-Wno-unknown-warning-option
}

module_files() { git ls-files 'kmod/*.c' 'kmod/*.h'; }

kernel_scripts()
{
	local source

	source=$("$GUEST_DIR/fetch" --source "$SOURCE_TARGET") || return 1
	echo "$source/scripts"
}

run_checkpatch()
{
	# FILE:LINE: LEVEL:KIND: TEXT
	perl "$SCRIPTS/checkpatch.pl" --strict --no-tree --terse --show-types \
		--no-summary --max-line-length=100 -f "$@"
	# Names in mixed case that it has seen in headers
	rm -f .checkpatch-camelcase.*
}

check_checkpatch()
{
	SCRIPTS=$(kernel_scripts) || { echo 'there is no source of the kernel'; return; }
	module_files | unless_passed checkpatch "$(sha256sum "$SCRIPTS/checkpatch.pl")" \
		run_checkpatch
}

# Rules that report; one in OCaml, for one driver, needs a compiler of that
coccinelle_rules()
{
	find "$SCRIPTS/coccinelle" -name "${LINT_RULES:-*}.cocci" | sort |
		xargs grep -l '^virtual report' | xargs grep -L '^@.*script:ocaml'
}

# run_rule RULE FILE... - what the rule prints of itself is nobody's concern
run_rule()
{
	local rule=$1 options
	shift

	options=$(sed -n 's#^//.*Options: *##p' "$rule" | head -n 1)
	# shellcheck disable=SC2086 # words
	spatch --very-quiet --no-show-diff -D report --cocci-file "$rule" $options "$@" \
		2>/dev/null | sed "s#\$# [${rule##*/}]#"
	[ "${PIPESTATUS[0]}" = 0 ] || echo "$1:1: spatch failed [${rule##*/}]"
}

# The rules are many and the files few, so the rules are shared out
run_coccinelle()
{
	export -f run_rule
	coccinelle_rules | xargs -P 2 -I {} bash -c 'run_rule "$@"' bash {} "$@"
}

check_coccinelle()
{
	SCRIPTS=$(kernel_scripts) || { echo 'there is no source of the kernel'; return; }
	module_files | unless_passed coccinelle "$(spatch --version | head -n 1) $SCRIPTS" \
		run_coccinelle
}
