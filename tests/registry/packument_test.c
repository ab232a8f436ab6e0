/* SPDX-License-Identifier: MIT */
#include "cpm/registry/packument.h"

#include "check.h"

static struct packument *scan(struct arena *a, str body)
{
	struct packument *p = NULL;

	CHECK_OK(packument_scan(a, S("a"), body, &p));
	return p;
}

static str manifest_of(struct arena *a, str text)
{
	str body = str_printf(a, "{\"versions\":{\"1.0.0\":" STR_FMT "}}", STR_ARG(text));
	struct packument *p = scan(a, body);

	return p->nversions ? p->versions[0].manifest : STR_NULL;
}

TEST(versions_stand_newest_first)
{
	ARENA_SCOPE(a);
	const str wanted[] = {
		S("10.0.0"),      S("2.0.0"),       S("2.0.0-rc.10"), S("2.0.0-rc.2"),
		S("1.2.3+b"),     S("1.2.3+a"),     S("v1.0.0"),      S("0.9007199254740991.0"),
		S("0.1048576.0"), S("0.1048575.0"), S("0.0.1"),       S("nonsense"),
		S("latest")
	};
	struct packument *p = scan(a, S("{\"versions\":{\"nonsense\":{},\"0.0.1\":{},\"2.0.0-rc."
					"2\":{},\"1.2.3+b\":{},\"1.2.3+a\":{},"
					"\"latest\":{},\"10.0.0\":{},\"2.0.0\":{},\"2.0.0-rc.10\":{"
					"},\"v1.0.0\":{},\"0.1048575.0\":{},"
					"\"0.9007199254740991.0\":{},\"0.1048576.0\":{}}}"));

	CHECK_EQ(p->nversions, ARRAY_LEN(wanted), "count");
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		CHECK_STR(p->versions[i].version, wanted[i], "place %zu", i);
		CHECK(packument_find(p, wanted[i]) == &p->versions[i], STR_FMT, STR_ARG(wanted[i]));
	}
	CHECK(str_is_null(p->versions[11].semver.text), "a key that is no version has none");
	CHECK(packument_find(p, S("3.0.0")) == NULL, "absent");
	CHECK(packument_find(p, S("1.2.3")) == NULL, "exact key only");
	CHECK(packument_find(p, S("")) == NULL, "empty");
	CHECK(packument_find(p, S("other")) == NULL, "no version");
}

