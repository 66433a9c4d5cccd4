/* Values as JSON for the proxy and as text for a reader. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { format } from "../../../../isolate/runtime/console.js";
import { inspect } from "../../../../isolate/runtime/inspect.js";
import { render } from "../../../../isolate/runtime/render.js";
import { tableText } from "../../../../isolate/runtime/table.js";
import { fakeNative } from "./fake_native.mjs";

const { native } = fakeNative();

test("renders plain data as JSON.stringify does", () => {
    const data = { a: [1, -0.5, 1e300, "x\n\u2028\ud800"], b: { c: null, d: true, e: {} }, f: [] };

    assert.equal(render(native, data).json, JSON.stringify(data));
    assert.deepEqual(render(native, "text"), { kind: "string", json: '"text"' });
    assert.deepEqual(render(native, undefined), { kind: "undefined", json: "null" });
});

test("renders what the class of an object says by toJSON", () => {
    class Money {
        toJSON() { return { amount: 1 }; }
    }
    assert.equal(render(native, [new Money(), new URL("http://h/")]).json, '[{"amount":1},"http://h/"]');
});

test("shows values as text", () => {
    const shown = [
        ["a", '"a"'], [-0, "-0"], [10n, "10n"], [Symbol("s"), "Symbol(s)"], [null, "null"],
        [[1, , "x"], '[1, <empty>, "x"]'], [{}, "{}"], [{ a: 1, "b-c": 2 }, '{ a: 1, "b-c": 2 }'],
        [new (class Point { x = 1; })(), "Point { x: 1 }"], [new Set([1]), "Set(1) { 1 }"],
        [new Map([[{ k: 1 }, "v"]]), 'Map(1) { { k: 1 } => "v" }'], [() => 1, "[Function: (anonymous)]"],
        [{ get a() { throw new Error("asked"); } }, "{ a: [Getter] }"],
        [new Proxy({}, { ownKeys() { throw new Error("asked"); } }), "[Proxy]"],
        [new Uint8Array([1, 2]), "Uint8Array [1, 2]"], [/x/g, "/x/g"], [new Date(NaN), "Invalid Date"],
        [Object.assign(new TypeError("no"), { code: 1 }), "TypeError: no { code: 1 }"],
        [{ a: { b: { c: { d: { e: 1 } } } } }, "{ a: { b: { c: { d: [Object] } } } }"],
        [Object.create(null), "{}"],
    ];

    for (const [value, text] of shown)
        assert.equal(inspect(native, value), text);
});

test("bounds what it shows", () => {
    const circle = { name: "c" };
    circle.self = circle;

    assert.equal(inspect(native, circle), '{ name: "c", self: [Circular] }');
    assert.match(inspect(native, new Array(1000).fill(1)), /\.\.\. 900 more\n\]$/);
    assert.match(inspect(native, new Set(Array.from({ length: 300 }, (_, i) => i))), /\.\.\. 200 more/);
    assert.ok(inspect(native, Array(99).fill("x".repeat(1000))).length < 30000);
});

test("fills placeholders as console.log does", () => {
    const lines = [
        [["%s is %d", "x", "5", "more"], "x is 5 more"], [["%i%%", 3.7], "3%"], [["%j", { a: 1 }], "{ a: 1 }"],
        [["%c red", "color: red"], " red"], [["100%", 1], "100% 1"], [["%d", {}], "NaN"], [["%x", 1], "%x 1"],
        [["%s"], "%s"], [[], ""], [["a", { b: "c" }], 'a { b: "c" }'], [["%s", Symbol("q")], "Symbol(q)"],
    ];

    for (const [args, text] of lines)
        assert.equal(format(native, args), text);
});

test("draws tables", () => {
    assert.equal(tableText(native, [{ a: 1 }, { b: "x" }, 5], undefined),
        "| (index) | a | b | Values |\n| ------- | - | - | ------ |\n" +
        "| 0       | 1 |   |        |\n| 1       |   | x |        |\n| 2       |   |   | 5      |");
    assert.equal(tableText(native, { r: { a: 1, b: 2 } }, ["b"]),
        "| (index) | b |\n| ------- | - |\n| r       | 2 |");
    assert.equal(tableText(native, "text", undefined), undefined);
});
