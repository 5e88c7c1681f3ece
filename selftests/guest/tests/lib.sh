# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What the guest parts of the tests share. A guest part only does and records;
# what it leaves in $OUT is judged on the host by its .check.
# Sourced by "all.sh", which sets OUT and PROGRAMS, and fd 4 for progress.

MODULE=/lib/kprof/kprof.ko

# run NAME COMMAND... - leaves NAME.out, NAME.err and NAME.status
run()
{
	name=$1
	shift
	echo "  $name" >&4
	"$@" >"$OUT/$name.out" 2>"$OUT/$name.err"
	echo $? >"$OUT/$name.status"
}

# run_bg NAME COMMAND... - the same in the background; BG is the process of the
# command, which must be waited for with wait_bg
run_bg()
{
	bg_name=$1
	shift
	echo "  $bg_name &" >&4
	"$@" >"$OUT/$bg_name.out" 2>"$OUT/$bg_name.err" &
	# shellcheck disable=SC2034 # for the caller
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

# record_charged NAME OPTION... -- PROGRAM ARG... - leaves in NAME.charged what the
# kernel has charged to the program and all that it started, in microseconds. A
# process's own account (getrusage) lacks what a thread runs for after
# __exit_signal(), some microseconds: 2 % of threads of 150 us.
record_charged()
{
	charged=/sys/fs/cgroup/$1
	[ -e /sys/fs/cgroup/cgroup.procs ] ||
		mount -t cgroup2 none /sys/fs/cgroup || :
	mkdir -p "$charged" || :
	# The options, and the command behind a shell that enters the group
	charged_name=$1
	charged_options=
	shift
	while [ "$1" != -- ]; do
		charged_options="$charged_options $1"
		shift
	done
	shift
	# shellcheck disable=SC2016,SC2086 # for the shell inside; words are split
	record "$charged_name" $charged_options -- sh -c \
		'echo $$ >"$0/cgroup.procs"; exec "$@"' "$charged" "$@"
	sed -n 's/^usage_usec //p' "$charged/cpu.stat" >"$OUT/$charged_name.charged" || :
}

# exact_accounting yes|no - A task that is woken and preempts another is charged
# from the wake-up on by Linux, although the other one still runs for some
# microseconds (rq_clock_skip_update()): 5 % of what processes of a millisecond
# get. "yes": nobody preempts by waking up. Fails where the kernel cannot.
exact_accounting()
{
	for features in /sys/kernel/debug/sched/features \
		/sys/kernel/debug/sched_features; do
		[ -w $features ] || continue
		case $1 in
		yes) echo NO_WAKEUP_PREEMPTION ;;
		no) echo WAKEUP_PREEMPTION ;;
		esac >$features
		return
	done
	return 1
}

# load_module PARAMETER... - anew: the parameters are read at insmod
load_module()
{
	[ ! -d /sys/module/kprof ] || rmmod kprof
	insmod "$MODULE" "$@"
	# devtmpfs makes the node at once; the mode is the module's
	[ -c /dev/kprof ]
}

# refused NAME COMMAND... - a command that is to fail, run twice, with OUTPUT in
# place of the output's path: once without a file there, once with one
refused()
{
	refused_name=$1
	shift
	refused_dir=/tmp/refused/$refused_name
	refused_file=$refused_dir/out.pb.gz
	mkdir -p "$refused_dir"
	chmod 777 "$refused_dir"
	refused_run "$refused_name" "$@"
	find "$refused_dir" -mindepth 1 >"$OUT/$refused_name.left"
	echo "an old file" >"$refused_file"
	chmod 666 "$refused_file"
	refused_run "$refused_name.again" "$@"
	find "$refused_dir" -mindepth 1 >"$OUT/$refused_name.again.left"
	cp "$refused_file" "$OUT/$refused_name.old"
}

# Words are split on purpose: a command of the tests has no spaces in its words.
refused_run()
{
	refused_as=$1
	shift
	# shellcheck disable=SC2046
	run "$refused_as" $(echo "$*" | sed "s|OUTPUT|$refused_file|g")
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
	kprofctl status --json | sed 's/[{,}]/\n/g' |
		sed -n 's/^[[:space:]]*"\(nr_[a-z_]*\)": *\([0-9]*\).*/\1=\2/p'
}

# sessions_are NUMBER
sessions_are() { counters | grep -qx "nr_sessions=$1"; }

# nothing_held - no session, nothing tracked, no address space, no ring page
nothing_held()
{
	[ "$(counters | grep -c '=0$')" -ge 4 ] && ! counters | grep -qv '=0$'
}
