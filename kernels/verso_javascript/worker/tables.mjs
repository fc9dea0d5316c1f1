// Arrays of records as tables.

const SHOWN = 1000;
const SCALARS = new Set(['string', 'number', 'boolean', 'bigint']);
const TYPES = { string: 'string', number: 'number', boolean: 'boolean', bigint: 'integer' };

/** Whether a value is an array of plain objects that all have the same keys and hold scalars (or `anything`). */
export function isTable(value, anything = false) {
  if (!Array.isArray(value) || value.length === 0 || !isRecord(value[0])) return false;
  const keys = Object.keys(value[0]);
  if (keys.length === 0) return false;
  return value.every((row) => {
    if (!isRecord(row)) return false;
    const own = Object.keys(row);
    return own.length === keys.length && keys.every((key) => Object.hasOwn(row, key) && (anything || isScalar(row[key])));
  });
}

/** A table as data (Frictionless tabular data resource) and as HTML; at most the first 1,000 rows, and it says so. */
export function tableBundle(rows) {
  const names = Object.keys(rows[0]);
  const shown = rows.slice(0, SHOWN);
  const fields = names.map((name) => ({ name, type: fieldType(shown, name) }));
  const data = shown.map((row) => Object.fromEntries(names.map((name) => [name, cell(row[name])])));
  const resource = { profile: 'tabular-data-resource', schema: { fields }, data };
  if (rows.length > SHOWN) resource.total = rows.length;
  return { 'application/vnd.dataresource+json': resource, 'text/html': html(names, shown, rows.length) };
}

function html(names, rows, total) {
  const head = names.map((name) => `<th>${escape(name)}</th>`).join('');
  const body = rows.map((row) => `<tr>${names.map((name) => td(row[name])).join('')}</tr>`).join('\n');
  const more = total > rows.length ? `<caption>${rows.length} of ${total} rows</caption>` : '';
  return `<table>${more}<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody></table>`;
}

function td(value) {
  const kind = typeof value === 'number' || typeof value === 'bigint' ? ' style="text-align:right"' : '';
  return `<td${kind}>${value === null || value === undefined ? '<i>null</i>' : escape(value instanceof Date ? cell(value) : String(value))}</td>`;
}

function cell(value) {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value === null || value === undefined || typeof value === 'boolean') return value ?? null;
  return String(value).toWellFormed();
}

function fieldType(rows, name) {
  const kinds = new Set(rows.map((row) => row[name]).filter((value) => value !== null && value !== undefined).map(kindOf));
  if (kinds.size === 2 && kinds.has('integer') && kinds.has('number')) return 'number';
  return kinds.size === 1 ? [...kinds][0] : 'any';
}

function kindOf(value) {
  if (value instanceof Date) return 'datetime';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return TYPES[typeof value] ?? 'any';
}

function isRecord(value) {
  if (value === null || typeof value !== 'object') return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isScalar(value) {
  return value === null || value === undefined || SCALARS.has(typeof value) || value instanceof Date || value?.constructor?.scalar === true;
}

function escape(text) {
  return text.toWellFormed().replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
}
