/**
 * The value of a script as JSON.
 *
 * Everything has a rendering, and none can fail but by its size:
 *
 *   undefined in an object is left out, in an array null
 *   NaN, Infinity      "NaN", "Infinity"
 *   BigInt             its digits, as a string
 *   symbol             "Symbol(name)"; properties with a symbol as name are left out
 *   function, class    "[Function: name]"
 *   Date               as toISOString; "Invalid Date"
 *   RegExp             "/source/flags"
 *   Map                an object when all keys are strings, else pairs
 *   Set, typed array, ArrayBuffer, DataView   an array
 *   Error              an object with name, message and its own properties
 *   boxed primitive    the primitive
 *   Promise            "[Promise: await it]"
 *   WeakMap, WeakSet, generator, iterator     "[WeakMap]" and so on
 *   a cycle            "[Circular]"
 *   too deep           "[Nested too deeply]"
 *   what throws        "[Throws Error: message]", for a getter, a proxy, a toJSON
 */
import {
    ArrayConstructor, BigIntPrototypeToString, BigIntPrototypeValueOf, BooleanPrototypeValueOf,
    DataViewBuffer, DataViewByteLength, DataViewByteOffset, DateToJSON, List, MapConstructor,
    MapPrototypeForEach, MapPrototypeGet, MapPrototypeSet, MapSize, NumberIsFinite,
    NumberPrototypeValueOf, ObjectKeys, ReflectApply, ReflectGet, SetPrototypeForEach,
    StringPrototypeValueOf, SymbolPrototypeToString, SymbolPrototypeValueOf, TypedArrayLength,
    Uint8ArrayConstructor, isObject, own, quote,
} from "./primordials.js";
import { LimitError, markOf, readData, readError } from "./errors.js";
import { dateText, regExpText } from "./inspect.js";
/** @import { Native, Kind } from "./native" */

const depthMax = 100; /* the proxy takes 128 */
const namesMax = 1000;
const { isArray } = ArrayConstructor;
const headNames = /** @type {any} */ ({ __proto__: null, name: 1, message: 1 });

const unbox = [
    BooleanPrototypeValueOf, NumberPrototypeValueOf, StringPrototypeValueOf,
    BigIntPrototypeValueOf, SymbolPrototypeValueOf,
];

/**
 * @typedef {object} State
 * @property {Native} native
 * @property {number} max bytes of the whole
 * @property {number} characters written so far
 * @property {List<object>} open the containers around the one that is rendered
 * @property {Map<string, string>} names of properties, as JSON
 */

/**
 * The rendering of a script's value: its kind, and its JSON.
 * @param {Native} native @param {unknown} value @param {number} max bytes of it
 * @returns {{ kind: "undefined" | "string" | "json", json: string }}
 */
export function render(native, value, max) {
    if (value === undefined)
        return { kind: "undefined", json: "null" };
    if (typeof value === "string")
        return { kind: "string", json: checkSize(native, quote(value), max) };

    const state = { native, max, characters: 0, open: new List(), names: new MapConstructor() };
    const json = renderValue(state, value, "");
    return { kind: "json", json: checkSize(native, json ?? "null", max) };
}

/** @param {Native} native @param {string} json @param {number} max */
function checkSize(native, json, max) {
    if (json.length > max || native.utf8Length(json) > max)
        throw tooLarge(max);
    return json;
}

/** @param {number} max */
function tooLarge(max) {
    return new LimitError("ResultLimit",
        `the value has more than ${max} bytes as JSON (limit RESULT_BYTES)`);
}

/** Counts what was written; stops what has no end.  @param {State} state @param {number} length */
function count(state, length) {
    state.characters += length;
    if (state.characters > state.max)
        throw tooLarge(state.max);
}

/** @param {State} state @param {any} value @param {string} key
 * @returns {string | undefined} undefined for what an object leaves out */
function renderValue(state, value, key) {
    if (isObject(value))
        return renderGuarded(state, value, key);

    const json = renderPrimitive(value);
    count(state, json === undefined ? 1 : json.length);
    return json;
}

