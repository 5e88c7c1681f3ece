# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What has been checked and found good is kept, by content: a file is checked
# again when it, the check or its tool has changed. Sourced by "run".

# passed_dir - one empty file for each file that has passed
passed_dir()
{
	local dir
	dir=${LINT_PASSED:-$(cache_dir)/passed}

	mkdir -p "$dir"
	echo "$dir"
}

# passed_keys STAMP FILE... - "key file" for each; the key is a file name
passed_keys()
{
	local stamp
	stamp=$(sha256sum <<<"$1" | cut -c 1-16)
	shift

	sha256sum -- "$@" | awk -v stamp="$stamp" '{
		path = $2
		gsub(/\//, "_", path)
		print stamp "-" substr($1, 1, 32) "-" path, $2
	}'
}

# unless_passed CHECK STAMP COMMAND... - COMMAND FILE... prints FILE:LINE: TEXT for
# what it finds; of the files on stdin it gets those that have not passed before.
# STAMP is all that the verdict depends on besides the file.
unless_passed()
{
	local check=$1 stamp=$2 dir keys found status=0
	local -a files
	shift 2

	dir=$(passed_dir)
	mapfile -t files
	[ ${#files[@]} -gt 0 ] || { echo "$check: no files to check"; return; }
	stamp="$check $stamp $(grep "^$check"$'\t' "$LINT_DIR/exceptions")"
	keys=$(passed_keys "$stamp" "${files[@]}" | without_kept "$dir")
	[ -n "$keys" ] || return 0
	mapfile -t files < <(cut -d ' ' -f 2 <<<"$keys")
	found=$("$@" "${files[@]}" 2>&1) || status=$?
	# What a tool says of itself is no finding, but no pass either
	if [ $status != 0 ] && ! grep -qE '^[^ :]+:[0-9]+:' <<<"$found"; then
		printf '%s\n%s: status %d\n' "$found" "$check" "$status"
		return
	fi
	found=$(grep -E '^[^ :]+:[0-9]+:' <<<"$found" | without_exceptions "$check")
	[ -z "$found" ] || printf '%s\n' "$found"
	# More than 1 is more than findings
	[ $status -gt 1 ] || keep_passed "$dir" "$keys" "$found"
}

# unless_all_passed CHECK STAMP PATHS COMMAND... - COMMAND prints findings; it is not
# run if PATHS, words, have passed as they are. For what is judged as a whole.
unless_all_passed()
{
	local check=$1 stamp=$2 paths=$3 kept found
	shift 3

	# shellcheck disable=SC2086 # words
	kept=$(passed_dir)/$check-$( { echo "$stamp"; git ls-files -z -- $paths |
		xargs -0 sha256sum; } | sha256sum | cut -c 1-48)
	if [ -e "$kept" ]; then
		touch -c "$kept"
		return
	fi
	if found=$("$@" 2>&1) && [ -z "$found" ]; then
		: >"$kept"
	else
		printf '%s\n' "${found:-$check: failed}"
	fi
}

# without_kept DIR - the lines "key file" whose key is not there. The others are
# marked as used, for "prune-cache".
without_kept()
{
	local key file
	local -a used=()

	while read -r key file; do
		if [ -e "$1/$key" ]; then
			used+=("$1/$key")
		else
			echo "$key $file"
		fi
	done
	[ ${#used[@]} -eq 0 ] || touch -c "${used[@]}"
}

# keep_passed DIR KEYS FINDINGS - the files of which no finding speaks
keep_passed()
{
	local key file

	while read -r key file; do
		[[ $'\n'$3 == *$'\n'"$file:"* ]] || : >"$1/$key"
	done <<<"$2"
}

# without_exceptions CHECK - the findings on stdin, without those that "exceptions"
# gives a reason for
without_exceptions()
{
	awk -v check="$1" -v list="$LINT_DIR/exceptions" '
		BEGIN {
			while ((getline line < list) > 0)
				if (split(line, field, /\t+/) == 4 && field[1] == check) {
					path[++nr] = "^" field[2] ":"
					kind[nr] = field[3]
				}
		}
		{
			for (n = 1; n <= nr; n++)
				if ($0 ~ path[n] && index($0, kind[n]))
					next
			print
		}'
}
