#include "tests/unit/test.h"

#include <unistd.h>

#include "base/loop.h"

struct fixture {
    struct loop *loop;
    struct loop_task first, second;
    struct loop_timer *timer;
    char order[16];
};

static void note(struct fixture *f, char c)
{
    size_t len = strlen(f->order);

    f->order[len] = c;
}

static void on_second(void *ctx)
{
    note(ctx, '2');
}

static void on_reap(void *object)
{
    note(object, 'r');
}

static void on_first(void *ctx)
{
    struct fixture *f = ctx;

    note(f, '1');
    loop_post(f->loop, &f->second, on_second, f);
    loop_reap(f->loop, f, on_reap);
}

static void posts_for_the_next_turn(void **state)
{
    struct fixture f = { .loop = loop_new(NULL) };

    (void)state;
    loop_post(f.loop, &f.first, on_first, &f);
    loop_post(f.loop, &f.first, on_first, &f);
    loop_run(f.loop);
    assert_string_equal(f.order, "1r2");
    loop_free(f.loop);
}

static void on_timer(void *ctx)
{
    struct fixture *f = ctx;

    note(f, 't');
    loop_timer_free(TAKE(f->timer));
}

static void frees_a_timer_inside_itself(void **state)
{
    struct fixture f = { .loop = loop_new(NULL) };

    (void)state;
    f.timer = loop_timer_new(f.loop, on_timer, &f);
    loop_timer_start(f.timer, 5);
    assert_true(loop_timer_active(f.timer));
    loop_run(f.loop);
    assert_string_equal(f.order, "t");
    loop_free(f.loop);
}

static void drains_for_a_bounded_time(void **state)
{
    struct loop *loop = loop_new(NULL);
    struct loop_timer *timer = loop_timer_new(loop, on_second, NULL);
    uint64_t start = clock_now_ns();

    (void)state;
    loop_timer_start(timer, 60000);
    loop_drain(loop, 20);
    assert_true(clock_now_ns() - start < 5000000000u);
    loop_timer_free(timer);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posts_for_the_next_turn),
        cmocka_unit_test(frees_a_timer_inside_itself),
        cmocka_unit_test(drains_for_a_bounded_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
