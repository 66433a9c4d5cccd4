/**
 * Event, EventTarget, AbortController and AbortSignal, as far as scripts use
 * them.  https://dom.spec.whatwg.org
 */
import {
    List, MapConstructor, MapPrototypeDelete, MapPrototypeForEach, MapPrototypeSet, ReflectApply,
    TypeErrorConstructor, isObject,
} from "./primordials.js";
import { DOMException } from "./exceptions.js";

const listenersMax = 1000;

export class Event {
    #type;
    #prevented = false;
    /** @type {EventTarget | null} */
    #target = null;

    /** @param {unknown} type @param {unknown} [_init] */
    constructor(type, _init) {
        this.#type = `${type}`;
    }

    get type() {
        return this.#type;
    }

    get target() {
        return this.#target;
    }

    get defaultPrevented() {
        return this.#prevented;
    }

    preventDefault() {
        this.#prevented = true;
    }

    /** @param {unknown} event @param {EventTarget} target */
    static aim(event, target) {
        if (!isObject(event) || !(#target in event))
            throw new TypeErrorConstructor("dispatchEvent takes an Event");
        event.#target = target;
        return event.#type;
    }
}
const aim = Event.aim;
delete (/** @type {any} */ (Event)).aim;

/** @typedef {{ type: string, listener: any, once: boolean }} Listener */

export class EventTarget {
    /** @type {Map<number, Listener>} */
    #listeners = new MapConstructor();
    #lastId = 0;

    /** @param {unknown} type @param {any} listener @param {any} [options] */
    addEventListener(type, listener, options) {
        const name = `${type}`;

        if (!isObject(listener) || this.#find(name, listener) !== undefined)
            return;
        if (this.#lastId >= listenersMax)
            throw new TypeErrorConstructor(`an EventTarget takes ${listenersMax} listeners`);
        const once = isObject(options) && /** @type {any} */ (options).once === true;
        MapPrototypeSet(this.#listeners, ++this.#lastId, { type: name, listener, once });
    }

    /** @param {unknown} type @param {any} listener */
    removeEventListener(type, listener) {
        const id = this.#find(`${type}`, listener);

        if (id !== undefined)
            MapPrototypeDelete(this.#listeners, id);
    }

    /** @param {string} type @param {unknown} listener @returns {number | undefined} */
    #find(type, listener) {
        /** @type {number | undefined} */
        let found;

        MapPrototypeForEach(this.#listeners, (entry, id) => {
            if (entry.type === type && entry.listener === listener)
                found = id;
        });
        return found;
    }

    /** @param {Event} event */
    dispatchEvent(event) {
        const type = aim(event, this);
        /** @type {List<Listener>} */
        const called = new List();

        MapPrototypeForEach(this.#listeners, (entry, id) => {
            if (entry.type !== type)
                return;
            called.add(entry);
            if (entry.once)
                MapPrototypeDelete(this.#listeners, id);
        });
        for (let i = 0; i < called.length; i++)
            notify(this, called.at(i).listener, event);
        return !event.defaultPrevented;
    }
}

/** @param {EventTarget} target @param {any} listener @param {Event} event */
function notify(target, listener, event) {
    if (typeof listener === "function")
        ReflectApply(listener, target, [event]);
    else if (typeof listener.handleEvent === "function")
        ReflectApply(listener.handleEvent, listener, [event]);
}

/** What starts a timer: setTimeout of the runtime.
 * @typedef {(run: () => void, delay: number) => void} Later */

/**
 * AbortController and AbortSignal.
 * @param {Later} later
 */
export function createAbort(later) {
    let permitted = false;

    class AbortSignal extends EventTarget {
        #aborted = false;
        /** @type {unknown} */
        #reason = undefined;
        /** @type {any} */
        onabort = null;

        constructor() {
            super();
            if (!permitted)
                throw new TypeErrorConstructor("an AbortSignal comes from an AbortController");
        }

        get aborted() {
            return this.#aborted;
        }

        get reason() {
            return this.#reason;
        }

        throwIfAborted() {
            if (this.#aborted)
                throw this.#reason;
        }

        /** @param {AbortSignal} signal @param {unknown} reason */
        static end(signal, reason) {
            if (signal.#aborted)
                return;
            signal.#aborted = true;
            signal.#reason = reason ?? new DOMException("This operation was aborted", "AbortError");
            const event = new Event("abort");
            if (typeof signal.onabort === "function")
                ReflectApply(signal.onabort, signal, [event]);
            ReflectApply(dispatch, signal, [event]);
        }

        /** @param {unknown} [reason] */
        static abort(reason) {
            const signal = make();

            end(signal, reason);
            return signal;
        }

        /** @param {number} milliseconds */
        static timeout(milliseconds) {
            const signal = make();

            later(() => end(signal, new DOMException(
                "The operation timed out", "TimeoutError")), milliseconds);
            return signal;
        }

        /** @param {any} signals */
        static any(signals) {
            const all = make();

            for (let i = 0; i < signals.length; i++)
                follow(all, signals[i]);
            return all;
        }
    }
    const end = AbortSignal.end;
    delete (/** @type {any} */ (AbortSignal)).end;

    const make = () => {
        permitted = true;
        try {
            return new AbortSignal();
        } finally {
            permitted = false;
        }
    };

    /** @param {AbortSignal} signal @param {any} other */
    const follow = (signal, other) => {
        if (other.aborted)
            end(signal, other.reason);
        else
            ReflectApply(listen, other, ["abort", () => end(signal, other.reason)]);
    };

    class AbortController {
        #signal = make();

        get signal() {
            return this.#signal;
        }

        /** @param {unknown} [reason] */
        abort(reason) {
            end(this.#signal, reason);
        }
    }
    return { AbortController, AbortSignal };
}

const dispatch = EventTarget.prototype.dispatchEvent;
const listen = EventTarget.prototype.addEventListener;
