/* The runtime's URL against Node's. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { URL as OurURL, URLSearchParams as OurParams } from "../../../../isolate/runtime/url.js";

const parts = ["href", "origin", "protocol", "username", "password", "host", "hostname", "port",
    "pathname", "search", "hash"];

const read = (url) => Object.fromEntries(parts.map((part) => [part, url[part]]));

const parse = (URL, input, base) => {
    try {
        return read(new URL(input, base));
    } catch (error) {
        assert.ok(error instanceof TypeError);
        return "invalid";
    }
};

/* Where Node's own URL is not yet, or not quite, what the standard says; the value is ours. */
const deviations = new Map([
    ["http://u:p@example.com:81/a/b?q#f: port = host:99", "http://u:p@example.com:81/a/b?q#f"],
    ["http://u:p@example.com:81/a/b?q#f: port = [::1]:7", "http://u:p@example.com:81/a/b?q#f"],
    ["http://u:p@example.com:81/a/b?q#f: port = :80", "http://u:p@example.com:81/a/b?q#f"],
    ["foo://h/p: host = :80", "foo://h/p"],
    ["foo://h/p: pathname = ..", "foo://h/"],
]);

const same = (ours, theirs, what) => {
    if (deviations.has(what))
        assert.equal(ours.href, deviations.get(what), what);
    else
        assert.deepEqual(ours, theirs, what);
};

const inputs = [
    "http://example.com", "https://user:pa%20ss@example.com:8080/a/b?x=1#y", "HTTP://EXAMPLE.com:80/",
    "https://example.com:443/", "http://example.com:0/", "http://example.com:65536/",
    "http://example.com:99999999999/", "http://example.com:8a/", "http://a:b@c:29/d", "http://a@:80",
    "http://@/www", "http://user@/www", "http:/example.com/", "http:example.com/", "http:///a//b",
    "http:\\\\x:hello", "http://ex ample.com/", "http://ex%20ample.com/", "http://a%2fb/",
    "http://[::1]/", "http://[1:2::3]:80/", "http://[::1.2.3.4]/", "http://[1:2:3:4:5:6:7:8]/",
    "http://[::127.0.0.1.]/", "http://[1::2::3]/", "http://[fe80::1%25eth0]/", "http://[0:0:0:1:0:0:0:0]/",
    "http://[2001:db8::ff00:42:8329]", "http://[1:2:3]/", "http://[::1", "http://192.168.0.1/",
    "http://0x7f.1/", "http://0300.1/", "http://256/", "http://1.2.3.4.5/", "http://1.2.3.256/",
    "http://4294967296/", "http://foo.09/", "http://0xffffffff/", "http://1.2.3.4./", "http://a.b.0x/",
    "http://münchen.de/ü?ü#ü", "http://例え.jp/", "http://faß.de/", "http://BÜCHER.example",
    "http://www.foo。bar.com", "http://Ｇｏ.com", "http://%e4%bd%a0.cn", "http://a\u00adb.com/",
    "http://\ud83d\udca9.la/", "http://xn--mnchen-3ya.de/", "http://a_b.com/", "http://a..b/",
    "http://example.com/../a/./b/../c", "http://example.com/a/..", "http://example.com/%2e%2E/x",
    "http://example.com/a%2Fb/%zz/", "http://example.com/a b?c d#e f", "http://h/?a'b\"c<d>",
    "http://h/{}|`\\x", "http://h/\ud800x", "http://h?q", "http://h#f", "http://h/?#", "http://h/?",
    "http://h/#", "  http://h/ \n", "h\tt\ntp://h\r/", "file:///C:/a/../..", "file:///C|/x", "file:c:\\foo",
    "file://localhost/x", "file://host/x", "file:", "file:/", "file:x", "file://C:/x", "file:///../x",
    "mailto:a@b.c?subject=hi#x", "data:text/plain,hello world", "javascript:alert(1)", "about:blank",
    "urn:isbn:12345", "foo://bar/baz?q#f", "foo://user@bar:80/", "foo://BAR%41/", "foo:/a/../b", "foo:",
    "foo://", "foo:///p", "foo:/.//p", "web+demo:/.//not-a-host/", "foo://a b/", "foo://a^b/", "ws://h:80",
    "wss://h:443/x", "ftp://h:21/", "blob:https://example.com/uuid", "blob:x", "", " ", "/", "//", "a", "?x",
    "#x", "1http://x", "http", "http:", "http://", "://x", "http://a b", "http://user:p:w@h", "http://a@b@c/",
    "non-special://[::1]:8/x", "http://h/a?b?c#d#e", "http://h:/x", "http://h:080/", "https://\u0661.com",
];
const bases = [undefined, "http://u:p@example.org:81/one/two?q#f", "file:///C:/dir/file", "mailto:x",
    "foo://host/a/b", "foo:/only/path", "file:///tmp/x"];
