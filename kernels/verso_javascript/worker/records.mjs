// A table as an array of records, made of its columns and taken apart into them again.
import { origin, remember } from './exact.mjs';

/** The rows of columns. The loop is compiled for these names: every row then has the same form, which is what makes
 *  reading them quick. `note`: remembered on each row. */
export function records(names, columns, count, note) {
  const fields = names.map((name, place) => `[${JSON.stringify(name)}]: c${place}[n]`).join(', ');
  const literal = fields.replaceAll(/\[("(?!__proto__")(?:[^"\\]|\\.)*")\]:/g, '$1:');
  const row = note === undefined ? `({${literal}})` : `remember({${literal}}, note)`;
  const arguments_ = columns.map((_, place) => `c${place}`);
  const build = new Function('remember', 'note', 'count', ...arguments_, `const rows = new Array(count); for (let n = 0; n < count; n++) rows[n] = ${row}; return rows;`);
  return build(remember, note, count, ...columns);
}

/** The values of one column. */
export function column(rows, name) {
  return new Function('rows', `const out = new Array(rows.length); for (let n = 0; n < out.length; n++) out[n] = rows[n][${JSON.stringify(name)}]; return out;`)(rows);
}

/** What is needed to tell later whether rows are still what these columns made of them; null where a cell holds
 *  something that can change within. */
export function snapshot(names, columns) {
  const dates = [];
  for (const [place, values] of columns.entries()) {
    const kind = mutability(values);
    if (kind === 'any') return null;
    if (kind === 'dates') dates.push(place);
  }
  return { names, columns, dates };
}

/** Whether rows are as they were. */
export function isUnchanged(rows, { names, columns, dates }) {
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
  return check(rows, ...columns) && dates.every((place) => columns[place].every((value) => isStill(value)));
}

function isStill(value) {
  return !(value instanceof Date) || origin(value)?.time === value.getTime();
}

function mutability(values) {
  let found = 'none';
  for (const value of values) {
    if (value === null || typeof value !== 'object' || value.constructor?.scalar === true) continue;
    if (!(value instanceof Date)) return 'any';
    found = 'dates';
  }
  return found;
}
