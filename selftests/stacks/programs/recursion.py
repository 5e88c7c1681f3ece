# SPDX-License-Identifier: GPL-2.0-only
"""Recursion through C code of the interpreter, which alone makes its stack
deep, and what scripts do besides. Runs until it is killed."""

import copy
import functools
import json
import re


class Tree:
    def __init__(self, depth):
        self.children = [Tree(depth - 1) for _ in range(2)] if depth else []
        self.name = f"node{depth}"

    def __repr__(self):
        return f"<{self.name} {self.children!r}>"

    def __lt__(self, other):
        return sorted(self.children) < sorted(other.children)

    def __getattr__(self, name):
        if name.startswith("deep"):
            depth = int(name[4:])
            return getattr(self, f"deep{depth - 1}") + 1 if depth else 0
        raise AttributeError(name)


@functools.lru_cache(maxsize=7)
def through_map(depth):
    return sum(map(through_map, [depth - 1])) + 1 if depth > 0 else 0


def through_sort(depth):
    if depth == 0:
        return 0
    return sorted([2, 1], key=lambda n: through_sort(depth - 1) + n)[0]


def through_sub(depth):
    return re.sub("x", lambda _: through_sub(depth - 1), "x") if depth else "y"


tree = Tree(4)
while True:
    repr(tree)
    tree < copy.deepcopy(tree)
    tree.deep12
    through_map(25)
    through_sort(6)
    through_sub(10)
    json.loads(json.dumps({"a": [1.5, {"b": ["text"] * 20}] * 5}, indent=1))
    str(3 ** 500 % 7 ** 90)
