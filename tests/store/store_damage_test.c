/* SPDX-License-Identifier: MIT
 * F13 as a table: whatever is wrong with the file, a run with it works, keeps what it fetches, and the next run finds
 * that again. */
#include "store_fixture.h"

#define BYTES 300000

static void overwrite(const struct fixture *f, str bytes)
{
	CHECK_OK(fs_write_replace(AT_FDCWD, f->file, bytes, 0644));
}

static void remove_file(struct fixture *f)
{
	CHECK_OK(fs_unlink(AT_FDCWD, f->file));
}

static void empty_file(struct fixture *f)
{
	overwrite(f, S(""));
}

static void random_bytes(struct fixture *f)
{
	char *bytes = arena_alloc(&f->arena, BYTES);

	for (size_t i = 0; i < BYTES; i++)
		bytes[i] = (char)(i * 2654435761u >> 13);
	overwrite(f, str_of(bytes, BYTES));
}

static void cut_in_half(struct fixture *f)
{
	struct stat st;

	CHECK(fs_lstat(AT_FDCWD, f->file, &st));
	CHECK(truncate(f->file, st.st_size / 2) == 0);
}

/* Zeros from one place to another, as a power cut leaves pages that were never written. */
static void zero(const struct fixture *f, off_t from, size_t len)
{
	AUTO_FD fd = -1;
	char *zeros = calloc(1, len);

	CHECK_OK(fs_open(AT_FDCWD, f->file, O_WRONLY, &fd));
	CHECK(pwrite(fd, zeros, len, from) == (ssize_t)len);
	free(zeros);
}

static void zeroed_first_page(struct fixture *f)
{
	zero(f, 0, 32768);
}

static void zeroed_schema(struct fixture *f)
{
	zero(f, 100, 32768 - 100);
}

static void zeroed_table(struct fixture *f)
{
	zero(f, 32768, 3 * 32768);
}

static void zeroed_contents(struct fixture *f)
{
	zero(f, 4 * 32768, 4 * 32768);
}

static void a_folder(struct fixture *f)
{
	remove_file(f);
	CHECK_OK(fs_mkdirs(AT_FDCWD, f->file));
	CHECK_OK(fs_write_replace(AT_FDCWD, str_printf(&f->arena, "%s/file", f->file).p, S("x"), 0644));
}

static void a_stale_journal(struct fixture *f)
{
	CHECK_OK(fs_write_replace(AT_FDCWD, str_printf(&f->arena, "%s-journal", f->file).p, S("not a journal"), 0644));
}

static void a_dangling_link(struct fixture *f)
{
	remove_file(f);
	CHECK_OK(fs_symlink("/nowhere/at/all", AT_FDCWD, f->file));
}

static void a_fifo(struct fixture *f)
{
	remove_file(f);
	CHECK(mkfifo(f->file, 0600) == 0);
}

static const struct {
	const char *name;
	void (*damage)(struct fixture *f);
} damages[] = {
	{ "missing", remove_file },
	{ "empty", empty_file },
	{ "random bytes", random_bytes },
	{ "cut in half", cut_in_half },
	{ "first page zero", zeroed_first_page },
	{ "schema zero", zeroed_schema },
	{ "tables zero", zeroed_table },
	{ "contents zero", zeroed_contents },
	{ "a folder", a_folder },
	{ "a stale journal", a_stale_journal },
	{ "a dangling link", a_dangling_link },
	{ "a fifo", a_fifo },
};

/* A cache with something in it, closed. */
static struct digest fill(struct fixture *f)
{
	struct kv_port *kv = store_kv(f->store);
	char *bytes = arena_alloc(&f->arena, BYTES);
	struct digest d;

	memset(bytes, 'x', BYTES);
	d = fixture_keep(f, str_of(bytes, BYTES));
	kv->put(kv, S("name"), str_of(bytes, BYTES));
	store_close(f->store);
	f->store = NULL;
	return d;
}

