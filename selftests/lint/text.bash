# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What can be said by looking at the text. Sourced by "run".

check_versions()
{
	git grep -nE 'LINUX_VERSION_CODE|KERNEL_VERSION\(' -- \
		'kmod/*.c' 'kmod/*.h' ':!kmod/compat'
	return 0
}

check_conditionals()
{
	git grep -nE '^[[:space:]]*#[[:space:]]*(ifdef|ifndef|if )' -- 'kmod/*.c'
	return 0
}

check_uapi()
{
	git grep -lE '<linux/kprof.h>' -- 'userspace/*' |
		grep -vE 'userspace/lib/(device|reader|record|space|collector)[a-z_]*\.[ch]$'
	return 0
}

# Commands know the library by its one public header.
check_library()
{
	git grep -nE '#include "(\.\./)?lib/' -- 'userspace/cmd/*' |
		grep -v 'lib/kprof\.h"'
	return 0
}

# util/ knows nothing of profiles, lib/ nothing of commands.
check_upward()
{
	git grep -nE '#include "(\.\./)?(lib|cmd)/' -- 'userspace/util/*'
	git grep -nE '#include "(\.\./)?cmd/' -- 'userspace/lib/*'
	return 0
}

check_later()
{
	git grep -nwE 'TODO|FIXME|XXX|HACK' -- '*.c' '*.h' '*.cc' \
		'selftests/*' ':!selftests/lint'
	return 0
}

check_spelling()
{
	git ls-files '*.c' '*.h' '*.md' '*.1' '*.sh' ':!selftests/lint/faults' |
		xargs codespell --ignore-words-list=ede,fo,inout,mmaped,nam,ro
}

# With those that they source
check_shell()
{
	local scripts

	scripts=$(git ls-files -- ':!selftests/lint/faults' |
		xargs awk 'FNR == 1 { if (/^#!.*\/(env )?(ba)?sh( |$)/) print FILENAME; nextfile }')
	unless_passed shell "$(shellcheck --version) $(git ls-files -s '*.bash' '*.sh' | sha256sum)" \
		shellcheck -x -f gcc <<<"$scripts"
}

advise_long_files()
{
	git ls-files '*.c' '*.h' | xargs wc -l |
		awk '$2 != "total" && $1 > 600 { print "  " $2 ": " $1 " lines" }'
}

advise_long_lines()
{
	git grep -nE '^.{101,}' -- 'kmod/*.[ch]' 'userspace/*.[ch]' |
		grep -v '"' | cut -c 1-120
	return 0
}
