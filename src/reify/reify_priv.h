/* SPDX-License-Identifier: MIT
 * One run of reify_apply(), as its files share it. The files follow the order of the work:
 *
 *   plan -> journal -> retire -> fetch (-> unpack_jobs, in parallel) -> link -> bins
 *        -> scripts found -> commit
 *
 * The plan is made first and not changed afterwards, except that packages may be dropped from it
 * and that what should have come inside a package may be added. */
#pragma once
#include "cpm/base/digest.h"
#include "cpm/base/pool.h"
#include "cpm/reify/reify.h"
#include "cpm/reify/state.h"
#include "cpm/runtime/host.h"
#include "cpm/store/shelf.h"
#include "cpm/store/unpack.h"

struct run;
struct shipment;

/* What unpacking found out about a package. */
struct unit_facts {
	str preinstall, install, postinstall; /* null when absent */
	bool is_known;                        /* the package's own manifest was read */
	bool builds_implicitly;               /* binding.gyp and nothing that says otherwise */
};

static inline bool facts_have_scripts(const struct unit_facts *f)
{
	return f->builds_implicitly || !str_is_null(f->preinstall) || !str_is_null(f->install) ||
	       !str_is_null(f->postinstall);
}

/* One place in node_modules that is written: a package, or a link. */
struct unit {
	struct node *node;
	const char *path;            /* from the project directory */
	str want_name, want_version; /* what the tarball's manifest must say; null: anything */
	VEC(str) bins; /* files whose command link it gets: made executable while unpacking */
	VEC(str) executables; /* files that are executable in any case */
	struct unit_facts facts;
	struct shipment *shipment; /* NULL for links */
	bool is_proven; /* what is there is what would be written: see proof.c */
	bool is_started, is_done;
	bool is_dropped; /* an optional dependency that failed: what was written goes again */
};

/* For the trace; of an early package there is no manifest. */
static inline str unit_version(const struct unit *u)
{
	return u->node->manifest ? node_version(u->node) : u->want_version;
}

/* A command to be linked: <folder of node>/.bin/<name> -> the package's file. */
struct bin_link {
	struct node *node;
	const struct bin *bin;
	struct unit *unit; /* the unit that writes the file, or NULL: it is on disk already */
	const char *path;  /* of the link, from the project directory */
};

/* A place whose content was renamed into the trash. */
struct moved {
	const char *from; /* from the project directory */
	const char *name; /* inside the trash */
};

/* A package that stays, inside one that was moved aside: it comes back out of the trash. */
struct comeback {
	struct node *host; /* the moved package, of the actual tree */
	const char *from;  /* below the host's name in the trash */
	const char *to;    /* from the project directory */
	bool is_back;
};

/* Where things go that are not wanted any more, until it is certain that they are not. */
struct trash {
	int fd;                  /* -1: none yet */
	const char *path;        /* "node_modules/.cpm-trash-XXXXXX" */
	VEC(struct moved) moved; /* in the order they were moved */
	size_t next_name;
};

/* A store entry of a linked layout that may lie in the place that projects share. */
struct shared_entry {
	struct node *node; /* the entry, of the ideal tree */
	const char *path;  /* from the project directory */
	const char *key;   /* its path in the shared place */
	VEC(struct unit *) units; /* what is in it, as far as the plan is about that */
	bool is_there;     /* sound, in the place: the project has a link to it */
	bool goes_there;   /* built in this run, to be moved into the place */
};

/* Something done on a worker; @settle runs on the main thread once it is back. */
struct job {
	void (*settle)(struct run *r, struct job *job);
};

/* Bytes under way: read and not yet written. */
#define INFLIGHT_MAX_BYTES ((size_t)10 << 20)

/* For very large archives: while it is shut, and when enough of them are inside, the others wait. */
struct unpack_gate {
	bool is_shut;
	unsigned ninside;
	VEC(struct shipment *) giants; /* waiting */
};

struct run {
	struct arena *arena;
	struct tree *ideal, *actual;
	const struct diff *diff;
	const struct reify_opts *opts;
	struct reify_result *out;
	int dirfd;
	mode_t file_mask;

	/* the plan */
	VEC(struct unit *) units;
	struct map units_by_location;
	VEC(struct shipment *) shipments;
	VEC(struct node *) retired; /* of the actual tree, deepest first */
	unsigned retired_mark;      /* set on actual nodes that change or go */
	struct map host_names;      /* location of a retired node -> its name in the trash */
	VEC(struct comeback) comebacks;
	VEC(struct bin_link) bin_links;
	struct map claimed_bins; /* link path -> the node that gets it */
	node_vec bundlers;       /* written packages that bring packages of their own */

