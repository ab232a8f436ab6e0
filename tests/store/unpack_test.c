/* SPDX-License-Identifier: MIT
 * What an archive leaves on disk: exactly npm's files (npm-tree.md 14), nothing outside, nothing
 * special (T1-T11). */
#include "check.h"
#include "tar_build.h"
#include "cpm/base/fs.h"
#include "cpm/base/gzip.h"
#include "cpm/store/unpack.h"

/* A folder of its own, eight levels below another that must stay empty but for them. */
struct world {
	struct arena arena;
	char path[64];
	int top, dirfd;
	struct str_buf archive;
	struct unpack_opts opts;
	struct unpack_result result;
};

static struct world *world_open(struct arena *a)
{
	static const char inner[] = "1/2/3/4/5/6/7/8";
	struct world *w = ARENA_NEW(a, struct world);

	snprintf(w->path, sizeof(w->path), "/tmp/cpm-unpack-XXXXXX");
	CHECK(mkdtemp(w->path) != NULL, "mkdtemp");
	CHECK_OK(fs_open_dir(AT_FDCWD, w->path, &w->top));
	CHECK_OK(fs_mkdirs(w->top, inner));
	CHECK_OK(fs_open_dir(w->top, inner, &w->dirfd));
	w->archive = str_buf(a, 1 << 22);
	return w;
}

static void world_close(struct world *w)
{
	close(w->top);
	close(w->dirfd);
	CHECK_OK(fs_remove_tree(AT_FDCWD, w->path));
}

static struct err *unpack(struct arena *a, struct world *w)
{
	tar_end(&w->archive);
	return unpack_tarball(a, buf_view(&w->archive), w->dirfd, &w->opts, &w->result);
}

/* As it comes from a registry. */
static struct err *unpack_gzipped(struct arena *a, struct world *w, str archive)
{
	char *packed;
	size_t len;
	struct err *err;

	CHECK_OK(gzip(archive, GZIP_QUICK, &packed, &len));
	err = unpack_tarball(a, str_of(packed, len), w->dirfd, &w->opts, &w->result);
	free(packed);
	return err;
}

static str content(struct arena *a, struct world *w, const char *path)
{
	str text;
	struct err *err = fs_read_all(a, w->dirfd, path, 16 << 20, &text);

	if (!err)
		return text;
	err_free(err);
	return STR_NULL;
}

static unsigned mode_of(struct world *w, const char *path)
{
	struct stat st;

	return fs_lstat(w->dirfd, path, &st) ? st.st_mode & 07777 : 0;
}

static size_t count_entries(int dirfd, const char *path)
{
	AUTO_DIR it = { 0 };
	size_t n = 0;

	CHECK_OK(dir_open(dirfd, path, &it));
	while (dir_next(&it))
		n++;
	return n;
}

TEST(files_get_npms_modes_and_folders_are_made_on_the_way)
{
	static const struct {
		const char *name;
		unsigned recorded, want;
	} rows[] = {
		{ "package/a", 0644, 0644 },          { "package/b", 0755, 0755 },
		{ "package/c", 0444, 0644 },          { "package/d", 0700, 0744 },
		{ "package/e", 06755, 0755 },         { "package/f", 01777, 0755 },
		{ "package/lib/deep/g", 0644, 0644 },
	};
	ARENA_SCOPE(a);
	struct world *w = world_open(a);

	umask(022);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		tar_add(&w->archive,
			(struct tar_header){ .name = rows[i].name, .mode = rows[i].recorded },
			S("x"));
	CHECK_OK(unpack(a, w));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_EQ(mode_of(w, rows[i].name + 8), rows[i].want, "%s", rows[i].name);
	CHECK_EQ(w->result.nfiles, ARRAY_LEN(rows));
	CHECK_EQ(w->result.unpacked_bytes, ARRAY_LEN(rows));
	world_close(w);
}

