// The worker of the JavaScript and TypeScript kernel: `node main.mjs READ_FD WRITE_FD`.
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import { Channel } from './channel.mjs';
import { capture } from './console.mjs';
import { makeDisplay } from './display.mjs';
import { Evaluator } from './evaluate.mjs';
import { Decimal, Duration, Time, UUID } from './exact.mjs';
import { Failures, formatStacks } from './failures.mjs';
import { Loader } from './loader.mjs';
import { Sources } from './positions.mjs';
import { makePrompt } from './prompt.mjs';
import { Session } from './session.mjs';
import { Variables } from './variables.mjs';

const [readFd, writeFd] = process.argv.slice(2).map(Number);
const folder = process.cwd();
const flags = new Int32Array(new SharedArrayBuffer(16));
const requests = new MessageChannel();
const answers = new MessageChannel();

const channel = new Channel(writeFd);
const sources = new Sources();
const loader = new Loader(folder);
const evaluator = new Evaluator(globalThis);
const session = new Session({
  channel,
  sources,
  evaluator,
  flags,
  failures: new Failures(sources),
});

function offer(name, value) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true, enumerable: false });
}

const display = makeDisplay(channel, (promise) => session.pending(promise));
const { secret, ...questions } = makePrompt(channel, flags, answers.port1, () => session.mayAsk);
for (const [name, value] of Object.entries({ display, require: loader.require, ...questions })) offer(name, value);
offer('__dirname', folder);
offer('verso', Object.freeze({ display, secret, Decimal, Duration, Time, UUID }));
offer('$$load', (specifier, options, wanted) => loader.load(specifier, options, wanted));
offer('$$meta', { url: pathToFileURL(`${folder}/cell.mjs`).href, dirname: folder, resolve: (name) => pathToFileURL(loader.require.resolve(name)).href });
offer('$$packages', (where) => loader.addPackages(where));
capture(globalThis, channel);
offer('$$const', (...names) => names.forEach((name) => session.variables.guard(name)));
session.variables = new Variables(globalThis);

let introspection;
session.introspection = async () => (introspection ??= new (await import('./introspect.mjs')).Introspection(evaluator, loader, globalThis));
let checker;
session.checker = async () => (checker ??= new (await import('./checker.mjs')).Checker(loader, globalThis));

process.on('uncaughtException', (error) => session.uncaught(error));
process.on('unhandledRejection', (reason) => session.uncaught(reason));
process.on('SIGINT', () => {}); // the engine asks through the channel; what the user started hears the signal
Error.stackTraceLimit = 30;
formatStacks(sources, new URL('.', import.meta.url).href);

requests.port1.on('message', (message) => session.receive(message));
const reader = new Worker(new URL('./reader.mjs', import.meta.url), {
  workerData: { fd: readFd, port: requests.port2, answers: answers.port2, flags },
  transferList: [requests.port2, answers.port2],
  stdin: false,
});
reader.unref();
channel.send({ type: 'ready', protocol: 1, language: 'javascript', version: process.versions.node, program: process.execPath, arrow: false, detail: { runtime: 'node', v8: process.versions.v8 } });
