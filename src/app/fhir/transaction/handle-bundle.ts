import { answerBundle } from '../../../core/fhir/transaction/answer-bundle.js';
import { readBundle } from '../../../core/fhir/transaction/read-bundle.js';
import { answerWith, type FhirAnswer } from '../fhir-answer.js';
import { refusalOf } from '../refusal.js';
import { type RequestBody, resourceOf } from '../write-request.js';
import type { EntryContext } from './entry-context.js';
import { runBatch } from './run-batch.js';
import { runTransaction } from './run-transaction.js';

/**
 * Carries out a Bundle of type batch or transaction (FHIR R4 section 3.1.0.11).
 *
 * @throws ExchangeError HDE_BUNDLE_INVALID, HDE_PAYLOAD_TOO_LARGE, HDE_ANSWER_TOO_LARGE, and what refuses a transaction
 */
export async function handleBundle(context: EntryContext, body: RequestBody): Promise<FhirAnswer> {
  const { baseUrl } = context.deps;
  const statement = await resourceOf(body);
  const bundle = readBundle(statement, baseUrl);
  if (!bundle.ok) throw refusalOf(bundle.error);
  // The table of elements is large: only who writes pays for it.
  const { checkBundle, checkEntries } = await import('../../../core/fhir/transaction/check-bundle.js');
  const [fault, ...others] = checkBundle(statement.resource);
  if (fault !== undefined) throw refusalOf(fault, others);
  const { type } = bundle.value;
  const entries = checkEntries(statement.resource, bundle.value.entries);
  const answers = await (type === 'batch' ? runBatch : runTransaction)(context, entries);
  const { resource, decimals } = answerBundle(type, answers, baseUrl);
  return { ...answerWith(resource), decimals };
}
