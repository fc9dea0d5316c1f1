// Positions in a cell: from the text that was evaluated back to the text that the user wrote.

/** The sources of the cells that ran, by the name that stack traces have. */
export class Sources {
  #byName = new Map();

  /** Remembers a cell. `moves`: [new start, new length, old start, old length] of each edit that changed a length. */
  add(name, original, evaluated, moves = []) {
    this.#byName.set(name, { original, evaluated, moves });
  }

  /** The user's {line, column} (from 1, in code points) for a line and column from 1 in what was evaluated. */
  locate(name, line, column) {
    const source = this.#byName.get(name);
    if (source === undefined) return { line, column };
    const { original, evaluated, moves } = source;
    return place(original, unmove(offset(evaluated, line, column), moves));
  }

  /** The text of a line of a cell, or null. */
  line(name, line) {
    return this.#byName.get(name)?.original.split('\n')[line - 1] ?? null;
  }

  /** Stack text with the positions of all known cells led back. */
  restore(text) {
    return text.replace(/\b(cell[\w-]*):(\d+):(\d+)/g, (whole, name, line, column) => {
      if (!this.#byName.has(name)) return whole;
      const there = this.locate(name, Number(line), Number(column));
      return `${name}:${there.line}:${there.column}`;
    });
  }

  has(name) {
    return this.#byName.has(name);
  }
}

function offset(text, line, column) {
  let start = 0;
  for (let n = 1; n < line; n++) {
    const end = text.indexOf('\n', start);
    if (end === -1) break;
    start = end + 1;
  }
  return Math.min(start + column - 1, text.length);
}

function unmove(at, moves) {
  let shift = 0;
  for (const [start, length, was, wasLength] of moves) {
    if (at < start) break;
    if (at < start + length) return was;
    shift = was + wasLength - (start + length);
  }
  return at + shift;
}

function place(text, at) {
  const before = text.slice(0, at);
  const start = before.lastIndexOf('\n') + 1;
  let line = 1;
  for (let n = before.indexOf('\n'); n !== -1; n = before.indexOf('\n', n + 1)) line += 1;
  return { line, column: [...before.slice(start)].length + 1 };
}