TEST(t1_no_name_leads_outside)
{
	static const char *const names[] = { "package/../../evil",      "../../evil",
					     "package/..\\..\\evil",    "/package/../../../evil",
					     "package/x/../../../evil", "package/C:../evil" };
	ARENA_SCOPE(a);
	struct world *w = world_open(a);

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		tar_add_file(&w->archive, names[i], S("evil"));
	tar_add_file(&w->archive, "package/package.json", S("{}"));
	CHECK_OK(unpack(a, w));
	CHECK_EQ(count_entries(w->top, "."), 1);
	CHECK_EQ(count_entries(w->top, "1/2/3/4/5/6/7"), 1);
	CHECK_EQ(count_entries(w->dirfd, "."), 1);
	world_close(w);
}

TEST(t2_a_link_in_the_folder_is_never_walked_through)
{
	ARENA_SCOPE(a);
	struct world *w = world_open(a);

	CHECK_OK(fs_mkdir(w->top, "outside"));
	CHECK_OK(fs_symlink("../../../../../../../../outside", w->dirfd, "lib"));
	tar_add_file(&w->archive, "package/lib/x", S("evil"));
	tar_add_file(&w->archive, "package/lib/deep/x", S("evil"));
	CHECK_OK(unpack(a, w));
	CHECK_EQ(count_entries(w->top, "outside"), 0);

	buf_reset(&w->archive);
	CHECK_OK(fs_symlink("../../../../../../../../outside/f", w->dirfd, "file"));
	tar_add_file(&w->archive, "package/file", S("evil"));
	CHECK_FAILS(unpack(a, w), E_SYSTEM);
	CHECK_EQ(count_entries(w->top, "outside"), 0);
	world_close(w);
}

TEST(t4_links_folders_and_devices_leave_nothing)
{
	static const char types[] = "123456DSVz";
	ARENA_SCOPE(a);
	struct world *w = world_open(a);

	for (size_t i = 0; types[i]; i++)
		tar_add(&w->archive,
			(struct tar_header){ .name = "package/special",
					     .type = types[i],
					     .link = types[i] < '3' ? "target" : NULL },
			S(""));
	tar_add_file(&w->archive, "package/file", S(""));
	CHECK_OK(unpack(a, w));
	CHECK_EQ(count_entries(w->dirfd, "."), 1);
	world_close(w);
}

TEST(t5_the_last_of_two_entries_wins_whole)
{
	ARENA_SCOPE(a);
	struct world *w = world_open(a);

	tar_add(&w->archive, (struct tar_header){ .name = "package/package.json", .mode = 0755 },
		S("{\"name\":\"the-first-one\"}"));
	tar_add_file(&w->archive, "other/package.json", S("{}"));
	CHECK_OK(unpack(a, w));
	CHECK_STR(content(a, w, "package.json"), S("{}"));
	CHECK_STR(w->result.manifest, S("{}"));
	CHECK_EQ(w->result.nfiles, 1);
	CHECK_EQ(mode_of(w, "package.json"), 0755, "the first one's mode stays");
	world_close(w);
}

TEST(t5_what_came_first_stays_when_file_and_folder_collide)
{
	ARENA_SCOPE(a);
	struct world *w = world_open(a);

	tar_add_file(&w->archive, "package/a", S("file"));
	tar_add_file(&w->archive, "package/a/b", S("lost"));
	tar_add_file(&w->archive, "package/c/d", S("kept"));
	tar_add_file(&w->archive, "package/c", S("lost"));
	CHECK_OK(unpack(a, w));
	CHECK_STR(content(a, w, "a"), S("file"));
	CHECK_STR(content(a, w, "c/d"), S("kept"));
	world_close(w);
}

