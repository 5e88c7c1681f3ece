# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Reads the kernel's log and says whether the kernel had something to complain
# about after init had started. Sourced by "run".

# What init writes into the log before the script runs
INIT_MARKER='kprof-guest: init'

# A line of the log, with or without a caller's number
LOG_LINE='^\[ *[0-9]+\.[0-9]+\](\[ *[TC][0-9]+\])? '

# What the kernel says when something is wrong. Loading an unsigned module from
# outside the tree only taints; that is none.
REPORTS=(
	'WARNING: '
	'.*\bBUG: '
	'BUG [^ ]+ \('
	'kernel BUG at '
	'.*\bOops\b'
	'Kernel panic'
	'Internal error: '
	'Unable to handle '
	'general protection fault'
	'.*\b(invalid opcode|double fault|stack segment|divide error): '
	'INFO: (task|rcu|possible|suspicious|trying|lockdep|HARDIRQ|SOFTIRQ)'
	'.*possible (circular|recursive) locking'
	'.*possible irq lock inversion'
	'.*inconsistent lock state'
	'.*suspicious RCU usage'
	'.*Invalid wait context'
	'.*sleeping function called from'
	'.*scheduling while atomic'
	'.*(soft lockup|hard LOCKUP|hung_task)'
	'.*\brcu.*(stall|detected expedited)'
	'.*\b(KASAN|UBSAN|KCSAN|KFENCE): '
	'UBSAN: '
	'kmemleak: [0-9]+ new suspected'
	'refcount_t: '
	'(list_add|list_del) corruption'
	'ODEBUG: '
	'.*stack guard page'
	'.*stack-protector'
)

# log_since_init LOG - what the kernel printed after the marker
log_since_init() { tr -d '\r\000' <"$1" | sed "0,/$INIT_MARKER/d" | without_foreign_races; }

# The kernel races with itself in many places, tolerated or not, and KCSAN tells
# of all. A report counts if a module is in it (there are no others than ours), or
# anything else that came between. Where one of the 66-character rules that frame
# it is missing, all counts.
without_foreign_races()
{
	awk 'function rule() { return match($0, /=+$/) && RLENGTH == 66 }
	     { block = block $0 "\n" }
	     rule() { if (framed) { if (!is_race || counts) printf "%s", block
				    block = "" }
		      framed = !framed; is_race = counts = 0 }
	     !framed { printf "%s", block; block = "" }
	     /BUG: KCSAN: / { is_race = 1; next }
	     /\+0x[0-9a-f]+\/0x[0-9a-f]+ \[[a-z0-9_]+\]/ { counts = 1 }
	     /(BUG|WARNING|INFO|UBSAN|ODEBUG|Oops)/ { counts = 1 }
	     END { printf "%s", block }'
}

report_pattern() { echo "$LOG_LINE($(IFS='|'; echo "${REPORTS[*]}"))"; }

# first_report LOG - the first report in the whole log, in one line
first_report()
{
	tr -d '\r\000' <"$1" | { grep -E "$(report_pattern)" || [ $? = 1 ]; } | sed -n 1p
}

# kernel_reports LOG - prints the first report and what surrounds it, if any
kernel_reports()
{
	local log=$1 first

	# To its end: a pipe that is closed early fails, as if there were none
	first=$(log_since_init "$log" | grep -nE "$(report_pattern)" | sed -n '1s/:.*//p') || true
	[ -n "$first" ] || return 1
	say "the kernel reported:"
	log_since_init "$log" | tail -n "+$((first > 4 ? first - 4 : 1))" | head -n 80 >&2
	return 0
}

console_tail() { tr -d '\r\000' <"$1" | tail -n 30 >&2; }
