/* SPDX-License-Identifier: MIT
 * Zip archives through libarchive. Packages are gzipped tar and have a reader of their own (tar.h),
 * because speed counts there; advisories come as zip a few times a day at most. Of libarchive's
 * formats and filters only this one is switched on: what else it can read, nobody sends us in good
 * faith. */
#include "cpm/store/zip.h"

#include "cpm/base/fs.h"

#include <archive.h>
#include <archive_entry.h>

#define BLOCK_BYTES ((size_t)64 << 10)
#define FIRST_ROOM  ((size_t)16 << 10)

struct zip {
	struct archive *archive;
	str name; /* borrowed */
};

bool zip_is_zip(str first_bytes)
{
	return str_starts(first_bytes, S("PK\3\4")) || str_starts(first_bytes, S("PK\5\6"));
}

static struct err *failed(const struct zip *z)
{
	const char *why = archive_error_string(z->archive);

	return err_new(E_BAD_ARCHIVE, "'" STR_FMT "' is damaged: %s", STR_ARG(z->name),
		       why ? why : "it ends too early");
}

struct err *zip_open(int fd, str name, struct zip **out)
{
	struct zip *z = calloc(1, sizeof(*z));

	if (!z)
		out_of_memory();
	*out = z;
	z->name = name;
	z->archive = archive_read_new();
	if (!z->archive)
		out_of_memory();
	archive_read_support_format_zip_seekable(z->archive);
	return archive_read_open_fd(z->archive, fd, BLOCK_BYTES) == ARCHIVE_OK ? NULL : failed(z);
}

void zip_close(struct zip *z)
{
	if (!z)
		return;
	if (z->archive)
		archive_read_free(z->archive);
	free(z);
}

void zip_close_auto(struct zip **z)
{
	zip_close(*z);
}

/* Sizes that an archive claims are not believed. */
static struct err *read_content(struct arena *a, struct zip *z, size_t cap_bytes, str name,
				str *out)
{
	size_t room = FIRST_ROOM, len = 0;
	char *p = arena_alloc_raw(a, room);
	la_ssize_t n;

	while ((n = archive_read_data(z->archive, p + len, room - len)) > 0) {
		len += (size_t)n;
		if (len > cap_bytes)
			return err_new(E_TOO_BIG, "'" STR_FMT "' in '" STR_FMT "' is over %zu MiB",
				       STR_ARG(name), STR_ARG(z->name), cap_bytes >> 20);
		if (len == room) {
			p = arena_grow(a, p, room, 2 * room);
			room *= 2;
		}
	}
	*out = str_of(p, len);
	return n == 0 ? NULL : failed(z);
}

struct err *zip_next(struct arena *a, struct zip *z, size_t cap_bytes, str *name, str *bytes)
{
	struct archive_entry *entry;
	const char *path;
	int code;

	*name = *bytes = STR_NULL;
	do {
		code = archive_read_next_header(z->archive, &entry);
		if (code == ARCHIVE_EOF)
			return NULL;
		if (code < ARCHIVE_WARN)
			return failed(z);
	} while (archive_entry_filetype(entry) != AE_IFREG);
	path = archive_entry_pathname(entry);
	*name = str_dup(a, str_view(path ? path : "an entry without a name"));
	return read_content(a, z, cap_bytes, *name, bytes);
}
