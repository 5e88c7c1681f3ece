# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: icount
# needs: CONFIG_X86_64 CONFIG_USERFAULTFD
#
# A target that attacks the walker. Here a nanosecond is an instruction, so that
# the longest interrupt does not depend on the machine.

load_module max_cpu_percent=0
run attack "$PROGRAMS/attack"
