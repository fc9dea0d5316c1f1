// The user's variables: all properties of the global object that were not there at the start.
import { inspect, types } from 'node:util';
import { isArrowTable } from './arrow.mjs';
import { origin } from './exact.mjs';
import { isUnchanged, snapshot } from './snapshots.mjs';
import { isTable } from './tables.mjs';
import { decode, encode, typeName } from './values.mjs';

const { isModuleNamespaceObject } = types;
const PREVIEW = 120;
const BUDGET = 100_000;
const GLANCE = 64;

/** Declares, lists, reads, sets and compares the variables of the global space. */
export class Variables {
  #global;
  #builtin;
  #arrow;
  #constants = new Set();
  #seen = new Map();

  /** `arrow`: reads and writes tables in files. */
  constructor(global, arrow) {
    this.#global = global;
    this.#arrow = arrow;
    this.#builtin = new Set(Object.getOwnPropertyNames(global));
  }

  /** Makes room for what a cell declares; the function returned takes back what got no value, when the cell failed. */
  declare(declares, assigns) {
    const made = [];
    for (const [name, kind] of Object.entries(declares)) {
      const old = Object.getOwnPropertyDescriptor(this.#global, name);
      if (old !== undefined && !old.configurable) continue;
      if (old === undefined) made.push(name);
      if (old === undefined || !('value' in old) || !old.writable || !old.enumerable) this.#define(name, this.#read(name));
      this.#builtin.delete(name);
      if (kind === 'const' || kind === 'import') this.#constants.add(name);
      else this.#constants.delete(name);
    }
    for (const name of assigns) if (this.#constants.has(name) && !Object.hasOwn(declares, name)) this.guard(name);
    return () => {
      for (const name of made) {
        if (this.#read(name) !== undefined) continue;
        delete this.#global[name];
        this.#constants.delete(name);
      }
    };
  }

  /** Lets an assignment to a constant throw. Done only where a cell assigns to one: a guarded name is slow to read. */
  guard(name) {
    const old = Object.getOwnPropertyDescriptor(this.#global, name);
    if (old === undefined || !old.configurable || !('value' in old)) return;
    const { value } = old;
    const set = () => {
      throw new TypeError('Assignment to constant variable.');
    };
    Object.defineProperty(this.#global, name, { configurable: true, enumerable: true, get: () => value, set });
  }

  /** All variables as infos, oldest first. */
  list() {
    return this.#names().map((name) => [name, this.#read(name)]).filter(([, value]) => !isCode(value)).map(([name, value]) => info(name, value));
  }

  /** The names of the user, of variables and of code. A loop over the keys is quicker by far than to ask for the names. */
  #names() {
    const found = [];
    for (const name in this.#global) if (!this.#builtin.has(name)) found.push(name);
    return Object.keys(Object.prototype).length === 0 ? found : found.filter((name) => Object.hasOwn(this.#global, name));
  }

  has(name) {
    return Object.hasOwn(this.#global, name) && !this.#builtin.has(name);
  }

  /** The typed value of a variable. `folder`: for the file of a table, null for a reader who takes rows alone. */
  async get(name, folder) {
    const value = this.#read(name);
    const seen = this.#seen.get(name);
    if (seen?.typed !== undefined && Object.is(seen.value, value)) return seen.typed;
    const content = folder !== null && this.#arrow.isThere ? await this.#arrow.write(value, folder) : null;
    if (content !== null) return { t: 'table', v: content };
    return encode(isArrowTable(value) ? await this.#arrow.rows(value) : value);
  }

  /** Makes or changes a variable; it is not told as a change. */
  async set(name, typed) {
    const value = typed.t === 'table' && typed.v.arrow !== undefined ? await this.#arrow.read(typed.v) : decode(typed);
    const old = Object.getOwnPropertyDescriptor(this.#global, name);
    if (old !== undefined && !old.configurable) this.#global[name] = value;
    else this.#define(name, value);
    this.#builtin.delete(name);
    this.#constants.delete(name);
    const made = typed.t === 'table' ? origin(value) : {};
    this.#seen.set(name, typeof value === 'number' ? { value, typed } : state(value, made.snapshot)); // 1.0 stays a float
    delete made.snapshot;
  }

  /** What changed since the last time. `code`: what ran; variables that it names are compared in depth. */
  changes(code) {
    const named = new Set(code.match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu));
    const added = [];
    const changed = [];
    let count = 0;
    for (const name of this.#names()) {
      const value = this.#read(name);
      if (isCode(value)) continue;
      count += 1;
      const before = this.#seen.get(name);
      if (before === undefined) added.push(info(name, value));
      else if (Object.is(before.value, value)) {
        if (typeof value !== 'object' || value === null || before.fixed) continue;
        if (!named.has(name) && glance(value) === before.glance) continue;
        if (before.whole ? safely(() => isUnchanged(value, before.whole)) : before.print !== null && fingerprint(value, BUDGET) === before.print) continue;
        changed.push(info(name, value));
      } else changed.push(info(name, value));
      this.#seen.set(name, state(value));
    }
    const isGone = (name) => !this.has(name) || isCode(this.#read(name));
    const removed = this.#seen.size === count ? [] : [...this.#seen.keys()].filter(isGone);
    for (const name of removed) this.#seen.delete(name);
    return { added, changed, removed };
  }

  #define(name, value) {
    Object.defineProperty(this.#global, name, { configurable: true, enumerable: true, writable: true, value });
  }

  #read(name) {
    try {
      return this.#global[name];
    } catch {
      return undefined;
    }
  }
}

/** Functions, classes and modules are code and no variables. */
function isCode(value) {
  return typeof value === 'function' || (typeof value === 'object' && isModuleNamespaceObject(value));
}

/** What a later state of a variable is compared with. `known`: a snapshot that is at hand. */
function state(value, known) {
  if (typeof value !== 'object' || value === null) return { value };
  if (isArrowTable(value)) return { value, fixed: true };
  const print = safely(() => value.length > BUDGET) ? null : fingerprint(value, BUDGET);
  const whole = print === null ? (known ?? safely(() => snapshot(value))) : null;
  return { value, print, whole, glance: glance(value) };
}

function safely(make) {
  try {
    return make();
  } catch {
    return null; // a proxy that lets nobody look
  }
}

/** A variable's description. */
export function info(name, value) {
  return { name, type: typeName(value), preview: preview(value), ...size(value) };
}

/** The number of a value's items, and the shape of a table; neither where a proxy won't tell. */
function size(value) {
  try {
    return { count: count(value), shape: shape(value) };
  } catch {
    return { count: null, shape: '' };
  }
}

/** A value on one line. */
export function preview(value) {
  let text;
  try {
    if (typeof value === 'string') text = JSON.stringify(value.slice(0, PREVIEW * 2));
    else text = inspect(value, { depth: 1, breakLength: Infinity, compact: true, maxArrayLength: 20, maxStringLength: PREVIEW });
  } catch {
    text = '?';
  }
  text = text.replace(/\s*\n\s*/g, ' ').toWellFormed();
  const letters = [...text];
  return letters.length <= PREVIEW ? text : `${letters.slice(0, PREVIEW - 1).join('')}…`;
}

function count(value) {
  if (typeof value === 'string') return value.length;
  if (value === null || typeof value !== 'object') return null;
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return value.length ?? value.byteLength;
  if (value instanceof Map || value instanceof Set) return value.size;
  return Object.getPrototypeOf(value) === Object.prototype ? Object.keys(value).length : null;
}

function shape(value) {
  return isTable(value) ? `${value.length} x ${Object.keys(value[0]).length}` : '';
}

/** A cheap text that most changes of an object change: its size and its first and last items. */
function glance(value) {
  try {
    if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))) {
      const items = value.length <= GLANCE ? Array.from(value) : [...value.slice(0, GLANCE / 2), ...value.slice(-GLANCE / 2)];
      return `${value.length}:${items.map(mark).join()}`;
    }
    if (value instanceof Date) return String(value.getTime());
    if (value instanceof Map || value instanceof Set) return String(value.size);
    return Object.entries(value).slice(0, GLANCE).map(([key, item]) => `${key}=${mark(item)}`).join();
  } catch {
    return '';
  }
}

function mark(item) {
  return typeof item === 'object' && item !== null ? 'o' : typeof item === 'function' ? 'f' : String(item).slice(0, 40);
}

/** A number by which two states of an object can be told apart; null when it is too large to look at whole. */
function fingerprint(value, budget) {
  let left = budget;
  let hash = 0;
  const seen = new Set();
  const add = (text) => {
    for (let n = 0; n < text.length; n++) hash = (Math.imul(hash, 31) + text.charCodeAt(n)) | 0;
  };
  const visit = (item) => {
    if (left-- <= 0) return;
    if (typeof item === 'function') return add('f');
    if (item === null || typeof item !== 'object') return add(`${typeof item}${String(item)};`);
    if (seen.has(item)) return add('@');
    seen.add(item);
    if (item instanceof Date) return add(String(item.getTime()));
    if (item instanceof Map) return [...item].forEach(([key, inner]) => (visit(key), visit(inner)));
    if (item instanceof Set) return item.forEach(visit);
    add(Array.isArray(item) ? '[' : '{');
    for (const key of Object.keys(item)) {
      if (left <= 0) break;
      add(key);
      visit(item[key]);
    }
    return undefined;
  };
  try {
    visit(value);
  } catch {
    return null;
  }
  return left <= 0 ? null : hash;
}
