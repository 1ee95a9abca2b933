import { existsSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { extname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findFiles } from './glob.js';
import { readJsonObject } from './jsonc.js';

type ModuleLoader = { _load: (request: string, ...rest: unknown[]) => unknown };

const coreModuleName = '@azure/functions-core';

/**
 * Makes `require('@azure/functions-core')` give the host's module, in the whole process, as the real worker does. The library
 * is CommonJS (bundled or not), so that hooking the CommonJS loader serves ESM apps as well.
 *
 * @returns takes the hook out again
 */
export function provideCoreModule(coreModule: Record<string, unknown>): () => void {
  const loader = Module as unknown as ModuleLoader;
  const original = loader._load;
  loader._load = function load(this: unknown, request, ...rest) {
    return request === coreModuleName ? coreModule : original.call(this, request, ...rest);
  };
  return () => {
    loader._load = original;
  };
}

/**
 * Loads every file that `main` of the app's package.json matches; loading registers the functions.
 *
 * @returns the loaded files, relative to the app's folder
 * @throws Error when package.json has no `main` or it matches no file; errors of the app's code name the file
 */
export async function loadApp(appDir: string): Promise<readonly string[]> {
  const packageFile = join(appDir, 'package.json');
  if (!existsSync(packageFile)) throw new Error(`${appDir} is no Functions app: it has no package.json`);
  const { main, type } = readJsonObject(packageFile);
  if (typeof main !== 'string' || main === '') {
    throw new Error(`${packageFile}: "main" must be a pattern of the files that register functions`);
  }
  const files = findFiles(appDir, main);
  if (files.length === 0) throw new Error(`${packageFile}: "main" is "${main}", which matches no file`);
  for (const file of files) await loadFile(file, relative(appDir, file), type === 'module');
  return files.map((file) => relative(appDir, file));
}

async function loadFile(file: string, name: string, isModulePackage: boolean): Promise<void> {
  const extension = extname(file);
  const isModule = extension === '.mjs' || (extension !== '.cjs' && isModulePackage);
  try {
    if (isModule) await import(pathToFileURL(file).href);
    else createRequire(file)(file);
  } catch (error) {
    throw new Error(`Loading ${name} failed`, { cause: error });
  }
}
