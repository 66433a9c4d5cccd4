/**
 * DOMException, as far as scripts see it: a name, a message, a code.
 */
import { ErrorConstructor, ObjectFreeze, define, own } from "./primordials.js";

const codes = /** @type {any} */ ({
    __proto__: null, InvalidCharacterError: 5, NotSupportedError: 9, AbortError: 20,
    QuotaExceededError: 22, TimeoutError: 23, DataCloneError: 25,
});

export class DOMException extends ErrorConstructor {
    /** @param {string} message @param {string} name */
    constructor(message = "", name = "Error") {
        super(`${message}`);
        define(this, "name", `${name}`);
        define(this, "code", own(codes, `${name}`) ?? 0);
    }
}
ObjectFreeze(DOMException);
ObjectFreeze(DOMException.prototype);
