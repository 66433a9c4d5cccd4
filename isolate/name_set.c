#include "isolate/name_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int compare_names(const void *a, const void *b)
{
    const struct span *x = a, *y = b;

    if (x->len != y->len)
        return x->len < y->len ? -1 : 1;
    return x->len ? memcmp(x->data, y->data, x->len) : 0;
}

void name_set_add(struct name_set *set, struct span name)
{
    if (set->count == set->capacity) {
        set->capacity = set->capacity ? set->capacity * 2 : 16;
        set->names = xreallocarray(set->names, set->capacity, sizeof(*set->names));
    }
    set->names[set->count++] = name;
    set->sorted = false;
}

bool name_set_has(struct name_set *set, struct span name)
{
    if (set->count == 0)
        return false;
    if (!set->sorted)
        qsort(set->names, set->count, sizeof(*set->names), compare_names);
    set->sorted = true;
    return bsearch(&name, set->names, set->count, sizeof(*set->names), compare_names) != NULL;
}

void name_set_done(struct name_set *set)
{
    free(set->names);
    *set = (struct name_set)NAME_SET_INIT;
}
