/**
 * What a script finds beside the language: installed once when the engine
 * starts.  Of what is not here, the functions that scripts try first say so.
 */
import {
    ErrorConstructor, NumberPrototypeToString, ObjectKeys,
    StringPrototypePadStart, TypeErrorConstructor,
    TypedArrayByteLength, TypedArrayTag, Uint8ArrayConstructor, define, isObject, own,
} from "./primordials.js";
import { ToolError } from "./errors.js";
import { DOMException } from "./exceptions.js";
import { atob, btoa, createTextDecoder, createTextEncoder } from "./encoding.js";
import { Event, EventTarget, createAbort } from "./events.js";
import { URL, URLSearchParams } from "./url.js";
/** @import { Native } from "./native" */

const randomBytesMax = 65536;

/** Kinds of arrays that crypto.getRandomValues fills. */
const integerArrays = /** @type {any} */ ({
    __proto__: null, Int8Array: 1, Uint8Array: 1, Uint8ClampedArray: 1, Int16Array: 1,
    Uint16Array: 1, Int32Array: 1, Uint32Array: 1, BigInt64Array: 1, BigUint64Array: 1,
});

/** @param {Native} native */
function randomUUID(native) {
    const bytes = new Uint8ArrayConstructor(16);
    let hex = "";

    native.fillRandom(bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    for (let i = 0; i < 16; i++)
        hex += (i === 4 || i === 6 || i === 8 || i === 10 ? "-" : "") +
            StringPrototypePadStart(NumberPrototypeToString(bytes[i], 16), 2, "0");
    return hex;
}

/** @param {Native} native @param {any} array */
function getRandomValues(native, array) {
    if (!isObject(array) || native.kindOf(array) !== "typedarray" ||
        !own(integerArrays, TypedArrayTag(array)))
        throw new TypeErrorConstructor("getRandomValues takes a typed array of integers");
    if (TypedArrayByteLength(array) > randomBytesMax)
        throw new DOMException(
            `getRandomValues fills ${randomBytesMax} bytes at most`, "QuotaExceededError");
    native.fillRandom(/** @type {any} */ (array));
    return array;
}

/** @param {Native} native @param {number} count of arguments @param {unknown} value
 * @param {unknown} options */
function structuredClone(native, count, value, options) {
    if (count === 0)
        throw new TypeErrorConstructor("structuredClone takes a value");
    if (isObject(options) && /** @type {any} */ (options).transfer?.length > 0)
        throw new DOMException("nothing can be transferred here", "DataCloneError");
    return native.clone(value);
}

/** A function that is not here.  @param {string} name @param {() => string} servers */
const unavailable = (name, servers) => () => {
    throw new ErrorConstructor(
        `${name} is not available: a script has no network, files or modules; ${servers()}`);
};

/** @param {Native} native @param {() => number} start */
const createPerformance = (native, start) => ({
    now: () => native.now() - start(),
    timeOrigin: 0,
    toJSON: () => ({ timeOrigin: 0 }),
});

/**
 * Installs the globals that stay the same for every script.
 * @param {Native} native
 * @param {{ servers: () => string, start: () => number, later: (run: () => void, delay: number) => void }} execution
 *     of the execution that is running: a sentence about its servers, when it began, its timers
 */
export function installGlobals(native, execution) {
    const globals = /** @type {any} */ ({
        __proto__: null,
        ToolError, DOMException, Event, EventTarget, URL, URLSearchParams, atob, btoa,
        TextEncoder: createTextEncoder(native),
        TextDecoder: createTextDecoder(native),
        ...createAbort(execution.later),
        structuredClone: (/** @type {any[]} */ ...args) => structuredClone(
            native, args.length, args.length > 0 ? args[0] : undefined,
            args.length > 1 ? args[1] : undefined),
        crypto: {
            randomUUID: () => randomUUID(native),
            getRandomValues: (/** @type {any} */ array) => getRandomValues(native, array),
        },
        performance: createPerformance(native, execution.start),
        fetch: unavailable("fetch", execution.servers),
        require: unavailable("require", execution.servers),
    });
    installAll(globals);
}

/** @param {any} globals */
export function installAll(globals) {
    const names = ObjectKeys(globals);

    for (let i = 0; i < names.length; i++)
        define(globalThis, names[i], globals[names[i]]);
}