TEST(manifests_are_cut_to_what_installing_needs)
{
	const struct {
		str text, kept;
	} rows[] = {
		{ S("{\"name\":\"a\",\"readme\":\"long\",\"version\":\"1.0.0\",\"devDependencies\":"
		    "{\"x\":\"1\"}}"),
		  S("{\"name\":\"a\",\"version\":\"1.0.0\"}") },
		{ S("{}"), S("{}") },
		{ S("{ \"x\" : 1 }"), S("{}") },
		{ S("{\"dist\":{\"shasum\":\"s\",\"fileCount\":3,\"tarball\":\"t\",\"signatures\":["
		    "{\"sig\":\"x\"}],"
		    "\"integrity\":\"i\",\"unpackedSize\":9}}"),
		  S("{\"dist\":{\"integrity\":\"i\",\"shasum\":\"s\",\"tarball\":\"t\","
		    "\"unpackedSize\":9}}") },
		{ S("{\"dist\":{\"shasum\":\"0123456789012345678901234567890123456789\","
		    "\"tarball\":\"t\",\"integrity\":\"sha512-x\"}}"),
		  S("{\"dist\":{\"integrity\":\"sha512-x\",\"tarball\":\"t\"}}") },
		{ S("{\"dist\":{\"integrity\":\"sha512-x\",\"shasum\":"
		    "\"0123456789012345678901234567890123456789\"}}"),
		  S("{\"dist\":{\"integrity\":\"sha512-x\"}}") },
		{ S("{\"dist\":{\"integrity\":\"sha1-x\",\"shasum\":"
		    "\"0123456789012345678901234567890123456789\"}}"),
		  S("{\"dist\":{\"integrity\":\"sha1-x\",\"shasum\":"
		    "\"0123456789012345678901234567890123456789\"}}") },
		{ S("{\"dist\":{\"tarball\":{},\"integrity\":[]}}"), S("{}") },
		{ S("{\"dist\":[1]}"), S("{}") },
		{ S("{\"scripts\":{\"test\":\"x\",\"install\":\"y\",\"postinstall\":\"z\"},\"os\":["
		    "\"linux\"]}"),
		  S("{\"scripts\":{\"install\":\"y\",\"postinstall\":\"z\"},\"os\":[\"linux\"]}") },
		{ S("{\"scripts\":{\"test\":\"x\"},\"bin\":\"b\"}"), S("{\"bin\":\"b\"}") },
		{ S("{\"scripts\":\"x\"}"), S("{}") },
		{ S("{\"deprecated\":false,\"hasInstallScript\":false}"), S("{}") },
		{ S("{\"deprecated\":\"\"}"), S("{}") },
		{ S("{\"deprecated\":\"no\",\"hasInstallScript\":true}"),
		  S("{\"deprecated\":\"no\",\"hasInstallScript\":true}") },
		{ S("{\"Name\":\"b\",\"name\" : \"a\"}"), S("{\"name\" : \"a\"}") },
		{ S("{\"license\":{\"type\":\"MIT\"},\"engines\":[\"node >= "
		    "4\"],\"funding\":null}"),
		  S("{\"license\":{\"type\":\"MIT\"},\"engines\":[\"node >= "
		    "4\"],\"funding\":null}") },
		{ S("[]"), STR_NULL },
		{ S("null"), STR_NULL },
		{ S("\"x\""), STR_NULL },
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		CHECK_STR(manifest_of(a, rows[i].text), rows[i].kept, "row %zu", i);
}

TEST(every_kept_field_is_kept)
{
	ARENA_SCOPE(a);

	for (const char *const *field = packument_kept_fields; *field; field++) {
		bool is_object = strcmp(*field, "dist") == 0 || strcmp(*field, "scripts") == 0;
		str value = is_object ? S("{\"tarball\":\"t\",\"install\":\"i\"}") : S("true");
		str text = str_printf(a, "{\"%s\":" STR_FMT "}", *field, STR_ARG(value));

		CHECK(str_find(manifest_of(a, text), str_view(*field)) == 2, "%s", *field);
	}
}

TEST(tags_times_and_marks_are_found_wherever_they_stand)
{
	ARENA_SCOPE(a);
	const str bodies[] = {
		S("{\"time\":{\"created\":\"x\",\"1.0.0\":\"2020\",\"2.0.0\":\"2021\"},\"dist-"
		  "tags\":{\"latest\":\"2.0.0\",\"n\":3},"
		  "\"versions\":{\"1.0.0\":{\"deprecated\":\"old\"},\"2.0.0\":{\"engines\":{"
		  "\"node\":\">=4\"}}}}"),
		S("{\"versions\":{\"2.0.0\":{\"engines\" : "
		  "{\"node\":\">=4\"}},\"1.0.0\":{\"deprecated\":\"old\"}},"
		  "\"dist-tags\":{\"latest\":\"1.0.0\",\"latest\":\"2.0.0\"},\"time\":{\"2.0.0\":"
		  "\"2021\",\"x\":7,\"1.0.0\":\"2020\"}}"),
		S("\xef\xbb\xbf { \"versions\" : [ ] , \"ver\\u0073ions\" : { \"1.0.0\" : { "
		  "\"deprecated\" : \"old\" } ,\n"
		  "\"2.0.0\" : {\"engines\":{\"node\":\">=4\"}} } , "
		  "\"time\":{\"1.0.0\":\"2020\",\"2.0.0\":\"2021\"},"
		  "\"dist-tags\":[], \"dist-tags\":{\"latest\":\"2.0.0\"} } "),
	};

	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		struct packument *p = scan(a, bodies[i]);

		CHECK_EQ(p->nversions, 2, "body %zu", i);
		CHECK_STR(packument_tag(p, S("latest")), S("2.0.0"), "body %zu", i);
		CHECK(str_is_null(packument_tag(p, S("n"))), "body %zu: a tag is text", i);
		CHECK(p->has_time, "body %zu", i);
		CHECK_STR(p->versions[0].time, S("2021"), "body %zu", i);
		CHECK_STR(p->versions[1].time, S("2020"), "body %zu", i);
		CHECK_STR(p->versions[0].engines, S("{\"node\":\">=4\"}"), "body %zu", i);
		CHECK(str_is_null(p->versions[1].engines), "body %zu", i);
		CHECK(p->versions[1].is_deprecated && !p->versions[0].is_deprecated, "body %zu", i);
	}
}

