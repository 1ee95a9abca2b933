/** A trust's own mapping packs: JSON files that extend a built-in pack (docs/guides/site-packs.md). */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import {
  PackError,
  type CodedValue,
  type IgnoredFields,
  type MessageSupport,
  type PackExtension,
  type ResourceMap,
  type Rule,
  type SegmentPlace,
} from '../core/mapping/engine/pack.js';
import { printReference, type PackRegistry } from '../core/mapping/engine/pack-registry.js';
import { parseCall } from '../core/mapping/engine/transform.js';
import { withSitePacks } from '../core/mapping/packs/built-in-packs.js';
import { findJsonFaults } from '../core/scan-json.js';
import { describeFault } from './read-json.js';

const text = z.string().min(1);
const id = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case letters, digits and hyphens');
const segmentName = z.string().regex(/^[A-Z][A-Z0-9]{2}$/, 'a segment name, such as ZRZ');
const uri = z.string().regex(/^(https?:\/\/|urn:)\S+$/, 'a URI');
const version = z.string().regex(/^\d+\.\d+\.\d+$/, 'a semantic version, such as 1.0.0');
const mode = z.enum(['replace', 'merge', 'link', 'create']);

const ruleSchema = z.strictObject({
  id: id.describe('Unique; the id of an inherited rule replaces that rule in its place'),
  from: text.exactOptional().describe('Source path, such as PID-5[*].1 or NTE(*)-3[*]; absent for constants'),
  to: text.describe('Element path without the type, such as birthDate or name[+]'),
  using: text.describe('Transform with its arguments, such as text or code(AdministrativeSex)'),
  when: text.exactOptional().describe('Condition, such as "ZRZ-2 valued and event in A01, A04"'),
  deletes: z.array(text).exactOptional().describe('What "" deletes where that is not just this element'),
} satisfies Record<keyof Rule, z.ZodType>);

const mapSchema = z.strictObject({
  id: id.describe('The id of an inherited map changes that map'),
  segment: segmentName.exactOptional(),
  resource: z
    .string()
    .regex(/^[A-Z][A-Za-z]+$/, 'a FHIR resource type')
    .exactOptional(),
  identity: text.exactOptional().describe('Function that gives the record its id'),
  each: text.exactOptional().describe('Fields whose repetitions stand for a record each, such as "AL1-3"'),
  mode: mode.exactOptional(),
  modeByMessage: z.record(z.string(), mode).exactOptional(),
  when: text.exactOptional(),
  cumulative: z.array(text).exactOptional(),
  snapshot: z.strictObject({ keeps: z.array(text) }).exactOptional(),
  rules: z.array(ruleSchema).exactOptional(),
} satisfies Record<keyof ResourceMap, z.ZodType>);

const ignoredSchema = z.strictObject({
  id,
  from: text.describe('Fields or whole segments, separated by commas: "ZRZ-1, ZRZ-9" or "ZZZ"'),
  because: text.describe('Why they carry nothing for a record'),
  when: text.exactOptional(),
} satisfies Record<keyof IgnoredFields, z.ZodType>);

const codedSchema = z.strictObject({
  code: text,
  system: uri.exactOptional(),
  display: text.exactOptional(),
} satisfies Record<keyof CodedValue, z.ZodType>);

const messageSchema = z.strictObject({
  refused: z.literal(true).exactOptional(),
  unsupported: z.array(text).exactOptional(),
  merges: z.array(text).exactOptional(),
  renumbers: z.array(text).exactOptional(),
  joins: z.array(text).exactOptional(),
  pairsFollow: z.literal(true).exactOptional(),
  withoutPatient: z.literal(true).exactOptional(),
} satisfies Record<keyof MessageSupport, z.ZodType>);

const placeSchema = z.strictObject({
  under: z
    .array(segmentName)
    .describe('Segments it may belong to; the nearest open one before it is its parent'),
  context: z.literal(true).exactOptional().describe('Rules of other segments below the parent may read it'),
  pairs: segmentName.exactOptional(),
} satisfies Record<keyof SegmentPlace, z.ZodType>);

const packSchema = z.strictObject({
  name: id,
  version,
  extends: z
    .string()
    .regex(/^[a-z0-9-]+(@\d+\.\d+\.\d+)?$/, 'a pack, such as hl7v2-uk or hl7v2-uk@1.0.0')
    .describe('The pack it changes; without a version its newest one'),
  messages: z.record(z.string(), messageSchema).exactOptional(),
  structure: z.record(segmentName, placeSchema).exactOptional(),
  extensions: z.record(text, uri).exactOptional(),
  codeSystems: z.record(text, uri).exactOptional(),
  profiles: z.record(text, uri).exactOptional(),
  tables: z
    .record(
      text,
      z.record(z.string(), z.union([text, codedSchema], 'a code, or an object of code, system and display')),
    )
    .exactOptional(),
  maps: z.array(mapSchema).exactOptional(),
  ignored: z.array(ignoredSchema).exactOptional(),
  dropped: z.array(id).exactOptional().describe('Ids of inherited rows that do not hold here'),
} satisfies Record<keyof PackExtension, z.ZodType>);

