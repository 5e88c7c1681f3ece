// SPDX-License-Identifier: GPL-2.0-only
/* Faults that compilers, clang-tidy and a look at the text find. */

/* @LATER@ */
int fault(int value)
{
	if (value)
		return 0;
	return 1 / value;
}