TEST(t14_the_last_of_two_equal_keys_counts)
{
	ARENA_SCOPE(a);
	const struct {
		str versions, key, manifest;
		size_t count;
	} rows[] = {
		{ S("\"1.0.0\":{\"bin\":1},\"2.0.0\":{},\"1.0.0\":{\"bin\":2}"), S("1.0.0"),
		  S("{\"bin\":2}"), 2 },
		{ S("\"1.0.0+a\":{\"bin\":1},\"1.0.0+b\":{},\"1.0.0+a\":{\"bin\":2}"), S("1.0.0+a"),
		  S("{\"bin\":2}"), 2 },
		{ S("\"x\":{\"bin\":1},\"y\":{},\"x\":{\"bin\":2}"), S("x"), S("{\"bin\":2}"), 2 },
		{ S("\"1.0.0\":{},\"1.0.0\":{},\"1.0.0\":{\"bin\":3}"), S("1.0.0"),
		  S("{\"bin\":3}"), 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		str body = str_printf(a, "{\"versions\":{" STR_FMT "}}", STR_ARG(rows[i].versions));
		struct packument *p = scan(a, body);

		CHECK_EQ(p->nversions, rows[i].count, "row %zu", i);
		CHECK_STR(packument_find(p, rows[i].key)->manifest, rows[i].manifest, "row %zu", i);
	}
}

TEST(t27_what_is_no_packument_is_refused)
{
	const str bodies[] = {
		S(""),
		S("[]"),
		S("null"),
		S("<html>"),
		S("{"),
		S("{\"versions\":{\"1.0.0\":{\"name\":\"a\""),
		S("{\"versions\":{}}x"),
		S("{\"versions\":{\"1.0.0\":}}"),
		S("{\"versions\":{1:2}}"),
		S("{\"a\":tru}"),
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		struct packument *p;

		CHECK_FAILS(packument_scan(a, S("a"), bodies[i], &p), E_BAD_RESPONSE);
	}
}

TEST(t27_fields_of_a_wrong_type_are_dropped)
{
	const str bodies[] = {
		S("{}"),
		S("{\"versions\":[],\"time\":1,\"dist-tags\":\"x\"}"),
		S("{\"versions\":{\"1.0.0\":3}}"),
		S("{\"versions\":null,\"dist-tags\":null,\"time\":null}"),
		S("{\"versions\":{\"a\\u0000b\":{}}}"),
	};
	ARENA_SCOPE(a);

	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		struct packument *p = scan(a, bodies[i]);

		CHECK_EQ(p->nversions, 0, "body %zu", i);
		CHECK_EQ(p->ntags, 0, "body %zu", i);
		CHECK(!p->has_time, "body %zu", i);
	}
}

static struct packument *sample(struct arena *a)
{
	struct packument *p = scan(a, S("{\"dist-tags\":{\"latest\":\"1.0.0-b.1+x\",\"old\":\"0.1."
					"0\"},\"versions\":{\"0.1.0\":{\"name\":\"a\"},"
					"\"1.0.0-b.1+x\":{\"deprecated\":\"yes\",\"engines\":{"
					"\"node\":\"*\"}},\"1.0-odd\":{}},"
					"\"time\":{\"0.1.0\":\"2020\"}}"));

	p->etag = S("\"e\"");
	p->fetched_at_sec = 1234567890123;
	p->max_age_sec = 300;
	return p;
}

static void check_same_version(const struct packument_version *got,
			       const struct packument_version *want)
{
	CHECK_STR(got->version, want->version, "version");
	CHECK_STR(got->manifest, want->manifest, "manifest");
	CHECK_STR(got->engines, want->engines, "engines");
	CHECK_STR(got->time, want->time, "time");
	CHECK_STR(got->semver.text, want->semver.text, "text");
	CHECK_STR(got->semver.pre, want->semver.pre, "pre");
	CHECK_STR(got->semver.build, want->semver.build, "build");
	CHECK_EQ(got->semver.major, want->semver.major, "major");
	CHECK_EQ(got->is_deprecated, want->is_deprecated, "deprecated");
}

TEST(thawing_gives_back_what_was_frozen)
{
	ARENA_SCOPE(a);
	const struct packument *p = sample(a);
	struct packument *q;

	CHECK_OK(packument_thaw(a, packument_freeze(a, p), &q));
	packument_take_manifests(q, p->manifests);
	CHECK_STR(q->name, p->name, "name");
	CHECK_STR(q->etag, p->etag, "etag");
	CHECK_STR(q->last_modified, STR_NULL, "last-modified");
	CHECK_EQ(q->fetched_at_sec, p->fetched_at_sec, "fetched");
	CHECK_EQ(q->max_age_sec, 300, "max-age");
	CHECK(q->has_time, "time");
	CHECK_EQ(q->nversions, 3, "versions");
	for (size_t i = 0; i < q->nversions; i++)
		check_same_version(&q->versions[i], &p->versions[i]);
	CHECK_STR(packument_tag(q, S("old")), S("0.1.0"), "tag");
	CHECK_STR(packument_freeze(a, q), packument_freeze(a, p), "again");
}

