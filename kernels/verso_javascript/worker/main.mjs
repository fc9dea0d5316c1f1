// The worker of the JavaScript and TypeScript kernel: `node main.mjs READ_FD WRITE_FD`.
import process from 'node:process';
import { MessageChannel, Worker } from 'node:worker_threads';

const [readFd, writeFd] = process.argv.slice(2).map(Number);
const flags = new Int32Array(new SharedArrayBuffer(16));
const requests = new MessageChannel();
const answers = new MessageChannel();

// The thread comes up while the rest is loaded.
const reader = new Worker(new URL('./reader.mjs', import.meta.url), {
  workerData: { fd: readFd, port: requests.port2, answers: answers.port2, flags },
  transferList: [requests.port2, answers.port2],
});
reader.unref();
const { begin } = await import('./kernel.mjs');
begin({ writeFd, flags, requests: requests.port1, answers: answers.port1 });
