/* SPDX-License-Identifier: MIT
 * An audit whose outcome is known already: the same question to the same answer, by the same packuments. */
#pragma once
#include "audit_run.h"

/**
 * audit_recall - the report of the last audit of this project, if making it anew would give the same.
 *
 * It does when the tree, the advisories, the settings, this program and every packument that was looked at are what they were, and
 * the packuments may be used without asking the registry. For the tree and the advisories nothing rests on a hash: they are kept
 * and compared. NULL: make it.
 */
struct json *audit_recall(struct cmd_ctx *ctx, struct audit_run *run);
/* Keeps run->report for audit_recall(), in the cache, one for each project. */
void audit_remember(struct cmd_ctx *ctx, const struct audit_run *run);
