/** `/access/...`: what governs access to records, broken glass, and who looked (docs/reference/access-model.md). */
import { breakGlass, reviewGlass } from '../app/access/break-glass.js';
import { keepOptOuts } from '../app/access/opt-outs.js';
import { endRegistration, proxies, register, relationships } from '../app/access/registrations.js';
import { audited, type Concerned } from '../app/audit/audited.js';
import { isOwnId } from '../app/audit/witness.js';
import { ExchangeError } from '../core/errors.js';
import { closingTime } from '../core/governance/break-glass.js';
import type { KeptGlass, KeptProxy, KeptRelationship } from '../core/governance/kept-facts.js';
import { readOptOutAnswer } from '../core/governance/opt-out.js';
import * as requests from './access-requests.js';
import { accessOf, auditDependencies } from './audit-access.js';
import { auditedOperation } from './audit.js';
import { container } from './container.js';
import type { Exchange, Route } from './http.js';
import { jsonAnswer, privacyRoute } from './operator-route.js';
import { readJson } from './requests.js';

const aboutPatients = (...patients: readonly string[]): Concerned => ({ records: [], patients });

/** Changes what governs a patient, once that is recorded. */
const change = <T>(
  exchange: Exchange,
  interaction: string,
  work: () => Promise<T>,
  concerned: (done: T) => Concerned,
): Promise<T> =>
  auditedOperation(exchange, { interaction, role: 'privacy-officer', isChange: true }, work, concerned);

/** `POST /access/opt-outs`: what the national service answered. Nothing lists who has opted out. */
export const optOutsRoute = privacyRoute('access/opt-outs', async (exchange) => {
  const { asked, answer, mayBeUsed, at } = await readJson(exchange.request, requests.optOuts);
  const { clock, config } = container();
  const now = clock.now().toISOString();
  if (at !== undefined && at > now)
    throw new ExchangeError('HDE_REQUEST_INVALID', { location: 'at', detail: 'no time to come' });
  const text = mayBeUsed === undefined ? (answer ?? undefined) : textOf(mayBeUsed);
  const deps = {
    governance: await container().governance(),
    identities: await container().identities(),
    records: await container().records(),
    identitySecret: config.identitySecret,
  };
  const { patients, ...counts } = await change(
    exchange,
    'opt-outs',
    () => keepOptOuts(deps, readOptOutAnswer(asked, text), at ?? now),
    (kept) => aboutPatients(...kept.patients),
  );
  exchange.logger.info('opt-outs-kept', { actor: exchange.principal.subject, count: patients.length });
  return jsonAnswer(200, { patients: patients.length, ...counts });
});

/** As the national service writes it. */
const textOf = (numbers: readonly string[]): string =>
  numbers.length === 0 ? '\r\n' : numbers.map((number) => `${number},\r\n`).join('');

const registrationDependencies = async () => ({
  governance: await container().governance(),
  records: await container().records(),
  clock: container().clock,
});

/** `POST /access/relationships`: an organisation, or one of its staff, cares for a patient. */
export const relationshipsRoute = privacyRoute('access/relationships', async (exchange) => {
  const { patient, organisation, subject, ...term } = await readJson(exchange.request, requests.relationship);
  const isKnown = container().config.accessPolicy.organisations.some(({ ods }) => ods === organisation);
  if (!isKnown)
    throw new ExchangeError('HDE_REQUEST_INVALID', {
      location: 'organisation',
      detail: 'one of the access policy',
    });
  const deps = await registrationDependencies();
  const asked = { patient, who: { organisation, subject }, ...term };
  const done = await change(
    exchange,
    'relationship-register',
    () => register(deps, relationships, asked, exchange.principal.subject),
    () => aboutPatients(patient),
  );
  return jsonAnswer(201, present(done));
});

/** `POST /access/proxies`: somebody acts for a patient. */
export const proxiesRoute = privacyRoute('access/proxies', async (exchange) => {
  const { patient, subject, ...term } = await readJson(exchange.request, requests.proxy);
  const deps = await registrationDependencies();
  const done = await change(
    exchange,
    'proxy-register',
    () => register(deps, proxies, { patient, who: { subject }, ...term }, exchange.principal.subject),
    () => aboutPatients(patient),
  );
  return jsonAnswer(201, present(done));
});

/** `POST /access/relationships/end`. */
export const endRelationshipRoute = privacyRoute('access/relationships/end', async (exchange) => {
  const asked = await readJson(exchange.request, requests.ending);
  const deps = await registrationDependencies();
  const done = await change(
    exchange,
    'relationship-end',
    () => endRegistration(deps, relationships, asked, exchange.principal.subject),
    () => aboutPatients(asked.patient),
  );
  return jsonAnswer(200, present(done));
});

