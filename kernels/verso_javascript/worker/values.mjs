// Typed values (verso.api.values) ↔ JavaScript values. The table of types is in docs/kernels/javascript.md.
import { KINDS, origin, remember } from './exact.mjs';
import { isCommon, parsed, textOf } from './moments.mjs';
import { records } from './records.mjs';
import { tableSnapshot } from './snapshots.mjs';
import { isTable } from './tables.mjs';

const MAX_DEPTH = 100;

/** A value that can't travel: where in it, of what type, and why. */
export class Untransferable extends Error {
  constructor(path, type, why) {
    super(`${path.length > 80 ? `${path.slice(0, 80)}…` : path || 'a value'} of type ${type} can't travel: ${why}`);
  }
}

/** The typed value of a variable. Uniform arrays of records that were made here are tables. */
export function encode(value) {
  const table = asTable(value);
  return table === null ? any(value, '', 0) : tableByRows(value, table);
}

/** The columns (`{name, type}`, an unknown type is undefined) of a value that goes out as a table, else null. Arrays of
 *  records that were made here hold plain values; a table that came in may have any. */
export function asTable(value) {
  if (!Array.isArray(value) || origin(value)?.list === true) return null;
  const known = origin(value)?.columns;
  if (known !== undefined && value.length === 0) return known;
  if (!isTable(value, known !== undefined)) return null;
  const types = new Map((known ?? []).map(({ name, type }) => [name, type]));
  return orderedKeys(value[0]).map((name) => ({ name, type: types.get(name) }));
}

/** The JavaScript value of a typed value. */
export function decode(typed) {
  const read = READERS[typed.t];
  if (read === undefined) {
    const Kind = KINDS[typed.t];
    if (Kind === undefined) throw new TypeError(`unknown value type ${JSON.stringify(typed.t)}`);
    return new Kind(typed.v);
  }
  return read(typed.v, typed);
}

/** The name by which a value's type is called. */
export function typeName(value) {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  try {
    const name = Object.getPrototypeOf(value)?.constructor?.name;
    return typeof name === 'string' && name !== '' ? name : 'Object';
  } catch {
    return 'Object';
  }
}

function any(value, path, depth) {
  if (depth > MAX_DEPTH) throw new Untransferable(path, typeName(value), `it is nested deeper than ${MAX_DEPTH} levels or contains itself`);
  switch (typeof value) {
    case 'undefined':
      return { t: 'null' };
    case 'boolean':
      return { t: 'bool', v: value };
    case 'number':
      return number(value);
    case 'bigint':
      return { t: 'int', v: value.toString() };
    case 'string':
      return string(value);
    case 'object':
      return value === null ? { t: 'null' } : object(value, path, depth);
    default:
      throw new Untransferable(path, typeof value, 'no other language knows this type');
  }
}

function number(value) {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return { t: 'int', v: String(value) };
  return float(value);
}

function float(value) {
  if (Object.is(value, -0)) return { t: 'float', v: '-0.0' };
  const text = String(value);
  return { t: 'float', v: /^-?\d+$/.test(text) ? `${text}.0` : text };
}

function string(value) {
  return value.isWellFormed() ? { t: 'string', v: value } : { t: 'utf16', v: Buffer.from(value, 'utf16le').toString('base64') };
}

function object(value, path, depth) {
  if (Array.isArray(value)) return { t: 'list', v: Array.from(value, (item, n) => kept(value, n, item, `${path}[${n}]`, depth)) };
  if (value instanceof Date) return date(value, path);
  const kind = value.constructor?.kind;
  if (KINDS[kind] !== undefined && value instanceof KINDS[kind]) return { t: kind, v: value.toString() };
  if (value instanceof Uint8Array || value instanceof Uint8ClampedArray || value instanceof DataView) return bytes(value);
  if (ArrayBuffer.isView(value)) return { t: 'list', v: Array.from(value, value instanceof Float32Array || value instanceof Float64Array ? float : (item) => any(item, '', 0)) };
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return bytes(new Uint8Array(value));
  if (value instanceof Map) return { t: 'map', v: Array.from(value, ([key, item]) => [text(key, path), any(item, `${path}.${String(key)}`, depth + 1)]) };
  if (value instanceof Set) return { t: 'set', v: Array.from(value, (item, n) => kept(value, item, item, `${path}[${n}]`, depth)) };
  if (value instanceof Number || value instanceof String || value instanceof Boolean || value instanceof BigInt) return any(value.valueOf(), path, depth);
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    throw new Untransferable(path, typeName(value), 'no other language knows this type; share its data as a plain object');
  }
  return { t: 'map', v: orderedKeys(value).map((key) => [wellFormed(key, path), kept(value, key, value[key], `${path}.${key}`, depth)]) };
}

/** An item of a collection. What came in as 1.0 goes out as 1.0, though JavaScript has one type for both. */
function kept(collection, place, item, path, depth) {
  return typeof item === 'number' && isFloat(collection, place, item) ? float(item) : any(item, path, depth + 1);
}

/** Whether a number in a collection is known to be a float, though it may look like an integer. */
export function isFloat(collection, place, item) {
  return origin(collection)?.isFloat?.(place, item) === true;
}

/** Whether a typed value is a float that JavaScript would take for an integer. */
function isWholeFloat(typed) {
  return typed.t === 'float' && Number.isInteger(Number(typed.v));
}