	/* the proof of what is there (ci) */
	bool is_proof;            /* what is proven stays; @extra goes */
	int64_t proven_ns;        /* when it was begun */
	int64_t last_write_ns;    /* when all packages were written; 0: none was */
	int64_t written_ns;       /* later than that, and no script had run yet; 0: not marked yet */
	VEC(const char *) extra;  /* what nothing calls for, or calls for in another way */

	/* what is shared with other projects */
	VEC(struct shared_entry *) shared;
	struct map shared_by_location;
	int shared_fd;   /* of the place; -1: there is none */
	str shared_path;

	/* a rebuild: only these are touched; NULL in an install */
	const node_vec *rebuilt;
	unsigned rebuilt_mark;

	/* scripts: where confined ones have their temporary files; null: none is confined */
	str confined_temp;
	size_t nconfined;

	/* what was done so far, for undoing it */
	struct trash trash;
	VEC(const char *) made_links; /* .bin links */
	bool has_journal, made_node_modules;
	str linked_node_modules; /* where a node_modules that was a link led; null */

	/* fetching */
	size_t inflight_bytes;    /* read and not yet written */
	struct unpack_gate *gate;
	struct {
		str folder; /* that most packages lie right in; null: none is at hand */
		int fd;
	} near;
	size_t nlooked_up;        /* shipments that were looked up in the cache */
	size_t nstarted;          /* shipments that had their turn */
	size_t nopen, nrequested; /* shipments not settled; of those, with the network */
	size_t npromised;         /* packages checked against the registry's word: see promise.c */
	size_t adopted;           /* bundled packages that the ideal tree did not know */
	int shelf_fd;             /* -1: packages cannot be linked from the shelf */
	struct err *failure;      /* the first that counts */
};

/* Text in the run's arena. */
static inline const char *run_path(struct run *r, str s)
{
	return str_cstr(r->arena, s);
}

/* Prefix of a node's location up to its name: "node_modules/" or "a/node_modules/". */
static inline str node_folder(const struct node *n)
{
	return str_slice(n->location, 0, n->location.len - n->name.len);
}

/* ---- plan.c ---- */
void plan_make(struct run *r);
void plan_add_unit(struct run *r, struct node *n);
struct unit *plan_unit_of(const struct run *r,
			  const struct node *n); /* NULL: not written in this run */

/* ---- shared.c ---- */
/* Which entries of the plan can be shared, and which of them are in the place: what is in those is done. */
void shared_plan(struct run *r);
/* The entry that @n lies in, if the plan is about it and it can be shared; else NULL. */
struct shared_entry *shared_entry_of(const struct run *r, const struct node *n);
/* @n lies in an entry that is in the shared place: the project only links to it. */
bool shared_is_elsewhere(const struct run *r, const struct node *n);
/* The same of what is on disk, for nodes of either tree. */
bool shared_is_behind_link(struct run *r, const struct node *n);
/* Some of what @s unpacks to is to be shared, and so may have no files in common with anything else. */
bool shared_goes_there(const struct run *r, const struct shipment *s);
/* Links to the entries that are there. */
MUST_CHECK_ERR shared_link(struct run *r);
/* Moves what was built into the place, and links to it. */
MUST_CHECK_ERR shared_publish(struct run *r);

/* ---- journal.c ---- */
MUST_CHECK_ERR journal_begin(struct run *r);
/* Everything it names is complete: takes it away. */
MUST_CHECK_ERR journal_end(struct run *r);

/* ---- proof.c ---- */
/* ci: finds out what of the tree that is there is as it would be made. */
void proof_make(struct run *r);
/* All of it, and nothing else is there. */
bool proof_is_complete(const struct run *r);
/* Tells tarballs apart; false when the unit's has no digest worth the name. */
bool unit_origin(const struct unit *u, struct fingerprint *out);

/* ---- reify.c ---- */
/* From now on others may write: what they do is told from what we wrote by this mark. Once; nothing before there is
 * something written. */
void reify_mark_written(struct run *r);

/* ---- retire.c ---- */
/* Renames what changes or goes into the trash, and brings back out of it what stays. */
MUST_CHECK_ERR retire_all(struct run *r);
/* Moves one thing aside; absent is success. */
MUST_CHECK_ERR retire_path(struct run *r, const char *path);
/* Takes back everything this run did; failures are logged. */
void retire_undo(struct run *r);
/* The point of no return: starts deleting the trash on the workers. */
void retire_delete_begin(struct run *r);
void retire_delete_finish(struct run *r);
/* Removes trash that killed runs left, and what they began early. @keep: a name to leave alone, or null. */
void retire_sweep(int dirfd, str keep);

