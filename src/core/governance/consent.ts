/**
 * What a patient's FHIR R4 Consent resources hold back. A provision narrows the one around it: the innermost that fits
 * decides, and where several do, a refusal. What cannot be evaluated fits a refusal and does not fit a permission.
 */
import { secondaryPurposes, type Action, type Label, type Purpose } from './access-vocabulary.js';
import {
  baseOf,
  fieldsIn,
  fitsAction,
  fitsActor,
  fitsPeriod,
  fitsPurpose,
  labelsNamed,
  listIn,
  scopeOf,
  typesOf,
  unread,
  type Effect,
  type Fit,
} from './consent-parts.js';

/** Who asks, as provisions name them. */
export interface ConsentAsker {
  readonly subject: string;
  readonly organisation: string | undefined;
  readonly purpose: Purpose;
  readonly actions: readonly Action[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Whether the consents refuse records of a type with some labels. */
export type Refuses = (type: string, labels: readonly Label[]) => boolean;

/** A provision that fits the asker, or may. */
interface Provision {
  readonly effect: Effect;
  /** Whether all that does not depend on the record fits. */
  readonly fit: Fit;
  /** Resource types; undefined: all. */
  readonly types: ReadonlySet<string> | undefined;
  /** Undefined: whatever the labels. */
  readonly labels: ReadonlySet<Label> | undefined;
  readonly nested: readonly Provision[];
}

/**
 * Reads the consents once for a request. Only active ones about privacy count, and those about research when data are
 * asked for beyond the patient's own care. Total: an active consent that cannot be understood refuses.
 *
 * @returns undefined when they refuse nothing to this asker
 */
export function compileConsents(consents: readonly unknown[], asker: ConsentAsker): Refuses | undefined {
  const provisions = consents.flatMap((consent) => compileConsent(consent, asker));
  if (!provisions.some(mayDeny)) return undefined;
  return (type, labels) => provisions.some((provision) => effectOn(provision, type, labels) === 'deny');
}

const mayDeny = ({ effect, fit, nested }: Provision): boolean =>
  (effect === 'deny' && fit !== 'no') || nested.some(mayDeny);

const refusal: Provision = { effect: 'deny', fit: 'yes', types: undefined, labels: undefined, nested: [] };

function compileConsent(consent: unknown, asker: ConsentAsker): Provision[] {
  const fields = fieldsIn(consent);
  if (fields === undefined) return [refusal];
  if (fields['status'] !== 'active' || !concerns(fields, asker.purpose)) return [];
  const root = fields['provision'];
  const base = baseOf(fields['policyRule']);
  if (root === undefined) return base === 'deny' ? [refusal] : [];
  const provision = compileProvision(root, asker);
  if (base === undefined) return [provision];
  // The policy holds for everybody and everything that the provision does not speak of.
  const rest = { ...refusal, effect: base };
  return [{ ...rest, nested: [provision] }];
}

function concerns({ scope }: Readonly<Record<string, unknown>>, purpose: Purpose): boolean {
  const about = scopeOf(scope);
  return about === 'research' ? secondaryPurposes.has(purpose) : about !== 'other';
}

function compileProvision(provision: unknown, asker: ConsentAsker): Provision {
  const fields = fieldsIn(provision);
  if (fields === undefined) return refusal;
  const { type, period, actor, action, purpose, securityLabel, class: classes } = fields;
  const isUnread = unread.some((name) => fields[name] !== undefined);
  const types = classes === undefined ? undefined : typesOf(classes);
  const about = securityLabel === undefined ? undefined : labelsNamed(securityLabel);
  const fits: Fit[] = [
    fitsPeriod(period, asker.now),
    fitsActor(actor, asker),
    fitsAction(action, asker.actions),
    fitsPurpose(purpose, asker.purpose),
    isUnread || types === 'unclear' || about === 'unclear' ? 'unclear' : 'yes',
  ];
  return {
    effect: type === undefined ? undefined : type === 'permit' ? 'permit' : 'deny',
    fit: worstOf(fits),
    types: types === 'unclear' ? undefined : types,
    labels: about === 'unclear' ? undefined : about,
    nested: fields['provision'] === undefined ? [] : nestedOf(fields['provision'], asker),
  };
}

const nestedOf = (nested: unknown, asker: ConsentAsker): Provision[] =>
  listIn(nested).map((each) => compileProvision(each, asker));

const worstOf = (fits: readonly Fit[]): Fit =>
  fits.includes('no') ? 'no' : fits.includes('unclear') ? 'unclear' : 'yes';

function effectOn(provision: Provision, type: string, labels: readonly Label[]): Effect {
  const { effect, fit, types, nested } = provision;
  const isAbout = fit !== 'no' && (types === undefined || types.has(type)) && hasLabel(provision, labels);
  if (!isAbout) return undefined;
  const inner = nested.map((each) => effectOn(each, type, labels));
  if (inner.includes('deny')) return 'deny';
  // When it is unclear whether it fits, only what it refuses counts.
  if (inner.includes('permit')) return fit === 'yes' ? 'permit' : undefined;
  return fit === 'yes' || effect === 'deny' ? effect : undefined;
}

const hasLabel = (provision: Provision, labels: readonly Label[]): boolean =>
  provision.labels === undefined || labels.some((label) => provision.labels?.has(label) === true);
