// Completion and inspection, from live values. Nothing that is looked at runs: an expression with a side effect is
// not evaluated, and getters are not called.
import fs from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { inspect } from 'node:util';
import { index, pointed, typing } from './expression.mjs';
import { info, preview } from './variables.mjs';

const KEYWORDS = 'async await break case catch class const continue debugger default delete do else export extends false finally for function if import in instanceof let new null of return static super switch this throw true try typeof undefined var void while with yield'.split(' ');
const MOST = 200;

export class Introspection {
  #evaluator;
  #loader;
  #global;

  constructor(evaluator, loader, global) {
    this.#evaluator = evaluator;
    this.#loader = loader;
    this.#global = global;
  }

  /** The fields of the reply to `complete`. */
  async complete(code, position) {
    const before = code.slice(0, index(code, position));
    const specifier = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(['"])([^'"\n]*)$/.exec(before);
    if (specifier !== null) return this.#reply(this.#modules(specifier[2]), specifier[2], position);
    const { object, member } = typing(before);
    const found = object === '' ? this.#names(code) : await this.#members(object);
    return this.#reply(found, member, position);
  }

  /** The fields of the reply to `inspect`. */
  async inspect(code, position) {
    const expression = pointed(code, index(code, position));
    if (expression === null) return { found: false, data: {} };
    const { found, value } = await this.#evaluator.peek(expression);
    if (!found) return { found: false, data: {} };
    const { type, count, shape } = info(expression, value);
    const head = [`${expression}: ${type}`, shape || (count === null ? '' : `length ${count}`)].filter(Boolean).join(', ');
    const body = typeof value === 'function' ? signature(value) : inspect(value, { depth: 2, maxArrayLength: 20, maxStringLength: 500 });
    return { found: true, data: { 'text/plain': `${head}\n${body}`.toWellFormed() } };
  }

  #reply(all, typed, position) {
    const lower = typed.toLowerCase();
    const fitting = all.filter(({ text }) => text.toLowerCase().startsWith(lower));
    fitting.sort((a, b) => b.text.startsWith(typed) - a.text.startsWith(typed));
    const completions = fitting.slice(0, MOST).map((one) => ({ label: one.text, detail: '', ...one }));
    return { start: position - [...typed].length, end: position, completions, more: fitting.length > MOST };
  }

  #names(code) {
    const live = members(this.#global).filter(({ text }) => !text.startsWith('$$'));
    const written = new Set(code.match(/[\p{ID_Start}$_][\p{ID_Continue}$]{2,}/gu) ?? []);
    for (const { text } of live) written.delete(text);
    const keywords = KEYWORDS.map((text) => ({ text, kind: 'keyword' }));
    for (const word of KEYWORDS) written.delete(word);
    return [...live, ...keywords, ...[...written].map((text) => ({ text, kind: 'text' }))];
  }

  async #members(object) {
    const { found, value } = await this.#evaluator.peek(object);
    return found && value !== null && value !== undefined ? members(value) : [];
  }

  #modules(typed) {
    if (/^\.{0,2}\//.test(typed)) {
      const folder = typed.slice(0, typed.lastIndexOf('/') + 1);
      return entries(path.resolve(this.#loader.folder, folder), (entry) => folder + entry.name + (entry.isDirectory() ? '/' : ''), 'file');
    }
    const packages = this.#loader.folders.flatMap((folder) => entries(path.join(folder, 'node_modules'), (entry) => entry.name, 'module'));
    const builtin = builtinModules.filter((name) => !name.startsWith('_')).flatMap((name) => [name, `node:${name}`]);
    return [...packages.filter(({ text }) => !text.startsWith('.')), ...builtin.map((text) => ({ text, kind: 'module' }))];
  }
}

function entries(folder, name, kind) {
  try {
    return fs.readdirSync(folder, { withFileTypes: true }).map((entry) => ({ text: name(entry), kind }));
  } catch {
    return [];
  }
}

/** The members of a value with identifiers for names, own ones first. */
function members(value) {
  const found = new Map();
  for (let at = Object(value), own = true; at !== null && found.size < 5000; at = Object.getPrototypeOf(at), own = false) {
    if (at === Object.prototype && !own && found.size > 0 && typeof value === 'object' && value === globalThis) break;
    for (const name of Object.getOwnPropertyNames(at)) {
      if (found.has(name) || !/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) continue;
      const { value: item, get } = Object.getOwnPropertyDescriptor(at, name) ?? {};
      found.set(name, { text: name, kind: get ? 'property' : kind(item), detail: get || own === false ? '' : detail(item) });
    }
  }
  return [...found.values()];
}

function kind(item) {
  if (typeof item !== 'function') return 'variable';
  return isClass(item) ? 'class' : 'function';
}

function isClass(item) {
  return /^class\b/.test(Function.prototype.toString.call(item)) || (item.prototype !== undefined && /^[A-Z]/.test(item.name ?? ''));
}

function detail(item) {
  return typeof item === 'function' ? signature(item).split('\n')[0] : preview(item);
}

/** The head of a function as it was written, or what is known of a built-in one. */
function signature(item) {
  const text = Function.prototype.toString.call(item);
  if (text.includes('[native code]')) return `${isClass(item) ? 'class' : 'function'} ${item.name}, ${item.length} parameter${item.length === 1 ? '' : 's'}`;
  const lines = text.split('\n');
  return lines.length > 20 || text.length > 2000 ? `${lines.slice(0, 20).join('\n').slice(0, 2000)}\n…` : text;
}
