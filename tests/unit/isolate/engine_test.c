/*
 * The engine behind engine.h, with a host that answers calls by itself.  Each
 * script runs in a process forked from the one that started the engine, as in
 * a worker; what it sent comes back as lines of text.
 */
#include "isolate/engine.h"

#include "tests/unit/test.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "base/json.h"
#include "isolate/prepare.h"
#include "isolate/wire.h"

#define OUTPUT_BYTES (4U << 20)
#define MEMORY_BYTES (48U << 20)
#define CALLS_MAX    64
#define TERMINATE_MS 50
#define TEXT_BYTES   65536

static struct engine *engine;
static bool jit = true;

/* The host of one script, in the forked process. */
struct host {
    int fd;
    uint32_t calls;
    struct span waiting[CALLS_MAX]; /* owned JSON of calls to answer */
    uint32_t answered;
};

static void write_line(struct host *host, const char *name, struct span a, struct span b)
{
    (void)dprintf(host->fd, "%s %.*s%.*s\n", name, SPAN_ARG(a), SPAN_ARG(b));
}

static bool on_send(void *ctx, int type, uint32_t id, struct span body)
{
    struct host *host = ctx;
    struct span parts[2];

    if (type == WIRE_CALL && host->calls < CALLS_MAX) {
        assert_int_equal(id, host->calls + 1);
        host->waiting[host->calls++] = span_make(span_dup(body), body.len);
    }
    if (type == WIRE_DONE) {
        assert_int_equal(wire_parts(body, parts, 2, NULL), 0);
        assert_int_equal(json_check(parts[1], 0, NULL), 0);
        write_line(host, span_is(parts[0], "ok") ? "OK" : "ERROR", parts[1], SPAN_NONE);
    } else {
        write_line(host, wire_type_name((enum wire_type)type), body, SPAN_NONE);
    }
    return true;
}

static void __attribute__((noreturn)) on_fatal(void *ctx, const char *kind, const char *message)
{
    write_line(ctx, "FATAL", span_of(kind), span_of(message));
    _exit(0);
}

/* Answers a call by its tool: `echo` gives its arguments, `fail` fails, `lost` is not answered. */
static void answer(struct host *host)
{
    struct span json = host->waiting[host->answered++];
    struct span tool = SPAN("\"echo\""), args = SPAN("null");

    (void)json_get(json, "tool", &tool);
    (void)json_get(json, "args", &args);
    if (json_string_is(tool, "fail"))
        engine_reply(engine, host->answered, false,
                     SPAN("{\"name\":\"ToolError\",\"message\":\"it broke\",\"server\":\"hub\","
                          "\"tool\":\"fail\",\"code\":-32000,\"content\":[1.50],\"data\":{}}"));
    else if (!json_string_is(tool, "lost"))
        engine_reply(engine, host->answered, true, args);
}

static void drive(struct host *host)
{
    while (!engine_done(engine)) {
        if (host->answered < host->calls) {
            answer(host);
            continue;
        }
        int64_t ms = engine_next_ms(engine);
        if (ms < 0)
            return;
        (void)poll(NULL, 0, (int)ms);
        engine_tick(engine);
    }
}

static void on_alarm(int signal_number)
{
    (void)signal_number;
    engine_terminate(engine);
}

static void stop_after(unsigned ms)
{
    struct sigaction action = { .sa_handler = on_alarm };
    struct itimerval timer = { .it_value = { .tv_usec = ms * 1000 } };

    (void)sigaction(SIGALRM, &action, NULL);
    (void)setitimer(ITIMER_REAL, &timer, NULL);
}

static const char environment[] =
    "{\"servers\":[{\"key\":\"hub\",\"identifier\":\"hub\","
    "\"tools\":\",echo,fail,lost,get_it=get.it,\"}],"
    "\"limits\":{\"memory_bytes\":50331648,\"stack_kib\":984,\"result_bytes\":16777216,\"log_"
    "bytes\":200,\"emit_bytes\":100,\"timers\":3,"
    "\"calls\":5,\"concurrent_calls\":3,\"argument_bytes\":100}}";