/* Hands out pieces of what was frozen, as a cache would. */
struct shelf {
	struct packument_reader reader;
	str manifests;
	unsigned reads;
};

static struct err *read_all(struct packument_reader *reader, const struct packument *p,
			    const struct packument_version *v)
{
	struct shelf *s = (struct shelf *)reader;

	(void)v;
	s->reads++;
	packument_take_manifests(p, s->manifests);
	return NULL;
}

TEST(a_head_has_all_but_the_manifests)
{
	ARENA_SCOPE(a);
	const struct packument *p = sample(a);
	str head = packument_freeze(a, p), text;
	struct shelf shelf = { { .read = read_all }, p->manifests, 0 };
	struct packument *q;

	CHECK_OK(packument_thaw(a, head, &q));
	q->reader = &shelf.reader;
	CHECK_EQ(packument_manifests_len(q), shelf.manifests.len, "length");
	CHECK_STR(packument_freeze(a, q), head, "freezes to the same again");
	CHECK_STR(packument_tag(q, S("old")), S("0.1.0"), "tag");
	for (size_t i = 0; i < q->nversions; i++) {
		CHECK_OK(packument_manifest(q, &q->versions[i], &text));
		CHECK_STR(text, p->versions[i].manifest, "manifest %zu", i);
		check_same_version(&q->versions[i], &p->versions[i]);
	}
	CHECK_EQ(shelf.reads, 1, "what is known is not read again");
	CHECK_STR(packument_freeze(a, q), head, "still");
}

TEST(a_manifest_that_is_not_the_frozen_one_is_not_taken)
{
	ARENA_SCOPE(a);
	const struct packument *p = sample(a);
	str other = str_dup(a, p->manifests);
	struct packument *q;

	((char *)other.p)[p->versions[0].manifest.p - p->manifests.p + 2] ^= 1;
	CHECK_OK(packument_thaw(a, packument_freeze(a, p), &q));
	packument_take_manifests(q, other);
	CHECK_STR(q->versions[0].manifest, STR_NULL, "damaged");
	CHECK(!str_is_null(q->versions[1].manifest), "sound");
	packument_take_manifests(q, STR_NULL);
	CHECK_STR(q->versions[0].manifest, STR_NULL, "absent");
}

TEST(f35_an_older_frozen_form_is_not_read)
{
	ARENA_SCOPE(a);
	str bytes = str_dup(a, packument_freeze(a, sample(a)));
	struct packument *q;

	((char *)bytes.p)[7] = '2';
	CHECK_FAILS(packument_thaw(a, bytes, &q), E_BAD_RESPONSE);
}

TEST(f12_a_damaged_frozen_form_is_refused_or_harmless)
{
	ARENA_SCOPE(a);
	str bytes = packument_freeze(a, sample(a));
	struct packument *q;

	for (size_t len = 0; len < bytes.len; len++)
		CHECK_FAILS(packument_thaw(a, str_slice(bytes, 0, len), &q), E_BAD_RESPONSE);
	for (size_t i = 0; i < bytes.len; i++) {
		ARENA_SCOPE(tmp);
		char *copy = arena_alloc_raw(tmp, bytes.len);
		struct err *e;

		memcpy(copy, bytes.p, bytes.len);
		copy[i] = (char)(copy[i] ^ 0xff);
		e = packument_thaw(tmp, str_of(copy, bytes.len), &q);
		if (!e) {
			/* Every text lies inside: reading it all is safe. */
			for (size_t v = 0; v < q->nversions; v++)
				str_hash(q->versions[v].version);
			packument_find(q, S("1.0.0"));
		}
		err_free(e);
	}
}

UNIT_TESTS(TESTED(versions_stand_newest_first), TESTED(manifests_are_cut_to_what_installing_needs),
	   TESTED(every_kept_field_is_kept),
	   TESTED(tags_times_and_marks_are_found_wherever_they_stand),
	   TESTED(t14_the_last_of_two_equal_keys_counts),
	   TESTED(t27_what_is_no_packument_is_refused),
	   TESTED(t27_fields_of_a_wrong_type_are_dropped),
	   TESTED(thawing_gives_back_what_was_frozen), TESTED(a_head_has_all_but_the_manifests),
	   TESTED(a_manifest_that_is_not_the_frozen_one_is_not_taken), TESTED(f35_an_older_frozen_form_is_not_read),
	   TESTED(f12_a_damaged_frozen_form_is_refused_or_harmless))
