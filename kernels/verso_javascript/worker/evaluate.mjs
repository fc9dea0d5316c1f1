// Evaluates scripts in V8's REPL mode (top-level await, the value of the last statement), through the inspector that
// runs in this very thread: no parser and no wrapper of ours stands between the user's code and the engine.
import inspector from 'node:inspector';

const GROUP = 'cell';

/** How an evaluation ended: `{value}`, `{thrown}`, `{syntax, line, column}` (from 1) or `{terminated: true}`. */
export class Evaluator {
  #session = new inspector.Session();
  #catch;

  constructor(global) {
    this.#session.connect();
    Object.defineProperty(global, Symbol.for('verso.catch'), { value: (value) => (this.#catch = value) });
  }

  /** Runs code that stack traces call `name`. */
  async run(code, name) {
    const reply = await this.#post('Runtime.evaluate', {
      expression: `${code}\n//# sourceURL=${name}`,
      replMode: true,
      silent: true,
      objectGroup: GROUP,
    });
    if (reply.error) return { terminated: true };
    const { result, exceptionDetails: details } = reply;
    const outcome = details === undefined ? await this.#real(result) : await this.#failure(details);
    const holds = details !== undefined || result.objectId !== undefined;
    if (holds) this.#session.post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
    return outcome;
  }

  /** The value of an expression that has no side effects, or undefined: for completion and inspection. */
  async peek(expression) {
    const reply = await this.#post('Runtime.evaluate', {
      expression: `(${expression}\n)`,
      throwOnSideEffect: true,
      silent: true,
      timeout: 500,
      objectGroup: GROUP,
    });
    if (reply.error || reply.exceptionDetails) return { found: false };
    return { found: true, ...(await this.#real(reply.result)) };
  }

  /** Why code does not parse (`{message, line, column}`, from 1), or null. */
  async check(code) {
    const head = 'async () => {';
    await this.#post('Runtime.enable');
    const reply = await this.#post('Runtime.compileScript', { expression: `${head}${code}\n}`, sourceURL: '', persistScript: false });
    await this.#post('Runtime.disable');
    if (reply.error) throw reply.error;
    const details = reply.exceptionDetails;
    if (details === undefined) return null;
    const line = details.lineNumber + 1;
    const column = details.columnNumber + 1 - (line === 1 ? head.length : 0);
    const { value: error } = await this.#real(details.exception);
    return { message: error?.message ?? details.text, line, column: Math.max(column, 1) };
  }

  async #failure(details) {
    const { value: thrown } = await this.#real(details.exception);
    const stack = thrown instanceof SyntaxError ? String(thrown.stack) : '';
    // A script that did not parse has a position and no frame; one that threw has been running in a frame.
    const parsed = /^\s+at (async )?(.* \()?cell[\w-]*:\d/m.test(stack);
    if (thrown instanceof SyntaxError && !parsed) {
      return { syntax: thrown, line: details.lineNumber + 1, column: details.columnNumber + 1 };
    }
    return { thrown };
  }

  /** The value itself and not its remote description, in a box: it may be a promise. */
  async #real(remote) {
    if (remote.objectId === undefined) {
      if (remote.type === 'bigint') return { value: BigInt(remote.unserializableValue.slice(0, -1)) };
      return { value: remote.unserializableValue === undefined ? remote.value : Number(remote.unserializableValue) };
    }
    await this.#post('Runtime.callFunctionOn', {
      objectId: remote.objectId,
      functionDeclaration: "function () { 'use strict'; globalThis[Symbol.for('verso.catch')](this); }",
      silent: true,
    });
    const value = this.#catch;
    this.#catch = undefined;
    return { value };
  }

  #post(method, parameters) {
    return new Promise((resolve) => {
      this.#session.post(method, parameters, (error, reply) => resolve(error ? { error } : reply));
    });
  }
}
