# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The guest's file system: two cpio archives in a row, uncompressed, because in
# the emulator copying is faster than decompressing. The first (busybox, init,
# drivers of the ports) is kept from run to run; the second is this run's.
# Sourced by "run", after common.bash.

# What the ports need, and in this order: the driver waits for the bus, so that
# they are there as soon as the bus is
PORT_MODULES=(virtio_console virtio_pci)

declare -A MACHINE_NUMBER=([amd64]=62 [arm64]=183 [armhf]=40 [riscv64]=243)

# The guest has /usr merged whatever the host does
guest_path()
{
	case $1 in
	/bin/*|/sbin/*|/lib/*|/lib64/*) echo "/usr$1" ;;
	*) echo "$1" ;;
	esac
}

# pack ROOT CPIO - everything belongs to the guest's root
pack()
{
	(cd "$1" && find . -mindepth 1 -print0 | sort -z |
		cpio -0 -o -H newc -R 0:0 --quiet) >"$2"
}

# add_modules KERNEL ROOT PREFIX NAME... - the kernel's own modules with those
# they depend on, numbered in the order of loading
add_modules()
{
	local kernel=$1 root=$2 prefix=$3 count=10 word path name
	shift 3

	mkdir -p "$root/usr/lib/guest/modules"
	for name in "$@"; do
		modprobe -d "$kernel/root" -S "$(<"$kernel/release")" \
			--show-depends "$name" >"$root/.deps" 2>/dev/null ||
			die "the kernel has no module $name"
		while read -r word path _; do
			[ "$word" = insmod ] || continue
			name=${path##*/}
			name=${name%%.ko*}
			[ -z "$(find "$root/usr/lib/guest/modules" -name "*-$name.ko")" ] || continue
			unpack_module "$path" "$root/usr/lib/guest/modules/$prefix$count-$name.ko"
			count=$((count + 1))
		done <"$root/.deps"
	done
	rm -f "$root/.deps"
}

unpack_module()
{
	case $1 in
	*.xz) xz -dc "$1" >"$2" ;;
	*.zst) zstd -qdc "$1" >"$2" ;;
	*) cp "$1" "$2" ;;
	esac
}

# base_image KERNEL - prints the path of the first archive
base_image()
{
	local kernel=$1 key image root

	key=$(sha256sum "$GUEST_DIR/init" "$GUEST_DIR/image.bash" "$kernel/busybox" |
		cut -d ' ' -f 1 | cat - "$kernel/release" | sha256sum | cut -c 1-16)
	image=$BUILD_DIR/guest/base-${kernel##*/}-$key.cpio
	if [ ! -e "$image" ]; then
		rm -f "$BUILD_DIR/guest/base-$TARGET"-*.cpio
		root=$WORK/base
		base_tree "$kernel" "$root"
		pack "$root" "$image.$$"
		mv "$image.$$" "$image"
		rm -r "$root"
	fi
	echo "$image"
}

base_tree()
{
	local kernel=$1 root=$2 dir

	mkdir -p "$root"/{dev,etc,guest,home/kprof,out,proc,root,run,share,sys,tmp,var/tmp}
	mkdir -p "$root"/usr/{bin,sbin,lib,lib64,local/bin,local/sbin,share}
	chmod 1777 "$root/tmp" "$root/var/tmp" "$root/out"
	for dir in bin sbin lib lib64; do
		ln -s "usr/$dir" "$root/$dir"
	done
	ln -s /run "$root/var/run"
	cp "$kernel/busybox" "$root/usr/bin/busybox"
	cp "$GUEST_DIR/init" "$root/init"
	chmod 755 "$root/init"
	base_etc "$root/etc"
	add_modules "$kernel" "$root" 0 "${PORT_MODULES[@]}"
}

base_etc()
{
	local etc=$1

	cat >"$etc/passwd" <<-END
		root:x:0:0:root:/root:/bin/sh
		kprof:x:1000:1000:kprof:/home/kprof:/bin/sh
		nobody:x:65534:65534:nobody:/:/bin/false
	END
	cat >"$etc/group" <<-END
		root:x:0:
		tty:x:5:
		kprof:x:1000:
		nogroup:x:65534:
	END
	printf '127.0.0.1 localhost kprof\n' >"$etc/hosts"
	printf 'passwd: files\ngroup: files\nhosts: files\n' >"$etc/nsswitch.conf"
	printf 'kprof\n' >"$etc/hostname"
}

is_elf() { [ "$(head -c 4 "$1" | tr -d '\0')" = $'\x7fELF' ]; }
elf_machine() { od -An -tu2 -j18 -N2 "$1" | tr -d ' '; }

# place FILE ROOT - copies a file at its own path; links come as links, with
# what they lead to
place()
{
	local file root=$2 dest target

	file=$(realpath -s "$1")
	dest=$root$(guest_path "$file")
	if [ -e "$dest" ] || [ -L "$dest" ]; then
		return
	fi
	mkdir -p "${dest%/*}"
	if [ -L "$file" ]; then
		target=$(readlink "$file")
		case $target in
		/*) ;;
		*) target=$(realpath -s "$(realpath "${file%/*}")/$target") ;;
		esac
		ln -s "$(guest_path "$target")" "$dest"
		place "$target" "$root"
	else
		cp -p "$file" "$dest"
	fi
}

# place_libraries FILE ROOT - what an ELF file is linked with, and its loader
place_libraries()
{
	local file=$1 root=$2 library

	if [ "$(elf_machine "$file")" != "${MACHINE_NUMBER[$(host_arch)]}" ]; then
		place_foreign_libraries "$file" "$root"
		return
	fi
	# A static program has none
	for library in $(ldd "$file" 2>/dev/null | grep -oE '(^|[[:space:]])/[^ ]+'); do
		place "$library" "$root"
	done
	place_locale "$root"
}

# The locale that init sets is a folder of files for the C library
place_locale()
{
	local locale=/usr/lib/locale/C.utf8

	if [ -d "$locale" ] && ! [ -e "$1$locale" ]; then
		mkdir -p "$1$locale"
		cp -r "$locale/." "$1$locale/"
	fi
}

# find_library NAME TRIPLET - of the guest's other programs, or of the release that
# kprofctl is linked with, which what the cross compiler made runs with, too
find_library()
{
	local path=

	[ -z "${ROOT:-}" ] || path=$(find "$ROOT/usr/lib" -name "$1" | head -n 1)
	[ -n "$path" ] || path=$(find "$("$GUEST_DIR/libraries" "$ARCH")/root/usr/lib" \
		"/usr/$2/lib" -name "$1" 2>/dev/null | head -n 1)
	echo "$path"
}

# ldd would have to run it; the libraries go where the guest's loader looks
place_foreign_libraries()
{
	local file=$1 root=$2 triplet=${TRIPLET[$ARCH]} name path dest

	# A static program has none, and may be one of 32 bits
	readelf -l "$file" | grep -qE '^ *(INTERP|DYNAMIC)' || return 0
	[ "$(elf_machine "$file")" = "${MACHINE_NUMBER[$ARCH]}" ] ||
		die "$file: neither for this machine nor for $ARCH"
	{
		readelf -d "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
		readelf -l "$file" | sed -n 's#.*program interpreter: .*/\(.*\)\]#\1#p'
	} | while read -r name; do
		case $name in
		ld-linux*) dest=$root/usr/lib/$name ;;
		*) dest=$root/usr/lib/$triplet/$name ;;
		esac
		[ ! -e "$dest" ] || continue
		path=$(find_library "$name" "$triplet")
		[ -n "$path" ] || die "$file: needs $name, which is not here for $ARCH"
		mkdir -p "${dest%/*}"
		cp -L "$path" "$dest"
		place_foreign_libraries "$dest" "$root"
	done
}

