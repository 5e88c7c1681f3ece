// SPDX-License-Identifier: GPL-2.0-only
/* Faults that compilers, coccinelle and a look at the text find. */
#include <linux/mutex.h>
#include <linux/version.h>

#ifdef CONFIG_SMP
static DEFINE_MUTEX(lock);
#endif

int fault(void);

int fault(void)
{
	int version;

	version = LINUX_VERSION_CODE;
	mutex_lock(&lock);
	mutex_lock(&lock);
	mutex_unlock(&lock);
	return 0;
}
