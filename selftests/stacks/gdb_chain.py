# SPDX-License-Identifier: GPL-2.0-only
"""The chains of recorded stops as gdb sees them. gdb runs this file:

    STOPS=FILE FIRST=N gdb -nx -batch -x gdb_chain.py

Prints for every stop from number N on a line: its number, which counts from 0,
"-", and the pcs, innermost first, in hexadecimal. Inlined functions and tail calls, which have no frame,
are left out. Each stop becomes a core file, and all files of the program are
told to gdb once, so that it reads them once.
"""

import os
import struct
import sys
import tempfile
import typing

import gdb

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import stops  # noqa: E402

ET_CORE, PT_LOAD, PT_NOTE, NT_PRSTATUS = 4, 1, 4, 1


class Layout(typing.NamedTuple):
    """Of core files: of struct elf_prstatus where the thread's number and the
    registers are, and how much is behind them; ELF's headers."""
    tid_at: int
    regs_at: int
    behind_regs: int
    word: str
    header: str
    header_bytes: int
    segment_bytes: int


LAYOUTS = {
    1: Layout(24, 72, 4, "I", "<2HI3II6H", 52, 32),
    2: Layout(32, 112, 8, "Q", "<2HI3QI6H", 64, 56),
}
NO_FRAME = (gdb.INLINE_FRAME, gdb.TAILCALL_FRAME)
MAX_FRAMES = 4096


def layout(machine):
    """(class of ELF files, how they look)."""
    kind = 1 if machine == stops.EM_ARM else 2
    return kind, LAYOUTS[kind]


def kernel_registers(machine, stop):
    """Registers as the kernel of that machine writes them."""
    regs = stop.regs
    if machine == stops.EM_ARM:
        return list(regs) + [0]
    if machine == stops.EM_AARCH64:
        return list(regs[:32]) + [stop.pc, 0]
    if machine == stops.EM_RISCV:
        return [stop.pc] + list(regs[1:32])
    rax, rdx, rcx, rbx, rsi, rdi, rbp, rsp = regs[:8]
    r8, r9, r10, r11, r12, r13, r14, r15 = regs[8:16]
    return [r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax, rcx, rdx, rsi,
            rdi, 2**64 - 1, stop.pc, 0x33, 0x202, rsp, 0x2b, 0, 0, 0, 0, 0, 0]


def prstatus_note(machine, stop):
    regs = kernel_registers(machine, stop)
    look = layout(machine)[1]
    body = bytearray(look.regs_at)
    body += struct.pack(f"<{len(regs)}{look.word}", *regs)
    body += bytes(look.behind_regs)
    struct.pack_into("<i", body, look.tid_at, stop.tid)
    return struct.pack("<3I8s", 5, len(body), NT_PRSTATUS, b"CORE") + body


def program_header(kind, at, address, size):
    what = PT_LOAD if address else PT_NOTE
    memory = size if address else 0
    if kind == 1:
        return struct.pack("<8I", what, at, address, 0, size, memory, 6, 1)
    return struct.pack("<2I6Q", what, 6, at, address, 0, size, memory, 1)


def core_file(machine, stop):
    """Bytes of a core file with one thread and its stacks."""
    kind, look = layout(machine)
    segments = [(0, prstatus_note(machine, stop))] + stop.pieces
    ident = b"\x7fELF" + bytes([kind, 1, 1]) + bytes(9)
    head = ident + struct.pack(
        look.header, ET_CORE, machine, 1, 0, look.header_bytes, 0, 0,
        look.header_bytes, look.segment_bytes, len(segments), 0, 0, 0)
    at = look.header_bytes + look.segment_bytes * len(segments)
    table, body = b"", b""
    for address, data in segments:
        table += program_header(kind, at + len(body), address, len(data))
        body += data
    return head + table + body


def run(command):
    gdb.execute(command, to_string=True)


def add_files(mappings):
    """Files stay with gdb while cores come and go, until others are mapped."""
    for objfile in gdb.objfiles():
        run(f"remove-symbol-file '{objfile.filename}'")
    # Of another machine gdb reads no CFI unless it has a program of it.
    run(f"exec-file {mappings[0].path}")
    for mapping in {m.path: m for m in mappings}.values():
        bias = stops.load_bias(mapping)
        run(f"add-symbol-file '{mapping.path}' -o {bias:#x}")


def chain():
    pcs = []
    try:
        frame = gdb.newest_frame()
        while frame and len(pcs) < MAX_FRAMES:
            if frame.type() not in NO_FRAME:
                pcs.append(frame.pc())
            frame = frame.older()
    except gdb.error:
        # What cannot be read ends a chain.
        pass
    return pcs


def main():
    for setting in ("confirm off", "pagination off", "height 0", "width 0",
                    "debug-file-directory "
                    f"{os.environ.get('DEBUG_FILES', '/nonexistent')}",
                    "auto-solib-add off",
                    "auto-load libthread-db off",
                    "backtrace past-main on", "backtrace past-entry on",
                    "backtrace limit unlimited", "debuginfod enabled off"):
        run(f"set {setting}")
    machine, all_stops = stops.read(os.environ["STOPS"])
    first = int(os.environ["FIRST"])
    known = None
    with tempfile.NamedTemporaryFile(prefix="kprof-core-") as file:
        for number, stop in enumerate(all_stops):
            if number < first:
                continue
            if stop.mappings != known:
                known = stop.mappings
                add_files(known)
            with open(file.name, "wb") as core:
                core.write(core_file(machine, stop))
            run(f"core-file {file.name}")
            print(number, "-", *(f"{pc:x}" for pc in chain()), flush=True)


main()
