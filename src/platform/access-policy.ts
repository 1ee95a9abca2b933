/** The access policy as JSON: organisations, what they share, what roles allow (docs/reference/access-model.md). */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { servedTypes } from '../core/fhir/interactions.js';
import type {
  AccessPolicy,
  Consumer,
  RoleActivity,
  SharingAgreement,
} from '../core/governance/access-policy.js';
import { labels, purposes, type Action } from '../core/governance/access-vocabulary.js';
import { parseScope } from '../core/governance/smart-scopes.js';
import { readJson } from './read-json.js';
import { clientSchema, faultsOfClients } from './registered-clients.js';

const text = z.string().trim().min(1);
const ods = z.string().regex(/^[A-Z0-9]{3,10}$/, 'is no ODS code');
const types = z
  .array(z.string().refine(isServed, 'is no resource type that is served, nor *'))
  .min(1)
  .readonly();
const purposeList = z.array(z.enum(purposes)).min(1).readonly();
const actions = z
  .string()
  .regex(/^(?=.)c?r?u?d?s?$/, 'takes letters of cruds, in this order')
  .transform((letters) => everyAction.filter((action) => letters.includes(action)));
const day = z.iso.date('is no day, such as 2026-03-31').transform((date) => Date.parse(date));
const level = z.int().min(0).max(3);

const everyAction: readonly Action[] = ['c', 'r', 'u', 'd', 's'];
const dayMs = 86_400_000;

const organisationSchema = z.strictObject({ ods, name: text, isActive: z.boolean().default(true) });

const agreementSchema = z.strictObject({
  id: text,
  from: ods,
  with: z.array(ods).min(1).readonly(),
  types,
  purposes: purposeList,
  actions: actions.default(['r', 's']),
  start: day,
  // Its last day, to the end of it.
  end: day.transform((start) => start + dayMs),
} satisfies Record<keyof SharingAgreement, z.ZodType>);

const roleSchema = z.strictObject({
  code: text,
  name: text,
  types,
  actions,
  purposes: purposeList,
  clearance: z.array(z.enum(labels)).readonly().default([]),
  mayBreakGlass: z.boolean().default(false),
} satisfies Record<keyof RoleActivity, z.ZodType>);

const systemScopes = z.string().transform((words, context) =>
  words.split(/\s+/).flatMap((word) => {
    const scope = parseScope(word);
    if (scope?.context === 'system' && isServed(scope.type)) return scope;
    context.addIssue({ code: 'custom', message: `${word} is no scope such as system/Observation.r` });
    return [];
  }),
);

const consumerSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{1,48}[a-z0-9]$/, 'is no name of a subscription'),
  organisation: ods,
  scopes: systemScopes,
  purpose: z.enum(purposes).exclude(['patient-access']),
  roles: z.array(text).readonly().default([]),
} satisfies Record<keyof Consumer, z.ZodType>);

const policySchema = z.strictObject({
  organisations: z.array(organisationSchema).min(1),
  agreements: z.array(agreementSchema).default([]),
  roles: z.array(roleSchema).default([]),
  clients: z.array(clientSchema).default([]),
  assurance: z
    .strictObject({ system: level.default(1), staff: level.default(2), patient: level.default(3) })
    .prefault({}),
  breakGlass: z
    .strictObject({
      minutes: z.int().positive().max(1440).default(60),
      overridesConsent: z.boolean().default(false),
    })
    .prefault({}),
  optOut: z.strictObject({ days: z.int().positive().max(90).default(7) }).prefault({}),
  relationship: z.strictObject({ days: z.int().positive().max(36_525).default(730) }).prefault({}),
  consumers: z.array(consumerSchema).default([]),
} satisfies Record<keyof AccessPolicy, z.ZodType>);

function isServed(type: string): boolean {
  return type === '*' || servedTypes.some((served) => served.type === type);
}

/**
 * Reads a policy.
 *
 * @throws Error that names every faulty row, such as `agreements.1 (care-2026): ends before it starts`
 */
export function parseAccessPolicy(document: string): AccessPolicy {
  const json = readJson(document);
  const parsed = policySchema.safeParse(json);
  if (!parsed.success)
    throw new Error(
      parsed.error.issues
        .map(({ path, message }) => `${placeOf(path.map(String), json)}: ${message}`)
        .join('\n'),
    );
  const faults = faultsOf(parsed.data);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return parsed.data;
}

/** Reads a policy that is given itself, or by the name of its file. */
export const loadAccessPolicy = (policyOrFile: string): AccessPolicy =>
  parseAccessPolicy(/^\s*\{/.test(policyOrFile) ? policyOrFile : readFileSync(policyOrFile, 'utf8'));

/** `agreements.1.start (care-2026)`: the position of a row and what it calls itself. */
function placeOf(path: readonly string[], json: unknown): string {
  const row = path.slice(0, 2).reduce<unknown>((value, key) => fieldsOf(value)[key], json);
  const { id, code, ods: organisation } = fieldsOf(row);
  const name = id ?? code ?? organisation;
  return `${path.join('.') || 'the document'}${typeof name === 'string' ? ` (${name})` : ''}`;
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

function faultsOf(policy: AccessPolicy): string[] {
  const known = new Set(policy.organisations.map((organisation) => organisation.ods));
  return [
    ...repeatedIn(
      'organisations',
      policy.organisations.map((organisation) => organisation.ods),
    ),
    ...repeatedIn(
      'agreements',
      policy.agreements.map(({ id }) => id),
    ),
    ...repeatedIn(
      'roles',
      policy.roles.map(({ code }) => code),
    ),
    ...repeatedIn(
      'consumers',
      policy.consumers.map(({ id }) => id),
    ),
    ...policy.agreements.flatMap((agreement, at) =>
      faultsOfAgreement(agreement, known).map((fault) => `agreements.${at} (${agreement.id}): ${fault}`),
    ),
    ...faultsOfClients(policy.clients, known),
    ...policy.consumers.flatMap((consumer, at) =>
      faultsOfConsumer(consumer, known, policy.roles).map(
        (fault) => `consumers.${at} (${consumer.id}): ${fault}`,
      ),
    ),
  ];
}

function faultsOfConsumer(
  { organisation, roles: held }: Consumer,
  known: ReadonlySet<string>,
  defined: readonly RoleActivity[],
): string[] {
  const strangers = held.filter((code) => defined.every((role) => role.code !== code));
  return [
    ...(known.has(organisation) ? [] : [`${organisation} is not among the organisations`]),
    ...strangers.map((code) => `${code} is not among the roles`),
  ];
}

function faultsOfAgreement(agreement: SharingAgreement, known: ReadonlySet<string>): string[] {
  const { from, with: others, start, end, purposes: agreed, actions: allowed } = agreement;
  const strangers = [...new Set([from, ...others])].filter((code) => !known.has(code));
  return [
    ...strangers.map((code) => `${code} is not among the organisations`),
    ...(others.includes(from) ? [`${from} shares with itself`] : []),
    ...(end <= start ? ['ends before it starts'] : []),
    ...(agreed.includes('patient-access') ? ['patients see their records without an agreement'] : []),
    ...(agreed.some((purpose) => purpose === 'planning' || purpose === 'research') && changes(allowed)
      ? ['nothing is changed for planning and research']
      : []),
  ];
}

const changes = (allowed: readonly Action[]): boolean => allowed.some((action) => 'cud'.includes(action));

function repeatedIn(list: string, names: readonly string[]): string[] {
  return names.flatMap((name, at) =>
    names.indexOf(name) < at ? [`${list}.${at} (${name}): occurs twice`] : [],
  );
}
