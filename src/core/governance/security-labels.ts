/** Reads security labels (`meta.security`) as the access model knows them, in doubt as the narrower one. */
import type { Label } from './access-vocabulary.js';

/** Also as R4 was before it (`http://hl7.org/fhir/v3/Confidentiality`), with its OID, and as PDS wrote it once. */
const CONFIDENTIALITY = /\bConfidentiality\b|security-labels\b|2\.16\.840\.1\.113883\.5\.25(?!\d)/i;
const ACT_CODE = /\bActCode\b|2\.16\.840\.1\.113883\.5\.4(?!\d)/i;

/** Unrestricted to normal: nothing is held back. */
const openConfidentiality: ReadonlySet<string> = new Set(['U', 'L', 'M', 'N']);

/** No disclosure to patients and their families without the clinician; taboo until a clinician has told them. */
const notForPatient: ReadonlySet<string> = new Set(['NOPAT', 'TBOO']);

/**
 * The labels of a record, each once; of a system however its address is written. `R` is how PDS flags somebody whose whereabouts are not to be told (S-flag); `V`,
 * `REDACTED` and levels that v3-Confidentiality does not know are very restricted. Any code of v3-ActCode but those
 * that keep a record from patients is sensitive. Codes of other systems say nothing about who may see a record. Total:
 * what has not the shape of a Coding is restricted.
 */
export function labelsOf(security: unknown): readonly Label[] {
  if (security === undefined) return [];
  if (!Array.isArray(security)) return ['restricted'];
  return [...new Set(security.flatMap(labelOf))];
}

function labelOf(coding: unknown): Label[] {
  const { system, code } = (typeof coding === 'object' && coding !== null ? coding : {}) as Record<
    string,
    unknown
  >;
  if (typeof code !== 'string') return ['restricted'];
  const upper = code.trim().toUpperCase();
  if (system !== undefined) {
    // What is no system may have been meant to be one of these.
    if (typeof system !== 'string' || CONFIDENTIALITY.test(system)) return confidentiality(upper);
    if (ACT_CODE.test(system)) return [notForPatient.has(upper) ? 'not-for-patient' : 'sensitive'];
    return [];
  }
  if (notForPatient.has(upper)) return ['not-for-patient'];
  return upper === 'SENSITIVE' ? ['sensitive'] : confidentiality(upper);
}

function confidentiality(code: string): Label[] {
  if (openConfidentiality.has(code)) return [];
  return [code === 'R' ? 'restricted' : 'very-restricted'];
}
