/**
 * The global `mcp`: discovery, resources, prompts, and what goes to the client
 * beside the result.
 */
import {
    JSONStringify, NumberIsFinite, ObjectFreeze, StringPrototypeSlice, TypeErrorConstructor, define,
    isObject, own, quote, rejected,
} from "./primordials.js";
import { LimitError } from "./errors.js";
import { sendError } from "./calls.js";
import { serverKey } from "./servers.js";
/** @import { Native, Limits } from "./native" */
/** @import { Calls } from "./calls" */

const blocksMax = 50000;
/* The proxy passes far fewer on; what is dropped here costs it nothing. */
const progressMax = 1000;
const progressMessageMax = 1000;

const FRAME_EMIT = 19;
const FRAME_PROGRESS = 20;

const blockTypes = /** @type {any} */ ({
    __proto__: null, text: 1, image: 1, audio: 1, resource: 1, resource_link: 1,
});

/** A promise of a TypeError unless `value` is a string.
 * @param {string} what @param {unknown} value @returns {Promise<never> | undefined} */
const notText = (what, value) => typeof value === "string" ? undefined
    : rejected(new TypeErrorConstructor(`${what} must be a string`));

/** A member of a call, with a comma before it, of an option that is a positive number.
 * @param {string} name @param {unknown} options @param {string} option */
function numberMember(name, options, option) {
    const value = isObject(options) ? /** @type {any} */ (options)[option] : undefined;

    if (value === undefined)
        return "";
    if (typeof value !== "number" || !NumberIsFinite(value) || value <= 0)
        throw new TypeErrorConstructor(`${option} must be a positive number`);
    return `,"${name}":${value}`;
}

/** @param {() => Promise<any>} make */
function promised(make) {
    try {
        return make();
    } catch (thrown) {
        return rejected(thrown);
    }
}

/** Lets a function be called by its name where values are shown.
 * @template {Function} F @param {F} made @param {string} name @returns {F} */
function withName(made, name) {
    define(made, "name", name);
    return made;
}

/** An operation whose one string argument names something.
 * @param {Calls} calls @param {string} op @param {string} member @param {string} label */
const named = (calls, op, member, label) => withName((/** @type {unknown} */ name) =>
    notText(label, name) ??
    calls.call(`{"op":"${op}","${member}":${quote(/** @type {string} */ (name))}}`), op);

/** A list of one server's, or of all servers' when none is named.
 * @param {Calls} calls @param {string} op @param {string} label */
const listed = (calls, op, label) => withName((/** @type {unknown} */ server) => {
    const key = serverKey(server);

    return key === undefined ? calls.call(`{"op":"${op}"}`)
        : notText(`${label}: server`, key) ??
            calls.call(`{"op":"${op}","server":${quote(/** @type {string} */ (key))}}`);
}, op);

/** @param {Calls} calls */
function createResources(calls) {
    const resources = listed(calls, "resources", "mcp.resources");

    define(resources, "templates", listed(calls, "templates", "mcp.resources.templates"), true);
    define(resources, "read", (/** @type {unknown} */ server, /** @type {unknown} */ uri) => {
        const key = serverKey(server);

        return notText("mcp.resources.read: server", key) ??
            notText("mcp.resources.read: uri", uri) ??
            calls.call(`{"op":"resource_read","server":${quote(/** @type {string} */ (key))},` +
                `"uri":${quote(/** @type {string} */ (uri))}}`);
    }, true);
    return ObjectFreeze(resources);
}

/** @param {unknown} args */
function promptArguments(args) {
    const json = args === undefined ? "{}" : JSONStringify(args);

    if (json?.[0] !== "{")
        throw new TypeErrorConstructor("mcp.prompts.get: the arguments must be one object");
    return json;
}

/** @param {Calls} calls */
function createPrompts(calls) {
    const prompts = listed(calls, "prompts", "mcp.prompts");

    define(prompts, "get", (/** @type {unknown} */ server, /** @type {unknown} */ name,
        /** @type {unknown} */ args) => {
        const key = serverKey(server);

        return notText("mcp.prompts.get: server", key) ?? notText("mcp.prompts.get: name", name) ??
            promised(() => calls.call(
                `{"op":"prompt_get","server":${quote(/** @type {string} */ (key))},` +
                `"name":${quote(/** @type {string} */ (name))},"args":${promptArguments(args)}}`));
    }, true);
    return ObjectFreeze(prompts);
}

/** JSON of an object that a call takes.
 * @param {string} what @param {unknown} value */
function objectJson(what, value) {
    const json = JSONStringify(value);

    if (json?.[0] !== "{")
        throw new TypeErrorConstructor(`mcp.complete: ${what} must be an object`);
    return json;
}

/** @param {Calls} calls */
const createComplete = (calls) => (/** @type {unknown} */ server, /** @type {unknown} */ ref,
    /** @type {unknown} */ argument, /** @type {unknown} */ context) => {
    const key = serverKey(server);

    return notText("mcp.complete: server", key) ?? promised(() => calls.call(
        `{"op":"complete","server":${quote(/** @type {string} */ (key))},` +
        `"ref":${objectJson("ref", ref)},"argument":${objectJson("argument", argument)}` +
        `${context === undefined ? "" : `,"context":${objectJson("context", context)}`}}`));
};

