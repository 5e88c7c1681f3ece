# SPDX-License-Identifier: GPL-2.0
"""Programs with debug information, on which symbols are compared with what other
tools say: of Debian, which nobody here compiled, and some that are built here.
"""

import glob
import os
import shutil
import subprocess

from judge import BUILD

HERE = os.path.dirname(os.path.abspath(__file__))

CXX_PROGRAM = r"""
#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace shapes {
struct shape {
	virtual ~shape() = default;
	virtual double area() const = 0;
};
template <int N> struct polygon : shape {
	double side = N;
	double area() const override {
		double sum = 0;
		for (int i = 0; i < N; i++)
			sum += side * i / (N + 1);
		return sum;
	}
};
namespace {
template <typename T> T add(T a, T b) { return a + b; }
}
}

static std::map<std::string, int> count(const std::string &text)
{
	std::map<std::string, int> words;
	std::istringstream in(text);
	for (std::string word; in >> word;)
		words[word]++;
	return words;
}

int main(int argc, char **argv)
{
	std::vector<std::unique_ptr<shapes::shape>> all;
	all.push_back(std::make_unique<shapes::polygon<3>>());
	all.push_back(std::make_unique<shapes::polygon<8>>());
	double sum = 0;
	for (auto &shape : all)
		sum = shapes::add(sum, shape->area());
	std::regex expression("([a-z]+)([0-9]*)");
	std::vector<std::string> words;
	for (auto &entry : count(argc > 1 ? argv[1] : "some words and some"))
		if (std::regex_match(entry.first, expression))
			words.push_back(entry.first);
	std::sort(words.begin(), words.end(), [](auto &a, auto &b) {
		return a.size() < b.size() || (a.size() == b.size() && a < b);
	});
	std::cout << std::accumulate(words.begin(), words.end(), std::string())
		  << sum << "\n";
}
"""

RUST_PROGRAM = r"""
use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;

trait Shape {
    fn area(&self) -> f64;
}

struct Polygon<const N: usize>(f64);

impl<const N: usize> Shape for Polygon<N> {
    fn area(&self) -> f64 {
        (0..N).map(|i| self.0 * i as f64 / (N + 1) as f64).sum()
    }
}

mod words {
    use super::*;

    pub fn count(text: &str) -> HashMap<String, usize> {
        let mut words = HashMap::new();
        for word in text.split_whitespace() {
            *words.entry(word.to_lowercase()).or_insert(0) += 1;
        }
        words
    }

    pub fn show<K: Display + Ord, V: Display>(all: impl Iterator<Item = (K, V)>) -> String {
        let sorted: BTreeMap<K, V> = all.collect();
        sorted
            .iter()
            .map(|(k, v)| format!("{k}: {v}"))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

fn main() {
    let text = std::env::args().nth(1).unwrap_or("some Words and some".into());
    let shapes: Vec<Box<dyn Shape>> = vec![Box::new(Polygon::<3>(2.0)), Box::new(Polygon::<8>(1.5))];
    let total: f64 = shapes.iter().map(|s| s.area()).sum();
    let mut numbers: Vec<u64> = text.bytes().map(|b| b as u64 * 7919 % 101).collect();
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    let parsed = text.parse::<f64>().map_err(|e| e.to_string());
    println!("{} {total} {numbers:?} {parsed:?}", words::show(words::count(&text).into_iter()));
}
"""


class Program:
    """path: the program as it ships; debug_dir: tree with its debug file, None
    where it has all in itself; described: the file with symbols and DWARF"""

    def __init__(self, name, path, debug_dir=None, described=None):
        self.name = name
        self.path = path
        self.debug_dir = debug_dir
        self.described = described or self.find_debug_file() or path

    def find_debug_file(self):
        build_id = build_id_of(self.path)
        if not build_id:
            return None
        path = os.path.join(self.debug_dir or "/usr/lib/debug", ".build-id",
                            build_id[:2], build_id[2:] + ".debug")
        return path if os.path.exists(path) else None


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=True,
                          **options).stdout


def build_id_of(path):
    with subprocess.Popen(["readelf", "-n", path], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as process:
        for line in process.stdout:
            if "Build ID: " in line:
                return line.split()[-1]
    return None


# Built here

def build_cxx(folder):
    source = os.path.join(folder, "program.cc")
    with open(source, "w", encoding="utf-8") as file:
        file.write(CXX_PROGRAM)
    program = os.path.join(folder, "program")
    run(["g++", "-std=c++17", "-O2", "-g", "-o", program, source])
    return Program("C++", program)


def build_rust(folder):
    source = os.path.join(folder, "program.rs")
    with open(source, "w", encoding="utf-8") as file:
        file.write(RUST_PROGRAM)
    program = os.path.join(folder, "rust")
    run(["rustc", "--edition", "2021", "-O", "-g", "-C", "codegen-units=4",
         "-o", program, source])
    return Program("Rust", program)


# Debian's: name of its folder, file in it

DEBIAN = {
    "python3.11": ("python", "usr/bin/python3.11"),
    "libstdc++": ("libstdc++", "usr/lib/*/libstdc++.so.6.0.[0-9]*[0-9]"),
    "valgrind": ("valgrind", "usr/libexec/valgrind/memcheck-amd64-linux"),
    "libc": ("libc-amd64", "*/*/libc.so.6"),
    "libc of arm64": ("libc-arm64", "*/*/libc.so.6"),
    "libc of armhf": ("libc-armhf", "*/*/libc.so.6"),
    "libc of riscv64": ("libc-riscv64", "*/*/*/libc.so.6"),
    "vmlinux": ("vmlinux", "usr/lib/debug/boot/vmlinux-*"),
}


def find_debian(name):
    folder, pattern = DEBIAN[name]
    found = subprocess.run([os.path.join(HERE, "debian-programs"), folder],
                           stdout=subprocess.PIPE, text=True, check=False)
    root = found.stdout.strip()
    if found.returncode or not root:
        return None
    for path in glob.glob(os.path.join(root, pattern)):
        return Program(name, os.path.realpath(path),
                       os.path.join(root, "usr/lib/debug"))
    return None


# The guest tests' own, with a debug file that objcopy made

def find_sqlite():
    path = os.path.join(BUILD, "guest-programs", "database")
    debug = os.path.join(BUILD, "guest-debug")
    if not os.path.exists(path):
        return None
    return Program("SQLite", path, debug, os.path.join(debug, "database"))


# All

def has(tool):
    return shutil.which(tool) is not None


def find(name, folder):
    """(the program, ""), or (None, why not); what is built goes to @folder."""
    if name in ("C++", "Rust"):
        compiler, build = {"C++": ("g++", build_cxx),
                           "Rust": ("rustc", build_rust)}[name]
        if not has(compiler):
            return None, f"there is no {compiler} here"
        return build(folder), ""
    if name == "SQLite":
        return find_sqlite(), "it was not built (make -C selftests/guest programs)"
    return find_debian(name), "the mirror does not have it now"


NAMES = ["C++", "Rust", "SQLite", *(n for n in DEBIAN if n != "vmlinux")]
