/**
 * Errors of the runtime, and reading errors without running a script's code.
 */
import {
    ErrorConstructor, ObjectFreeze, ObjectHasOwn, RangeErrorConstructor,
    ReflectGetOwnPropertyDescriptor, ReflectGetPrototypeOf, WeakMapConstructor, WeakMapPrototypeGet,
    WeakMapPrototypeSet, define, isObject, own,
} from "./primordials.js";
/** @import { Native } from "./native" */

/**
 * What the runtime itself knows of an error that it made; what a script writes
 * to the error afterwards does not reach it.
 * @typedef {object} Mark
 * @property {string} kind such as "ToolError" or "LogLimit"
 * @property {string} members more members of the JSON object that tells the proxy, each after a comma
 */
const marks = new WeakMapConstructor();

/** A tool call that failed: the tool said so, or the call did not get there. */
export class ToolError extends ErrorConstructor {
    constructor(message = "", options = undefined) {
        super(message, options);
        define(this, "name", "ToolError");
    }
}

/** A limit of the execution; its name says which. */
export class LimitError extends RangeErrorConstructor {
    /** @param {string} kind @param {string} message */
    constructor(kind, message) {
        super(message);
        define(this, "name", kind);
        WeakMapPrototypeSet(marks, this, { kind, members: "" });
    }
}

/* Whoever changed their prototypes would be asked when one is made. */
ObjectFreeze(ToolError);
ObjectFreeze(ToolError.prototype);
ObjectFreeze(LimitError);
ObjectFreeze(LimitError.prototype);

/** The fields that a failed call's reply may have beside its message. */
const fields = ObjectFreeze(
    /** @type {any} */ ({ __proto__: null, server: 1, tool: 1, content: 1, code: 1, data: 1 }));
/** Those that each ToolError has, whatever the call was. */
const texts = ObjectFreeze(/** @type {any} */ ({ __proto__: null, server: 1, tool: 1 }));

/**
 * Completes the error of a call with the proxy's reply.
 * @param {ToolError} error made when the call was, so that its stack is the caller's
 * @param {any} reply {name?, message, server?, tool?, content?, code?, data?}
 * @param {string} members the fields of the reply as they came, each after a comma
 */
export function fillToolError(error, reply, members) {
    const name = own(reply, "name");
    const kind = typeof name === "string" ? name : "ToolError";
    const message = own(reply, "message");

    const text = typeof message === "string" ? message : "the call failed";

    define(error, "name", kind);
    define(error, "kind", kind);
    define(error, "message", text);
    for (const field in texts)
        define(error, field, "", true);
    define(error, "content", [], true);
    for (const field in fields)
        if (ObjectHasOwn(reply, field))
            define(error, field, reply[field], true);
    WeakMapPrototypeSet(marks, error, { kind, members });
}

/** @param {unknown} error @returns {Mark | undefined} */
export const markOf = (error) =>
    isObject(error) ? WeakMapPrototypeGet(marks, error) : undefined;

/** Prototypes are followed so far; a chain that is longer is somebody's trap. */
const prototypesMax = 16;

/**
 * A data property of an object or its prototypes, read without running code:
 * getters and proxies count as absent.
 * @param {Native} native @param {object} object @param {PropertyKey} name @returns {any}
 */
export function readData(native, object, name) {
    /** @type {object | null} */
    let at = object;

    for (let depth = 0; at !== null && depth < prototypesMax; depth++) {
        if (native.kindOf(at) === "proxy")
            return undefined;

        const property = ReflectGetOwnPropertyDescriptor(at, name);
        if (property !== undefined)
            return ObjectHasOwn(property, "value") ? property.value : undefined;
        at = ReflectGetPrototypeOf(at);
    }
    return undefined;
}

/**
 * The name and message of an error, read without running code.
 * @param {Native} native @param {object} error
 */
export function readError(native, error) {
    const name = readData(native, error, "name");
    const message = readData(native, error, "message");

    return {
        name: typeof name === "string" && name !== "" ? name : "Error",
        message: typeof message === "string" ? message : "",
    };
}
