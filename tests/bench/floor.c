/* SPDX-License-Identifier: MIT
 * What no package manager can do without, timed by itself: making a tree's folders, writing or
 * linking its files, inflating and hashing its tarballs. All of it lies in memory before a clock
 * starts, and nobody asks a server, reads a lockfile or checks anything, so the times are floors:
 * how far a tool is above them is its own doing.
 *
 *   cc -O2 floor.c -o floor -ldeflate -lcrypto -lpthread
 *   floor TREE TARBALLS TARGET THREADS      TARGET must not exist; it is left behind */
#define _GNU_SOURCE
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <libdeflate.h>
#include <openssl/evp.h>

#define INFLATED_MAX_BYTES ((size_t)256 << 20)
#define OPEN_FOLDERS       64

struct piece {
	char *path; /* below its root */
	char *bytes;
	size_t size;
	bool is_folder;
};

struct pieces {
	struct piece *items;
	size_t len, bytes;
};

/* nftw() hands no argument on. */
static struct pieces *read_into;
static size_t root_len;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void read_file(struct piece *p, const char *path)
{
	int fd = open(path, O_RDONLY);

	p->bytes = malloc(p->size + 1);
	if (fd < 0 || !p->bytes || read(fd, p->bytes, p->size) != (ssize_t)p->size)
		die(path);
	close(fd);
}

static int visit(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	struct piece p = { .path = strdup(path + root_len), .size = (size_t)st->st_size };

	if (at->level == 0 || (kind != FTW_F && kind != FTW_D))
		return 0;
	p.is_folder = kind == FTW_D;
	if (!p.is_folder) {
		read_file(&p, path);
		read_into->bytes += p.size;
	}
	read_into->items = realloc(read_into->items, (read_into->len + 1) * sizeof(p));
	read_into->items[read_into->len++] = p;
	return 0;
}

static struct pieces read_tree(const char *root)
{
	struct pieces all = { 0 };

	read_into = &all;
	root_len = strlen(root) + 1;
	if (nftw(root, visit, OPEN_FOLDERS, FTW_PHYS))
		die(root);
	return all;
}

/* ---- the steps ---- */

struct share {
	const struct pieces *all;
	size_t from, to;
	int source, target; /* the roots */
};

/* Keeps a folder open as long as the pieces lie in it. */
struct folder {
	int root, fd;
	char path[PATH_MAX];
};

static int folder_of(struct folder *f, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	*name = slash ? slash + 1 : path;
	if (f->fd >= 0 && strlen(f->path) == len && memcmp(f->path, path, len) == 0)
		return f->fd;
	if (f->fd >= 0)
		close(f->fd);
	memcpy(f->path, path, len);
	f->path[len] = '\0';
	f->fd = openat(f->root, len ? f->path : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return f->fd;
}

static void *make_folders(void *p)
{
	struct share *s = p;

	for (size_t i = s->from; i < s->to; i++)
		if (s->all->items[i].is_folder && mkdirat(s->target, s->all->items[i].path, 0755))
			die(s->all->items[i].path);
	return NULL;
}

static void *write_files(void *p)
{
	struct share *s = p;
	struct folder to = { .root = s->target, .fd = -1 };
	const char *name;

	for (size_t i = s->from; i < s->to; i++) {
		const struct piece *file = &s->all->items[i];
		int folder, fd;

		if (file->is_folder)
			continue;
		folder = folder_of(&to, file->path, &name);
		fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (fd < 0 || write(fd, file->bytes, file->size) != (ssize_t)file->size)
			die(file->path);
		close(fd);
	}
	return NULL;
}

static void *link_files(void *p)
{
	struct share *s = p;
	struct folder from = { .root = s->source, .fd = -1 }, to = { .root = s->target, .fd = -1 };
	const char *name;

	for (size_t i = s->from; i < s->to; i++) {
		const struct piece *file = &s->all->items[i];
		int source, target;

		if (file->is_folder)
			continue;
		source = folder_of(&from, file->path, &name);
		target = folder_of(&to, file->path, &name);
		if (linkat(source, name, target, name, 0))
			die(file->path);
	}
	return NULL;
}

static void *inflate_files(void *p)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	char *out = malloc(INFLATED_MAX_BYTES);
	struct share *s = p;
	size_t len;

	for (size_t i = s->from; i < s->to; i++)
		if (!s->all->items[i].is_folder &&
		    libdeflate_gzip_decompress(d, s->all->items[i].bytes, s->all->items[i].size,
					       out, INFLATED_MAX_BYTES, &len))
			die(s->all->items[i].path);
	free(out);
	libdeflate_free_decompressor(d);
	return NULL;
}

static void *hash_files(void *p)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	struct share *s = p;

	for (size_t i = s->from; i < s->to; i++)
		if (!s->all->items[i].is_folder)
			EVP_Digest(s->all->items[i].bytes, s->all->items[i].size, digest, NULL,
				   EVP_sha512(), NULL);
	return NULL;
}

/* ---- the table ---- */

static double ms_between(struct timespec a, struct timespec b)
{
	return (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;
}

static void time_step(const char *title, void *(*step)(void *), const struct pieces *all,
		      int source, int target, size_t threads)
{
	struct timespec wall[2], cpu[2];
	pthread_t ids[threads];
	struct share shares[threads];

	clock_gettime(CLOCK_MONOTONIC, &wall[0]);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu[0]);
	for (size_t i = 0; i < threads; i++) {
		shares[i] = (struct share){ all, all->len * i / threads,
					    all->len * (i + 1) / threads, source, target };
		pthread_create(&ids[i], NULL, step, &shares[i]);
	}
	for (size_t i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	clock_gettime(CLOCK_MONOTONIC, &wall[1]);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu[1]);
	printf("| %s | %.0f | %.0f |\n", title, ms_between(wall[0], wall[1]),
	       ms_between(cpu[0], cpu[1]));
}

static int new_folder(int parent, const char *name)
{
	int fd;

	if (mkdirat(parent, name, 0755))
		die(name);
	fd = openat(parent, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		die(name);
	return fd;
}

int main(int argc, char **argv)
{
	struct pieces tree, tarballs;
	size_t threads;
	int base, written, linked;

	if (argc != 5)
		return fprintf(stderr, "usage: floor TREE TARBALLS TARGET THREADS\n"), 1;
	tree = read_tree(argv[1]);
	tarballs = read_tree(argv[2]);
	threads = strtoul(argv[4], NULL, 10);
	base = new_folder(AT_FDCWD, argv[3]);
	written = new_folder(base, "written");
	linked = new_folder(base, "linked");
	printf("%zu files and folders of %zu MB, %zu MB of tarballs, %zu threads\n\n"
	       "| step | wall ms | CPU ms |\n|---|---|---|\n",
	       tree.len, tree.bytes / 1000000, tarballs.bytes / 1000000, threads);
	time_step("hash", hash_files, &tarballs, -1, -1, threads);
	time_step("inflate", inflate_files, &tarballs, -1, -1, threads);
	time_step("make folders", make_folders, &tree, -1, written, 1);
	time_step("write files", write_files, &tree, -1, written, threads);
	time_step("make folders", make_folders, &tree, -1, linked, 1);
	time_step("link files", link_files, &tree, written, linked, threads);
	return 0;
}
