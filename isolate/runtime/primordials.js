/**
 * The language's own functions as they were before any script ran.
 *
 * A script may change every prototype, so nothing in this folder calls a
 * method of a built-in object by name, iterates an array, or writes to an
 * array's index: those go through what is captured here.  Methods take their
 * `this` as first argument.
 */

const { bind, call } = Function.prototype;

/**
 * A function that takes the `this` of `method` as its first argument.
 * @template {(...args: any[]) => any} F
 * @param {F} method
 * @returns {(self: any, ...args: Parameters<F>) => ReturnType<F>}
 */
export const uncurry = bind.bind(/** @type {any} */ (call));

/** The getter of a property of a prototype, as a function of the object.
 * @param {object} prototype @param {PropertyKey} name @returns {(self: any) => any} */
export const uncurryGetter = (prototype, name) =>
    uncurry(/** @type {any} */ (Object.getOwnPropertyDescriptor(prototype, name)).get);

const TypedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype);

export const {
    Array: ArrayConstructor, Boolean: BooleanConstructor, Error: ErrorConstructor,
    Map: MapConstructor,
    Promise: PromiseConstructor, RangeError: RangeErrorConstructor,
    TypeError: TypeErrorConstructor, Uint8Array: Uint8ArrayConstructor,
    WeakMap: WeakMapConstructor, Proxy: ProxyConstructor, Number: NumberConstructor,
} = globalThis;

export const {
    apply: ReflectApply, get: ReflectGet, getOwnPropertyDescriptor: ReflectGetOwnPropertyDescriptor,
    getPrototypeOf: ReflectGetPrototypeOf, ownKeys: ReflectOwnKeys,
    deleteProperty: ReflectDeleteProperty,
} = Reflect;
export const {
    defineProperty: ObjectDefineProperty, freeze: ObjectFreeze, hasOwn: ObjectHasOwn,
    keys: ObjectKeys,
} = Object;
export const { isArray: ArrayIsArray } = Array;
export const { isView: ArrayBufferIsView } = ArrayBuffer;
export const { isFinite: NumberIsFinite, isInteger: NumberIsInteger } = Number;
export const { stringify: JSONStringify, parse: JSONParse } = JSON;
export const {
    floor: MathFloor, imul: MathImul, max: MathMax, min: MathMin, trunc: MathTrunc,
} = Math;
export const { fromCharCode: StringFromCharCode, fromCodePoint: StringFromCodePoint } = String;
export const { for: SymbolFor, iterator: SymbolIterator, toStringTag: SymbolToStringTag } = Symbol;
export const parseInteger = Number.parseInt;

export const BigIntPrototypeToString = uncurry(BigInt.prototype.toString);
export const BigIntPrototypeValueOf = uncurry(BigInt.prototype.valueOf);
export const BooleanPrototypeValueOf = uncurry(Boolean.prototype.valueOf);
export const DatePrototypeGetTime = uncurry(Date.prototype.getTime);
export const DatePrototypeToISOString = uncurry(Date.prototype.toISOString);
export const DateToJSON = Date.prototype.toJSON;
export const FunctionPrototypeToString = uncurry(Function.prototype.toString);
export const MapPrototypeDelete = uncurry(Map.prototype.delete);
/** @type {(map: Map<any, any>, visit: (value: any, key: any) => void) => void} */
export const MapPrototypeForEach = uncurry(Map.prototype.forEach);
export const MapPrototypeGet = uncurry(Map.prototype.get);
export const MapPrototypeHas = uncurry(Map.prototype.has);
export const MapPrototypeSet = uncurry(Map.prototype.set);
export const MapSize = uncurryGetter(Map.prototype, "size");
export const NumberPrototypeToString = uncurry(Number.prototype.toString);
export const NumberPrototypeValueOf = uncurry(Number.prototype.valueOf);
export const RegExpPrototypeExec = uncurry(RegExp.prototype.exec);
/** The flags of a regular expression.  The getter of `flags` itself would ask the properties of the
 * object, which may be a script's own getters.  @type {(regExp: any) => string} */
