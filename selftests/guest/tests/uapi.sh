# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
#
# The device's contract, by programs that know it only from its header.

load_module max_cpu_percent=0

ls -l /dev/kprof >"$OUT/device"
run uapi_args "$PROGRAMS/uapi_args"
run uapi_rings "$PROGRAMS/uapi_rings"
run uapi_pages "$PROGRAMS/uapi_pages"

chgrp kprof /dev/kprof
chmod 660 /dev/kprof
mkdir -p /tmp/setuid
cp "$PROGRAMS/spin" /tmp/setuid/spin
chmod 4755 /tmp/setuid/spin
mount -o remount,suid /tmp
run uapi_user "$PROGRAMS/uapi_user" /tmp/setuid/spin
counters >"$OUT/counters"

# As on kernels where nobody tells of an exec
load_module max_cpu_percent=0 use_tracepoints=0
chgrp kprof /dev/kprof
chmod 660 /dev/kprof
run uapi_user_blind "$PROGRAMS/uapi_user" /tmp/setuid/spin