/** @param {any} value @returns {string | undefined} */
function renderPrimitive(value) {
    switch (typeof value) {
    case "string":
        return quote(value);
    case "number":
        return NumberIsFinite(value) ? `${value}` : `"${value}"`;
    case "bigint":
        return `"${BigIntPrototypeToString(value)}"`;
    case "symbol":
        return quote(SymbolPrototypeToString(value));
    case "undefined":
        return undefined;
    default:
        return `${value}`;
    }
}

/** @param {Native} native @param {unknown} thrown @returns {string} */
function throwsText(native, thrown) {
    if (!isObject(thrown))
        return quote(`[Throws ${typeof thrown === "symbol" ? "a symbol" : thrown}]`);
    const { name, message } = readError(native, thrown);
    return quote(`[Throws ${name}: ${message}]`);
}

/** @param {State} state @param {object} object @param {string} key @returns {string | undefined} */
function renderGuarded(state, object, key) {
    const open = state.open;

    if (open.length >= depthMax)
        return '"[Nested too deeply]"';
    for (let i = 0; i < open.length; i++)
        if (open.at(i) === object)
            return '"[Circular]"';

    open.add(object);
    try {
        return renderObject(state, object, key);
    } catch (thrown) {
        if (markOf(thrown)?.kind === "ResultLimit")
            throw thrown;
        return throwsText(state.native, thrown);
    } finally {
        open.pop();
    }
}

/** @param {State} state @param {any} object @param {string} key @returns {string | undefined} */
function renderObject(state, object, key) {
    const kind = state.native.kindOf(object);
    const toJson = kind === "function" ? undefined : ReflectGet(object, "toJSON");

    count(state, 2);
    if (typeof toJson === "function" && !(kind === "date" && toJson === DateToJSON))
        return renderReplacement(state, ReflectApply(toJson, object, [key]), object);
    return renderKind(state, object, kind);
}

/** What toJSON gave is rendered as it is; the object itself again would not end.
 * @param {State} state @param {any} value @param {object} object */
function renderReplacement(state, value, object) {
    if (value === object)
        return renderKind(state, value, state.native.kindOf(value));
    return isObject(value) ? renderGuarded(state, value, "") : renderPrimitive(value);
}

/** @param {State} state @param {any} object @param {Kind} kind @returns {string | undefined} */
function renderKind(state, object, kind) {
    switch (kind) {
    case "array":
        return renderArray(state, object, object.length);
    case "typedarray":
        return renderArray(state, object, TypedArrayLength(object));
    case "arraybuffer":
        return renderBytes(state, new Uint8ArrayConstructor(object));
    case "dataview":
        return renderBytes(state, new Uint8ArrayConstructor(
            DataViewBuffer(object), DataViewByteOffset(object), DataViewByteLength(object)));
    case "map":
        return renderMap(state, object);
    case "set":
        return renderSet(state, object);
    case "boxed":
        return renderPrimitive(unboxed(object));
    case "error":
        return renderError(state, object);
    case "proxy":
        return isArray(object) ? renderArray(state, object, object.length)
            : renderPlain(state, object);
    case "object":
        return renderPlain(state, object);
    default:
        return renderFlat(state, flatText(state.native, object, kind));
    }
}

/** @param {State} state @param {string} text */
function renderFlat(state, text) {
    count(state, text.length);
    return quote(text);
}

/** What is named instead of shown.
 * @param {Native} native @param {any} object @param {Kind} kind @returns {string} */
function flatText(native, object, kind) {
    switch (kind) {
    case "date":
        return dateText(object);
    case "regexp":
        return regExpText(object);
    case "function":
        return functionText(native, object);
    case "promise":
        return "[Promise: await it]";
    case "weakmap":
        return "[WeakMap]";
    case "weakset":
        return "[WeakSet]";
    case "generator":
        return "[Generator]";
    default:
        return "[Iterator]";
    }
}

/** @param {Native} native @param {object} object */
function functionText(native, object) {
    const name = readData(native, object, "name");

    return typeof name === "string" && name !== "" ? `[Function: ${name}]` : "[Function]";
}

/** @param {State} state @param {Uint8Array} bytes */
const renderBytes = (state, bytes) => renderArray(state, bytes, TypedArrayLength(bytes));