/* What a command does: it asks, it fetches what it did not get or what is not right, and keeps it. */
static void run(struct fixture *f, const struct digest *d, const char *what)
{
	char *bytes = arena_alloc(&f->arena, BYTES);
	struct kv_port *kv;
	struct digest got;
	str blob, value;

	CHECK_OK(store_open(str_view(f->dir), &f->store));
	kv = store_kv(f->store);
	memset(bytes, 'x', BYTES);
	value = kv->get(kv, &f->arena, S("name"));
	CHECK(str_is_null(value) || str_eq(value, str_of(bytes, BYTES)), "%s: a wrong value came back", what);
	blob = fixture_blob(f, d);
	digest_of(DIGEST_SHA512, blob, &got);
	if (!str_is_null(blob) && !digest_eq(d, &got))
		store_drop_blob(f->store, d);
	store_put_blob(f->store, d, str_of(bytes, BYTES));
	kv->put(kv, S("name"), str_of(bytes, BYTES));
	store_close(f->store);

	CHECK_OK(store_open(str_view(f->dir), &f->store));
	kv = store_kv(f->store);
	CHECK(str_eq(fixture_blob(f, d), str_of(bytes, BYTES)), "%s: the blob was not kept", what);
	CHECK(str_eq(kv->get(kv, &f->arena, S("name")), str_of(bytes, BYTES)), "%s: the value was not kept", what);
}

TEST(a_damaged_database_costs_what_was_in_it_and_nothing_else)
{
	for (size_t i = 0; i < ARRAY_LEN(damages); i++) {
		FIXTURE(f);
		struct digest d = fill(&f);

		damages[i].damage(&f);
		run(&f, &d, damages[i].name);
	}
}

