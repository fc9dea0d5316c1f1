// A thread that reads the channel, so that an interrupt is heard while the main thread is busy.
import inspector from 'node:inspector';
import process from 'node:process';
import { workerData } from 'node:worker_threads';
import { read } from './descriptors.mjs';
import { endFamily } from './family.mjs';
import { parse } from './messages.mjs';
import { ANSWERED, FREE, GRACE, INTERRUPTED } from './shared.mjs';

const { fd, port, answers, flags } = workerData;

/** Text is handed over faster than the objects that it stands for. */
const LARGE = 100_000;
const VALUE = /^\s*\{"type":\s*"set_variable"/;

/** Gives the main thread a moment to hear of it by itself; if it does not, its code is stopped where it is. */
function interrupt(message) {
  Atomics.store(flags, FREE, 0);
  Atomics.store(flags, INTERRUPTED, 1);
  Atomics.notify(flags, ANSWERED);
  port.postMessage(message);
  if (Atomics.wait(flags, FREE, 0, GRACE) !== 'timed-out') return;
  const session = new inspector.Session();
  try {
    session.connectToMainThread();
    session.post('Runtime.terminateExecution');
    session.disconnect();
  } catch {
    // Deno can't: the engine waits for code that does not stop by itself, and kills the kernel then
  }
}

function answer(value) {
  answers.postMessage(value);
  Atomics.store(flags, ANSWERED, 1);
  Atomics.notify(flags, ANSWERED);
}

function handle(line) {
  if (line.length > LARGE && VALUE.test(line.slice(0, 200))) return port.postMessage(line); // a table: parsed where it is used
  if (line.trim() === '') return;
  const message = parse(line);
  if (message.type === 'interrupt') interrupt(message);
  else if (message.type === 'input_reply') answer(message.value);
  else port.postMessage(message);
}

let parts = [];

function take(chunk) {
  let start = 0;
  for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
    parts.push(chunk.subarray(start, end));
    const line = Buffer.concat(parts).toString();
    parts = [];
    start = end + 1;
    handle(line);
  }
  if (start < chunk.length) parts.push(chunk.subarray(start));
}

read(fd, take, () => endFamily(process)); // at the end the engine is gone
