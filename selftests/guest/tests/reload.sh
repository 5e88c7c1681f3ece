# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
#
# Two libraries take turns at the same address.

load_module max_cpu_percent=0

# rounds, CPU time of each in ms, pause in ms
record nopause -F 997 -- "$PROGRAMS/reload" "$PROGRAMS/libalpha.so" \
	"$PROGRAMS/libbravo.so" 100 30 0
record pause -F 997 -- "$PROGRAMS/reload" "$PROGRAMS/libalpha.so" \
	"$PROGRAMS/libbravo.so" 100 30 20
# Faster than anybody can look
record hasty -F 997 -- "$PROGRAMS/reload" "$PROGRAMS/libalpha.so" \
	"$PROGRAMS/libbravo.so" 800 4 0