TEST(a_damaged_database_is_kept_for_inspection_once)
{
	FIXTURE(f);
	size_t kept = 0;

	for (int round = 0; round < 3; round++) {
		struct digest d = fill(&f);

		random_bytes(&f);
		run(&f, &d, "random bytes");
	}
	AUTO_DIR it = { 0 };
	CHECK_OK(dir_open(AT_FDCWD, f.dir, &it));
	while (dir_next(&it))
		kept += str_starts(str_view(it.name), S("cache.db.corrupt-"));
	CHECK_EQ(kept, 1, "set aside");
	CHECK_EQ(f.warnings, 3, "one each time");
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

TEST(bytes_flipped_anywhere_never_give_a_wrong_value_or_a_crash)
{
	uint32_t state = 1;

	for (int round = 0; round < 80; round++) {
		FIXTURE(f);
		struct digest d = fill(&f);
		AUTO_FD fd = -1;
		struct stat st;

		CHECK(fs_lstat(AT_FDCWD, f.file, &st));
		CHECK_OK(fs_open(AT_FDCWD, f.file, O_RDWR, &fd));
		for (int i = 0; i < 1 + round % 20; i++) {
			off_t at = next_random(&state) % (round % 2 ? st.st_size : 2000);
			char c = (char)next_random(&state);

			CHECK(pwrite(fd, &c, 1, at) == 1);
		}
		close(TAKE_FD(fd));
		run(&f, &d, "flipped bytes");
	}
}

static void set_number(const struct fixture *f, off_t at, uint32_t value)
{
	const unsigned char bytes[] = { (unsigned char)(value >> 24), (unsigned char)(value >> 16),
					(unsigned char)(value >> 8), (unsigned char)value };
	AUTO_FD fd = -1;

	CHECK_OK(fs_open(AT_FDCWD, f->file, O_WRONLY, &fd));
	CHECK(pwrite(fd, bytes, sizeof(bytes), at) == sizeof(bytes));
}

/* Where SQLite's header has the two numbers. */
#define USER_VERSION_AT	  60
#define APPLICATION_ID_AT 68

TEST(somebody_elses_database_is_set_aside)
{
	FIXTURE(f);
	struct digest d = fill(&f);

	set_number(&f, APPLICATION_ID_AT, 0x12345678);
	run(&f, &d, "application id");
	CHECK_EQ(f.warnings, 1, "warnings");
}

/* F35 */
TEST(a_newer_format_is_left_alone_and_worked_beside)
{
	FIXTURE(f);
	struct digest d = fill(&f);
	struct stat before, after;

	set_number(&f, USER_VERSION_AT, 1000);
	CHECK(fs_lstat(AT_FDCWD, f.file, &before));
	run(&f, &d, "newer format");
	CHECK(fs_lstat(AT_FDCWD, f.file, &after));
	CHECK_EQ(after.st_ino, before.st_ino, "the same file");
	CHECK_EQ(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec, "not written");
	CHECK_EQ(f.warnings, 0, "warnings");
}

TEST(a_file_removed_while_in_use_is_begun_anew)
{
	FIXTURE(f);
	struct digest d = fixture_keep(&f, S("one"));

	store_flush(f.store);
	remove_file(&f);
	fixture_keep(&f, S("two"));
	store_flush(f.store);
	d = fixture_keep(&f, S("three"));
	fixture_reopen(&f);
	CHECK(store_has_blob(f.store, &d));
}

/* One byte of a value, which SQLite cannot notice. */
static void spoil_value(struct fixture *f, char what)
{
	AUTO_FD fd = -1;
	str file;

	CHECK_OK(fs_read_all(&f->arena, AT_FDCWD, f->file, 64 << 20, &file));
	CHECK_OK(fs_open(AT_FDCWD, f->file, O_WRONLY, &fd));
	for (size_t i = 8; i < file.len; i++)
		if (file.p[i] == what && file.p[i - 8] == what) {
			CHECK(pwrite(fd, "!", 1, (off_t)i - 4) == 1);
			return;
		}
	CHECK(false, "the value is not in the file");
}

TEST(a_damaged_value_that_a_reader_finds_costs_that_value_alone)
{
	FIXTURE(f);
	struct kv_port *kv = store_kv(f.store);
	struct digest d = fixture_keep(&f, S("one"));
	char *bytes = arena_alloc(&f.arena, BYTES);

	memset(bytes, 'y', BYTES);
	kv->put(kv, S("spoilt"), str_of(bytes, BYTES));
	kv->put(kv, S("sound"), S("two"));
	store_close(f.store);
	spoil_value(&f, 'y');
	CHECK_OK(store_open(str_view(f.dir), &f.store));
	kv = store_kv(f.store);

	store_begin_reading(f.store);
	CHECK(str_eq(kv->get(kv, &f.arena, S("sound")), S("two")), "read before");
	CHECK(str_is_null(kv->get(kv, &f.arena, S("spoilt"))), "a wrong value came back");
	CHECK(str_eq(kv->get(kv, &f.arena, S("sound")), S("two")), "read after");
	store_end_reading(f.store);
	CHECK_EQ(f.warnings, 0, "warnings");

	fixture_reopen(&f);
	kv = store_kv(f.store);
	CHECK(str_eq(fixture_blob(&f, &d), S("one")), "the blob stayed");
	CHECK(str_eq(kv->get(kv, &f.arena, S("sound")), S("two")), "the sound value stayed");
	CHECK(str_is_null(kv->get(kv, &f.arena, S("spoilt"))), "the spoilt value went");
}

UNIT_TESTS(TESTED(a_damaged_database_costs_what_was_in_it_and_nothing_else),
	   TESTED(a_damaged_database_is_kept_for_inspection_once),
	   TESTED(bytes_flipped_anywhere_never_give_a_wrong_value_or_a_crash), TESTED(somebody_elses_database_is_set_aside),
	   TESTED(a_newer_format_is_left_alone_and_worked_beside), TESTED(a_file_removed_while_in_use_is_begun_anew),
	   TESTED(a_damaged_value_that_a_reader_finds_costs_that_value_alone))
