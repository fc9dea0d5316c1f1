// JavaScript values as columns of an Arrow table: the way back of columns.mjs. A column whose values no Arrow type holds
// without changing one is none, and its table goes by rows.
import { isAscii } from 'node:buffer';
import { origin } from './exact.mjs';
import { clockNanos, isCommon, isUtc, spanNanos } from './moments.mjs';

const LONG = 2n ** 63n;
const WIDE = 10n ** 38n;
const KINDS = { string: 'string', boolean: 'bool', bigint: 'int', number: 'number' };

/** How to write a column (`{type, note, name, piece(start, end)}`), or null. `isFloat(n)`: whether the number in row `n`
 *  is a float though it looks like an integer. */
export function makeVector(arrow, values, isFloat) {
  const kind = kindOf(values);
  return kind === null ? null : (MAKERS[kind]?.(arrow, values, isFloat) ?? null);
}

/** The one kind of all values, `null` as text where there are none; null for several. */
function kindOf(values) {
  let found = 'null';
  for (const value of values) {
    if (value === null || value === undefined) continue;
    const kind = KINDS[typeof value] ?? objectKind(value);
    if (kind === found) continue;
    if (found === 'null') found = kind;
    else if ((found === 'int' && kind === 'number') || (found === 'number' && kind === 'int')) found = 'int';
    else return null;
  }
  return found;
}

function objectKind(value) {
  if (value instanceof Date) return origin(value)?.t === 'date' && origin(value).time === value.getTime() ? 'date' : 'datetime';
  if (value.constructor?.scalar === true) return value.constructor.kind;
  return value instanceof Uint8Array ? 'bytes' : 'other';
}

const MAKERS = {
  null: (arrow, values) => column(arrow, 'null', new arrow.Null(), values, () => ({})),
  bool: (arrow, values) => column(arrow, 'bool', new arrow.Bool(), values, (start, end) => ({ data: bits(values, start, end, (value) => value === true) })),
  string: (arrow, values) => (values.every((value) => value == null || value.isWellFormed()) ? column(arrow, 'string', new arrow.Utf8(), values, (start, end) => text(values.slice(start, end))) : null),
  uuid: (arrow, values) => column(arrow, 'uuid', new arrow.Utf8(), values, (start, end) => text(values.slice(start, end).map((value) => (value == null ? null : String(value)))), 'uuid'),
  bytes: (arrow, values) => column(arrow, 'bytes', new arrow.Binary(), values, (start, end) => binary(values.slice(start, end))),
  number: numbers,
  int: integers,
  decimal: decimals,
  date: (arrow, values) => column(arrow, 'date', new arrow.DateDay(), values, (start, end) => ({ data: filled(new Int32Array(end - start), start, (n) => (values[n] == null ? 0 : values[n].getTime() / 86_400_000)) })),
  datetime: datetimes,
  time: (arrow, values) => counted(arrow, 'time', values, values.map((value) => (value == null ? 0n : clockNanos(String(value)))), [new arrow.TimeMicrosecond(), new arrow.TimeNanosecond()]),
  duration: (arrow, values) => counted(arrow, 'duration', values, values.map((value) => (value == null ? 0n : spanNanos(String(value)))), [new arrow.DurationMicrosecond(), new arrow.DurationNanosecond()]),
};

/** `fill(start, end)`: the buffers of these rows. `note`: see verso.api.arrow. */
function column(arrow, name, type, values, fill, note = '') {
  const piece = (start, end) => {
    let nullCount = 0;
    for (let n = start; n < end; n++) if (values[n] === null || values[n] === undefined) nullCount++;
    const length = end - start;
    const nullBitmap = nullCount === 0 || name === 'null' ? undefined : bits(values, start, end, (value) => value !== null && value !== undefined);
    return arrow.makeData({ type, length, nullCount, nullBitmap, ...fill(start, end) });
  };
  return { name, type, note, piece };
}

function numbers(arrow, values, isFloat) {
  const whole = values.every((value, n) => value == null || (Number.isSafeInteger(value) && !Object.is(value, -0) && !isFloat(n)));
  if (whole) return integers(arrow, values);
  const fill = (start, end) => ({ data: filled(new Float64Array(end - start), start, (n) => values[n] ?? 0) });
  return column(arrow, 'float', new arrow.Float64(), values, fill);
}

