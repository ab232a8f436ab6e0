/* SPDX-License-Identifier: MIT */
#include "cpm/base/digest.h"
#include "cpm/store/archive.h"
#include "cpm/store/pack.h"
#include "temp_dir.h"

static void free_auto(char **p)
{
	free(*p);
}

#define AUTO_BYTES __attribute__((cleanup(free_auto))) char *

/* The digest is that of what npm 12.2.0 packs of the same folder, ungzipped. */
TEST(the_archive_is_npms_to_the_byte)
{
	ARENA_SCOPE(tmp);
	TEMP_DIR(dir);
	AUTO_BYTES bytes = NULL;
	struct str_buf deep = str_buf(tmp, 512);
	struct digest got;
	size_t len;

	temp_file(&dir, "package.json",
		  S("{\"name\":\"x\",\"version\":\"1.0.0\",\"bin\":\"cli.js\"}"));
	temp_file(&dir, "cli.js", S("#!/usr/bin/env node\n"));
	buf_add_repeat(&deep, S("folder-of-twenty-one/"), 9);
	buf_add(&deep, S("z\xc3\xa9.txt"));
	temp_file(&dir, buf_cstr(&deep), S("deep"));
	CHECK_OK(pack_folder(dir.path, NULL, &bytes, &len));
	digest_of(DIGEST_SHA1, str_of(bytes, len), &got);
	CHECK_STR(digest_hex(tmp, &got), S("378a060a30022454998f93e8a64bf71ad7e3758a"));
}

TEST(an_archive_shows_its_manifests_unopened)
{
	ARENA_SCOPE(tmp);
	TEMP_DIR(dir);
	AUTO_BYTES bytes = NULL;
	struct archive_content content;
	size_t len;

	temp_file(&dir, "package.json",
		  S("{\"dependencies\":{\"@s/b\":\"*\"},\"bundleDependencies\":true}"));
	temp_file(&dir, "node_modules/@s/b/package.json", S("{\"name\":\"@s/b\"}"));
	temp_file(&dir, "node_modules/@s/b/lib/package.json", S("{}"));
	CHECK_OK(pack_folder(dir.path, NULL, &bytes, &len));
	CHECK_OK(archive_look(tmp, str_of(bytes, len), &content));
	CHECK_EQ(content.nmanifests, 2u, "manifests");
	CHECK_STR(content.manifests[0].folder, S(""));
	CHECK_STR(content.manifests[1].folder, S("node_modules/@s/b"));
	CHECK_STR(content.manifests[1].text, S("{\"name\":\"@s/b\"}"));
	CHECK_EQ(content.nfiles, 3u, "files");
}

TEST(what_is_no_archive_is_refused)
{
	ARENA_SCOPE(tmp);
	struct archive_content content;

	CHECK_FAILS(archive_look(tmp, S("<html>"), &content), E_BAD_ARCHIVE);
}

UNIT_TESTS(TESTED(the_archive_is_npms_to_the_byte), TESTED(an_archive_shows_its_manifests_unopened),
	   TESTED(what_is_no_archive_is_refused))
