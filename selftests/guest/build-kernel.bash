# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Builds a kernel from Debian's source package and the pieces of configuration
# in configs/. Sourced by "fetch", after apt.bash, which keeps the result until
# one of them changes.

# What "make ARCH=" and the image are called
declare -A KERNEL_ARCH=([amd64]=x86_64 [arm64]=arm64 [armhf]=arm [riscv64]=riscv)
declare -A KERNEL_IMAGE=([amd64]=arch/x86/boot/bzImage [arm64]=arch/arm64/boot/Image
	[armhf]=arch/arm/boot/zImage [riscv64]=arch/riscv/boot/Image)

# source_packages - of a flavour source-VERSION+PIECE+PIECE
source_packages()
{
	local version=${FLAVOUR#source-}

	package_record "linux-source-${version%%+*}" "$(host_arch)" | package_line &&
		package_record busybox-static "$ARCH" | package_line
}

# config_pieces - the files that the flavour names, in order
config_pieces()
{
	local name names

	IFS=+ read -r -a names <<<"$FLAVOUR"
	for name in "${names[@]:1}"; do
		[ -e "$GUEST_DIR/configs/$name" ] || die "no configs/$name"
		find "$GUEST_DIR/configs" -name "$name" -o -name "$name.$ARCH" | sort
	done
}

# kernel_recipe - all that the result depends on
kernel_recipe()
{
	echo "$PACKAGES"
	config_pieces | xargs cat
	"$(cross_prefix "$ARCH")gcc" --version | head -n 1
}

# unpack_source DIR - the kernel's sources only
unpack_source()
{
	say "unpacking $(grep ^linux-source <<<"$PACKAGES" | cut -d ' ' -f 1,2)"
	mkdir "$1/deb"
	grep ^linux-source <<<"$PACKAGES" | unpack_all "$1/deb"
	tar -C "$1" --strip-components=1 -xJf "$1"/deb/usr/src/linux-source-*.tar.xz
	rm -r "$1/deb"
}

# kernel_source - the folder of the unpacked sources
kernel_source()
{
	kept "${FLAVOUR%%+*}" "$(grep ^linux-source <<<"$PACKAGES")" unpack_source
}

# kernel_make DIR ARGUMENT... - in the sources, for the objects in DIR
kernel_make()
{
	local dir=$1
	shift

	nice -n 5 make -C "$SOURCE" O="$dir" ARCH="${KERNEL_ARCH[$ARCH]}" \
		CROSS_COMPILE="$(cross_prefix "$ARCH")" "$@" >>"$dir/build.log" 2>&1 || {
		tail -n 40 "$dir/build.log" >&2
		die "$TARGET: the kernel does not build"
	}
}

configure_kernel()
{
	local dir=$1
	local -a pieces

	mapfile -t pieces < <(config_pieces)
	kernel_make "$dir" tinyconfig
	"$SOURCE/scripts/kconfig/merge_config.sh" -m -O "$dir" "$dir/.config" \
		"${pieces[@]}" >>"$dir/build.log"
	kernel_make "$dir" olddefconfig
	check_config "$dir/.config" "${pieces[@]}"
}

# check_config CONFIG PIECE... - kconfig drops silently what it cannot have
check_config()
{
	local config=$1 wanted line dropped=
	shift

	# The last line about an option is the one that counts
	wanted=$(cat "$@" | grep -E '^(# )?CONFIG_' |
		awk '{ name = $0; sub(/^# /, "", name); sub(/[= ].*/, "", name)
		       line[name] = $0 } END { for (n in line) print line[n] }')
	while read -r line; do
		case $line in
		\#*)
			# An option that depends on one that is off is not mentioned
			line=${line#\# }
			line=${line%% *}=
			! grep -q "^$line" "$config" || dropped+=" $line" ;;
		*)
			grep -qxF "$line" "$config" || dropped+=" $line" ;;
		esac
	done <<<"$wanted"
	[ -z "$dropped" ] || die "$TARGET: the kernel's configuration is not as told:$dropped"
}

# compile_kernel DIR - like unpack_kernel
compile_kernel()
{
	local dir=$1 release

	SOURCE=$(kernel_source)
	mkdir "$dir/root" "$dir/kdir"
	grep ^busybox <<<"$PACKAGES" | unpack_all "$dir/root"
	cp "$(find "$dir/root" -path '*bin/busybox')" "$dir/busybox"
	rm -rf "$dir/root"/*
	say "$TARGET: building the kernel: minutes"
	configure_kernel "$dir/kdir"
	kernel_make "$dir/kdir" -j"${JOBS:-$(nproc)}" "$(basename "${KERNEL_IMAGE[$ARCH]}")" modules
	cp "$dir/kdir/${KERNEL_IMAGE[$ARCH]}" "$dir/vmlinuz"
	release=$(<"$dir/kdir/include/config/kernel.release")
	echo "$release" >"$dir/release"
	keep_headers "$dir/kdir"
	mkdir -p "$dir/root/lib/modules/$release"
	cp "$dir/kdir"/modules.{builtin,order} "$dir/root/lib/modules/$release/"
	depmod -b "$dir/root" "$release"
}

# keep_headers DIR - what building a module takes, of all that was built; and the
# architecture, in the file where Debian's headers keep it
keep_headers()
{
	find "$1" \( -name '*.o' -o -name '*.a' -o -name '.*.cmd' -o -name 'vmlinux*' \) \
		! -path "$1/scripts/*" ! -path "$1/tools/*" -type f -delete
	echo "override ARCH = ${KERNEL_ARCH[$ARCH]}" >"$1/.kernelvariables"
}
