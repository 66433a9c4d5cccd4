/**
 * The class URLSearchParams.  https://url.spec.whatwg.org/#interface-urlsearchparams
 */
import {
    ArrayIsArray, List, ObjectKeys, ReflectApply, StringPrototypeIndexOf, StringPrototypeSlice,
    StringPrototypeStartsWith, SymbolIterator, TypeErrorConstructor, define, isObject,
} from "./primordials.js";
import { FORM, percentDecode, percentEncode, scalarText } from "./percent.js";
import { split } from "./url_host.js";

/** @typedef {{ name: string, value: string }} Pair */

/** @param {string} text @param {string} from @param {string} to @returns {string} */
const replaced = (text, from, to) => split(text, from).join(to);

/** @param {string} text @returns {string} */
const decode = (text) => percentDecode(replaced(text, "+", " "));
/** @param {string} text @returns {string} */
const encode = (text) => replaced(percentEncode(text, FORM), "%20", "+");

/** application/x-www-form-urlencoded.  @param {List<Pair>} pairs @param {string} text */
function parsePairs(pairs, text) {
    const parts = split(text, "&");

    for (let i = 0; i < parts.length; i++) {
        const part = parts.at(i);
        const equals = StringPrototypeIndexOf(part, "=");

        if (part !== "")
            pairs.add(equals < 0 ? { name: decode(part), value: "" } : {
                name: decode(StringPrototypeSlice(part, 0, equals)),
                value: decode(StringPrototypeSlice(part, equals + 1)),
            });
    }
}

/** @param {List<Pair>} pairs @returns {string} */
function pairsText(pairs) {
    /** @type {List<string>} */
    const parts = new List();

    for (let i = 0; i < pairs.length; i++)
        parts.add(`${encode(pairs.at(i).name)}=${encode(pairs.at(i).value)}`);
    return parts.join("&");
}

/** Pairs of anything that is iterated, as `new Map` takes it.
 * @param {List<Pair>} pairs @param {any} iterable */
function addIterated(pairs, iterable) {
    const iterator = ReflectApply(iterable[SymbolIterator], iterable, []);

    for (let step = iterator.next(); !step.done; step = iterator.next()) {
        const pair = step.value;

        if (!isObject(pair) || /** @type {any} */ (pair).length !== 2)
            throw new TypeErrorConstructor("URLSearchParams takes pairs of name and value");
        const name = /** @type {any} */ (pair)[0];
        const value = /** @type {any} */ (pair)[1];

        pairs.add({ name: scalarText(name), value: scalarText(value) });
    }
}

/** @param {List<Pair>} pairs @param {any} init */
function addInit(pairs, init) {
    if (!isObject(init)) {
        const text = scalarText(init);

        parsePairs(pairs, StringPrototypeStartsWith(text, "?") ? StringPrototypeSlice(text, 1) : text);
    } else if (ArrayIsArray(init)) {
        addIterated(pairs, init);
    } else if (typeof /** @type {any} */ (init)[SymbolIterator] === "function") {
        addIterated(pairs, init);
    } else {
        const names = ObjectKeys(init);

        for (let i = 0; i < names.length; i++)
            pairs.add({ name: scalarText(names[i]), value: scalarText(/** @type {any} */ (init)[names[i]]) });
    }
}

/** An iterator over values that are made one by one.
 * @param {() => number} count @param {(index: number) => unknown} at */
function iterate(count, at) {
    let index = 0;
    const iterator = {
        next: () => index < count() ? { value: at(index++), done: false }
            : { value: undefined, done: true },
    };

    define(iterator, SymbolIterator, () => iterator);
    return /** @type {any} */ (iterator);
}

export class URLSearchParams {
    /** @type {List<Pair>} */
    #pairs = new List();
    /** @type {((query: string) => void) | undefined} the URL that these are the parameters of */
    #changed;

