// The command line of the program under test, run to its end.
import { spawn } from "node:child_process";
import { binary } from "./world.mjs";

// Resolves to { code, signal, stdout, stderr }.  `stdoutTo` is a descriptor that
// takes the place of the pipe; `closed` one of 0, 1, 2 that is closed.
export function mcpfold(args, { stdin = "", stdoutTo = "pipe", closed, cwd, env = {} } = {}) {
  const command = closed === undefined ? [binary, ...args] : ["sh", "-c", `exec "$@" ${closed}>&-`, "sh", binary, ...args];
  const child = spawn(command[0], command.slice(1), { cwd, env: { ...process.env, ...env }, stdio: ["pipe", stdoutTo, "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"].filter((stream) => child[stream])) {
    child[name].setEncoding("utf8");
    child[name].on("data", (text) => (output[name] += text));
  }
  child.stdin.on("error", () => {}); // it need not read what it is given
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, ...output }));
  });
}
