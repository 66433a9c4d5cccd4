/**
 * Host calls: what a script asks of the proxy, and the promises that wait for
 * an answer.  Which call is permitted is the proxy's to say; only limits that
 * keep a script from flooding it are kept here.
 */
import {
    JSONStringify, MapConstructor, MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet, MapSize,
    PromiseConstructor, TypeErrorConstructor, quote, rejected,
} from "./primordials.js";
import { LimitError, ToolError, fillToolError } from "./errors.js";
/** @import { Native, Limits } from "./native" */

const FRAME_CALL = 17;

/** @typedef {{ resolve: (value: any) => void, reject: (error: any) => void, error: ToolError }} Waiting */

export class Calls {
    #native;
    /** @type {Map<number, Waiting>} */
    #waiting = new MapConstructor();
    #lastId = 0;
    /** @type {Limits | undefined} */
    #limits;

    /** @param {Native} native */
    constructor(native) {
        this.#native = native;
    }

    /** @param {Limits} limits */
    begin(limits) {
        this.#waiting = new MapConstructor();
        this.#lastId = 0;
        this.#limits = limits;
    }

    /** The number of calls without an answer. */
    get pending() {
        return MapSize(this.#waiting);
    }

    /**
     * Sends a call; the promise is settled by its reply.
     * @param {string} json the call as wire_frames.def describes it
     * @returns {Promise<any>}
     */
    call(json) {
        /* Made now, so that its stack is that of the script's call. */
        const error = new ToolError();
        const id = this.#lastId + 1;
        const limits = /** @type {Limits} */ (this.#limits);

        if (id > limits.calls)
            return rejected(new LimitError("CallLimit",
                `too many calls in one execution: the limit is ${limits.calls} ` +
                "(limits.calls in the configuration)"));
        const refused = sendError(this.#native.send(FRAME_CALL, id, json), "the call");
        if (refused)
            return rejected(refused);
        this.#lastId = id;
        return new PromiseConstructor((resolve, reject) => {
            MapPrototypeSet(this.#waiting, id, { resolve, reject, error });
        });
    }

    /**
     * Calls a tool.
     * @param {() => string} label how the script named it
     * @param {string} server @param {string} tool
     * @param {ArrayLike<unknown>} args what the script gave: one object or nothing
     * @param {string} [more] more members of the call, each with a comma before it
     */
    tool(label, server, tool, args, more = "") {
        /** @type {string} */
        let json;

        try {
            json = this.#argumentsJson(label, args);
        } catch (thrown) {
            return rejected(thrown);
        }
        return this.call(
            `{"op":"tool","server":${quote(server)},"tool":${quote(tool)},"args":${json}${more}}`);
    }

    /** @param {() => string} label @param {ArrayLike<unknown>} args */
    #argumentsJson(label, args) {
        const given = args.length > 0 ? args[0] : undefined;
        const max = /** @type {Limits} */ (this.#limits).argument_bytes;

        if (given === undefined && args.length <= 1)
            return "{}";
        const json = args.length === 1 && typeof given === "object" ? JSONStringify(given) : "";
        if (json?.[0] !== "{")
            throw new TypeErrorConstructor(
                `the arguments of ${label()} must be one object, such as {name: "value"}`);
        if (json.length > max || this.#native.utf8Length(json) > max)
            throw new LimitError("ArgumentLimit",
                `the arguments of ${label()} are too large: the limit is ${max} ` +
                "bytes (limits.argument in the configuration)");
        return json;
    }

    /**
     * The proxy's answer to a call.
     * @param {number} id @param {boolean} ok @param {any} value @param {string} members of an error
     */
    reply(id, ok, value, members) {
        const waiting = MapPrototypeGet(this.#waiting, id);

        if (waiting === undefined)
            throw new TypeErrorConstructor(`a reply to call ${id}, which waits for none`);
        MapPrototypeDelete(this.#waiting, id);
        if (ok)
            return waiting.resolve(value);
        fillToolError(waiting.error, value, members);
        return waiting.reject(waiting.error);
    }
}

/** The error for what native.send answered, if it is one.  @param {number} sent @param {string} what */
export function sendError(sent, what) {
    if (sent === 1)
        return new LimitError("QueueLimit",
            `${what} does not fit in the queue to the proxy (limit WIRE_QUEUE_BYTES): ` +
            "await calls before making more");
    if (sent === 2)
        return new LimitError("DepthLimit", `${what} is nested too deeply: the limit RPC_DEPTH is 128 levels`);
    return undefined;
}
