// SPDX-License-Identifier: GPL-2.0-only
/* Faults that sparse and checkpatch find and compilers do not. */
#include <linux/module.h>
#include <linux/types.h>

static u32 native(__le32 value)
{
	if (value) {
		return value;
	} else
		return 0;
}

static int __init fault_init(void)
{
	return native(cpu_to_le32(THIS_MODULE->num_kp));
}
module_init(fault_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("faults");