/* ---- tarball_url.c ---- */
/* Finds out where a package comes from: a URL to fetch, or with that null a place elsewhere. */
MUST_CHECK_ERR tarball_locate(struct run *r, struct node *n, str *url, struct package_address *at);

/* ---- commit_hidden.c ---- */
/* What node_modules/.package-lock.json is to hold. */
MUST_CHECK_ERR hidden_lockfile_format(struct run *r, str *text);

/* ---- promise.c ---- */
struct shipment;
/* Asks for what promise_add() will need, all at once. */
void promises_announce(struct run *r);
/* Before @s is asked for from the network: adds what the registry promises, when the lockfile says too little. */
MUST_CHECK_ERR promise_add(struct run *r, struct shipment *s);
/* What the lockfile did say holds as well. */
bool promise_locked_holds(const struct shipment *s, const char *bytes, size_t len);
void promises_tell(const struct run *r);

/* ---- shipments: fetch.c, unpack_jobs.c ---- */
enum shipment_state { SHIPMENT_WAITING, SHIPMENT_REQUESTED, SHIPMENT_UNPACKING, SHIPMENT_SETTLED };

/* One tarball on its way, for all the places it is unpacked to. */
struct shipment {
	struct job job;  /* first: what the pool hands back */
	struct run *run; /* const for the worker */
	str url;         /* null when @at says it */
	struct package_address at;
	str integrity_text;
	struct integrity integrity;
	struct integrity locked; /* the lockfile's own, where @integrity is the registry's */
	VEC(struct unit *) units;
	enum shipment_state state;
	uint64_t turn; /* lower ones start first */
	bool from_store, is_verified;
	bool is_giant; /* the one that may be inflated now */
	bool has_row;	    /* the cache knows the package: it was installed before */
	bool is_linked;	    /* put in place from the shelf; no bytes are read */
	bool goes_on_shelf; /* to be kept unpacked */
	int shelf_fd;	    /* the run's, as it was when the worker got the job */
	struct package_row row;
	unsigned mismatches; /* bytes that were not what was promised, from the network */
	char *bytes;
	size_t len;

	/* what the worker found */
	struct digest digest;
	bool is_corrupt;
	struct err *err;
	struct unit *failed_unit;
	char *facts_text; /* heap: what the units' facts are views of */
	enum shelf_result shelf_result;
	char *frozen_row; /* heap: the package's row, made anew; NULL when the old one stands */
	size_t frozen_len;
};

/* Which tarballs are needed; a failure is the run's. */
void fetch_prepare(struct run *r);
/* What is proven needs no tarball. */
void fetch_skip_proven(struct run *r);
/* What is larger is begun first, lest the last worker have it to itself in the end. */
#define LARGE_BYTES ((uint64_t)1 << 20)

/* Gets the tarballs of all units that have none yet, and has them unpacked. */
MUST_CHECK_ERR fetch_all(struct run *r);
/* A shipment that has to come to its bytes, once more after early_claim(). */
void fetch_start(struct run *r, struct shipment *s);
/* The bytes, which the cache takes, and the row of a package that was unpacked. */
void fetch_keep(struct run *r, struct shipment *s);
/* Takes back what the workers still have. */
void fetch_drain(struct run *r);
/* Takes the results that are there; @wait: at least one, if any is under way. */
void fetch_settle(struct run *r, bool wait);
/* Has a shipment unpacked by the workers, in its turn; and when it is back, whatever became of it. */
void unpack_send(struct run *r, struct shipment *s);
void unpack_returned(struct run *r, struct shipment *s);
/* Giants may come, if not too many at once. */
void unpack_open_gate(struct run *r);
/* Verifies and unpacks; the result is the shipment. */
void *unpack_job(void *shipment, struct arena *scratch);
/* What the cache knows of the package becomes the unit's facts. False when it is not the package that was asked for. */
bool unit_take_facts(struct arena *a, struct unit *u);
/* Links from the shelf; the result is the shipment, with its shelf_result. */
void *shelf_job(void *shipment, struct arena *scratch);

/* ---- place_open.c ---- */
/* From now on the handle of @folder, which lives as long, is at hand for what lies right in it. Main thread, while nobody
 * opens places. */
void place_begin(struct run *r, const char *folder);
void place_end(struct run *r);
/* The folder that @path lies in, and its name there; -1 with errno. *@own: to be closed by the caller, or -1. */
int place_parent(const struct run *r, const char *path, const char **name, int *own);
/* The folder of a package, empty but for what is installed inside, as a handle for paths (O_PATH). Any thread. */
MUST_CHECK_ERR place_open(const struct run *r, const char *path, int *out);