const fileSchema = packSchema.extend({ $schema: z.string().exactOptional() });

/** The JSON Schema of a site pack, as docs/reference/site-pack.schema.json holds it. */
export const sitePackJsonSchema = (): unknown => z.toJSONSchema(fileSchema);

/**
 * Reads one site pack from the text of its file. Only its shape is checked; `sitePackRegistry` checks what it means.
 *
 * @param label names the file in errors
 * @throws PackError that names each faulty row and field
 */
export function parseSitePack(text: string, label: string): PackExtension {
  return readPack(parseJson(text, label), label);
}

function parseJson(text: string, label: string): unknown {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new PackError(label, [`is not JSON${error instanceof SyntaxError ? `: ${error.message}` : ''}`]);
  }
  const faults = [...findJsonFaults(text)].map((fault) =>
    describeFault(fault, 'path' in fault ? nameRow(json, fault.path) : ''),
  );
  if (faults.length > 0) throw new PackError(label, faults);
  return json;
}

function readPack(json: unknown, label: string): PackExtension {
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success)
    throw new PackError(
      label,
      parsed.error.issues.map(({ path, message }) => `${nameRow(json, path)}${message}`),
    );
  const { $schema, ...pack } = parsed.data;
  return pack;
}

/** `map pid-patient, rule zrz-3-religion, to: ` for the path maps.0.rules.2.to. */
function nameRow(json: unknown, path: readonly PropertyKey[]): string {
  const names: string[] = [];
  let at = json;
  path.forEach((key, index) => {
    at = (at as Partial<Record<PropertyKey, unknown>> | undefined)?.[key];
    const list = String(path[index - 1]);
    const kind = typeof key === 'number' ? ROW_KINDS[list] : undefined;
    if (kind !== undefined) names.push(`${kind} ${idOf(at) ?? `number ${Number(key) + 1}`}`);
    else if (list === 'tables') names.push(`table ${String(key)}`);
    else if (ROW_KINDS[String(key)] === undefined && key !== 'tables') names.push(String(key));
  });
  return names.length === 0 ? '' : `${names.join(', ')}: `;
}

const ROW_KINDS: Readonly<Record<string, string>> = { maps: 'map', rules: 'rule', ignored: 'ignored' };

function idOf(row: unknown): string | undefined {
  const named = typeof row === 'object' && row !== null ? (row as { readonly id?: unknown }).id : undefined;
  return typeof named === 'string' ? named : undefined;
}

/**
 * The built-in packs together with a trust's own, each of them compiled, so that a fault shows before any message.
 *
 * @throws PackError that names each faulty row and field
 */
export function sitePackRegistry(packs: readonly PackExtension[]): PackRegistry {
  const registry = withSitePacks(packs);
  for (const pack of packs) {
    const reference = printReference(pack);
    registry.find(reference);
    const unused = unusedTables(registry, reference, pack);
    if (unused.length > 0) throw new PackError(reference, unused);
  }
  return registry;
}

/** A table whose name is misspelt would change nothing, and nobody would notice. */
function unusedTables(registry: PackRegistry, reference: string, { tables = {} }: PackExtension): string[] {
  const { maps } = registry.complete(reference);
  const used = new Set(
    maps.flatMap(({ rules }) => rules.flatMap(({ using }) => parseCall(using)?.args ?? [])),
  );
  return Object.keys(tables)
    .filter((name) => !used.has(name))
    .map((name) => `table ${name}: no rule uses a table of this name`);
}

function packFilesOf(folder: string): string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new PackError('HDE_PACKS', ['is neither a JSON array nor a folder']);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort();
}

/**
 * The site packs of a setting: a JSON array of packs, or the path of a folder whose `.json` files are packs.
 *
 * @throws PackError that names each faulty row and field, or says that there is no such folder
 */
export function loadSitePacks(setting: string): PackExtension[] {
  if (!setting.trimStart().startsWith('[')) {
    const files = packFilesOf(setting);
    return files.map((name) => parseSitePack(readFileSync(join(setting, name), 'utf8'), name));
  }
  const json = parseJson(setting, 'HDE_PACKS') as unknown[];
  return json.map((pack, index) => readPack(pack, `number ${index + 1}`));
}
