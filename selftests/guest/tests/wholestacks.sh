# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
# with: redis-check-rdb redis-benchmark perl bash openssl sqlite3
#
# Programs without frame pointers, by their unwind information and by frame
# pointers. The host names the frames, which takes an emulator long.

load_module max_cpu_percent=0
HZ=997

# Of other architectures' emulators less is asked
if [ "$(uname -m)" = x86_64 ]; then
	CPU_MS=4000
	part() { echo "$1"; }
else
	CPU_MS=1600
	part() { echo $(($1 / 8)); }
fi

# whole NAME RECORD_ARGUMENT... - The time of this machine is the host's, which
# may be busy with other things in the middle of a walk.
whole()
{
	whole_name=$1
	shift
	record "$whole_name" -F $HZ --depth 1000 --max-sample-us 5000 --no-symbolize \
		--symbols "$PROGRAMS/maps" "$@"
}

# both NAME COMMAND... - NAME by unwind tables, NAME_fp by frame pointers
both()
{
	name=$1
	shift
	whole "$name" -- "$@"
	whole "${name}_fp" -g fp -- "$@"
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
	whole "$mode" -- "$PROGRAMS/oddstacks" $mode $((CPU_MS / 2))
done

both cxx "$PROGRAMS/cxx_without_fp" $CPU_MS
# shellcheck disable=SC2016 # Perl's variables
installed perl perl -e 'sub f { my $n = shift; $n < 2 ? $n : f($n-1) + f($n-2) }
	for (1 .. shift) { f(21); my %h; $h{$_ % 1000} .= "x" for 1 .. 50000;
	$s += length join ",", sort keys %h } print "$s\n"' "$(part 12)"
# shellcheck disable=SC2016 # the other shell's variables
installed bash bash -c 'f() { [ $1 -gt 0 ] && f $(($1-1)); }
	for ((i = 0; i < $0; i++)); do f 3; x=${x:0:500}$i; done' "$(part 4000)"
installed openssl openssl speed -seconds 1 -bytes 1024 sha256 aes-128-cbc rsa1024
if [ -x "$PROGRAMS/database" ]; then
	both database "$PROGRAMS/database" "$(part 8)"
else
	installed database sqlite3 :memory: "with recursive n(i) as (select 1 union all
		select i + 1 from n where i < $(part 200000)) select count(distinct x) from
		(select lower(hex(i * 7919 % 10007)) as x from n order by x || i)"
fi
installed go "$PROGRAMS/go_stripped" "$(part 1500)"
PYTHONHOME=$PROGRAMS/python PYTHONDONTWRITEBYTECODE=1
export PYTHONHOME PYTHONDONTWRITEBYTECODE
installed python "$(find "$PROGRAMS/python" -name 'python3.*' -type f -maxdepth 1)" \
	"$PROGRAMS/python/work.py" "$(part 300)"

# It looks for a fault of arm64's old kernels in a way that may fail, and then ends
redis_is_ready() { grep -q 'Ready to accept' "$OUT/redis.log"; }
if command -v redis-check-rdb >/dev/null; then
	ln -sf "$(command -v redis-check-rdb)" /tmp/redis-server
	/tmp/redis-server --save '' --appendonly no --daemonize yes \
		--ignore-warnings ARM64-COW-BUG \
		--pidfile /run/redis.pid --logfile "$OUT/redis.log"
	until_true 1200 redis_is_ready
	for how in cfi fp; do
		name=redis
		[ $how = cfi ] || name=redis_fp
		record_bg $name -F $HZ --max-sample-us 5000 --no-symbolize --symbols "$PROGRAMS/maps" -g $how -p "$(cat /run/redis.pid)"
		redis-benchmark -q -n "$(part 20000)" -c 20 -P 4 -t set,get,lpush,zadd >/dev/null
		kill -INT "$BG"
		wait_bg $name "$BG"
	done
	kill "$(cat /run/redis.pid)"
else
	fact redis_missing 1
fi
counters >"$OUT/counters"
