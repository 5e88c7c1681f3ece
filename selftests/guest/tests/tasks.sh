# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: icount
#
# What processes and threads do with their lives: exec by a thread that is not
# the first, set-user-ID programs, thousands of threads, process ids that are
# used again, containers.

# A shell gives what it runs in the background no input
mkfifo /tmp/go
exec 5<>/tmp/go

# exec_by_thread NAME OPTION TARGET... - TARGET is the process or the thread
exec_by_thread()
{
	exec_name=$1
	shift
	run_bg "$exec_name.program" sh -c \
		"exec $PROGRAMS/lives exec_thread 200 </tmp/go"
	exec_program=$BG
	until_true 100 grep -q tid "$OUT/$exec_name.program.out"
	exec_thread=$(sed -n 's/^tid //p' "$OUT/$exec_name.program.out")
	case $1 in
	-t) target="-t $exec_thread" ;;
	*) target="-p $exec_program" ;;
	esac
	# Returns when it samples
	# shellcheck disable=SC2086 # two words
	run "$exec_name.start" kprofctl start -F 4999 --no-inherit $target \
		-o "$OUT/$exec_name.pb.gz"
	echo >&5
	wait_bg "$exec_name.program" "$exec_program"
	run "$exec_name" kprofctl stop
}

load_module max_cpu_percent=0

exec_by_thread exec_process -p
exec_by_thread exec_thread -t

# A program that becomes root's
cp "$PROGRAMS/cputime" /tmp/setuid
chmod 4755 /tmp/setuid
mount -o remount,suid,exec /tmp
record setuid -F 4999 -- su kprof -c '/tmp/setuid busy 150'

exact_accounting yes && fact exact_accounting
record_charged threads -F 9999 -- "$PROGRAMS/lives" threads 3000 150

# Numbers are scarce now
pid_max=$(cat /proc/sys/kernel/pid_max)
echo 400 >/proc/sys/kernel/pid_max
record_charged reuse -F 9999 -- "$PROGRAMS/lives" reuse 600 500
exact_accounting no

# The number of a target that has ended goes to somebody else
sh -c "read -r go; exec $PROGRAMS/spin 200" </tmp/go &
target=$!
sh -c "read -r go; exec $PROGRAMS/spin 1000" </tmp/go &
beside=$!
fact target $target
fact beside $beside
run stranger.start kprofctl start -F 4999 --no-inherit -p $target,$beside \
	-o "$OUT/stranger.pb.gz"
printf '\n\n' >&5
wait $target
run claim "$PROGRAMS/lives" claim $target 200
wait $beside
run stranger kprofctl stop
echo "$pid_max" >/proc/sys/kernel/pid_max

# Containers: seen from outside, where the program is in a mount that only the
# container has, and from inside
cat >/tmp/contained.sh <<'END'
mkdir -p /tmp/private
mount -t tmpfs none /tmp/private
cp "$PROGRAMS/cputime" /tmp/private/inner
# procfs is still the one outside
read -r pid rest </proc/self/stat
echo "outer $pid"
exec /tmp/private/inner busy 150
END
export PROGRAMS
record outside -F 4999 -- unshare -m -p -f sh /tmp/contained.sh
record inside_child unshare -m -p -f --mount-proc \
	kprofctl record -F 4999 -o "$OUT/inside.pb.gz" -- "$PROGRAMS/cputime" busy 150
# A container whose root is nobody outside
chgrp kprof /dev/kprof
chmod 660 /dev/kprof
chmod 777 "$OUT"
run rootless su kprof -c "unshare -U -r -m -p -f --mount-proc \
	kprofctl record -F 4999 -o $OUT/rootless.pb.gz -- $PROGRAMS/cputime busy 150"
counters >"$OUT/counters"
