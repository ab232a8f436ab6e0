/* SPDX-License-Identifier: MIT
 * A selector once it is parsed, and what the files that carry it out share. */
#pragma once
#include "cpm/tree/query.h"

/* ---- query_parse.c ---- */

enum query_join { JOIN_NONE, JOIN_BELOW, JOIN_CHILD, JOIN_SIBLING };
enum query_test { TEST_ANY, TEST_NAME, TEST_KIND, TEST_ATTR, TEST_PSEUDO };
enum query_kind { KIND_PROD, KIND_DEV, KIND_OPTIONAL, KIND_PEER, KIND_WORKSPACE, KIND_BUNDLED };

enum query_pseudo {
#define QUERY_PSEUDO(id, name, args) PSEUDO_##id,
#include "query_pseudos.def"
#undef QUERY_PSEUDO
};

/* [name=value] */
struct query_attr {
	str name, value;
	char op;		/* '=', '~', '*', '|', '^', '$'; 0: the attribute is there */
	bool ignores_case;
};

/* The way to an attribute below the top of package.json. */
struct query_key {
	str name;		/* null: every item of a list */
};

struct query_list;

/* One test, and how what it finds relates to what was found before. */
struct query_part {
	enum query_join join;
	enum query_test test;
	str text;		/* #name; what stands in the parentheses of :path, :type, :outdated, :semver */
	enum query_kind kind;
	enum query_pseudo pseudo;
	struct query_list *nested; /* :is, :not, :has; :vuln: attributes of advisories */
	struct query_attr attr;	/* TEST_ATTR, :attr, :semver */
	VEC(struct query_key) keys; /* :attr, :semver */
	str function;		/* :semver; null: infer it */
};

struct query_selector {
	VEC(struct query_part) parts;
};

struct query_list {
	VEC(struct query_selector) selectors;
};

/* Limits: 64 KiB, selectors nested 64 deep. */
MUST_CHECK_ERR query_parse(struct arena *a, str text, struct query_list **out);
/* E_GENERIC, shown as @code. */
struct err *query_error(const char *code, const char *fmt, ...) PRINTF_LIKE(2, 3) MUST_CHECK;

/* ---- query.c: one run ---- */

struct query_run {
	struct arena *arena;
	struct tree *tree;
	const struct query_opts *opts;
	node_vec inventory;
	struct map asked;	/* "name@version" that :vuln has asked about */
	struct map advisories;	/* name -> struct json *: an array, what came of it */
	struct map contexts;	/* bytes of the node's address -> struct query_match * */
};

/* What is known about @n so far; an object of its own. */
struct json *query_context(struct query_run *run, struct node *n);

/* ---- query_joins.c: relations ---- */

/* Those of @next that stand in the relation @join to one of @prev. */
node_vec query_join(struct query_run *run, enum query_join join, const node_vec *prev, const node_vec *next);
/* Those of @items that are of the kind themselves, or needed by something that is. */
node_vec query_of_kind(struct query_run *run, enum query_kind kind, const node_vec *items);

/* ---- query_attr.c: what package.json says ---- */

bool query_attr_matches(const struct query_attr *attr, const struct json *object);
/* :attr */
bool query_path_matches(struct arena *scratch, const struct query_part *part, const struct json *doc);
/* :semver */
MUST_CHECK_ERR query_semver(struct query_run *run, const struct query_part *part, const node_vec *items, node_vec *out);

/* ---- query_outdated.c ---- */

MUST_CHECK_ERR query_outdated(struct query_run *run, str kind, const node_vec *items, node_vec *out);

/* ---- query_vuln.c ---- */

/* What stands in the parentheses; empty: any advisory. */
MUST_CHECK_ERR query_check_vuln(const struct query_list *list);
MUST_CHECK_ERR query_vuln(struct query_run *run, const struct query_list *list, const node_vec *items, node_vec *out);
