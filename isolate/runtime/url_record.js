/**
 * URLs in their parts: parsing and writing.  https://url.spec.whatwg.org/#url-parsing
 *
 * The specification's machine reads character by character; this takes the
 * same text apart part by part.
 */
import {
    List, RegExpPrototypeExec, StringPrototypeCharCodeAt, StringPrototypeIndexOf,
    StringPrototypeLastIndexOf, StringPrototypeSlice, StringPrototypeToLowerCase, own, parseInteger,
} from "./primordials.js";
import {
    CONTROL, FRAGMENT, PATH, QUERY, SPECIAL_QUERY, USERINFO, percentEncode,
} from "./percent.js";
import { parseHost } from "./url_host.js";

/** Schemes with hosts of their own kind, and their ports. */
const special = /** @type {any} */ ({
    __proto__: null, http: 80, https: 443, ws: 80, wss: 443, ftp: 21, file: 0,
});

/** @param {string} scheme @returns {boolean} */
export const isSpecial = (scheme) => own(special, scheme) !== undefined;
/** @param {string} scheme @returns {number | undefined} */
export const defaultPort = (scheme) => own(special, scheme) || undefined;

/** A URL in its parts; a path that is no list is a text that nothing is relative to. */
export class UrlRecord {
    scheme = "";
    username = "";
    password = "";
    /** @type {string | null} */
    host = null;
    /** @type {number | null} */
    port = null;
    /** @type {List<string> | string} */
    path = new List();
    /** @type {string | null} */
    query = null;
    /** @type {string | null} */
    fragment = null;

    get special() {
        return isSpecial(this.scheme);
    }
}

/** @param {List<string>} path @returns {List<string>} */
export function copyPath(path) {
    /** @type {List<string>} */
    const copy = new List();

    for (let i = 0; i < path.length; i++)
        copy.add(path.at(i));
    return copy;
}

