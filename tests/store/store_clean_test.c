/* SPDX-License-Identifier: MIT
 * What cpm cache does: listing, verifying, cleaning. */
#include "store_fixture.h"

static void keep_value(struct fixture *f, const char *name, const char *value)
{
	struct kv_port *kv = store_kv(f->store);

	kv->put(kv, str_view(name), str_view(value));
}

static bool has_value(struct fixture *f, const char *name)
{
	struct kv_port *kv = store_kv(f->store);

	return !str_is_null(kv->get(kv, &f->arena, str_view(name)));
}

TEST(the_list_names_tarballs_by_integrity_and_values_by_name)
{
	FIXTURE(f);
	struct store_item *items;
	struct digest d = fixture_keep(&f, S("tarball"));
	size_t count;

	keep_value(&f, "packument:x", "value");
	store_list(&f.arena, f.store, &items, &count);
	CHECK_EQ(count, 2, "items");
	CHECK(items[0].is_blob);
	CHECK_STR(items[0].key, integrity_format(&f.arena, &d), "first");
	CHECK_EQ(items[0].bytes, 7, "bytes");
	CHECK(!items[1].is_blob);
	CHECK_STR(items[1].key, S("packument:x"), "second");
}

TEST(verifying_a_sound_cache_counts_what_is_in_it)
{
	FIXTURE(f);
	struct store_stats stats;

	CHECK_OK(store_verify(f.store, &stats));
	CHECK_EQ(stats.blobs, 0, "in an empty one");
	fixture_keep(&f, S("one"));
	fixture_keep(&f, S("three"));
	keep_value(&f, "packument:x", "value");
	CHECK_OK(store_verify(f.store, &stats));
	CHECK_EQ(stats.blobs, 2, "blobs");
	CHECK_EQ(stats.blob_bytes, 8, "bytes");
	CHECK_EQ(stats.packuments, 1, "values");
	CHECK_EQ(stats.bad_blobs, 0, "bad");
}

TEST(verifying_drops_what_is_not_what_it_should_be)
{
	FIXTURE(f);
	struct digest good = fixture_keep(&f, S("good")), bad;
	struct store_stats stats;

	digest_of(DIGEST_SHA512, S("what it should be"), &bad);
	store_put_blob(f.store, &bad, S("what it is"));
	CHECK_OK(store_verify(f.store, &stats));
	CHECK_EQ(stats.blobs, 1, "sound");
	CHECK_EQ(stats.bad_blobs, 1, "bad");
	CHECK_EQ(stats.bad_bytes, 10, "bad bytes");
	CHECK(store_has_blob(f.store, &good));
	CHECK(!store_has_blob(f.store, &bad));
}

TEST(verifying_gives_space_back)
{
	FIXTURE(f);
	struct store_stats stats;
	ARENA_SCOPE(a);
	str megabyte = str_of(arena_alloc(a, 1 << 20), 1 << 20);
	struct digest d = fixture_keep(&f, megabyte);

	store_flush(f.store);
	store_drop_blob(f.store, &d);
	CHECK_OK(store_verify(f.store, &stats));
	CHECK(stats.reclaimed_bytes >= 1 << 20, "%ju", (uintmax_t)stats.reclaimed_bytes);
}

TEST(cleaning_leaves_nothing)
{
	FIXTURE(f);
	struct store_item *items;
	struct digest d = fixture_keep(&f, S("tarball"));
	size_t count;

	keep_value(&f, "packument:x", "value");
	fixture_reopen(&f);
	CHECK_OK(store_clean(f.store));
	CHECK(!store_has_blob(f.store, &d));
	CHECK(!has_value(&f, "packument:x"));
	store_list(&f.arena, f.store, &items, &count);
	CHECK_EQ(count, 0, "items");
}

TEST(one_key_can_be_cleaned)
{
	static const struct {
		const char *key, *name;
		bool removed;
	} rows[] = {
		{ "packument:http://localhost/x", "packument:http://localhost/x", true },
		{ "http://localhost/x", "packument:http://localhost/x", true },
		{ "x", "packument:http://localhost/x", true },
		{ "@s/x", "packument:http://localhost/@s%2fx", true },
		{ "localhost", "packument:http://localhost/x", false },
		{ "x", "packument:http://localhost/xx", false },
		{ "", "packument:http://localhost/", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		FIXTURE(f);

		keep_value(&f, rows[i].name, "value");
		CHECK_EQ(store_clean_key(f.store, str_view(rows[i].key)), rows[i].removed, "row %zu", i);
		CHECK_EQ(has_value(&f, rows[i].name), !rows[i].removed, "row %zu", i);
	}
}

TEST(a_body_goes_with_its_value_and_is_not_listed)
{
	FIXTURE(f);
	struct kv_port *kv = store_kv(f.store);
	struct store_item *items;
	size_t count;

	CHECK(kv->give_body(kv, S("x"), strdup("body"), 4));
	keep_value(&f, "x", "value");
	store_list(&f.arena, f.store, &items, &count);
	CHECK_EQ(count, 1, "items");
	CHECK(store_clean_key(f.store, S("x")));
	CHECK_STR(kv->get_body(kv, &f.arena, S("x"), 0, 4), STR_NULL, "gone");
}

TEST(a_tarball_is_cleaned_by_its_integrity)
{
	FIXTURE(f);
	struct digest d = fixture_keep(&f, S("tarball"));
	str integrity = integrity_format(&f.arena, &d);

	fixture_reopen(&f);
	CHECK(store_clean_key(f.store, integrity));
	CHECK(!store_has_blob(f.store, &d));
	CHECK(!store_clean_key(f.store, integrity));
}

UNIT_TESTS(TESTED(the_list_names_tarballs_by_integrity_and_values_by_name),
	   TESTED(verifying_a_sound_cache_counts_what_is_in_it), TESTED(verifying_drops_what_is_not_what_it_should_be),
	   TESTED(verifying_gives_space_back), TESTED(cleaning_leaves_nothing), TESTED(one_key_can_be_cleaned),
	   TESTED(a_body_goes_with_its_value_and_is_not_listed), TESTED(a_tarball_is_cleaned_by_its_integrity))
