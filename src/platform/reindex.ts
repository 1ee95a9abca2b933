/** `POST /reindex/run`: writes the search index of records anew, a page at a time. */
import { z } from 'zod';
import { reindexPage, type ReindexPlace } from '../app/reindex/reindex-page.js';
import { ExchangeError } from '../core/errors.js';
import { auditedOperation } from './audit.js';
import { container } from './container.js';
import { jsonAnswer, operatorRoute } from './operator-route.js';
import { reindex } from './operations-requests.js';
import { readJson } from './requests.js';

const place = z.tuple([z.string(), z.string(), z.string().optional()]);

/** Operators learn how many records were rewritten, and of none what it says. */
export const reindexRoute = operatorRoute('reindex/run', async (exchange) => {
  const { request, principal, logger } = exchange;
  const { limit, continuation } = await readJson(request, reindex);
  const page = { limit, ...(continuation === undefined ? {} : { continuation: decode(continuation) }) };
  const { continuation: next, ...done } = await auditedOperation(
    exchange,
    { interaction: 'reindex-run', isChange: true },
    async () => reindexPage(await container().records(), page),
    () => ({ records: [], patients: [] }),
  );
  logger.info('reindexed', { actor: principal.subject, count: done.rewritten });
  return jsonAnswer(200, next === undefined ? done : { ...done, continuation: encode(next) });
});

const encode = ({ definitions, resourceType, after }: ReindexPlace): string =>
  Buffer.from(JSON.stringify([definitions, resourceType, ...(after === undefined ? [] : [after])])).toString(
    'base64url',
  );

function decode(token: string): ReindexPlace {
  try {
    const [definitions, resourceType, after] = place.parse(
      JSON.parse(Buffer.from(token, 'base64url').toString()),
    );
    return { definitions, resourceType, ...(after === undefined ? {} : { after }) };
  } catch {
    throw new ExchangeError('HDE_REQUEST_INVALID', {
      location: 'continuation',
      detail: 'as the page before gave it',
    });
  }
}
