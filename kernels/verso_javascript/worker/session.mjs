// Handles the engine's requests, one after the other.
import process from 'node:process';
import { bundle } from './bundle.mjs';
import { DisplayHandle } from './display.mjs';
import { explain } from './failures.mjs';
import { FREE, INTERRUPTED } from './shared.mjs';

/** The conversation with the engine. Collaborators are handed in. */
export class Session {
  #waiting = [];
  #busy = false;
  #running = null;
  #count = 0;
  #late = [];
  #typed = [];

  constructor(parts) {
    Object.assign(this, parts);
  }

  /** Whether tables can come as Arrow files: known at the start, and again when a package was installed. */
  takesArrow = undefined;

  /** Whether the running cell may ask questions. */
  get mayAsk() {
    return this.#running?.allow_input === true;
  }

  /** Takes a message from the reader. */
  receive(message) {
    if (message.type === 'interrupt') return this.#interrupt(message);
    if (message.type === 'unreadable') return this.channel.send({ type: 'protocol_error', message: message.message });
    this.#waiting.push(message);
    return this.#next();
  }

  #next() {
    if (this.#busy || this.#waiting.length === 0) return;
    this.#busy = true;
    this.#handle(this.#waiting.shift());
  }

  /** Sends a request's last message. The next request begins in a turn of its own: code that was terminated takes the
   *  promises with it that were about to be settled, so nothing here may depend on one. */
  #reply(id, fields) {
    this.channel.send({ type: 'reply', id, status: 'ok', ...fields });
    setImmediate(() => {
      this.#busy = false;
      this.#next();
    });
  }

  /** Waits for a display whose view is made asynchronously before the cell ends. */
  pending(promise) {
    this.#late.push(promise);
    promise.catch(() => {});
  }

  /** An exception that nothing caught: an error of the running cell, or text on stderr when none runs. */
  uncaught(thrown) {
    const running = this.#running;
    if (running !== null) {
      running.failed = true;
      this.channel.put('error', this.failures.describe(thrown, running.name));
    } else {
      this.channel.print('stderr', `${this.failures.describe(thrown, '').traceback.join('\n')}\n`);
    }
  }

  async #handle(message) {
    const reply = (fields) => this.#reply(message.id, fields);
    try {
      switch (message.type) {
        case 'execute':
          return await this.#execute(message);
        case 'complete':
          return reply(await (await this.introspection()).complete(message.code, message.position));
        case 'inspect':
          return reply(await (await this.introspection()).inspect(message.code, message.position));
        case 'diagnose':
          return reply(await this.#diagnose(message));
        case 'variables':
          return reply({ variables: this.variables.list() });
        case 'get_variable':
          return reply(await this.#get(message));
        case 'set_variable':
          return reply(await this.#set(message.name, message.value));
        case 'shutdown':
          reply({});
          return this.leave();
        default:
          return reply({ status: 'error', message: `unknown message type ${message.type}` });
      }
    } catch (error) {
      return reply({ status: 'error', message: String(error?.message ?? error) });
    }
  }

  async #execute(message) {
    const { name, prepared = {} } = message;
    const code = prepared.code ?? message.code;
    const running = { id: message.id, name, code: message.code, replaced: prepared.replaces ?? [], failed: false, allow_input: message.allow_input };
    const declares = Object.keys(prepared.declares ?? {});
    if (message.language === 'typescript') running.typed = { code: message.code, declares };
    this.#typed = this.#unlike(declares);
    this.#running = running;
    this.#late = [];
    this.channel.current = message.id;
    this.#count += 1;
    this.sources.add(name, message.code, code, prepared.moves);
    const undo = this.variables.declare(prepared.declares ?? {}, prepared.assigns ?? []);
    const { refused } = prepared;
    const outcome = refused === undefined ? await this.evaluator.run(code, name) : { syntax: refused, ...refused };
    if (this.#running !== running || this.#isInterrupted) return; // the interrupt ends it
    if (outcome.terminated) return this.#end(running, 'cancelled');
    if (!('value' in outcome)) undo();
    await this.#show(outcome, prepared.shows ?? true, running);
    while (this.#late.length > 0) await this.#late.shift().catch((error) => this.uncaught(error));
    await new Promise((resolve) => setImmediate(resolve)); // rejections that nothing handled are known by then
    if (this.#running === running && !this.#isInterrupted) this.#end(running, running.failed ? 'error' : 'ok');
  }

  /** The cell is over: what it changed, and how it ended. */
  #end(running, status) {
    this.#running = null;
    if (status === 'ok' && running.typed !== undefined) this.#typed.push(running.typed);
    if (status === 'cancelled') this.channel.put('error', interrupted(running.name));
    const changes = { ...this.variables.changes(running.code), replaced: status === 'ok' ? running.replaced : [] };
    this.#reply(running.id, { status, execution_count: this.#count, arrow: this.takesArrow, changes, detail: {} });
  }

  get #isInterrupted() {
    return Atomics.load(this.flags, INTERRUPTED) === 1;
  }

  /** The TypeScript cells whose names are still what they declared. */
  #unlike(declares) {
    return this.#typed.filter((cell) => !cell.declares.some((name) => declares.includes(name)));
  }

  async #show(outcome, shows, running) {
    if ('syntax' in outcome) {
      running.failed = true;
      this.channel.put('error', this.failures.syntax(outcome.syntax, running.name, outcome));
    } else if ('thrown' in outcome) {
      running.failed = true;
      this.channel.put('error', this.failures.describe(outcome.thrown, running.name));
    } else if (shows && outcome.value !== undefined && !(outcome.value instanceof DisplayHandle)) {
      try {
        const data = await bundle(outcome.value);
        if (this.#running === running) this.channel.put('execute_result', { data, metadata: {}, execution_count: this.#count });
      } catch (error) {
        this.uncaught(error);
      }
    }
  }

  #interrupt(message) {
    Atomics.store(this.flags, FREE, 1);
    Atomics.notify(this.flags, FREE);
    Atomics.store(this.flags, INTERRUPTED, 0);
    const running = this.#running;
    if (running === null || (message.id != null && message.id !== running.id)) {
      this.channel.send({ type: 'not_running', id: message.id ?? null });
      return;
    }
    this.channel.send({ type: 'stopping', id: running.id });
    this.#end(running, 'cancelled');
  }

  async #diagnose(message) {
    const prepared = message.prepared ?? {};
    const code = prepared.code ?? message.code;
    const name = 'cell-diagnosed';
    this.sources.add(name, message.code, code, prepared.moves);
    const wrong = prepared.refused ?? (await this.evaluator.check(code));
    if (wrong === null) {
      if (message.language !== 'typescript') return { diagnostics: [], incomplete: false };
      const earlier = this.#unlike(Object.keys(prepared.declares ?? {})).map((cell) => cell.code);
      return { diagnostics: await (await this.checker()).check(message.code, earlier), incomplete: false };
    }
    const lines = code.split('\n').length;
    const incomplete = wrong.line > lines || /^(Unexpected end of input|Unterminated template literal)/.test(wrong.message);
    const at = this.sources.locate(name, Math.min(wrong.line, lines), wrong.line > lines ? code.length - code.lastIndexOf('\n') : wrong.column);
    const end = { end_line: at.line, end_column: at.column + 1 };
    const diagnostic = { message: explain(wrong.message), severity: 'error', ...at, ...end, code: '', source: 'javascript' };
    return { diagnostics: [diagnostic], incomplete };
  }

  async #get({ name, arrow, exchange }) {
    if (!this.variables.has(name)) return { status: 'error', what: 'unknown', message: `there is no JavaScript variable ${name}` };
    try {
      return { value: await this.variables.get(name, arrow && exchange ? exchange : null) };
    } catch (error) {
      return { status: 'error', what: 'untransferable', message: `${name}: ${error?.message ?? error}` };
    }
  }

  async #set(name, value) {
    try {
      new Function(`"use strict"; var ${name};`);
      if (['NaN', 'Infinity', 'undefined'].includes(name)) throw new SyntaxError('a constant of the language');
    } catch {
      return { status: 'error', what: 'name', message: `${JSON.stringify(name)} is no name that a JavaScript variable can have` };
    }
    await this.variables.set(name, value);
    return {};
  }

  /** Ends the process once the reply is out. */
  leave() {
    process.exit(0);
  }
}

function interrupted(name) {
  return { ename: 'Interrupted', evalue: 'the cell was interrupted', traceback: [`Interrupted: ${name} was interrupted; variables are kept`], line: 0, column: 0, fatal: true, detail: {} };
}
