# SPDX-License-Identifier: GPL-2.0-only
# Targets for people. kbuild reads Kbuild, never this file.

BUILD ?= $(CURDIR)/build
# Where the running kernel's headers are; another kernel's: make KDIR=...
KDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr/local

export BUILD V D W CROSS_COMPILE STATIC PREFIX DESTDIR

MODULE_SOURCES := $(shell find Kbuild kmod -type f)
MODULE_DIR := $(BUILD)/kmod/local
MODULE_KDIR := $(wildcard $(KDIR)/Makefile)

.PHONY: all
all: userspace module ## build kprofctl and, if there are headers, kprof.ko

.PHONY: userspace
userspace: ## build/kprofctl (STATIC=1, D=1, CROSS_COMPILE=)
	+@$(MAKE) --no-print-directory -C userspace

.PHONY: module
ifeq ($(MODULE_KDIR),)
module: ## build/kprof.ko for KDIR (ARCH=, CROSS_COMPILE=)
	@echo "kprof.ko not built: no kernel headers at $(KDIR)."
	@echo "Install them (Debian: linux-headers-$(shell uname -r)) or say make KDIR=/path/to/headers"
else
module: $(BUILD)/kprof.ko ## build/kprof.ko for KDIR (ARCH=, CROSS_COMPILE=)

# Built in a copy, so that one tree serves several kernels side by side.
$(BUILD)/kprof.ko: $(MODULE_SOURCES) $(MODULE_KDIR)
	@mkdir -p $(MODULE_DIR)
	@cp -pR Kbuild kmod $(MODULE_DIR)/
	+$(MAKE) -C $(KDIR) M=$(MODULE_DIR) KPROF_W=$(if $(W),y) modules
	@cp $(MODULE_DIR)/kmod/kprof.ko $@
endif

.PHONY: install
install: userspace ## install kprofctl, its manual and completion (PREFIX, DESTDIR)
	+@$(MAKE) --no-print-directory -C userspace install

.PHONY: modules_install
modules_install: module ## install kprof.ko for KDIR (INSTALL_MOD_PATH=)
	+$(MAKE) -C $(KDIR) M=$(MODULE_DIR) modules_install

.PHONY: demo
demo: ## profile a C++ program and redis in a guest, show the results
	@selftests/deps build demo
	+@selftests/demo/run

.PHONY: check
check: ## everything that must pass
	@selftests/deps build demo check
	+@selftests/check

.PHONY: check-unit
check-unit: ## unit tests: seconds, no guest
	+@$(MAKE) --no-print-directory -C selftests/unit check-unit

.PHONY: check-guest
check-guest: userspace ## tests under a real kernel (KERNEL=amd64-6.1)
	+@$(MAKE) --no-print-directory -C selftests/guest check-guest

.PHONY: check-matrix
check-matrix: userspace ## all guest tests on all kernels: an hour or more
	@selftests/deps build demo check
	+@$(MAKE) --no-print-directory -C selftests/guest programs
	@selftests/guest/matrix $(KERNELS)

.PHONY: coverage
coverage: userspace ## which lines of the module the guest tests run
	+@$(MAKE) --no-print-directory -C selftests/guest programs
	@selftests/guest/matrix amd64-debug
	@selftests/guest/coverage amd64-debug

.PHONY: check-fresh
check-fresh: ## make demo in fresh Debian 12 and 13 systems
	@selftests/fresh

.PHONY: fuzz
fuzz: ## fuzz every parser for TIME=60 seconds
	+@$(MAKE) --no-print-directory -C selftests/fuzz fuzz

.PHONY: bench
bench: ## cost per sample and more, beside perf and bpftrace
	@selftests/deps build demo bench
	+@selftests/bench/run

.PHONY: lint
lint: ## style, layering, static analysis
	@selftests/lint/run

.PHONY: format-check
format-check: ## say which files clang-format would change
	@git ls-files '*.c' '*.h' | xargs clang-format --dry-run -Werror

.PHONY: clean
clean: ## remove build/
	rm -rf $(BUILD)

.PHONY: help
help: ## show this
	@awk -F ':.*## ' '/^[a-z_-]+:.*## / && !seen[$$1]++ \
		{ printf "  make %-16s %s\n", $$1, $$2 }' Makefile
