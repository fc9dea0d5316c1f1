// Tables as Arrow files, by the npm package `apache-arrow` where the notebook has it (in a node_modules of its folder or
// of one above, or by `#!npm`).
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { columnValues, isFloatType } from './columns.mjs';
import { hasArrow } from './packages.mjs';
import { column } from './records.mjs';
import { asTable, isFloat, makeTable } from './values.mjs';
import { makeVector } from './vectors.mjs';

const PACKAGE = 'apache-arrow';
const BATCH = 131_072;
const TABLE = Symbol.for('apache-arrow/Table');

/** Whether a value is a table of the package, whichever copy of it made it. */
export function isArrowTable(value) {
  try {
    return value !== null && typeof value === 'object' && value[TABLE] === true;
  } catch {
    return false; // a proxy that tells nothing
  }
}

/** Reads and writes the files. `loader`: finds the package, which is loaded when first used. */
export class Arrow {
  #loader;
  #loading;

  constructor(loader) {
    this.#loader = loader;
  }

  /** Whether the package can be found. */
  get isThere() {
    return this.#loading !== undefined || this.#loader.folders.some(hasArrow);
  }

  /** The rows of a table that came in a file. `content`: of its typed value. */
  async read({ columns, arrow: file }) {
    const arrow = await this.#package();
    return rowsOf(arrow, arrow.tableFromIPC(fs.readFileSync(file)), columns);
  }

  /** The content of a typed value whose table is now in a file in `folder`; null for what is no table, or one that Arrow
   *  can't hold as it is. */
  async write(value, folder) {
    const table = asTable(value);
    if (table === null ? !isArrowTable(value) : value.length === 0) return null;
    const arrow = await this.#package();
    const made = table === null ? { table: value, types: value.schema.fields.map(({ type }) => String(type)) } : tableOf(arrow, value, table);
    const owner = made === null ? undefined : this.#owner(made.table, arrow);
    if (owner === undefined) return null;
    const names = made.table.schema.fields.map(({ name }) => name);
    const twice = names.find((name, place) => names.indexOf(name) < place);
    if (twice !== undefined) throw new TypeError(`two columns are called ${JSON.stringify(twice)}`);
    const file = path.join(folder, `javascript-${crypto.randomUUID()}.arrow`);
    fs.writeFileSync(file, owner.tableToIPC(made.table, 'file'));
    const columns = names.map((name, place) => ({ name, type: made.types[place] }));
    return { columns, count: made.table.numRows, arrow: file };
  }

  /** The rows of a table that a cell made with the package. */
  async rows(table) {
    const columns = table.schema.fields.map(({ name, type }) => ({ name, type: String(type) }));
    return rowsOf(await this.#package(), table, columns);
  }

  #package() {
    this.#loading ??= this.#loader.load(PACKAGE).catch((error) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  /** The copy of the package that made a table, which alone writes it rightly: `require` has one of its own. */
  #owner(table, arrow) {
    const isOf = (copy) => Object.getPrototypeOf(table) === copy.Table.prototype;
    if (isOf(arrow)) return arrow;
    const other = this.#loader.require(PACKAGE);
    return isOf(other) ? other : undefined;
  }
}

function rowsOf(arrow, table, columns) {
  const vector = (data) => new arrow.Vector([data]);
  const { fields } = table.schema;
  const values = fields.map((field, place) => {
    try {
      const pieces = table.batches.map((batch) => columnValues(batch.data.children[place], field, vector));
      return pieces.length === 1 ? pieces[0] : joined(pieces, table.numRows);
    } catch (error) {
      throw new TypeError(`column ${JSON.stringify(field.name)}: ${error?.message ?? error}`);
    }
  });
  return makeTable(columns, values, table.numRows, fields.map(({ type }) => isFloatType(type)));
}

function joined(pieces, count) {
  const all = new Array(count);
  let n = 0;
  for (const piece of pieces) for (let at = 0; at < piece.length; at++) all[n++] = piece[at];
  return all;
}

function tableOf(arrow, rows, columns) {
  const vectors = [];
  for (const { name } of columns) {
    const made = makeVector(arrow, column(rows, name), (n) => isFloat(rows[n], name, rows[n][name]));
    if (made === null) return null;
    vectors.push(made);
  }
  const fields = vectors.map(({ type, note }, place) => new arrow.Field(columns[place].name, type, true, note === '' ? null : new Map([['verso.type', note]])));
  const schema = new arrow.Schema(fields);
  const batches = [];
  for (let start = 0; start < rows.length; start += BATCH) {
    const end = Math.min(start + BATCH, rows.length);
    const children = vectors.map(({ piece }) => piece(start, end));
    batches.push(new arrow.RecordBatch(schema, arrow.makeData({ type: new arrow.Struct(fields), length: end - start, nullCount: 0, children })));
  }
  const types = columns.map(({ type }, place) => type ?? vectors[place].name);
  return { table: new arrow.Table(schema, batches), types };
}
