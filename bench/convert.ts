/**
 * `npm run bench:convert`: CPU time of parsing HL7 v2 and of whole conversions, side by side with parsers from npm.
 * `--memory` converts a million different messages instead and samples the heap. Both add to bench/results/convert.json.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { convert, type ConvertedBundle } from '../src/core/converter/convert.js';
import { loadInputs, type Input } from './convert/inputs.js';
import { checksum, measureInTurns, type Contender, type Timing } from './convert/measure.js';
import { watchMemory } from './convert/memory.js';
import { ownParser, peerParsers, type Parser } from './convert/parsers.js';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '31' },
    milliseconds: { type: 'string', default: '40' },
    memory: { type: 'boolean', default: false },
    conversions: { type: 'string', default: '1000000' },
    root: { type: 'string' },
    out: { type: 'string' },
  },
});

const turns = { rounds: Number(options.rounds), milliseconds: Number(options.milliseconds) };

interface ParseFigures {
  readonly parser: string;
  readonly version: string;
  readonly textMicroseconds: number;
  readonly bytesMicroseconds: number;
}

interface ConvertFigures {
  readonly input: string;
  readonly bytes: number;
  readonly microseconds: number;
  readonly quartiles: readonly [number, number];
  readonly messagesPerSecond: number;
  /** Without a look at ledger and lineage, which are written out only when they are asked for. */
  readonly bundleMicroseconds: number;
  /** CPU time of the fastest peer's parse of the same message, measured in the same rounds. */
  readonly peerParseMicroseconds: number;
  readonly peerParses: number;
  /** The same with every component read, which the fastest peer puts off until it is asked. */
  readonly peerWholeParseMicroseconds: number;
  readonly peerWholeParses: number;
}

/** Each message in turn, so that figures are means over the inputs. */
function parserContenders({ name, readText, readBytes }: Parser, inputs: readonly Input[]): Contender[] {
  const all = (read: (input: Input) => number) => () => inputs.reduce((sum, input) => sum + read(input), 0);
  return [
    { name: `${name} text`, run: all(({ text }) => readText(text)) },
    { name: `${name} bytes`, run: all(({ bytes }) => readBytes(bytes)) },
  ];
}

function compareParsers(parsers: readonly Parser[], inputs: readonly Input[]): ParseFigures[] {
  const timings = measureInTurns(
    parsers.flatMap((parser) => parserContenders(parser, inputs)),
    turns,
  );
  const mean = (name: string): number => round(timeFor(timings, name).microseconds / inputs.length);
  return parsers.map(({ name, version }) => ({
    parser: name,
    version,
    textMicroseconds: mean(`${name} text`),
    bytesMicroseconds: mean(`${name} bytes`),
  }));
}

/** The Bundle as JSON text, for those who want nothing else. */
const convertToBundle = (input: string): number =>
  JSON.stringify(convert(input, { format: 'hl7v2' }).bundle).length;

/** The Bundle as JSON text, with every entry of ledger and lineage looked at: nothing may be put off. */
function convertWhole(input: string): number {
  const { bundle, ledger, lineage }: ConvertedBundle = convert(input, { format: 'hl7v2' });
  let size = JSON.stringify(bundle).length;
  for (const { source, fate } of ledger) size += source.length + fate.length;
  for (const { resource, element, source, rule, start } of lineage)
    size += resource.length + element.length + (source?.length ?? 0) + rule.length + (start ?? 0);
  return size;
}

function compareConversions(peer: Parser, inputs: readonly Input[]): ConvertFigures[] {
  const contenders = inputs.flatMap(({ name, text }) => [
    { name: `convert ${name}`, run: () => convertWhole(text) },
    { name: `bundle of ${name}`, run: () => convertToBundle(text) },
    { name: `parse ${name}`, run: () => peer.readText(text) },
    { name: `parse all of ${name}`, run: () => (peer.readWhole ?? peer.readText)(text) },
  ]);
  const timings = measureInTurns(contenders, turns);
  return inputs.map(({ name, bytes }) => {
    const { microseconds, quartiles } = timeFor(timings, `convert ${name}`);
    const parse = timeFor(timings, `parse ${name}`).microseconds;
    const whole = timeFor(timings, `parse all of ${name}`).microseconds;
    return {
      input: name,
      bytes: bytes.length,
      microseconds: round(microseconds),
      quartiles: [round(quartiles[0]), round(quartiles[1])],
      messagesPerSecond: Math.round(1e6 / microseconds),
      bundleMicroseconds: round(timeFor(timings, `bundle of ${name}`).microseconds),
      peerParseMicroseconds: round(parse),
      peerParses: round(microseconds / parse),
      peerWholeParseMicroseconds: round(whole),
      peerWholeParses: round(microseconds / whole),
    };
  });
}

function timeFor(timings: ReadonlyMap<string, Timing>, name: string): Timing {
  const timing = timings.get(name);
  if (timing === undefined) throw new Error(`nothing was measured for ${name}`);
  return timing;
}

const round = (value: number): number => Number(value.toPrecision(3));

function measureSpeed(inputs: readonly Input[], root: string): object {
  const peers = peerParsers(join(root, 'bench/peers'));
  const parsing = compareParsers([ownParser(), ...peers], inputs);
  const [own, ...others] = parsing;
  const fastest = others.reduce((best, next) =>
    next.textMicroseconds < best.textMicroseconds ? next : best,
  );
  const peer = peers.find(({ name }) => name === fastest.parser);
  if (own === undefined || peer === undefined) throw new Error('there is no peer to compare with');
  console.table(parsing);
  const conversions = compareConversions(peer, inputs);
  console.table(conversions);
  if (!Number.isFinite(checksum())) throw new Error('something that was measured returned no number');
  return {
    machine: { node: process.version, cores: cpus().length },
    parsing,
    fastestPeer: fastest.parser,
    timesAsFast: {
      text: round(fastest.textMicroseconds / own.textMicroseconds),
      bytes: round(fastest.bytesMicroseconds / own.bytesMicroseconds),
    },
    conversions,
  };
}

async function main(): Promise<void> {
  const root = options.root ?? join(import.meta.dirname, '../..');
  const inputs = loadInputs(join(root, 'bench/inputs'));
  const out = options.out ?? join(root, 'bench/results/convert.json');
  const held = existsSync(out) ? (JSON.parse(await readFile(out, 'utf8')) as object) : {};
  const result = options.memory
    ? {
        ...held,
        memory: watchMemory(inputs, Number(options.conversions), (sample) => {
          console.log(JSON.stringify(sample));
        }),
      }
    : { ...held, ...measureSpeed(inputs, root) };
  await mkdir(dirname(out), { recursive: true });
  await writeFile(out, `${JSON.stringify(result, null, 2)}\n`);
}

await main();
