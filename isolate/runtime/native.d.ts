/* What isolate/engine_v8_natives.cc gives the runtime, and what the proxy says that scripts find. */

/** The number of a frame's type in isolate/wire_frames.def. */
export type FrameType = 17 | 18 | 19 | 20;

export type Kind =
    | "proxy" | "array" | "function" | "error" | "promise" | "date" | "map" | "set" | "regexp"
    | "typedarray" | "arraybuffer" | "dataview" | "weakmap" | "weakset" | "iterator"
    | "generator" | "boxed" | "object";

export interface Native {
    /** Queues a frame: 0, or 1 when the queue is full, 2 when the JSON is nested too deeply. */
    send(type: FrameType, id: number, json: string): 0 | 1 | 2;
    /** Sends the last frame. */
    done(ok: boolean, json: string): void;
    /** Milliseconds of a clock that only goes forward. */
    now(): number;
    /** 32 random bits, as a signed integer. */
    randomWord(): number;
    fillRandom(view: ArrayBufferView): void;
    utf8Encode(text: string): ArrayBuffer;
    utf8Decode(view: ArrayBufferView): string;
    utf8Length(text: string): number;
    clone(value: unknown): unknown;
    /** What an object is inside, whatever its prototype says. */
    kindOf(value: object): Kind;
    /** Where an error happened, as members of a JSON object; "" when that is unknown. */
    placeOf(error: unknown): string;
    /** The reasons of promises that were rejected while nobody listened. */
    rejections(): unknown[];
}

export interface Limits {
    memory_bytes: number;
    stack_kib: number;
    result_bytes: number;
    log_bytes: number;
    emit_bytes: number;
    timers: number;
    calls: number;
    argument_bytes: number;
}

export interface ServerEntry {
    key: string;
    identifier: string;
    /** An identifier for each tool, between commas, and its raw name percent-encoded behind "="
     * where that is another: ",list,get_it=get.it,". */
    tools: string;
}

/** What the next script finds. */
export interface Environment {
    servers: ServerEntry[];
    limits: Limits;
}
