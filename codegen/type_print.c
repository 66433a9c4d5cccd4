#include "codegen/type_print.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "codegen/typescript_text.h"

/* Types nested deeper than this are written as any: the schema's own depth is bounded far below,
 * only definitions that hold definitions can get here. */
#define PRINT_DEPTH_MAX 160
#define INDENT_MAX      128

struct printer {
    struct buf *out;
    const struct type_style *style;
    const char *prefix;
    unsigned indent;  /* columns of the current line */
    unsigned depth;   /* of types */
    unsigned objects; /* of object types */
    bool operand;     /* of an intersection */
};

static void print(struct printer *printer, const struct type *type);

static void print_real(struct buf *out, double value)
{
    char text[40];

    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    buf_add_str(out, text);
}

static void print_literal(struct buf *out, const json_t *value)
{
    if (json_is_string(value))
        typescript_string(out, span_make(json_string_value(value), json_string_length(value)));
    else if (json_is_integer(value))
        buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        print_real(out, json_real_value(value));
    else
        buf_add_str(out, json_is_true(value) ? "true" : "false");
}

/* True when a type needs brackets as the element of an array or behind a `?`. */
static bool is_compound(const struct type *type)
{
    if (type->kind == TYPE_REFERENCE && type->definition->name)
        return false;
    type = type_resolve(type);
    return type->kind == TYPE_UNION || type->kind == TYPE_INTERSECTION;
}

static void print_bracketed(struct printer *printer, const struct type *type, bool brackets)
{
    if (brackets)
        buf_add_char(printer->out, '(');
    print(printer, type);
    if (brackets)
        buf_add_char(printer->out, ')');
}

static void print_tuple(struct printer *printer, const struct type *type)
{
    struct buf *out = printer->out;

    buf_add_char(out, '[');
    for (size_t i = 0; i < type->array.list.count; i++) {
        bool optional = i >= type->array.required;
        const struct type *item = type->array.list.items[i];

        buf_add_str(out, i ? ", " : "");
        print_bracketed(printer, item, optional && is_compound(item));
        buf_add_str(out, optional ? "?" : "");
    }
    if (type->array.rest) {
        buf_add_str(out, type->array.list.count ? ", ..." : "...");
        print_bracketed(printer, type->array.rest, is_compound(type->array.rest));
        buf_add_str(out, "[]");
    }
    buf_add_char(out, ']');
}

static void print_array(struct printer *printer, const struct type *type)
{
    print_bracketed(printer, type->array.rest, is_compound(type->array.rest));
    buf_add_str(printer->out, "[]");
}

static const char *indentation(unsigned columns, char text[INDENT_MAX + 1])
{
    if (columns > INDENT_MAX)
        columns = INDENT_MAX;
    memset(text, ' ', columns);
    text[columns] = '\0';
    return text;
}

static void start_line(struct printer *printer)
{
    char indent[INDENT_MAX + 1];

    buf_printf(printer->out, "\n%s", indentation(printer->indent, indent));
}

/* True when a value that lacks the property has it all the same: by Object.prototype. */
static bool is_inherited(const struct type_property *property)
{
    static const struct span names[] = {
        SPAN("constructor"),    SPAN("hasOwnProperty"),
        SPAN("isPrototypeOf"),  SPAN("propertyIsEnumerable"),
        SPAN("toLocaleString"), SPAN("toString"),
        SPAN("valueOf"),
    };
    struct span name = span_make(property->name, property->name_len);

    for (size_t i = 0; i < ARRAY_COUNT(names) && property->optional; i++) {
        if (span_equal(name, names[i]))
            return true;
    }
    return false;
}

static void print_property(struct printer *printer, const struct type_property *property)
{
    char indent[INDENT_MAX + 1];

    if (printer->style->document) {
        buf_add_char(printer->out, '\n');
        printer->style->document(printer->style->ctx, printer->style->root, property,
                                 indentation(printer->indent, indent), printer->out);
        buf_add_str(printer->out, indentation(printer->indent, indent));
    }
    typescript_property(printer->out, span_make(property->name, property->name_len));
    buf_add_str(printer->out, property->optional ? "?: " : ": ");
    /* The compiler holds `{}` against it too. */
    if (is_inherited(property) && type_resolve(property->type)->kind != TYPE_ANY)
        buf_add_str(printer->out, "Function | ");
    print(printer, property->type);
}

static bool holds(const struct type *the_union, const struct type *type)
{
    for (size_t i = 0; i < the_union->list.count; i++) {
        if (type_equal(type_resolve(the_union->list.items[i]), type))
            return true;
    }
    return false;
}

