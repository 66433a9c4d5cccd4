/**
 * setTimeout, setInterval and queueMicrotask.  The engine asks for the next
 * due time and for one timer to run; between two of them microtasks run.
 */
import {
    MapConstructor, MapPrototypeDelete, MapPrototypeForEach, MapPrototypeSet, MapSize,
    NumberConstructor, ReflectApply, TypeErrorConstructor, isObject,
} from "./primordials.js";
import { LimitError } from "./errors.js";
/** @import { Native, Limits } from "./native" */

const delayMax = 2147483647;

/** @typedef {{ id: number, due: number, every: number, run: Function, args: unknown[] }} Timer */

/** A delay in whole milliseconds, 1 at least, as elsewhere.  @param {unknown} value */
function delayOf(value) {
    const delay = isObject(value) || typeof value === "symbol" || typeof value === "bigint" ? 0
        : NumberConstructor(value);

    return delay >= 1 && delay <= delayMax ? delay - delay % 1 : 1;
}

export class Timers {
    #native;
    #fail;
    /** @type {Map<number, Timer>} in the order they were set */
    #timers = new MapConstructor();
    #lastId = 0;
    /** @type {Limits | undefined} */
    #limits;

    /**
     * @param {Native} native
     * @param {(thrown: unknown) => void} fail told what a callback throws
     */
    constructor(native, fail) {
        this.#native = native;
        this.#fail = fail;
    }

    /** @param {Limits} limits */
    begin(limits) {
        this.#timers = new MapConstructor();
        this.#lastId = 0;
        this.#limits = limits;
    }

    get pending() {
        return MapSize(this.#timers);
    }

    /** @param {string} name @param {any} run @param {unknown} delay @param {unknown[]} args
     * @param {boolean} repeat */
    #set(name, run, delay, args, repeat) {
        const max = /** @type {Limits} */ (this.#limits).timers;
        const wait = delayOf(delay);

        if (typeof run !== "function")
            throw new TypeErrorConstructor(`${name} takes a function`);
        if (MapSize(this.#timers) >= max)
            throw new LimitError("TimerLimit",
                `a script may have ${max} timers at a time (limit PENDING_TIMERS)`);
        const id = ++this.#lastId;
        MapPrototypeSet(this.#timers, id,
            { id, due: this.#native.now() + wait, every: repeat ? wait : 0, run, args });
        return id;
    }

    /** Milliseconds until the next timer is due; -1 without one. */
    nextMs() {
        const next = this.#next();

        if (next === undefined)
            return -1;
        const left = next.due - this.#native.now();
        return left > 0 ? left : 0;
    }

    /** @returns {Timer | undefined} */
    #next() {
        /** @type {Timer | undefined} */
        let next;

        MapPrototypeForEach(this.#timers, (timer) => {
            if (next === undefined || timer.due < next.due)
                next = timer;
        });
        return next;
    }

    /** Runs one timer that is due; false when there is none. */
    tick() {
        const timer = this.#next();
        const now = this.#native.now();

        if (timer === undefined || timer.due > now)
            return false;
        MapPrototypeDelete(this.#timers, timer.id);
        if (timer.every > 0) {
            timer.due = now + timer.every;
            MapPrototypeSet(this.#timers, timer.id, timer);
        }
        this.#run(timer.run, timer.args);
        return true;
    }

    /** @param {Function} run @param {unknown[]} args */
    #run(run, args) {
        try {
            ReflectApply(run, undefined, args);
        } catch (thrown) {
            this.#fail(thrown);
        }
    }

    /** Runs it as a microtask.  `then` would ask the promise's constructor, which may be the
     * script's.  @param {Function} run */
    async #soon(run) {
        await undefined;
        this.#run(run, []);
    }

    /** The functions for scripts. */
    globals() {
        const clear = (/** @type {unknown} */ id) => {
            MapPrototypeDelete(this.#timers, /** @type {number} */ (id));
        };

        return {
            __proto__: null,
            setTimeout: (/** @type {any} */ run, /** @type {unknown} */ delay,
                /** @type {unknown[]} */ ...args) =>
                this.#set("setTimeout", run, delay, args, false),
            setInterval: (/** @type {any} */ run, /** @type {unknown} */ delay,
                /** @type {unknown[]} */ ...args) =>
                this.#set("setInterval", run, delay, args, true),
            setImmediate: (/** @type {any} */ run, /** @type {unknown[]} */ ...args) =>
                this.#set("setImmediate", run, 0, args, false),
            clearImmediate: clear,
            clearTimeout: clear,
            clearInterval: clear,
            queueMicrotask: (/** @type {any} */ run) => {
                if (typeof run !== "function")
                    throw new TypeErrorConstructor("queueMicrotask takes a function");
                this.#soon(run);
            },
        };
    }
}
