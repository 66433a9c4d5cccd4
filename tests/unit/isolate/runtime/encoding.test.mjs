/* Text and base64 against Node's. */
import assert from "node:assert/strict";
import { test } from "node:test";

import {
    atob as ourAtob, btoa as ourBtoa, createTextDecoder, createTextEncoder,
} from "../../../../isolate/runtime/encoding.js";
import { fakeNative } from "./fake_native.mjs";

const OurDecoder = createTextDecoder(fakeNative().native);
const OurEncoder = createTextEncoder(fakeNative().native);

test("writes and reads base64 as Node does", () => {
    for (const text of ["", "a", "ab", "abc", "\xff\x00\xfe", "x".repeat(1000)])
        assert.equal(ourBtoa(text), btoa(text));
    for (const text of ["", "YQ==", "YQ", "YWI=", " Y W J j\n", "////", "YQ==="[0] + "Q=="])
        assert.equal(ourAtob(text), atob(text));
    for (const text of ["Y", "YQ=", "Y===", "YQ==YQ==", "\u00e9", "a*bc"])
        assert.throws(() => ourAtob(text), { name: "InvalidCharacterError", code: 5 });
    assert.throws(() => ourBtoa("\u0100"), { name: "InvalidCharacterError" });
});

test("decodes in one piece and in many as Node does", () => {
    const bytes = new TextEncoder().encode("\ufeffh\u00e9llo \u{1f600} \u20ac");

    for (const options of [{}, { ignoreBOM: true }, { fatal: true }])
        for (let size = 1; size <= bytes.length; size++) {
            const ours = new OurDecoder("UTF-8", options);
            const theirs = new TextDecoder("utf-8", options);
            const read = (decoder) => {
                let text = "";

                for (let i = 0; i < bytes.length; i += size)
                    text += decoder.decode(bytes.subarray(i, i + size), { stream: true });
                return text + decoder.decode();
            };

            assert.equal(read(ours), read(theirs), `${size} bytes at a time`);
            assert.equal(ours.decode(bytes), theirs.decode(bytes));
        }
});

test("decodes what is not UTF-8 as Node does", () => {
    for (const list of [[255], [0xc3], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x41]]) {
        const bytes = new Uint8Array(list);

        assert.equal(new OurDecoder().decode(bytes), new TextDecoder().decode(bytes));
        assert.throws(() => new OurDecoder("utf8", { fatal: true }).decode(bytes), TypeError);
    }
    assert.throws(() => new OurDecoder("latin1"), RangeError);
    assert.throws(() => new OurDecoder().decode("text"), TypeError);
    assert.equal(new OurDecoder().decode(new DataView(new Uint8Array([65, 66]).buffer, 1)), "B");
});

test("encodes into what there is room for", () => {
    for (const room of [0, 1, 2, 3, 5, 20]) {
        const [ours, theirs] = [new Uint8Array(room), new Uint8Array(room)];

        assert.deepEqual(new OurEncoder().encodeInto("a\u00e9\u{1f600}z", ours),
            new TextEncoder().encodeInto("a\u00e9\u{1f600}z", theirs));
        assert.deepEqual(ours, theirs);
    }
});
