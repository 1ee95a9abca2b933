/** What operators ask of the exchange as a whole: `/replay/...` and `/ledger/...`. */
import type { z } from 'zod';
import {
  balanceArchive,
  balanceReceipts,
  type LedgerPage,
  type LedgerPeriod,
} from '../app/ledger/balance-feed.js';
import type { Concerned } from '../app/audit/audited.js';
import { applyReplay, type AppliedPage } from '../app/replay/apply-replay.js';
import type { RebuildDependencies } from '../app/replay/rebuild-circle.js';
import {
  replayPage,
  type ReplayPage,
  type ReplayPlace,
  type ReplayRequest,
} from '../app/replay/replay-page.js';
import { feedsOfOperator } from '../app/triage/operators.js';
import { decodePlace, encodePlace } from '../app/triage/search-messages.js';
import { ExchangeError } from '../core/errors.js';
import { demand, type Principal } from '../core/governance/access.js';
import { PackError } from '../core/mapping/engine/pack.js';
import { partitionsOfPeople } from '../core/records/ids.js';
import type { RecordChange } from '../core/records/types.js';
import { auditedOperation } from './audit.js';
import { container } from './container.js';
import type { Exchange } from './http.js';
import { jsonAnswer, operatorRoute } from './operator-route.js';
import { ledger, replay, run } from './operations-requests.js';
import { instant, readJson } from './requests.js';

/** `POST /replay/preview`: what reading messages anew would change; writes nothing. */
export const previewRoute = operatorRoute('replay/preview', async (exchange) => {
  const request = requestOf(exchange.principal, await readJson(exchange.request, replay));
  const access = { interaction: 'replay-preview', isChange: false };
  const preview = async () => replayPage(await rebuildDependencies(), request);
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
      withKnownPack(async () =>
        applyReplay(await rebuildDependencies(), request, runId, (changes) => {
          tell({ records: changes.map(versionOf), patients: [...partitionsOfPeople(changes)] });
        }),
      ),
    changedBy,
  );
  exchange.logger.info('replay-run', { actor: exchange.principal.subject, count: done.changes.length });
  return jsonAnswer(200, withToken(done, encodeReplayPlace));
});

/** The records that a replay tells of, and whose they are. */
function toldBy({ differences, skipped }: ReplayPage): Concerned {
  const subjects = [...differences, ...skipped].map(({ subject }) => subject);
  const people = subjects.filter((subject) => subject.startsWith('Patient/'));
  return {
    records: [...new Set(differences.flatMap(({ records }) => records.map(nameOf)))],
    patients: [...new Set(people.map((subject) => subject.slice('Patient/'.length)))],
  };
}

/** The same, with the versions that it made. */
function changedBy(applied: AppliedPage): Concerned {
  const { records, patients } = toldBy(applied);
  const versions = applied.changes.map(versionOf);
  return { records: [...new Set([...records, ...versions])], patients };
}

const nameOf = ({ resourceType, id }: { readonly resourceType: string; readonly id: string }): string =>
  `${resourceType}/${id}`;

const versionOf = (change: RecordChange): string => `${nameOf(change)}/_history/${change.versionId}`;

/** `POST /ledger/receipts`: what became of the messages of a feed, and whether all of it is true. */
export const ledgerReceiptsRoute = operatorRoute('ledger/receipts', async (exchange) => {
  const [period, page] = await periodOf(exchange);
  const balance = async () =>
    balanceReceipts(await ledgerDependencies(), period, { ...page, ...placeOf(page) });
  const access = { interaction: 'ledger-receipts', isChange: false };
  const found = await auditedOperation(exchange, access, balance, messagesOf);
  return jsonAnswer(200, withToken(found, encodePlace));
});

/** `POST /ledger/archive`: whether every archived message of a feed has a receipt. */
export const ledgerArchiveRoute = operatorRoute('ledger/archive', async (exchange) => {
  const asked = await periodOf(exchange);
  const balance = async () => balanceArchive(await ledgerDependencies(), ...asked);
  const access = { interaction: 'ledger-archive', isChange: false };
  return jsonAnswer(200, await auditedOperation(exchange, access, balance, messagesOf));
});

/** The messages that a balance names. */
const messagesOf = ({ differences }: Pick<LedgerPage, 'differences'>): Concerned => ({
  records: [...new Set(differences.map(({ messageId }) => `message/${messageId}`))],
  patients: [],
});

function requestOf(principal: Principal, body: z.infer<typeof replay>): ReplayRequest {
  const { feeds, from, to, type, pack, limit, continuation } = body;
  return {
    selection: {
      feeds: allowed(principal, feeds),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(type === undefined ? {} : { messageType: type }),
    },
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

const encodeReplayPlace = ({ begun, after }: ReplayPlace): string =>
  `${encodePlace(begun)}.${encodePlace(after)}`;

/** @throws ExchangeError HDE_SEARCH_PARAMETER for what `encodeReplayPlace` did not give */
function decodeReplayPlace(continuation: string): ReplayPlace {
  const [begun = '', after = ''] = continuation.split('.');
  const instantOf = Buffer.from(begun, 'base64url').toString('utf8');
  if (!instant.safeParse(instantOf).success)
    throw new ExchangeError('HDE_SEARCH_PARAMETER', { location: 'continuation' });
  return { begun: instantOf, after: decodePlace(after) };
}

/** The feeds that are asked for. @throws ExchangeError HDE_FORBIDDEN for those of others */
function allowed(principal: Principal, feeds: readonly string[] | undefined): readonly string[] {
  const own = feedsOfOperator(principal);
  for (const feed of feeds ?? []) demand(principal, { kind: 'triage', feed });
  return feeds ?? own;
}

async function periodOf({
  request,
  principal,
}: Exchange): Promise<[LedgerPeriod, { limit: number; continuation?: string }]> {
  const { feed, from, to, limit, continuation } = await readJson(request, ledger);
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

const ledgerDependencies = async () => {
  const { archive, messages, records, clock } = await container().normaliseDependencies();
  return { archive, messages, records, clock };
};
