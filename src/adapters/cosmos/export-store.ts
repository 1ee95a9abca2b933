import type { Container, SqlParameter } from '@azure/cosmos';
import type { ExportJob } from '../../core/fhir/export/export-job.js';
import type { ExportKey, ExportStore, StoredExport } from '../../ports/export-store.js';
import { callCosmos, statusOf } from './errors.js';
import { fetchAll } from './query.js';
import { withoutSystemProperties, type WithEtag } from './record-reads.js';

/** Bulk exports in the `exports` container, one partition a client. */
export function createCosmosExportStore(container: Container): ExportStore {
  return {
    async create(job) {
      await callCosmos(() => container.items.create(job));
    },
    async read({ client, id }) {
      const { resource } = await callCosmos(() => container.item(id, client).read<WithEtag<ExportJob>>());
      return resource === undefined ? undefined : asStored(resource);
    },
    async replace(job, etag) {
      const accessCondition = { type: 'IfMatch', condition: etag };
      return unlessGone(
        () => container.item(job.id, job.client).replace(job, { accessCondition }),
        'replaced',
        'conflict',
      );
    },
    async delete({ client, id }) {
      await unlessGone(() => container.item(id, client).delete(), undefined, undefined);
    },
    async countRunning(client) {
      const query = "SELECT VALUE c.id FROM c WHERE c.client = @client AND c.status = 'running'";
      const parameters = [{ name: '@client', value: client }];
      const scope = { partition: client, maxItemCount: 100 };
      return (await fetchAll<string>(container, { query, parameters }, scope)).length;
    },
    async listForgotten(touchedBefore, limit) {
      const found = await list<WithEtag<ExportJob>>(
        container,
        "SELECT TOP @limit * FROM c WHERE c.status = 'running' AND c.touchedAt < @before",
        [{ name: '@before', value: touchedBefore }],
        limit,
      );
      return found.map(asStored);
    },
    async listExpired(at, limit) {
      return list<ExportKey>(
        container,
        'SELECT TOP @limit c.client, c.id FROM c WHERE c.expiresAt <= @at',
        [{ name: '@at', value: at }],
        limit,
      );
    },
  };
}

const asStored = (stored: WithEtag<ExportJob>): StoredExport => ({
  job: withoutSystemProperties<ExportJob>(stored),
  etag: stored._etag,
});

/** In all partitions: there are few jobs. */
const list = <T>(
  container: Container,
  query: string,
  parameters: readonly SqlParameter[],
  limit: number,
): Promise<T[]> => {
  const bound = [...parameters, { name: '@limit', value: limit }];
  return fetchAll<T>(container, { query, parameters: bound }, { maxItemCount: limit });
};

async function unlessGone<T>(request: () => Promise<unknown>, done: T, gone: T): Promise<T> {
  try {
    await callCosmos(request);
    return done;
  } catch (error) {
    const status = statusOf(error);
    if (status !== 412 && status !== 404) throw error;
    return gone;
  }
}
