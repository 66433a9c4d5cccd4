/**
 * Hosts of URLs: domains, IPv4, IPv6.  https://url.spec.whatwg.org/#host-parsing
 *
 * Names that are not ASCII are mapped by NFKC and lower case, which is what
 * UTS 46 comes to for the names that are in use; its rarer exceptions are not
 * here.
 */
import {
    List, MathFloor, NumberPrototypeToString, RegExpPrototypeExec, StringFromCharCode,
    StringPrototypeCharCodeAt, StringPrototypeCodePointAt, StringPrototypeIndexOf,
    StringPrototypeNormalize, StringPrototypeSlice, StringPrototypeStartsWith,
    StringPrototypeToLowerCase, parseInteger,
} from "./primordials.js";
import { CONTROL, percentDecode, percentEncode } from "./percent.js";

const forbidden = /[\0\t\n\r #/:<>?@[\\\]^|]/;
const forbiddenInDomain = /[\0-\x20"#%/:<>?@[\\\]^`{|}\x7f]/;

/** The parts of a text between separators.
 * @param {string} text @param {string} separator @returns {List<string>} */
export function split(text, separator) {
    /** @type {List<string>} */
    const parts = new List();
    let from = 0;

    for (;;) {
        const to = StringPrototypeIndexOf(text, separator, from);

        if (to < 0)
            break;
        parts.add(StringPrototypeSlice(text, from, to));
        from = to + separator.length;
    }
    parts.add(StringPrototypeSlice(text, from));
    return parts;
}

/** @param {number} delta @param {number} points @param {boolean} first */
function adapt(delta, points, first) {
    let k = 0;

    delta = first ? MathFloor(delta / 700) : delta >> 1;
    delta += MathFloor(delta / points);
    for (; delta > 455; k += 36)
        delta = MathFloor(delta / 35);
    return k + MathFloor(36 * delta / (delta + 38));
}

/** @param {number} digit */
const punycodeDigit = (digit) => StringFromCharCode(digit < 26 ? 97 + digit : 22 + digit);

/** A number in the variable-length form of RFC 3492.  @param {number} delta @param {number} bias */
function punycodeNumber(delta, bias) {
    let text = "";

    for (let k = 36;; k += 36) {
        const t = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;

        if (delta < t)
            return text + punycodeDigit(delta);
        text += punycodeDigit(t + (delta - t) % (36 - t));
        delta = MathFloor((delta - t) / (36 - t));
    }
}

/** @param {string} label @returns {List<number>} */
function pointsOf(label) {
    /** @type {List<number>} */
    const points = new List();

    for (let i = 0; i < label.length; i++) {
        const point = /** @type {number} */ (StringPrototypeCodePointAt(label, i));

        points.add(point);
        if (point > 0xffff)
            i++;
    }
    return points;
}

/** The smallest code point that is not below `least`.  @param {List<number>} points @param {number} least */
function nextPoint(points, least) {
    let next = 0x110000;

    for (let i = 0; i < points.length; i++)
        if (points.at(i) >= least && points.at(i) < next)
            next = points.at(i);
    return next;
}

/** RFC 3492.  @param {string} label @returns {string} */
function punycode(label) {
    const points = pointsOf(label);
    let out = "";
    let n = 128;
    let delta = 0;
    let bias = 72;

    for (let i = 0; i < points.length; i++)
        if (points.at(i) < 128)
            out += StringFromCharCode(points.at(i));
    const basic = out.length;
    let handled = basic;
    if (basic > 0)
        out += "-";
    while (handled < points.length) {
        const point = nextPoint(points, n);

        delta += (point - n) * (handled + 1);
        n = point;
        for (let i = 0; i < points.length; i++) {
            if (points.at(i) < n)
                delta++;
            if (points.at(i) !== n)
                continue;
            out += punycodeNumber(delta, bias);
            bias = adapt(delta, ++handled, handled - 1 === basic);
            delta = 0;
        }
        delta++;
        n++;
    }
    return out;
}

const ascii = (/** @type {string} */ text) => !RegExpPrototypeExec(/[^\0-\x7f]/, text);

/** Full stops of other scripts, and characters that are mapped to nothing.  @param {string} domain */
function mapped(domain) {
    let out = "";

    for (let i = 0; i < domain.length; i++) {
        const unit = StringPrototypeCharCodeAt(domain, i);

        if (unit === 0x3002 || unit === 0xff0e || unit === 0xff61)
            out += ".";
        else if (unit !== 0xad && unit !== 0x200b && unit !== 0x2060 && unit !== 0xfeff)
            out += domain[i];
    }
    return StringPrototypeNormalize(
        StringPrototypeToLowerCase(StringPrototypeNormalize(out, "NFKC")), "NFC");
}

/** @param {string} domain @returns {string} */
function domainToAscii(domain) {
    if (ascii(domain))
        return StringPrototypeToLowerCase(domain);

    const labels = split(mapped(domain), ".");
    for (let i = 0; i < labels.length; i++)
        if (!ascii(labels.at(i)))
            labels.put(i, `xn--${punycode(labels.at(i))}`);
    return labels.join(".");
}

/** A part of an IPv4 address: decimal, 0 octal or 0x hexadecimal; NaN when it is none.
 * @param {string} part */
function ipv4Number(part) {
    if (RegExpPrototypeExec(/^0x[0-9a-f]*$/i, part))
        return part.length === 2 ? 0 : parseInteger(StringPrototypeSlice(part, 2), 16);
    if (RegExpPrototypeExec(/^0[0-7]*$/, part))
        return parseInteger(part, 8);
    return RegExpPrototypeExec(/^[1-9][0-9]*$/, part) ? parseInteger(part, 10) : NaN;
}

/** @param {List<string>} parts */
function dropLastEmpty(parts) {
    if (parts.length > 1 && parts.at(parts.length - 1) === "")
        parts.pop();
    return parts;
}

/** @param {string} domain */
function endsInNumber(domain) {
    const parts = dropLastEmpty(split(domain, "."));
    const last = parts.at(parts.length - 1);

    return !!RegExpPrototypeExec(/^([0-9]+|0x[0-9a-f]*)$/i, last);
}

/** @param {string} domain @returns {string | undefined} */
function parseIpv4(domain) {
    const parts = dropLastEmpty(split(domain, "."));
    let address = 0;

    if (parts.length > 4)
        return undefined;
    for (let i = 0; i < parts.length; i++) {
        const number = ipv4Number(parts.at(i));
        const last = i === parts.length - 1;

        if (!(number < (last ? 256 ** (5 - parts.length) : 256)))
            return undefined;
        address += last ? number : number * 256 ** (3 - i);
    }
    return `${MathFloor(address / 16777216)}.${MathFloor(address / 65536) % 256}.` +
        `${MathFloor(address / 256) % 256}.${address % 256}`;
}

/** The two pieces of an IPv4 address at the end of an IPv6 address.
 * @param {List<number>} pieces @param {string} text @returns {boolean} */
function addIpv4Pieces(pieces, text) {
    const match = RegExpPrototypeExec(/^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/, text);

    if (!match)
        return false;
    for (let i = 1; i <= 4; i++)
        if (RegExpPrototypeExec(/^0\d/, match[i]) || parseInteger(match[i], 10) > 255)
            return false;
    pieces.add(parseInteger(match[1], 10) * 256 + parseInteger(match[2], 10));
    pieces.add(parseInteger(match[3], 10) * 256 + parseInteger(match[4], 10));
    return true;
}

/** The pieces of one side of "::".
 * @param {string} text @param {boolean} last @returns {List<number> | undefined} */
function ipv6Pieces(text, last) {
    /** @type {List<number>} */
    const pieces = new List();

    if (text === "")
        return pieces;
    const parts = split(text, ":");
    for (let i = 0; i < parts.length; i++) {
        const part = parts.at(i);

        if (RegExpPrototypeExec(/^[0-9a-f]{1,4}$/i, part))
            pieces.add(parseInteger(part, 16));
        else if (!last || i < parts.length - 1 || !addIpv4Pieces(pieces, part))
            return undefined;
    }
    return pieces;
}

/** @param {string} text @returns {List<number> | undefined} eight pieces */
function parseIpv6(text) {
    const at = StringPrototypeIndexOf(text, "::");

    if (at < 0) {
        const pieces = ipv6Pieces(text, true);

        return pieces?.length === 8 ? pieces : undefined;
    }
    const before = ipv6Pieces(StringPrototypeSlice(text, 0, at), false);
    const after = ipv6Pieces(StringPrototypeSlice(text, at + 2), true);
    if (!before || !after || before.length + after.length > 7)
        return undefined;
    while (before.length + after.length < 8)
        before.add(0);
    for (let i = 0; i < after.length; i++)
        before.add(after.at(i));
    return before;
}

/** The longest run of two or more zeros.  @param {List<number>} pieces */
function longestZeros(pieces) {
    let best = { from: -1, length: 1 };

    for (let i = 0; i < 8; i++) {
        let length = 0;

        while (i + length < 8 && pieces.at(i + length) === 0)
            length++;
        if (length > best.length)
            best = { from: i, length };
    }
    return best;
}

/** @param {List<number>} pieces */
function ipv6Text(pieces) {
    const zeros = longestZeros(pieces);
    let text = "";

    for (let i = 0; i < 8; i++) {
        if (i === zeros.from) {
            text += i === 0 ? "::" : ":";
            i += zeros.length - 1;
            continue;
        }
        text += NumberPrototypeToString(pieces.at(i), 16) + (i < 7 ? ":" : "");
    }
    return `[${text}]`;
}

/**
 * A host as URLs write it; undefined when it is none.
 * @param {string} input @param {boolean} special true for http and its like
 * @returns {string | undefined}
 */
export function parseHost(input, special) {
    if (StringPrototypeStartsWith(input, "[")) {
        const pieces = input[input.length - 1] === "]"
            ? parseIpv6(StringPrototypeSlice(input, 1, -1)) : undefined;

        return pieces && ipv6Text(pieces);
    }
    if (!special)
        return RegExpPrototypeExec(forbidden, input) ? undefined : percentEncode(input, CONTROL);

    const domain = domainToAscii(percentDecode(input));
    if (domain === "" || RegExpPrototypeExec(forbiddenInDomain, domain))
        return undefined;
    return endsInNumber(domain) ? parseIpv4(domain) : domain;
}
