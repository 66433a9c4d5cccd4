/* Calls, timers, limits and randomness without an engine. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { Calls } from "../../../../isolate/runtime/calls.js";
import { createConsole } from "../../../../isolate/runtime/console.js";
import { createAbort } from "../../../../isolate/runtime/events.js";
import { Sender, createMcp } from "../../../../isolate/runtime/mcp.js";
import { Random } from "../../../../isolate/runtime/random.js";
import { createServer } from "../../../../isolate/runtime/servers.js";
import { Timers } from "../../../../isolate/runtime/timers.js";
import { fakeNative, limits } from "./fake_native.mjs";

function execution(own = {}) {
    const fake = fakeNative();
    const calls = new Calls(fake.native);
    const sender = new Sender(fake.native);
    const entry = { key: "my hub", identifier: "my_hub", tools: ",list,get_it=get.it,$odd=a%2Cb%3D%C3%A9," };

    calls.begin({ ...limits, ...own });
    sender.begin({ ...limits, ...own });
    return { ...fake, calls, hub: createServer(calls, entry), mcp: createMcp(calls, sender) };
}

test("calls tools by identifier, by raw name and by names that are none", async () => {
    const { hub, calls, sent } = execution();
    const first = hub.get_it({ a: 1 });
    const second = hub["get.it"]();

    hub.nothing({}).catch(() => {});
    assert.deepEqual(sent.map(({ id, body }) => [id, body.server, body.tool, body.args]),
        [[1, "my hub", "get.it", { a: 1 }], [2, "my hub", "get.it", {}], [3, "my hub", "nothing", {}]]);
    assert.equal(calls.pending, 3);
    calls.reply(2, true, { n: 2 }, "");
    calls.reply(1, true, "one", "");
    assert.deepEqual(await Promise.all([first, second]), ["one", { n: 2 }]);
    assert.throws(() => calls.reply(1, true, 1, ""), TypeError);
    assert.equal(hub.list, hub.list);
    assert.equal(hub.list.name, "list");
    assert.throws(() => { hub.list = 1; }, TypeError);
});

test("knows its tools, whatever their names", () => {
    const { hub, calls, sent } = execution();

    assert.deepEqual(Object.keys(hub), ["list", "get_it", "$odd"]);
    for (const name of ["list", "get_it", "$odd", "get.it", "a,b=é"])
        assert.ok(name in hub, name);
    for (const name of ["", ",", "=", "list,get_it=get.it", "get_it=get", "get", "it", "a", "then", "constructor"])
        assert.ok(!(name in hub), name);
    hub.$odd();
    hub["a,b=é"]();
    hub["list,get_it"]();
    assert.deepEqual(sent.map(({ body }) => body.tool), ["a,b=é", "a,b=é", "list,get_it"]);
    assert.equal(calls.pending, 3);
    assert.equal(hub.then, undefined);
});

test("has no tool where none is", () => {
    const { native } = fakeNative();
    const hub = createServer(new Calls(native), { key: "empty", identifier: "empty", tools: "," });

    assert.deepEqual(Object.keys(hub), []);
    assert.ok(!("" in hub));
});

test("fails a call with the reply's error", async () => {
    const { hub, calls } = execution();
    const call = hub.list({});

    calls.reply(1, false, { name: "PolicyDenied", message: "not you", tool: "list", code: 5 }, "");
    await assert.rejects(call, {
        name: "PolicyDenied", kind: "PolicyDenied", message: "not you", tool: "list", code: 5,
    });
});

test("refuses what can't be a call, as a rejected promise", async () => {
    const { hub, mcp, sent } = execution({ calls: 1, argument_bytes: 20 });

    await assert.rejects(hub.list("text"), /the arguments of my_hub\.list must be one object/);
    await assert.rejects(hub["get.it"](null), /the arguments of my_hub\["get\.it"\] must be one object/);
    await assert.rejects(hub.list(new Date()), TypeError);
    await assert.rejects(hub.list({ a: "x".repeat(20) }), { name: "ArgumentLimit" });
    await assert.rejects(mcp.search(5), /query must be a string/);
    await assert.rejects(mcp.search("x", { limit: -1 }), /limit must be a positive number/);
    await assert.rejects(mcp.call({}, "list"), /server must be a string/);
    assert.equal(sent.length, 0);
    mcp.servers();
    await assert.rejects(mcp.servers(), { name: "CallLimit" });
    assert.equal(sent.length, 1);
});

test("refuses what the queue or the frame does not take", async () => {
    const { native, calls, mcp } = execution();

    native.send = () => 1;
    await assert.rejects(calls.call("{}"), { name: "QueueLimit" });
    native.send = () => 2;
    await assert.rejects(calls.call("{}"), { name: "DepthLimit" });
    assert.throws(() => mcp.emit("x"), { name: "DepthLimit" });
});

test("emits blocks and progress", () => {
    const { mcp, sent } = execution({ emit_bytes: 60 });

    mcp.emit({ type: "text", text: "hi" });
    mcp.progress(1, undefined, "go");
    assert.deepEqual(sent.map(({ type, body }) => [type, body]),
        [[19, { type: "text", text: "hi" }], [20, { progress: 1, message: "go" }]]);
    for (const block of [undefined, 5, [], { type: "other" }, { text: "x" }])
        assert.throws(() => mcp.emit(block), /mcp\.emit takes/);
    assert.throws(() => mcp.progress(NaN), TypeError);
    assert.throws(() => mcp.emit("x".repeat(40)), { name: "EmitLimit" });
});

test("logs with levels, groups, counts and times", () => {
    const { native, sent, clock } = fakeNative();
    const { console, begin } = createConsole(native);

    begin(limits);
    console.group("g");
    console.warn("a\nb");
    console.groupEnd();
    console.count();
    console.count();
    console.time("t");
    clock.ms += 5;
    console.timeEnd("t");
    console.assert(1, "no");
    console.assert(0, "%s!", "yes");
    assert.deepEqual(sent.map(({ body }) => [body.level, body.text]), [
        ["log", "g"], ["warn", "  a\n  b"], ["log", "default: 1"], ["log", "default: 2"],
        ["log", "t: 5 ms"], ["error", "Assertion failed: yes!"],
    ]);
    assert.throws(() => console.log("x".repeat(1000)), { name: "LogLimit" });
});

test("runs timers in the order they are due", () => {
    const { native, clock } = fakeNative();
    const thrown = [];
    const ran = [];
    const timers = new Timers(native, (error) => thrown.push(error));
    const { setTimeout, setInterval, clearInterval, setImmediate } = timers.globals();

    timers.begin(limits);
    assert.equal(timers.nextMs(), -1);
    setTimeout((x) => ran.push(x), 20, "late");
    setTimeout(() => { throw "oops"; }, 10);
    const every = setInterval(() => ran.push("tick"), 4);
    setImmediate(() => ran.push("soon"));
    assert.equal(timers.nextMs(), 1);
    assert.equal(timers.tick(), false);
    for (let i = 0; i < 9; i++) {
        clock.ms += 1;
        while (timers.tick());
    }
    clearInterval(every);
    clock.ms += 20;
    while (timers.tick());
    assert.deepEqual(ran, ["soon", "tick", "tick", "late"]);
    assert.deepEqual(thrown, ["oops"]);
    assert.equal(timers.pending, 0);
    for (let i = 0; i < limits.timers; i++)
        setTimeout(() => {}, 1);
    assert.throws(() => setTimeout(() => {}, 1), { name: "TimerLimit" });
    assert.throws(() => setTimeout("code", 1), TypeError);
});

test("draws numbers by the seed, evenly", () => {
    const draw = (seed, count) => {
        const random = new Random();
        const words = seed.values();

        random.begin(() => words.next().value);
        return Array.from({ length: count }, () => random.random());
    };
    const numbers = draw([1122867, 1146447479, -2003195205, -857870593], 10000);
    const mean = numbers.reduce((a, b) => a + b) / numbers.length;

    assert.deepEqual(draw([0, 0, 0, 1], 5), draw([0, 0, 0, 1], 5));
    assert.notDeepEqual(draw([0, 0, 0, 1], 5), draw([0, 0, 0, 2], 5));
    assert.ok(numbers.every((n) => n >= 0 && n < 1) && Math.abs(mean - 0.5) < 0.02);
    assert.ok(draw([0, 0, 0, 0], 5).some((n) => n > 0));
});

test("aborts", () => {
    const later = [];
    const { AbortController, AbortSignal } = createAbort((run) => later.push(run));
    const controller = new AbortController();
    const all = AbortSignal.any([controller.signal, new AbortController().signal]);
    const seen = [];

    controller.signal.addEventListener("abort", (event) => seen.push(event.type), { once: true });
    controller.signal.onabort = () => seen.push("on");
    controller.abort("why");
    controller.abort("again");
    assert.deepEqual(seen, ["on", "abort"]);
    assert.equal(all.reason, "why");
    assert.throws(() => AbortSignal.abort().throwIfAborted(), { name: "AbortError", code: 20 });
    assert.throws(() => new AbortSignal(), TypeError);
    const late = AbortSignal.timeout(5);
    later[0]();
    assert.equal(late.reason.name, "TimeoutError");
});
