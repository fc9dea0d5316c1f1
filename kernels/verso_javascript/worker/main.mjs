// The worker of the JavaScript and TypeScript kernel: `node main.mjs READ_FD WRITE_FD`.
import process from 'node:process';
import { MessageChannel, Worker } from 'node:worker_threads';
import { Channel } from './channel.mjs';
import { writable } from './descriptors.mjs';
import { hasArrow } from './packages.mjs';

const OLDEST = 20;
if (Number(process.versions.node.split('.')[0]) < OLDEST) {
  process.stderr.write(`Node.js ${process.versions.node} is too old for this kernel: it needs ${OLDEST} or newer\n`);
  process.exit(1);
}

const [readFd, writeFd] = process.argv.slice(2).map(Number);
const flags = new Int32Array(new SharedArrayBuffer(16));
const requests = new MessageChannel();
const answers = new MessageChannel();

const loading = import('./kernel.mjs'); // while the thread comes up
const reader = new Worker(new URL('./reader.mjs', import.meta.url), {
  workerData: { fd: readFd, port: requests.port2, answers: answers.port2, flags },
  transferList: [requests.port2, answers.port2],
});
reader.unref();

// Requests are taken from here on: they wait at the port for what is being loaded.
const channel = new Channel(writable(writeFd));
const { node, v8, deno } = process.versions;
const told = { language: 'javascript', version: deno ?? node, program: process.execPath, arrow: hasArrow(process.cwd()) };
channel.send({ type: 'ready', protocol: 1, ...told, detail: { runtime: deno === undefined ? 'node' : 'deno', v8 } });
const { begin } = await loading;
begin({ channel, flags, requests: requests.port1, answers: answers.port1 });
