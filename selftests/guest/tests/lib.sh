# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What the guest parts of the tests share. A guest part only does and records;
# what it leaves in $OUT is judged on the host by its .check.
# Sourced by "all.sh", which sets OUT and PROGRAMS.

MODULE=/lib/kprof/kprof.ko

# run NAME COMMAND... - leaves NAME.out, NAME.err and NAME.status
run()
{
	name=$1
	shift
	"$@" >"$OUT/$name.out" 2>"$OUT/$name.err"
	echo $? >"$OUT/$name.status"
}

# run_bg NAME COMMAND... - the same in the background; BG is the process of the
# command, which must be waited for with wait_bg
run_bg()
{
	bg_name=$1
	shift
	"$@" >"$OUT/$bg_name.out" 2>"$OUT/$bg_name.err" &
	BG=$!
}

# wait_bg NAME PID
wait_bg()
{
	wait "$2"
	echo $? >"$OUT/$1.status"
}

# record NAME ARG... - leaves the profile in NAME.pb.gz, too
record()
{
	record_name=$1
	shift
	run "$record_name" kprofctl record -o "$OUT/$record_name.pb.gz" "$@"
}

record_bg()
{
	record_name=$1
	shift
	run_bg "$record_name" kprofctl record -o "$OUT/$record_name.pb.gz" "$@"
}

# fact NAME VALUE... - a line in the file "facts"
fact() { echo "$*" >>"$OUT/facts"; }

# load_module PARAMETER... - anew: the parameters are read at insmod
load_module()
{
	[ ! -d /sys/module/kprof ] || rmmod kprof
	insmod "$MODULE" "$@"
	# devtmpfs makes the node at once; the mode is the module's
	[ -c /dev/kprof ]
}

# until_true TRIES COMMAND... - every 50 ms; a bound on patience, not a claim
until_true()
{
	tries=$1
	shift
	until "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		usleep 50000
	done
}

# counters - the module's own, one "name=value" a line
counters()
{
	kprofctl status --json | tr '{,}' '\n\n\n' |
		sed -n 's/^ *"\(nr_[a-z_]*\)": *\([0-9]*\).*/\1=\2/p'
}

# sessions_are NUMBER
sessions_are() { counters | grep -qx "nr_sessions=$1"; }

# nothing_held - no session, nothing tracked, no address space, no ring page
nothing_held()
{
	[ "$(counters | grep -c '=0$')" -ge 4 ] && ! counters | grep -qv '=0$'
}
