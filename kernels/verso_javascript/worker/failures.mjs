// A user's exception as an `error` message.
import { inspect } from 'node:util';

/** Lets every stack leave out the frames of this worker and the runtime, and name the user's own positions. `folder`: the
 *  worker's address. */
export function formatStacks(sources, folder) {
  Error.prepareStackTrace = (error, frames) => {
    const lines = frames.filter((frame, n) => !isInner(frame, folder, frames[n + 1])).map((frame) => `\n    at ${sources.restore(String(frame))}`);
    return safely(() => Error.prototype.toString.call(error), 'Error') + lines.join('');
  };
}

function isInner(frame, folder, caller) {
  const file = frame.getScriptNameOrSourceURL?.() ?? frame.getFileName() ?? '';
  if (file === '' && caller !== undefined) return isInner(caller, folder); // a built-in that the runtime called
  return /^(node:i|ext:)/.test(file) || file.startsWith(folder) || (/\/cell\.mjs$/.test(file) && frame.getLineNumber() === 1);
}

/** Makes error messages whose stacks name cells, with the user's own lines and columns. */
export class Failures {
  #sources;

  constructor(sources) {
    this.#sources = sources;
  }

  /** The fields of an `error` message for anything thrown in the cell `name`. */
  describe(thrown, name) {
    const isError = thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]';
    if (!isError) {
      const text = safely(() => inspect(thrown), 'a value');
      return this.#fields('Uncaught', text, [`Uncaught ${text}`], 0, 0);
    }
    const ename = safely(() => String(thrown.name || thrown.constructor?.name || 'Error'), 'Error');
    const evalue = safely(() => String(thrown.message), '');
    const lines = safely(() => inspect(thrown), `${ename}: ${evalue}`).split('\n');
    const frame = this.#frame(lines, name);
    return this.#fields(ename, evalue, [...this.#excerpt(name, frame), ...lines], frame.line, frame.column);
  }

  /** The fields for code that did not parse; `at` is where, in what was evaluated, from 1. */
  syntax(error, name, at) {
    const there = this.#sources.locate(name, at.line, at.column);
    const message = explain(error.message);
    const lines = [...this.#excerpt(name, there), `SyntaxError: ${message}`, `    at ${name}:${there.line}:${there.column}`];
    return this.#fields('SyntaxError', message, lines, there.line, there.column);
  }

  #fields(ename, evalue, traceback, line, column) {
    const clean = (text) => cut(text).toWellFormed();
    return { ename, evalue: clean(evalue), traceback: traceback.map(clean), line, column, fatal: true, detail: {} };
  }

  #frame(lines, name) {
    for (const line of lines) {
      const found = /^\s*at .*?\b(cell[\w-]*):(\d+):(\d+)\)?( \{)?$/.exec(line);
      if (found && found[1] === name) return { line: Number(found[2]), column: Number(found[3]) };
    }
    return { line: 0, column: 0 };
  }

  #excerpt(name, { line, column }) {
    const text = line > 0 ? this.#sources.line(name, line) : null;
    if (text === null || text.length > 300) return [];
    const blank = [...text].slice(0, column - 1).map((c) => (c === '\t' ? '\t' : ' ')).join('');
    return [`${name}:${line}`, text, `${blank}^`];
  }
}

const CUT = 100_000;

function cut(text) {
  return text.length <= CUT ? text : `${text.slice(0, CUT)}… (cut: ${text.length} characters)`;
}

function safely(compute, otherwise) {
  try {
    return compute();
  } catch {
    return otherwise;
  }
}

/** What V8 says of a construct that makes no sense to say in a cell. */
export function explain(message) {
  return message.replace('Cannot use import statement outside a module', 'this import statement is not complete');
}
