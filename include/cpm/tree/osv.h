/* SPDX-License-Identifier: MIT
 * Advisories in the Open Source Vulnerability format, read as the registry's bulk endpoint would have answered them.
 * Source: the OSV schema 1.7, and what the GitHub Advisory Database puts into its database_specific. */
#pragma once
#include "cpm/base/json.h"
#include "cpm/base/vec.h"

/* What one record says about one package of the registry. */
struct osv_package {
	str name;
	struct json *said;	/* an array, an advisory for each entry that the record has of the package:
				 * {"id","url","title","severity","vulnerable_versions","cwe","cvss"} */
};

struct osv_record {
	str id;
	str names;		/* id and aliases, blanks between them */
	int64_t modified_sec;	/* since 1970; 0 when it does not say */
	bool is_withdrawn;
	VEC(struct osv_package) packages; /* of ecosystem npm; none when it is about others */
};

/**
 * osv_read - what @doc says.
 *
 * Errors: E_GENERIC, with what is wrong with the record; out->id is then set when it has one. Of a withdrawn record
 * no more is looked at than that it is one. Lives in @a, and refers to @doc.
 */
MUST_CHECK_ERR osv_read(struct arena *a, const struct json *doc, struct osv_record *out);

/* The order in which records that are aliases of each other are believed: reviewed ones of the database that the
 * registry itself answers from first, then by id. Negative: @a is the better one. */
int osv_compare_ids(str a, str b);