function integers(arrow, values) {
  let digits = 64;
  for (const [n, value] of values.entries()) {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) return null;
    if (typeof value !== 'bigint') continue;
    if (value >= WIDE || value <= -WIDE) return null;
    if (value >= LONG || value < -LONG) digits = 128;
  }
  if (digits === 128) return column(arrow, 'int', new arrow.Decimal(0, 38, 128), values, (start, end) => ({ data: words(values.slice(start, end).map((value) => BigInt(value ?? 0))) }), 'int');
  return column(arrow, 'int', new arrow.Int64(), values, (start, end) => ({ data: longs(values, start, end) }));
}

function longs(values, start, end) {
  const made = new BigInt64Array(end - start);
  const halves = new Int32Array(made.buffer);
  for (let n = start; n < end; n++) {
    const value = values[n] ?? 0;
    if (typeof value === 'bigint') made[n - start] = value;
    else {
      halves[(n - start) * 2] = value;
      halves[(n - start) * 2 + 1] = Math.floor(value / 0x100000000);
    }
  }
  return made;
}

function decimals(arrow, values) {
  let scale = -1;
  const counts = [];
  for (const value of values) {
    const [, sign, whole, digits = ''] = value == null ? [] : (/^([-+]?)(\d+)(?:\.(\d+))?$/.exec(String(value)) ?? []);
    if (value == null) counts.push(0n);
    else if (whole === undefined || (scale !== -1 && digits.length !== scale)) return null;
    else {
      scale = digits.length;
      const size = BigInt(whole + digits);
      if (size >= WIDE || (size === 0n && sign === '-')) return null;
      counts.push(sign === '-' ? -size : size);
    }
  }
  return column(arrow, 'decimal', new arrow.Decimal(scale, 38, 128), values, (start, end) => ({ data: words(counts.slice(start, end)) }));
}

/** Integers as four words of 32 bits each, the lowest first. */
function words(counts) {
  const made = new BigUint64Array(counts.length * 2);
  for (const [n, count] of counts.entries()) {
    made[n * 2] = BigInt.asUintN(64, count);
    made[n * 2 + 1] = BigInt.asUintN(64, count >> 64n);
  }
  return new Uint32Array(made.buffer);
}

/** Those of one zone, or none of them with a zone. What was made in JavaScript is in UTC. */
function datetimes(arrow, values) {
  let zone;
  const counts = [];
  for (const value of values) {
    if (value == null) {
      counts.push(0n);
      continue;
    }
    const time = value.getTime();
    const sent = origin(value)?.time === time ? origin(value) : { t: 'datetime', zone: 'UTC', nanos: 0 };
    if (sent.t !== 'datetime' || sent.nanos === undefined || !isCommon(time)) return null;
    const own = sent.zone !== null && isUtc(sent.zone) ? 'UTC' : sent.zone;
    if (zone !== undefined && zone !== own) return null;
    zone = own;
    counts.push(BigInt(time) * 1_000_000n + BigInt(sent.nanos));
  }
  return counted(arrow, 'datetime', values, counts, [new arrow.TimestampMicrosecond(zone), new arrow.TimestampNanosecond(zone)]);
}

/** A column of counts of nanoseconds, in microseconds where those say it all. `types`: that of either. */
function counted(arrow, name, values, counts, [micros, nanos]) {
  if (counts.includes(null)) return null;
  const fine = counts.some((count) => count % 1000n !== 0n);
  if (fine && counts.some((count) => count >= LONG || count < -LONG)) return null;
  const fill = (start, end) => ({ data: filled(new BigInt64Array(end - start), start, (n) => (fine ? counts[n] : counts[n] / 1000n)) });
  return column(arrow, name, fine ? nanos : micros, values, fill);
}

function filled(made, start, value) {
  for (let place = 0; place < made.length; place++) made[place] = value(start + place);
  return made;
}

function bits(values, start, end, isSet) {
  const made = new Uint8Array(Math.ceil((end - start) / 64) * 8);
  for (let n = start; n < end; n++) if (isSet(values[n])) made[(n - start) >> 3] |= 1 << ((n - start) & 7);
  return made;
}

function text(values) {
  const data = Buffer.from(values.join(''));
  const short = isAscii(data);
  const valueOffsets = offsets(values, (value) => (short ? value.length : Buffer.byteLength(value)));
  return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), valueOffsets };
}

function binary(values) {
  const data = Buffer.concat(values.filter((value) => value != null));
  return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), valueOffsets: offsets(values, (value) => value.length) };
}

function offsets(values, length) {
  const made = new Int32Array(values.length + 1);
  for (let n = 0; n < values.length; n++) made[n + 1] = made[n] + (values[n] == null ? 0 : length(values[n]));
  return made;
}
