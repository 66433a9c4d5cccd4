/**
 * How a script failed, as the JSON that the proxy gets.  A thrown value is the
 * script's: it is only read, none of its code runs.
 */
import {
    StringPrototypeEndsWith, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeTrim,
    isObject, own, quote,
} from "./primordials.js";
import { markOf, readData, readError } from "./errors.js";
import { inspect } from "./inspect.js";
/** @import { Limits, Native } from "./native" */

const messageMax = 8000;
const causesMax = 3;

/** Names that scripts expect of other places, and that are not here. */
const missing = /** @type {any} */ ({
    __proto__: null, process: 1, Buffer: 1, module: 1, exports: 1, global: 1, window: 1, document: 1,
    self: 1, Deno: 1, Bun: 1, XMLHttpRequest: 1, WebSocket: 1, EventSource: 1, localStorage: 1,
    navigator: 1, location: 1, __dirname: 1, __filename: 1, setImmediate: 1, WebAssembly: 1,
    SharedArrayBuffer: 1, Worker: 1, fs: 1,
});

/** @param {string} text */
const cut = (text) =>
    text.length > messageMax ? `${StringPrototypeSlice(text, 0, messageMax)}...` : text;

/** What else an error holds: what caused it, and which errors it sums up.
 * @param {Native} native @param {object} error @param {number} depth @returns {string} */
function causesOf(native, error, depth) {
    const cause = readData(native, error, "cause");
    const errors = readData(native, error, "errors");
    let text = "";

    if (cause !== undefined)
        text += ` (cause: ${shortText(native, cause, depth)})`;
    if (!isObject(errors) || native.kindOf(errors) !== "array")
        return text;
    const count = /** @type {any} */ (errors).length;
    for (let i = 0; i < count && i < causesMax; i++)
        text += ` (${i + 1}. ${shortText(native, readData(native, errors, i), depth)})`;
    return count > causesMax ? `${text} (${count} errors in all)` : text;
}

/** @param {Native} native @param {unknown} error @param {number} depth @returns {string} */
function shortText(native, error, depth) {
    if (!isObject(error) || native.kindOf(error) !== "error")
        return inspect(native, error);

    const { name, message } = readError(native, error);
    const more = depth < causesMax ? causesOf(native, error, depth + 1) : "";
    return cut(`${name}: ${message}${more}`);
}

/** @param {string} name @param {string} message @param {string} servers */
function withHint(name, message, servers) {
    const end = StringPrototypeIndexOf(message, " is not defined");

    if (name !== "ReferenceError" || end < 0 ||
        !own(missing, StringPrototypeTrim(StringPrototypeSlice(message, 0, end))))
        return message;
    return `${message}: a script has no process, network, files or modules; ${servers}`;
}

/** What the engine itself refuses for a limit of ours, by the words it has for that.
 * @param {string} name @param {string} message @param {Limits} limits
 * @returns {{ kind: string, says: string } | undefined} */
function limitOf(name, message, limits) {
    if (name !== "RangeError")
        return undefined;
    if (message === "Maximum call stack size exceeded")
        return { kind: "StackLimit",
            says: `${message}: ${limits.stack_kib} KiB (limit STACK_KIB)` };
    if (message === "Array buffer allocation failed")
        return { kind: "MemoryLimit", says: `${message}: buffers may have ` +
            `${limits.memory_bytes} bytes together (limits.memory in the configuration)` };
    return undefined;
}

/** Name and message of anything that was thrown.
 * @param {Native} native @param {unknown} thrown @param {string} servers */
function wordsOf(native, thrown, servers) {
    if (!isObject(thrown) || native.kindOf(thrown) !== "error")
        return { name: "", message: typeof thrown === "string" ? thrown : inspect(native, thrown) };

    const { name, message } = readError(native, thrown);
    return { name, message: withHint(name, message, servers) + causesOf(native, thrown, 0) };
}

/**
 * The members of the JSON object that tells of a thrown value, without braces.
 * @param {Native} native
 * @param {unknown} thrown
 * @param {{ servers: string, limits: Limits, place?: string }} context `servers` says which
 *     servers there are; `place` is where it happened when the value itself does not know
 */
export function failureMembers(native, thrown, context) {
    const mark = markOf(thrown);
    const { name, message } = wordsOf(native, thrown, context.servers);
    const limit = mark === undefined ? limitOf(name, message, context.limits) : undefined;
    const place = native.placeOf(thrown) || context.place || "";
    const kind = mark?.kind ?? limit?.kind ?? (context.place !== undefined && name === "SyntaxError"
        ? "SyntaxError" : "ScriptError");

    return `"kind":${quote(kind)},"name":${quote(name)},"message":${quote(cut(limit?.says ?? message))}` +
        `${place === "" ? "" : `,${place}`}`;
}

/** Further members of that object: what a failed call's reply held, as it came.
 * @param {unknown} thrown */
export const detailMembers = (thrown) => markOf(thrown)?.members ?? "";

/** A sentence without its full stop, to go on from.  @param {string} text */
export const open = (text) =>
    StringPrototypeEndsWith(text, ".") ? StringPrototypeSlice(text, 0, -1) : text;
