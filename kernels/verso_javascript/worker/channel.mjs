// The engine's side of the conversation: one JSON object a line (docs/wire.md).
import fs from 'node:fs';
import process from 'node:process';

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Writes messages to the engine; ids of what a cell puts out are added here. */
export class Channel {
  #fd;
  /** The id of the execute request whose outputs come now (after it ended: the one that ran last). */
  current = null;

  constructor(fd) {
    this.#fd = fd;
  }

  /** Sends one message, whole, before it returns. */
  send(message) {
    const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
    let done = 0;
    while (done < bytes.length) {
      try {
        done += fs.writeSync(this.#fd, bytes, done);
      } catch (error) {
        if (error.code === 'EAGAIN') Atomics.wait(pause, 0, 0, 1);
        else process.exit(0); // the engine is gone
      }
    }
  }

  /** Sends an output of the cell. */
  put(type, fields) {
    this.send({ type, id: this.current, ...fields });
  }

  /** Sends text that the user's code printed. */
  print(name, text) {
    this.put('stream', { name, text: text.toWellFormed() });
  }
}