const driveLetter = /^[a-zA-Z][:|]$/;
const driveStart = /^[a-zA-Z][:|](?:[/\\?#]|$)/;

/** Drops the last segment; a file's drive stays.  @param {UrlRecord} url */
function shorten(url) {
    const path = /** @type {List<string>} */ (url.path);

    if (path.length === 0 || (url.scheme === "file" && path.length === 1 &&
        RegExpPrototypeExec(/^[a-zA-Z]:$/, path.at(0))))
        return;
    path.pop();
}

const isSlash = (/** @type {UrlRecord} */ url, /** @type {string} */ c) =>
    c === "/" || (c === "\\" && url.special);

/** One segment of a path.
 * @param {UrlRecord} url @param {string} raw @param {boolean} last */
function addSegment(url, raw, last) {
    const path = /** @type {List<string>} */ (url.path);
    let segment = percentEncode(raw, PATH);

    if (RegExpPrototypeExec(/^(?:\.|%2e){2}$/i, segment)) {
        shorten(url);
        if (last)
            path.add("");
    } else if (RegExpPrototypeExec(/^(?:\.|%2e)$/i, segment)) {
        if (last)
            path.add("");
    } else {
        if (url.scheme === "file" && path.length === 0 && RegExpPrototypeExec(driveLetter, segment))
            segment = `${segment[0]}:`;
        path.add(segment);
    }
}

/** Adds the segments of a path that stands without its first slash.
 * @param {UrlRecord} url @param {string} text */
export function parseSegments(url, text) {
    let from = 0;

    for (let i = 0; i < text.length; i++)
        if (isSlash(url, text[i])) {
            addSegment(url, StringPrototypeSlice(text, from, i), false);
            from = i + 1;
        }
    addSegment(url, StringPrototypeSlice(text, from), true);
}

/** A path as it stands behind an authority.  @param {UrlRecord} url @param {string} text */
export function parsePathStart(url, text) {
    if (text === "" && !url.special)
        return;
    parseSegments(url, text !== "" && isSlash(url, text[0]) ? StringPrototypeSlice(text, 1) : text);
}

/** @param {UrlRecord} url @param {string} text @returns {boolean} */
export function parsePort(url, text) {
    if (text === "") {
        url.port = null;
        return true;
    }
    const port = RegExpPrototypeExec(/^[0-9]+$/, text) ? parseInteger(text, 10) : 65536;
    if (port > 65535)
        return false;
    url.port = port === defaultPort(url.scheme) ? null : port;
    return true;
}

/** Where the port's colon stands; -1 without one.  @param {string} text */
export function portColon(text) {
    const bracket = StringPrototypeLastIndexOf(text, "]");
    const colon = StringPrototypeIndexOf(text, ":", bracket < 0 ? 0 : bracket);

    return colon;
}

/** @param {UrlRecord} url @param {string} text host with its port @returns {boolean} */
export function parseHostAndPort(url, text) {
    const colon = portColon(text);
    const name = colon < 0 ? text : StringPrototypeSlice(text, 0, colon);

    if (name === "" && (url.special || colon >= 0))
        return false;
    const host = name === "" ? "" : parseHost(name, url.special);
    if (host === undefined)
        return false;
    url.host = host;
    return colon < 0 || parsePort(url, StringPrototypeSlice(text, colon + 1));
}

/** @param {UrlRecord} url @param {string} text */
function parseCredentials(url, text) {
    const colon = StringPrototypeIndexOf(text, ":");

    url.username = percentEncode(colon < 0 ? text : StringPrototypeSlice(text, 0, colon), USERINFO);
    if (colon >= 0)
        url.password = percentEncode(StringPrototypeSlice(text, colon + 1), USERINFO);
}

/** The end of an authority.  @param {UrlRecord} url @param {string} text */
export function authorityEnd(url, text) {
    for (let i = 0; i < text.length; i++)
        if (isSlash(url, text[i]))
            return i;
    return text.length;
}

/** What stands behind "//".  @param {UrlRecord} url @param {string} text @returns {boolean} */
function parseAuthority(url, text) {
    const end = authorityEnd(url, text);
    const authority = StringPrototypeSlice(text, 0, end);
    const at = StringPrototypeLastIndexOf(authority, "@");
    const host = StringPrototypeSlice(authority, at + 1);

    if (at >= 0) {
        parseCredentials(url, StringPrototypeSlice(authority, 0, at));
        if (host === "")
            return false;
    }
    if (!parseHostAndPort(url, host))
        return false;
    parsePathStart(url, StringPrototypeSlice(text, end));
    return true;
}

/** The text without the slashes at its front.  @param {string} text */
function withoutSlashes(text) {
    let i = 0;

    while (i < text.length && (text[i] === "/" || text[i] === "\\"))
        i++;
    return StringPrototypeSlice(text, i);
}

/** @param {UrlRecord} url @param {string} text behind "file://" @returns {boolean} */
function parseFileHost(url, text) {
    const end = authorityEnd(url, text);
    const name = StringPrototypeSlice(text, 0, end);

    if (RegExpPrototypeExec(driveLetter, name)) {
        parseSegments(url, text);
        return true;
    }
    const host = name === "" ? "" : parseHost(name, true);
    if (host === undefined)
        return false;
    url.host = host === "localhost" ? "" : host;
    parsePathStart(url, StringPrototypeSlice(text, end));
    return true;
}

/** Copies what a relative URL has from its base, up to the path.
 * @param {UrlRecord} url @param {UrlRecord} base */
function inherit(url, base) {
    url.username = base.username;
    url.password = base.password;
    url.host = base.host;
    url.port = base.port;
}

/** A path relative to a base's.
 * @param {UrlRecord} url @param {string} text @param {UrlRecord} base */
function parseRelativePath(url, text, base) {
    url.path = copyPath(/** @type {List<string>} */ (base.path));
    if (text === "") {
        if (url.query === null)
            url.query = base.query;
        return true;
    }
    if (url.scheme === "file" && RegExpPrototypeExec(driveStart, text))
        url.path = new List();
    else
        shorten(url);
    parseSegments(url, text);
    return true;
}

/** @param {UrlRecord} url @param {string} text @param {UrlRecord | undefined} base */
function parseFile(url, text, base) {
    const baseFile = base?.scheme === "file" ? base : undefined;

    url.host = "";
    if (text !== "" && isSlash(url, text[0])) {
        if (text.length > 1 && isSlash(url, text[1]))
            return parseFileHost(url, StringPrototypeSlice(text, 2));
        if (baseFile)
            inheritDrive(url, StringPrototypeSlice(text, 1), baseFile);
        parseSegments(url, StringPrototypeSlice(text, 1));
        return true;
    }
    if (!baseFile) {
        parseSegments(url, text);
        return true;
    }
    inherit(url, baseFile);
    return parseRelativePath(url, text, baseFile);
}

/** @param {UrlRecord} url @param {string} rest @param {UrlRecord} base */
function inheritDrive(url, rest, base) {
    const path = /** @type {List<string>} */ (base.path);

    url.host = base.host;
    if (!RegExpPrototypeExec(driveStart, rest) && path.length > 0 &&
        RegExpPrototypeExec(/^[a-zA-Z]:$/, path.at(0)))
        /** @type {List<string>} */ (url.path).add(path.at(0));
}

/** @param {UrlRecord} url @param {string} text @param {UrlRecord} base @returns {boolean} */
function parseRelative(url, text, base) {
    if (text !== "" && isSlash(url, text[0])) {
        if (text.length > 1 && isSlash(url, text[1])) {
            const rest = StringPrototypeSlice(text, 2);

            return parseAuthority(url, url.special ? withoutSlashes(rest) : rest);
        }
        inherit(url, base);
        parseSegments(url, StringPrototypeSlice(text, 1));
        return true;
    }
    inherit(url, base);
    return parseRelativePath(url, text, base);
}

/** What stands behind a scheme of its own.
 * @param {UrlRecord} url @param {string} text @param {UrlRecord | undefined} base @returns {boolean} */
function parseBehindScheme(url, text, base) {
    const slashes = text[0] === "/" && text[1] === "/";

    if (url.scheme === "file")
        return parseFile(url, text, base);
    if (url.special && base?.scheme === url.scheme && !slashes)
        return parseRelative(url, text, base);
    if (url.special)
        return parseAuthority(url, withoutSlashes(text));
    if (slashes)
        return parseAuthority(url, StringPrototypeSlice(text, 2));
    if (text[0] === "/")
        parseSegments(url, StringPrototypeSlice(text, 1));
    else
        url.path = percentEncode(text, CONTROL);
    return true;
}

/** Takes query and fragment off; returns what stands before them.
 * @param {UrlRecord} url @param {string} text @returns {{ text: string, query: string | null }} */
function takeTail(url, text) {
    const hash = StringPrototypeIndexOf(text, "#");
    const before = hash < 0 ? text : StringPrototypeSlice(text, 0, hash);
    const mark = StringPrototypeIndexOf(before, "?");

    if (hash >= 0)
        url.fragment = percentEncode(StringPrototypeSlice(text, hash + 1), FRAGMENT);
    return mark < 0 ? { text: before, query: null }
        : { text: StringPrototypeSlice(before, 0, mark), query: StringPrototypeSlice(before, mark + 1) };
}

/** @param {UrlRecord} url @param {string | null} query */
export function setQuery(url, query) {
    url.query = query === null ? null : percentEncode(query, url.special ? SPECIAL_QUERY : QUERY);
}

/** The text without controls and spaces at its ends, and without tabs and line ends.
 * @param {string} input */
export function stripped(input) {
    let out = "";
    let from = 0;
    let to = input.length;

    while (from < to && StringPrototypeCharCodeAt(input, from) <= 0x20)
        from++;
    while (to > from && StringPrototypeCharCodeAt(input, to - 1) <= 0x20)
        to--;
    for (let i = from; i < to; i++)
        if (input[i] !== "\t" && input[i] !== "\n" && input[i] !== "\r")
            out += input[i];
    return out;
}

/** @param {UrlRecord} url @param {UrlRecord} base */
function copyOpaque(url, base) {
    url.path = base.path;
    url.query = base.query;
    return url;
}

/**
 * Parses a URL; undefined when it is none.
 * @param {string} input @param {UrlRecord} [base] @returns {UrlRecord | undefined}
 */
export function parseUrl(input, base) {
    const url = new UrlRecord();
    const text = stripped(input);
    const scheme = RegExpPrototypeExec(/^([a-zA-Z][a-zA-Z0-9+.-]*):/, text);

    if (!scheme && !base)
        return undefined;
    url.scheme = scheme ? StringPrototypeToLowerCase(scheme[1])
        : /** @type {UrlRecord} */ (base).scheme;
    const tail = takeTail(url, scheme ? StringPrototypeSlice(text, scheme[0].length) : text);
    setQuery(url, tail.query);
    if (scheme)
        return parseBehindScheme(url, tail.text, base) ? url : undefined;
    return parseWithoutScheme(url, tail.text, /** @type {UrlRecord} */ (base), text);
}

/** @param {UrlRecord} url @param {string} rest @param {UrlRecord} base @param {string} text
 * @returns {UrlRecord | undefined} */
function parseWithoutScheme(url, rest, base, text) {
    if (typeof base.path === "string")
        return text[0] === "#" ? copyOpaque(url, base) : undefined;
    const parsed = base.scheme === "file" ? parseFile(url, rest, base)
        : parseRelative(url, rest, base);

    return parsed ? url : undefined;
}

/** @param {UrlRecord} url @returns {string} */
export function pathText(url) {
    if (typeof url.path === "string")
        return url.path;
    return url.path.length === 0 ? "" : `/${url.path.join("/")}`;
}

/** @param {UrlRecord} url @returns {string} */
export function hostText(url) {
    return url.host === null ? "" : url.port === null ? url.host : `${url.host}:${url.port}`;
}

/** @param {UrlRecord} url @returns {string} */
export function urlText(url) {
    let text = `${url.scheme}:`;

    if (url.host !== null) {
        text += "//";
        if (url.username !== "" || url.password !== "")
            text += `${url.username}${url.password === "" ? "" : `:${url.password}`}@`;
        text += hostText(url);
    } else if (typeof url.path !== "string" && url.path.length > 1 && url.path.at(0) === "") {
        text += "/.";
    }
    return text + pathText(url) + (url.query === null ? "" : `?${url.query}`) +
        (url.fragment === null ? "" : `#${url.fragment}`);
}
