/**
 * The runtime's beginning: makes a script's globals, and gives the engine the
 * functions that it drives an execution with.
 */
import { List, ReflectDeleteProperty, define, quote } from "./primordials.js";
import { Calls } from "./calls.js";
import { createConsole } from "./console.js";
import { detailMembers, failureMembers } from "./failure.js";
import { installAll, installGlobals } from "./globals.js";
import { Sender, createMcp } from "./mcp.js";
import { Random } from "./random.js";
import { render } from "./render.js";
import { createServer } from "./servers.js";
import { Timers } from "./timers.js";
/** @import { Environment, Limits, Native, ServerEntry } from "./native" */

const PENDING = 0;
const FULFILLED = 1;
const serversNamed = 20;

/** A sentence that says which servers a script has.  @param {ServerEntry[]} servers */
function serversText(servers) {
    /** @type {List<string>} */
    const names = new List();

    for (let i = 0; i < servers.length && i < serversNamed; i++)
        names.add(servers[i].identifier);
    if (servers.length > serversNamed)
        names.add("...");
    return names.length === 0 ? "no server is connected"
        : `use the tools of these servers: ${names.join(", ")}`;
}

/** One execution at a time; equip() and begin() start it anew. */
class Execution {
    #native;
    #calls;
    #timers;
    #sender;
    #random = new Random();
    #console;
    /** @type {List<string>} */
    #identifiers = new List();
    #servers = "";
    #start = 0;
    /** @type {Limits} */
    #limits = /** @type {any} */ (undefined);
    /** @type {{ thrown: unknown } | undefined} what a timer or microtask threw */
    #uncaught;

    /** @param {Native} native */
    constructor(native) {
        this.#native = native;
        this.#calls = new Calls(native);
        this.#timers = new Timers(native, (thrown) => {
            this.#uncaught ??= { thrown };
        });
        this.#sender = new Sender(native);
        this.#console = createConsole(native);
    }

    /** Installs what is the same for every script. */
    install() {
        const timers = this.#timers.globals();

        installGlobals(this.#native, {
            servers: () => this.#servers,
            start: () => this.#start,
            later: timers.setTimeout,
        });
        installAll(timers);
        define(globalThis, "console", this.#console.console);
        define(globalThis, "mcp", createMcp(this.#calls, this.#sender));
        define(Math, "random", () => this.#random.random());
    }

    /** Before a script, and before it is known: its limits, its servers, its chance.
     * @param {Environment} environment */
    equip({ limits, servers }) {
        this.#limits = limits;
        this.#uncaught = undefined;
        this.#calls.begin(limits);
        this.#timers.begin(limits);
        this.#sender.begin(limits);
        this.#console.begin(limits);
        this.#random.begin(this.#native.randomWord);
        this.#servers = serversText(servers);
        this.#installServers(servers);
    }

    /** Right before a script, in what equip() made. @param {unknown} input */
    begin(input) {
        this.#start = this.#native.now();
        define(globalThis, "input", input);
    }

    /** @param {ServerEntry[]} servers */
    #installServers(servers) {
        while (this.#identifiers.length > 0)
            ReflectDeleteProperty(globalThis, this.#identifiers.pop());
        for (let i = 0; i < servers.length; i++) {
            define(globalThis, servers[i].identifier, createServer(this.#calls, servers[i]), true);
            this.#identifiers.add(servers[i].identifier);
        }
    }

    /** @param {number} id @param {boolean} ok @param {any} value @param {string} members */
    reply(id, ok, value, members) {
        this.#calls.reply(id, ok, value, members);
    }

    tick() {
        return this.#timers.tick();
    }

    nextMs() {
        return this.#timers.nextMs();
    }

    /**
     * After the microtasks ran: ends the execution when the script's promise is
     * settled, something was thrown that nobody can catch, or nothing is left
     * that could settle it.
     * @param {number} state of the script's promise
     * @param {unknown} value its value or reason
     * @param {string} [place] where it happened, of what did not even start
     */
    settle(state, value, place) {
        if (this.#uncaught)
            this.#fail(this.#uncaught.thrown, undefined);
        else if (state === FULFILLED)
            this.#succeed(value);
        else if (state !== PENDING)
            this.#fail(value, place);
        else if (this.#calls.pending === 0 && this.#timers.pending === 0)
            this.#neverSettled();
    }

    /** @param {unknown} value */
    #succeed(value) {
        try {
            const { kind, json } = render(this.#native, value, this.#limits.result_bytes);

            this.#native.done(true, `{"kind":"${kind}","value":${json}${this.#rest()}}`);
        } catch (thrown) {
            this.#fail(thrown, undefined);
        }
    }

    /** @param {unknown} thrown @param {string | undefined} place */
    #fail(thrown, place) {
        this.#native.done(false,
            `{${this.#members(thrown, place)}${detailMembers(thrown)}${this.#rest()}}`);
    }

    /** The context has all its members, else a prototype's would be found.
     * @param {unknown} thrown @param {string} [place] */
    #members(thrown, place) {
        return failureMembers(this.#native, thrown,
            { servers: this.#servers, limits: this.#limits, place });
    }

    #neverSettled() {
        const message = "the script waits for a promise that nothing will settle: " +
            "no call, no timer is pending";

        this.#native.done(false,
            `{"kind":"NeverSettled","name":"","message":${quote(message)}${this.#rest()}}`);
    }

    /** Members that every end has: calls nobody waited for, and how those failed, without what
     * the failed calls' replies held: each of them may be as large and as deep as a frame. */
    #rest() {
        const reasons = this.#native.rejections();
        const rest = `,"unawaited":${this.#calls.pending}`;
        /** @type {List<string>} */
        const failures = new List();

        for (let i = 0; i < reasons.length; i++)
            failures.add(`{${this.#members(reasons[i])}}`);
        return failures.length > 0 ? `${rest},"rejections":[${failures.join(",")}]` : rest;
    }
}

/**
 * Installs the globals; what it returns drives executions.
 * @param {Native} native
 */
export function start(native) {
    const execution = new Execution(native);

    execution.install();
    return {
        equip: (/** @type {Environment} */ environment) => execution.equip(environment),
        begin: (/** @type {unknown} */ input) => execution.begin(input),
        reply: (/** @type {number} */ id, /** @type {boolean} */ ok, /** @type {any} */ value,
            /** @type {string} */ members) => execution.reply(id, ok, value, members),
        settle: (/** @type {number} */ state, /** @type {unknown} */ value,
            /** @type {string} */ place) => execution.settle(state, value, place),
        tick: () => execution.tick(),
        nextMs: () => execution.nextMs(),
    };
}