/** `POST /access/proxies/end`. */
export const endProxyRoute = privacyRoute('access/proxies/end', async (exchange) => {
  const asked = await readJson(exchange.request, requests.ending);
  const deps = await registrationDependencies();
  const done = await change(
    exchange,
    'proxy-end',
    () => endRegistration(deps, proxies, asked, exchange.principal.subject),
    () => aboutPatients(asked.patient),
  );
  return jsonAnswer(200, present(done));
});

const isoOf = (time: number | undefined): string | undefined =>
  time === undefined ? undefined : new Date(time).toISOString();

const present = <K extends KeptRelationship | KeptProxy>({ start, end, ...others }: K) => ({
  ...others,
  start: isoOf(start),
  end: isoOf(end),
});

const glassDependencies = async () => ({
  governance: await container().governance(),
  clock: container().clock,
  policy: container().config.accessPolicy,
});

/** `POST /access/break-glass`: staff open the record of a patient in whose care they have no part. */
export const breakGlassRoute: Route = {
  name: 'access/break-glass',
  async handle(exchange) {
    const { principal, request, logger } = exchange;
    const asked = await readJson(request, requests.brokenGlass);
    const deps = await glassDependencies();
    let broken: KeptGlass | undefined;
    const access = {
      ...accessOf(exchange, 'break-glass', 'reader'),
      ...{ purpose: 'BTG', reason: 'break-glass' },
      isChange: true,
      concerned: () => glassConcerns(asked.patient, broken),
    };
    const { id, patient, openedAt } = await audited(await auditDependencies(), access, async () => {
      broken = await breakGlass(deps, principal, asked);
      // Whoever is on duty is told at once: who, for whom they work and where the reason stands, never the reason itself.
      const { subject: actor, organisation, id: glass } = broken;
      logger.warn('access-alert', { status: 'break-glass', actor, organisation, glass });
      return broken;
    });
    const closesAt = isoOf(closingTime(openedAt, deps.policy));
    return jsonAnswer(201, { id, patient, openedAt: isoOf(openedAt), closesAt });
  },
};

/** The glass by its id, and the patient if there is one: what was typed as an id may be anything, also a name. */
async function glassConcerns(patient: string, glass: KeptGlass | undefined): Promise<Concerned> {
  const records = await container().records();
  // Looked up whatever comes of it, so that the answer takes as long for somebody who is not there.
  const isKnown = (await records.readLatest('Patient', patient)) !== undefined;
  return {
    records: glass === undefined ? [] : [`glass/${glass.id}`],
    patients: isOwnId(patient) || isKnown ? [patient] : [],
  };
}

/** `POST /access/break-glass/search`: who broke the glass, and why. */
export const glassSearchRoute = privacyRoute('access/break-glass/search', async (exchange) => {
  const { limit, continuation, ...asked } = await readJson(exchange.request, requests.glassSearch);
  const governance = await container().governance();
  const search = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
  const page = { limit, ...(continuation === undefined ? {} : { continuation }) };
  const access = { interaction: 'break-glass-search', isChange: false };
  const found = await auditedOperation(
    exchange,
    access,
    () => governance.searchGlass(search, page),
    ({ glass }) => ({
      records: glass.map(({ id }) => `glass/${id}`),
      patients: [...new Set(glass.map(({ patient }) => patient).filter(isOwnId))],
    }),
  );
  const { policy } = await glassDependencies();
  return jsonAnswer(200, {
    glass: found.glass.map((glass) => ({
      ...glass,
      openedAt: isoOf(glass.openedAt),
      closesAt: isoOf(closingTime(glass.openedAt, policy)),
    })),
    continuation: found.continuation,
  });
});

/** `POST /access/break-glass/review`: a privacy officer says what they found. */
export const glassReviewRoute = privacyRoute('access/break-glass/review', async (exchange) => {
  const asked = await readJson(exchange.request, requests.glassReview);
  const deps = await glassDependencies();
  const done = await change(
    exchange,
    'break-glass-review',
    () => reviewGlass(deps, asked, exchange.principal.subject),
    ({ id, patient }) => ({ records: [`glass/${id}`], patients: isOwnId(patient) ? [patient] : [] }),
  );
  return jsonAnswer(200, { ...done, openedAt: isoOf(done.openedAt) });
});
