// The two descriptors that the engine hands over. Deno numbers descriptors in its own way and opens them by their path.
import fs from 'node:fs';
import net from 'node:net';
import process from 'node:process';

const isDeno = process.versions.deno !== undefined;

/** A number that `fs.writeSync` takes for the inherited descriptor. */
export function writable(fd) {
  return isDeno ? fs.openSync(`/dev/fd/${fd}`, 'w') : fd;
}

/** Calls `take` with each piece that can be read, and `end` when there will be no more. */
export function read(fd, take, end) {
  if (isDeno) return readBlocking(fs.openSync(`/dev/fd/${fd}`, 'r'), take, end);
  const channel = new net.Socket({ fd, readable: true, writable: false });
  channel.on('data', take);
  channel.on('error', end);
  channel.on('close', end);
  return undefined;
}

function readBlocking(fd, take, end) {
  const chunk = Buffer.allocUnsafe(1 << 16);
  for (let count = fs.readSync(fd, chunk); count > 0; count = fs.readSync(fd, chunk)) {
    take(Buffer.from(chunk.subarray(0, count)));
  }
  end();
}
