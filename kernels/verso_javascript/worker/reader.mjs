// A thread that reads the channel, so that an interrupt is heard while the main thread is busy.
import fs from 'node:fs';
import inspector from 'node:inspector';
import process from 'node:process';
import { isMainThread, workerData } from 'node:worker_threads';
import { ANSWERED, FREE, GRACE, INTERRUPTED, NEVER } from './shared.mjs';
import { endFamily } from './family.mjs';

const { fd, port, answers, flags } = workerData;

/** Gives the main thread a moment to hear of it by itself; if it does not, its code is stopped where it is. */
function interrupt(message) {
  Atomics.store(flags, FREE, 0);
  Atomics.store(flags, INTERRUPTED, 1);
  Atomics.notify(flags, ANSWERED);
  port.postMessage(message);
  if (Atomics.wait(flags, FREE, 0, GRACE) !== 'timed-out') return;
  const session = new inspector.Session();
  session.connectToMainThread();
  session.post('Runtime.terminateExecution');
  session.disconnect();
}

function handle(line) {
  if (line.trim() === '') return;
  let message;
  try {
    message = JSON.parse(line);
  } catch (error) {
    port.postMessage({ type: 'unreadable', message: `the worker could not read a line: ${error.message}` });
    return;
  }
  if (message.type === 'interrupt') interrupt(message);
  else if (message.type === 'input_reply') {
    answers.postMessage(message.value);
    Atomics.store(flags, ANSWERED, 1);
    Atomics.notify(flags, ANSWERED);
  } else port.postMessage(message);
}

function read() {
  const chunk = Buffer.allocUnsafe(1 << 16);
  let parts = [];
  for (;;) {
    let count;
    try {
      count = fs.readSync(fd, chunk, 0, chunk.length, null);
    } catch (error) {
      if (error.code === 'EAGAIN') {
        Atomics.wait(flags, NEVER, 0, 1);
        continue;
      }
      count = 0;
    }
    if (count === 0) return endFamily(process);
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1 && end < count; end = chunk.indexOf(10, start)) {
      parts.push(Buffer.from(chunk.subarray(start, end)));
      handle(Buffer.concat(parts).toString());
      parts = [];
      start = end + 1;
    }
    if (start < count) parts.push(Buffer.from(chunk.subarray(start, count)));
  }
}

if (!isMainThread) read();
