// A table as an array of records, made of its columns and taken apart into them again.
import { remember } from './exact.mjs';

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
