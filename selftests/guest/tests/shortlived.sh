# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: icount
#
# Processes of 20 ms, one after another, each with a build id of its own, so that no
# other can lend its names: 200 whose program files are deleted as soon as they
# run, and some whose files are deleted even before. Where instructions are counted,
# because the collector has those 20 ms to have a look: on a busy host one emulated
# processor may stand still for longer while the other goes on.

load_module max_cpu_percent=0

mkdir -p /tmp/short
cat >/tmp/short.sh <<'END'
i=0
while [ $i -lt $2 ]; do
	program=/tmp/short/$1$i
	"$PROGRAMS/shortlived" --copy "$program" $i
	if [ "$1" = own ]; then
		"$program" 20
	else
		exec 3<"$program"
		rm "$program"
		/proc/self/fd/3 20 deleted
	fi
	i=$((i + 1))
done
END
record own -F 997 --label-values 1000 -- sh /tmp/short.sh own 200
record gone -F 997 -- sh /tmp/short.sh gone 50
