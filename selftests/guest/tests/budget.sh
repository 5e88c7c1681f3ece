# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: icount
#
# What sampling may cost, with the module's own limits.

uptime_cs() { cut -d ' ' -f 1 /proc/uptime | tr -d .; }

load_module
run uapi_budget "$PROGRAMS/uapi_budget"

# The highest rate, deep stacks, one processor: and somebody wants to work
"$PROGRAMS/recursion" depth 500 100000 >/dev/null &
deep=$!
run start kprofctl start -F 50000 --depth 1024 -p $deep -o "$OUT/fast.pb.gz"
sleep 1
for _ in 1 2 3; do
	before=$(uptime_cs)
	sh -c 'ls / | wc -l' >/dev/null
	fact answer $(($(uptime_cs) - before))
	sleep 0.3
done
run status kprofctl status
run status_json kprofctl status --json
run stop kprofctl stop
kill $deep
