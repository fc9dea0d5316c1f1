// Columns of an Arrow table as JavaScript values, the same ones that the table's rows would give (values.mjs). The
// buffers are read as they lie in the file; the numbers of types are those of Arrow's format.
import { isAscii } from 'node:buffer';
import { Decimal, Duration, Time, UUID, remember } from './exact.mjs';
import { clockText, intervalText, isCommon, moment, spanText } from './moments.mjs';

const NANOS = [1_000_000_000, 1_000_000, 1_000, 1];
const LATEST = 2n ** 63n - 1n;
const NOTES = { uuid: (text) => new UUID(text), time: (text) => new Time(text.replace(/[-+]\d\d$/, '$&:00')), int: exactInteger };

/** The values of a piece of a column. `field`: its name, type and metadata; `vector`: makes Arrow's own reader for the
 *  types that are rare. Throws a TypeError for a type that has no meaning here. */
export function columnValues(data, field, vector) {
  const note = NOTES[field.metadata?.get('verso.type')] ?? (isUuid(field) ? readUuid : undefined);
  const values = read(data, vector);
  return note === undefined ? values : values.map((value) => (value === null ? null : note(value)));
}

/** Whether a type is one of floats. */
export function isFloatType(type) {
  return type.typeId === 3;
}

function read(data, vector) {
  const reader = READERS[data.typeId];
  if (reader === undefined) throw new TypeError(`Arrow's type ${data.type} is not known here`);
  return reader(data, vector);
}

/** `make(n)` for each place that has a value. */
function each(data, make) {
  const values = new Array(data.length);
  if (data.nullCount === 0) for (let n = 0; n < values.length; n++) values[n] = make(n);
  else for (let n = 0; n < values.length; n++) values[n] = data.getValid(n) ? make(n) : null;
  return values;
}

function integers(data) {
  const { values } = data;
  if (!(values instanceof BigInt64Array || values instanceof BigUint64Array)) return each(data, (n) => values[n]);
  const halves = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  const least = values instanceof BigInt64Array ? -0x200000 : 0;
  return each(data, (n) => {
    const high = halves[n * 2 + 1];
    const near = high * 0x100000000 + (halves[n * 2] >>> 0);
    return high >= least && high < 0x200000 && near > Number.MIN_SAFE_INTEGER ? near : values[n];
  });
}

function floats(data, vector) {
  const { values } = data;
  return values instanceof Uint16Array ? byVector(data, vector) : each(data, (n) => values[n]);
}

function decimals(data) {
  const { values, stride, type } = data;
  return each(data, (n) => new Decimal(decimalText(values, n * stride, stride, type.scale)));
}

