# SPDX-License-Identifier: GPL-2.0-only
"""The chains of recorded stops as gdb sees them. gdb runs this file:

    STOPS=FILE EVERY=N gdb -nx -batch -x gdb_chain.py

Prints for every Nth stop a line: its number from 0 on, "-", and the pcs,
innermost first, in hexadecimal. Inlined functions and tail calls, which have no frame,
are left out. Each stop becomes a core file, and all files of the program are
told to gdb once, so that it reads them once.
"""

import os
import struct
import sys
import tempfile

import gdb

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import stops  # noqa: E402

ET_CORE, PT_LOAD, PT_NOTE, NT_PRSTATUS = 4, 1, 4, 1
# Of struct elf_prstatus: where the registers are, and how much is behind them
REGS_AT, BEHIND_REGS = 112, 8
TID_AT = 32
NO_FRAME = (gdb.INLINE_FRAME, gdb.TAILCALL_FRAME)
MAX_FRAMES = 4096


def kernel_registers(machine, stop):
    """Registers as the kernel of that machine writes them."""
    regs = stop.regs
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
    body = bytearray(REGS_AT) + struct.pack(f"<{len(regs)}Q", *regs)
    body += bytes(BEHIND_REGS)
    struct.pack_into("<i", body, TID_AT, stop.tid)
    return struct.pack("<3I8s", 5, len(body), NT_PRSTATUS, b"CORE") + body


def core_file(machine, stop):
    """Bytes of a core file with one thread and its stacks."""
    note = prstatus_note(machine, stop)
    segments = [(PT_NOTE, 0, note)]
    segments += [(PT_LOAD, address, data) for address, data in stop.pieces]
    ident = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    head = ident + struct.pack("<2HI3QI6H", ET_CORE, machine, 1, 0, 64, 0, 0,
                               64, 56, len(segments), 0, 0, 0)
    at = 64 + 56 * len(segments)
    table, body = b"", b""
    for kind, address, data in segments:
        table += struct.pack("<2I6Q", kind, 6, at + len(body), address, 0,
                             len(data), len(data) if address else 0, 1)
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
                    "debug-file-directory /nonexistent", "auto-solib-add off",
                    "auto-load libthread-db off",
                    "backtrace past-main on", "backtrace past-entry on",
                    "backtrace limit unlimited", "debuginfod enabled off"):
        run(f"set {setting}")
    machine, all_stops = stops.read(os.environ["STOPS"])
    every = int(os.environ["EVERY"])
    known = None
    with tempfile.NamedTemporaryFile(prefix="kprof-core-") as file:
        for number, stop in enumerate(all_stops):
            if number % every:
                continue
            if stop.mappings != known:
                known = stop.mappings
                add_files(known)
            with open(file.name, "wb") as core:
                core.write(core_file(machine, stop))
            run(f"core-file {file.name}")
            print(number, "-", *(f"{pc:x}" for pc in chain()), flush=True)


main()
