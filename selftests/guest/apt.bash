# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Debian packages of any suite and architecture without installing them: apt with
# a state of its own below build/, and the mirror that the machine is configured
# for. apt checks signatures as always. Sourced after common.bash.

# apt_init NAME SUITE ARCH - what the other functions here work on. With
# APT_NO_SECURITY they do without security updates: the mirror often has an index
# of these that is out of step for architectures that few ask for.
apt_init()
{
	CACHE=$(cache_dir)
	APT_DIR=$BUILD_DIR/guest/apt/$1
	APT_SUITE=$2
	APT_ARCH=$3
	mkdir -p "$APT_DIR"/{state,lists/partial,cache/archives/partial}
	# Empty, or apt would answer with what is installed here
	: >"$APT_DIR/status"
}

# mirror_bases - the base addresses, main then security, of the configured mirror
mirror_bases()
{
	local indexes main security

	# shellcheck disable=SC2016 # apt's variables
	indexes=$(apt-get indextargets 'Created-By: Packages' 'Origin: Debian' \
		--format '$(REPO_URI) $(RELEASE)' | sort -u)
	security=$(awk '$2 ~ /-security$/ { print $1; exit }' <<<"$indexes")
	main=$(awk '$2 !~ /-security$/ { print $1; exit }' <<<"$indexes")
	if [ -z "$main$security" ]; then
		die "apt knows no Debian mirror (try apt-get update as root)"
	fi
	main=${main:-${security/debian-security/debian}}
	security=${security:-${main/%debian\//debian-security/}}
	echo "$main $security"
}

# source_lines - the suite, and the one that it needs beside it. One list per
# purpose, because apt drops every index of a source of which one is out of step
# on the mirror.
source_lines()
{
	local main security keyring options

	read -r main security < <(mirror_bases)
	keyring=$(find /usr/share/keyrings -name 'debian-archive-keyring.[gp][pg][gp]' |
		sort | head -n 1)
	[ -n "$keyring" ] || die "no debian-archive-keyring"
	options="signed-by=$keyring arch=$(host_arch)"
	if [ "$APT_ARCH" != "$(host_arch)" ]; then
		options+=",$APT_ARCH"
	fi
	echo "deb [$options] $main $APT_SUITE main"
	case ${APT_NO_SECURITY:+no-}$APT_SUITE in
	sid|no-*) ;;
	*-backports) echo "deb [$options] $main ${APT_SUITE%-backports} main" ;;
	*) echo "deb [$options] $security $APT_SUITE-security main" ;;
	esac
}

private_apt()
{
	local tool=$1
	shift
	"$tool" -q -o "Dir::Etc::SourceList=$APT_DIR/sources.list" \
		-o Dir::Etc::SourceParts=/dev/null \
		-o "Dir::State=$APT_DIR/state" \
		-o "Dir::State::Lists=$APT_DIR/lists" \
		-o "Dir::State::status=$APT_DIR/status" \
		-o "Dir::Cache=$APT_DIR/cache" \
		-o Dir::Cache::pkgcache=pkgcache.bin \
		-o Dir::Cache::srcpkgcache=srcpkgcache.bin \
		-o "APT::Architectures::=$(host_arch)" \
		-o "APT::Architectures::=$APT_ARCH" \
		-o APT::Sandbox::User="$(id -un)" \
		-o Acquire::Languages=none \
		-o Acquire::Retries=3 "$@"
}

apt_update()
{
	source_lines >"$APT_DIR/sources.list" || return 1
	update_lists && return
	# A mirror that is out of step in one of them: rather no news than nothing
	sed -i '2,$d' "$APT_DIR/sources.list"
	update_lists || {
		cat "$APT_DIR/update.log" >&2
		return 1
	}
	say "the mirror does not have all of $APT_SUITE; without what it has beside it"
}

update_lists() { private_apt apt-get update >"$APT_DIR/update.log" 2>&1; }

# package_record NAME ARCH - the newest version's control fields. Packages of no
# architecture count as this machine's.
package_record()
{
	local arch record=

	for arch in "$2" "$(host_arch)"; do
		[ -n "$record" ] || record=$(private_apt apt-cache show "$1:$arch" 2>/dev/null)
	done
	[ -n "$record" ] || return 1
	sed '/^$/q' <<<"$record"
}