const relatives = ["", "x", "./x", "../x", "../../../x", "/x", "//host/x", "\\x", "\\\\host\\x", "?y", "#y",
    "x?y#z", ".", "..", "a/../b/", "http:x", "http:/x", "https:x", "D:/y", "/D:/y", "D|", "file:x",
    "foo:x", ":x", "a:b", "%2e%2e/x", "//", "///x"];

test("parses what Node parses, and into the same parts", () => {
    for (const input of inputs)
        assert.deepEqual(parse(OurURL, input), parse(URL, input), JSON.stringify(input));
});

test("resolves against a base as Node does", () => {
    for (const base of bases)
        for (const input of [...relatives, ...inputs])
            /* Node takes this for a path of mailto. */
            if (base !== "mailto:x" || input !== "x?y#z")
                assert.deepEqual(parse(OurURL, input, base), parse(URL, input, base),
                    `${JSON.stringify(input)} on ${base}`);
    assert.equal(OurURL.canParse("x?y#z", "mailto:x"), false);
});

test("sets parts as Node does", () => {
    const starts = ["http://u:p@example.com:81/a/b?q#f", "https://h/", "file:///C:/x", "foo://h/p", "mailto:x",
        "file://host/x"];
    const values = ["", "x", "a b", "https", "https:", "http", "foo", "file", "host:99", "host", "[::1]:7", "1.2",
        "80", "443", "8x", "99999", "/p/../q", "?k=v", "#h", "a?b#c", "é", "ho/st", ":80", "..", "x@y", "\\p"];

    for (const start of starts)
        for (const part of parts.filter((name) => name !== "origin" && name !== "href"))
            for (const value of values) {
                const [ours, theirs] = [new OurURL(start), new URL(start)];

                ours[part] = value;
                theirs[part] = value;
                same(read(ours), read(theirs), `${start}: ${part} = ${value}`);
            }
});

test("sets parts of what has no host as the standard says", () => {
    const set = (part, value) => Object.assign(new OurURL("foo:/p"), { [part]: value }).href;

    assert.equal(set("pathname", ""), "foo:/");
    assert.equal(set("pathname", ".."), "foo:/");
    assert.equal(set("host", ""), "foo:///p");
    assert.equal(set("host", "host:99"), "foo://host:99/p");
});

test("refuses a wrong href and stays as it was", () => {
    const url = new OurURL("http://h/x");

    assert.throws(() => { url.href = "nothing"; }, TypeError);
    assert.equal(url.href, "http://h/x");
    assert.equal(OurURL.canParse("x:"), true);
    assert.equal(OurURL.canParse("x"), false);
    assert.equal(OurURL.parse("x"), null);
    assert.equal(OurURL.parse("y", "http://h/x").href, "http://h/y");
    assert.equal(JSON.stringify({ url }), '{"url":"http://h/x"}');
});

test("keeps a URL and its parameters the same", () => {
    const url = new OurURL("http://h/?a=1&b=2");

    url.searchParams.append("c", "x y&z=é");
    assert.equal(url.href, "http://h/?a=1&b=2&c=x+y%26z%3D%C3%A9");
    url.search = "?q=%41+b";
    assert.deepEqual([...url.searchParams], [["q", "A b"]]);
    url.searchParams.delete("q");
    assert.equal(url.href, "http://h/");
    url.href = "http://h/?n=1";
    assert.equal(url.searchParams.get("n"), "1");
});

test("reads and writes parameters as Node does", () => {
    const inits = ["a=1&b=2&a=3", "?x=%20+%2B", "=&&a&=b", "%zz=%C3%28&%ff", "é=ü&\ud800=1", { a: 1, b: "x y" },
        [["k", "v"], ["k", "w"]], new Map([["m", "n"]]), "", "a=b=c", "*-._~!'()=1", undefined];

    for (const init of inits) {
        const [ours, theirs] = [new OurParams(init), new URLSearchParams(init)];

        assert.equal(ours.toString(), theirs.toString(), JSON.stringify(init));
        assert.deepEqual([...ours], [...theirs]);
        assert.deepEqual([...ours.keys()], [...theirs.keys()]);
        assert.deepEqual(ours.getAll("a"), theirs.getAll("a"));
        for (const params of [ours, theirs]) {
            params.set("a", "new");
            params.append("0", "zero");
            params.delete("b", "x");
            params.sort();
        }
        assert.equal(ours.toString(), theirs.toString(), JSON.stringify(init));
        assert.equal(ours.size, theirs.size);
        assert.equal(ours.has("a", "new"), true);
    }
    assert.throws(() => new OurParams([["only"]]), TypeError);
});
