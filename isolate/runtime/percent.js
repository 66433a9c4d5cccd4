/**
 * Percent-encoding and UTF-8 as URLs use them.
 * https://url.spec.whatwg.org/#percent-encoded-bytes
 */
import {
    NumberPrototypeToString, StringFromCodePoint, StringPrototypeCharCodeAt,
    StringPrototypeCodePointAt, StringPrototypeIncludes, StringPrototypeToUpperCase, parseInteger,
    RegExpPrototypeExec, StringPrototypeSlice,
} from "./primordials.js";

/** Sets of characters that are encoded, beside controls and what is not ASCII. */
export const CONTROL = "";
export const FRAGMENT = ' "<>`';
export const QUERY = ' "#<>';
export const SPECIAL_QUERY = ' "#<>\'';
export const PATH = ' "#<>?^`{}';
export const USERINFO = ' "#<>?^`{}/:;=@[\\]|';
/** application/x-www-form-urlencoded */
export const FORM = ' "#<>?^`{}/:;=@[\\]|$&+,%!\'()~';

/** @param {number} byte */
const escape = (byte) =>
    `%${byte < 16 ? "0" : ""}${StringPrototypeToUpperCase(NumberPrototypeToString(byte, 16))}`;

/** The bytes of a code point, escaped.  @param {number} point */
function escapePoint(point) {
    if (point < 0x80)
        return escape(point);
    if (point < 0x800)
        return escape(0xc0 | point >> 6) + escape(0x80 | point & 63);
    if (point < 0x10000)
        return escape(0xe0 | point >> 12) + escape(0x80 | point >> 6 & 63) +
            escape(0x80 | point & 63);
    return escape(0xf0 | point >> 18) + escape(0x80 | point >> 12 & 63) +
        escape(0x80 | point >> 6 & 63) + escape(0x80 | point & 63);
}

/** A value as text without lone surrogates.  @param {unknown} value @returns {string} */
export function scalarText(value) {
    const text = `${value}`;
    let out = "";
    let from = 0;

    for (let i = 0; i < text.length; i++) {
        const point = /** @type {number} */ (StringPrototypeCodePointAt(text, i));

        if (point > 0xffff) {
            i++;
        } else if (point >= 0xd800 && point <= 0xdfff) {
            out += `${StringPrototypeSlice(text, from, i)}\ufffd`;
            from = i + 1;
        }
    }
    return out + StringPrototypeSlice(text, from);
}

/** @param {string} text @param {string} set one of those above @returns {string} */
export function percentEncode(text, set) {
    let out = "";

    for (let i = 0; i < text.length; i++) {
        let point = /** @type {number} */ (StringPrototypeCodePointAt(text, i));

        if (point > 0xffff)
            i++;
        if (point >= 0xd800 && point <= 0xdfff)
            point = 0xfffd;
        if (point > 0x1f && point < 0x7f && !StringPrototypeIncludes(set, text[i]))
            out += text[i];
        else
            out += escapePoint(point);
    }
    return out;
}

/** Reads UTF-8 as https://encoding.spec.whatwg.org/#utf-8-decoder does: what is wrong becomes U+FFFD. */
class Utf8Reader {
    text = "";
    #point = 0;
    #needed = 0;
    #lower = 0x80;
    #upper = 0xbf;

    /** @param {number} byte */
    #begin(byte) {
        if (byte < 0x80) {
            this.text += StringFromCodePoint(byte);
        } else if (byte >= 0xc2 && byte <= 0xf4) {
            this.#needed = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
            this.#point = byte & (0x3f >> this.#needed);
            this.#lower = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
            this.#upper = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
        } else {
            this.text += "\ufffd";
        }
    }

    /** @param {number} byte */
    byte(byte) {
        if (this.#needed === 0)
            return this.#begin(byte);
        if (byte < this.#lower || byte > this.#upper) {
            this.end();
            return this.#begin(byte);
        }
        this.#lower = 0x80;
        this.#upper = 0xbf;
        this.#point = this.#point << 6 | byte & 63;
        if (--this.#needed === 0)
            this.text += StringFromCodePoint(this.#point);
    }

    /** A character that was begun and not ended is wrong. */
    end() {
        if (this.#needed > 0)
            this.text += "\ufffd";
        this.#needed = 0;
        return this.text;
    }

    /** A character as it stands.  @param {string} character */
    character(character) {
        this.end();
        this.text += character;
    }
}

/** The text with its escapes decoded as UTF-8.  @param {string} text @returns {string} */
export function percentDecode(text) {
    const out = new Utf8Reader();

    for (let i = 0; i < text.length; i++) {
        if (StringPrototypeCharCodeAt(text, i) === 37 &&
            RegExpPrototypeExec(/^[0-9a-f]{2}$/i, StringPrototypeSlice(text, i + 1, i + 3))) {
            out.byte(parseInteger(StringPrototypeSlice(text, i + 1, i + 3), 16));
            i += 2;
        } else {
            out.character(text[i]);
        }
    }
    return out.end();
}
