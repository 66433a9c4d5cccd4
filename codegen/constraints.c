#include "codegen/constraints.h"

#include <string.h>

#include "base/mem.h"
#include "codegen/schema_internal.h"
#include "codegen/typescript_text.h"

/* A value of a tag longer than this says nothing at a glance; a condition may be longer. */
#define VALUE_MAX_BYTES     200
#define CONDITION_MAX_BYTES 800
/* What is said in words of one part. */
#define WORDS_MAX_BYTES 2000
/* Schemas that are looked at for one tag, and how deep. */
#define WORDS_SCHEMAS  64
#define WORDS_DEPTH    4
#define EXAMPLES_MAX   3
#define REFERENCES_MAX 8
/* Longer lists of members are no spelling of "or null". */
#define MEMBERS_MAX 16

static struct span text_of(const json_t *value)
{
    return json_is_string(value)
               ? span_trim(span_make(json_string_value(value), json_string_length(value)))
               : SPAN_NONE;
}

static bool is_null_type(const json_t *schema)
{
    const char *type = json_string_value(json_object_get(schema, "type"));

    return type && strcmp(type, "null") == 0;
}

/* The only member of a union that is not null; NULL when there are several or none. */
static const json_t *sole_member(const json_t *schema)
{
    static const char *const keywords[] = { "anyOf", "oneOf", "allOf" };
    const json_t *sole = NULL, *member;
    size_t i;

    for (size_t k = 0; k < ARRAY_COUNT(keywords); k++) {
        const json_t *members = json_object_get(schema, keywords[k]);

        if (json_array_size(members) > MEMBERS_MAX)
            return NULL;
        json_array_foreach(members, i, member)
        {
            if (is_null_type(member))
                continue;
            if (sole)
                return NULL;
            sole = member;
        }
    }
    return sole;
}

/* A schema, and what stands behind it in turn while one only refers or only adds null. */
struct chain {
    const json_t *schemas[REFERENCES_MAX];
    size_t count;
};

static const json_t *behind(struct schema_document *document, const json_t *schema)
{
    const char *reference = json_string_value(json_object_get(schema, "$ref"));

    return reference ? schema_find(document, reference) : sole_member(schema);
}

static struct chain chain_of(struct schema_document *document, const json_t *schema)
{
    struct chain chain = { .count = 0 };

    while (json_is_object(schema) && chain.count < REFERENCES_MAX) {
        chain.schemas[chain.count++] = schema;
        schema = behind(document, schema);
    }
    return chain;
}

/* A keyword of the first schema that has it; NULL when none has. */
static const json_t *keyword(const struct chain *chain, const char *name)
{
    for (size_t i = 0; i < chain->count; i++) {
        const json_t *value = json_object_get(chain->schemas[i], name);

        if (value)
            return value;
    }
    return NULL;
}

static struct span description_of(const struct chain *chain)
{
    struct span text = text_of(keyword(chain, "description"));

    return text.len ? text : text_of(keyword(chain, "title"));
}

/* --- values --------------------------------------------------------------- */

static int add_piece(const char *piece, size_t size, void *ctx)
{
    return buf_add(ctx, piece, size);
}

/* Appends a value as JSON, unless it is longer than `max` bytes. */
static void add_json(struct buf *out, const json_t *value, size_t max)
{
    CLEANUP(buf) struct buf text = BUF(max);

    if (json_is_string(value))
        typescript_string(&text, text_of(value));
    else if (json_dump_callback(value, add_piece, &text,
                                JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15)) < 0)
        buf_clear(&text);
    if (buf_failed(&text) || text.len == 0)
        buf_add_str(out, "(long)");
    else
        typescript_comment_line(out, buf_span(&text));
}

/* True for the limits that zod writes for every integer: they say nothing. */
static bool is_safe_integer_limit(const json_t *value)
{
    json_int_t number = json_integer_value(value);

    return json_is_integer(value) && (number >= 9007199254740991 || number <= -9007199254740991);
}

