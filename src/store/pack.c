/* SPDX-License-Identifier: MIT
 * The archive itself: ustar headers as node-tar writes them, a PAX header where a name does not
 * fit, the same date on every file. Nothing of the machine gets in but names, contents and
 * permissions. */
#include "cpm/store/pack.h"

#include "cpm/base/fs.h"
#include "cpm/base/fs_beneath.h"
#include "cpm/base/json.h"
#include "cpm/base/path.h"
#include "packlist.h"

#include <errno.h>

#define BLOCK          512
#define PACK_MAX_BYTES ((uint64_t)2 << 30)
#define MANIFEST_MAX_BYTES ((size_t)16 << 20)
#define PACK_TIME_SEC  499162500 /* 1985-10-26T08:15:00Z: zip knows no earlier decade */
#define SIZE_FIELD_MAX 077777777777ull
#define NAME_BYTES     100
#define PREFIX_BYTES   155

enum {
	MODE_AT = 100,
	SIZE_AT = 124,
	MTIME_AT = 136,
	SUM_AT = 148,
	TYPE_AT = 156,
	MAGIC_AT = 257,
	DEVMAJOR_AT = 329,
	DEVMINOR_AT = 337,
	PREFIX_AT = 345
};

/* ---- headers ---- */

struct tarball {
	char *p;
	size_t len, room;
};

static char *reserve(struct tarball *t, size_t bytes)
{
	char *at;

	if (t->room - t->len < bytes) {
		t->room = MAX(2 * t->room, t->len + bytes);
		t->p = realloc(t->p, t->room);
		if (!t->p)
			out_of_memory();
	}
	at = t->p + t->len;
	memset(at, 0, bytes);
	t->len += bytes;
	return at;
}

static size_t padded(size_t len)
{
	return (len + BLOCK - 1) / BLOCK * BLOCK;
}

/* Octal digits up to the last but one byte, a blank behind them when there is room. */
static void put_number(char *field, size_t size, uint64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llo", (unsigned long long)n);

	memset(field, '0', size - 1);
	if ((size_t)len == size - 1) {
		memcpy(field, digits, (size_t)len);
		return;
	}
	memcpy(field + size - 2 - (size_t)len, digits, (size_t)len);
	field[size - 2] = ' ';
}

static void put_text(char *field, size_t size, str s)
{
	memcpy(field, s.p, MIN(s.len, size));
}

/* Where the name is cut into prefix and rest; false when it does not fit. */
static bool split_name(str path, str *prefix, str *name)
{
	*prefix = S("");
	*name = path;
	if (path.len < NAME_BYTES)
		return true;
	for (size_t at = path.len; at-- > 0;) {
		if (path.p[at] != '/')
			continue;
		*prefix = str_slice(path, 0, at);
		*name = str_from(path, at + 1);
		if (name->len <= NAME_BYTES && prefix->len <= PREFIX_BYTES)
			return true;
		if (name->len > NAME_BYTES)
			break;
	}
	*name = str_slice(path_basename(path), 0, NAME_BYTES - 1);
	if (prefix->len > PREFIX_BYTES) {
		*prefix = S("");
		*name = str_slice(path, 0, NAME_BYTES - 1);
	}
	return false;
}

static bool is_ascii(str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] & 0x80)
			return false;
	return true;
}

static void put_header(struct tarball *t, str prefix, str name, mode_t mode, uint64_t size,
		       char type)
{
	char *h = reserve(t, BLOCK);
	unsigned sum = 0;

	put_text(h, NAME_BYTES, name);
	put_number(h + MODE_AT, 8, mode);
	put_number(h + SIZE_AT, 12, MIN(size, SIZE_FIELD_MAX));
	put_number(h + MTIME_AT, 12, PACK_TIME_SEC);
	h[TYPE_AT] = type;
	memcpy(h + MAGIC_AT,
	       "ustar\0"
	       "00",
	       8);
	put_number(h + DEVMAJOR_AT, 8, 0);
	put_number(h + DEVMINOR_AT, 8, 0);
	put_text(h + PREFIX_AT, PREFIX_BYTES, prefix);
	memset(h + SUM_AT, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)h[i];
	memset(h + SUM_AT, 0, 8);
	put_number(h + SUM_AT, 8, sum);
}

/* "27 path=package/x\n": the number counts itself. */
static void add_pax_field(struct str_buf *out, const char *key, str value)
{
	size_t len = strlen(key) + value.len + 3, digits = 1;

	for (size_t n = 10; len + digits >= n; n *= 10)
		digits++;
	buf_printf(out, "%zu %s=" STR_FMT "\n", len + digits, key, STR_ARG(value));
}

static void put_pax(struct arena *a, struct tarball *t, str path, uint64_t size)
{
	struct str_buf body = str_buf(a, (size_t)1 << 20);
	str name = str_slice(str_concat(a, S("PaxHeader/"), path_basename(path)), 0,
			     NAME_BYTES - 1);

	add_pax_field(&body, "path", path);
	add_pax_field(&body, "mtime", str_printf(a, "%d", PACK_TIME_SEC));
	add_pax_field(&body, "size", str_printf(a, "%llu", (unsigned long long)size));
	put_header(t, S(""), name, 0644, body.len, 'x');
	memcpy(reserve(t, padded(body.len)), body.p, body.len);
}

/* ---- files ---- */

/* npm compares a command's file with the path behind its first slash, so that only those at the top
 * of the package, which have none, become executable here; "@x" is "./@x" to it. The rest does when its link is made. */
