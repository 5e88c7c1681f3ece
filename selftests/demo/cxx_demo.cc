// SPDX-License-Identifier: GPL-2.0
/*
 * A C++ program to look at: threads with names, templates, lambdas, classes in
 * namespaces. Two threads multiply matrices, one sorts, one counts words.
 *
 *	cxx_demo [CPU_MS]
 *
 * Each thread works for its part of CPU_MS (default: until killed).
 *
 * Copyright (C) 2026 The kprof authors
 */
#include <pthread.h>
#include <time.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#define FRAME __attribute__((noinline))

/*
 * gcc gives a function that calls nobody no frame, whatever the options say,
 * and then its caller is missing from stacks taken by frame pointers. This makes
 * it keep one.
 */
#define LEAF_FRAME() __asm__ volatile("" : : "r"(__builtin_frame_address(0)))

namespace demo
{

static uint64_t thread_cpu_ns()
{
	timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return uint64_t(t.tv_sec) * 1000000000 + uint64_t(t.tv_nsec);
}

/* A generator of its own: the standard ones are calls into the library. */
class Random
{
      public:
	explicit Random(uint64_t seed) : state(seed)
	{
	}

	uint32_t next()
	{
		state = state * 6364136223846793005u + 1442695040888963407u;
		return uint32_t(state >> 33);
	}

      private:
	uint64_t state;
};

template <typename Number, unsigned Size> class Matrix
{
      public:
	explicit Matrix(Random &random)
	{
		for (auto &cell : cells)
			cell = Number(random.next() % 1000) / Number(7);
	}

	FRAME Number row_times_column(const Matrix &other, unsigned row,
				      unsigned column) const
	{
		Number sum = 0;

		LEAF_FRAME();
		for (unsigned i = 0; i < Size; i++)
			sum += cells[row * Size + i] *
			       other.cells[i * Size + column];
		return sum;
	}

	FRAME void multiply(const Matrix &other, Matrix &result) const
	{
		for (unsigned row = 0; row < Size; row++)
			for (unsigned column = 0; column < Size; column++)
				result.cells[row * Size + column] =
					row_times_column(other, row, column);
	}

      private:
	std::array<Number, Size * Size> cells;
};

template <typename Item, typename Less>
FRAME void quicksort(Item *items, long low, long high, Less less)
{
	while (low < high) {
		Item pivot = items[(low + high) / 2];
		long i = low, j = high;

		while (i <= j) {
			while (less(items[i], pivot))
				i++;
			while (less(pivot, items[j]))
				j--;
			if (i <= j)
				std::swap(items[i++], items[j--]);
		}
		quicksort(items, low, j, less);
		low = i;
	}
}

/* Words by an open-addressing table: no allocation while it counts. */
class WordCounter
{
      public:
	FRAME void count(const std::string &text)
	{
		uint32_t word = hash_seed;

		for (char c : text) {
			if (c != ' ') {
				word = hash_step(word, c);
				continue;
			}
			counts[word % counts.size()]++;
			word = hash_seed;
		}
	}

      private:
	static constexpr uint32_t hash_seed = 2166136261;

	FRAME static uint32_t hash_step(uint32_t hash, char c)
	{
		LEAF_FRAME();
		return (hash ^ uint8_t(c)) * 16777619;
	}

	std::array<uint32_t, 4096> counts{};
};

template <typename Work> FRAME void work_for(uint64_t cpu_ns, Work work)
{
	while (thread_cpu_ns() < cpu_ns)
		work();
}

FRAME void multiply_thread(uint64_t cpu_ns)
{
	Random random(1);
	Matrix<double, 48> a(random), b(random), c(random);

	work_for(cpu_ns, [&] { a.multiply(b, c); });
}

FRAME void sort_thread(uint64_t cpu_ns)
{
	std::vector<uint32_t> items(20000);
	Random random(2);

	work_for(cpu_ns, [&] {
		for (auto &item : items)
			item = random.next();
		quicksort(items.data(), 0, long(items.size()) - 1,
			  [](uint32_t a, uint32_t b) { return a < b; });
	});
}

FRAME void count_thread(uint64_t cpu_ns)
{
	Random random(3);
	WordCounter counter;
	std::string text;

	for (int i = 0; i < 20000; i++)
		text += random.next() % 6 ? char('a' + random.next() % 26)
					  : ' ';
	work_for(cpu_ns, [&] { counter.count(text); });
}

} // namespace demo

int main(int argc, char **argv)
{
	uint64_t cpu_ns =
		argc > 1 ? strtoull(argv[1], nullptr, 10) * 250000 : UINT64_MAX;
	const struct {
		const char *name;
		void (*run)(uint64_t cpu_ns);
	} jobs[] = {
		{"multiply/0", demo::multiply_thread},
		{"multiply/1", demo::multiply_thread},
		{"sort", demo::sort_thread},
		{"count", demo::count_thread},
	};
	std::vector<std::thread> threads;

	for (const auto &job : jobs)
		threads.emplace_back([&job, cpu_ns] {
			pthread_setname_np(pthread_self(), job.name);
			job.run(cpu_ns);
		});
	for (auto &thread : threads)
		thread.join();
	return 0;
}
