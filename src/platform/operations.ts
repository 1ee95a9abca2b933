/** What operators ask of the exchange as a whole: `/replay/...` and `/ledger/...`. */
import type { z } from 'zod';
import {
  balanceArchive,
  balanceReceipts,
  type LedgerDependencies,
  type LedgerPage,
  type LedgerPeriod,
} from '../app/ledger/balance-feed.js';
import type { Concerned } from '../app/audit/audited.js';
import { applyReplay, type AppliedPage } from '../app/replay/apply-replay.js';
import type { RebuildDependencies } from '../app/replay/rebuild-circle.js';
import { recoverFailedPage, tryFailedPage, type RecoveredPage } from '../app/replay/failed-page.js';
import { replayInStages, type StagedRequest, type StagePlace } from '../app/replay/in-stages.js';
import { replayPage, type ReplayPage } from '../app/replay/replay-page.js';
import { feedsOfOperator } from '../app/triage/operators.js';
import { actionOf } from '../app/triage/reasons.js';
import { decodePlace, encodePlace } from '../app/triage/search-messages.js';
import { ExchangeError } from '../core/errors.js';
import { demand, type Principal } from '../core/governance/access.js';
import { PackError } from '../core/mapping/engine/pack.js';
import { partitionsOfPeople } from '../core/records/ids.js';
import type { RecordChange } from '../core/records/types.js';
import { takeInArchived } from '../app/take-in-archived.js';
import { auditedDecision, auditedOperation } from './audit.js';
import { container } from './container.js';
import type { Exchange } from './http.js';
import { jsonAnswer, operatorRoute } from './operator-route.js';
import { ledger, ledgerArchive, replay, run, takeIn } from './operations-requests.js';
import { instant, readJson } from './requests.js';

/** `POST /replay/preview`: what reading messages anew would change; writes nothing. */
export const previewRoute = operatorRoute('replay/preview', async (exchange) => {
  const request = requestOf(exchange.principal, await readJson(exchange.request, replay));
  const access = { interaction: 'replay-preview', isChange: false };
  const preview = async () => {
    const deps = await rebuildDependencies();
    return replayInStages(request, {
      failed: (page) => tryFailedPage(deps, page),
      normalised: (page) => replayPage(deps, page),
    });
  };
  const found = await auditedOperation(exchange, access, () => withKnownPack(preview), toldBy);
  exchange.logger.info('replay-previewed', { actor: exchange.principal.subject, count: found.patients });
  return jsonAnswer(200, withToken(found, encodeReplayPlace));
});

/** `POST /replay/run`: the same, carried out. */
export const runRoute = operatorRoute('replay/run', async (exchange) => {
  const { runId, ...body } = await readJson(exchange.request, run);
  const request = requestOf(exchange.principal, body);
  const access = { interaction: 'replay-run', isChange: true };
  const done = await auditedOperation(
    exchange,
    access,
    (tell) =>
      withKnownPack(async () => {
        const deps = await rebuildDependencies();
        const changed = (changes: readonly RecordChange[]) => {
          tell({ records: changes.map(versionOf), patients: [...partitionsOfPeople(changes)] });
        };
        return replayInStages(request, {
          failed: async (page) => {
            const action = actionOf(deps, exchange.principal, 'resubmitted', 'replay');
            const { queue } = await container().acceptDependencies();
            return recoverFailedPage({ ...deps, queue }, page, action, changed);
          },
          normalised: (page) => applyReplay(deps, page, runId, changed),
        });
      }),
    changedBy,
  );
  exchange.logger.info('replay-run', { actor: exchange.principal.subject, count: done.changes.length });
  return jsonAnswer(200, withToken(done, encodeReplayPlace));
});

/** What a page of a replay tells of. */
interface Told
  extends Pick<ReplayPage, 'differences' | 'skipped'>, Partial<Pick<RecoveredPage, 'recovered' | 'queued'>> {}

/** The records and messages that a replay tells of, and whose the records are. */
function toldBy({ differences, skipped, recovered = [], queued = [] }: Told): Concerned {
  const subjects = [...differences, ...skipped].map(({ subject }) => subject);
  const people = subjects.filter((subject) => subject.startsWith('Patient/'));
  const messages = [...recovered, ...queued].map((id) => `message/${id}`);
  return {
    records: [...new Set([...differences.flatMap(({ records }) => records.map(nameOf)), ...messages])],
    patients: [...new Set(people.map((subject) => subject.slice('Patient/'.length)))],
  };
}

/** The same, with the versions that it made. */
function changedBy(applied: Told & Pick<AppliedPage, 'changes'>): Concerned {
  const { records, patients } = toldBy(applied);
  const versions = applied.changes.map(versionOf);
  const others = partitionsOfPeople(applied.changes);
  return {
    records: [...new Set([...records, ...versions])],
    patients: [...new Set([...patients, ...others])],
  };
}

const nameOf = ({ resourceType, id }: { readonly resourceType: string; readonly id: string }): string =>
  `${resourceType}/${id}`;

const versionOf = (change: RecordChange): string => `${nameOf(change)}/_history/${change.versionId}`;

/** `POST /ledger/receipts`: what became of the messages of a feed, and whether all of it is true. */
export const ledgerReceiptsRoute = operatorRoute('ledger/receipts', async (exchange) => {
  const [period, page] = await periodOf(exchange, ledger);
  const balance = async () =>
    balanceReceipts(await ledgerDependencies(), period, { ...page, ...placeOf(page) });
  const access = { interaction: 'ledger-receipts', isChange: false };
  const found = await auditedOperation(exchange, access, balance, messagesOf);
  return jsonAnswer(200, withToken(found, encodePlace));
});

