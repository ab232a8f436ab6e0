/* SPDX-License-Identifier: MIT */
#include "script_result.h"

#include "cpm/base/fs.h"

#include "temp_dir.h"

struct bench {
	struct arena *a;
	struct store *store;
	struct script_decl decl;
	struct script_place place;
	struct script_shelf shelf;
};

static str outputs[] = { S("dist/**") };

static void bench_init(struct bench *b, struct arena *a, const struct temp_dir *dir)
{
	*b = (struct bench){ .a = a };
	temp_file(dir, "m/dist/x", S("one"));
	temp_file(dir, "m/dist/deep/y", S("two"));
	temp_file(dir, "m/src", S("source"));
	CHECK_OK(store_open(str_printf(a, STR_FMT "/cache", STR_ARG(dir->path)), &b->store));
	b->decl = (struct script_decl){ .is_made = true, .outputs = { outputs, 1 } };
	b->place = (struct script_place){ dir->path, S("m"),
					  str_printf(a, STR_FMT "/m", STR_ARG(dir->path)),
					  &b->decl };
	b->shelf = (struct script_shelf){ a, b->store, S("key") };
}

static enum script_found restore(struct bench *b, str *log)
{
	int64_t when_sec;

	return script_result_restore(&b->shelf, &b->place, log, &when_sec);
}

static str text(struct bench *b, const struct temp_dir *dir, const char *path)
{
	str bytes;

	CHECK_OK(fs_read_all(b->a, dir->fd, path, 1 << 20, &bytes));
	return bytes;
}

TEST(outputs_and_log_come_back_as_they_were)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct bench b;
	str log;

	bench_init(&b, a, &dir);
	CHECK_EQ(fchmodat(dir.fd, "m/dist/x", 0755, 0), 0);
	CHECK_EQ(restore(&b, &log), RESULT_NONE);
	CHECK_OK(script_result_keep(&b.shelf, &b.place, S("o3\nlog")));
	CHECK_OK(fs_remove_tree(dir.fd, "m/dist"));
	CHECK_EQ(restore(&b, &log), RESULT_RESTORED);
	CHECK_STR(log, S("o3\nlog"));
	CHECK_STR(text(&b, &dir, "m/dist/x"), S("one"));
	CHECK_STR(text(&b, &dir, "m/dist/deep/y"), S("two"));

	struct stat st;
	CHECK(fs_lstat(dir.fd, "m/dist/x", &st));
	CHECK_EQ(st.st_mode & 0777, 0755);
	store_close(b.store);
}

TEST(a_content_that_is_not_what_was_kept_is_damage)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct bench b;
	struct digest d;
	str log;

	bench_init(&b, a, &dir);
	CHECK_OK(script_result_keep(&b.shelf, &b.place, S("log")));
	digest_of(DIGEST_SHA256, S("two"), &d);
	store_put_blob(b.store, &d, S("2wo"));
	CHECK_EQ(restore(&b, &log), RESULT_RESTORED, "what is on the disk needs no cache");
	CHECK_OK(fs_remove_tree(dir.fd, "m/dist"));
	CHECK_EQ(restore(&b, &log), RESULT_DAMAGED);
	CHECK(!store_has_blob(b.store, &d));
	store_close(b.store);
}

TEST(nothing_is_kept_or_restored_through_a_link)
{
	ARENA_SCOPE(a);
	TEMP_DIR(dir);
	struct bench b;
	str log;

	bench_init(&b, a, &dir);
	CHECK_OK(script_result_keep(&b.shelf, &b.place, S("log")));
	CHECK_OK(fs_remove_tree(dir.fd, "m/dist"));
	temp_file(&dir, "outside/keep", S(""));
	CHECK_EQ(symlinkat("../outside", dir.fd, "m/dist"), 0);
	CHECK_EQ(restore(&b, &log), RESULT_DAMAGED);
	CHECK(!fs_exists(dir.fd, "outside/x"));
	CHECK_FAILS(script_result_keep(&b.shelf, &b.place, S("log")), E_GENERIC);

	CHECK_OK(fs_unlink(dir.fd, "m/dist"));
	temp_file(&dir, "m/dist/deep/z", S(""));
	CHECK_EQ(symlinkat("../../outside/keep", dir.fd, "m/dist/x"), 0);
	CHECK_EQ(restore(&b, &log), RESULT_RESTORED);
	CHECK_STR(text(&b, &dir, "outside/keep"), S(""));
	CHECK_STR(text(&b, &dir, "m/dist/x"), S("one"));
	store_close(b.store);
}

TEST(a_record_restores_nothing_that_is_not_declared)
{
	static const char *const paths[] = { "../x", "/x", "src", "dist/../src", "dist" };

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		ARENA_SCOPE(a);
		TEMP_DIR(dir);
		struct bench b;
		str log;

		bench_init(&b, a, &dir);
		CHECK_OK(script_result_keep(&b.shelf, &b.place, S("log")));

		struct kv_port *kv = store_kv(b.store);
		str record = kv->get(kv, a, S("script-result:key"));
		kv->put(kv, S("script-result:key"),
			str_replace_all(a, record, S("dist/deep/y"), str_view(paths[i])));
		CHECK_EQ(restore(&b, &log), RESULT_DAMAGED, "%s", paths[i]);
		CHECK_STR(text(&b, &dir, "m/src"), S("source"), "%s", paths[i]);
		store_close(b.store);
	}
}

TEST(pieces_that_are_cut_end_the_log)
{
	ARENA_SCOPE(a);
	struct str_buf log = str_buf(a, 1 << 10);
	enum script_piece kind;
	str rest, bytes;

	script_pieces_add(&log, PIECE_OUT, S("a\n"));
	script_pieces_add(&log, PIECE_ERR, S(""));
	rest = buf_view(&log);
	CHECK(script_pieces_next(&rest, &kind, &bytes) && kind == PIECE_OUT);
	CHECK_STR(bytes, S("a\n"));
	CHECK(script_pieces_next(&rest, &kind, &bytes) && kind == PIECE_ERR);
	CHECK(!script_pieces_next(&rest, &kind, &bytes));
	rest = S("o5\nabc");
	CHECK(!script_pieces_next(&rest, &kind, &bytes));
}

UNIT_TESTS(TESTED(outputs_and_log_come_back_as_they_were),
	   TESTED(a_content_that_is_not_what_was_kept_is_damage),
	   TESTED(nothing_is_kept_or_restored_through_a_link),
	   TESTED(a_record_restores_nothing_that_is_not_declared),
	   TESTED(pieces_that_are_cut_end_the_log))