/** @param {unknown} block */
function blockJson(block) {
    const json = typeof block === "string" ? `{"type":"text","text":${quote(block)}}`
        : JSONStringify(block);
    const type = isObject(block) ? /** @type {any} */ (block).type : "text";

    if (json?.[0] !== "{" || typeof type !== "string" || !own(blockTypes, type))
        throw new TypeErrorConstructor("mcp.emit takes a string or a content block " +
            "{type: \"text\" | \"image\" | \"audio\" | \"resource\" | \"resource_link\", ...}");
    return json;
}

/** @param {unknown} message */
function messageText(message) {
    const text = typeof message === "symbol" ? "" : `${message}`;

    return StringPrototypeSlice(text, 0, progressMessageMax);
}

/** What a script sends without waiting: emit and progress. */
export class Sender {
    #native;
    #emitted = 0;
    #blocks = 0;
    #progressed = 0;
    #start = 0;
    /** @type {Limits | undefined} */
    #limits;

    /** @param {Native} native */
    constructor(native) {
        this.#native = native;
    }

    /** @param {Limits} limits */
    begin(limits) {
        this.#emitted = 0;
        this.#blocks = 0;
        this.#progressed = 0;
        this.#start = this.#native.now();
        this.#limits = limits;
    }

    /** @param {unknown} block */
    emit(block) {
        const json = blockJson(block);
        const max = /** @type {Limits} */ (this.#limits).emit_bytes;

        this.#emitted += this.#native.utf8Length(json);
        if (this.#emitted > max)
            throw new LimitError("EmitLimit",
                `a script may emit ${max} bytes of content blocks (limit EMIT_BYTES)`);
        if (++this.#blocks > blocksMax)
            throw new LimitError("EmitLimit", `a script may emit ${blocksMax} content blocks`);
        this.#send(FRAME_EMIT, json, "the block");
    }

    /** @param {unknown} progress @param {unknown} total @param {unknown} message */
    progress(progress, total, message) {
        if (typeof progress !== "number" || !NumberIsFinite(progress))
            throw new TypeErrorConstructor("mcp.progress: the first argument must be a number");
        if (++this.#progressed > progressMax + this.#native.now() - this.#start)
            return;
        let json = `{"progress":${progress}`;
        if (typeof total === "number" && NumberIsFinite(total))
            json += `,"total":${total}`;
        if (message !== undefined)
            json += `,"message":${quote(messageText(message))}`;
        this.#send(FRAME_PROGRESS, `${json}}`, "the progress");
    }

    /** @param {19 | 20} type @param {string} json @param {string} what */
    #send(type, json, what) {
        const refused = sendError(this.#native.send(type, 0, json), what);

        if (refused)
            throw refused;
    }
}

/** The member of a call for the option `meta`, with a comma before it.
 * @param {unknown} options */
function metaMember(options) {
    const meta = isObject(options) ? /** @type {any} */ (options).meta : undefined;

    if (meta === undefined)
        return "";
    const json = JSONStringify(meta);
    if (json?.[0] !== "{")
        throw new TypeErrorConstructor("meta must be an object");
    return `,"meta":${json}`;
}

/** @param {Calls} calls @param {unknown} named @param {unknown} tool @param {unknown} args
 * @param {unknown} options */
function rawCall(calls, named, tool, args, options) {
    const server = serverKey(named);

    return notText("mcp.call: server", server) ?? notText("mcp.call: tool", tool) ??
        promised(() => calls.tool(() => "mcp.call",
            /** @type {string} */ (server), /** @type {string} */ (tool),
            [args], `,"raw":true${numberMember("timeout_ms", options, "timeout")}` +
                metaMember(options)));
}

/** @param {Calls} calls @param {Sender} sender */
export function createMcp(calls, sender) {
    return ObjectFreeze({
        search: (/** @type {unknown} */ query, /** @type {unknown} */ options) =>
            notText("mcp.search: query", query) ?? promised(() => calls.call(
                `{"op":"search","query":${quote(/** @type {string} */ (query))}` +
                `${numberMember("limit", options, "limit")}}`)),
        describe: named(calls, "describe", "path", "mcp.describe: path"),
        servers: () => calls.call('{"op":"servers"}'),
        call: (/** @type {unknown} */ server, /** @type {unknown} */ tool,
            /** @type {unknown} */ args, /** @type {unknown} */ options) =>
            rawCall(calls, server, tool, args, options),
        resources: createResources(calls),
        prompts: createPrompts(calls),
        complete: createComplete(calls),
        open: named(calls, "open", "uri", "mcp.open: uri"),
        emit: (/** @type {unknown} */ block) => sender.emit(block),
        progress: (/** @type {unknown} */ progress, /** @type {unknown} */ total,
            /** @type {unknown} */ message) => sender.progress(progress, total, message),
    });
}
