import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { writeConfig } from "./proxy.mjs";
import { fileURLToPath } from "node:url";
import { execFile, spawn } from "node:child_process";
const fixture = fileURLToPath(new URL("../fixtures/servers/bench.mjs", import.meta.url));
const node = process.env.MCPFOLD_NODE;
const conn = async (command, ...args) => { const c = new Client({ name: "x", version: "1" }); const t = new StdioClientTransport({ command, args, stderr: "inherit", env: process.env }); await c.connect(t); return [c, t.pid]; };
const [direct] = await conn(node, fixture);
const [through, pid] = await conn(process.env.MCPFOLD_BIN, "stdio", "-c", writeConfig({ servers: { bench: { command: [node, fixture] } } }));
const code = process.env.CODE ?? `return await bench.echo({ text: "x" });`;
const q = (a, p) => a.toSorted((x, y) => x - y)[Math.floor(a.length * p)].toFixed(3);
const time = async (f, n) => { const r = []; for (let i = 0; i < n; i++) { const t = performance.now(); await f(); r.push(performance.now() - t); } return r; };
const A = () => direct.callTool({ name: "echo", arguments: { text: "x" } });
const B = () => through.callTool({ name: "execute_code", arguments: { code } });
const C = () => through.ping();
const D = () => through.callTool({ name: "execute_code", arguments: { code: "return 1" } });
for (const f of [A, B, C, D]) await time(f, 100);
if (process.env.STRACE) { spawn("strace", ["-ttt", "-f", "--seccomp-bpf", "-e", "trace=read,write,writev,recvmsg,sendto,sendmsg,recvfrom", "-s", "60", "-p", String(pid), "-o", process.env.STRACE]); await new Promise((d) => setTimeout(d, 800)); }
const res = { A: [], B: [], C: [], D: [] };
for (let i = 0; i < 10; i++) { res.A.push(...await time(A, 60)); res.B.push(...await time(B, 60)); res.C.push(...await time(C, 60)); res.D.push(...await time(D, 60)); }
console.log("direct", q(res.A, .5), "through", q(res.B, .5), "ping", q(res.C, .5), "return 1", q(res.D, .5), "ratio", (q(res.B, .5) / q(res.A, .5)).toFixed(2));
process.exit(0);
