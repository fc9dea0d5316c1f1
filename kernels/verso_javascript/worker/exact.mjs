// Values that JavaScript has no type for, kept exactly: they come from other languages and go back unchanged.
import { inspect } from 'node:util';

/** Base of the kinds below: an immutable text with a meaning. Equal values have equal texts. */
class Exact {
  static scalar = true;
  #text;

  constructor(text) {
    this.#text = String(text);
    if (!this.constructor.pattern.test(this.#text)) {
      throw new TypeError(`${this.constructor.name}: ${inspect(text)} is none`);
    }
  }

  toString() {
    return this.#text;
  }

  toJSON() {
    return this.#text;
  }

  [inspect.custom]() {
    return `${this.constructor.name}(${this.#text})`;
  }
}

/** A decimal number with all its digits. In arithmetic it becomes the nearest number. */
export class Decimal extends Exact {
  static kind = 'decimal';
  static pattern = /^[-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?|Infinity|s?NaN\d*)$/;
  valueOf() {
    return Number(this.toString());
  }
}

/** A span of time, as a decimal number of seconds. */
export class Duration extends Exact {
  static kind = 'duration';
  static pattern = /^-?\d+(\.\d{1,9})?$/;
  get seconds() {
    return Number(this.toString());
  }
  get milliseconds() {
    return this.seconds * 1000;
  }
  valueOf() {
    return this.milliseconds;
  }
}

/** A time of day, ISO 8601. */
export class Time extends Exact {
  static kind = 'time';
  static pattern = /^\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[-+]\d\d:\d\d(:\d\d(\.\d+)?)?)?$/;
}

/** A UUID, in lower case. */
export class UUID extends Exact {
  static kind = 'uuid';
  static pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
  constructor(text) {
    super(String(text).toLowerCase());
  }
}

export const KINDS = { decimal: Decimal, duration: Duration, time: Time, uuid: UUID };

/** Lets a private field be put on any object: the constructor of the base returns the object that it is given. */
class Given {
  constructor(value) {
    return value;
  }
}

class Noted extends Given {
  #origin;

  static put(value, origin) {
    if (!(#origin in value)) new Noted(value);
    value.#origin = origin;
  }

  static of(value) {
    return #origin in value ? value.#origin : undefined;
  }
}

/** Remembers on a value what it was made of, where no other code can see it, and returns the value. */
export function remember(value, origin) {
  Noted.put(value, origin);
  return value;
}

/** What `remember` noted on an object, or undefined. */
export const origin = Noted.of;
