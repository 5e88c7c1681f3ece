// SPDX-License-Identifier: GPL-2.0-only
//! Threads that sort, format, hash, recurse and panic. Runs until it is killed.
//!
//! Copyright (C) 2026 The kprof authors

use std::collections::{BTreeMap, HashMap};
use std::panic;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

static SINK: AtomicU64 = AtomicU64::new(0);

trait Visit {
    fn visit(&self, depth: u32, n: u64) -> u64;
}

struct Sorter;
struct Writer;
struct Panicker;

fn next(n: u64) -> u64 {
    n.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407)
}

impl Visit for Sorter {
    fn visit(&self, depth: u32, n: u64) -> u64 {
        if depth > 0 {
            return self.visit(depth - 1, next(n)).wrapping_add(1);
        }
        let mut numbers: Vec<u64> = (0..n % 200).map(|i| next(n ^ i)).collect();
        numbers.sort_by(|a, b| b.count_ones().cmp(&a.count_ones()).then(a.cmp(b)));
        numbers.first().copied().unwrap_or(n)
    }
}

impl Visit for Writer {
    fn visit(&self, depth: u32, n: u64) -> u64 {
        let mut words = HashMap::new();
        let mut sorted = BTreeMap::new();
        for i in 0..depth as u64 + 1 {
            let word = format!("{:?}-{:e}-{:x}", Some(i), n as f64 / 7.0, next(i));
            *words.entry(word.len()).or_insert(0u64) += i;
            sorted.insert(word, i);
        }
        let text: String = sorted.keys().flat_map(|k| k.chars().rev()).collect();
        words.len() as u64 + text.matches("e-").count() as u64
    }
}

impl Visit for Panicker {
    fn visit(&self, depth: u32, n: u64) -> u64 {
        let owned = vec![n; depth as usize + 1];
        if depth == 0 {
            panic::resume_unwind(Box::new(n));
        }
        self.visit(depth - 1, n).wrapping_add(owned.len() as u64)
    }
}

fn attempt(visitor: &dyn Visit, n: u64) -> u64 {
    let depth = (n >> 20) as u32 % 25;
    panic::catch_unwind(panic::AssertUnwindSafe(|| visitor.visit(depth, n))).unwrap_or(1)
}

fn work(index: u64) {
    let all: [Box<dyn Visit>; 3] = [Box::new(Sorter), Box::new(Writer), Box::new(Panicker)];
    let mut n = index;
    loop {
        n = next(n);
        let visitor = &*all[(n >> 40) as usize % all.len()];
        SINK.fetch_add(attempt(visitor, n), Ordering::Relaxed);
    }
}

fn main() {
    thread::spawn(|| work(1));
    work(0);
}