/** @param {State} state @param {any} array @param {number} length @returns {string} */
function renderArray(state, array, length) {
    let json = "[";

    for (let i = 0; i < length; i++) {
        count(state, 1);
        json += (i > 0 ? "," : "") + (renderProperty(state, array, i) ?? "null");
    }
    return `${json}]`;
}

/** @param {State} state @param {any} object @returns {string} */
function renderPlain(state, object) {
    return `{${renderMembers(state, object, "")}}`;
}

/** @param {State} state @param {any} object @param {string} before
 * @param {any} [written] names that stand before already @returns {string} */
function renderMembers(state, object, before, written = undefined) {
    const names = ObjectKeys(object);
    let json = before;

    for (let i = 0; i < names.length; i++)
        if (written === undefined || own(written, names[i]) === undefined)
            json = withMember(state, json, names[i], renderProperty(state, object, names[i]));
    return json;
}

/** A property's name as JSON; many objects have the same ones.
 * @param {State} state @param {string} name @returns {string} */
function quotedName(state, name) {
    const known = MapPrototypeGet(state.names, name);

    if (known !== undefined)
        return known;
    const quoted = quote(name);
    if (MapSize(state.names) < namesMax)
        MapPrototypeSet(state.names, name, quoted);
    return quoted;
}

/** @param {State} state @param {string} json @param {string} name
 * @param {string | undefined} value @returns {string} */
function withMember(state, json, name, value) {
    if (value === undefined)
        return json;
    count(state, name.length + 3);
    return `${json}${json === "" ? "" : ","}${quotedName(state, name)}:${value}`;
}

/** A property whose getter throws is rendered as such; the others of its object are kept.
 * @param {State} state @param {any} object @param {string | number} name */
function renderProperty(state, object, name) {
    /** @type {unknown} */
    let value;

    try {
        value = object[name];
    } catch (thrown) {
        return throwsText(state.native, thrown);
    }
    return renderValue(state, value, `${name}`);
}

/** What is in the map now: rendering it runs code that may change it.
 * @param {State} state @param {any} map @returns {string} */
function renderMap(state, map) {
    /** @type {List<any>} */
    const keys = new List();
    /** @type {List<unknown>} */
    const values = new List();
    let textKeys = true;

    MapPrototypeForEach(map, (value, key) => {
        textKeys &&= typeof key === "string";
        keys.add(key);
        values.add(value);
    });
    return textKeys ? renderRecord(state, keys, values) : renderPairs(state, keys, values);
}

/** @param {State} state @param {List<string>} keys @param {List<unknown>} values @returns {string} */
function renderRecord(state, keys, values) {
    let json = "";

    for (let i = 0; i < keys.length; i++)
        json = withMember(state, json, keys.at(i), renderValue(state, values.at(i), keys.at(i)));
    return `{${json}}`;
}

/** @param {State} state @param {List<unknown>} keys @param {List<unknown>} values @returns {string} */
function renderPairs(state, keys, values) {
    let json = "";

    for (let i = 0; i < keys.length; i++)
        json += (json === "" ? "" : ",") + renderPair(state, keys.at(i), values.at(i));
    return `[${json}]`;
}

/** @param {State} state @param {unknown} key @param {unknown} value @returns {string} */
function renderPair(state, key, value) {
    return `[${renderValue(state, key, "") ?? "null"},${renderValue(state, value, "") ?? "null"}]`;
}

/** @param {State} state @param {any} set @returns {string} */
function renderSet(state, set) {
    /** @type {List<unknown>} */
    const values = new List();
    let json = "";

    SetPrototypeForEach(set, (value) => values.add(value));
    for (let i = 0; i < values.length; i++)
        json += (json === "" ? "" : ",") + (renderValue(state, values.at(i), "") ?? "null");
    return `[${json}]`;
}

/** @param {State} state @param {object} error @returns {string} */
function renderError(state, error) {
    const { name, message } = readError(state.native, error);
    const head = `"name":${quote(name)},"message":${quote(message)}`;

    count(state, head.length);
    return `{${renderMembers(state, error, head, headNames)}}`;
}

/** @param {any} object @returns {unknown} */
function unboxed(object) {
    for (let i = 0; i < unbox.length; i++)
        try {
            return unbox[i](object);
        } catch {
            /* It boxes another kind. */
        }
    return undefined;
}
