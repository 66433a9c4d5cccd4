/* What engine_v8_natives.cc gives the runtime, for Node. */
import { types } from "node:util";

const kinds = [
    ["proxy", types.isProxy], ["array", Array.isArray],
    ["function", (value) => typeof value === "function"], ["error", types.isNativeError],
    ["promise", types.isPromise], ["date", types.isDate], ["map", types.isMap], ["set", types.isSet],
    ["regexp", types.isRegExp], ["typedarray", types.isTypedArray],
    ["arraybuffer", types.isArrayBuffer], ["dataview", types.isDataView],
    ["weakmap", types.isWeakMap], ["weakset", types.isWeakSet], ["iterator", types.isMapIterator],
    ["iterator", types.isSetIterator], ["generator", types.isGeneratorObject],
    ["boxed", types.isBoxedPrimitive],
];

/** A native whose frames are collected in `sent`, and whose clock is `clock.ms`. */
export function fakeNative() {
    const sent = [];
    const clock = { ms: 1000 };
    const native = {
        send: (type, id, json) => {
            sent.push({ type, id, body: JSON.parse(json) });
            return 0;
        },
        done: (ok, json) => sent.push({ type: ok ? "ok" : "error", body: JSON.parse(json) }),
        now: () => clock.ms,
        randomWord: () => crypto.getRandomValues(new Int32Array(1))[0],
        fillRandom: (view) => crypto.getRandomValues(view),
        utf8Encode: (text) => new TextEncoder().encode(text).buffer,
        utf8Decode: (view) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(view),
        utf8Length: (text) => Buffer.byteLength(text),
        clone: structuredClone,
        kindOf: (value) => kinds.find(([, is]) => is(value))?.[0] ?? "object",
        placeOf: () => "",
        rejections: () => [],
    };

    return { native, sent, clock };
}

export const limits = {
    memory_bytes: 1 << 25, stack_kib: 984, result_bytes: 1 << 24, log_bytes: 1000, emit_bytes: 1000,
    timers: 10, calls: 10, argument_bytes: 1000,
};