/* ---- shelf_use.c ---- */
/* Looks the first @count shipments up in the cache, unless they were: what they are known to hold,
 * and whether they can be linked. Main thread. */
void shelf_look_up(struct run *r, size_t count);
/* The unit wants the same files made executable as the package in the cache has. */
bool shelf_fits(const struct unit *u, const struct package_row *row);
/* A script of the package will run here and may write to its files, which must then be nobody else's. */
bool shelf_is_forbidden(struct run *r, const struct unit *u, const struct package_row *row);
/* What is known of a package that @linked has put in place from the shelf: its other places can be linked too. */
void shelf_inherit(struct shipment *s, const struct shipment *linked);
/* After linking failed: how the package gets in place instead. Main thread. */
void shelf_give_up(struct run *r, struct shipment *s);
/* Makes the row of a package that was just unpacked into @dirfd, and puts it on the shelf if it is
 * to go there. Worker. */
void shelf_record(struct arena *a, struct shipment *s, const struct unpack_result *result,
		  int dirfd);

/* ---- patches.c ---- */
/* Patches the packages that were unpacked and are to be. */
MUST_CHECK_ERR patches_apply(struct run *r);

/* ---- link.c ---- */
MUST_CHECK_ERR link_all(struct run *r);

/* ---- bins.c ---- */
/* @all: the commands of all packages, else of the project's own links only. */
void bins_plan(struct run *r, bool all);
/* The commands of packages that came inside others, once those are unpacked. */
void bins_plan_bundled(struct run *r);
/* E_EXISTS when a global command would replace something that is not the package's own. */
MUST_CHECK_ERR bins_check_global(struct run *r);
/* Those in entries that are about to be shared. */
MUST_CHECK_ERR bins_link_shared(struct run *r);
/* @of_links: those of linked folders, whose scripts may have to make the files first; else all others. */
MUST_CHECK_ERR bins_link_all(struct run *r, bool of_links);
/* A link that the project manages itself. */
bool bins_is_own_link(const struct run *r, const struct node *n);
/* The command's file is there, so that it gets a link. */
bool bins_will_link(struct run *r, const struct bin_link *l);
/* The command links of a package that goes: those that lead into it are moved aside. */
MUST_CHECK_ERR bins_retire(struct run *r, const struct node *actual);

/* ---- scripts.c ---- */
/* The policy allows the scripts of this package, if it has any. */
bool scripts_may_run(const struct run *r, const struct unit *u);
/* The same, and its facts say that it has some. */
bool scripts_will_run(const struct run *r, const struct unit *u);
/* Links all commands, and runs what may run in between. */
MUST_CHECK_ERR scripts_build(struct run *r);

/* ---- confine.c ---- */
/* When the settings ask for it: checks that scripts can be confined here, and makes the folder for their temporary files.
 * Errors: E_UNSUPPORTED, any of mkdir. Close it. */
MUST_CHECK_ERR confine_open(struct run *r);
void confine_close(struct run *r);
/* A folder for the temporary files of one more script; null when scripts are not confined. */
MUST_CHECK_ERR confine_temp_dir(struct run *r, str *out);
/* Says what a script that failed could not do. */
void confine_explain(const struct script *s);

/* ---- unshare.c ---- */
/* Gives an installed package files that nobody else has. */
MUST_CHECK_ERR unshare_package(struct run *r, const struct node *n);
/* The same for all that stays as it is, in a project that owns its files. */
MUST_CHECK_ERR unshare_unchanged(struct run *r);

/* ---- scripts_found.c ---- */
/* Reads what a package.json says about scripts. Texts live in @a or borrow. False: it is no JSON
 * object. */
struct package_facts {
	str name, version, preinstall, install, postinstall;
	bool gypfile_false;
};
bool package_facts_scan(struct arena *a, str manifest, struct package_facts *out);
/* JSON that package_facts_scan() reads the same facts out of. */
str package_facts_format(struct arena *a, const struct package_facts *facts);
/* Lists packages whose install scripts did not run, and notes implicit builds in the tree. */
void scripts_collect(struct run *r);

/* ---- bundles.c ---- */
/* Packages that came inside others go into the ideal tree, which could not know them; those that
 * should have come inside and did not are fetched. */
MUST_CHECK_ERR bundles_settle(struct run *r);
/* Calls @visit for every node of the ideal tree that is bundled in @bundler, outermost first. */
void bundles_walk(struct run *r, struct node *bundler,
		  void (*visit)(struct run *r, struct node *n));

/* ---- commit.c ---- */
/* Tells scripts which project the run that started them has locked. */
#define LOCK_HELD_VARIABLE "CPM_INSTALLING"
MUST_CHECK_ERR commit_hidden_lockfile(struct run *r, str text);
