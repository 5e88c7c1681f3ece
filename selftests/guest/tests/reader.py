# SPDX-License-Identifier: GPL-2.0
"""A second reader of /dev/kprof: what read() brings, taken apart.

Written from kmod/uapi/linux/kprof.h alone, to see that the header says enough.
Works on the bytes of one session, of all its reads in a row.
"""

import struct
from collections import Counter, namedtuple

SAMPLE, STACK, CONTEXT, LOST = 1, 2, 3, 4
MMAP, MAPS, TASK, THROTTLE, STATS = 16, 17, 18, 19, 20
RING = 32
CONTROL_RING = -1
STATS_FINAL = 1 << 0
MMAP_DELETED = 1 << 1
MAPS_UNAVAILABLE = 1 << 0
BUILD_ID_OK = 0

Stack = namedtuple("Stack", "kernel user user_end kernel_end flags")
Frame = namedtuple("Frame", "address is_exact")
Context = namedtuple("Context",
                     "pid tid ns_pid ns_tid space_id flags start_ns comm thread_comm")
Sample = namedtuple("Sample", "cpu time_ns weight stack context generation")
Lost = namedtuple("Lost", "cause samples weight cpu")
Mapping = namedtuple("Mapping", "start end file_offset path build_id")
Maps = namedtuple("Maps", "generation epoch nr_mappings flags time_ns pid")
Throttle = namedtuple("Throttle", "cpu every time_ns")


def c_string(raw):
    return raw.split(b"\0")[0].decode(errors="replace")


class Session:
    """All that the records said, in the order of the bytes."""

    def __init__(self):
        self.cpu = None
        self.samples = []
        self.lost = []
        self.throttles = []
        self.tasks = []
        self.snapshots = {}
        self.mappings = {}
        self.stats = []
        self.unknown = Counter()
        self.ring_bytes = Counter()
        self.stacks = {}
        self.contexts = {}
        self.take = {SAMPLE: self.take_sample, STACK: self.take_stack,
                     CONTEXT: self.take_context, LOST: self.take_lost,
                     MMAP: self.take_mmap, MAPS: self.take_maps,
                     TASK: self.take_task, THROTTLE: self.take_throttle,
                     STATS: self.take_stats, RING: self.take_ring}

    def read(self, data):
        at = 0
        while at < len(data):
            kind, size = struct.unpack_from("=HH", data, at)
            if size < 8 or size % 8 or at + size > len(data):
                raise ValueError(f"no record of {size} bytes can be at {at}")
            if kind in self.take:
                self.take[kind](data[at:at + size])
            else:
                self.unknown[kind] += 1
            if kind != RING:
                self.ring_bytes[self.cpu] += size
            at += size

    def take_ring(self, record):
        (self.cpu,) = struct.unpack_from("=4xi", record)

    # Records of sample rings

    def take_sample(self, record):
        weight, time_ns, stack_id, context_id, generation = \
            struct.unpack_from("=4xIQQII", record)
        self.samples.append(Sample(self.cpu, time_ns, weight,
                                   self.stacks[self.cpu, stack_id],
                                   self.contexts[self.cpu, context_id],
                                   generation))

    def take_stack(self, record):
        nr_kernel, nr_user, stack_id, user_end, kernel_end, flags = \
            struct.unpack_from("=4xHHQHHH", record)
        nr = nr_kernel + nr_user
        words = struct.unpack_from(f"={nr + (nr + 63) // 64}Q", record, 24)
        frames = [Frame(words[n], bool(words[nr + n // 64] >> n % 64 & 1))
                  for n in range(nr)]
        self.stacks[self.cpu, stack_id] = Stack(
            tuple(frames[:nr_kernel]), tuple(frames[nr_kernel:]),
            user_end, kernel_end, flags)

    def take_context(self, record):
        context_id, pid, tid, ns_pid, ns_tid, space_id, flags, start_ns, comm, \
            thread_comm = struct.unpack_from("=4xIiiiiIIQ16s16s", record)
        self.contexts[self.cpu, context_id] = Context(
            pid, tid, ns_pid, ns_tid, space_id, flags, start_ns,
            c_string(comm), c_string(thread_comm))

    def take_lost(self, record):
        self.lost.append(Lost(*struct.unpack_from("=4xIQQi", record)))

    # Records of the control ring

    def take_mmap(self, record):
        space_id, epoch, flags, start, end, file_offset, _, _, _, state, \
            id_bytes, path_bytes, build_id = \
            struct.unpack_from("=4xIIIQQQQIIHHI32s", record)
        path = c_string(record[96:96 + path_bytes])
        if flags & MMAP_DELETED:
            path = path.removesuffix(" (deleted)")
        build_id = build_id[:id_bytes].hex() if state == BUILD_ID_OK else None
        self.mappings.setdefault((space_id, epoch), []).append(
            Mapping(start, end, file_offset, path, build_id))

    def take_maps(self, record):
        space_id, *rest = struct.unpack_from("=4xIIIIIQi", record)
        self.snapshots.setdefault(space_id, []).append(Maps(*rest))

    def take_task(self, record):
        self.tasks.append(struct.unpack_from("=4xIiIQ", record))

    def take_throttle(self, record):
        self.throttles.append(Throttle(*struct.unpack_from("=4xiI4xQ", record)))

    def take_stats(self, record):
        names = ("size flags start_ns stop_ns taken_samples taken_weight "
                 "delivered_samples delivered_weight").split()
        stats = dict(zip(names, struct.unpack_from("=8xII6Q", record)))
        lost = struct.unpack_from("=64x8Q", record)
        stats["lost_samples"], stats["lost_weight"] = sum(lost[:4]), sum(lost[4:])
        self.stats.append(stats)

    # What follows from them

    def final_stats(self):
        return next((s for s in self.stats if s["flags"] & STATS_FINAL), None)

    def mapping_of(self, sample, address):
        """Where both snapshots around the sample agree, the mapping; else None."""
        seen = [s for s in self.snapshots.get(sample.context.space_id, ())
                if not s.flags & MAPS_UNAVAILABLE]
        before = [s for s in seen if s.generation <= sample.generation]
        after = [s for s in seen if s.generation >= sample.generation]
        if not before or not after:
            return None
        first, second = [
            [m for m in self.mappings.get((sample.context.space_id, epoch), ())
             if m.start <= address < m.end]
            for epoch in (max(before).epoch, min(after).epoch)]
        return first[0] if first and first == second else None