    /** @param {unknown} [init] */
    constructor(init) {
        if (init !== undefined)
            addInit(this.#pairs, init);
    }

    get size() {
        return this.#pairs.length;
    }

    /** @param {unknown} name @param {unknown} value */
    append(name, value) {
        this.#pairs.add({ name: scalarText(name), value: scalarText(value) });
        this.#update();
    }

    /** @param {unknown} name @param {unknown} [value] */
    delete(name, value) {
        const key = scalarText(name);

        this.#keep((pair) => pair.name !== key || (value !== undefined && pair.value !== scalarText(value)));
    }

    /** @param {unknown} name @returns {string | null} */
    get(name) {
        const key = scalarText(name);

        for (let i = 0; i < this.#pairs.length; i++)
            if (this.#pairs.at(i).name === key)
                return this.#pairs.at(i).value;
        return null;
    }

    /** @param {unknown} name @returns {string[]} */
    getAll(name) {
        /** @type {List<string>} */
        const values = new List();
        const key = scalarText(name);

        for (let i = 0; i < this.#pairs.length; i++)
            if (this.#pairs.at(i).name === key)
                values.add(this.#pairs.at(i).value);
        return values.toArray();
    }

    /** @param {unknown} name @param {unknown} [value] */
    has(name, value) {
        const key = scalarText(name);

        for (let i = 0; i < this.#pairs.length; i++)
            if (this.#pairs.at(i).name === key &&
                (value === undefined || this.#pairs.at(i).value === scalarText(value)))
                return true;
        return false;
    }

    /** @param {unknown} name @param {unknown} value */
    set(name, value) {
        const key = scalarText(name);
        const text = scalarText(value);
        let found = false;

        this.#keep((pair) => {
            if (pair.name !== key)
                return true;
            const first = !found;

            found = true;
            pair.value = text;
            return first;
        });
        if (!found)
            this.append(key, text);
    }

    /** Sorts by name; pairs of one name keep their order. */
    sort() {
        /** @type {List<Pair>} */
        const sorted = new List();

        for (let i = 0; i < this.#pairs.length; i++) {
            const pair = this.#pairs.at(i);
            let at = sorted.length;

            sorted.add(pair);
            for (; at > 0 && sorted.at(at - 1).name > pair.name; at--)
                sorted.put(at, sorted.at(at - 1));
            sorted.put(at, pair);
        }
        this.#pairs = sorted;
        this.#update();
    }

    /** @param {any} visit @param {unknown} [self] */
    forEach(visit, self) {
        for (let i = 0; i < this.#pairs.length; i++)
            ReflectApply(visit, self, [this.#pairs.at(i).value, this.#pairs.at(i).name, this]);
    }

    keys() {
        return iterate(() => this.#pairs.length, (i) => this.#pairs.at(i).name);
    }

    values() {
        return iterate(() => this.#pairs.length, (i) => this.#pairs.at(i).value);
    }

    entries() {
        return iterate(() => this.#pairs.length,
            (i) => [this.#pairs.at(i).name, this.#pairs.at(i).value]);
    }

    toString() {
        return pairsText(this.#pairs);
    }

    /** @param {(pair: Pair) => boolean} test */
    #keep(test) {
        /** @type {List<Pair>} */
        const kept = new List();

        for (let i = 0; i < this.#pairs.length; i++)
            if (test(this.#pairs.at(i)))
                kept.add(this.#pairs.at(i));
        this.#pairs = kept;
        this.#update();
    }

    #update() {
        this.#changed?.(pairsText(this.#pairs));
    }

    /** Tells of changes.  @param {URLSearchParams} params @param {(query: string) => void} changed */
    static follow(params, changed) {
        params.#changed = changed;
    }

    /** Reads a query anew.  @param {URLSearchParams} params @param {string} query */
    static read(params, query) {
        params.#pairs = new List();
        parsePairs(params.#pairs, query);
    }
}
define(URLSearchParams.prototype, SymbolIterator, URLSearchParams.prototype.entries);

/* For URL alone: a script does not see them. */
export const follow = URLSearchParams.follow;
export const paramsOf = URLSearchParams.read;
delete (/** @type {any} */ (URLSearchParams)).follow;
delete (/** @type {any} */ (URLSearchParams)).read;
