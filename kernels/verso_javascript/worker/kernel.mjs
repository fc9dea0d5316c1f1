// Puts the parts of the kernel together.
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { Arrow } from './arrow.mjs';
import { capture } from './console.mjs';
import { makeDisplay } from './display.mjs';
import { Evaluator } from './evaluate.mjs';
import { Decimal, Duration, Time, UUID } from './exact.mjs';
import { Failures, formatStacks } from './failures.mjs';
import { Loader } from './loader.mjs';
import { Sources } from './positions.mjs';
import { parse } from './messages.mjs';
import { hasArrow } from './packages.mjs';
import { makePrompt } from './prompt.mjs';
import { Session } from './session.mjs';
import { Variables } from './variables.mjs';

const HERE = new URL('.', import.meta.url).href;

/** Starts to answer the engine. `requests`: the port on which the reader thread passes messages on. */
export function begin({ channel, flags, requests, answers }) {
  const folder = process.cwd();
  const sources = new Sources();
  const loader = new Loader(folder);
  const evaluator = new Evaluator(globalThis);
  const session = new Session({ channel, sources, evaluator, flags, failures: new Failures(sources) });
  const display = makeDisplay(channel, (promise) => session.pending(promise));
  const { secret, ...questions } = makePrompt(channel, flags, answers, () => session.mayAsk);

  offer({ display, require: loader.require, ...questions, __dirname: folder });
  offer({ verso: Object.freeze({ display, secret, Decimal, Duration, Time, UUID }) });
  offer({
    $$load: (specifier, options, wanted) => loader.load(specifier, options, wanted),
    $$meta: { url: pathToFileURL(`${folder}/cell.mjs`).href, dirname: folder, resolve: (name) => resolve(loader, name) },
    $$packages: (where) => {
      loader.addPackages(where);
      session.takesArrow ||= hasArrow(where);
    },
    $$const: (...names) => names.forEach((name) => session.variables.guard(name)),
  });
  capture(globalThis, channel);
  session.variables = new Variables(globalThis, new Arrow(loader));
  session.introspection = once(async () => {
    const { Introspection } = await import('./introspect.mjs');
    return new Introspection(evaluator, loader, globalThis);
  });
  session.checker = once(async () => {
    const { Checker } = await import('./checker.mjs');
    return new Checker(loader, globalThis);
  });

  process.on('uncaughtException', (error) => session.uncaught(error));
  process.on('unhandledRejection', (reason) => session.uncaught(reason));
  process.removeAllListeners('warning');
  process.on('warning', (warning) => warning.name === 'ExperimentalWarning' || channel.print('stderr', `${warning}\n`));
  process.on('SIGINT', () => {}); // the engine asks through the channel; what the user started hears the signal
  Error.stackTraceLimit = 30;
  formatStacks(sources, HERE);
  requests.on('message', (message) => session.receive(typeof message === 'string' ? parse(message) : message));
}

/** Gives the user global names that are no variables of theirs. */
function offer(names) {
  for (const [name, value] of Object.entries(names)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true, enumerable: false });
  }
}

function once(make) {
  let made;
  return () => (made ??= make());
}

function resolve(loader, name) {
  const found = loader.require.resolve(name);
  return found.startsWith('/') || /^[A-Za-z]:/.test(found) ? pathToFileURL(found).href : found;
}
