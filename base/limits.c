#include "base/limits.h"

const struct limit_setting limit_settings[] = {
#define SETTING(field, key, value, unit, reason) \
    { key, offsetof(struct limits, field), value, LIMIT_UNIT_##unit, reason },
#include "base/limits_settings.def"
#undef SETTING
    { 0 },
};

struct limits limits_default(void)
{
    return (struct limits){
#define SETTING(field, key, value, unit, reason) .field = (value),
#include "base/limits_settings.def"
#undef SETTING
    };
}
