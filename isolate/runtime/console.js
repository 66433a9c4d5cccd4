/**
 * The global `console`: each line goes to the proxy, which shows it with the
 * result.
 */
import {
    MapConstructor, MapPrototypeDelete, MapPrototypeGet, MapPrototypeSet, MathTrunc,
    NumberConstructor, StringPrototypeCharCodeAt, StringPrototypeSlice,
    isObject, quote,
} from "./primordials.js";
import { LimitError } from "./errors.js";
import { sendError } from "./calls.js";
import { indent, inspect, inspectPrimitive } from "./inspect.js";
import { tableText } from "./table.js";
/** @import { Native, Limits } from "./native" */

const FRAME_LOG = 18;
const groupsMax = 20;
const PERCENT = 37;

/** @typedef {"log" | "info" | "debug" | "warn" | "error"} Level */

/** A value as console.log shows it: strings as they are.  @param {Native} native @param {unknown} value */
const show = (native, value) => typeof value === "string" ? value : inspect(native, value);

/** @param {unknown} value */
const toNumber = (value) =>
    isObject(value) || typeof value === "symbol" ? NaN : NumberConstructor(value);

/** One placeholder of a format string.
 * @param {Native} native @param {string} letter @param {any} value @returns {string | undefined} */
function placeholder(native, letter, value) {
    switch (letter) {
    case "s":
        return isObject(value) || typeof value === "string" ? show(native, value)
            : inspectPrimitive(value);
    case "d":
        return `${toNumber(value)}`;
    case "i":
        return `${MathTrunc(toNumber(value))}`;
    case "f":
        return `${toNumber(value)}`;
    case "j":
    case "o":
    case "O":
        return inspect(native, value);
    case "c":
        return "";
    default:
        return undefined;
    }
}

/** The values that the placeholders of a pattern stand for, from args[1] on.
 * @param {Native} native @param {string} pattern @param {unknown[]} args
 * @returns {{ text: string, used: number }} the text, and how many arguments it took */
function fill(native, pattern, args) {
    let text = "";
    let used = 1;
    let from = 0;

    for (let i = 0; i + 1 < pattern.length; i++) {
        if (StringPrototypeCharCodeAt(pattern, i) !== PERCENT)
            continue;
        const letter = pattern[i + 1];
        const filled = letter === "%" ? "%"
            : used < args.length ? placeholder(native, letter, args[used]) : undefined;
        if (filled === undefined)
            continue;
        used += letter === "%" ? 0 : 1;
        text += StringPrototypeSlice(pattern, from, i) + filled;
        from = ++i + 1;
    }
    return { text: text + StringPrototypeSlice(pattern, from), used };
}

/** The arguments as one text; a string at the front may have placeholders.
 * @param {Native} native @param {unknown[]} args @returns {string} */
export function format(native, args) {
    let next = 0;
    let text = "";

    if (args.length > 1 && typeof args[0] === "string") {
        const filled = fill(native, args[0], args);

        text = filled.text;
        next = filled.used;
    }
    for (; next < args.length; next++)
        text += (next > 0 ? " " : "") + show(native, args[next]);
    return text;
}

class Log {
    #native;
    #written = 0;
    #depth = 0;
    /** @type {Limits | undefined} */
    #limits;
    /** @type {Map<string, number>} */
    #counts = new MapConstructor();
    /** @type {Map<string, number>} */
    #timers = new MapConstructor();

    /** @param {Native} native */
    constructor(native) {
        this.#native = native;
    }

    /** @param {Limits} limits */
    begin(limits) {
        this.#written = 0;
        this.#depth = 0;
        this.#limits = limits;
        this.#counts = new MapConstructor();
        this.#timers = new MapConstructor();
    }