/* True when every value of `type` is one of `wider`, as far as it is easily seen. */
static bool is_within(const struct type *type, const struct type *wider)
{
    type = type_resolve(type);
    wider = type_resolve(wider);
    if (wider->kind == TYPE_ANY || wider->kind == TYPE_REMOTE || type_equal(type, wider))
        return true;
    if (wider->kind == TYPE_UNION && holds(wider, type))
        return true;
    return type->kind == TYPE_LITERAL &&
           ((wider->kind == TYPE_STRING && json_is_string(type->literal)) ||
            (wider->kind == TYPE_NUMBER && json_is_number(type->literal)));
}

static void print_others(struct printer *printer, const struct type *index)
{
    if (index->kind == TYPE_ANY && printer->style->strict)
        buf_add_str(printer->out, "unknown");
    else
        print(printer, index);
}

/* What an index signature must be to hold for a property of its keys as well, which JSON Schema
 * doesn't ask: `type`, or any where the property does not fit; `*optional` when it may lack. */
static const struct type *
fit_property(const struct type *type, const struct type_property *property, bool *optional)
{
    *optional |= property->optional;
    if (is_inherited(property) || !is_within(property->type, type))
        return type_simple(TYPE_ANY);
    return type;
}

static void print_indexed(struct printer *printer, const struct type *type, bool optional)
{
    print_others(printer, type);
    if (optional && type->kind != TYPE_ANY)
        buf_add_str(printer->out, " | undefined");
}

static void print_index(struct printer *printer, const struct type *type)
{
    const struct type *index = type->object.index;
    bool optional = false;

    for (size_t i = 0; i < type->object.count; i++)
        index = fit_property(index, &type->object.properties[i], &optional);
    for (size_t i = 0; i < type->object.pattern_count; i++) {
        if (!is_within(type->object.patterns[i].type, index))
            index = type_simple(TYPE_ANY);
    }
    buf_add_str(printer->out, "[key: string]: ");
    print_indexed(printer, index, optional);
}

static void
print_pattern(struct printer *printer, const struct type *type, const struct type_pattern *pattern)
{
    const struct type *value = pattern->type;
    bool optional = false;

    for (size_t i = 0; i < type->object.count; i++) {
        const struct type_property *property = &type->object.properties[i];

        if (type_pattern_matches(pattern, property->name, property->name_len))
            value = fit_property(value, property, &optional);
    }
    buf_add_str(printer->out, pattern->starts ? "[key: `" : "[key: `${string}");
    buf_add(printer->out, pattern->literal, pattern->literal_len);
    buf_add_str(printer->out, pattern->ends ? "`]: " : "${string}`]: ");
    print_indexed(printer, value, optional);
}

static void separate(struct printer *printer, bool first)
{
    if (printer->style->document)
        buf_add_str(printer->out, first ? "" : ";");
    else
        buf_add_str(printer->out, first ? " " : "; ");
}

static void print_patterns(struct printer *printer, const struct type *type)
{
    for (size_t i = 0; i < type->object.pattern_count; i++) {
        separate(printer, type->object.count + i == 0);
        if (printer->style->document)
            start_line(printer);
        print_pattern(printer, type, &type->object.patterns[i]);
    }
}

/* That other keys are allowed is worth no words in a short form. */
static bool is_left_out(const struct printer *printer, const struct type *type)
{
    return printer->style->brief && type->object.count + type->object.pattern_count > 0 &&
           type_resolve(type->object.index)->kind == TYPE_ANY;
}

static void print_members(struct printer *printer, const struct type *type)
{
    struct buf *out = printer->out;

    buf_add_char(out, '{');
    printer->indent += 2;
    for (size_t i = 0; i < type->object.count; i++) {
        separate(printer, i == 0);
        print_property(printer, &type->object.properties[i]);
    }
    print_patterns(printer, type);
    if (type->object.index && !is_left_out(printer, type)) {
        separate(printer, type->object.count + type->object.pattern_count == 0);
        if (printer->style->document)
            start_line(printer);
        print_index(printer, type);
    }
    printer->indent -= 2;
    if (printer->style->document) {
        buf_add_char(out, ';');
        start_line(printer);
        buf_add_char(out, '}');
    } else {
        buf_add_str(out, " }");
    }
}