# place_needs FILE ROOT - what it takes to run a file that is already placed
place_needs()
{
	local file=$1 root=$2 line interpreter argument

	if is_elf "$file"; then
		place_libraries "$file" "$root"
		return
	fi
	line=$(head -n 1 "$file" | tr -d '\0')
	case $line in
	'#!'*) ;;
	*) return ;;
	esac
	read -r interpreter argument <<<"${line#'#!'}"
	case $interpreter in
	*/env)
		argument=${argument#-S }
		interpreter=$(command -v "${argument%% *}") ||
			die "$file: no ${argument%% *} here" ;;
	esac
	# busybox is the guest's sh
	case $interpreter in
	/bin/sh|/usr/bin/sh|/bin/busybox) ;;
	*) place_program "$interpreter" "$root" ;;
	esac
}

# place_of_root NAME|PATH ROOT - a program or folder of the file system $ROOT
place_of_root()
{
	local path=$1 root=$2

	case $path in
	/*) ;;
	*) path=/usr/bin/$path ;;
	esac
	[ -e "$ROOT$path" ] || die "--with $1: not in $ROOT"
	mkdir -p "$root${path%/*}"
	if [ -d "$ROOT$path" ]; then
		place_folder "$ROOT$path" "$root$path" "$root"
		return
	fi
	cp -pL "$ROOT$path" "$root$path"
	place_needs "$root$path" "$root"
}

# place_program NAME|PATH ROOT - a file, folder or program from the PATH
place_program()
{
	local path=$1 root=$2

	if [ -n "${ROOT:-}" ]; then
		place_of_root "$@"
		return
	fi
	case $path in
	*/*) ;;
	*) path=$(command -v "$1") || die "--with $1: not found" ;;
	esac
	[ -e "$path" ] || die "--with $1: not found"
	if [ -d "$path" ]; then
		path=$(realpath "$path")
		mkdir -p "$root$(guest_path "$path")"
		place_folder "$path" "$root$(guest_path "$path")" "$root"
		return
	fi
	place "$path" "$root"
	place_needs "$path" "$root"
}

# place_folder DIR DEST ROOT - its content, and what its programs need
place_folder()
{
	local dir=$1 dest=$2 root=$3 file

	mkdir -p "$dest"
	cp -a "$dir/." "$dest/"
	while IFS= read -r -d '' file; do
		if is_elf "$file"; then
			place_libraries "$file" "$root"
		fi
	done < <(find "$dir" -type f -perm /111 -size +0 -print0)
}
