// The formatter: a JavaScript value → MIME bundle.
import { inspect } from 'node:util';
import { isTable, tableBundle } from './tables.mjs';

const CUT = 200_000;
const JUPYTER = Symbol.for('Jupyter.display');

/** The bundle by which a value is shown, or a promise of it where the value's own method is asynchronous; text/plain is
 *  always in it. `toHTML()`, `toSVG()`, `outerHTML` and Jupyter's `[Symbol.for('Jupyter.display')]()` (as Deno's kernel
 *  has it) give richer views; uniform records are a table. */
export function bundle(value) {
  const data = { 'text/plain': plain(value) };
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return data;
  if (typeof value[JUPYTER] === 'function') return joined(value[JUPYTER](), (views) => ({ ...data, ...encode(views) }));
  if (typeof value.toHTML === 'function') return joined(value.toHTML(), (html) => ({ ...data, 'text/html': String(html) }));
  if (typeof value.toSVG === 'function') return joined(value.toSVG(), (svg) => ({ ...data, 'image/svg+xml': String(svg) }));
  if (typeof value.outerHTML === 'string') {
    const markup = value.outerHTML;
    return { ...data, [/^\s*<svg\b/i.test(markup) ? 'image/svg+xml' : 'text/html']: markup };
  }
  return isTable(value) ? { ...data, ...tableBundle(value) } : data;
}

function joined(made, use) {
  return typeof made?.then === 'function' ? made.then(use) : use(made);
}

/** The bundle for content whose type the user names. Bytes become base64, objects JSON. */
export function typed(content, mime) {
  const data = { [mime]: encodeOne(content, mime) };
  if (mime !== 'text/plain' && (mime === 'application/json' || mime.endsWith('+json'))) data['text/plain'] = plain(content);
  return data;
}

/** A value as Node's console shows it, cut with a marker where it is huge. */
export function plain(value) {
  let text;
  try {
    text = inspect(value, { depth: 4, maxArrayLength: 100, maxStringLength: 10_000, breakLength: 80 });
  } catch (error) {
    text = `[a value that can't be shown: ${error?.message}]`;
  }
  if (text.length > CUT) text = `${text.slice(0, CUT)}… (cut: ${text.length} characters)`;
  return text.toWellFormed();
}

function encode(data) {
  return Object.fromEntries(Object.entries(data).map(([mime, content]) => [mime, encodeOne(content, mime)]));
}

function encodeOne(content, mime) {
  if (ArrayBuffer.isView(content)) return Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64');
  if (content instanceof ArrayBuffer) return Buffer.from(content).toString('base64');
  if (mime === 'application/json' || mime.endsWith('+json')) return content === undefined ? null : content;
  return String(content).toWellFormed();
}
