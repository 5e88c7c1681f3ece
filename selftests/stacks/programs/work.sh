# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
# Recursion, arrays and patterns within the shell. Runs until it is killed.

recurse()
{
	local depth=$1 text=${2//a/bb}

	case $text in
	*b*b*b*[!b]) text=${text#*b} ;;
	esac
	((depth == 0)) || recurse $((depth - 1)) "${text%b}a"
}

while :; do
	recurse 12 banana
	declare -A words=()
	for ((i = 0; i < 40; i++)); do
		words[key$((i * 7 % 13))]+=$i
		[[ ${words[key$((i % 13))]:-} =~ ^([0-9]*)5(.*)$ ]] && word=${BASH_REMATCH[1]}
	done
	printf -v line '%s-%q ' "${words[@]}"
	eval "list=({1..30}); ((total = ${list[3]} + 2 ** 5))"
	read -r first rest <<<"$line"
done
