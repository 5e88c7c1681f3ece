# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: icount
#
# Two threads with different work, on one processor that counts instructions.

load_module
record threads -F 9999 -- "$PROGRAMS/shares" 700
