# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: icount
# needs: CONFIG_X86_64 CONFIG_FUSE_FS
# module: fuse CONFIG_FUSE_FS
#
# Files of a daemon that does not answer.

load_module max_cpu_percent=0
mkdir -p /tmp/hang
run hang "$PROGRAMS/hang" /tmp/hang
