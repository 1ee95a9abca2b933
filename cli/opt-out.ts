/** `hde opt-out`: hands over what the national service answered about opt-outs. */
import { existsSync, readFileSync } from 'node:fs';
import { readOptOutAnswer } from '../src/core/governance/opt-out.js';
import { parseNhsNumber } from '../src/core/identity/nhs-number.js';
import { parseOptions } from './parse-options.js';
import { connect, exchangeOptions, RefusedError } from './exchange-client.js';
import { exit, UsageError, type Terminal } from './terminal.js';

/** As many as one request takes (src/platform/access-requests.ts). */
const numbersAtOnce = 500;

interface KeptView {
  readonly patients: number;
  readonly mayBeUsed: number;
  readonly optedOut: number;
  readonly unknown: number;
}

/** @returns `exit.doubtful` when no number of the answer counts: it may be missing, cut short, or that to another question */
export async function runOptOut(args: string[], terminal: Terminal): Promise<number> {
  const { values } = parseOptions({
    args,
    options: {
      ...exchangeOptions,
      asked: { type: 'string' },
      answer: { type: 'string' },
      at: { type: 'string' },
    },
  });
  const asked = readAsked(fileOf(values.asked, '--asked'));
  // The answer is judged as a whole: a part of it would always look like one that is cut short.
  const text = values.answer === undefined ? undefined : fileOf(values.answer, '--answer');
  const usable = new Set(
    [...readOptOutAnswer(asked, text)].flatMap(([number, answer]) =>
      answer === 'may-be-used' ? [number] : [],
    ),
  );
  const exchange = connect(values, terminal);
  // All parts are one answer, of one time.
  const at = values.at ?? new Date().toISOString();
  const kept: KeptView[] = [];
  try {
    for (let from = 0; from < asked.length; from += numbersAtOnce) {
      const part = asked.slice(from, from + numbersAtOnce);
      const mayBeUsed = part.filter((number) => usable.has(number));
      kept.push((await exchange.post('/access/opt-outs', { asked: part, mayBeUsed, at })) as KeptView);
    }
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    terminal.err(
      `${error.message}\n${kept.length * numbersAtOnce} numbers were kept before: run it again.\n`,
    );
    return exit.refused;
  }
  terminal.out(print(asked.length, kept));
  if (usable.size > 0) return exit.done;
  terminal.err(
    'The answer lets nobody be used: it may be missing, cut short, or that to another question.\n',
  );
  return exit.doubtful;
}

function print(asked: number, kept: readonly KeptView[]): string {
  const sum = (name: keyof KeptView) => kept.reduce((total, page) => total + page[name], 0);
  return [
    `${asked} numbers were asked about.`,
    `${sum('mayBeUsed')} patients: may be used.`,
    `${sum('optedOut')} patients: have opted out, or were not answered.`,
    `${sum('unknown')} numbers: of nobody who is known here.`,
    '',
  ].join('\n');
}

function fileOf(file: string | undefined, option: string): string {
  if (file === undefined) throw new UsageError(`${option} FILE is needed`);
  if (!existsSync(file)) throw new UsageError(`there is no file ${file}`);
  return readFileSync(file, 'utf8');
}

/** The numbers that were sent, one a line, each with or without its comma. @throws UsageError that names the line */
function readAsked(text: string): readonly string[] {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/,$/, ''));
  const faulty = lines.findIndex((line) => line !== '' && !isNumber(line));
  if (faulty >= 0) throw new UsageError(`line ${faulty + 1} of --asked is no NHS number of ten digits`);
  const asked = [...new Set(lines.filter((line) => line !== ''))];
  if (asked.length === 0) throw new UsageError('--asked names nobody');
  return asked;
}

const isNumber = (text: string): boolean => /^\d{10}$/.test(text) && parseNhsNumber(text) !== undefined;
