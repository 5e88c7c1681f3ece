# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the guest scripts share: where things are, and the list of kernels.
# Sourced by them, never run.

set -euo pipefail
export LC_ALL=C.UTF-8

GUEST_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP_DIR=$(cd "$GUEST_DIR/../.." && pwd)
BUILD_DIR=${KPROF_BUILD:-$TOP_DIR/build}

say() { printf 'guest: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# The cache only saves time: what cannot be kept there stays in build/.
cache_dir()
{
	local dir=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/kprof

	if ! mkdir -p "$dir" 2>/dev/null || ! [ -w "$dir" ]; then
		dir=$BUILD_DIR/cache
		mkdir -p "$dir"
	fi
	echo "$dir"
}

# cache_use - the lock that everybody holds who takes something from the cache, until
# it is marked as used
cache_use()
{
	exec {in_use}>"$(cache_dir)/in-use.lock"
	flock -s "$in_use"
}

# prune_cache - what nobody has used for so many days goes; not now, if somebody is
# taking something at this moment
CACHE_DAYS=30
prune_cache()
{
	local dir old lock
	dir=$(cache_dir)

	exec {lock}>"$dir/in-use.lock"
	if flock -n "$lock"; then
		for old in debs resolved passed; do
			[ ! -d "$dir/$old" ] || find "$dir/$old" -type f -mtime +$CACHE_DAYS -delete
		done
		find "$dir" -mindepth 1 -maxdepth 2 -mtime +$CACHE_DAYS \
			\( -path "$dir/unpacked/*" -o -name 'pprof-*' \) -prune -print |
			while read -r old; do
				say "cache: $(basename "$old") has not been used for $CACHE_DAYS days"
				chmod -R u+w "$old"
				rm -rf "$old"
			done
	fi
	exec {lock}>&-
}

targets() { awk '!/^#/ && NF { print $1 }' "$GUEST_DIR/kernels"; }
default_target() { targets | sed -n 1p; }

# target_load TARGET - sets the variables named in the table's heading
target_load()
{
	# shellcheck disable=SC2034 # for who sources this
	read -r TARGET ARCH SUITE FLAVOUR MIN_QEMU CHECK < <(
		awk -v t="$1" '$1 == t' "$GUEST_DIR/kernels") ||
		die "no kernel '$1'; there are: $(targets | xargs)"
}

host_arch() { dpkg --print-architecture; }

# What the architectures are called, and how to compile for them
declare -A TRIPLET=([amd64]=x86_64-linux-gnu [arm64]=aarch64-linux-gnu
	[armhf]=arm-linux-gnueabihf [riscv64]=riscv64-linux-gnu [i386]=i686-linux-gnu)

# cross_prefix ARCH - of the compiler for ARCH; none where it is this machine's
cross_prefix()
{
	[ "$1" = "$(host_arch)" ] || echo "${TRIPLET[$1]}-"
}
