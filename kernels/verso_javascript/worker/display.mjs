// display(value, mime), displays that change, and clearing.
import process from 'node:process';
import { bundle, typed } from './bundle.mjs';

/** Stands for something displayed; `update` changes it wherever in the notebook it is. */
export class DisplayHandle {
  #put;

  constructor(id, put) {
    this.id = id;
    this.#put = put;
  }

  /** Shows another value in the same place. */
  update(value, mime) {
    return this.#put('update_display_data', this.id, value, mime);
  }
}

/** Makes the `display` function of the user. `pending(promise)` is told of displays whose view comes later. */
export function makeDisplay(channel, pending) {
  let count = 0;

  function put(type, id, value, mime, metadata = {}) {
    const send = (data) => channel.put(type, { data, metadata, ...(id === null ? {} : { display_id: id }) });
    const data = mime === undefined ? bundle(value) : typed(value, mime);
    if (typeof data.then === 'function') pending(data.then(send));
    else send(data);
  }

  /** Shows a value. `mime`: the type of a string or bytes; or options `{mime, id, metadata}`. */
  function display(value, mime) {
    const options = typeof mime === 'object' && mime !== null ? mime : { mime };
    const id = options.id ?? `js-${process.pid}-${(count += 1)}`;
    put('display_data', String(id), value, options.mime, options.metadata);
    return new DisplayHandle(String(id), (type, where, content, kind) => put(type, where, content, kind));
  }

  display.html = (text) => display(text, 'text/html');
  display.markdown = (text) => display(text, 'text/markdown');
  display.svg = (text) => display(text, 'image/svg+xml');
  display.clear = (wait = false) => channel.put('clear_output', { wait: Boolean(wait) });
  return display;
}
