# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: icount
# needs: CONFIG_COMPAT
#
# Recursions of known depth in a 32-bit program under a 64-bit kernel.

load_module

if [ -x "$PROGRAMS/recursion32" ]; then
	for depth in 5 50 126 500; do
		record depth_$depth -F 997 -- "$PROGRAMS/recursion32" depth $depth 300
	done
else
	fact no_program 1
fi