# package_line - "name version arch sha256" of the record on stdin
package_line()
{
	awk '{ field[$1] = $2 } END {
		print field["Package:"], field["Version:"],
		      field["Architecture:"], field["SHA256:"] }'
}

# with_dependencies PATTERN NAME... - lines of these packages and of all that they
# depend on, as far as the names match PATTERN
with_dependencies()
{
	local pattern=$1 name record
	local -a todo=("${@:2}")
	local -A seen=()

	while [ ${#todo[@]} -gt 0 ]; do
		name=${todo[0]}
		todo=("${todo[@]:1}")
		[ -z "${seen[$name]:-}" ] || continue
		seen[$name]=1
		# What is virtual or another's business
		record=$(package_record "$name" "$APT_ARCH") || continue
		package_line <<<"$record"
		mapfile -t -O ${#todo[@]} todo < <(
			dependencies <<<"$record" | grep -E "$pattern")
	done
}

# dependencies - of the record on stdin, of alternatives the first
dependencies()
{
	sed -n 's/^\(Pre-\)\?Depends: //p' | tr ',' '\n' | awk '{ print $1 }' |
		sed 's/:.*//'
}

# resolve LIST COMMAND... - prints the packages that COMMAND says, one line each.
# The answer is kept in LIST: which version is newest is asked once a week.
RESOLVE_DAYS=7
resolve()
{
	local list=$CACHE/resolved/$1
	shift

	if [ -n "$(find "$list" -mtime -$RESOLVE_DAYS 2>/dev/null)" ]; then
		cat "$list"
		return
	fi
	mkdir -p "$CACHE/resolved"
	if apt_update && "$@" >"$list.$$"; then
		mv "$list.$$" "$list"
	elif [ -s "$list" ]; then
		say "cannot ask the mirror; taking what was newest before"
	else
		rm -f "$list.$$"
		die "cannot find the packages of $(basename "$list")"
	fi
	rm -f "$list.$$"
	cat "$list"
}

# download NAME VERSION ARCH SHA256 - prints the path of the .deb
download()
{
	local name=$1 version=$2 arch=$3 sha256=$4
	local deb=$CACHE/debs/$sha256.deb work=$APT_DIR/download

	if [ ! -e "$deb" ]; then
		mkdir -p "$CACHE/debs"
		[ -e "$APT_DIR/sources.list" ] || apt_update
		rm -rf "$work"
		mkdir "$work"
		if [ "$arch" = all ]; then arch=$(host_arch); fi
		(cd "$work" && private_apt apt-get download -q=2 "$name:$arch=$version") >&2 ||
			die "$name $version: the mirror does not have it"
		echo "$sha256  $(echo "$work"/*.deb)" | sha256sum --quiet -c - >&2 ||
			die "$name: not the file that the index promised"
		mv "$work"/*.deb "$deb"
	fi
	touch "$deb"
	echo "$deb"
}

# unpack_all DIR - the packages on stdin, one line each
unpack_all()
{
	local name version arch sha256 deb

	while read -r name version arch sha256; do
		deb=$(download "$name" "$version" "$arch" "$sha256")
		dpkg -x "$deb" "$1"
	done
}

# kept NAME PACKAGES COMMAND... - prints the cache's folder of these packages,
# made by COMMAND DIR if it is not there yet
kept()
{
	local name=$1 packages=$2 folder work
	shift 2

	folder=$CACHE/unpacked/$name-$(sha256sum <<<"$LAYOUT $packages" | cut -c 1-16)
	if [ ! -d "$folder" ]; then
		mkdir -p "$CACHE/unpacked"
		work=$(mktemp -d "$CACHE/unpacked/tmp.XXXXXX")
		# shellcheck disable=SC2064 # the name as it is now
		trap "rm -rf '$work'" EXIT
		("$@" "$work")
		chmod 755 "$work"
		mv "$work" "$folder"
	fi
	touch "$folder"
	echo "$folder"
}

# Two runs at once would otherwise download the same
cache_lock()
{
	cache_use
	exec {lock}>"$CACHE/$1.lock"
	flock "$lock"
}
