#include "codegen/tool_types.h"

#include "codegen/observed.h"
#include "codegen/type_print.h"

/* Nodes of the types of one tool; the largest real one needs about two thousand. */
#define TYPE_BUDGET 40000
/* A definition used more than once is worth a name from this length on. */
#define WORTH_A_NAME 48

/* Counts the uses of each definition that is reachable, each body once. */
static void count_uses(const struct type *type)
{
    switch (type->kind) {
    case TYPE_REFERENCE:
        type->definition->uses++;
        if (type->definition->counted)
            return;
        type->definition->counted = true;
        if (type->definition->type)
            count_uses(type->definition->type);
        return;
    case TYPE_OBJECT:
        for (size_t i = 0; i < type->object.count; i++)
            count_uses(type->object.properties[i].type);
        for (size_t i = 0; i < type->object.pattern_count; i++)
            count_uses(type->object.patterns[i].type);
        if (type->object.index)
            count_uses(type->object.index);
        return;
    case TYPE_UNION:
    case TYPE_INTERSECTION:
        for (size_t i = 0; i < type->list.count; i++)
            count_uses(type->list.items[i]);
        return;
    case TYPE_ARRAY:
    case TYPE_TUPLE:
        for (size_t i = 0; i < type->array.list.count; i++)
            count_uses(type->array.list.items[i]);
        if (type->array.rest)
            count_uses(type->array.rest);
        return;
    case TYPE_ANY:
    case TYPE_UNKNOWN:
    case TYPE_REMOTE:
    case TYPE_NEVER:
    case TYPE_NULL:
    case TYPE_BOOLEAN:
    case TYPE_NUMBER:
    case TYPE_STRING:
    case TYPE_LITERAL:
        return;
    }
}

static bool deserves_name(const struct type_definition *definition)
{
    if (definition->uses == 0 || !definition->type || definition->type->kind <= TYPE_LITERAL)
        return false;
    if (definition->recursive)
        return true;
    return definition->uses > 1 && type_length(definition->type, WORTH_A_NAME) >= WORTH_A_NAME;
}

static void pick_named(struct tool_types *types)
{
    size_t count = HASH_COUNT(types->set.definitions);
    struct type_definition *definition;

    types->named = arena_take(&types->set.arena, (count + 1) * sizeof(struct type_definition *));
    for (definition = types->set.definitions; definition; definition = definition->hh.next) {
        if (!deserves_name(definition))
            continue;
        /* A name from here on: what holds this one is measured with the name in it. */
        definition->name = arena_take(&types->set.arena, 1);
        types->named[types->named_count++] = definition;
    }
}

static bool is_empty_input(const struct type *type)
{
    return type->kind == TYPE_OBJECT && type->object.count == 0 && !type->object.index &&
           type->object.pattern_count == 0;
}

/* True when the schema says that there are no parameters, rather than nothing at all. */
static bool declares_properties(const json_t *schema)
{
    return json_is_object(json_object_get(schema, "properties")) ||
           json_is_false(json_object_get(schema, "additionalProperties"));
}

/* Without a declared output: what was seen.  It has no definitions, so that it gives no names. */
static void add_observed(struct tool_types *types, const struct tool *tool)
{
    if (!observed_of_tool(tool))
        return;
    types->output = shape_type(&types->set, &tool->observed->root.shape);
    types->observed = true;
}

void tool_types_init(struct tool_types *types, const struct tool *tool)
{
    struct schema_options output = { .direction = SCHEMA_OUTPUT, .root_name = tool->identifier };

    *types = (struct tool_types){ .output = type_simple(TYPE_ANY),
                                  .input_schema = tool->input,
                                  .output_schema = tool->output };
    type_set_init(&types->set, TYPE_BUDGET);
    types->input =
        schema_input_type(&types->set, tool->input, tool->identifier, &types->input_notes);
    if (tool->output)
        types->output = schema_type(&types->set, tool->output, &output, &types->output_notes);
    types->input_optional = schema_input_is_optional(types->input);
    types->input_empty = is_empty_input(types->input) && declares_properties(tool->input);
    count_uses(types->input);
    count_uses(types->output);
    pick_named(types);
    add_observed(types, tool);
}

void tool_types_done(struct tool_types *types)
{
    type_set_done(&types->set);
}

const char *tool_types_note(const struct tool_types *types)
{
    if (types->set.exhausted)
        return "its schema is too large to be typed in full";
    if (types->input_notes.too_deep || types->output_notes.too_deep)
        return "its schema is nested too deep to be typed in full";
    if (types->input_notes.remote || types->output_notes.remote)
        return "its schema refers to what is not in it, which is not fetched and so unknown";
    return NULL;
}
