/**
 * Values as text for a reader: what console.log prints, and what stands for a
 * thrown value that is no error.  Bounded in depth, entries and length; runs
 * getters never, and a proxy's traps never.
 */
import {
    BigIntPrototypeToString, DatePrototypeGetTime, DatePrototypeToISOString, List,
    MapPrototypeForEach, MapSize, ObjectHasOwn, ReflectGetOwnPropertyDescriptor, ReflectOwnKeys,
    RegExpFlags, RegExpSource, RegExpPrototypeExec, SetPrototypeForEach, SetSize,
    StringPrototypeIncludes, StringPrototypeRepeat, StringPrototypeSlice, SymbolPrototypeToString,
    TypedArrayLength, TypedArrayTag, isObject, quote,
} from "./primordials.js";
import { readData, readError } from "./errors.js";
import { serverKey } from "./servers.js";
/** @import { Native, Kind } from "./native" */

const entriesMax = 100;
const depthMax = 4;
const lineMax = 76;
const charactersMax = 20000;
const identifier = /^[A-Za-z_$][\w$]*$/;

/** @typedef {{ native: Native, left: number, open: List<object> }} Budget */

/**
 * @param {Native} native @param {unknown} value @returns {string}
 */
export function inspect(native, value) {
    return inspectValue({ native, left: charactersMax, open: new List() }, value);
}

/** @param {Budget} budget @param {unknown} value @returns {string} */
function inspectValue(budget, value) {
    const text = isObject(value) ? inspectObject(budget, value) : inspectPrimitive(value);

    budget.left -= text.length;
    return text;
}

/** @param {any} value @returns {string} */
export function inspectPrimitive(value) {
    if (typeof value === "string")
        return quote(value.length > charactersMax
            ? `${StringPrototypeSlice(value, 0, charactersMax)}...` : value);
    if (typeof value === "symbol")
        return SymbolPrototypeToString(value);
    if (typeof value === "bigint")
        return `${BigIntPrototypeToString(value)}n`;
    return value === 0 && 1 / value < 0 ? "-0" : `${value}`;
}

/** The name of a class or function for a reader.  @param {Native} native @param {object} object */
function nameOf(native, object) {
    const name = readData(native, object, "name");

    return typeof name === "string" && name !== "" ? name : "(anonymous)";
}

/** What stands before the braces: "Point " of a class of the script's own.
 * @param {Native} native @param {object} object */
function classOf(native, object) {
    const constructor = readData(native, object, "constructor");

    if (!isObject(constructor) || native.kindOf(constructor) !== "function")
        return "";
    const name = nameOf(native, constructor);
    return name === "Object" || name === "Array" ? "" : `${name} `;
}

/** @param {Budget} budget @param {object} object @returns {string} */
function inspectObject(budget, object) {
    for (let i = 0; i < budget.open.length; i++)
        if (budget.open.at(i) === object)
            return "[Circular]";

    const kind = budget.native.kindOf(object);
    const flat = inspectFlat(budget.native, object, kind);
    if (flat !== undefined)
        return flat;
    if (budget.open.length >= depthMax)
        return kind === "array" ? "[Array]" : "[Object]";

    budget.open.add(object);
    const text = inspectContainer(budget, object, kind);
    budget.open.pop();
    return text;
}

/** Of a proxy only what it stands for is known.  @param {object} proxy */
function proxyText(proxy) {
    const key = serverKey(proxy);

    return typeof key === "string" ? `[Server: ${key}]` : "[Proxy]";
}

/** What is shown without its parts.
 * @param {Native} native @param {any} object @param {Kind} kind @returns {string | undefined} */
function inspectFlat(native, object, kind) {
    switch (kind) {
    case "proxy":
        return proxyText(object);
    case "function":
        return `[Function: ${nameOf(native, object)}]`;
    case "promise":
        return "[Promise]";
    case "weakmap":
        return "[WeakMap]";
    case "weakset":
        return "[WeakSet]";
    case "generator":
        return "[Generator]";
    case "iterator":
        return "[Iterator]";
    case "arraybuffer":
        return "[ArrayBuffer]";
    case "dataview":
        return "[DataView]";
    case "regexp":
        return regExpText(object);
    case "date":
        return dateText(object);
    default:
        return undefined;
    }
}

/** @param {any} date @returns {string} */
export function dateText(date) {
    const time = DatePrototypeGetTime(date);

    return time === time ? DatePrototypeToISOString(date) : "Invalid Date";
}

/** @param {any} object @returns {string} */
export const regExpText = (object) => `/${RegExpSource(object)}/${RegExpFlags(object)}`;

