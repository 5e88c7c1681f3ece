# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: smp2
# with: curl openssl libmicrohttpd.so.12
#
# kprofctl serve, and clients of every kind.

if ! kprofctl --version | grep -q '+libmicrohttpd'; then
	fact absent serve
	return 0
fi
load_module max_cpu_percent=0
ip link set lo up
URL=http://127.0.0.1:6060
PPROF=$URL/debug/pprof
SECONDS_LONG=60 CONNECTIONS=200
[ -e /share/tests/whole ] || SECONDS_LONG=6 CONNECTIONS=40

# get NAME PATH-OR-URL OPTION... - leaves NAME.body, and NAME.out with the status
get()
{
	get_name=$1 get_url=$2
	shift 2
	case $get_url in
	/*) get_url=$URL$get_url ;;
	esac
	run "$get_name" curl -sS -D "$OUT/$get_name.head" -o "$OUT/$get_name.body" \
		-w '%{http_code}\n' "$@" "$get_url"
}

# profile NAME PATH OPTION... - the same; a profile that came is NAME.pb.gz
profile()
{
	get "$@"
	[ "$(cat "$OUT/$1.out")" != 200 ] || mv "$OUT/$1.body" "$OUT/$1.pb.gz"
}

answers() { curl -s -o /dev/null "$@"; }

# serve NAME PORT OPTION... - starts one and waits for it; SERVER is its process
serve()
{
	serve_name=$1 serve_port=$2
	shift 2
	run_bg "$serve_name" kprofctl serve "$@"
	SERVER=$BG
	until_true 40 answers -k "http://127.0.0.1:$serve_port/healthz" ||
		fact "$serve_name.late" 1
}

clients()
{
	clients_name=$1
	shift
	PYTHONHOME=$PROGRAMS/python PYTHONDONTWRITEBYTECODE=1 \
		run "$clients_name" "$(find "$PROGRAMS/python" -name 'python3.*' -type f \
		-maxdepth 1)" "$PROGRAMS/python/http_clients.py" "$@"
}

metric() { curl -s "$URL/metrics" | sed -n "s/^$1 //p"; }
nothing_runs() { [ "$(metric kprof_collections_running)" = 0 ] && sessions_are 0; }

# What is to be seen, and what is called as no program should be
run_bg cxx "$PROGRAMS/cxx_demo" 600000
cxx=$BG
cat >/tmp/evil.sh <<'END'
printf '"><img onerror' >/proc/$$/comm
while :; do usleep 1000; n=0; while [ $n -lt 3000 ]; do n=$((n + 1)); done; done
END
sh /tmp/evil.sh &
evil=$!

# Refused before anybody can connect
run public kprofctl serve --listen 0.0.0.0:6061
run public6 kprofctl serve --listen '[::]:6061'
echo short >/tmp/short
run short kprofctl serve --token-file /tmp/short
run address kprofctl serve --listen localhost

# A file that takes long enough to read, and maps of what was stripped
mkdir -p /tmp/store
cp -r "$PROGRAMS"/maps/. /tmp/store/
cp "$PROGRAMS/database" /tmp/store/
serve server 6060 --symbols /tmp/store --max-seconds 4
server=$SERVER
grep -E '^(Uid|CapEff|CapPrm|NoNewPrivs):' "/proc/$server/status" >"$OUT/privileges"

# Profiles
profile everything '/debug/pprof/profile?seconds=2'
profile root '/?seconds=1'
profile old '/pprof/profile?seconds=1'
profile pid "/debug/pprof/profile?seconds=1&hz=499&pid=$cxx"
profile comm '/debug/pprof/profile?seconds=1&hz=499&comm=cxx_demo'
mkdir -p /sys/fs/cgroup/served/below
echo "$cxx" >/sys/fs/cgroup/served/below/cgroup.procs
profile cgroup '/debug/pprof/profile?seconds=1&hz=499&cgroup=/served'
profile kernel '/debug/pprof/profile?seconds=1&kernel=1'
profile clamped '/debug/pprof/profile?seconds=600&hz=49'
get text '/debug/pprof/profile?seconds=1&debug=1'
get no_pid '/debug/pprof/profile?seconds=1&pid=999999'
get no_comm '/debug/pprof/profile?seconds=1&comm=nobody-has-it'
get no_cgroup '/debug/pprof/profile?seconds=1&cgroup=no/such'
get bad_hz '/debug/pprof/profile?hz=1000000'
get bad_name '/debug/pprof/profile?second=1'
get head /debug/pprof/profile -I

# Other addresses
get index /debug/pprof/
get redirect /debug/pprof
get heap /debug/pprof/heap
get trace '/debug/pprof/trace?seconds=1'
get nothing /nothing
get cmdline /debug/pprof/cmdline
get put /debug/pprof/ -X PUT
get ui /ui/
get processes /ui/processes
get rebinding /metrics -H 'Host: attacker.example'
get elsewhere '/debug/pprof/profile?seconds=1' -H 'Sec-Fetch-Site: cross-site'
get symbols /debug/pprof/symbol
kernel_symbol=$(sed -n 's/^\([0-9a-f]*\) T vfs_read$/\1/p' /proc/kallsyms)
fact vfs_read "0x$kernel_symbol"
get symbol_get "/symbolz?0x$kernel_symbol"
get symbol_post /debug/pprof/symbol -d "0x$kernel_symbol+0x10"
get mappings /debug/pprof/mappings
get page_data "/ui/data?seconds=1&pid=$cxx"
get page_all "/ui/data?seconds=1"
get page_file "/ui/profile/$(sed -n 's/^X-Kprof-Profile: \([0-9]*\).*/\1/p' "$OUT/page_data.head")"

# pprof itself; of a stripped program at the end
PPROF_TMPDIR=/tmp HOME=/tmp
export PPROF_TMPDIR HOME
if [ -x "$PROGRAMS/pprof" ]; then
	run pprof_http "$PROGRAMS/pprof" -top "$PPROF/profile?seconds=1&pid=$cxx"
	run_bg stripped "$PROGRAMS/cxx_without_fp" 60000
	stripped=$BG
	run stripped_record kprofctl record -q --no-symbolize -F 997 -d 2 \
		-o "$OUT/stripped.pb.gz" -p "$stripped"
	kill "$stripped"
	run pprof_remote "$PROGRAMS/pprof" -top -symbolize=remote \
		"$PPROF/mappings" "$OUT/stripped.pb.gz"
fi

# Several at once
clients two together 2 6060 "/debug/pprof/profile?seconds=2&pid=$cxx"
before=$(metric kprof_collections_total)
clients ten together 10 6060 "/debug/pprof/profile?seconds=4&pid=$cxx"
fact ten_collections $(($(metric kprof_collections_total) - before))
for n in 1 2 3 4; do
	curl -s -o /dev/null "$PPROF/profile?seconds=4&hz=5$n" &
	busy="${busy:-} $!"
done
until_true 100 sessions_are 3 || fact busy_late "$(counters)"
get busy '/debug/pprof/profile?seconds=1&hz=77'
profile plain '/debug/pprof/profile?seconds=1'
# shellcheck disable=SC2086 # process numbers
wait $busy
clients hung_up hang-up 6060 /debug/pprof/profile?seconds=4 0.5
until_true 40 nothing_runs || fact hung_up_late "$(counters)"
metric 'kprof_http_requests_total{code="499"}' >"$OUT/hung_up.count"

# Slow ones, beside a crowd
PYTHONHOME=$PROGRAMS/python PYTHONDONTWRITEBYTECODE=1
export PYTHONHOME PYTHONDONTWRITEBYTECODE
python=$(find "$PROGRAMS/python" -name 'python3.*' -type f -maxdepth 1)
for id in $(zcat "$OUT/mappings.body" | grep -aoE '[0-9a-f]{40}'); do
	answers -f "$URL/buildid/$id/executable" || continue
	get build_id "/buildid/$id/executable"
	fact build_id "$id"
	run_bg slow_reader "$python" "$PROGRAMS/python/http_clients.py" slow-reader 6060 \
		"/buildid/$id/executable"
	slow_reader=$BG
	break
done
get no_build_id /buildid/0123456789abcdef/debuginfo
run_bg slow_writer "$python" "$PROGRAMS/python/http_clients.py" slow-writer 6060
slow_writer=$BG

curl -s "$URL/metrics" >"$OUT/metrics.before"
# The emulator is slow: the processors are the crowd's
kill -STOP "$cxx" "$evil"
run_bg load "$python" "$PROGRAMS/python/http_clients.py" load $SECONDS_LONG $CONNECTIONS 6060 \
	'/debug/pprof/profile?seconds=1' '/debug/pprof/profile?seconds=1&hz=50' \
	'/debug/pprof/profile?seconds=1&hz=51' '/debug/pprof/profile?seconds=1&hz=52' \
	'/debug/pprof/profile?seconds=2&hz=53' /debug/pprof/ /metrics \
	'/debug/pprof/profile?seconds=3&hz=54' /debug/pprof/heap '/symbolz?0x1'
load=$BG
for n in 1 2 3 4 5; do
	started=$(cut -d ' ' -f 1 /proc/uptime)
	profile "legitimate$n" '/debug/pprof/profile?seconds=2'
	fact "legitimate$n" "$started" "$(cut -d ' ' -f 1 /proc/uptime)"
done
wait_bg load "$load"
until_true 40 nothing_runs || fact load_late "$(counters)"
run mutate "$python" "$PROGRAMS/python/http_clients.py" mutate $SECONDS_LONG 6060 7
kill -CONT "$cxx" "$evil"
[ -z "${slow_reader:-}" ] || wait_bg slow_reader "$slow_reader"
wait_bg slow_writer "$slow_writer"
until_true 40 nothing_runs || fact mutate_late "$(counters)"
get metrics /metrics

# What runs when it is to end gets its profile
run_bg last curl -sS -o "$OUT/last.pb.gz" -w '%{http_code}\n' "$PPROF/profile?seconds=2&pid=$cxx"
last=$BG
until_true 100 sessions_are 1 || fact last_late "$(counters)"
kill -TERM "$server"
wait_bg last "$last"
wait_bg server "$server"

# Others may come, with a token
token=$(head -c 24 /dev/urandom | openssl base64)
echo "$token" >/tmp/token
chmod 600 /tmp/token
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
	-subj /CN=localhost -config /dev/null -keyout /tmp/key.pem -out /tmp/cert.pem \
	2>"$OUT/openssl.err"
run_bg others kprofctl serve --listen 0.0.0.0:6062 --listen unix:/tmp/kprof.sock \
	--token-file /tmp/token --tls-cert /tmp/cert.pem --tls-key /tmp/key.pem
others=$BG
until_true 40 answers --cacert /tmp/cert.pem https://localhost:6062/healthz ||
	fact others_late 1
tls() { tls_name=$1; shift; get "$tls_name" https://localhost:6062/metrics --cacert /tmp/cert.pem "$@"; }
tls no_token
tls wrong_token -H "Authorization: Bearer ${token%?}x"
tls longer_token -H "Authorization: Bearer ${token}x"
tls right_token -H "Authorization: Bearer $token"
tls password -u "anybody:$token"
profile tls_profile 'https://localhost:6062/debug/pprof/profile?seconds=1' \
	--cacert /tmp/cert.pem -u "anybody:$token"
ls -l /tmp/kprof.sock >"$OUT/socket.mode"
echo "another $token" | tr -d ' ' >/tmp/token
kill -HUP "$others"
sleep 1
tls old_token -H "Authorization: Bearer $token"
tls new_token -H "Authorization: Bearer another$token"
kill -TERM "$others"
wait_bg others "$others"
[ -e /tmp/kprof.sock ] && fact socket_left 1

run_bg plain_http kprofctl serve --listen 0.0.0.0:6063 --token-file /tmp/token
plain_http=$BG
until_true 40 answers http://127.0.0.1:6063/healthz || fact plain_http_late 1
kill -TERM "$plain_http"
wait_bg plain_http "$plain_http"

# A Unix socket, and systemd's way
run_bg local kprofctl serve --listen unix:/tmp/local.sock
here=$BG
until_true 40 answers --unix-socket /tmp/local.sock http://any/healthz || fact local_late 1
profile local_profile 'http://any.name/debug/pprof/profile?seconds=1' --unix-socket /tmp/local.sock
kill -TERM "$here"
wait_bg local "$here"
run_bg systemd "$python" "$PROGRAMS/python/http_clients.py" systemd /tmp/activated.sock \
	kprofctl serve --symbols /tmp/store
systemd=$BG
until_true 40 answers --unix-socket /tmp/activated.sock http://any/healthz || fact systemd_late 1
kill -TERM "$(sed -n 's/^pid //p' "$OUT/systemd.out")"
wait_bg systemd "$systemd"

# Symbols need no module
kill "$cxx" "$evil"
wait "$cxx" "$evil"
rmmod kprof
run no_module kprofctl serve
run_bg symserver kprofctl symserver /tmp/store
symserver=$BG
until_true 40 answers $URL/healthz || fact symserver_late 1
get symserver_profile /debug/pprof/profile
if [ -x "$PROGRAMS/pprof" ]; then
	run symserver_remote "$PROGRAMS/pprof" -top -symbolize=remote \
		"$PPROF/mappings" "$OUT/stripped.pb.gz"
fi
run taken kprofctl symserver /tmp/store
kill -TERM "$symserver"
wait_bg symserver "$symserver"
