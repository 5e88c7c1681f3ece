# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: icount
#
# "kprofctl push" of what it records meanwhile: first nobody is there to take it,
# then somebody is.

port=7070

export LD_LIBRARY_PATH="$PROGRAMS/curl"
load_module
"$PROGRAMS/shares" 100000 >/dev/null &
shares=$!

# push NAME OPTION... - for so long that there are some windows
push()
{
	push_name=$1
	shift
	run "$push_name" kprofctl push --parca "http://127.0.0.1:$port" \
		--queue "$OUT/queue" --every 1 -d 4 -F 997 "$@" -p $shares
}

push away --timeout 1 -l zone=first
ls "$OUT/queue" >"$OUT/queue.away"

# Takes everything; each request becomes a file
cat >/tmp/answer <<'END'
#!/bin/sh
while read -r line; do
	line=${line%?}
	case $line in
	Content-Length:*) length=${line#*: } ;;
	'') break ;;
	esac
done
head -c "$length" >"$OUT/body.$(date +%s).$(printf %08d $$)"
printf 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'
printf 'Content-Length: 2\r\nConnection: close\r\n\r\n{}'
END
chmod 755 /tmp/answer
nc -ll -p $port -e /tmp/answer &
listener=$!
until_true 100 grep -q "$(printf ':%04X .* 0A' $port)" /proc/net/tcp /proc/net/tcp6
push there -l zone=second
ls "$OUT/queue" >"$OUT/queue.there"
kill $shares
wait $shares

# Everything, for longer than a session of everything is. Nothing runs but now and
# then: the machine's time passes in no time, and its clock is put back later
started=$(date +%s)
(while :; do "$PROGRAMS/spin" 20; sleep 20; done) &
now_and_then=$!
run everything kprofctl push --parca "http://127.0.0.1:$port" --queue "$OUT/queue" \
	--every 100 -d 750 -F 99 -a -l zone=everything
kill $listener $now_and_then
date -s "@$started" >/dev/null
counters >"$OUT/counters"
