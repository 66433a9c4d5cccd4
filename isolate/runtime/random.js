/**
 * Math.random: xoshiro128**, seeded for each execution.  The engine's own
 * generator is the same in every process forked from one zygote.
 */
import { MathImul } from "./primordials.js";

/** @param {number} x @param {number} k */
const rotate = (x, k) => (x << k) | (x >>> (32 - k));

/** 2^-53 */
const unit = 1 / 9007199254740992;

export class Random {
    #a = 1;
    #b = 2;
    #c = 3;
    #d = 4;

    /** @param {() => number} word gives 32 bits of the seed each time */
    begin(word) {
        this.#a = word();
        this.#b = word();
        this.#c = word();
        /* All zeros would stay zeros. */
        this.#d = word() || 1;
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
