/** Messages in files and folders. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { splitBatch } from '../src/core/formats/hl7v2/batch.js';
import { UsageError, type Terminal } from './terminal.js';

export interface SourceMessage {
  /** `day.hl7`, or `day.hl7: message 3` in a file of several. */
  readonly place: string;
  readonly bytes: Uint8Array;
}

/** A file, or standard input for `-`. @throws UsageError when there is no such file */
export async function readInput(file: string, terminal: Terminal): Promise<Uint8Array> {
  if (file === '-') return terminal.readInput();
  if (!existsSync(file)) throw new UsageError(`there is no file ${file}`);
  if (!statSync(file).isFile()) throw new UsageError(`${file} is a folder; coverage reads folders`);
  return readFileSync(file);
}

/** Every message below a folder, file by file in the order of their names. @throws UsageError when there is none */
export function* readMessages(folder: string): Generator<SourceMessage, void> {
  if (!existsSync(folder)) throw new UsageError(`there is no folder ${folder}`);
  const files = statSync(folder).isFile() ? [folder] : filesBelow(folder);
  let found = false;
  for (const file of files) {
    const bytes = readFileSync(file);
    if (!file.endsWith('.hl7') && !BEGINNING.test(bytes.toString('latin1', 0, 16))) continue;
    found = true;
    yield* messagesOf(bytes, file === folder ? file : relative(folder, file));
  }
  if (!found) throw new UsageError(`there are no HL7 v2 messages in ${folder}`);
}

/** A message, batch or file header after blanks, an MLLP start block and a byte order mark. */
const BEGINNING = /^[^A-Za-z0-9]*(?:MSH|BHS|FHS)/;

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

function* messagesOf(bytes: Uint8Array, file: string): Generator<SourceMessage, void> {
  const messages = [...splitBatch(bytes)];
  // An empty file is a message that fails, not nothing.
  if (messages.length <= 1) yield { place: file, bytes: messages[0] ?? bytes };
  else
    for (const [index, each] of messages.entries())
      yield { place: `${file}: message ${index + 1}`, bytes: each };
}
