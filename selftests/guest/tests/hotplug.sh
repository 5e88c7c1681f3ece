# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
# needs: CONFIG_HOTPLUG_CPU
#
# A processor goes and comes back while sessions record.

load_module max_cpu_percent=0
exact_accounting yes
run uapi_hotplug "$PROGRAMS/uapi_hotplug" 10
exact_accounting no
counters >"$OUT/counters"
