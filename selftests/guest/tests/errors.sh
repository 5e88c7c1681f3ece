# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
#
# Everything that can be wrong before or at the end of a recording.

# What they are to record, and what tells whether it ran
set -- touch /tmp/it-ran

# was_run NAME - whether the command was started although nothing could come of it
was_run()
{
	if [ -e /tmp/it-ran ]; then
		fact "$1" was_run
		rm /tmp/it-ran
	else
		fact "$1" was_not_run
	fi
}

rmmod kprof 2>/dev/null
refused no_module kprofctl record -o OUTPUT -- "$@"
was_run no_module
run no_module_status kprofctl status

load_module
cat >/tmp/as-user <<'END'
#!/bin/sh
exec su kprof -c "$*"
END
chmod 755 /tmp/as-user
mount -o remount,suid,exec /tmp
refused no_permission /tmp/as-user kprofctl record -o OUTPUT -- "$@"
was_run no_permission

refused unknown_pid kprofctl record -o OUTPUT -p 999999 -d 1
refused unknown_tid kprofctl record -o OUTPUT -t 999999 -d 1
refused bad_pid kprofctl record -o OUTPUT -p 12x -d 1
refused kernel_thread kprofctl record -o OUTPUT -p 2 -d 1
refused rate_zero kprofctl record -o OUTPUT -F 0 -- "$@"
was_run rate_zero
refused rate_too_high kprofctl record -o OUTPUT -F 1000000 -- "$@"
was_run rate_too_high
refused rate_no_number kprofctl record -o OUTPUT -F fast -- "$@"
was_run rate_no_number
refused depth_too_large kprofctl record -o OUTPUT --depth 100000 -- "$@"
was_run depth_too_large
refused no_target kprofctl record -o OUTPUT
refused no_program kprofctl record -o OUTPUT -- /nonexistent/program
refused unknown_option kprofctl record --nonsense -o OUTPUT -- "$@"
was_run unknown_option
refused no_cpu kprofctl record -o OUTPUT -C 99 -- "$@"
was_run no_cpu

refused abi env "LD_PRELOAD=$PROGRAMS/abi_shim.so" \
	kprofctl record -o OUTPUT -- "$@"
was_run abi

# A user who may open the device, and whose processes are not all there is
chgrp kprof /dev/kprof
chmod 660 /dev/kprof
refused user_all /tmp/as-user kprofctl record -o OUTPUT -a -d 1
refused user_kernel /tmp/as-user kprofctl record -o OUTPUT -k -- "$@"
was_run user_kernel
refused user_foreign /tmp/as-user kprofctl record -o OUTPUT -p 1 -d 1
refused user_thread /tmp/as-user kprofctl record -o OUTPUT -t 1 -d 1
chmod 777 "$OUT"
run user_own /tmp/as-user kprofctl record -F 997 -o "$OUT/user_own.pb.gz" \
	-- "$PROGRAMS/spin" 300

# Processes of this user that are no longer the user's own alone
mkdir -p /tmp/programs
cp "$PROGRAMS/spin" /tmp/programs/setuid
cp "$PROGRAMS/spin" /tmp/programs/unreadable
chmod 4755 /tmp/programs/setuid
chmod 711 /tmp/programs/unreadable
# user_refused NAME PROGRAM COMMAND... - COMMAND, of the user, becomes PROGRAM
user_refused()
{
	user_name=$1
	user_program=$2
	shift 2
	su kprof -c "exec $*" &
	user_target=$!
	fact "$user_name.pid" $user_target
	until_true 100 grep -qx "$user_program" "/proc/$user_target/comm"
	refused "$user_name" /tmp/as-user kprofctl record -o OUTPUT -p $user_target -d 1
	kill $user_target
}
user_refused user_setuid setuid /tmp/programs/setuid
user_refused user_unreadable unreadable /tmp/programs/unreadable
user_refused user_namespace spin unshare -U "$PROGRAMS/spin"
refused user_kernel_thread /tmp/as-user kprofctl record -o OUTPUT -p 2 -d 1

# More than the module allows
"$PROGRAMS/spin" &
spin=$!
load_module max_sessions=1
record_bg only_one -F 997 -p $spin
recorder=$BG
until_true 200 sessions_are 1
refused session_limit kprofctl record -o OUTPUT -p $spin -d 1
kill -INT "$recorder"
wait_bg only_one "$recorder"
load_module max_rings_mib=1
refused ring_limit kprofctl record -o OUTPUT --ring-kib 1024 -p $spin -d 1
kill $spin
load_module
run_bg sleepers "$PROGRAMS/lives" sleepers 4200
sleepers=$BG
until_true 400 grep -q ready "$OUT/sleepers.out"
tids=$(cd "/proc/$sleepers/task" && echo *)
record tracked_limit -d 1 -t "$(echo "$tids" | tr ' ' ,)"
kill "$sleepers"

# Outputs that cannot be
run no_folder kprofctl record -o /nonexistent/out.pb.gz -- "$@"
was_run no_folder
mkdir -p /tmp/folder
run is_folder kprofctl record -o /tmp/folder -- "$@"
was_run is_folder
find /tmp/folder -mindepth 1 >"$OUT/is_folder.left"
mkdir -p /tmp/readonly
mount -t tmpfs -o ro none /tmp/readonly
run read_only kprofctl record -o /tmp/readonly/out.pb.gz -- "$@"
was_run read_only

# A disk that is full, with an old file on it and without
mkdir -p /tmp/full
mount -t tmpfs -o size=64k none /tmp/full
echo "an old file" >/tmp/full/old.pb.gz
dd if=/dev/zero of=/tmp/full/filler bs=4096 count=64 2>/dev/null
run full_disk kprofctl record -F 997 -o /tmp/full/new.pb.gz -- "$PROGRAMS/spin" 300
run full_disk_old kprofctl record -F 997 -o /tmp/full/old.pb.gz -- "$PROGRAMS/spin" 300
find /tmp/full -mindepth 1 | sort >"$OUT/full_disk.left"
cp /tmp/full/old.pb.gz "$OUT/full_disk.old"

# Files that are no profiles
mkdir -p /tmp/files
cd /tmp/files || exit
printf 'go 1.19 trace\0\0\0' >go_trace
printf 'PERFILE2\150\0\0\0\0\0\0\0' >perf_data
printf '\0\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\020\047\0\0\0\0\0\0\0\0\0\0\0\0\0\0' >gperftools
printf 'heap profile: 1: 2 [3: 4] @ heap/1\n' >heap
printf 'goroutine profile: total 3\n1 @ 0x1 0x2\n' >goroutines
printf 'goroutine 1 [running]:\nmain.main()\n' >goroutine_dump
printf '{"meta":{"interval":1},"threads":[]}' >firefox
# shellcheck disable=SC2016 # a dollar sign
printf '{"$schema":"https://www.speedscope.app/file-format-schema.json"}' >speedscope
printf '{"traceEvents":[]}' >chrome
printf 'FLR\0\0\2\0\0' >jfr
printf 'main;work;leaf 12\nmain;idle 3\n' >folded
printf 'swapper     0 [000] 12.5: cpu-clock:\n\tffff81 foo ([kernel])\n' >perf_script
printf '\050\265\057\375\0\0\0\0' >zstd
cp "$PROGRAMS/spin" elf
: >empty
printf 'hello' | gzip >gzip_of_text
head -c 100 "$PROGRAMS/spin" | gzip >gzip_of_elf
for file in *; do
	run "file_$file" kprofctl report "$file"
done
run file_missing kprofctl report missing
run file_folder kprofctl report /tmp