export const RegExpFlags = (() => {
    const hasIndices = uncurryGetter(RegExp.prototype, "hasIndices");
    const global = uncurryGetter(RegExp.prototype, "global");
    const ignoreCase = uncurryGetter(RegExp.prototype, "ignoreCase");
    const multiline = uncurryGetter(RegExp.prototype, "multiline");
    const dotAll = uncurryGetter(RegExp.prototype, "dotAll");
    const unicode = uncurryGetter(RegExp.prototype, "unicode");
    /* V8 10.2 has no flag v. */
    const unicodeSets = "unicodeSets" in RegExp.prototype
        ? uncurryGetter(RegExp.prototype, "unicodeSets") : () => false;
    const sticky = uncurryGetter(RegExp.prototype, "sticky");

    return (regExp) => (hasIndices(regExp) ? "d" : "") + (global(regExp) ? "g" : "") +
        (ignoreCase(regExp) ? "i" : "") + (multiline(regExp) ? "m" : "") +
        (dotAll(regExp) ? "s" : "") + (unicode(regExp) ? "u" : "") +
        (unicodeSets(regExp) ? "v" : "") + (sticky(regExp) ? "y" : "");
})();
export const RegExpSource = uncurryGetter(RegExp.prototype, "source");
/** @type {(set: Set<any>, visit: (value: any) => void) => void} */
export const SetPrototypeForEach = uncurry(Set.prototype.forEach);
export const SetSize = uncurryGetter(Set.prototype, "size");
export const StringPrototypeCharCodeAt = uncurry(String.prototype.charCodeAt);
export const StringPrototypeCodePointAt = uncurry(String.prototype.codePointAt);
export const StringPrototypeEndsWith = uncurry(String.prototype.endsWith);
export const StringPrototypeIncludes = uncurry(String.prototype.includes);
export const StringPrototypeIndexOf = uncurry(String.prototype.indexOf);
export const StringPrototypeLastIndexOf = uncurry(String.prototype.lastIndexOf);
export const StringPrototypeNormalize = uncurry(String.prototype.normalize);
export const StringPrototypePadEnd = uncurry(String.prototype.padEnd);
export const StringPrototypePadStart = uncurry(String.prototype.padStart);
export const StringPrototypeRepeat = uncurry(String.prototype.repeat);
export const StringPrototypeSlice = uncurry(String.prototype.slice);
export const StringPrototypeStartsWith = uncurry(String.prototype.startsWith);
export const StringPrototypeToLowerCase = uncurry(String.prototype.toLowerCase);
export const StringPrototypeToUpperCase = uncurry(String.prototype.toUpperCase);
export const StringPrototypeTrim = uncurry(String.prototype.trim);
export const StringPrototypeValueOf = uncurry(String.prototype.valueOf);
export const SymbolPrototypeToString = uncurry(Symbol.prototype.toString);
export const SymbolPrototypeValueOf = uncurry(Symbol.prototype.valueOf);
export const TypedArrayLength = uncurryGetter(TypedArrayPrototype, "length");
export const TypedArrayByteLength = uncurryGetter(TypedArrayPrototype, "byteLength");
export const TypedArrayTag = uncurryGetter(TypedArrayPrototype, Symbol.toStringTag);
export const TypedArrayPrototypeSet = uncurry(TypedArrayPrototype.set);
export const DataViewBuffer = uncurryGetter(DataView.prototype, "buffer");
export const DataViewByteOffset = uncurryGetter(DataView.prototype, "byteOffset");
export const DataViewByteLength = uncurryGetter(DataView.prototype, "byteLength");
export const TypedArrayBuffer = uncurryGetter(TypedArrayPrototype, "buffer");
export const TypedArrayByteOffset = uncurryGetter(TypedArrayPrototype, "byteOffset");
export const WeakMapPrototypeGet = uncurry(WeakMap.prototype.get);
export const WeakMapPrototypeHas = uncurry(WeakMap.prototype.has);
export const WeakMapPrototypeSet = uncurry(WeakMap.prototype.set);

const PromiseReject = uncurry(Promise.reject);

/** @param {unknown} reason @returns {Promise<never>} */
export const rejected = (reason) =>
    /** @type {Promise<never>} */ (PromiseReject(PromiseConstructor, reason));

/** A list that no change of Array.prototype or Object.prototype reaches.
 * @template T */
export class List {
    /** @type {any} */
    #items = { __proto__: null };
    length = 0;

    /** @param {T} item */
    add(item) {
        this.#items[this.length++] = item;
    }

    /** @param {number} index @returns {T} */
    at(index) {
        return this.#items[index];
    }

    /** @param {number} index @param {T} item */
    put(index, item) {
        this.#items[index] = item;
    }

    /** Drops the last item and returns it.  @returns {T} */
    pop() {
        const item = this.#items[--this.length];

        this.#items[this.length] = undefined;
        return item;
    }

    /** @param {string} separator */
    join(separator) {
        let text = "";

        for (let i = 0; i < this.length; i++)
            text += (i > 0 ? separator : "") + this.#items[i];
        return text;
    }

    /** The items as an array for a script.  @returns {T[]} */
    toArray() {
        const array = /** @type {T[]} */ ([]);

        for (let i = 0; i < this.length; i++)
            define(array, i, this.#items[i], true);
        return array;
    }
}

/**
 * Defines a data property, whatever the prototypes hold.
 * @param {object} object @param {PropertyKey} name @param {unknown} value
 * @param {boolean} [enumerable]
 */
export function define(object, name, value, enumerable = false) {
    ObjectDefineProperty(object, name, /** @type {any} */ ({
        __proto__: null, value, enumerable, writable: true, configurable: true,
    }));
}

/** The own data property `name` of an object that came from JSON.
 * @param {any} object @param {string} name @returns {any} */
export function own(object, name) {
    return ObjectHasOwn(object, name) ? object[name] : undefined;
}

/** The whole of a text as it is quoted in JSON.  @param {string} text */
export const quote = (text) => JSONStringify(text);

/** @param {unknown} value @returns {value is object} */
export const isObject = (value) =>
    (typeof value === "object" && value !== null) || typeof value === "function";
