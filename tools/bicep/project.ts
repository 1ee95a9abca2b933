/** The Bicep files of a folder, read and parsed once each; tests replace the text of some. */
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import type { BicepFile } from './ast.js';
import { parseBicep } from './parse/parse.js';

/** Gives the text of a file by its path, with `/` between folders; undefined where there is none. */
export type ReadText = (path: string) => string | undefined;

export class BicepProject {
  private readonly parsed = new Map<string, BicepFile>();

  constructor(readonly read: ReadText) {}

  /** The files of a folder on the disk, with other texts for some paths. */
  static onDisk(replaced: Readonly<Record<string, string>> = {}): BicepProject {
    return new BicepProject((path) => replaced[path] ?? readOrUndefined(path));
  }

  has(path: string): boolean {
    return this.read(path) !== undefined;
  }

  /** Throws BicepSyntaxError for what cannot be parsed, Error where there is no such file. */
  file(path: string): BicepFile {
    const known = this.parsed.get(path);
    if (known !== undefined) return known;
    const file = parseBicep(this.text(path));
    this.parsed.set(path, file);
    return file;
  }

  text(path: string): string {
    const text = this.read(path);
    if (text === undefined) throw new Error(`There is no file ${path}`);
    return text;
  }
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The path of a file that another one names. */
export const besides = (file: string, reference: string): string =>
  posix.normalize(posix.join(posix.dirname(file), reference));

/** Whether a module stands in a registry instead of in a file. */
export const isRegistryReference = (reference: string): boolean => /^(br|ts)[/:]/.test(reference);
