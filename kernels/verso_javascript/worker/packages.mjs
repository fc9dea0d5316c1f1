// Whether npm packages that the kernel itself can use are there. Nothing of them is loaded for this.
import fs from 'node:fs';
import path from 'node:path';

/** The oldest version of `apache-arrow` that has every type of column. */
const OLDEST = 21;

/** Whether a folder's own packages, or those of a folder above it, have a version that is known to work here. */
export function hasArrow(folder) {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const found = version(path.join(at, 'node_modules', 'apache-arrow', 'package.json'));
    if (found !== null) return found >= OLDEST;
    if (at === path.dirname(at)) return false;
  }
}

function version(file) {
  try {
    return Number.parseInt(JSON.parse(fs.readFileSync(file, 'utf8')).version, 10);
  } catch {
    return null;
  }
}
