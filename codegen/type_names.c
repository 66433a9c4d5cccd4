#include "codegen/type_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "codegen/names.h"

/* The global types of lib.esnext.d.ts and of prelude.d.ts, sorted.  The test of this file holds the
 * list against both. */
static const char *const global_types[] = {
    "AbortController",
    "AbortSignal",
    "AggregateError",
    "AggregateErrorConstructor",
    "Array",
    "ArrayBuffer",
    "ArrayBufferConstructor",
    "ArrayBufferLike",
    "ArrayBufferTypes",
    "ArrayBufferView",
    "ArrayConstructor",
    "ArrayIterator",
    "ArrayLike",
    "AsyncDisposable",
    "AsyncDisposableStack",
    "AsyncDisposableStackConstructor",
    "AsyncGenerator",
    "AsyncGeneratorFunction",
    "AsyncGeneratorFunctionConstructor",
    "AsyncIterable",
    "AsyncIterableIterator",
    "AsyncIterator",
    "AsyncIteratorObject",
    "Atomics",
    "Awaited",
    "BigInt",
    "BigInt64Array",
    "BigInt64ArrayConstructor",
    "BigIntConstructor",
    "BigIntToLocaleStringOptions",
    "BigUint64Array",
    "BigUint64ArrayConstructor",
    "Boolean",
    "BooleanConstructor",
    "BuiltinIteratorReturn",
    "CallableFunction",
    "Capitalize",
    "ClassAccessorDecoratorContext",
    "ClassAccessorDecoratorResult",
    "ClassAccessorDecoratorTarget",
    "ClassDecorator",
    "ClassDecoratorContext",
    "ClassFieldDecoratorContext",
    "ClassGetterDecoratorContext",
    "ClassMemberDecoratorContext",
    "ClassMethodDecoratorContext",
    "ClassSetterDecoratorContext",
    "ConcatArray",
    "ConstructorParameters",
    "DOMException",
    "DataView",
    "DataViewConstructor",
    "Date",
    "DateConstructor",
    "DecoratorContext",
    "DecoratorMetadata",
    "DecoratorMetadataObject",
    "Disposable",
    "DisposableStack",
    "DisposableStackConstructor",
    "Error",
    "ErrorConstructor",
    "ErrorOptions",
    "EvalError",
    "EvalErrorConstructor",
    "Event",
    "EventTarget",
    "Exclude",
    "Extract",
    "FinalizationRegistry",
    "FinalizationRegistryConstructor",
    "FlatArray",
    "Float16Array",
    "Float16ArrayConstructor",
    "Float32Array",
    "Float32ArrayConstructor",
    "Float64Array",
    "Float64ArrayConstructor",
    "Function",
    "FunctionConstructor",
    "Generator",
    "GeneratorFunction",
    "GeneratorFunctionConstructor",
    "IArguments",
    "ImportAssertions",
    "ImportAttributes",
    "ImportCallOptions",
    "ImportMeta",
    "Infinity",
    "InstanceType",
    "Int16Array",
    "Int16ArrayConstructor",
    "Int32Array",
    "Int32ArrayConstructor",
    "Int8Array",
    "Int8ArrayConstructor",
    "Intl",
    "Iterable",
    "IterableIterator",
    "Iterator",
    "IteratorObject",
    "IteratorObjectConstructor",
    "IteratorResult",
    "IteratorReturnResult",
    "IteratorYieldResult",
    "JSON",
    "Lowercase",
    "Map",
    "MapConstructor",
    "MapIterator",
    "Math",
    "McpApi",
    "McpCallResult",
    "McpConsole",
    "McpContent",
    "McpPrompts",
    "McpResources",
    "McpServerInfo",
    "McpToolMatch",
    "MethodDecorator",
    "NaN",
    "NewableFunction",
    "NoInfer",
    "NonNullable",
    "Number",
    "NumberConstructor",
    "Object",
    "ObjectConstructor",
    "Observed",
    "Omit",
    "OmitThisParameter",
    "ParameterDecorator",
    "Parameters",
    "Partial",
    "Pick",
    "Promise",
    "PromiseConstructor",
    "PromiseConstructorLike",
    "PromiseFulfilledResult",
    "PromiseLike",
    "PromiseRejectedResult",
    "PromiseSettledResult",
    "PromiseWithResolvers",
    "PropertyDecorator",
    "PropertyDescriptor",
    "PropertyDescriptorMap",
    "PropertyKey",
    "Proxy",
    "ProxyConstructor",
    "ProxyHandler",
    "RangeError",
    "RangeErrorConstructor",
    "Readonly",
    "ReadonlyArray",
    "ReadonlyMap",
    "ReadonlySet",
    "ReadonlySetLike",
    "Record",
    "ReferenceError",
    "ReferenceErrorConstructor",
    "Reflect",
    "RegExp",
    "RegExpConstructor",
    "RegExpExecArray",
    "RegExpIndicesArray",
    "RegExpMatchArray",
    "RegExpStringIterator",
    "Required",
    "ReturnType",
    "Set",
    "SetConstructor",
    "SetIterator",
    "SharedArrayBuffer",
    "SharedArrayBufferConstructor",
    "String",
    "StringConstructor",
    "StringIterator",
    "SuppressedError",
    "SuppressedErrorConstructor",
    "Symbol",
    "SymbolConstructor",
    "SyntaxError",
    "SyntaxErrorConstructor",
    "TemplateStringsArray",
    "Temporal",
    "TextDecoder",
    "TextEncoder",
    "ThisParameterType",
    "ThisType",
    "ToolError",
    "TypeError",
    "TypeErrorConstructor",
    "TypedPropertyDescriptor",
    "URIError",
    "URIErrorConstructor",
    "URL",
    "URLSearchParams",
    "Uint16Array",
    "Uint16ArrayConstructor",
    "Uint32Array",
    "Uint32ArrayConstructor",
    "Uint8Array",
    "Uint8ArrayConstructor",
    "Uint8ClampedArray",
    "Uint8ClampedArrayConstructor",
    "Uncapitalize",
    "Uppercase",
    "WeakKey",
    "WeakKeyTypes",
    "WeakMap",
    "WeakMapConstructor",
    "WeakRef",
    "WeakRefConstructor",
    "WeakSet",
    "WeakSetConstructor",
};

static int compare_name(const void *key, const void *entry)
{
    return strcmp(key, *(const char *const *)entry);
}

static bool is_global_type(const char *name)
{
    return bsearch(name, global_types, ARRAY_COUNT(global_types), sizeof(global_types[0]),
                   compare_name) != NULL;
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_word(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

char *type_name_of_server(const char *identifier)
{
    char *name = xstrdup(identifier);

    /* What begins with a capital comes of a lower-case identifier, all else has a `_` more than its
     * identifier: two identifiers never meet. */
    if (is_lower(name[0])) {
        name[0] = (char)(name[0] - 'a' + 'A');
        if (!is_global_type(name))
            return name;
    }
    free(name);
    return xasprintf("_%s", identifier);
}

char *type_name_from(const char *text)
{
    char *name = xcalloc(strlen(text) + 6, 1);
    size_t len = 0;
    bool start = true;

    for (; *text; text++) {
        if (!is_word(*text)) {
            start = true;
            continue;
        }
        if (len == 0 && *text >= '0' && *text <= '9')
            name[len++] = '_';
        name[len++] = start && is_lower(*text) ? (char)(*text - 'a' + 'A') : *text;
        start = false;
    }
    if (len == 0)
        memcpy(name, "Type", 5);
    return name;
}
