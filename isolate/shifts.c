#include "isolate/shifts.h"

#include "base/json.h"

struct shift {
    int64_t line, column, by;
};

static bool read_shift(struct span value, struct shift *ret_shift)
{
    int64_t numbers[3] = { 0 };
    size_t count = 0;
    struct json_iter it = json_iter(value);

    while (count < 3 && json_next(&it)) {
        if (!json_int64(it.value, &numbers[count]))
            return false;
        count++;
    }
    *ret_shift = (struct shift){ .line = numbers[0], .column = numbers[1], .by = numbers[2] };
    return count == 3;
}

unsigned shifts_column(struct span notes, unsigned line, unsigned column)
{
    struct span list;
    int64_t result = column;

    if (!json_get(notes, "shifts", &list))
        return column;
    for (struct json_iter it = json_iter(list); json_next(&it);) {
        struct shift shift;

        if (!read_shift(it.value, &shift) || shift.line != line || result < shift.column)
            continue;
        /* Inside an insertion: the place it was made at. */
        result = result - shift.by < shift.column ? shift.column : result - shift.by;
    }
    return result < 1 ? 1 : (unsigned)result;
}
