/* SPDX-License-Identifier: MIT
 * What both forms of a bill of materials say of a package. sbom.c */
#pragma once
#include "cpm/base/digest.h"
#include "cpm/tree/sbom.h"

/* The nodes of a document, and which of them stand for a component. */
struct sbom_list {
	struct node *root;
	node_vec components;	/* the root first; of one name and version the first */
	struct map listed;	/* location -> struct node *: all that the document speaks of */
};

void sbom_list_init(struct arena *a, const node_vec *nodes, struct sbom_list *out);
bool sbom_lists(const struct sbom_list *l, const struct node *n);

/* "name@version" by the package's own name, "null" when it has none. */
str sbom_ref(struct arena *a, const struct node *n);
/* "pkg:npm/%40s/a@1.0.0", and where it comes from when that is a repository. */
MUST_CHECK_ERR sbom_purl(struct arena *a, const struct node *n, str *out);
/* The first hash of the integrity; .algo is DIGEST_NONE when there is none. */
struct digest sbom_digest(const struct node *n);
/* Adds a member unless JavaScript has it for false. Wrong types go where they were: npm passes them on as well. */
void sbom_put(struct arena *a, struct json *object, const char *key, struct json *v);
