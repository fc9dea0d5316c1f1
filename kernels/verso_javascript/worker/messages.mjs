// Lines of the channel as messages.

/** The message of a line; one of the type `unreadable` where it is none. */
export function parse(line) {
  try {
    return JSON.parse(line);
  } catch (error) {
    return { type: 'unreadable', message: `the worker could not read a line: ${error.message}` };
  }
}
