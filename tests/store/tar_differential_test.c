/* SPDX-License-Identifier: MIT
 * Well-formed archives as libarchive writes and reads them, in three formats: our reader must see
 * the same files. */
#include "check.h"
#include "tar.h"

#include <archive.h>
#include <archive_entry.h>

#include <locale.h>

struct sample {
	char name[600];
	unsigned mode;
	size_t size;
};

static uint64_t random_state = 42;

static unsigned random_below(unsigned n)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(random_state >> 33) % n;
}

static void make_sample(struct sample *s)
{
	static const char *const parts[] = {
		"lib",        "a-rather-long-folder-name-to-fill-the-field",
		"src",        "\xc3\xa9t\xc3\xa9",
		"@scope",     "index.js",
		"with space", "x"
	};
	size_t depth = 1 + random_below(9);

	snprintf(s->name, sizeof(s->name), "package");
	for (size_t i = 0; i < depth; i++) {
		size_t len = strlen(s->name);

		snprintf(s->name + len, sizeof(s->name) - len, "/%s",
			 parts[random_below(ARRAY_LEN(parts))]);
	}
	s->mode = random_below(2) ? 0644 : 0755;
	s->size = random_below(3) ? random_below(1500) : 0;
}

static size_t write_archive(char *buf, size_t room, int format, const struct sample *samples,
			    size_t n)
{
	static char body[2048];
	struct archive *w = archive_write_new();
	size_t used = 0;

	memset(body, 'b', sizeof(body));
	CHECK_EQ(archive_write_set_format(w, format), ARCHIVE_OK);
	CHECK_EQ(archive_write_open_memory(w, buf, room, &used), ARCHIVE_OK);
	for (size_t i = 0; i < n; i++) {
		struct archive_entry *e = archive_entry_new();

		archive_entry_set_pathname(e, samples[i].name);
		archive_entry_set_size(e, (int64_t)samples[i].size);
		archive_entry_set_filetype(e, AE_IFREG);
		archive_entry_set_perm(e, samples[i].mode);
		archive_entry_set_mtime(e, 1700000000, 123456789);
		CHECK(archive_write_header(w, e) >= ARCHIVE_WARN, "%s", archive_error_string(w));
		archive_write_data(w, body, samples[i].size);
		archive_entry_free(e);
	}
	archive_write_close(w);
	archive_write_free(w);
	return used;
}

static void compare(const char *buf, size_t len)
{
	ARENA_SCOPE(a);
	struct archive *r = archive_read_new();
	struct archive_entry *theirs;
	struct tar tar = tar_open(a, str_of(buf, len));
	struct tar_entry ours;

	archive_read_support_format_tar(r);
	CHECK_EQ(archive_read_open_memory(r, buf, len), ARCHIVE_OK);
	while (archive_read_next_header(r, &theirs) == ARCHIVE_OK) {
		CHECK(tar_next(&tar, &ours), "%s", archive_entry_pathname(theirs));
		CHECK_STR(ours.path, str_view(archive_entry_pathname(theirs)));
		CHECK_EQ(ours.mode, archive_entry_perm(theirs));
		CHECK_EQ(ours.body.len, archive_entry_size(theirs));
		for (size_t i = 0; i < ours.body.len; i++)
			CHECK_EQ(ours.body.p[i], 'b');
	}
	CHECK(!tar_next(&tar, &ours), "more than libarchive sees");
	CHECK_OK(tar_finish(&tar));
	archive_read_free(r);
}

TEST(archives_of_libarchive_are_read_as_libarchive_reads_them)
{
	static const int formats[] = { ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE,
				       ARCHIVE_FORMAT_TAR_GNUTAR,
				       ARCHIVE_FORMAT_TAR_PAX_RESTRICTED };
	static char buf[1 << 20];
	struct sample samples[20];

	for (size_t round = 0; round < 60; round++) {
		size_t n = 1 + random_below(ARRAY_LEN(samples));

		for (size_t i = 0; i < n; i++)
			make_sample(&samples[i]);
		compare(buf, write_archive(buf, sizeof(buf), formats[round % ARRAY_LEN(formats)],
					   samples, n));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { TESTED(
		archives_of_libarchive_are_read_as_libarchive_reads_them) };

	setlocale(LC_ALL, "C.UTF-8"); /* libarchive converts names by the locale */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