/* Tags by keyword, in the order they are written. */
static const struct tag {
    const char *keyword;
    const char *tag;
    bool plain; /* its text is written without quotes */
    size_t max;
} tags[] = {
    { "format", "format", true, VALUE_MAX_BYTES },
    { "pattern", "pattern", true, CONDITION_MAX_BYTES },
    { "minimum", "minimum", false, VALUE_MAX_BYTES },
    { "maximum", "maximum", false, VALUE_MAX_BYTES },
    { "exclusiveMinimum", "exclusiveMinimum", false, VALUE_MAX_BYTES },
    { "exclusiveMaximum", "exclusiveMaximum", false, VALUE_MAX_BYTES },
    { "multipleOf", "multipleOf", false, VALUE_MAX_BYTES },
    { "unit", "unit", true, VALUE_MAX_BYTES },
    { "units", "unit", true, VALUE_MAX_BYTES },
    { "x-unit", "unit", true, VALUE_MAX_BYTES },
    { "x-units", "unit", true, VALUE_MAX_BYTES },
    { "minLength", "minLength", false, VALUE_MAX_BYTES },
    { "maxLength", "maxLength", false, VALUE_MAX_BYTES },
    { "minItems", "minItems", false, VALUE_MAX_BYTES },
    { "maxItems", "maxItems", false, VALUE_MAX_BYTES },
    { "uniqueItems", "uniqueItems", false, VALUE_MAX_BYTES },
    { "contains", "contains", false, CONDITION_MAX_BYTES },
    { "minContains", "minContains", false, VALUE_MAX_BYTES },
    { "maxContains", "maxContains", false, VALUE_MAX_BYTES },
    { "minProperties", "minProperties", false, VALUE_MAX_BYTES },
    { "maxProperties", "maxProperties", false, VALUE_MAX_BYTES },
    { "dependentRequired", "dependentRequired", false, CONDITION_MAX_BYTES },
    { "dependentSchemas", "dependentSchemas", false, CONDITION_MAX_BYTES },
    { "dependencies", "dependencies", false, CONDITION_MAX_BYTES },
    { "not", "not", false, CONDITION_MAX_BYTES },
    { "if", "if", false, CONDITION_MAX_BYTES },
    { "then", "then", false, CONDITION_MAX_BYTES },
    { "else", "else", false, CONDITION_MAX_BYTES },
    { "contentEncoding", "contentEncoding", false, VALUE_MAX_BYTES },
    { "contentMediaType", "contentMediaType", false, VALUE_MAX_BYTES },
    { "contentSchema", "contentSchema", false, CONDITION_MAX_BYTES },
    { "default", "default", false, VALUE_MAX_BYTES },
    { "deprecated", "deprecated", false, VALUE_MAX_BYTES },
    { "readOnly", "readonly", false, VALUE_MAX_BYTES },
    { "writeOnly", "writeonly", false, VALUE_MAX_BYTES },
};

static bool is_default(const struct tag *tag)
{
    return strcmp(tag->keyword, "default") == 0;
}

static bool says_nothing(const struct tag *tag, const json_t *value)
{
    if (json_is_false(value) && !is_default(tag))
        return true;
    if (strcmp(tag->keyword, "not") == 0 && json_is_object(value) && json_object_size(value) == 0)
        return true; /* the type is never */
    return strstr(tag->keyword, "imum") && is_safe_integer_limit(value);
}

static const json_t *value_of(const struct tag *tag, const struct chain *chain)
{
    const json_t *value = keyword(chain, tag->keyword);

    return value && !says_nothing(tag, value) ? value : NULL;
}

/* Appends " VALUE"; nothing for what is true. */
static void add_value(struct buf *out, const struct tag *tag, const json_t *value)
{
    struct span text = text_of(value);

    if (json_is_true(value) && !is_default(tag))
        return;
    buf_add_char(out, ' ');
    if (!tag->plain || !json_is_string(value))
        add_json(out, value, tag->max);
    else if (text.len > tag->max)
        buf_add_str(out, "(long)");
    else
        typescript_comment_line(out, text);
}

static bool is_integer(const struct chain *chain)
{
    const json_t *type = keyword(chain, "type");

    return schema_names_type(type, "integer") && !schema_names_type(type, "number");
}

/* --- in words ------------------------------------------------------------- */

struct words {
    struct schema_document *document;
    struct buf *out;
    unsigned depth;
    unsigned left; /* schemas that may be looked at */
};

static void add_words(struct words *words, const json_t *schema);