TEST(gitignore_becomes_npmignore_unless_one_came_before)
{
	ARENA_SCOPE(a);
	struct world *w = world_open(a);

	tar_add_file(&w->archive, "package/.gitignore", S("git"));
	tar_add_file(&w->archive, "package/lib/.npmignore", S("npm"));
	tar_add_file(&w->archive, "package/lib/.gitignore", S("dropped"));
	tar_add_file(&w->archive, "package/src/.gitignore", S("first"));
	tar_add_file(&w->archive, "package/src/.npmignore", S("second"));
	CHECK_OK(unpack(a, w));
	CHECK_STR(content(a, w, ".npmignore"), S("git"));
	CHECK_STR(content(a, w, "lib/.npmignore"), S("npm"));
	CHECK_STR(content(a, w, "src/.npmignore"), S("second"));
	CHECK_STR(content(a, w, ".gitignore"), STR_NULL);

	buf_reset(&w->archive);
	w->opts.keep_gitignore = true;
	tar_add_file(&w->archive, "package/git/.gitignore", S("git"));
	CHECK_OK(unpack(a, w));
	CHECK_STR(content(a, w, "git/.gitignore"), S("git"));
	world_close(w);
}

TEST(bins_become_executable_and_lose_a_windows_line_end)
{
	static const str bins[] = { { "cli.js", 6 }, { "plain.js", 8 } };
	ARENA_SCOPE(a);
	struct world *w = world_open(a);

	umask(022);
	w->opts.bins = bins;
	w->opts.nbins = ARRAY_LEN(bins);
	tar_add_file(&w->archive, "package/cli.js", S("#!/usr/bin/env node\r\nx\r\n"));
	tar_add_file(&w->archive, "package/plain.js", S("x\r\n"));
	tar_add_file(&w->archive, "package/other.js", S("#!/usr/bin/env node\r\n"));
	CHECK_OK(unpack(a, w));
	CHECK_STR(content(a, w, "cli.js"), S("#!/usr/bin/env node\nx\r\n"));
	CHECK_STR(content(a, w, "plain.js"), S("x\r\n"));
	CHECK_STR(content(a, w, "other.js"), S("#!/usr/bin/env node\r\n"));
	CHECK_EQ(mode_of(w, "cli.js"), 0755);
	CHECK_EQ(mode_of(w, "plain.js"), 0755);
	CHECK_EQ(mode_of(w, "other.js"), 0644);
	world_close(w);
}

TEST(t10_the_ceiling_on_unpacked_bytes_holds)
{
	ARENA_SCOPE(a);
	struct world *w = world_open(a);

	w->opts.cap_bytes = 2000;
	for (size_t i = 0; i < 8; i++)
		tar_add_file(&w->archive, "package/same", S("0123456789"));
	CHECK_FAILS(unpack(a, w), E_TOO_BIG);
	world_close(w);
}

TEST(t11_what_is_no_archive_is_refused)
{
	static const char *const texts[] = { "",
					     "<html>",
					     "{\"error\":\"not found\"}",
					     "\xfd"
					     "7zXZ",
					     "PK\3\4",
					     "#mtree\nfile contents=/etc/passwd\n" };
	ARENA_SCOPE(a);
	struct world *w = world_open(a);

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct err *err = unpack_tarball(a, str_view(texts[i]), w->dirfd, &w->opts,
						 &w->result);

		CHECK(err != NULL, "%s", texts[i]);
		err_free(err);
	}
	CHECK_EQ(count_entries(w->dirfd, "."), 0);
	world_close(w);
}

/* What is larger than the window comes piece by piece, where the library for that is installed, and
 * whole elsewhere. Names and texts must not go with the pieces they came in. */
