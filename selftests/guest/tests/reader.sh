# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
#
# kprofctl reads from the device what is kept beside, for another reader. Rings of
# one page wrap and overflow, and the budget is for a fraction of the rate.

load_module max_cpu_percent=2

# A shell gives what it runs in the background no input
mkfifo /tmp/reader-go
exec 5<>/tmp/reader-go
run_bg forest sh -c "exec $PROGRAMS/forest 2 3000 </tmp/reader-go"
forest=$BG
run_bg read env "LD_PRELOAD=$PROGRAMS/tee_shim.so" "KPROF_TEE=$OUT/stream" \
	kprofctl record --read -F 9999 --ring-kib 4 -g fp --no-symbolize \
	-p "$forest" -o "$OUT/read.pb.gz"
reader=$BG
until_true 200 sessions_are 1 || fact sessions_late "$(counters)"
echo >&5
wait_bg forest "$forest"
wait_bg read "$reader"
load_module