/* Starts one more thing said of a schema that began at `start`. */
static void start_word(struct words *words, size_t start, const char *name)
{
    struct buf *out = words->out;
    bool sentence = out->len > start && out->data[out->len - 1] == '.';

    buf_printf(out, "%s%s", out->len == start ? "" : sentence ? " " : ", ", name);
}

/* Appends "NAME (what is said of a part)"; nothing when nothing is. */
static void add_part(struct words *words, size_t start, const char *name, const json_t *part)
{
    size_t before = words->out->len, begin;

    if (!json_is_object(part))
        return;
    start_word(words, start, name);
    buf_add_str(words->out, " (");
    begin = words->out->len;
    add_words(words, part);
    if (words->out->len == begin)
        buf_truncate(words->out, before);
    else
        buf_add_char(words->out, ')');
}

static void add_own_words(struct words *words, const struct chain *chain, size_t start)
{
    if (is_integer(chain))
        start_word(words, start, "integer");
    for (size_t i = 0; i < ARRAY_COUNT(tags); i++) {
        const json_t *value = value_of(&tags[i], chain);

        if (!value)
            continue;
        start_word(words, start, tags[i].tag);
        add_value(words->out, &tags[i], value);
    }
}

static void add_parts(struct words *words, const struct chain *chain, size_t start)
{
    static const char *const parts[][2] = {
        { "items", "items" },
        { "propertyNames", "keys" },
        { "additionalProperties", "values" },
    };

    for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
        add_part(words, start, parts[i][1], keyword(chain, parts[i][0]));
}

/* Appends what a schema says: its description and its constraints. */
static void add_words(struct words *words, const json_t *schema)
{
    size_t start = words->out->len;
    struct chain chain;

    if (words->left == 0 || words->depth >= WORDS_DEPTH || buf_failed(words->out))
        return;
    words->left--;
    words->depth++;
    chain = chain_of(words->document, schema);
    typescript_comment_line(words->out, description_of(&chain));
    add_own_words(words, &chain, start);
    add_parts(words, &chain, start);
    words->depth--;
}

/* --- tags ----------------------------------------------------------------- */

static void start_tag(struct buf *out, const char *tag)
{
    buf_printf(out, "%s@%s", out->len ? "\n" : "", tag);
}

/* Appends "@TAG WORDS"; nothing when there are none. */
static void add_words_tag(struct buf *out, const char *tag, const struct words *words)
{
    if (!buf_failed(words->out) && words->out->len == 0)
        return;
    start_tag(out, tag);
    buf_add_char(out, ' ');
    if (buf_failed(words->out))
        buf_add_str(out, "(long)");
    else
        buf_add_span(out, buf_span(words->out));
}

static void
add_part_tag(struct buf *out, const char *tag, struct schema_document *document, const json_t *part)
{
    CLEANUP(buf) struct buf text = BUF(WORDS_MAX_BYTES);
    struct words words = { .document = document, .out = &text, .left = WORDS_SCHEMAS };

    if (json_is_object(part))
        add_words(&words, part);
    add_words_tag(out, tag, &words);
}

/* The elements of a tuple, each by its place. */
static void add_elements(struct buf *out, struct schema_document *document, const json_t *elements)
{
    const json_t *element;
    size_t i;

    json_array_foreach(elements, i, element)
    {
        CLEANUP(str) char *tag = xasprintf("items[%zu]", i);

        if (i == WORDS_SCHEMAS)
            return;
        add_part_tag(out, tag, document, element);
    }
}

/* Which keys are meant, and what is said of their values. */
static void add_patterns(struct buf *out, struct schema_document *document, const json_t *patterns)
{
    const char *pattern;
    json_t *schema;
    unsigned left = WORDS_SCHEMAS;

    json_object_foreach((json_t *)(uintptr_t)patterns, pattern, schema)
    {
        CLEANUP(buf) struct buf text = BUF(WORDS_MAX_BYTES);
        struct words words = { .document = document, .out = &text, .left = WORDS_SCHEMAS };

        if (left-- == 0)
            return;
        buf_add_str(&text, "matching ");
        typescript_comment_line(&text, span_of(pattern));
        add_part(&words, 0, "values", schema);
        add_words_tag(out, "keys", &words);
    }
}