/** `POST /ledger/archive`: whether every archived message of a feed has a receipt. */
export const ledgerArchiveRoute = operatorRoute('ledger/archive', async (exchange) => {
  const asked = await periodOf(exchange, ledgerArchive);
  const balance = async () => balanceArchive(await ledgerDependencies(), ...asked);
  const access = { interaction: 'ledger-archive', isChange: false };
  return jsonAnswer(200, await auditedOperation(exchange, access, balance, messagesOf));
});

/** The messages that a balance names. */
const messagesOf = ({ differences }: Pick<LedgerPage, 'differences'>): Concerned => ({
  records: [...new Set(differences.map(({ messageId }) => `message/${messageId}`))],
  patients: [],
});

/** `POST /ledger/take-in`: takes messages in again that are archived and have no receipt, or no records, any more. */
export const ledgerTakeInRoute = operatorRoute('ledger/take-in', async (exchange) => {
  const { principal, logger, request } = exchange;
  const { feed: id, messageIds } = await readJson(request, takeIn);
  allowed(principal, [id]);
  const feed = container().config.feeds.get(id);
  if (feed === undefined) throw new ExchangeError('HDE_FEED_UNKNOWN');
  const deps = { ...(await container().acceptDependencies()), records: await container().records() };
  const action = actionOf(deps, principal, 'resubmitted', 'not stored');
  const done = await auditedDecision(exchange, 'ledger-take-in', (taken) =>
    takeInArchived(deps, feed, messageIds, action, taken),
  );
  const takenIn = done.takenIn.map(({ id: messageId }) => messageId);
  logger.info('messages-taken-in', { actor: principal.subject, feed: id, count: takenIn.length });
  return jsonAnswer(200, { ...done, takenIn });
});

function requestOf(principal: Principal, body: z.infer<typeof replay>): StagedRequest {
  const { feeds, from, to, type, statuses, pack, limit, continuation } = body;
  return {
    selection: {
      feeds: allowed(principal, feeds),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(type === undefined ? {} : { messageType: type }),
    },
    statuses,
    limit,
    ...(pack === undefined ? {} : { pack }),
    ...(continuation === undefined ? {} : { continuation: decodeReplayPlace(continuation) }),
  };
}

/** A place in the order of messages, as the page before named it. @throws ExchangeError HDE_SEARCH_PARAMETER */
const placeOf = ({ continuation }: { readonly continuation?: string | undefined }) =>
  continuation === undefined ? {} : { continuation: decodePlace(continuation) };

const withToken = <C, P extends { readonly continuation?: C }>(found: P, encode: (place: C) => string) =>
  found.continuation === undefined ? found : { ...found, continuation: encode(found.continuation) };

/** A place in a replay, as text: the stage, and what stands in it. */
const encodeReplayPlace = (at: StagePlace): string =>
  at.status === 'failed'
    ? ['failed', ...parts(at.after)].join('.')
    : ['normalised', ...parts(at.place?.begun, at.place?.after)].join('.');

const parts = (...places: readonly (string | undefined)[]): string[] =>
  places.flatMap((place) => (place === undefined ? [] : [encodePlace(place)]));

/** @throws ExchangeError HDE_SEARCH_PARAMETER for what `encodeReplayPlace` did not give */
function decodeReplayPlace(continuation: string): StagePlace {
  const [status, first, second, ...more] = continuation.split('.');
  if (status === 'failed' && second === undefined)
    return first === undefined ? { status } : { status, after: decodePlace(first) };
  if (status === 'normalised' && first === undefined) return { status };
  const begun = Buffer.from(first ?? '', 'base64url').toString('utf8');
  if (status !== 'normalised' || more.length > 0 || !instant.safeParse(begun).success)
    throw new ExchangeError('HDE_SEARCH_PARAMETER', { location: 'continuation' });
  return { status, place: { begun, after: decodePlace(second ?? '') } };
}

/** The feeds that are asked for. @throws ExchangeError HDE_FORBIDDEN for those of others */
function allowed(principal: Principal, feeds: readonly string[] | undefined): readonly string[] {
  const own = feedsOfOperator(principal);
  for (const feed of feeds ?? []) demand(principal, { kind: 'triage', feed });
  return feeds ?? own;
}

async function periodOf(
  { request, principal }: Exchange,
  schema: typeof ledger,
): Promise<[LedgerPeriod, { limit: number; continuation?: string }]> {
  const { feed, from, to, limit, continuation } = await readJson(request, schema);
  allowed(principal, [feed]);
  return [
    { feed, from, to },
    { limit, ...(continuation === undefined ? {} : { continuation }) },
  ];
}

/** A pack that is not registered, or not valid, is a fault of the request. */
async function withKnownPack<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    throw new ExchangeError('HDE_REQUEST_INVALID', { location: 'pack', detail: 'a pack of this exchange' });
  }
}

const rebuildDependencies = async (): Promise<RebuildDependencies> => {
  const { createMemoryRecordStore } = await import('../adapters/memory/record-store.js');
  return { ...(await container().normaliseDependencies()), createScratch: createMemoryRecordStore };
};

/** What balancing needs of this process. */
export const ledgerDependencies = async (): Promise<LedgerDependencies> => {
  const { archive, messages, records, clock } = await container().normaliseDependencies();
  return { archive, messages, records, queue: await container().queueView(), clock };
};