/** @param {Budget} budget @param {any} object @param {Kind} kind @returns {string} */
function inspectContainer(budget, object, kind) {
    switch (kind) {
    case "array":
        return inspectArray(budget, object, object.length, "");
    case "typedarray":
        return inspectArray(
            budget, object, TypedArrayLength(object), `${TypedArrayTag(object)} `);
    case "map":
        return inspectMap(budget, object);
    case "set":
        return inspectSet(budget, object);
    case "error":
        return inspectError(budget, object);
    default:
        return wrap(`${classOf(budget.native, object)}{`, properties(budget, object, false), "}");
    }
}

/** True when there is no room for one more; says so in the list.
 * @param {Budget} budget @param {List<string>} parts @param {number} rest */
function full(budget, parts, rest) {
    if (parts.length < entriesMax && budget.left > 0)
        return false;
    parts.add(`... ${rest} more`);
    return true;
}

/** @param {Budget} budget @param {any} array @param {number} length @param {string} head */
function inspectArray(budget, array, length, head) {
    /** @type {List<string>} */
    const parts = new List();

    for (let i = 0; i < length; i++) {
        if (full(budget, parts, length - i))
            break;
        parts.add(inspectProperty(budget, array, i, ReflectGetOwnPropertyDescriptor(array, i)));
    }
    return wrap(`${head}[`, parts, "]");
}

/** @param {Budget} budget @param {any} map @returns {string} */
function inspectMap(budget, map) {
    /** @type {List<string>} */
    const parts = new List();
    let index = 0;

    MapPrototypeForEach(map, (value, key) => {
        if (index++ > entriesMax || parts.length > entriesMax ||
            full(budget, parts, MapSize(map) - index + 1))
            return;
        parts.add(`${inspectValue(budget, key)} => ${inspectValue(budget, value)}`);
    });
    return wrap(`Map(${MapSize(map)}) {`, parts, "}");
}

/** @param {Budget} budget @param {any} set @returns {string} */
function inspectSet(budget, set) {
    /** @type {List<string>} */
    const parts = new List();
    let index = 0;

    SetPrototypeForEach(set, (value) => {
        if (index++ > entriesMax || parts.length > entriesMax ||
            full(budget, parts, SetSize(set) - index + 1))
            return;
        parts.add(inspectValue(budget, value));
    });
    return wrap(`Set(${SetSize(set)}) {`, parts, "}");
}

/** @param {Budget} budget @param {object} error @returns {string} */
function inspectError(budget, error) {
    const { name, message } = readError(budget.native, error);
    const place = RegExpPrototypeExec(/^"line":(\d+)/, budget.native.placeOf(error));
    const parts = properties(budget, error, true);
    const head = (message === "" ? name : `${name}: ${message}`) +
        (place ? ` (line ${place[1]})` : "");

    return parts.length > 0 ? wrap(`${head} {`, parts, "}") : head;
}

/** @param {Budget} budget @param {object} object @param {boolean} isError @returns {List<string>} */
function properties(budget, object, isError) {
    const names = ReflectOwnKeys(object);
    /** @type {List<string>} */
    const parts = new List();

    for (let i = 0; i < names.length; i++) {
        const property = ReflectGetOwnPropertyDescriptor(object, names[i]);

        if (!property || !(property.enumerable || (isError && names[i] === "cause")))
            continue;
        if (full(budget, parts, names.length - i))
            break;
        parts.add(`${keyText(names[i])}: ${inspectProperty(budget, object, names[i], property)}`);
    }
    return parts;
}

/** @param {string | symbol} key @returns {string} */
function keyText(key) {
    if (typeof key === "symbol")
        return `[${SymbolPrototypeToString(key)}]`;
    return RegExpPrototypeExec(identifier, key) ? key : quote(key);
}

/** @param {Budget} budget @param {any} _object @param {PropertyKey} _name
 * @param {PropertyDescriptor | undefined} property @returns {string} */
function inspectProperty(budget, _object, _name, property) {
    if (property === undefined)
        return "<empty>";
    return ObjectHasOwn(property, "value") ? inspectValue(budget, property.value) : "[Getter]";
}

/** One line when it fits, else a line for each part.
 * @param {string} head @param {List<string>} parts @param {string} tail @returns {string} */
function wrap(head, parts, tail) {
    if (parts.length === 0)
        return `${head}${tail}`;

    const space = tail === "}" ? " " : "";
    const line = `${head}${space}${parts.join(", ")}${space}${tail}`;
    if (line.length <= lineMax && !StringPrototypeIncludes(line, "\n"))
        return line;
    return `${head}\n${indent(parts.join(",\n"), 2)}\n${tail}`;
}

/** @param {string} text @param {number} width @returns {string} */
export function indent(text, width) {
    const space = StringPrototypeRepeat(" ", width);
    let out = space;
    let from = 0;

    for (let i = 0; i < text.length; i++)
        if (text[i] === "\n") {
            out += StringPrototypeSlice(text, from, i + 1) + space;
            from = i + 1;
        }
    return out + StringPrototypeSlice(text, from);
}