static bool is_bin(struct arena *a, const struct json *manifest, str path)
{
	const struct json *bin = json_get(manifest, "bin");
	size_t slash = str_find_char(path, '/');
	str rest = slash == STR_NPOS || path.p[0] == '@' ? path : str_from(path, slash + 1);

	if (json_is(bin, JSON_STRING))
		return str_eq(path_clean(a, bin->string), rest);
	for (size_t i = 0; json_is(bin, JSON_OBJECT) && i < bin->count; i++)
		if (json_is(bin->members[i].val, JSON_STRING) &&
		    str_eq(path_clean(a, bin->members[i].val->string), rest))
			return true;
	return false;
}

static struct err *read_exactly(int fd, char *to, size_t len, str path)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = read(fd, to + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(errno, "read", path);
		if (n == 0)
			return err_new(E_GENERIC,
				       "'" STR_FMT "' became shorter while it was packed",
				       STR_ARG(path));
		done += (size_t)n;
	}
	return NULL;
}

static struct err *put_file_header(struct arena *a, struct tarball *t, const struct pack_file *f,
				   uint64_t size)
{
	str name = str_concat(a, S("package/"), f->path), prefix, rest;

	if (size > PACK_MAX_BYTES - t->len)
		return err_new(E_TOO_BIG, "the package is larger than %llu bytes",
			       (unsigned long long)PACK_MAX_BYTES);
	if (!split_name(name, &prefix, &rest) || !is_ascii(name))
		put_pax(a, t, name, size);
	put_header(t, prefix, rest, f->mode, size, '0');
	return NULL;
}

static struct err *put_file(struct arena *a, struct tarball *t, int dirfd,
			    const struct pack_file *f)
{
	AUTO_FD fd = fs_open_beneath(dirfd, str_cstr(a, f->path), O_RDONLY | O_NONBLOCK, 0);
	struct stat st;

	/* Bundled packages may be links inside of the package: packlist.c has looked where they
	 * lead. */
	if (fd < 0 && errno == ELOOP && f->is_bundled)
		TRY(fs_open(dirfd, str_cstr(a, f->path), O_RDONLY | O_NONBLOCK | O_NOFOLLOW, &fd));
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(errno, "open", f->path);
	if (!S_ISREG(st.st_mode))
		return err_new(E_GENERIC, "'" STR_FMT "' is no regular file any more",
			       STR_ARG(f->path));
	TRY(put_file_header(a, t, f, (uint64_t)st.st_size));
	return read_exactly(fd, reserve(t, padded((size_t)st.st_size)), (size_t)st.st_size,
			    f->path);
}

/* What a project patches is its own affair: its package.json goes out without a word of it, laid out as it was. */
static struct err *put_unpatched(struct arena *a, struct tarball *t, int dirfd,
				 const struct pack_file *f, const struct json *manifest)
{
	struct str_buf out = str_buf(a, MANIFEST_MAX_BYTES);
	struct json *copy = json_dup(a, manifest);
	struct json_style style;
	str text;

	TRY(fs_read_all(a, dirfd, str_cstr(a, f->path), MANIFEST_MAX_BYTES, &text));
	style = json_style_of(text);
	json_del(copy, S("patchedDependencies"));
	json_write(&out, copy, style);
	buf_add(&out, style.newline);
	TRY(put_file_header(a, t, f, out.len));
	memcpy(reserve(t, padded(out.len)), out.p, out.len);
	return NULL;
}

static struct err *list_open(struct arena *a, str folder, const struct pack_opts *opts, int *dirfd,
			     struct pack_file **files, size_t *count,
			     const struct json **out_manifest)
{
	const struct json *manifest;
	str root;

	TRY(fs_real_path(a, str_cstr(a, folder), &root));
	TRY(fs_open_dir(AT_FDCWD, str_cstr(a, root), dirfd));
	TRY(packlist_make(a, *dirfd, root, opts, files, count, &manifest));
	*out_manifest = manifest;
	for (size_t i = 0; i < *count; i++) {
		struct pack_file *f = &(*files)[i];

		f->mode = ((f->mode | (is_bin(a, manifest, f->path) ? 0111 : 0)) | 0600) &
			  (mode_t)~022;
	}
	return NULL;
}

struct err *pack_list(struct arena *a, str folder, const struct pack_opts *opts,
		      struct pack_file **files, size_t *count)
{
	const struct json *manifest;
	AUTO_FD dirfd = -1;

	return list_open(a, folder, opts, &dirfd, files, count, &manifest);
}

struct err *pack_folder(str folder, const struct pack_opts *opts, char **bytes, size_t *len)
{
	ARENA_SCOPE(tmp);
	struct tarball t = { 0 };
	struct pack_file *files;
	const struct json *manifest;
	AUTO_FD dirfd = -1;
	size_t count;
	bool is_patched;

	TRY(list_open(tmp, folder, opts, &dirfd, &files, &count, &manifest));
	is_patched = opts && opts->drops_patches && json_get(manifest, "patchedDependencies");
	for (size_t i = 0; i < count; i++) {
		ARENA_SCOPE(scratch);
		struct err *err = is_patched && str_eq(files[i].path, S("package.json"))
					  ? put_unpatched(scratch, &t, dirfd, &files[i], manifest)
					  : put_file(scratch, &t, dirfd, &files[i]);

		if (err) {
			free(t.p);
			return err;
		}
	}
	reserve(&t, 2 * BLOCK);
	*bytes = t.p;
	*len = t.len;
	return NULL;
}