static void __attribute__((noreturn)) run_child(int fd, const char *code, unsigned terminate_ms)
{
    static char text[TEXT_BYTES];
    struct host host = { .fd = fd };
    const struct engine_host functions = { .send = on_send, .fatal = on_fatal, .ctx = &host };

    (void)snprintf(text, sizeof(text), "(async () => {\n%s\n})()", code);
    if (terminate_ms)
        stop_after(terminate_ms);
    engine_equip(engine, &functions, span_of(environment));
    engine_run(engine, &functions,
               &(struct engine_script){ .run_text = span_of(text),
                                        .input = SPAN("{\"n\":7,\"__proto__\":{\"evil\":1}}") });
    drive(&host);
    if (!engine_done(engine))
        write_line(&host, "STUCK", SPAN_NONE, SPAN_NONE);
    _exit(0);
}

/* All that a script sent, as lines; the caller frees it. */
static char *run_for(const char *code, unsigned terminate_ms)
{
    struct buf out = BUF(OUTPUT_BYTES);
    int fds[2], status;
    pid_t pid;

    assert_int_equal(pipe(fds), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        run_child(fds[1], code, terminate_ms);
    fd_close(&fds[1]);
    assert_int_equal(fd_read_all(fds[0], &out, NULL), 0);
    fd_close(&fds[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status))
        (void)buf_printf(&out, "SIGNAL %d\n", WTERMSIG(status));
    return buf_take(&out);
}

struct example {
    const char *code;
    const char *expected; /* a part of what it sends */
};

static void check_one(const struct example *example, unsigned terminate_ms)
{
    char *out = run_for(example->code, terminate_ms);

    if (!strstr(out, example->expected))
        fail_msg("%s\n  sent     %.2000s  expected %s", example->code, out, example->expected);
    free(out);
}

static void check(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_one(&examples[i], 0);
}

static void values_have_renderings(void **state)
{
    static const struct example examples[] = {
        { "return 1", "OK {\"kind\":\"json\",\"value\":1,\"unawaited\":0}\n" },
        { "", "OK {\"kind\":\"undefined\",\"value\":null," },
        { "return 'a\\nb'", "OK {\"kind\":\"string\",\"value\":\"a\\nb\"," },
        { "return null", "{\"kind\":\"json\",\"value\":null," },
        { "return [NaN, -Infinity, -0, 1e21, 0.1]",
          "\"value\":[\"NaN\",\"-Infinity\",0,1e+21,0.1]" },
        { "return 12345678901234567890n", "\"value\":\"12345678901234567890\"" },
        { "return { u: undefined, f() {}, c: class A {}, s: Symbol('q'), [Symbol('k')]: 1 }",
          "\"value\":{\"f\":\"[Function: f]\",\"c\":\"[Function: A]\",\"s\":\"Symbol(q)\"}" },
        { "return [undefined, , null]", "\"value\":[null,null,null]" },
        { "return [new Date(0), new Date(NaN)]",
          "[\"1970-01-01T00:00:00.000Z\",\"Invalid Date\"]" },
        { "return [new Map([['a', 1]]), new Map([[1, 2]]), new Set([1, 1, 2])]",
          "\"value\":[{\"a\":1},[[1,2]],[1,2]]" },
        { "return [new Uint8Array([1, 2]), new Uint8Array([3]).buffer, new DataView(new "
          "ArrayBuffer(1)), new BigInt64Array(1)]",
          "\"value\":[[1,2],[3],[0],[\"0\"]]" },
        { "return [/a\\/b/gi, new Boolean(false), Object(1n), new String('x')]",
          "\"value\":[\"/a\\\\/b/gi\",false,\"1\",\"x\"]" },
        { "return Object.assign(new TypeError('no'), { code: 3 })",
          "\"value\":{\"name\":\"TypeError\",\"message\":\"no\",\"code\":3}" },
        { "return [Promise.resolve(1), new WeakMap(), (function* () {})(), [].values()]",
          "\"value\":[\"[Promise: await it]\",\"[WeakMap]\",\"[Generator]\",{}]" },
        { "const a = { n: 1 }; a.self = a; return [a, a]",
          "[{\"n\":1,\"self\":\"[Circular]\"},{\"n\":1,\"self\":\"[Circular]\"}]" },
        { "let d = 1; for (let i = 0; i < 10000; i++) d = [d]; return d",
          "[\"[Nested too deeply]\"]" },
        { "return { get a() { throw new Error('x') }, b: 1, toJSON: 1 }",
          "{\"a\":\"[Throws Error: x]\",\"b\":1,\"toJSON\":1}" },
        { "return [{ toJSON: () => ({ k: 1 }) }, { toJSON() { throw 1 } }, { toJSON() { return "
          "this } }]",
          "[{\"k\":1},\"[Throws 1]\",{\"toJSON\":\"[Function: toJSON]\"}]" },
        { "return [new Proxy({ a: 1 }, {}), new Proxy([1], {}), new Proxy({}, { ownKeys() { throw "
          "new Error('t') } })]",
          "[{\"a\":1},[1],\"[Throws Error: t]\"]" },
        { "return JSON.parse('{\"__proto__\":{\"x\":1},\"constructor\":2}')",
          "\"value\":{\"__proto__\":{\"x\":1},\"constructor\":2}" },
        { "return '\\ud800'", "\"value\":\"\\ud800\"" },
        { "return 'x'.repeat(31 << 20)", "ERROR {\"kind\":\"ResultLimit\"" },
        { "const o = {}; let a = [o]; for (let i = 0; i < 40; i++) a = [a, a]; return a",
          "FATAL memory" },
        { "return input", "\"value\":{\"n\":7,\"__proto__\":{\"evil\":1}}" },
        { "return input.evil", "\"kind\":\"undefined\"" },
    };

    (void)state;
    check(examples, ARRAY_COUNT(examples));
}

static void calls_reach_the_host(void **state)
{
    static const struct example examples[] = {
        { "return hub.echo({ a: [1.50, 'x'] })",
          "CALL {\"op\":\"tool\",\"server\":\"hub\",\"tool\":\"echo\",\"args\":{\"a\":[1.5,\"x\"]}"
          "}\nOK {\"kind\":\"json\",\"value\":{\"a\":[1.5,\"x\"]}" },
        { "return hub['get.it']()", "\"tool\":\"get.it\",\"args\":{}}" },
        { "return hub.get_it({})", "\"tool\":\"get.it\",\"args\":{}}" },
        { "return hub.unknown({})", "\"tool\":\"unknown\"" },
        { "return (await Promise.all([hub.echo({ n: 1 }), hub.echo({ n: 2 })])).map((x) => x.n)",
          "\"value\":[1,2]" },
        { "return mcp.call('hub', 'echo', { q: 1 }, { timeout: 5 })",
          "\"args\":{\"q\":1},\"raw\":true,\"timeout_ms\":5}" },
        { "return mcp.call(hub, 'echo')", "\"server\":\"hub\",\"tool\":\"echo\",\"args\":{}" },
        { "return mcp.search('x', { limit: 2 })",
          "CALL {\"op\":\"search\",\"query\":\"x\",\"limit\":2}" },
        { "return mcp.describe('hub.echo')", "CALL {\"op\":\"describe\",\"path\":\"hub.echo\"}" },
        { "return mcp.servers()", "CALL {\"op\":\"servers\"}" },
        { "return mcp.resources('hub')", "CALL {\"op\":\"resources\",\"server\":\"hub\"}" },
        { "return mcp.resources()", "CALL {\"op\":\"resources\"}" },
        { "return mcp.resources.read(hub, 'a:b')",
          "CALL {\"op\":\"resource_read\",\"server\":\"hub\",\"uri\":\"a:b\"}" },
        { "return mcp.resources.templates('hub')", "CALL {\"op\":\"templates\"" },
        { "return mcp.prompts('hub')", "CALL {\"op\":\"prompts\",\"server\":\"hub\"}" },
        { "return mcp.prompts.get('hub', 'p', { a: '1' })",
          "\"op\":\"prompt_get\",\"server\":\"hub\",\"name\":\"p\",\"args\":{\"a\":\"1\"}}" },
        { "return mcp.complete('hub', { type: 'ref/prompt', name: 'p' }, { name: 'a', value: '' })",
          "CALL {\"op\":\"complete\",\"server\":\"hub\",\"ref\":{\"type\":\"ref/prompt\","
          "\"name\":\"p\"},\"argument\":{\"name\":\"a\",\"value\":\"\"}}" },
        { "return mcp.complete(hub, 1).catch((error) => error.message)",
          "mcp.complete: ref must be an object" },
        { "return mcp.open('run:1')", "CALL {\"op\":\"open\",\"uri\":\"run:1\"}" },
        { "mcp.emit('hi'); mcp.progress(1, 2, 'half')",
          "EMIT {\"type\":\"text\",\"text\":\"hi\"}\n"
          "PROGRESS {\"progress\":1,\"total\":2,\"message\":\"half\"}" },
        { "console.error('n %d', 5, { a: 1 })",
          "LOG {\"level\":\"error\",\"text\":\"n 5 { a: 1 }\"}" },
        { "return [typeof hub.then, hub.toJSON, hub[Symbol.iterator], 'echo' in hub, 'x' in hub, "
          "Object.keys(hub)]",
          "[\"undefined\",null,null,true,false,[\"echo\",\"fail\",\"lost\",\"get_it\"]]" },
        { "const r = await (async () => hub)(); return r === hub", "\"value\":true" },
        { "hub.lost({}); return 1", "\"value\":1,\"unawaited\":1}" },
    };

    (void)state;
    check(examples, ARRAY_COUNT(examples));
}

static void failures_say_where(void **state)
{
    static const struct example examples[] = {
        { "\n  throw new TypeError('bad')",
          "ERROR {\"kind\":\"ScriptError\",\"name\":\"TypeError\",\"message\":\"bad\",\"line\":2,"
          "\"column\":9,\"frames\":[{\"function\":\"\",\"line\":2,\"column\":9}],\"unawaited\":"
          "0}" },
        { "let x = ;",
          "{\"kind\":\"SyntaxError\",\"name\":\"SyntaxError\",\"message\":\"Unexpected "
          "token ';'\",\"line\":1,\"column\":9," },
        { "if (1) {", "\"kind\":\"SyntaxError\"" },
        { "async function f() {\n  return await hub.fail({});\n}\nawait f()",
          "{\"kind\":\"ToolError\",\"name\":\"ToolError\",\"message\":\"it broke\",\"line\":2,"
          "\"column\":20,\"frames\":[{\"function\":\"f\",\"line\":2,\"column\":20},"
          "{\"function\":\"\",\"line\":4,\"column\":7}],\"server\":\"hub\",\"tool\":\"fail\","
          "\"content\":[1.50],\"code\":-32000,\"data\":{}," },
        { "try { await hub.fail({}) } catch (e) { return [e instanceof ToolError, e.name, "
          "e.server, "
          "e.tool, e.code, e.content, e.stack] }",
          "[true,\"ToolError\",\"hub\",\"fail\",-32000,[1.5],\"ToolError: it broke\\n    at "
          "script.ts:1:17\"]" },
        { "function f() { return 1 + f() } f()",
          "\"name\":\"RangeError\",\"message\":\"Maximum call stack size exceeded: 984 KiB (limit "
          "STACK_KIB)\",\"line\":1," },
        { "throw 'text'", "\"name\":\"\",\"message\":\"text\"" },
        { "throw { a: 1 }", "\"message\":\"{ a: 1 }\"" },
        { "throw new Error('out', { cause: new Error('in') })",
          "\"message\":\"out (cause: Error: in)\"" },
        { "await new Promise(() => {})", "ERROR {\"kind\":\"NeverSettled\"" },
        { "const t = setInterval(() => clearInterval(t), 1); await new Promise(() => {})",
          "ERROR {\"kind\":\"NeverSettled\"" },
        { "Promise.reject(new Error('lost')); return 1",
          "\"value\":1,\"unawaited\":0,\"rejections\":[{\"kind\":\"ScriptError\",\"name\":"
          "\"Error\","
          "\"message\":\"lost\",\"line\":1," },
        { "const p = Promise.reject(1); p.catch(() => {}); return 1",
          "\"value\":1,\"unawaited\":0}" },
        { "hub.fail({}); await hub.echo({}); return 1", "\"rejections\":[{\"kind\":\"ToolError\"" },
        { "setTimeout(() => { throw new Error('late') }, 1); await new Promise(() => {})",
          "\"message\":\"late\",\"line\":1," },
        { "queueMicrotask(() => { throw new Error('soon') }); await hub.echo({})",
          "\"message\":\"soon\",\"line\":1," },
        { "return hub.echo(1)", "the arguments of hub.echo must be one object" },
        { "return hub.echo({}, {})", "the arguments of hub.echo must be one object" },
        { "return hub.echo([])", "the arguments of hub.echo must be one object" },
        { "return hub.echo({ b: 1n })", "\"name\":\"TypeError\",\"message\":\"Do not know how to "
                                        "serialize a BigInt\"" },
        { "return process.env",
          "process is not defined: a script has no process, network, files or "
          "modules; use the tools of these servers: hub" },
        { "await fetch('http://x')", "fetch is not available" },
        { "require('fs')", "require is not available" },
        { "await import('fs')", "cannot import 'fs'" },
    };

    (void)state;
    check(examples, ARRAY_COUNT(examples));
}

static void limits_have_errors(void **state)
{
    static const struct example examples[] = {
        { "for (let i = 0; i < 5; i++) await hub.echo({}); return 'all'", "\"value\":\"all\"" },
        { "for (let i = 0; i < 6; i++) await hub.echo({})", "ERROR {\"kind\":\"CallLimit\"" },
        { "console.log('x'.repeat(199)); return 1", "\"value\":1" },
        { "console.log('x'.repeat(200))", "ERROR {\"kind\":\"LogLimit\",\"name\":\"LogLimit\"" },
        { "try { console.log('é'.repeat(100)) } catch (e) { return [e instanceof RangeError, "
          "e.name] }",
          "[true,\"LogLimit\"]" },
        { "mcp.emit('x'.repeat(75)); return 1", "\"value\":1" },
        { "mcp.emit('x'.repeat(76))", "ERROR {\"kind\":\"EmitLimit\"" },
        { "return hub.echo({ a: 'x'.repeat(92) }).then(() => 1)", "\"value\":1" },
        { "return hub.echo({ a: 'x'.repeat(93) })", "ERROR {\"kind\":\"ArgumentLimit\"" },
        { "for (let i = 0; i < 3; i++) setTimeout(() => {}, 1); return 1", "\"value\":1" },
        { "for (let i = 0; i < 4; i++) setTimeout(() => {}, 1)", "ERROR {\"kind\":\"TimerLimit\"" },
        { "const a = []; for (;;) a.push(new Array(1000).fill(1.5))", "FATAL memory" },
        { "let s = 'x'; for (;;) { s += s; s.charCodeAt(1) }", "FATAL memory" },
        { "try { const a = []; for (;;) a.push({}) } catch {}", "FATAL memory" },
        { "new Array(1e8).fill(0)", "FATAL memory" },
        { "try { new ArrayBuffer(60e6) } catch (e) { return e.message }",
          "Array buffer allocation failed" },
        { "const a = []; try { for (;;) a.push(new Uint8Array(1e6)) } catch (e) { return a.length "
          "< "
          "51 }",
          "\"value\":true" },
        { "return /^(a+)+$/.test('a'.repeat(50) + 'b')", "\"value\":false" },
    };

    (void)state;
    check(examples, ARRAY_COUNT(examples));
}

static void endless_scripts_are_ended(void **state)
{
    static const struct example examples[] = {
        { "for (;;);", "FATAL cpu" },
        { "for (;;) try { for (;;); } finally { continue }", "FATAL cpu" },
        { "const f = () => Promise.resolve().then(f); await f()", "FATAL cpu" },
        { "return { get a() { for (;;); } }", "FATAL cpu" },
        { "return new Proxy({}, { ownKeys() { for (;;); } })", "FATAL cpu" },
        { "return /^(a|a?)+\\1$/.test('a'.repeat(40) + 'b')", "FATAL cpu" },
        { "const e = new Error('x'); e.k = { get x() { for (;;); } }; return e", "FATAL cpu" },
        /* What is thrown is only looked at: its getters never run. */
        { "throw { toString() { for (;;); }, get message() { for (;;); } }",
          "ERROR {\"kind\":\"ScriptError\"" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(examples); i++)
        check_one(&examples[i], TERMINATE_MS);
}

static void nothing_dangerous_is_there(void **state)
{
    static const struct example examples[] = {
        { "return [typeof WebAssembly, typeof SharedArrayBuffer, typeof Atomics.wait, typeof "
          "Atomics.waitAsync, typeof process, typeof gc]",
          "[\"undefined\",\"undefined\",\"undefined\",\"undefined\",\"undefined\",\"undefined\"]" },
        { "return eval('1')", "\"name\":\"EvalError\"" },
        { "return new Function('return 1')()", "\"name\":\"EvalError\"" },
        { "return (async () => {}).constructor('return 1')()", "\"name\":\"EvalError\"" },
        { "return [Date.now() % 1, performance.now() % 1, "
          "Intl.DateTimeFormat().resolvedOptions().timeZone]",
          "[0,0,\"UTC\"]" },
        { "return Object.getOwnPropertyNames(globalThis).filter((n) => /native|host|runtime/i"
          ".test(n))",
          "\"value\":[]" },
    };

    (void)state;
    check(examples, ARRAY_COUNT(examples));
}

/* What a script does to the language must not reach the runtime: each is followed by the same use.
 */
static void prototypes_may_be_changed(void **state)
{
    static const char *const changes[] = {
        "for (const k of Object.getOwnPropertyNames(Array.prototype)) try { Array.prototype[k] = "
        "() "
        "=> { throw 1 } } catch {}",
        "Object.defineProperty(Array.prototype, 0, { set() { throw 1 }, get() { throw 1 } })",
        "for (const k of ['get', 'set', 'value', 'name', 'message', 'kind', "
        "'frames']) Object.defineProperty(Object.prototype, k, { __proto__: null, configurable: "
        "true, get() { throw "
        "1 }, set(v) { Object.defineProperty(this, k, { __proto__: null, value: v }) } })",
        "Promise.prototype.then = Promise.resolve = () => { throw 1 }; Map.prototype.get = "
        "Map.prototype.set = WeakMap.prototype.get = () => { throw 1 }",
        "JSON.stringify = JSON.parse = () => { throw 1 }; String.prototype.slice = "
        "String.prototype.indexOf = RegExp.prototype.exec = () => { throw 1 }",
        "Object.setPrototypeOf(Array.prototype, new Proxy({}, { get() { throw 1 }, has() { throw 1 "
        "} }))",
        "globalThis.Error = globalThis.Promise = globalThis.Proxy = globalThis.Map = () => { throw "
        "1 }; Error.prepareStackTrace = () => { throw 1 }",
        "Error.prototype.toString = () => { throw 1 }; Error.stackTraceLimit = 0; Reflect.apply = "
        "Reflect.ownKeys = Object.keys = Object.defineProperty = () => { throw 1 }",
        "try { Object.setPrototypeOf(ToolError, class { constructor() { throw 1 } }) } catch {}",
    };
    static const char use[] =
        "; const r = await hub.echo({ a: { b: 'c' } }); console.log('logged', r); "
        "try { await hub.fail({}); } catch (e) { console.log(e); }; "
        "await new P((done) => setTimeout(done, 1)); await hub.fail({ last: true })";

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(changes); i++) {
        char *code = xasprintf("const P = Promise; %s%s", changes[i], use);
        struct example logged = { code, "LOG {\"level\":\"log\",\"text\":\"logged { a: " };
        struct example failed = { code, "ERROR {\"kind\":\"ToolError\",\"name\":\"ToolError\","
                                        "\"message\":\"it broke\",\"line\":1," };

        check_one(&logged, 0);
        check_one(&failed, 0);
        free(code);
    }
}

static void hostile_errors_run_nothing(void **state)
{
    static const struct example examples[] = {
        { "const e = new Error('m'); Object.defineProperty(e, 'message', { get() { "
          "console.log('ran') } }); Object.defineProperty(e, 'stack', { get() { console.log('ran') "
          "} }); throw e",
          "ERROR {\"kind\":\"ScriptError\",\"name\":\"Error\",\"message\":\"\",\"line\":1," },
        { "throw new Proxy(new Error('m'), { get() { console.log('ran') }, "
          "getOwnPropertyDescriptor() { console.log('ran') }, getPrototypeOf() { "
          "console.log('ran') } })",
          "ERROR {\"kind\":\"ScriptError\",\"name\":\"\",\"message\":\"[Proxy]\"" },
        { "throw { toString() { console.log('ran') }, [Symbol.toPrimitive]() { console.log('ran') "
          "} "
          "}",
          "ERROR {\"kind\":\"ScriptError\"" },
        { "const e = new Error('x'); e.stack = 'at forged (script.ts:99:99)'; throw e",
          "\"line\":1,\"column\":11," },
        { "const e = new ToolError('mine'); e.server = 'hub'; throw e",
          "{\"kind\":\"ScriptError\",\"name\":\"ToolError\",\"message\":\"mine\",\"line\":1," },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(examples); i++) {
        char *out = run_for(examples[i].code, 0);

        if (!strstr(out, examples[i].expected) || strstr(out, "LOG"))
            fail_msg("%s\n  sent %.2000s", examples[i].code, out);
        free(out);
    }
}

static void globals_work(void **state)
{
    static const struct example examples[] = {
        { "return new TextDecoder().decode(new TextEncoder().encode('h\\u00e9\\u{1f600}'))",
          "\"value\":\"h\xc3\xa9\xf0\x9f\x98\x80\"" },
        { "return new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255]))",
          "\"name\":\"TypeError\"" },
        { "return [btoa('a\\xff'), atob('YQ=='), crypto.randomUUID().length]",
          "[\"Yf8=\",\"a\",36]" },
        { "return [...structuredClone(new Map([[1, { d: new Date(5) }]])).get(1).d.toISOString()]"
          ".length",
          "\"value\":24" },
        { "structuredClone(() => {})", "\"name\":\"DataCloneError\"" },
        { "return new URL('/x?y=1', 'https://a.b').href", "\"value\":\"https://a.b/x?y=1\"" },
        { "const c = new AbortController(); c.abort(); try { c.signal.throwIfAborted() } catch (e) "
          "{ "
          "return e.name }",
          "\"value\":\"AbortError\"" },
        { "const order = []; setTimeout(() => order.push('b'), 2); setTimeout(() => "
          "order.push('a'), "
          "1); queueMicrotask(() => order.push('m')); await new Promise((r) => setTimeout(r, 5)); "
          "return order.join('')",
          "\"value\":\"mab\"" },
        { "let n = 0; await new Promise((r) => { const t = setInterval(() => { if (++n === 3) { "
          "clearInterval(t); r() } }, 1) }); return n",
          "\"value\":3" },
        { "return new Set(Array.from({ length: 100 }, Math.random)).size", "\"value\":100" },
        { "console.table([{ a: 1 }])", "| (index) | a |\\n| ------- | - |\\n| 0       | 1 |" },
    };

    (void)state;
    check(examples, ARRAY_COUNT(examples));
}

static int start(void **state)
{
    const struct engine_options options = { .jit = jit, .heap_max_bytes = MEMORY_BYTES * 2 };
    struct err err = ERR_INIT;

    (void)state;
    engine = engine_start(&options, &err);
    if (!engine)
        fail_msg("%s", err.text);
    engine_warm_up(engine);
    engine_warm_up(engine);
    return 0;
}

/* With an argument, without machine code made at run time. */
/* What every execution runs is compiled, and its pages are known, only when they look like one. */
static void samples_are_wrapped_like_prepared_code(void **state)
{
    static const char head[] = PREPARE_RUN_HEAD "\n", foot[] = "\n" PREPARE_RUN_FOOT;
    struct engine_sample sample;
    struct span texts[2];

    (void)state;
    engine_sample(engine, &sample);
    texts[0] = sample.script.run_text;
    texts[1] = span_of(engine_probe_text());
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        CLEANUP(str) char *text = span_dup(texts[i]);

        assert_memory_equal(text, head, strlen(head));
        assert_non_null(strstr(text, foot));
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_wrapped_like_prepared_code),
        cmocka_unit_test(values_have_renderings),
        cmocka_unit_test(calls_reach_the_host),
        cmocka_unit_test(failures_say_where),
        cmocka_unit_test(limits_have_errors),
        cmocka_unit_test(endless_scripts_are_ended),
        cmocka_unit_test(nothing_dangerous_is_there),
        cmocka_unit_test(prototypes_may_be_changed),
        cmocka_unit_test(hostile_errors_run_nothing),
        cmocka_unit_test(globals_work),
    };

    (void)argv;
    jit = argc < 2;
    return cmocka_run_group_tests(tests, start, NULL);
}
