# SPDX-License-Identifier: GPL-2.0-only
#
# Completion of kprofctl for bash.
#
# Copyright (C) 2026 The kprof authors

_kprofctl_pids() {
	COMPREPLY=($(compgen -W "$(ps -e -o pid= 2> /dev/null)" -- "$1"))
}

# Of the recordings in the background.
_kprofctl_names() {
	local names

	names=$(kprofctl status --json 2> /dev/null |
		sed -n '/"sessions"/,$s/.*"name": "\([^"]*\)".*/\1/p')
	COMPREPLY=($(compgen -W "$names" -- "$1"))
}

_kprofctl_files() {
	compopt -o filenames
	COMPREPLY=($(compgen -f -- "$1"))
}

# The value of option $1; fails if it takes none.
_kprofctl_value() {
	case $1 in
	-p | --pid | -t | --tid)
		_kprofctl_pids "$2"
		;;
	-g | --call-graph)
		COMPREPLY=($(compgen -W 'cfi fp none' -- "$2"))
		;;
	--by)
		if [[ ${COMP_WORDS[1]} == diff ]]; then
			COMPREPLY=($(compgen -W 'duration total' -- "$2"))
		else
			COMPREPLY=($(compgen -W 'thread comm binary pid' -- "$2"))
		fi
		;;
	--user)
		COMPREPLY=($(compgen -u -- "$2"))
		;;
	--name)
		_kprofctl_names "$2"
		;;
	-o | --output | --flame | --html | --device | --module | \
		--token-file | --ca-file | --tls-cert | --tls-key)
		_kprofctl_files "$2"
		;;
	--debug-dir | --symbols | --queue)
		compopt -o filenames
		COMPREPLY=($(compgen -d -- "$2"))
		;;
	-F | --freq | -d | --duration | -C | --cpu | -n | --rows | \
		--peek | --focus | --ignore | \
		--listen | --host | --max-seconds | --max-collections | --max-connections | \
		--depth | --max-sample-us | --ring-kib | --label-values | \
		--max-memory | --port | \
		--pyroscope | --ingest | --parca | --every | -l | --label | \
		--queue-mib | --patience | --timeout | --tenant | \
		--iterations | --last | --filter)
		COMPREPLY=()
		;;
	*)
		return 1
		;;
	esac
}

# Where the program begins that record is to start, 0 if it has not begun.
_kprofctl_program() {
	local i

	for ((i = 2; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--)
			echo $((i + 1))
			return
			;;
		-[ptCFdog] | --pid | --tid | --cpu | --freq | --duration | \
			--output | --call-graph | --depth | --max-sample-us | --ring-kib | \
			--label-values | \
			--debug-dir | --symbols | --max-memory | --device | --name | \
			-n | --iterations | --every | --last | --rows | --filter)
			((i++))
			;;
		-*) ;;
		*)
			echo $i
			return
			;;
		esac
	done
	echo 0
}

_kprofctl_symmap() {
	local options=--help

	if ((COMP_CWORD == 2)); then
		COMPREPLY=($(compgen -W 'build import add show lookup verify
			--help' -- "$1"))
		return
	fi
	case ${COMP_WORDS[2]} in
	build) options+=' -o --output --names-only --debug-dir' ;;
	import) options+=' -o --output --build-id' ;;
	show) options+=' -l' ;;
	esac
	if [[ ${COMP_WORDS[COMP_CWORD - 1]} == --debug-dir ]]; then
		_kprofctl_value --debug-dir "$1"
	elif [[ $1 == -* ]]; then
		COMPREPLY=($(compgen -W "$options" -- "$1"))
	else
		_kprofctl_files "$1"
	fi
}

_kprofctl_unwind() {
	local options=--help

	if ((COMP_CWORD == 2)); then
		COMPREPLY=($(compgen -W 'preload show --help' -- "$1"))
		return
	fi
	case ${COMP_WORDS[2]} in
	preload) options+=' --symbols --debug-dir' ;;
	show) options+=' -l' ;;
	esac
	if _kprofctl_value "${COMP_WORDS[COMP_CWORD - 1]}" "$1"; then
		return
	fi
	if [[ $1 == -* ]]; then
		COMPREPLY=($(compgen -W "$options" -- "$1"))
	else
		_kprofctl_files "$1"
	fi
}

_kprofctl() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local record='-p --pid -t --tid -a --all -C --cpu -F --freq -d
		--duration -o --output -g --call-graph -k --kernel -q --quiet
		--no-inherit --depth --max-sample-us --ring-kib --label-values --force-rate
		--no-symbolize
		--no-lines --debuginfod --max-memory --debug-dir --symbols --device --help'
	local options program

	if ((COMP_CWORD == 1)); then
		COMPREPLY=($(compgen -W 'record start stop status report
			top diff merge doctor push serve symserver symbolize symmap archive
			unwind help
			--verbose --version --help' -- "$word"))
		return
	fi
	case ${COMP_WORDS[1]} in
	record | start | top)
		program=$(_kprofctl_program)
		if ((program)); then
			if declare -F _command_offset > /dev/null; then
				_command_offset "$program"
			fi
			return
		fi
		options=$record
		[[ ${COMP_WORDS[1]} == start ]] && options+=' --name'
		[[ ${COMP_WORDS[1]} == top ]] &&
			options+=' -b --batch -n --iterations --every --last
				--rows --cum --filter'
		;;
	stop)
		options='--name --help'
		;;
	status)
		options='--json --device --help'
		;;
	report)
		options='-n --rows -c --cum --tree --folded --json --sources
			--peek --lines --by --focus --ignore --speedscope
			--flame --html -o --output --help'
		;;
	symbolize)
		options='-o --output --symbols --debug-dir --no-lines
			--debuginfod --max-memory --force --help'
		;;
	diff)
		options='--by -n --rows -c --cum --flame -o --output --help'
		;;
	doctor)
		options='--module --port --device --help'
		;;
	push)
		options="$record --pyroscope --ingest --parca --every -l --label
			--queue --queue-mib --patience --timeout --tenant
			--token-file --ca-file"
		;;
	serve | symserver)
		options='--listen --host --token-file --tls-cert --tls-key --user
			--max-connections --help'
		[[ ${COMP_WORDS[1]} == serve ]] && options+=' --symbols --debug-dir
			--no-lines --max-seconds --max-collections --device'
		;;
	merge)
		options='-o --output --help'
		;;
	archive)
		options='-o --output --symbols --debug-dir --help'
		;;
	symmap)
		_kprofctl_symmap "$word"
		return
		;;
	unwind)
		_kprofctl_unwind "$word"
		return
		;;
	help)
		options='record start stop status report top diff merge doctor push serve
			symserver symbolize symmap archive unwind'
		;;
	esac
	if _kprofctl_value "$before" "$word"; then
		return
	fi
	if [[ $word == -* || ${COMP_WORDS[1]} == help ]]; then
		COMPREPLY=($(compgen -W "$options" -- "$word"))
	elif [[ ${COMP_WORDS[1]} =~ ^(report|diff|merge|doctor|push|symbolize|archive)$ ]]; then
		_kprofctl_files "$word"
	elif [[ ${COMP_WORDS[1]} == symserver ]]; then
		_kprofctl_value --symbols "$word"
	elif [[ ${COMP_WORDS[1]} =~ ^(record|start|top)$ ]]; then
		COMPREPLY=($(compgen -c -- "$word"))
	fi
}

complete -F _kprofctl kprofctl
