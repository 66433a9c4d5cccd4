/** The tool call's `input`; undefined when none was sent. */
declare const input: any;

/** Thrown by a tool call that fails: an error the tool reports, or a failure of the protocol. */
declare class ToolError extends Error {
  /** "ToolError"; or why the call did not get that far: "ToolTimeout", "ServerUnavailable",
   * "ConnectionLost", "UnknownTool", "PolicyDenied", "CallLimit", "ReplyLimit"... */
  readonly name: string;
  /** The server's name as configured; empty when the call was about none. */
  readonly server: string;
  /** The tool's name as the server calls it; empty when the call was not one of a tool. */
  readonly tool: string;
  /** The content blocks of the tool's error; empty when the tool did not report it. */
  readonly content: any[];
  /** The code and data of a failure of the protocol. */
  readonly code?: number;
  readonly data?: any;
}

/** The output of a tool that declares none, as its replies were so far; the next may differ.  What
 * was not in all of them is optional; any other property may be read, and is any.  The type check
 * of a script asks only that it looks whether what was not always there is there. */
type Observed<T> = 0 extends 1 & T
  ? any
  : [T] extends [null | undefined]
    ? any
    : T extends readonly (infer E)[]
      ? Observed<E>[] & { [key: string]: any }
      : T extends object
        ? { [K in keyof T]: Observed<T[K]> } & { [key: string]: any }
        : T;

interface McpToolMatch {
  path: string;
  signature: string;
  description: string;
  /** Why: each word of the query that matches, what stands for it, and where. */
  matched: string[];
}

interface McpServerInfo {
  name: string;
  identifier: string;
  title: string | null;
  description: string | null;
  tools: number;
  resources: number;
  templates: number;
  prompts: number;
  state: string;
  problem: string | null;
}

/** A content block of MCP: text, image, audio, resource, resource_link. */
interface McpContent {
  type: string;
  text?: string;
  data?: any;
  mimeType?: string;
  uri?: string;
  name?: string;
  resource?: any;
  [key: string]: any;
}

interface McpCallResult {
  content: McpContent[];
  structuredContent?: any;
  isError?: boolean;
  [key: string]: any;
}

interface McpResource {
  uri: string;
  name: string;
  title?: string;
  description?: string;
  mimeType?: string;
  /** Where resources of all servers are listed. */
  server?: string;
  [key: string]: any;
}

interface McpResourceTemplate {
  uriTemplate: string;
  name: string;
  title?: string;
  description?: string;
  mimeType?: string;
  server?: string;
  [key: string]: any;
}

interface McpReadResult {
  /** Each with a text, or a blob in base64. */
  contents: { uri: string; mimeType?: string; text?: any; blob?: any; [key: string]: any }[];
  [key: string]: any;
}

interface McpPrompt {
  name: string;
  title?: string;
  description?: string;
  arguments?: { name: string; description?: string; required?: boolean; [key: string]: any }[];
  server?: string;
  [key: string]: any;
}

interface McpPromptResult {
  description?: string;
  messages: { role: string; content: any }[];
  [key: string]: any;
}

interface McpCompletion {
  values: string[];
  total?: number;
  hasMore?: boolean;
}

interface McpResources {
  /** Lists the resources of a server, or of all: whole, whatever pages it has. */
  (server?: any): Promise<McpResource[]>;
  read(server: any, uri: string): Promise<McpReadResult>;
  templates(server?: any): Promise<McpResourceTemplate[]>;
}

interface McpPrompts {
  /** Lists the prompts of a server, or of all: whole, whatever pages it has. */
  (server?: any): Promise<McpPrompt[]>;
  get(server: any, name: string, args?: { [key: string]: any }): Promise<McpPromptResult>;
}

