#include "isolate/client_internal.h"

static unsigned at_least(unsigned count, unsigned least)
{
    return count < least ? least : count;
}

static unsigned at_most(unsigned count, unsigned most)
{
    return count > most ? most : count;
}

/* Half of what nobody needed in this period goes, so that a pause of the load costs little. */
static void on_period(void *ctx)
{
    struct isolate_pool *pool = ctx;
    struct demand *demand = &pool->demand;

    demand->wanted =
        at_least(demand->wanted - at_most(demand->least, demand->wanted) / 2, demand->size.min);
    pool_shrink(pool, demand->wanted);
    demand->least = demand->wanted;
    if (demand->wanted > demand->size.min)
        loop_timer_start(demand->timer, demand->size.idle_ms);
}

void demand_init(struct isolate_pool *pool, const struct isolate_pool_size *size)
{
    pool->demand = (struct demand){ .size = *size, .wanted = size->min, .least = size->min };
    pool->demand.timer = loop_timer_new(pool->loop, on_period, pool);
}

void demand_done(struct isolate_pool *pool)
{
    loop_timer_free(TAKE(pool->demand.timer));
}

void demand_leased(struct isolate_pool *pool)
{
    struct demand *demand = &pool->demand;
    unsigned ready = pool->count[WORKER_READY];

    demand->least = at_most(demand->least, ready);
    /* The next one would have to wait for a fork. */
    if (ready == 0)
        demand->wanted = at_most(demand->wanted * 2, demand->size.spare);
    if (demand->wanted > demand->size.min && !loop_timer_active(demand->timer))
        loop_timer_start(demand->timer, demand->size.idle_ms);
}