TEST(a_giant_leaves_what_a_small_archive_does)
{
	ARENA_SCOPE(a);
	struct world *w = world_open(a);
	size_t len = (size_t)3 << 20, packed_len;
	char *large = arena_alloc_raw(a, len), *packed;
	const char *deep = "package/a-folder/with-a-name-that-only-an-extension-header-can-carry/"
			   "because-it-is-longer-than-a-hundred-bytes/index.js";

	for (size_t i = 0; i < len; i++)
		large[i] = (char)('a' + i % 23 + i / 4096 % 3);
	w->archive = str_buf(a, 16 << 20);
	tar_add_file(&w->archive, "package/one.js", str_of(large, len));
	tar_add(&w->archive, (struct tar_header){ .name = "pax", .type = 'x' },
		tar_pax(a, "path", deep));
	tar_add_file(&w->archive, "package/short.js", S("deep"));
	tar_add_file(&w->archive, "package/two.js", str_of(large + 1, len - 1));
	tar_add_file(&w->archive, "package/package.json", S("{\"name\":\"giant\"}"));
	tar_add_file(&w->archive, "package/three.js", str_of(large, 1000));
	tar_end(&w->archive);
	CHECK_OK(gzip(buf_view(&w->archive), GZIP_QUICK, &packed, &packed_len));
	CHECK_OK(unpack_tarball(a, str_of(packed, packed_len), w->dirfd, &w->opts, &w->result));
	CHECK_STR(w->result.manifest, S("{\"name\":\"giant\"}"));
	CHECK_EQ(w->result.nfiles, 5);
	CHECK(str_eq(content(a, w, "one.js"), str_of(large, len)), "the first");
	CHECK(str_eq(content(a, w, "two.js"), str_of(large + 1, len - 1)), "the second");
	CHECK_STR(content(a, w, str_cstr(a, str_from(str_view(deep), 8))), S("deep"));
	packed_len -= 4;
	CHECK_FAILS(unpack_tarball(a, str_of(packed, packed_len), w->dirfd, &w->opts, &w->result),
		    E_BAD_ARCHIVE);
	free(packed);
	world_close(w);
}

TEST(a_body_of_many_pieces_is_repaired_and_remembered_as_one)
{
	ARENA_SCOPE(a);
	struct world *w = world_open(a);
	const str bins[] = { S("bin.js") };
	struct str_buf manifest = str_buf(a, 1 << 20), bin = str_buf(a, 1 << 20);

	buf_add_repeat(&manifest, S(" "), 700000);
	buf_add(&manifest, S("{\"name\":\"far-off\"}"));
	buf_add(&bin, S("#!/usr/bin/env node\r\n"));
	buf_add_repeat(&bin, S("x"), 700000);
	w->opts.bins = bins;
	w->opts.nbins = 1;
	tar_add_file(&w->archive, "package/package.json", buf_view(&manifest));
	tar_add_file(&w->archive, "package/bin.js", buf_view(&bin));
	tar_end(&w->archive);
	CHECK_OK(unpack_gzipped(a, w, buf_view(&w->archive)));
	CHECK(str_eq(w->result.manifest, buf_view(&manifest)), "the manifest");
	CHECK(str_eq(content(a, w, "bin.js"),
		     str_concat(a, S("#!/usr/bin/env node\n"), str_from(buf_view(&bin), 21))),
	      "the command");
	CHECK_EQ(w->result.files[1].size, 700020);
	world_close(w);
}

/* Half of a file is there by then: the error says that it is not the file. */
TEST(a_body_that_ends_between_two_pieces_is_an_error)
{
	ARENA_SCOPE(a);
	struct world *w = world_open(a);
	struct str_buf body = str_buf(a, 1 << 20);

	buf_add_repeat(&body, S("x"), 700000);
	tar_add_file(&w->archive, "package/large.js", buf_view(&body));
	CHECK_FAILS(unpack_gzipped(a, w, str_slice(buf_view(&w->archive), 0, 512 + 512 * 1024)),
		    E_BAD_ARCHIVE);
	world_close(w);
}

UNIT_TESTS(TESTED(files_get_npms_modes_and_folders_are_made_on_the_way),
	   TESTED(t1_no_name_leads_outside),
	   TESTED(t2_a_link_in_the_folder_is_never_walked_through),
	   TESTED(t4_links_folders_and_devices_leave_nothing),
	   TESTED(t5_the_last_of_two_entries_wins_whole),
	   TESTED(t5_what_came_first_stays_when_file_and_folder_collide),
	   TESTED(gitignore_becomes_npmignore_unless_one_came_before),
	   TESTED(bins_become_executable_and_lose_a_windows_line_end),
	   TESTED(t10_the_ceiling_on_unpacked_bytes_holds),
	   TESTED(t11_what_is_no_archive_is_refused),
	   TESTED(a_giant_leaves_what_a_small_archive_does),
	   TESTED(a_body_of_many_pieces_is_repaired_and_remembered_as_one),
	   TESTED(a_body_that_ends_between_two_pieces_is_an_error))
