/**
 * TextEncoder, TextDecoder, atob and btoa.
 * https://encoding.spec.whatwg.org, https://infra.spec.whatwg.org/#forgiving-base64
 */
import {
    BooleanConstructor, RangeErrorConstructor, StringFromCharCode, StringPrototypeCharCodeAt,
    StringPrototypeCodePointAt, StringPrototypeIndexOf, StringPrototypeSlice,
    StringPrototypeToLowerCase, StringPrototypeTrim,
    TypeErrorConstructor, TypedArrayByteLength, TypedArrayLength, TypedArrayPrototypeSet,
    DataViewByteLength, DataViewBuffer, DataViewByteOffset,
    TypedArrayBuffer, TypedArrayByteOffset, Uint8ArrayConstructor, isObject, own,
} from "./primordials.js";
import { DOMException } from "./exceptions.js";
/** @import { Native } from "./native" */

/** The bytes of a buffer or a view of one.
 * @param {Native} native @param {any} input @returns {Uint8Array} */
export function bytesOf(native, input) {
    const kind = isObject(input) ? native.kindOf(input) : "object";

    if (kind === "arraybuffer")
        return new Uint8ArrayConstructor(input);
    if (kind === "typedarray")
        return new Uint8ArrayConstructor(TypedArrayBuffer(input), TypedArrayByteOffset(input),
            TypedArrayByteLength(input));
    if (kind === "dataview")
        return new Uint8ArrayConstructor(DataViewBuffer(input), DataViewByteOffset(input),
            DataViewByteLength(input));
    throw new TypeErrorConstructor("an ArrayBuffer or a view of one is needed");
}

/** Names of UTF-8 that TextDecoder takes; other encodings are refused by name. */
const utf8Labels = /** @type {any} */ ({
    __proto__: null, "utf-8": 1, utf8: 1, "unicode-1-1-utf-8": 1, unicode11utf8: 1, "x-unicode20utf8": 1,
});

/** The bytes at the end that begin a character without ending it.
 * @param {Uint8Array} bytes @param {number} length @returns {number} */
function unfinished(bytes, length) {
    for (let back = 1; back <= 3 && back <= length; back++) {
        const byte = bytes[length - back];

        if ((byte & 0xc0) === 0x80)
            continue;
        const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
        return needs > back ? back : 0;
    }
    return 0;
}

/** @param {Uint8Array} first @param {Uint8Array} second */
function joined(first, second) {
    const length = TypedArrayLength(first);
    const all = new Uint8ArrayConstructor(length + TypedArrayLength(second));

    TypedArrayPrototypeSet(all, first, 0);
    TypedArrayPrototypeSet(all, second, length);
    return all;
}

/** @param {Uint8Array} bytes @param {number} from @param {number} to */
const part = (bytes, from, to) => new Uint8ArrayConstructor(
    TypedArrayBuffer(bytes), TypedArrayByteOffset(bytes) + from, to - from);

/** @param {Uint8Array} a @param {Uint8Array} b */
function sameBytes(a, b) {
    const length = TypedArrayLength(a);

    if (length !== TypedArrayLength(b))
        return false;
    for (let i = 0; i < length; i++)
        if (a[i] !== b[i])
            return false;
    return true;
}

/** An option that is true or false.  @param {any} options @param {string} name */
const flag = (options, name) => isObject(options) && BooleanConstructor(/** @type {any} */ (options)[name]);

/** The class TextEncoder.  @param {Native} native */
export const createTextEncoder = (native) => class TextEncoder {
    get encoding() {
        return "utf-8";
    }

    encode(input = "") {
        return new Uint8ArrayConstructor(native.utf8Encode(`${input}`));
    }

    /** @param {string} source @param {Uint8Array} destination */
    encodeInto(source, destination) {
        const text = `${source}`;
        const room = TypedArrayLength(destination);
        let read = 0;
        let written = 0;

        while (read < text.length) {
            const point = /** @type {number} */ (StringPrototypeCodePointAt(text, read));
            const units = point > 0xffff ? 2 : 1;
            const bytes = new Uint8ArrayConstructor(
                native.utf8Encode(StringPrototypeSlice(text, read, read + units)));

            if (written + TypedArrayLength(bytes) > room)
                break;
            TypedArrayPrototypeSet(destination, bytes, written);
            written += TypedArrayLength(bytes);
            read += units;
        }
        return { read, written };
    }
};