/* Appends "(WORDS)" of a member, or the name of its type; returns whether there were words. */
static bool add_member(struct words *words, const json_t *member)
{
    const char *type = json_string_value(json_object_get(member, "type"));
    size_t start;

    buf_add_str(words->out, words->out->len ? " (" : "(");
    start = words->out->len;
    add_words(words, member);
    if (words->out->len > start) {
        buf_add_char(words->out, ')');
        return true;
    }
    typescript_comment_line(words->out, span_of(type ? type : "..."));
    buf_add_char(words->out, ')');
    return false;
}

/* Members of a union or an intersection, when anything is said of one but its type. */
static void add_members(struct buf *out,
                        struct schema_document *document,
                        const json_t *schema,
                        const char *name)
{
    CLEANUP(buf) struct buf text = BUF(WORDS_MAX_BYTES);
    struct words words = { .document = document, .out = &text, .left = WORDS_SCHEMAS };
    const json_t *member;
    bool said = false;
    size_t i;

    json_array_foreach(json_object_get(schema, name), i, member)
    {
        if (words.left == 0)
            break;
        if (!is_null_type(member))
            said |= add_member(&words, member);
    }
    if (said)
        add_words_tag(out, name, &words);
}

static void add_examples(struct buf *out, const struct chain *chain)
{
    static const struct tag tag = { .keyword = "default", .max = VALUE_MAX_BYTES };
    const json_t *examples = keyword(chain, "examples");
    const json_t *sole = keyword(chain, "example"), *example;
    size_t i;

    json_array_foreach(examples, i, example)
    {
        if (i == EXAMPLES_MAX)
            return;
        start_tag(out, "example");
        add_value(out, &tag, example);
    }
    if (sole && json_array_size(examples) == 0) {
        start_tag(out, "example");
        add_value(out, &tag, sole);
    }
}

static void add_own_tags(struct buf *out, const struct chain *chain)
{
    if (is_integer(chain))
        start_tag(out, "integer");
    for (size_t i = 0; i < ARRAY_COUNT(tags); i++) {
        const json_t *value = value_of(&tags[i], chain);

        if (!value)
            continue;
        start_tag(out, tags[i].tag);
        add_value(out, &tags[i], value);
    }
}

/* What stands behind the schema is nowhere in the document. */
static void add_note(struct buf *out, const struct chain *chain)
{
    struct span reference = text_of(json_object_get(chain->schemas[chain->count - 1], "$ref"));

    if (!reference.len || chain->count == REFERENCES_MAX)
        return;
    start_tag(out, "note");
    buf_add_char(out, ' ');
    typescript_comment_line(out, reference);
    buf_add_str(out, " is not in the schema, and not fetched");
}

static void
add_parts_tags(struct buf *out, struct schema_document *document, const struct chain *chain)
{
    const json_t *items = keyword(chain, "items");

    add_elements(out, document, json_is_array(items) ? items : keyword(chain, "prefixItems"));
    add_part_tag(out, "items", document, items);
    add_part_tag(out, "keys", document, keyword(chain, "propertyNames"));
    add_patterns(out, document, keyword(chain, "patternProperties"));
    add_part_tag(out, "values", document, keyword(chain, "additionalProperties"));
}

struct span
constraints_tags(struct buf *out, struct schema_document *document, const json_t *schema)
{
    static const char *const members[] = { "anyOf", "oneOf", "allOf" };
    const struct chain chain = chain_of(document, schema);

    if (chain.count == 0)
        return SPAN_NONE;
    add_own_tags(out, &chain);
    add_parts_tags(out, document, &chain);
    /* Of the last: those before it have a sole member, which is said already. */
    for (size_t i = 0; i < ARRAY_COUNT(members); i++)
        add_members(out, document, chain.schemas[chain.count - 1], members[i]);
    add_examples(out, &chain);
    add_note(out, &chain);
    return description_of(&chain);
}

void constraints_of_whole(struct buf *out, const char *tag, const json_t *schema)
{
    CLEANUP(buf) struct buf text = BUF(WORDS_MAX_BYTES);
    struct schema_document document = { schema, SCHEMA_SEARCH_MAX };
    struct words words = { .document = &document, .out = &text, .left = WORDS_SCHEMAS };
    const struct chain chain = chain_of(&document, schema);

    typescript_comment_line(&text, text_of(keyword(&chain, "description")));
    add_own_words(&words, &chain, 0);
    add_parts(&words, &chain, 0);
    add_words_tag(out, tag, &words);
}
