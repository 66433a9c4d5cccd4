/**
 * The classes URL and URLSearchParams.  https://url.spec.whatwg.org/#api
 */
import {
    List, RegExpPrototypeExec, StringPrototypeIndexOf, StringPrototypeSlice,
    StringPrototypeStartsWith, StringPrototypeToLowerCase, TypeErrorConstructor,
} from "./primordials.js";
import { FRAGMENT, USERINFO, percentEncode } from "./percent.js";
import { parseHost } from "./url_host.js";
import {
    authorityEnd, defaultPort, hostText, isSpecial, parsePathStart,
    parsePort, parseUrl, pathText, portColon, setQuery, urlText,
} from "./url_record.js";
import { URLSearchParams, paramsOf, follow } from "./url_params.js";

/** @import { UrlRecord } from "./url_record" */

export { URLSearchParams };

/** @param {unknown} input @param {unknown} base @returns {UrlRecord | undefined} */
function parse(input, base) {
    const text = `${input}`;

    if (base === undefined)
        return parseUrl(text);
    const parsed = parseUrl(`${base}`);
    return parsed && parseUrl(text, parsed);
}

/** The value without tabs and line ends, as setters read it.  @param {unknown} value */
function clean(value) {
    const text = `${value}`;
    let out = "";

    for (let i = 0; i < text.length; i++)
        if (text[i] !== "\t" && text[i] !== "\n" && text[i] !== "\r")
            out += text[i];
    return out;
}

/** @param {UrlRecord} url */
const takesCredentials = (url) => url.host !== null && url.host !== "" && url.scheme !== "file";

/** @param {UrlRecord} url @param {string} value */
function setScheme(url, value) {
    const match = RegExpPrototypeExec(/^([a-zA-Z][a-zA-Z0-9+.-]*)(?::|$)/, value);
    const scheme = match ? StringPrototypeToLowerCase(match[1]) : "";

    if (scheme === "" || isSpecial(scheme) !== url.special)
        return;
    if (scheme === "file" && (url.username !== "" || url.password !== "" || url.port !== null))
        return;
    if (url.scheme === "file" && url.host === "")
        return;
    url.scheme = scheme;
    if (url.port === defaultPort(scheme))
        url.port = null;
}

/** Up to where a host or port is written in a setter's value.  @param {UrlRecord} url @param {string} text */
function beforePath(url, text) {
    let end = authorityEnd(url, text);
    const query = StringPrototypeIndexOf(text, "?");
    const fragment = StringPrototypeIndexOf(text, "#");

    if (query >= 0 && query < end)
        end = query;
    return StringPrototypeSlice(text, 0, fragment >= 0 && fragment < end ? fragment : end);
}

/** The digits at the front.  @param {string} text */
const leadingDigits = (text) => {
    const match = RegExpPrototypeExec(/^[0-9]+/, text);

    return match ? match[0] : "";
};

/** @param {UrlRecord} url @param {string} value @param {boolean} withPort */
function setHost(url, value, withPort) {
    const text = beforePath(url, value);
    /* A file's host has no port: a colon makes it none. */
    const colon = url.scheme === "file" ? -1 : portColon(text);
    const name = colon < 0 ? text : StringPrototypeSlice(text, 0, colon);

    if (typeof url.path === "string" || (colon >= 0 && (name === "" || !withPort)))
        return;
    if (name === "" && (url.special && url.scheme !== "file" || !mayLoseHost(url)))
        return;
    const host = name === "" ? "" : parseHost(name, url.special);
    if (host === undefined)
        return;
    url.host = url.scheme === "file" && host === "localhost" ? "" : host;
    const digits = colon < 0 ? "" : leadingDigits(StringPrototypeSlice(text, colon + 1));
    if (digits !== "")
        parsePort(url, digits);
}

/** @param {UrlRecord} url */
const mayLoseHost = (url) => url.username === "" && url.password === "" && url.port === null;