static void print_object(struct printer *printer, const struct type *type)
{
    const struct type_style *style = printer->style;

    size_t described = type->object.count + type->object.pattern_count;

    if (described == 0 && !type->object.index) {
        buf_add_str(printer->out,
                    type->object.closed ? "{ [key: string]: never }" : "{ [key: string]: any }");
        return;
    }
    if (described == 0 && type_resolve(type->object.index)->kind <= TYPE_STRING) {
        buf_add_str(printer->out, "{ [key: string]: ");
        print_others(printer, type->object.index);
        buf_add_str(printer->out, " }");
        return;
    }
    if (style->depth_max && printer->objects >= style->depth_max) {
        buf_add_str(printer->out, "any");
        return;
    }
    printer->objects++;
    print_members(printer, type);
    printer->objects--;
}

static void print_union(struct printer *printer, const struct type *type)
{
    unsigned literals = 0, left_out = 0;
    bool first = true;

    for (size_t i = 0; i < type->list.count; i++) {
        const struct type *member = type->list.items[i];

        if (member->kind == TYPE_LITERAL && printer->style->literal_max &&
            ++literals > printer->style->literal_max) {
            left_out++;
            continue;
        }
        buf_add_str(printer->out, first ? "" : " | ");
        print(printer, member);
        first = false;
    }
    if (left_out)
        buf_printf(printer->out, " /* or one of %u more */", left_out);
}

static void print_intersection(struct printer *printer, const struct type *type)
{
    bool operand = printer->operand;

    printer->operand = true;
    for (size_t i = 0; i < type->list.count; i++) {
        const struct type *member = type->list.items[i];

        buf_add_str(printer->out, i ? " & " : "");
        print_bracketed(printer, member, is_compound(member));
    }
    printer->operand = operand;
}

static void print_reference(struct printer *printer, const struct type *type)
{
    const struct type_definition *definition = type->definition;

    if (definition->name)
        buf_printf(printer->out, "%s%s", printer->prefix, definition->name);
    else
        print(printer, definition->type ? definition->type : type_simple(TYPE_ANY));
}

static void print_simple(struct printer *printer, const struct type *type)
{
    static const char *const names[] = {
        [TYPE_ANY] = "any",       [TYPE_UNKNOWN] = "any",   [TYPE_REMOTE] = "unknown",
        [TYPE_NEVER] = "never",   [TYPE_NULL] = "null",     [TYPE_BOOLEAN] = "boolean",
        [TYPE_NUMBER] = "number", [TYPE_STRING] = "string",
    };

    /* In an intersection `any` would swallow what another operand says of the property. */
    if (type->kind == TYPE_UNKNOWN && printer->operand)
        buf_add_str(printer->out, "unknown");
    else
        buf_add_str(printer->out, names[type->kind]);
}

static void print_kind(struct printer *printer, const struct type *type)
{
    switch (type->kind) {
    case TYPE_ANY:
    case TYPE_UNKNOWN:
    case TYPE_REMOTE:
    case TYPE_NEVER:
    case TYPE_NULL:
    case TYPE_BOOLEAN:
    case TYPE_NUMBER:
    case TYPE_STRING:
        print_simple(printer, type);
        break;
    case TYPE_LITERAL:
        print_literal(printer->out, type->literal);
        break;
    case TYPE_ARRAY:
        print_array(printer, type);
        break;
    case TYPE_TUPLE:
        print_tuple(printer, type);
        break;
    case TYPE_OBJECT:
        print_object(printer, type);
        break;
    case TYPE_UNION:
        print_union(printer, type);
        break;
    case TYPE_INTERSECTION:
        print_intersection(printer, type);
        break;
    case TYPE_REFERENCE:
        print_reference(printer, type);
        break;
    }
}

static void print(struct printer *printer, const struct type *type)
{
    if (buf_failed(printer->out))
        return;
    if (printer->depth >= PRINT_DEPTH_MAX) {
        buf_add_str(printer->out, "any");
        return;
    }
    printer->depth++;
    print_kind(printer, type);
    printer->depth--;
}

void type_print(struct buf *out,
                const struct type *type,
                const struct type_style *style,
                const char *prefix,
                unsigned indent_columns)
{
    struct printer printer = {
        .out = out, .style = style, .prefix = prefix, .indent = indent_columns
    };

    print(&printer, type);
}

size_t type_length(const struct type *type, size_t max)
{
    static const struct type_style line = { .document = NULL };
    struct buf out = BUF(max);
    size_t len;

    type_print(&out, type, &line, "", 0);
    len = buf_failed(&out) ? max : out.len;
    buf_done(&out);
    return len;
}