/** The class TextDecoder; UTF-8 alone.  @param {Native} native */
export const createTextDecoder = (native) => class TextDecoder {
    #fatal;
    #ignoreBOM;
    #rest = new Uint8ArrayConstructor(0);
    #started = false;

    constructor(label = "utf-8", options = {}) {
        const name = StringPrototypeToLowerCase(StringPrototypeTrim(`${label}`));

        if (!own(utf8Labels, name))
            throw new RangeErrorConstructor(`TextDecoder knows UTF-8 alone, not "${label}"`);
        this.#fatal = flag(options, "fatal");
        this.#ignoreBOM = flag(options, "ignoreBOM");
    }

    get encoding() {
        return "utf-8";
    }

    get fatal() {
        return this.#fatal;
    }

    get ignoreBOM() {
        return this.#ignoreBOM;
    }

    /** @param {any} [input] @param {any} [options] */
    decode(input, options) {
        const stream = flag(options, "stream");
        const given = input === undefined ? new Uint8ArrayConstructor(0) : bytesOf(native, input);
        const bytes = joined(this.#rest, given);
        const length = TypedArrayLength(bytes);
        const rest = stream ? unfinished(bytes, length) : 0;
        const text = this.#decode(part(bytes, 0, length - rest));

        this.#rest = stream ? part(bytes, length - rest, length)
            : new Uint8ArrayConstructor(0);
        return this.#withoutMark(text, stream);
    }

    /** @param {Uint8Array} bytes */
    #decode(bytes) {
        const text = native.utf8Decode(bytes);

        if (this.#fatal && !sameBytes(bytes, new Uint8ArrayConstructor(native.utf8Encode(text))))
            throw new TypeErrorConstructor("the bytes are not UTF-8");
        return text;
    }

    /** @param {string} text @param {boolean} stream */
    #withoutMark(text, stream) {
        const first = !this.#started;

        this.#started = stream && (this.#started || text.length > 0);
        return first && !this.#ignoreBOM && text[0] === "\ufeff" ? StringPrototypeSlice(text, 1)
            : text;
    }
};

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const badCharacter = (/** @type {string} */ message) =>
    new DOMException(message, "InvalidCharacterError");

/** @param {unknown} input */
export function btoa(input) {
    const text = `${input}`;
    let out = "";

    for (let i = 0; i < text.length; i += 3) {
        const left = text.length - i;
        let bits = 0;

        for (let j = 0; j < 3; j++) {
            const unit = j < left ? StringPrototypeCharCodeAt(text, i + j) : 0;

            if (unit > 255)
                throw badCharacter("btoa takes characters up to U+00FF: encode the text first");
            bits = bits << 8 | unit;
        }
        out += alphabet[bits >> 18] + alphabet[bits >> 12 & 63] +
            (left > 1 ? alphabet[bits >> 6 & 63] : "=") + (left > 2 ? alphabet[bits & 63] : "=");
    }
    return out;
}

/** The text without ASCII white space and without its padding.  @param {string} text */
function base64Digits(text) {
    let digits = "";

    for (let i = 0; i < text.length; i++)
        if (StringPrototypeIndexOf(" \t\n\f\r", text[i]) < 0)
            digits += text[i];
    if (digits.length % 4 === 0)
        for (let i = 0; i < 2 && digits[digits.length - 1] === "="; i++)
            digits = StringPrototypeSlice(digits, 0, -1);
    return digits;
}

/** @param {unknown} input */
export function atob(input) {
    const digits = base64Digits(`${input}`);
    let out = "";
    let bits = 0;
    let count = 0;

    if (digits.length % 4 === 1)
        throw badCharacter("atob: the text is not base64");
    for (let i = 0; i < digits.length; i++) {
        const value = StringPrototypeIndexOf(alphabet, digits[i]);

        if (value < 0)
            throw badCharacter("atob: the text is not base64");
        bits = (bits << 6 | value) & 0xffffff;
        count += 6;
        if (count >= 8) {
            count -= 8;
            out += StringFromCharCode(bits >> count & 255);
        }
    }
    return out;
}