/** @param {UrlRecord} url @param {string} value */
function setPath(url, value) {
    if (typeof url.path === "string")
        return;
    url.path = new List();
    /* A mark of query or fragment belongs to the path here. */
    parsePathStart(url, value);
    if (url.path.length === 0 && url.host === null)
        url.path.add("");
}

/** @param {string} value @param {string} mark */
const withoutMark = (value, mark) =>
    StringPrototypeStartsWith(value, mark) ? StringPrototypeSlice(value, 1) : value;

/** @param {UrlRecord} url @returns {string} */
function originOf(url) {
    if (url.scheme === "blob" && typeof url.path === "string") {
        const inner = parseUrl(url.path);

        return inner && (inner.scheme === "http" || inner.scheme === "https") ? originOf(inner)
            : "null";
    }
    return url.special && url.scheme !== "file" ? `${url.scheme}://${hostText(url)}` : "null";
}

export class URL {
    /** @type {UrlRecord} */
    #url;
    /** @type {URLSearchParams | undefined} */
    #params;

    /** @param {unknown} input @param {unknown} [base] */
    constructor(input, base) {
        const url = parse(input, base);

        if (!url)
            throw new TypeErrorConstructor(`Invalid URL: ${input}`);
        this.#url = url;
    }

    /** @param {unknown} input @param {unknown} [base] */
    static canParse(input, base) {
        return parse(input, base) !== undefined;
    }

    /** @param {unknown} input @param {unknown} [base] */
    static parse(input, base) {
        return parse(input, base) ? new URL(input, base) : null;
    }

    get href() {
        return urlText(this.#url);
    }

    set href(value) {
        const url = parseUrl(`${value}`);

        if (!url)
            throw new TypeErrorConstructor(`Invalid URL: ${value}`);
        this.#url = url;
        this.#refresh();
    }

    get origin() {
        return originOf(this.#url);
    }

    get protocol() {
        return `${this.#url.scheme}:`;
    }

    set protocol(value) {
        setScheme(this.#url, clean(value));
    }

    get username() {
        return this.#url.username;
    }

    set username(value) {
        if (takesCredentials(this.#url))
            this.#url.username = percentEncode(`${value}`, USERINFO);
    }

    get password() {
        return this.#url.password;
    }

    set password(value) {
        if (takesCredentials(this.#url))
            this.#url.password = percentEncode(`${value}`, USERINFO);
    }

    get host() {
        return hostText(this.#url);
    }

    set host(value) {
        setHost(this.#url, clean(value), true);
    }

    get hostname() {
        return this.#url.host ?? "";
    }

    set hostname(value) {
        setHost(this.#url, clean(value), false);
    }

    get port() {
        return this.#url.port === null ? "" : `${this.#url.port}`;
    }

    set port(value) {
        const text = clean(value);

        if (!takesCredentials(this.#url))
            return;
        if (text === "")
            this.#url.port = null;
        else if (leadingDigits(text) !== "")
            parsePort(this.#url, leadingDigits(text));
    }

    get pathname() {
        return pathText(this.#url);
    }

    set pathname(value) {
        setPath(this.#url, clean(value));
    }

    get search() {
        const query = this.#url.query;

        return query === null || query === "" ? "" : `?${query}`;
    }

    set search(value) {
        const text = clean(value);

        setQuery(this.#url, text === "" ? null : withoutMark(text, "?"));
        this.#refresh();
    }

    get searchParams() {
        if (!this.#params) {
            this.#params = new URLSearchParams(this.#url.query ?? "");
            follow(this.#params, (query) => {
                this.#url.query = query === "" ? null : query;
            });
        }
        return this.#params;
    }

    get hash() {
        const fragment = this.#url.fragment;

        return fragment === null || fragment === "" ? "" : `#${fragment}`;
    }

    set hash(value) {
        const text = clean(value);

        this.#url.fragment = text === "" ? null
            : percentEncode(withoutMark(text, "#"), FRAGMENT);
    }

    toString() {
        return this.href;
    }

    toJSON() {
        return this.href;
    }

    /** The parameters read the query anew. */
    #refresh() {
        if (this.#params)
            paramsOf(this.#params, this.#url.query ?? "");
    }
}
