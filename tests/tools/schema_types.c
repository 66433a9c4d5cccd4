/*
 * Prints the type of each schema of a JSON array, `type Root = ...;` with what
 * it refers to on one line each, for tests/codegen/:
 *
 *     schema_types exact|declared FILE
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/mem.h"
#include "codegen/schema.h"
#include "codegen/type_print.h"

#define MAX_BYTES   ((size_t)64 * 1024 * 1024)
#define TYPE_BUDGET 40000

static void name_definitions(struct type_set *set)
{
    struct type_definition *definition;
    size_t count = 0;

    for (definition = set->definitions; definition; definition = definition->hh.next) {
        if (!definition->recursive)
            continue;
        definition->name = arena_take(&set->arena, 64);
        snprintf(definition->name, 64, "D%zu", count++);
    }
}

static void print_schema(const json_t *schema, bool exact, struct buf *out)
{
    const struct schema_options options = { .direction = SCHEMA_INPUT,
                                            .exact = exact,
                                            .root_name = "Root" };
    const struct type_style line = { .strict = exact };
    struct schema_notes notes;
    struct type_definition *definition;
    struct type_set set;
    const struct type *type;

    type_set_init(&set, TYPE_BUDGET);
    type = schema_type(&set, schema, &options, &notes);
    name_definitions(&set);
    buf_add_str(out, "type Root = ");
    type_print(out, type, &line, "", 0);
    buf_add_char(out, ';');
    for (definition = set.definitions; definition; definition = definition->hh.next) {
        if (!definition->recursive)
            continue;
        buf_printf(out, " type %s = ", definition->name);
        type_print(out, definition->type, &line, "", 0);
        buf_add_char(out, ';');
    }
    buf_add_char(out, '\n');
    type_set_done(&set);
}

int main(int argc, char **argv)
{
    CLEANUP(buf) struct buf text = BUF(MAX_BYTES);
    CLEANUP(buf) struct buf out = BUF(MAX_BYTES);
    struct err err = ERR_INIT;
    json_error_t fault;
    json_t *schemas;

    if (argc != 3 || file_read(argv[2], &text, &err) < 0) {
        fprintf(stderr, "usage: schema_types exact|declared FILE: %s\n", err.text);
        return 2;
    }
    schemas = json_loadb(buf_str(&text), text.len, JSON_ALLOW_NUL, &fault);
    if (!schemas) {
        fprintf(stderr, "schema_types: %s: %s\n", argv[2], fault.text);
        return 1;
    }
    for (size_t i = 0; i < json_array_size(schemas); i++)
        print_schema(json_array_get(schemas, i), strcmp(argv[1], "exact") == 0, &out);
    json_decref(schemas);
    fwrite(buf_str(&out), 1, out.len, stdout);
    return buf_failed(&out) ? 1 : 0;
}