interface McpApi {
  /** Finds tools by words; deterministic. */
  search(query: string, options?: { limit?: number }): Promise<McpToolMatch[]>;
  /** The full declaration and documentation of "server" or "server.tool" as TypeScript text. */
  describe(path: string): Promise<string>;
  servers(): Promise<McpServerInfo[]>;
  /** Calls a tool and returns its whole result. */
  call(server: any, tool: string, args?: any, options?: { timeout?: number; meta?: { [key: string]: any } }): Promise<McpCallResult>;
  resources: McpResources;
  prompts: McpPrompts;
  /** Values for an argument of a prompt or a resource template; `ref` is {type: "ref/prompt", name}
   * or {type: "ref/resource", uri}. */
  complete(
    server: any,
    ref: { type: "ref/prompt"; name: string } | { type: "ref/resource"; uri: string },
    argument: { name: string; value: string },
    context?: { arguments?: { [key: string]: string } },
  ): Promise<McpCompletion>;
  /** Puts a content block into the result. */
  emit(block: any): void;
  /** Reports progress to the client. */
  progress(progress: number, total?: number, message?: string): void;
  /** Reads a result that an earlier execution kept. */
  open(handle: string): Promise<any>;
}

declare const mcp: McpApi;

interface McpConsole {
  log(...data: any[]): void;
  info(...data: any[]): void;
  warn(...data: any[]): void;
  error(...data: any[]): void;
  debug(...data: any[]): void;
  trace(...data: any[]): void;
  dir(item?: any, options?: any): void;
  table(data?: any, columns?: any): void;
  assert(condition?: any, ...data: any[]): void;
  count(label?: string): void;
  countReset(label?: string): void;
  group(...data: any[]): void;
  groupCollapsed(...data: any[]): void;
  groupEnd(): void;
  time(label?: string): void;
  timeEnd(label?: string): void;
  timeLog(label?: string, ...data: any[]): void;
}

declare const console: McpConsole;

declare function setTimeout(handler: (...args: any[]) => any, timeout?: number, ...args: any[]): any;
declare function clearTimeout(timer: any): void;
declare function setInterval(handler: (...args: any[]) => any, timeout?: number, ...args: any[]): any;
declare function clearInterval(timer: any): void;
declare function setImmediate(handler: (...args: any[]) => any, ...args: any[]): any;
declare function clearImmediate(timer: any): void;
declare function queueMicrotask(callback: () => void): void;
declare function structuredClone<T = any>(value: T, options?: any): T;
declare function atob(data: string): string;
declare function btoa(data: string): string;

declare class TextEncoder {
  readonly encoding: string;
  encode(input?: string): Uint8Array;
  encodeInto(source: string, destination: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  decode(input?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string;
}

declare class URLSearchParams {
  constructor(init?: string | URLSearchParams | Iterable<[string, string]> | string[][] | { [key: string]: any });
  readonly size: number;
  append(name: string, value: any): void;
  delete(name: string, value?: string): void;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string, value?: string): boolean;
  set(name: string, value: any): void;
  sort(): void;
  toString(): string;
  forEach(callback: (value: string, key: string, parent: URLSearchParams) => void): void;
  entries(): IterableIterator<[string, string]>;
  keys(): IterableIterator<string>;
  values(): IterableIterator<string>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
}

declare class URL {
  constructor(url: string | URL, base?: string | URL);
  static canParse(url: string | URL, base?: string | URL): boolean;
  static parse(url: string | URL, base?: string | URL): URL | null;
  hash: string;
  host: string;
  hostname: string;
  href: string;
  readonly origin: string;
  password: string;
  pathname: string;
  port: string;
  protocol: string;
  search: string;
  readonly searchParams: URLSearchParams;
  username: string;
  toString(): string;
  toJSON(): string;
}

declare class Event {
  constructor(type: string, init?: any);
  readonly type: string;
  readonly target: any;
  readonly defaultPrevented: boolean;
  preventDefault(): void;
}

declare class EventTarget {
  addEventListener(type: string, listener: any, options?: any): void;
  removeEventListener(type: string, listener: any, options?: any): void;
  dispatchEvent(event: Event): boolean;
}

declare class AbortSignal extends EventTarget {
  static abort(reason?: any): AbortSignal;
  static timeout(milliseconds: number): AbortSignal;
  static any(signals: Iterable<AbortSignal>): AbortSignal;
  readonly aborted: boolean;
  readonly reason: any;
  onabort: ((event: any) => any) | null;
  throwIfAborted(): void;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: any): void;
}

declare class DOMException extends Error {
  constructor(message?: string, name?: string);
  readonly code: number;
}

declare const crypto: {
  randomUUID(): string;
  getRandomValues<T extends ArrayBufferView>(array: T): T;
};

declare const performance: {
  now(): number;
  readonly timeOrigin: number;
  toJSON(): any;
};
