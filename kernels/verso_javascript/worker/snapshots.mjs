// What is kept of a large value, to tell later whether it is still what it was: cheaper than to look at it whole.
import { column } from './records.mjs';
import { isTable } from './tables.mjs';

/** A snapshot of an array of plain values or records, or of binary data; null for anything else, and where an item holds
 *  something that can change within. `isUnchanged` compares with it. */
export function snapshot(value) {
  if (ArrayBuffer.isView(value)) return { bytes: Buffer.from(bytesOf(value)) };
  if (!Array.isArray(value)) return null;
  if (isTable(value)) {
    const names = Object.keys(value[0]);
    return tableSnapshot(names, names.map((name) => column(value, name)));
  }
  const items = value.slice();
  const times = timesOf(items);
  return times === null ? null : { items, times };
}

/** The same for a table of which the columns are at hand. */
export function tableSnapshot(names, columns) {
  const times = columns.map(timesOf);
  return times.includes(null) ? null : { names, columns, times };
}

/** Whether a value is as it was. */
export function isUnchanged(value, { bytes, items, names, columns, times }) {
  if (bytes !== undefined) return Buffer.compare(bytes, bytesOf(value)) === 0;
  if (items === undefined) return areUnchanged(value, names, columns) && columns.every((values, place) => haveTimes(values, times[place]));
  if (value.length !== items.length) return false;
  for (let n = 0; n < items.length; n++) if (!Object.is(items[n], value[n])) return false;
  return haveTimes(items, times);
}

function areUnchanged(rows, names, columns) {
  if (rows.length !== columns[0]?.length) return false;
  const same = names.map((name, place) => `Object.is(row[${JSON.stringify(name)}], c${place}[n])`).join(' && ');
  const arguments_ = columns.map((_, place) => `c${place}`);
  const check = new Function('rows', ...arguments_, `
    for (let n = 0; n < rows.length; n++) {
      const row = rows[n];
      if (row === null || typeof row !== 'object' || !(${same})) return false;
      let keys = 0;
      for (const key in row) keys++;
      if (keys !== ${names.length}) return false;
    }
    return true;`);
  return check(rows, ...columns);
}

/** The times of the dates among values, by place; null where another value can change within. */
function timesOf(values) {
  const times = new Map();
  for (let n = 0; n < values.length; n++) {
    const value = values[n];
    if (value === null || typeof value !== 'object' || value.constructor?.scalar === true) continue;
    if (!(value instanceof Date)) return null;
    times.set(n, value.getTime());
  }
  return times;
}

function haveTimes(values, times) {
  for (const [place, time] of times) if (!Object.is(values[place].getTime(), time)) return false;
  return true;
}

function bytesOf(view) {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
