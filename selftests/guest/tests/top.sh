# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# machine: icount
# with: tmux
#
# "kprofctl top" of a program whose shares are known: as tables, and on a terminal
# of 80 columns and 24 rows, which tmux keeps and shows.

export TERM=linux TERMINFO="$PROGRAMS/terminfo"
load_module
"$PROGRAMS/shares" 100000 >/dev/null &
shares=$!

run batch kprofctl top -b -n 3 --rows 5 -F 997 -p $shares
run filtered kprofctl top -b -n 2 --cum --filter '^run_' -F 997 -p $shares
run bad_filter kprofctl top -b --filter '(' -p $shares
run no_terminal kprofctl top -p $shares
run program kprofctl top -b -F 997 -- "$PROGRAMS/spin" 1500

command -v tmux >/dev/null || exit 0
tmux() { command tmux -L kprof -f /dev/null "$@"; }
# screen NAME - what is on it
screen() { tmux capture-pane -p -t top >"$OUT/screen.$1"; }
# shows PATTERN - until it does
shows() { until_true 200 sh -c "tmux -L kprof capture-pane -p -t top | grep -qE -- '$1'"; }
keys() { tmux send-keys -t top "$@"; }

tmux new-session -d -s top -x 80 -y 24 "sh"
tmux set-option -g status off
keys "stty -a >$OUT/stty.before; echo before" Enter
shows '^before'
keys "kprofctl top -F 997 -p $shares" Enter
shows '%.*\(shares\)'
screen functions
keys c
shows 'by CUM%'
screen cum
keys f
shows 'by FLAT%'
keys /
keys run_ Enter
shows 'only /run_'
screen filter
keys / Escape
shows 'FUNCTION.*by FLAT%'
keys p
shows 'paused'
screen paused
sleep 3
screen still_paused
keys p
keys Down Enter
shows 'STACKS WITH'
screen stacks
keys Escape
shows 'FUNCTION'
tmux resize-window -t top -x 40 -y 10
sleep 2
screen small
tmux resize-window -t top -x 80 -y 24
sleep 2
keys q
keys "stty -a >$OUT/stty.after; echo after" Enter
shows '^after'
screen left

# Ctrl-C, twice: the terminal is given back
keys "kprofctl top -F 997 -p $shares; echo status \$?" Enter
shows '%.*\(shares\)'
keys C-c C-c
shows '^status'
keys "stty -a >$OUT/stty.interrupted; echo again" Enter
shows '^again'
screen interrupted
tmux kill-server
kill $shares
wait $shares
counters >"$OUT/counters"
