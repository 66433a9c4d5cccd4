#include "proxy/upstream/visits.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"

void visits_init(struct visits *visits)
{
    TAILQ_INIT(&visits->list);
    visits->count = 0;
}

void visit_free(struct visit *visit)
{
    free(visit->id);
    free(visit->session);
    free(visit);
}

static void take_out(struct visits *visits, struct visit *visit)
{
    TAILQ_REMOVE(&visits->list, visit, link);
    visits->count--;
}

static void drop(struct visits *visits, struct visit *visit)
{
    take_out(visits, visit);
    visit_free(visit);
}

/* --- bounds --- */

static bool is_over(const struct visit *visit, uint64_t now_ms)
{
    return now_ms - visit->since_ms > LIMIT_VISIT_MS;
}

static void expire(struct visits *visits, uint64_t now_ms)
{
    struct visit *visit;

    while ((visit = TAILQ_FIRST(&visits->list)) && is_over(visit, now_ms))
        drop(visits, visit);
}

/* The oldest of a session, and how many it has. */
static struct visit *
oldest_of(const struct visits *visits, struct span session, unsigned *ret_count)
{
    struct visit *visit, *oldest = NULL;

    *ret_count = 0;
    TAILQ_FOREACH(visit, &visits->list, link)
    {
        if (!span_is(session, visit->session))
            continue;
        ++*ret_count;
        if (!oldest)
            oldest = visit;
    }
    return oldest;
}

/* A session with too many loses one of its own, not another's. */
static void make_room(struct visits *visits, struct span session)
{
    unsigned count;
    struct visit *oldest = oldest_of(visits, session, &count);

    if (count >= LIMIT_SESSION_VISITS)
        drop(visits, oldest);
    else if (visits->count >= LIMIT_VISITS)
        drop(visits, TAILQ_FIRST(&visits->list));
}

/* --- visits --- */

void visits_add(
    struct visits *visits, struct span id, struct span session, uint64_t number, uint64_t now_ms)
{
    struct visit *visit = NEW(struct visit);

    expire(visits, now_ms);
    make_room(visits, session);
    visit->id = span_dup(id);
    visit->session = span_dup(session);
    visit->number = number;
    visit->since_ms = now_ms;
    TAILQ_INSERT_TAIL(&visits->list, visit, link);
    visits->count++;
}

static struct visit *find(const struct visits *visits, struct span id)
{
    struct visit *visit;

    TAILQ_FOREACH(visit, &visits->list, link)
    {
        if (span_is(id, visit->id))
            return visit;
    }
    return NULL;
}

bool visits_are_mixed(const struct visits *visits, struct span id, uint64_t now_ms)
{
    const struct visit *visit, *first = NULL;

    TAILQ_FOREACH(visit, &visits->list, link)
    {
        if (is_over(visit, now_ms) || !span_is(id, visit->id))
            continue;
        if (!first)
            first = visit;
        else if (!span_is(span_of(visit->session), first->session))
            return true;
    }
    return false;
}

struct visit *visits_take(struct visits *visits, struct span id, uint64_t now_ms)
{
    struct visit *visit;

    expire(visits, now_ms);
    visit = find(visits, id);
    if (visit)
        take_out(visits, visit);
    return visit;
}

void visits_drop(struct visits *visits, struct span session, uint64_t number)
{
    struct visit *visit;

    TAILQ_FOREACH(visit, &visits->list, link)
    {
        if (visit->number == number && span_is(session, visit->session))
            break;
    }
    if (visit)
        drop(visits, visit);
}

void visits_forget(struct visits *visits, struct span session)
{
    struct visit *visit, *next;

    for (visit = TAILQ_FIRST(&visits->list); visit; visit = next) {
        next = TAILQ_NEXT(visit, link);
        if (span_is(session, visit->session))
            drop(visits, visit);
    }
}

void visits_clear(struct visits *visits)
{
    while (!TAILQ_EMPTY(&visits->list))
        drop(visits, TAILQ_FIRST(&visits->list));
}
