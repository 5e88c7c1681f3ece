# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
# needs: CONFIG_X86_64
#
# Programs without frame pointers, by their unwind information and by frame
# pointers.

load_module max_cpu_percent=0
HZ=997

# both NAME COMMAND... - NAME by unwind tables, NAME_fp by frame pointers
both()
{
	name=$1
	shift
	record "$name" -F $HZ --depth 1000 -- "$@"
	record "${name}_fp" -F $HZ --depth 1000 -g fp -- "$@"
}

# installed NAME PROGRAM ARGUMENT... - only where there is such a program
installed()
{
	installed_name=$1
	shift
	if command -v "$1" >/dev/null; then
		both "$installed_name" "$@"
	else
		fact "${installed_name}_missing" 1
	fi
}

for mode in signal context deep realigned thread; do
	record "$mode" -F $HZ --depth 1000 -- "$PROGRAMS/oddstacks" $mode 2000
done

both cxx "$PROGRAMS/cxx_without_fp" 4000
# shellcheck disable=SC2016 # Perl's variables
installed perl perl -e 'sub f { my $n = shift; $n < 2 ? $n : f($n-1) + f($n-2) }
	for (1 .. 12) { f(21); my %h; $h{$_ % 1000} .= "x" for 1 .. 50000;
	$s += length join ",", sort keys %h } print "$s\n"'
# shellcheck disable=SC2016 # the other shell's variables
installed bash bash -c 'f() { [ $1 -gt 0 ] && f $(($1-1)); }
	for i in {1..4000}; do f 3; x=${x:0:500}$i; done'
installed openssl openssl speed -seconds 1 -bytes 1024 sha256 aes-128-cbc rsa1024
installed database "$PROGRAMS/database" 8
installed go "$PROGRAMS/go_stripped" 1500
PYTHONHOME=$PROGRAMS/python PYTHONDONTWRITEBYTECODE=1
export PYTHONHOME PYTHONDONTWRITEBYTECODE
installed python "$PROGRAMS/python/python3.11" "$PROGRAMS/python/work.py" 300

if command -v redis-check-rdb >/dev/null; then
	ln -sf "$(command -v redis-check-rdb)" /tmp/redis-server
	/tmp/redis-server --save '' --appendonly no --daemonize yes \
		--pidfile /run/redis.pid --logfile /run/redis.log
	until grep -q 'Ready to accept' /run/redis.log; do sleep 0.1; done
	for how in cfi fp; do
		name=redis
		[ $how = cfi ] || name=redis_fp
		record_bg $name -F $HZ -g $how -p "$(cat /run/redis.pid)"
		redis-benchmark -q -n 20000 -c 20 -P 4 -t set,get,lpush,zadd >/dev/null
		kill -INT $BG
		wait_bg $name $BG
	done
	kill "$(cat /run/redis.pid)"
else
	fact redis_missing 1
fi
counters >"$OUT/counters"
