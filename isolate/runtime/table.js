/**
 * console.table: rows of objects or arrays in columns.
 */
import {
    ArrayIsArray, List, MapConstructor, MapPrototypeForEach, MapPrototypeGet, MapPrototypeHas,
    MapPrototypeSet, MapSize, MathMax, ObjectHasOwn, ObjectKeys, ReflectGetOwnPropertyDescriptor,
    StringPrototypePadEnd,
    StringPrototypeRepeat, isObject,
} from "./primordials.js";
import { inspect } from "./inspect.js";
/** @import { Native } from "./native" */

const rowsMax = 200;
const columnsMax = 30;

/** @param {any} object @param {string} name @returns {unknown} */
function dataOf(object, name) {
    const property = ReflectGetOwnPropertyDescriptor(object, name);

    return property && ObjectHasOwn(property, "value") ? property.value : undefined;
}

/** @param {Native} native @param {unknown} value @returns {string} */
const cell = (native, value) => value === undefined ? "" : typeof value === "string" ? value
    : inspect(native, value);

class Table {
    /** @type {Map<string, number>} widths of the columns by name */
    #widths = new MapConstructor();
    /** @type {List<any>} */
    #rows = new List();
    #fixed = false;

    /** Shows these columns and no others.  @param {any} names */
    fix(names) {
        this.#widen("(index)", 0);
        for (let i = 0; i < names.length && i < columnsMax; i++)
            if (typeof names[i] === "string")
                this.#widen(names[i], 0);
        this.#fixed = true;
    }

    /** @param {string} name @param {number} width */
    #widen(name, width) {
        const before = MapPrototypeGet(this.#widths, name) ?? name.length;

        MapPrototypeSet(this.#widths, name, MathMax(before, width));
    }

    /** @param {any} row @param {string} name @param {string} text */
    #put(row, name, text) {
        if (!MapPrototypeHas(this.#widths, name) &&
            (this.#fixed || MapSize(this.#widths) >= columnsMax))
            return;
        row[name] = text;
        this.#widen(name, text.length);
    }

    /** @param {Native} native @param {string} key @param {unknown} value */
    add(native, key, value) {
        /** @type {any} */
        const row = { __proto__: null };

        this.#put(row, "(index)", key);
        this.#rows.add(row);
        if (!isObject(value) || native.kindOf(value) === "proxy") {
            this.#put(row, "Values", cell(native, value));
            return;
        }
        const names = ObjectKeys(value);
        for (let i = 0; i < names.length; i++)
            this.#put(row, names[i], cell(native, dataOf(value, names[i])));
    }

    /** @param {(name: string, width: number) => string} cellOf */
    #line(cellOf) {
        /** @type {List<string>} */
        const cells = new List();

        MapPrototypeForEach(this.#widths, (/** @type {number} */ width, /** @type {string} */ name) => {
            cells.add(cellOf(name, width));
        });
        return `| ${cells.join(" | ")} |`;
    }

    text() {
        let text = this.#line((name, width) => StringPrototypePadEnd(name, width));

        text += `\n${this.#line((_name, width) => StringPrototypeRepeat("-", width))}`;
        for (let i = 0; i < this.#rows.length; i++)
            text += `\n${this.#line((name, width) =>
                StringPrototypePadEnd(this.#rows.at(i)[name] ?? "", width))}`;
        return text;
    }
}

/**
 * The data as a table; undefined when it has no rows.
 * @param {Native} native @param {unknown} data @param {unknown} columns names to show, or undefined
 */
export function tableText(native, data, columns) {
    if (!isObject(data) || native.kindOf(data) === "proxy")
        return undefined;

    const table = new Table();
    const keys = ObjectKeys(data);
    if (ArrayIsArray(columns))
        table.fix(columns);
    for (let i = 0; i < keys.length && i < rowsMax; i++)
        table.add(native, keys[i], dataOf(data, keys[i]));
    return table.text() + (keys.length > rowsMax ? `\n... ${keys.length - rowsMax} more rows` : "");
}
