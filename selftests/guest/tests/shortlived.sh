# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
#
# Processes of 20 ms, one after another, whose program files are deleted as soon as
# they run: 200 with a build id of their own, so that no other can lend its names,
# and some that are copies of one file.

load_module max_cpu_percent=0

mkdir -p /tmp/short
cat >/tmp/short.sh <<'END'
i=0
while [ $i -lt $2 ]; do
	program=/tmp/short/$1$i
	if [ "$1" = same ]; then
		cp "$PROGRAMS/shortlived" "$program"
	else
		"$PROGRAMS/shortlived" --copy "$program" $i
	fi
	"$program" 20
	i=$((i + 1))
done
END
record own -F 997 -- sh /tmp/short.sh own 200
record same -F 997 -- sh /tmp/short.sh same 50
