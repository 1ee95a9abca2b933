import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isObject, readJsonObject } from './jsonc.js';

/** Settings of the app as the host reads them. */
export type Settings = {
  /** The value of an app setting, or undefined. `:` in a name may be written `__` in the environment. */
  get(name: string): string | undefined;
  /**
   * Replaces each `%NAME%` by the app setting of that name.
   *
   * @param where - what holds the text, for the error
   * @throws Error naming the setting and `where` when the setting is not defined
   */
  expand(text: string, where: string): string;
  /**
   * The connection string that a binding's `connection` names.
   *
   * @throws Error when it is missing, or is given as an identity-based connection (`NAME__fullyQualifiedNamespace`,
   * `NAME__accountEndpoint`): there is no managed identity on a developer's machine
   */
  connectionString(name: string, where: string): string;
};

/**
 * Copies `Values` of a settings file into the environment, where app code reads them. What the environment already holds wins,
 * as with `func start`.
 *
 * @param appDir - folder of the app
 * @param file - path of the settings file; by default `local.settings.json` in the app folder, which may be absent
 * @param environment - `process.env`, or a copy in tests
 * @throws Error when a named file is absent, is encrypted, or holds a value that is not a string, number or boolean
 */
export function loadSettings(
  appDir: string,
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
): Settings {
  const path = file ?? join(appDir, 'local.settings.json');
  if (file !== undefined && !existsSync(path)) throw new Error(`The settings file ${path} does not exist`);
  if (existsSync(path)) {
    for (const [name, value] of Object.entries(readValues(path))) environment[name] ??= value;
  }
  return createSettings(environment);
}

/** Settings that are read from an environment, each time anew. */
export function createSettings(environment: NodeJS.ProcessEnv): Settings {
  const get = (name: string): string | undefined =>
    environment[name] ?? environment[name.replaceAll(':', '__')];
  return {
    get,
    expand: (text, where) =>
      text.replace(/%([^%]+)%/g, (_, name: string) => {
        const value = get(name);
        if (value === undefined) throw new Error(`${where}: the app setting '${name}' is not defined`);
        return value;
      }),
    connectionString: (name, where) => {
      const value = get(name) ?? get(`AzureWebJobs${name}`) ?? get(`ConnectionStrings:${name}`);
      if (value) return value;
      for (const property of ['fullyQualifiedNamespace', 'accountEndpoint', 'serviceUri']) {
        if (get(`${name}__${property}`) === undefined) continue;
        throw new Error(
          `${where}: the connection '${name}' is identity based (${name}__${property}). The local Functions host has no ` +
            `managed identity: set '${name}' to a connection string`,
        );
      }
      throw new Error(`${where}: the connection setting '${name}' is not defined`);
    },
  };
}

function readValues(path: string): Record<string, string> {
  const content = readJsonObject(path);
  if (content['IsEncrypted'] === true) {
    throw new Error(`${path}: IsEncrypted is true; the local Functions host reads plain settings only`);
  }
  const values = content['Values'] ?? {};
  if (!isObject(values)) throw new Error(`${path}: Values must be an object`);
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (typeof value === 'string') return [name, value];
      if (typeof value === 'number' || typeof value === 'boolean') return [name, String(value)];
      throw new Error(`${path}: the value of '${name}' must be a string`);
    }),
  );
}
