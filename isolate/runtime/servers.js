/**
 * The global variable of each server: an object whose properties are its tools.
 *
 * A name that is no tool gives a function too: its call is refused by the
 * proxy, whose error knows the nearest names.
 */
import {
    List, MapConstructor, MapPrototypeForEach, MapPrototypeGet, MapPrototypeSet, ProxyConstructor,
    RegExpPrototypeExec, StringPrototypeIncludes, StringPrototypeIndexOf, StringPrototypeSlice,
    WeakMapConstructor, WeakMapPrototypeGet, WeakMapPrototypeSet, define, isObject, own, quote,
} from "./primordials.js";
import { percentDecode } from "./percent.js";
/** @import { ServerEntry } from "./native" */
/** @import { Calls } from "./calls" */

/** Asked of any object by the language and by consoles; never the name of a call. */
const askedOfAll = /** @type {any} */ ({
    __proto__: null, then: 1, toJSON: 1, constructor: 1, toString: 1, valueOf: 1,
});

/** @param {string} name */
const neverTool = (name) => name === "__proto__" || own(askedOfAll, name) !== undefined;

const plainName = /^[A-Za-z_$][\w$]*$/;

/** The keys of servers by the objects that stand for them. */
const keys = new WeakMapConstructor();

/** A server as a script names it: its key or the object.  @param {unknown} server */
export const serverKey = (server) =>
    (isObject(server) ? WeakMapPrototypeGet(keys, server) : undefined) ?? server;

/** The tools of one server by the names a script may use. */
class Tools {
    #entry;
    /** @type {Map<string, string> | undefined} made when first needed: catalogues are large */
    #names;
    /** @type {Map<string, Function>} */
    #functions = new MapConstructor();
    #calls;

    /** @param {Calls} calls @param {ServerEntry} entry */
    constructor(calls, entry) {
        this.#calls = calls;
        this.#entry = entry;
    }

    /** @returns {Map<string, string>} raw names by identifiers */
    names() {
        if (this.#names)
            return this.#names;
        /** @type {Map<string, string>} */
        const names = new MapConstructor();
        const text = this.#entry.tools;

        for (let start = 1; start < text.length;) {
            const end = StringPrototypeIndexOf(text, ",", start);
            const item = StringPrototypeSlice(text, start, end);
            const equals = StringPrototypeIndexOf(item, "=");

            if (equals < 0)
                MapPrototypeSet(names, item, item);
            else
                MapPrototypeSet(names, StringPrototypeSlice(item, 0, equals),
                    percentDecode(StringPrototypeSlice(item, equals + 1)));
            start = end + 1;
        }
        return this.#names = names;
    }

    /** The raw name of one tool, without a look at the others.
     * @param {string} name @returns {string | undefined} */
    #raw(name) {
        const text = this.#entry.tools;

        if (StringPrototypeIncludes(name, ",") || StringPrototypeIncludes(name, "="))
            return undefined;
        if (StringPrototypeIncludes(text, `,${name},`))
            return name;
        const at = StringPrototypeIndexOf(text, `,${name}=`);
        if (at < 0)
            return undefined;
        const start = at + name.length + 2;
        return percentDecode(StringPrototypeSlice(text, start, StringPrototypeIndexOf(text, ",", start)));
    }

    /** @param {string} name */
    has(name) {
        let found = this.#raw(name) !== undefined;

        if (!found)
            MapPrototypeForEach(this.names(), (raw) => {
                found ||= raw === name;
            });
        return found;
    }

    /** @param {string} name @returns {Function | undefined} */
    get(name) {
        const known = MapPrototypeGet(this.#functions, name);

        if (known)
            return known;
        const raw = this.#raw(name);
        if (raw === undefined && neverTool(name))
            return undefined;
        return this.#make(name, raw ?? name);
    }

    /** @param {string} name @param {string} raw */
    #make(name, raw) {
        const { key, identifier } = this.#entry;
        /* For errors alone. */
        const label = () => RegExpPrototypeExec(plainName, name) ? `${identifier}.${name}`
            : `${identifier}[${quote(name)}]`;
        const tool = (/** @type {unknown[]} */ ...args) => this.#calls.tool(label, key, raw, args);

        define(tool, "name", name);
        MapPrototypeSet(this.#functions, name, tool);
        return tool;
    }
}

/** @param {string} name @param {Tools} tools */
const describe = (name, tools) => /** @type {any} */ ({
    __proto__: null, value: tools.get(name), writable: false, enumerable: true, configurable: true,
});

/** @param {Tools} tools @returns {ProxyHandler<any>} */
function handlerOf(tools) {
    /** @type {List<string>} */
    const names = new List();

    return /** @type {any} */ ({
        __proto__: null,
        get: (/** @type {any} */ _target, /** @type {string | symbol} */ name) =>
            typeof name === "string" ? tools.get(name) : undefined,
        has: (/** @type {any} */ _target, /** @type {string | symbol} */ name) =>
            typeof name === "string" && tools.has(name),
        ownKeys() {
            if (names.length === 0)
                MapPrototypeForEach(tools.names(), (_raw, name) => names.add(name));
            return names.toArray();
        },
        getOwnPropertyDescriptor: (/** @type {any} */ _target, /** @type {string | symbol} */ name) =>
            typeof name === "string" && tools.has(name) ? describe(name, tools) : undefined,
        getPrototypeOf: () => null,
        set: () => false,
        defineProperty: () => false,
        deleteProperty: () => false,
        preventExtensions: () => false,
        setPrototypeOf: () => false,
    });
}

/**
 * The object of a server.
 * @param {Calls} calls @param {ServerEntry} entry @returns {object}
 */
export function createServer(calls, entry) {
    const server = new ProxyConstructor({ __proto__: null }, handlerOf(new Tools(calls, entry)));

    WeakMapPrototypeSet(keys, server, entry.key);
    return server;
}
