# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
# needs: CONFIG_X86_64
#
# Programs as they ship, without symbols. Some have a symbol map, some, of Go,
# have their own table of functions.

load_module max_cpu_percent=0

work()
{
	name=$1
	shift
	if [ -x "$PROGRAMS/$name" ] || [ -x "$PROGRAMS/$name/python3.11" ]; then
		record "$name" -F 997 --symbols "$PROGRAMS/maps" -- "$@"
	else
		fact "${name}_missing" 1
	fi
}

work database "$PROGRAMS/database" 3
work go_without_symbols "$PROGRAMS/go_without_symbols" 600
work go_stripped "$PROGRAMS/go_stripped" 600
PYTHONHOME=$PROGRAMS/python PYTHONDONTWRITEBYTECODE=1
export PYTHONHOME PYTHONDONTWRITEBYTECODE
work python "$PROGRAMS/python/python3.11" "$PROGRAMS/python/work.py" 10