/** Notes on a collection what JavaScript would forget of it. `places`: pairs of a place and the typed value there. */
function noted(made, places, facts = {}) {
  const floats = new Map(places.filter(([, typed]) => isWholeFloat(typed)).map(([place, typed]) => [place, Number(typed.v)]));
  if (floats.size > 0) facts.isFloat = (place, item) => Object.is(floats.get(place), item);
  return Object.keys(facts).length > 0 ? remember(made, facts) : made;
}

/** The keys of an object. JavaScript puts those that are numbers first: the order of the sender is remembered. */
function orderedKeys(value) {
  const keys = Object.keys(value);
  const sent = origin(value)?.keys;
  return sent !== undefined && sent.length === keys.length && sent.every((key) => Object.hasOwn(value, key)) ? sent : keys;
}

function text(key, path) {
  if (typeof key === 'string') return wellFormed(key, path);
  throw new Untransferable(`${path}[${String(key)}]`, typeName(key), 'map keys must be strings');
}

function wellFormed(key, path) {
  if (key.isWellFormed()) return key;
  throw new Untransferable(`${path}[${JSON.stringify(key)}]`, 'string', 'a map key has half a surrogate pair');
}

function date(value, path) {
  const sent = origin(value);
  const time = value.getTime();
  if (sent !== undefined && Object.is(sent.time, time)) return { t: sent.t, v: textOf(sent) };
  if (Number.isNaN(time)) throw new Untransferable(path, 'Date', 'it is an invalid date');
  if (!isCommon(time)) throw new Untransferable(path, 'Date', 'its year is outside 1 to 9999');
  return { t: 'datetime', v: value.toISOString().replace('Z', '+00:00') };
}

function bytes(view) {
  return { t: 'bytes', v: Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString('base64') };
}

function tableByRows(rows, table) {
  const cells = rows.map((row, n) => table.map(({ name }) => kept(row, name, row[name], `[${n}].${name}`, 0)));
  const columns = table.map(({ name, type }, place) => ({ name, type: type ?? columnType(cells, place) }));
  return { t: 'table', v: { columns, count: rows.length, rows: cells } };
}

function columnType(cells, place) {
  const kinds = new Set(cells.map((row) => row[place].t));
  kinds.delete('null');
  if (kinds.size === 2 && kinds.has('int') && kinds.has('float')) return 'float';
  return kinds.size === 1 ? [...kinds][0] : kinds.size === 0 ? 'null' : 'mixed';
}

function readInteger(digits) {
  const near = Number(digits);
  return Number.isSafeInteger(near) ? near : BigInt(digits);
}

function readMap(pairs) {
  const made = {};
  for (const [key, item] of pairs) {
    const descriptor = { value: decode(item), enumerable: true, writable: true, configurable: true };
    Object.defineProperty(made, key, descriptor);
  }
  const sent = pairs.map(([key]) => key);
  const reordered = Object.keys(made).some((key, n) => key !== sent[n]);
  return noted(made, pairs, reordered ? { keys: sent } : {});
}

function readTable({ columns, count, rows }) {
  if (rows === undefined) throw new TypeError('this kernel reads tables as rows, and got an Arrow file');
  const typed = columns.map((_, place) => rows.map((row) => row[place]));
  const floats = columns.map(() => false);
  const odd = [];
  for (const [place, cells] of typed.entries()) {
    if (!cells.some(isWholeFloat)) continue;
    floats[place] = cells.every(({ t }) => t === 'float' || t === 'null');
    if (!floats[place]) odd.push(place);
  }
  const made = makeTable(columns, typed.map((cells) => cells.map(decode)), count ?? rows.length, floats);
  if (odd.length > 0) for (const [n, row] of made.entries()) noteFloats(row, odd.map((place) => [columns[place].name, rows[n][place]]));
  return made;
}

/** A table that came in, as an array of records. `columns`: their names and types; `values`: theirs; `floats`: which of
 *  them hold floats alone. */
export function makeTable(columns, values, count, floats) {
  const names = columns.map(({ name }) => name);
  const facts = {};
  const first = Object.keys(Object.fromEntries(names.map((name) => [name, null])));
  if (first.some((name, place) => name !== names[place])) facts.keys = names;
  const known = new Set(names.filter((_, place) => floats[place]));
  if (known.size > 0) facts.isFloat = (name) => known.has(name);
  const rows = records(names, values, count, Object.keys(facts).length > 0 ? facts : undefined);
  return remember(rows, { columns, snapshot: tableSnapshot(names, values) });
}

/** Notes the floats of a row whose column has other numbers as well. */
function noteFloats(row, places) {
  const whole = places.filter(([, typed]) => isWholeFloat(typed));
  if (whole.length === 0) return;
  const before = origin(row);
  const noted = new Map(whole.map(([name, typed]) => [name, Number(typed.v)]));
  const isFloat = (name, item) => before?.isFloat?.(name, item) === true || Object.is(noted.get(name), item);
  remember(row, { ...before, isFloat });
}

const READERS = {
  null: () => null,
  bool: (content) => Boolean(content),
  int: readInteger,
  float: (content) => Number(content),
  string: (content) => content,
  utf16: (content) => Buffer.from(content, 'base64').toString('utf16le'),
  bytes: (content) => new Uint8Array(Buffer.from(content, 'base64')),
  date: (content) => parsed('date', content),
  datetime: (content) => parsed('datetime', content),
  list: (content) => noted(content.map(decode), content.map((item, n) => [n, item]), { list: true }),
  map: readMap,
  set: (content) => noted(new Set(content.map(decode)), content.map((item) => [Number(item.v), item])),
  table: readTable,
};
