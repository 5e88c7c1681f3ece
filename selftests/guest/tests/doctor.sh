# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: icount
# needs: CONFIG_HIGH_RES_TIMERS
#
# What "kprofctl doctor" says of a machine: of one that lacks something each time.

release=$(uname -r)
modules=/lib/modules/$release
port=6061

as_user() { su kprof -c "$*"; }

mkdir -p "$modules"
rmmod kprof 2>/dev/null
run nothing kprofctl doctor
run not_loaded kprofctl doctor --module "$MODULE"

# One that was built for another kernel: the kernel's own word for it comes after
# it was tried. With versions of symbols it does not ask for the release
mkdir -p "$modules/extra"
sed 's/\(vermagic=\)[0-9]/\10/; s/\(vermagic=[^ ]*\) SMP /\1 UMP /' "$MODULE" >"$modules/extra/kprof.ko"
insmod "$modules/extra/kprof.ko" 2>"$OUT/insmod.err"
run other_kernel kprofctl doctor
rm -r "$modules/extra"

load_module
run good kprofctl doctor
chmod 600 /dev/kprof
run user_without_device as_user kprofctl doctor
chgrp kprof /dev/kprof
chmod 660 /dev/kprof
run user_with_device as_user kprofctl doctor
mv /dev/kprof /dev/kprof.away
run no_device kprofctl doctor
mv /dev/kprof.away /dev/kprof
run abi env "LD_PRELOAD=$PROGRAMS/abi_shim.so" kprofctl doctor
echo 0 >/sys/module/kprof/parameters/max_cpu_percent
run no_budget kprofctl doctor
load_module max_sessions=1
record_bg only_one -F 997 -a
recorder=$BG
until_true 200 sessions_are 1
run no_session kprofctl doctor
kill -INT "$recorder"
wait_bg only_one "$recorder"

nc -l -p $port >/dev/null &
listener=$!
until_true 100 grep -q "$(printf ':%04X .* 0A' $port)" /proc/net/tcp /proc/net/tcp6
run port_taken kprofctl doctor --port $port
kill $listener
run port_empty kprofctl doctor --port 6062
counters >"$OUT/counters"
