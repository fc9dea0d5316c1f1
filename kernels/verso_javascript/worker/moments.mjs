// Dates and times as texts (ISO 8601) and as counts of nanoseconds: JavaScript's own Date has milliseconds and no zone.
import { remember } from './exact.mjs';

const FIRST = Date.parse('0001-01-01T00:00:00Z');
const END = Date.UTC(10_000, 0, 1);
const zones = new Map();

/** Whether a time in milliseconds is in the years 1 to 9999, which every language has. */
export function isCommon(time) {
  return time >= FIRST && time < END;
}

/** A Date that remembers what it stands for. `t`: date or datetime; `zone`: of a datetime, null when it has none;
 *  `nanos`: those that a millisecond has no room for. */
export function moment(t, time, zone = null, nanos = 0) {
  return remember(new Date(time), { t, time, zone, nanos });
}

/** The same for an ISO text. */
export function parsed(t, text) {
  const [, head, digits = '', zone = null] = /^([^.]*?\d)(?:\.(\d+))?(Z|[-+]\d\d:?\d\d(?::\d\d(?:\.\d+)?)?)?$/.exec(t === 'date' ? `${text}T00:00:00` : text) ?? [];
  if (head === undefined) return remember(new Date(text), { t, v: text, time: NaN });
  const milliseconds = digits.slice(0, 3).padEnd(3, '0');
  const made = new Date(t === 'date' ? text : `${head}.${milliseconds}${zone ?? ''}`);
  const nanos = Number(digits.slice(3, 9).padEnd(6, '0'));
  return remember(made, { t, v: text, time: made.getTime(), zone, nanos });
}

/** The ISO text of what `moment` remembered, as Python writes it. */
export function textOf({ t, v, time, zone, nanos }) {
  if (v !== undefined) return v;
  if (t === 'date') return new Date(time).toISOString().slice(0, 10);
  const offset = zone === null ? '' : offsetAt(zone, time);
  const [day, clock] = new Date(time + minutes(offset) * 60_000).toISOString().slice(0, -1).split('T');
  return `${day}T${clock.slice(0, 8)}${fraction(BigInt(clock.slice(9)) * 1_000_000n + BigInt(nanos))}${offset}`;
}

/** Whether a zone's name or offset means UTC. */
export function isUtc(zone) {
  return /^(Z|(Etc\/)?UTC|[-+]00:00)$/.test(zone);
}

/** The time of day of a count of nanoseconds. */
export function clockText(nanos) {
  const seconds = Number(nanos / 1_000_000_000n);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':') + fraction(nanos % 1_000_000_000n);
}

/** The count of nanoseconds of a time of day; null for one with a zone. */
export function clockNanos(text) {
  const [, hours, minute, second = '0', digits = ''] = /^(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?$/.exec(text) ?? [];
  if (hours === undefined) return null;
  return BigInt((Number(hours) * 60 + Number(minute)) * 60 + Number(second)) * 1_000_000_000n + BigInt(digits.padEnd(9, '0'));
}

/** A count of nanoseconds as a decimal number of seconds. */
export function spanText(nanos) {
  const size = nanos < 0n ? -nanos : nanos;
  return `${nanos < 0n ? '-' : ''}${size / 1_000_000_000n}${fraction(size % 1_000_000_000n)}`;
}

/** The count of nanoseconds of a decimal number of seconds. */
export function spanNanos(text) {
  const [whole, digits = ''] = text.replace('-', '').split('.');
  const size = BigInt(whole) * 1_000_000_000n + BigInt(digits.padEnd(9, '0'));
  return text.startsWith('-') ? -size : size;
}

/** A span of months, days and nanoseconds as databases write it: `1 year 2 months 3 days 04:05:06`. */
export function intervalText(months, days, nanos) {
  const parts = [];
  const counts = [[Math.trunc(months / 12), 'year'], [months % 12, 'month'], [days, 'day']];
  for (const [count, word] of counts) if (count !== 0) parts.push(`${count} ${word}${Math.abs(count) === 1 ? '' : 's'}`);
  if (nanos !== 0n || parts.length === 0) {
    const size = nanos < 0n ? -nanos : nanos;
    parts.push(`${nanos < 0n ? '-' : ''}${clockText(size).replace(/(\.\d*?)0+$/, '$1')}`);
  }
  return parts.join(' ');
}

/** The digits after the second: none, six, or nine. */
function fraction(nanos) {
  if (nanos === 0n) return '';
  const digits = String(nanos).padStart(9, '0');
  return `.${digits.endsWith('000') ? digits.slice(0, 6) : digits}`;
}

function offsetAt(zone, time) {
  if (isUtc(zone)) return '+00:00';
  if (/^[-+]/.test(zone)) return zone;
  if (!zones.has(zone)) zones.set(zone, new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }));
  const part = zones.get(zone).formatToParts(time).find(({ type }) => type === 'timeZoneName');
  return part.value.slice(3) || '+00:00';
}

function minutes(offset) {
  const [, sign, hours, rest] = /^([-+])(\d\d):(\d\d)/.exec(offset) ?? [];
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(rest));
}