/** The digits of an integer of `stride` 32-bit words, lowest first, with a point before the last `scale` of them. */
function decimalText(words, start, stride, scale) {
  let number = BigInt(words[start + stride - 1] | 0);
  for (let word = stride - 2; word >= 0; word--) number = (number << 32n) | BigInt(words[start + word]);
  if (scale <= 0) return String(number * 10n ** BigInt(-scale));
  const digits = String(number < 0n ? -number : number).padStart(scale + 1, '0');
  return `${number < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function texts(data) {
  const { valueOffsets } = data;
  const first = Number(valueOffsets[0]);
  const bytes = Buffer.from(data.values.buffer, data.values.byteOffset + first, Number(valueOffsets[data.length]) - first);
  const at = (n) => Number(valueOffsets[n]) - first;
  if (!isAscii(bytes)) return each(data, (n) => bytes.utf8Slice(at(n), at(n + 1)));
  const all = bytes.latin1Slice();
  return each(data, (n) => all.slice(at(n), at(n + 1)));
}

function binaries(data) {
  const { values, valueOffsets } = data;
  return each(data, (n) => values.slice(Number(valueOffsets[n]), Number(valueOffsets[n + 1])));
}

function dates(data) {
  const { values } = data;
  const milliseconds = values instanceof BigInt64Array ? (n) => Number(values[n]) : (n) => values[n] * 86_400_000;
  return each(data, (n) => {
    const time = milliseconds(n);
    if (!isCommon(time)) return time > 0 ? 'infinity' : '-infinity';
    return moment('date', time);
  });
}

function timestamps(data) {
  const { values, type } = data;
  const step = NANOS[type.unit];
  const perMilli = BigInt(Math.max(1, 1_000_000 / step));
  const milliseconds = step > 1_000_000 ? 1000 : 1;
  return each(data, (n) => {
    const count = values[n];
    if (count >= LATEST || count <= -LATEST) return count > 0n ? 'infinity' : '-infinity';
    let left = count % perMilli;
    if (left < 0n) left += perMilli;
    const time = Number((count - left) / perMilli) * milliseconds;
    if (!isCommon(time)) return `${Math.round((Number(count) * step) / 1e9)} seconds since 1970`;
    return moment('datetime', time, type.timezone ?? null, Number(left) * step);
  });
}

function times(data) {
  const { values, type } = data;
  const step = BigInt(NANOS[type.unit]);
  return each(data, (n) => new Time(clockText(BigInt(values[n]) * step)));
}

function durations(data) {
  const { values, type } = data;
  const step = BigInt(NANOS[type.unit]);
  return each(data, (n) => new Duration(spanText(values[n] * step)));
}

function intervals(data) {
  const { values, type } = data;
  if (type.unit === 0) return each(data, (n) => intervalText(values[n], 0, 0n));
  if (type.unit === 1) return each(data, (n) => span(0, values[n * 2], BigInt(values[n * 2 + 1]) * 1_000_000n));
  return each(data, (n) => {
    const low = BigInt(values[n * 4 + 2] >>> 0);
    return span(values[n * 4], values[n * 4 + 1], (BigInt(values[n * 4 + 3]) << 32n) | low);
  });
}

/** A span without months is a duration; one with months has no fixed number of seconds and stays text. */
function span(months, days, nanos) {
  return months === 0 ? new Duration(spanText(BigInt(days) * 86_400_000_000_000n + nanos)) : intervalText(months, days, nanos);
}

function lists(data, vector) {
  const [child] = data.children;
  const items = columnValues(child, data.type.children[0], vector);
  const { valueOffsets } = data;
  const width = data.type.listSize;
  const at = valueOffsets === undefined ? (n) => n * width : (n) => Number(valueOffsets[n]);
  const facts = isFloatType(child.type) ? { list: true, isFloat: () => true } : { list: true };
  return each(data, (n) => remember(items.slice(at(n), at(n + 1)), facts));
}

function structs(data, vector) {
  const fields = data.type.children;
  const items = data.children.map((child, place) => columnValues(child, fields[place], vector));
  return each(data, (n) => record(fields.map(({ name }) => name), items.map((column) => column[n]), floatNames(fields)));
}

function maps(data, vector) {
  const [entries] = data.children;
  const [keyField, valueField] = entries.type.children;
  const [keys, values] = entries.children.map((child, place) => columnValues(child, entries.type.children[place], vector));
  const { valueOffsets } = data;
  if (!keys.every((key) => typeof key === 'string')) throw new TypeError(`map keys must be strings, and these are ${keyField.type}`);
  return each(data, (n) => {
    const [start, end] = [valueOffsets[n], valueOffsets[n + 1]];
    const names = keys.slice(start, end);
    return record(names, values.slice(start, end), new Set(isFloatType(valueField.type) ? names : []));
  });
}

function record(names, values, floating) {
  const made = {};
  for (const [place, name] of names.entries()) {
    Object.defineProperty(made, name, { value: values[place], enumerable: true, writable: true, configurable: true });
  }
  const facts = {};
  if (Object.keys(made).some((name, place) => name !== names[place])) facts.keys = names;
  if (floating.size > 0) facts.isFloat = (name) => floating.has(name);
  return Object.keys(facts).length > 0 ? remember(made, facts) : made;
}

function floatNames(fields) {
  return new Set(fields.filter(({ type }) => isFloatType(type)).map(({ name }) => name));
}

function unions(data, vector) {
  const { children, type, typeIds, valueOffsets } = data;
  const items = children.map((child, place) => columnValues(child, type.children[place], vector));
  const places = new Map(Array.from(type.typeIds, (id, place) => [id, place]));
  return Array.from({ length: data.length }, (_, n) => items[places.get(typeIds[n])][valueOffsets?.[n] ?? n]);
}

function dictionaries(data, vector) {
  const words = data.dictionary.data.flatMap((piece) => read(piece, vector));
  return each(data, (n) => words[Number(data.values[n])]);
}

function byVector(data, vector) {
  const values = vector(data);
  const own = (value) => (value instanceof Uint8Array ? value.slice() : value);
  return each(data, (n) => own(values.get(n)));
}

/** A number, or a bigint where that is not exact. */
function exactInteger(text) {
  const near = Number(text);
  return Number.isSafeInteger(near) ? near : BigInt(String(text));
}

function isUuid(field) {
  return field.type.typeId === 15 && field.metadata?.get('ARROW:extension:name') === 'arrow.uuid';
}

function readUuid(bytes) {
  return new UUID(Buffer.from(bytes).toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'));
}

const READERS = {
  [-1]: dictionaries,
  1: (data) => new Array(data.length).fill(null),
  2: integers,
  3: floats,
  4: binaries,
  5: texts,
  6: byVector,
  7: decimals,
  8: dates,
  9: times,
  10: timestamps,
  11: intervals,
  12: lists,
  13: structs,
  14: unions,
  15: byVector,
  16: lists,
  17: maps,
  18: durations,
  19: binaries,
  20: texts,
  21: lists,
  23: byVector,
  24: byVector,
};
