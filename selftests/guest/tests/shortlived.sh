# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
#
# 200 processes of 20 ms, one after another, whose program files are deleted as
# soon as they run: once copies of one file, once each with a build id of its
# own.

load_module max_cpu_percent=0

mkdir -p /tmp/short
cat >/tmp/short.sh <<'END'
i=0
while [ $i -lt 200 ]; do
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
for kind in same own; do
	record $kind -F 997 -- sh /tmp/short.sh $kind
done
