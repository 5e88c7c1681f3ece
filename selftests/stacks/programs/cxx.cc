// SPDX-License-Identifier: GPL-2.0-only
/*
 * Threads that sort, throw through many frames, and are interrupted by signals
 * that they handle on their own and on other stacks. Runs until it is killed.
 * With any argument one thread runs at a time, and there are no signals.
 *
 * Copyright (C) 2026 The kprof authors
 */
#include <algorithm>
#include <alloca.h>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr unsigned THREADS = 3;
constexpr unsigned ATTEMPTS_PER_TURN = 16;
constexpr size_t SIGNAL_STACK = 64 * 1024;
volatile unsigned long sink;

// Large enough to be stopped in.
__attribute__((noinline)) unsigned long churn(unsigned long n)
{
	std::vector<unsigned long> numbers(n % 61 + 3);

	for (auto &number : numbers)
		number = n = n * 6364136223846793005ul + 1442695040888963407ul;
	std::sort(numbers.begin(), numbers.end());
	return numbers[numbers.size() / 2];
}

void on_signal(int number)
{
	sink += churn(static_cast<unsigned long>(number));
}

struct Base {
	virtual ~Base() = default;
	virtual unsigned long visit(unsigned depth, unsigned long n) = 0;
};

struct Thrower : Base {
	unsigned long visit(unsigned depth, unsigned long n) override
	{
		std::string owned(n % 40, 'x');

		if (depth == 0)
			throw std::runtime_error(owned + std::to_string(n));
		return visit(depth - 1, n + owned.size()) + 1;
	}
};

struct Allocator : Base {
	// A frame of variable size is found by its frame register.
	unsigned long visit(unsigned depth, unsigned long n) override
	{
		auto *bytes = static_cast<unsigned char *>(alloca(n % 300 + 1));

		memset(bytes, static_cast<int>(n), n % 300 + 1);
		return depth ? visit(depth - 1, bytes[0] + n) + 1 : churn(n);
	}
};

struct Words : Base {
	unsigned long visit(unsigned, unsigned long n) override
	{
		static const std::regex digits("([0-9]+)-([a-f]*)");
		std::ostringstream stream;
		std::map<std::string, unsigned long> counts;
		std::smatch match;

		for (unsigned i = 0; i < 8; i++) {
			stream.str("");
			stream << std::dec << n % 1000 << '-' << std::hex << n;
			counts[stream.str()]++;
			std::string text = stream.str();
			if (std::regex_search(text, match, digits))
				n += static_cast<unsigned long>(match.length());
			n ^= n >> 3;
		}
		return n + counts.size();
	}
};

unsigned long attempt(Base &base, unsigned long n)
{
	try {
		std::function<unsigned long(unsigned)> call =
			[&](unsigned depth) { return base.visit(depth, n); };
		return call(static_cast<unsigned>(n % 23));
	} catch (const std::exception &error) {
		return strlen(error.what());
	}
}

// Whose turn it is; THREADS of nobody and all.
class Turns {
public:
	unsigned whose = THREADS;

	void wait_for(unsigned index)
	{
		std::unique_lock<std::mutex> lock(mutex);

		changed.wait(lock, [&] { return whose >= THREADS || whose == index; });
	}

	void pass()
	{
		std::lock_guard<std::mutex> lock(mutex);

		if (whose < THREADS)
			whose = (whose + 1) % THREADS;
		changed.notify_all();
	}

private:
	std::mutex mutex;
	std::condition_variable changed;
} turns;

// Signals come by the thread's own CPU time, so never while it waits.
void interrupt_often(unsigned index)
{
	struct sigevent event = {};
	struct itimerspec every = {};
	timer_t timer;

	event.sigev_notify = SIGEV_THREAD_ID;
	event.sigev_signo = index % 2 ? SIGUSR1 : SIGUSR2;
	event._sigev_un._tid = gettid();
	every.it_interval.tv_nsec = every.it_value.tv_nsec = 4000000;
	if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer) == 0)
		timer_settime(timer, 0, &every, nullptr);
}

void work(unsigned index)
{
	auto stack_memory = std::make_unique<char[]>(SIGNAL_STACK);
	stack_t own = {};
	std::unique_ptr<Base> all[] = { std::make_unique<Thrower>(),
					std::make_unique<Allocator>(),
					std::make_unique<Words>() };

	own.ss_sp = stack_memory.get();
	own.ss_size = SIGNAL_STACK;
	sigaltstack(&own, nullptr);
	if (turns.whose >= THREADS)
		interrupt_often(index);
	for (unsigned long n = index;; n++) {
		if (n % ATTEMPTS_PER_TURN == 0)
			turns.pass();
		turns.wait_for(index);
		sink += attempt(*all[n % 3], n * 2654435761u);
	}
}

void handle(int number, int flags)
{
	struct sigaction action = {};

	action.sa_handler = on_signal;
	action.sa_flags = flags | SA_RESTART;
	sigaction(number, &action, nullptr);
}

} // namespace

int main(int argc, char **)
{
	std::vector<std::thread> threads;

	if (argc > 1)
		turns.whose = 0;
	handle(SIGUSR1, 0);
	handle(SIGUSR2, SA_ONSTACK);
	for (unsigned i = 1; i < THREADS; i++)
		threads.emplace_back(work, i);
	work(0);
}
