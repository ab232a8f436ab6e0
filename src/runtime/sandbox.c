/* SPDX-License-Identifier: MIT
 * A script of a package is foreign code with the user's rights. Two mechanisms of Linux that need
 * no privileges take most of them away again, for it and for all that it starts:
 *
 *   Landlock   what is written must lie below a folder of the script's own; devices cannot be made
 *   seccomp    sockets cannot be made, nor what could make them in another way; no tracing of
 *              others, no loading into the kernel
 *
 * A network namespace would do the second as well, but needs a fork of its own and rights that many
 * machines withhold. Source: landlock(7), seccomp(2). */
#include "cpm/runtime/sandbox.h"

#include "sandbox_enter.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cpm/base/fs.h"

/* Rights that came after the oldest headers we build with. */
#define RIGHT_REFER    (1ULL << 13)
#define RIGHT_TRUNCATE (1ULL << 14)
#define NET_TCP        3ULL /* bind, connect */
#define SCOPE_ALL      3ULL /* abstract sockets, signals */

#define RIGHTS_FILE LANDLOCK_ACCESS_FS_WRITE_FILE
#define RIGHTS_FOLDER                                                                   \
	(RIGHTS_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |                    \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |                  \
	 LANDLOCK_ACCESS_FS_MAKE_SYM)
#define RIGHTS_NEVER (LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK)

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#define ARCH 0 /* its numbers of system calls are not known here */
#endif
#define FIRST_X32_CALL 0x40000000 /* a second set of numbers for the same calls on x86-64 */

/* As the kernel has it; it takes as much as it knows. */
struct ruleset_attr {
	uint64_t fs, net, scoped;
};

static int landlock_version(void)
{
	return (int)syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
			    LANDLOCK_CREATE_RULESET_VERSION);
}

static struct err *unsupported(const char *what)
{
	return err_new(
		E_UNSUPPORTED,
		"this kernel cannot confine scripts: it has no %s. Without --sandbox-scripts they "
		"run unconfined, with --ignore-scripts not at all",
		what);
}

struct err *sandbox_check(str *weakness)
{
	int version = landlock_version();

	*weakness = STR_NULL;
	if (version < 1)
		return unsupported("Landlock");
	if (ARCH == 0 || prctl(PR_GET_SECCOMP) < 0)
		return unsupported("seccomp filter for this processor");
	if (version < 3)
		*weakness = S("this kernel cannot keep scripts from emptying files of yours");
	return NULL;
}

/* ---- what may be written ---- */

static uint64_t newer_rights(int version)
{
	return (version >= 2 ? RIGHT_REFER : 0) | (version >= 3 ? RIGHT_TRUNCATE : 0);
}

static int open_ruleset(int version)
{
	const struct ruleset_attr attr = {
		.fs = RIGHTS_FOLDER | RIGHTS_NEVER | newer_rights(version),
		.net = version >= 4 ? NET_TCP : 0,
		.scoped = version >= 6 ? SCOPE_ALL : 0,
	};
	size_t known = version >= 6 ? 3 : version >= 4 ? 2 : 1;

	return (int)syscall(SYS_landlock_create_ruleset, &attr, known * sizeof(uint64_t), 0);
}

static struct err *allow(int ruleset, const char *path, uint64_t rights)
{
	AUTO_FD fd = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr rule = { .allowed_access = rights, .parent_fd = fd };

	if (fd < 0 || syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0))
		return err_sys(errno, "confine", str_view(path));
	return NULL;
}

static struct err *allow_writing(int ruleset, int version, const struct script *s)
{
	static const char *const devices[] = { "/dev/null", "/dev/zero", "/dev/full", "/dev/tty" };
	ARENA_SCOPE(tmp);
	uint64_t newer = newer_rights(version);

	TRY(allow(ruleset, str_cstr(tmp, s->dir), RIGHTS_FOLDER | newer));
	TRY(allow(ruleset, str_cstr(tmp, s->temp_dir), RIGHTS_FOLDER | newer));
	for (size_t i = 0; i < ARRAY_LEN(devices); i++) /* where there is such a device */
		err_ignore(allow(ruleset, devices[i], RIGHTS_FILE | (newer & RIGHT_TRUNCATE)));
	return NULL;
}

/* ---- which calls are there ---- */

static const int withheld[] = {
	SYS_socket, SYS_io_uring_setup, SYS_ptrace,       SYS_process_vm_writev,
	SYS_bpf,    SYS_init_module,    SYS_finit_module, SYS_kexec_load,
};

static void add(struct sandbox *sb, struct sock_filter f)
{
	assert(sb->nfilter < SANDBOX_MAX_FILTER);
	sb->filter[sb->nfilter++] = f;
}

#define FIELD(name) offsetof(struct seccomp_data, name)

/* Another processor's calls would pass under other numbers: no such program runs. */
static void make_filter(struct sandbox *sb)
{
	const struct sock_filter refuse = BPF_STMT(BPF_RET | BPF_K,
						   SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA));

	sb->nfilter = 0;
	add(sb, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(arch)));
	add(sb, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0));
	add(sb, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
	add(sb, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(nr)));
	if (ARCH == AUDIT_ARCH_X86_64) {
		add(sb,
		    (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FIRST_X32_CALL, 0, 1));
		add(sb, refuse);
	}
	for (size_t i = 0; i < ARRAY_LEN(withheld); i++) {
		add(sb, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						     (uint32_t)withheld[i], 0, 1));
		add(sb, refuse);
	}
	add(sb, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
}

/* ---- both ---- */

struct err *sandbox_open(const struct script *s, struct sandbox *out)
{
	str weakness;

	*out = (struct sandbox){ .ruleset_fd = -1 };
	if (str_is_null(s->temp_dir))
		return NULL;
	TRY(sandbox_check(&weakness));
	int version = landlock_version();
	out->ruleset_fd = open_ruleset(version);
	if (out->ruleset_fd < 0)
		return err_sys(errno, "confine", s->dir);
	make_filter(out);
	return allow_writing(out->ruleset_fd, version, s);
}

bool sandbox_enter(const struct sandbox *sb)
{
	const struct sock_fprog program = { sb->nfilter, (struct sock_filter *)sb->filter };

	return sb->ruleset_fd < 0 || (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
				      syscall(SYS_landlock_restrict_self, sb->ruleset_fd, 0) == 0 &&
				      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

void sandbox_close(struct sandbox *sb)
{
	if (sb->ruleset_fd >= 0)
		close(sb->ruleset_fd);
	sb->ruleset_fd = -1;
}
