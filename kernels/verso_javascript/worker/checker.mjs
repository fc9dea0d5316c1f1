// Real type errors, from the `tsc` that the notebook can see (its node_modules, its #!npm packages, PATH).
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';

/** Codes about what a cell may do and a module may not: redeclaring, top-level await, names that live in the kernel. */
const PERMITTED = new Set([1375, 1378, 1432, 2300, 2451, 2304, 2552, 2580, 2581, 2582, 2584, 2591, 2592, 2593]);
const NAMES = new Set([2304, 2552, 2580, 2581, 2582, 2584, 2591, 2592, 2593]);
/** Modules without types, which may well be there. */
const MODULES = new Set([2307, 2591, 7016]);
const LIMIT = 30_000;

export class Checker {
  #loader;
  #global;

  constructor(loader, global) {
    this.#loader = loader;
    this.#global = global;
  }

  /** The diagnostics of a cell; none where no checker is installed. `earlier`: cells that ran before, whose
   *  declarations have the types that this one is checked against. */
  async check(code, earlier) {
    const program = this.#find();
    if (program === null) return [];
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'verso-tsc-'));
    try {
      return await this.#run(program, folder, code, earlier);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }

  #find() {
    const places = this.#loader.folders.map((folder) => path.join(folder, 'node_modules', '.bin'));
    for (const folder of [...places, ...(process.env.PATH ?? '').split(path.delimiter)]) {
      const file = path.join(folder, 'tsc');
      if (fs.existsSync(file)) return file;
    }
    return null;
  }

  async #run(program, folder, code, earlier) {
    const names = earlier.map((text, n) => {
      const name = path.join(folder, `before-${n + 1}.ts`);
      fs.writeFileSync(name, text);
      return name;
    });
    const file = path.join(folder, 'cell.ts');
    fs.writeFileSync(file, code);
    const types = this.#loader.folders.map((one) => path.join(one, 'node_modules', '@types')).filter((one) => fs.existsSync(one));
    const flags = ['--noEmit', '--pretty', 'false', '--target', 'esnext', '--module', 'esnext', '--moduleResolution', 'bundler', '--skipLibCheck', '--strict', '--noImplicitAny', 'false', '--moduleDetection', 'auto'];
    if (types.length > 0) flags.push('--typeRoots', types.join(','), '--types', '*');
    const text = await new Promise((resolve) => {
      execFile(program, [...flags, ...names, file], { timeout: LIMIT, cwd: folder, maxBuffer: 1 << 24 }, (error, stdout) => resolve(stdout));
    });
    return text.split('\n').flatMap((line) => this.#diagnostic(line, code));
  }

  #diagnostic(line, code) {
    const found = /^(?:.*[\\/])?cell\.ts\((\d+),(\d+)\): (error|warning) TS(\d+): (.*)$/.exec(line);
    if (found === null) return [];
    const [row, column, number] = [Number(found[1]), Number(found[2]), Number(found[4])];
    if (MODULES.has(number) && this.#isThere(found[5])) return [];
    if (PERMITTED.has(number) && !(NAMES.has(number) && this.#isUnknown(found[5]))) return [];
    const text = code.split('\n')[row - 1] ?? '';
    const word = /^[\p{ID_Continue}$]+/u.exec(text.slice(column - 1))?.[0] ?? ' ';
    const start = [...text.slice(0, column - 1)].length + 1;
    return [{ message: found[5], severity: found[3], line: row, column: start, end_line: row, end_column: start + [...word].length, code: `TS${number}`, source: 'typescript' }];
  }

  #isThere(message) {
    try {
      return this.#loader.require.resolve(/'([^']+)'/.exec(message)[1]) !== '';
    } catch {
      return false;
    }
  }

  #isUnknown(message) {
    const name = /'([^']+)'/.exec(message)?.[1];
    return name !== undefined && !(name in this.#global);
  }
}
