/* SPDX-License-Identifier: MIT
 * Growable arrays in an arena, typed by the compiler. VEC(str) names = {0}; VEC_PUSH(a, &names, s). */
#pragma once
#include "cpm/base/arena.h"

#define VEC(type)                                                                                  \
	struct {                                                                                   \
		type *items;                                                                       \
		size_t len, room;                                                                  \
	}

/* Appends @...; the old array stays in the arena when it had to move. Amortised O(1). */
#define VEC_PUSH(a, v, ...)                                                                        \
	do {                                                                                       \
		typeof(v) vec_v_ = (v);                                                            \
		if (vec_v_->len == vec_v_->room) {                                                 \
			size_t vec_room_ = vec_v_->room ? 2 * vec_v_->room : 8;                    \
			vec_v_->items = arena_grow((a), vec_v_->items,                             \
						   vec_v_->room * sizeof(*vec_v_->items),          \
						   vec_room_ * sizeof(*vec_v_->items));            \
			vec_v_->room = vec_room_;                                                  \
		}                                                                                  \
		vec_v_->items[vec_v_->len++] = __VA_ARGS__;                                        \
	} while (0)

#define VEC_POP(v)	 ((v)->items[--(v)->len])
#define VEC_LAST(v)	 ((v)->items[(v)->len - 1])
#define VEC_RESET(v)	 ((void)((v)->len = 0))
/* Visits each element by pointer: VEC_EACH(str, it, &names) { use(*it); } */
#define VEC_EACH(type, it, v) for (type *it = (v)->items; it && it < (v)->items + (v)->len; it++)
/* Keeps the order of the rest. O(n). */
#define VEC_REMOVE_AT(v, i)                                                                        \
	do {                                                                                       \
		typeof(v) vec_v_ = (v);                                                            \
		size_t vec_i_ = (i);                                                               \
		memmove(vec_v_->items + vec_i_, vec_v_->items + vec_i_ + 1,                        \
			(vec_v_->len - vec_i_ - 1) * sizeof(*vec_v_->items));                      \
		vec_v_->len--;                                                                     \
	} while (0)
#define VEC_SORT(v, compare)                                                                       \
	do {                                                                                       \
		if ((v)->len > 1)                                                                  \
			qsort((v)->items, (v)->len, sizeof(*(v)->items), (compare));               \
	} while (0)
