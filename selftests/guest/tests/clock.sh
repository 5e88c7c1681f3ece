# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
#
# The date changes during a recording, and there is no date at all.

load_module

# with_date NAME SECONDS - sets the date off by so much in the middle
with_date()
{
	name_of_date=$1
	offset=$2
	fact "$name_of_date.started" "$(date +%s)"
	fact "$name_of_date.before" "$(cut -d ' ' -f 1 /proc/uptime)"
	record_bg "$name_of_date" -F 997 -- "$PROGRAMS/spin" 2000
	recorder=$BG
	usleep 700000
	[ "$offset" = 0 ] || date -s "@$(($(date +%s) + offset))" >/dev/null
	wait_bg "$name_of_date" "$recorder"
	fact "$name_of_date.after" "$(cut -d ' ' -f 1 /proc/uptime)"
	[ "$offset" = 0 ] || date -s "@$(($(date +%s) - offset))" >/dev/null
}

date -s '2026-11-22 12:00:00' >/dev/null
with_date steady 0
with_date forward 86400
with_date back -86400
date -s @0 >/dev/null
with_date no_rtc 0

# Files from the future would worry whoever unpacks them
find "$OUT" -type f -exec touch -d '2026-01-01 00:00:00' {} +
