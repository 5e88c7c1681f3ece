# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
#
# Two threads with different work, on two processors in real time. The cost
# limit is off: an emulator's interrupts are dear.

load_module max_cpu_percent=0
record threads -F 997 -- "$PROGRAMS/shares" 20000
