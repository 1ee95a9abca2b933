/** `hde can`: what the access policy decides about somebody, and why. */
import type { AccessPolicy } from '../src/core/governance/access-policy.js';
import type { AccessRequest, RecordFacts } from '../src/core/governance/access-request.js';
import { purposeOf, purposes, type Purpose } from '../src/core/governance/access-vocabulary.js';
import { decide } from '../src/core/governance/decide.js';
import {
  decisionReasons,
  obligations,
  type Decision,
  type ReasonCode,
} from '../src/core/governance/decision-reasons.js';
import { parseAccessPolicy } from '../src/platform/access-policy.js';
import { parseOptions } from './parse-options.js';
import { readQuestion, type Assumption } from './access-question.js';
import { readText } from './setting.js';
import { exit, UsageError, type Terminal } from './terminal.js';

/** What is printed with `--json`. */
interface Explanation extends Decision {
  readonly text: string;
  readonly assumed: readonly Assumption[];
  /** File of the policy. */
  readonly policy: string;
}

/** Trusts that do not exist, for whoever tries the command. */
const samplePolicy = 'samples/access/policy.json';

/** @returns `exit.refused` when the record is denied or withheld */
export function runCan(args: string[], terminal: Terminal): number {
  const { values } = parseOptions({
    args,
    options: {
      who: { type: 'string' },
      what: { type: 'string' },
      why: { type: 'string' },
      record: { type: 'string' },
      'break-glass': { type: 'string' },
      at: { type: 'string' },
      policy: { type: 'string', default: samplePolicy },
      json: { type: 'boolean', default: false },
    },
  });
  const { who, what, why, record, 'break-glass': reason, at, policy: file, json } = values;
  if (who === undefined || what === undefined) throw new UsageError('--who and --what are needed');
  const policy = readPolicy(file);
  const question = readQuestion({ who, what, record }, policy);
  const now = at === undefined ? Date.now() : momentOf(at);
  const request: AccessRequest & { readonly record: RecordFacts } = {
    ...question,
    now,
    purpose: why === undefined ? undefined : purposeNamed(why),
    breakGlass:
      reason === undefined
        ? undefined
        : { patient: question.record.patient?.id ?? '', reason, openedAt: now },
  };
  const decision = decide(request, policy);
  const explanation: Explanation = {
    ...decision,
    text: decisionReasons[decision.reason].text,
    assumed: question.assumed,
    policy: file,
  };
  terminal.out(json ? `${JSON.stringify(explanation, null, 2)}\n` : print(explanation));
  return decision.outcome === 'permit' ? exit.done : exit.refused;
}

function readPolicy(file: string): AccessPolicy {
  try {
    return parseAccessPolicy(readText(file));
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof Error)) throw error;
    throw new UsageError(`${file}: ${error.message.replaceAll('\n', ', ')}`);
  }
}

function purposeNamed(text: string): Purpose {
  const purpose = purposeOf(text);
  if (purpose === undefined)
    throw new UsageError(`--why takes ${purposes.join(', ')} or a code of HL7 PurposeOfUse`);
  return purpose;
}

function momentOf(text: string): number {
  const moment = /^\d{4}-\d{2}-\d{2}(T.+(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(moment)) throw new UsageError('--at takes a day or an instant with its offset');
  return moment;
}

const nextSteps: Readonly<Partial<Record<ReasonCode, string>>> = {
  'scope-missing': 'The token needs a scope such as user/Observation.rs (system/ for systems).',
  'no-relationship': 'With --break-glass REASON, staff who may do so see the record for a while.',
};

function print({ outcome, reason, text, obligations: duties, assumed, policy }: Explanation): string {
  const hint = nextSteps[reason];
  return [
    `${outcome}: ${reason}`,
    text,
    ...(hint === undefined ? [] : [hint]),
    '',
    'To do:',
    ...duties.map((duty) => `  ${duty}: ${obligations[duty]}`),
    ...(assumed.length === 0 ? [] : ['', 'Assumed, since it was not said:']),
    ...assumed.map((assumption) => `  ${assumption}`),
    '',
    `Policy: ${policy}`,
    '',
  ].join('\n');
}
