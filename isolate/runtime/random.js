/**
 * Math.random: xoshiro128**, seeded for each execution.  The engine's own
 * generator is the same in every process forked from one zygote.
 */
import {
    MathImul, StringPrototypePadStart, StringPrototypeSlice, parseInteger,
} from "./primordials.js";

/** @param {number} x @param {number} k */
const rotate = (x, k) => (x << k) | (x >>> (32 - k));

/** 2^-53 */
const unit = 1 / 9007199254740992;

export class Random {
    #a = 1;
    #b = 2;
    #c = 3;
    #d = 4;

    /** @param {string} seed hexadecimal digits, 32 of which count */
    begin(seed) {
        const digits = StringPrototypePadStart(StringPrototypeSlice(seed, 0, 32), 32, "9e3779b9");
        const word = (/** @type {number} */ i) =>
            parseInteger(StringPrototypeSlice(digits, 8 * i, 8 * i + 8), 16) | 0;

        this.#a = word(0);
        this.#b = word(1);
        this.#c = word(2);
        /* All zeros would stay zeros. */
        this.#d = word(3) || 1;
    }

    #next() {
        const result = MathImul(rotate(MathImul(this.#b, 5), 7), 9);
        const t = this.#b << 9;

        this.#c ^= this.#a;
        this.#d ^= this.#b;
        this.#b ^= this.#c;
        this.#a ^= this.#d;
        this.#c ^= t;
        this.#d = rotate(this.#d, 11);
        return result >>> 0;
    }

    /** A number from 0 up to but not including 1, with 53 random bits. */
    random() {
        return ((this.#next() >>> 5) * 67108864 + (this.#next() >>> 6)) * unit;
    }
}
