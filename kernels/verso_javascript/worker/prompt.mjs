// prompt() and its kin: questions that block until the person at the notebook has answered.
import { receiveMessageOnPort } from 'node:worker_threads';
import { ANSWERED, INTERRUPTED } from './shared.mjs';

/** Makes the functions that ask. `allowed()`: whether questions can be answered now. */
export function makePrompt(channel, flags, answers, allowed) {
  let count = 0;

  function ask(request) {
    if (!allowed()) throw new Error('input was asked for, and nobody is there to answer');
    const id = `js-${(count += 1)}`;
    while (receiveMessageOnPort(answers) !== undefined);
    Atomics.store(flags, ANSWERED, 0);
    channel.put('input_request', { input_id: id, ...request });
    Atomics.wait(flags, ANSWERED, 0);
    if (Atomics.load(flags, INTERRUPTED) === 1) throw new Error('the question was interrupted');
    return receiveMessageOnPort(answers)?.message ?? null;
  }

  return {
    prompt: (message = '', otherwise = null) => ask({ prompt: String(message), kind: 'line' }) ?? otherwise,
    confirm: (message = '') => /^y(es)?$/i.test(ask({ prompt: `${message} [y/N] `, kind: 'line' }) ?? ''),
    alert: (message = '') => channel.print('stdout', `${message}\n`),
    secret: (message = '') => ask({ prompt: String(message), kind: 'secret' }),
  };
}
