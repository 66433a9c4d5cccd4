// A program run to its end.
import { spawnSync } from "node:child_process";

export function run([command, ...args], uid) {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, { uid, gid: uid, encoding: "utf8", timeout: 60_000, cwd: "/" });
  if (error) throw error;
  return { code: status ?? signal, stdout, stderr };
}
