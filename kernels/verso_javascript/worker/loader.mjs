// import and require as if the cells stood in a file of the notebook's folder; then the notebook's own npm packages.
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import vm from 'node:vm';

/** Finds modules for cells. `folder`: the notebook's. */
export class Loader {
  #places = [];
  #byFolder = new Map();

  constructor(folder) {
    this.folder = folder;
    this.#places.push(place(folder));
  }

  /** Looks in a folder that has a node_modules as well, before those that were added earlier. */
  addPackages(folder) {
    if (this.#byFolder.has(folder)) return;
    this.#byFolder.set(folder, true);
    this.#places.splice(1, 0, place(folder));
  }

  /** The folders in which packages are looked for. */
  get folders() {
    return this.#places.map((one) => one.folder);
  }

  /** `import()`; `wanted`: exports that a static import names and that must be there. */
  async load(specifier, options, wanted) {
    const module = await this.#import(String(specifier), options);
    for (const name of wanted ?? []) {
      if (!(name in module)) {
        throw new SyntaxError(`The requested module '${specifier}' does not provide an export named '${name}'`);
      }
    }
    return module;
  }

  async #import(specifier, options) {
    let first;
    for (const { bring } of this.#candidates(specifier)) {
      try {
        return await bring(specifier, options);
      } catch (error) {
        if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
        first ??= error;
      }
    }
    throw withAdvice(first, specifier);
  }

  /** `require`, with `resolve`, `cache` and the rest. */
  get require() {
    const own = this.#places[0].require;
    const find = (use) => (specifier, ...rest) => {
      let first;
      for (const { require } of this.#candidates(specifier)) {
        try {
          return use(require)(specifier, ...rest);
        } catch (error) {
          if (error?.code !== 'MODULE_NOT_FOUND') throw error;
          first ??= error;
        }
      }
      throw withAdvice(first, specifier);
    };
    const require = find((one) => one);
    return Object.assign(require, own, { resolve: Object.assign(find((one) => one.resolve), own.resolve) });
  }

  #candidates(specifier) {
    return isBare(specifier) ? this.#places : this.#places.slice(0, 1);
  }
}

/** Whether a specifier is the name of a package and neither a path, an address nor part of the runtime. */
function isBare(specifier) {
  return typeof specifier === 'string' && !/^([./#]|[a-z][a-z+.-]*:)/i.test(specifier) && !isBuiltin(specifier);
}

function place(folder) {
  const file = path.join(folder, 'cell.mjs');
  const require = createRequire(file);
  const bring = importer(file);
  return { folder, require, bring: process.versions.deno === undefined ? bring : requiring(bring, require) };
}

/** Deno's `import` looks into no node_modules without a package.json beside it; its `require` does. */
function requiring(bring, require) {
  return async (specifier, options) => {
    try {
      return await bring(specifier, options);
    } catch (error) {
      if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !isBare(specifier)) throw error;
      return asModule(found(error, () => require(specifier)));
    }
  };
}

function found(missing, use) {
  try {
    return use();
  } catch (error) {
    throw error?.code === 'MODULE_NOT_FOUND' ? missing : error;
  }
}

/** What `import` would give for what `require` gave. */
function asModule(exports) {
  return types.isModuleNamespaceObject(exports) ? exports : { ...exports, default: exports };
}

/** A function that imports as a module at this path would. */
function importer(file) {
  const resolve = createRequire(file).resolve;
  const older = (specifier) => import(isBuiltin(specifier) ? specifier : pathToFileURL(resolve(specifier)).href);
  const importModuleDynamically = vm.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER ?? older; // Node 20.0 to 20.11
  const code = '(specifier, options) => import(specifier, options)';
  return vm.runInThisContext(code, { filename: pathToFileURL(file).href, importModuleDynamically });
}

function withAdvice(error, specifier) {
  if (isBare(specifier)) {
    const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0];
    error.message = `${error.message.split('\n')[0].replace(/ imported from .*$/, '')}\nInstall it for this notebook with  #!npm install ${name}`;
  }
  return error;
}
