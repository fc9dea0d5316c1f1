// The user's console and standard streams: what is printed goes through the channel, in order with all other outputs.
import { Console } from 'node:console';
import fs from 'node:fs';
import process from 'node:process';
import { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';

const NAMES = { 1: 'stdout', 2: 'stderr' };
/** Milliseconds in which the engine reads what a child has written straight to our standard output. */
const CATCH_UP = 5;

class ChannelStream extends Writable {
  #print;
  #decoder = new StringDecoder('utf8');

  constructor(fd, print) {
    super({ decodeStrings: false });
    this.fd = fd;
    this.isTTY = false;
    this.#print = print;
  }

  _write(chunk, encoding, done) {
    const text = typeof chunk === 'string' ? chunk : this.#decoder.write(chunk);
    if (text !== '') this.#print(NAMES[this.fd], text);
    done();
  }
}

/** Puts the console, `process.stdout`, `process.stderr` and `fs.writeSync(1 | 2)` on the channel. */
export function capture(global, channel) {
  const print = (name, text) => channel.print(name, text);
  const streams = { stdout: new ChannelStream(1, print), stderr: new ChannelStream(2, print) };
  for (const [name, stream] of Object.entries(streams)) {
    Object.defineProperty(process, name, { value: stream, configurable: true, enumerable: true, writable: true });
  }
  const made = new Console({ ...streams, colorMode: false, groupIndentation: 2 });
  Object.defineProperty(global, 'console', { value: made, configurable: true, enumerable: false, writable: true });
  const writeSync = fs.writeSync;
  fs.writeSync = function (fd, data, ...rest) {
    if (NAMES[fd] === undefined) return writeSync.call(fs, fd, data, ...rest);
    const bytes = typeof data === 'string' ? Buffer.from(data) : slice(data, ...rest);
    print(NAMES[fd], bytes.toString());
    return bytes.length;
  };
  for (const name of ['spawnSync', 'execFileSync', 'execSync']) waitFor(name);
  syncBuiltinESMExports();
  return writeSync;
}

function slice(data, offset = 0, length = data.byteLength - offset) {
  return Buffer.from(data.buffer, data.byteOffset + offset, length);
}

/** After a child that may have written to our streams: lets that be read before we write more. */
function waitFor(name) {
  const original = childProcess[name];
  const pause = new Int32Array(new SharedArrayBuffer(4));
  childProcess[name] = function (...given) {
    try {
      return original.apply(childProcess, given);
    } finally {
      Atomics.wait(pause, 0, 0, CATCH_UP);
    }
  };
}