    /** @param {unknown[]} args */
    format(args) {
        return format(this.#native, args);
    }

    /** @param {Level} level @param {unknown[]} args */
    write(level, args) {
        this.line(level, this.format(args));
    }

    /** @param {Level} level @param {string} text */
    line(level, text) {
        const max = /** @type {Limits} */ (this.#limits).log_bytes;
        const shown = this.#depth > 0 ? indent(text, 2 * this.#depth) : text;

        if (shown.length <= max)
            this.#written += this.#native.utf8Length(shown) + 1;
        if (shown.length > max || this.#written > max)
            throw new LimitError("LogLimit",
                `a script may log ${max} bytes (limit LOG_BYTES): return what matters instead`);
        const refused = sendError(
            this.#native.send(FRAME_LOG, 0, `{"level":"${level}","text":${quote(shown)}}`),
            "the log line");
        if (refused)
            throw refused;
    }

    /** @param {unknown} columns @param {unknown} data */
    table(data, columns) {
        this.line("log", tableText(this.#native, data, columns) ?? format(this.#native, [data]));
    }

    /** @param {number} step */
    indent(step) {
        const depth = this.#depth + step;

        if (depth >= 0 && depth <= groupsMax)
            this.#depth = depth;
    }

    /** @param {unknown} label */
    count(label = "default") {
        const name = show(this.#native, label);
        const count = (MapPrototypeGet(this.#counts, name) ?? 0) + 1;

        MapPrototypeSet(this.#counts, name, count);
        this.line("log", `${name}: ${count}`);
    }

    /** @param {unknown} label */
    countReset(label = "default") {
        MapPrototypeDelete(this.#counts, show(this.#native, label));
    }

    /** @param {unknown} label */
    time(label = "default") {
        MapPrototypeSet(this.#timers, show(this.#native, label), this.#native.now());
    }

    /** @param {unknown} label @param {unknown[]} more */
    timeLog(label = "default", more = []) {
        const name = show(this.#native, label);
        const start = MapPrototypeGet(this.#timers, name);
        const rest = more.length > 0 ? ` ${format(this.#native, more)}` : "";

        this.line("log", start === undefined ? `${name}: no such timer`
            : `${name}: ${this.#native.now() - start} ms${rest}`);
    }

    /** @param {unknown} label */
    timeEnd(label = "default") {
        this.timeLog(label);
        MapPrototypeDelete(this.#timers, show(this.#native, label));
    }
}

/** @param {Log} log */
function lines(log) {
    /** @param {Level} level */
    const writer = (level) => (/** @type {unknown[]} */ ...args) => log.write(level, args);

    return {
        log: writer("log"),
        info: writer("info"),
        debug: writer("debug"),
        warn: writer("warn"),
        error: writer("error"),
        trace: writer("debug"),
        dir: (/** @type {unknown} */ value) => log.write("log", [value]),
        assert: (/** @type {unknown} */ holds, /** @type {unknown[]} */ ...args) => {
            if (!holds)
                log.line("error", args.length === 0 ? "Assertion failed"
                    : `Assertion failed: ${log.format(args)}`);
        },
    };
}

/** The object `console`, and what starts it anew for an execution.  @param {Native} native */
export function createConsole(native) {
    const log = new Log(native);
    const group = (/** @type {unknown[]} */ ...args) => {
        if (args.length > 0)
            log.write("log", args);
        log.indent(1);
    };

    return {
        begin: (/** @type {Limits} */ limits) => log.begin(limits),
        console: {
            __proto__: null,
            ...lines(log),
            group,
            groupCollapsed: group,
            groupEnd: () => log.indent(-1),
            table: (/** @type {unknown} */ data, /** @type {unknown} */ columns) =>
                log.table(data, columns),
            count: (/** @type {unknown} */ label) => log.count(label),
            countReset: (/** @type {unknown} */ label) => log.countReset(label),
            time: (/** @type {unknown} */ label) => log.time(label),
            timeLog: (/** @type {unknown} */ label, /** @type {unknown[]} */ ...more) =>
                log.timeLog(label, more),
            timeEnd: (/** @type {unknown} */ label) => log.timeEnd(label),
        },
    };
}
