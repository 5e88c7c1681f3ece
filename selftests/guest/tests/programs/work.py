# SPDX-License-Identifier: GPL-2.0
"""Works a while, for who looks at the interpreter from outside."""

import re
import sys


class Tree:
    def __init__(self, depth):
        self.children = [Tree(depth - 1) for _ in range(3)] if depth else []
        self.name = f"{depth:04x}-{id(self) % 97}"

    def walk(self):
        yield self.name
        for child in self.children:
            yield from child.walk()


def work():
    names = sorted(Tree(5).walk(), key=lambda name: name[::-1])
    numbers = {name: int(name[:4], 16) * 7919 ** 20 for name in names}
    text = ",".join(f"{key}={value}" for key, value in numbers.items())
    return sum(map(int, re.findall(r"=(\d+)", text))) % 1000003


for _ in range(int(sys.argv[1])):
    last = work()
print(last)
