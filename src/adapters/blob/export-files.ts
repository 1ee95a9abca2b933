import { Buffer } from 'node:buffer';
import { RestError, type ContainerClient } from '@azure/storage-blob';
import { ndjson } from '../../core/fhir/export/read-export.js';
import type { ExportFiles } from '../../ports/export-files.js';

/** Files of bulk exports as block blobs: what is staged is visible once a list of blocks is committed. */
export function createBlobExportFiles(container: ContainerClient): ExportFiles {
  return {
    async stage(path, block, bytes) {
      await container.getBlockBlobClient(path).stageBlock(blockId(block), bytes, bytes.byteLength);
    },
    async finish(path, blocks) {
      const headers = { blobHTTPHeaders: { blobContentType: ndjson } };
      await container.getBlockBlobClient(path).commitBlockList(blocks.map(blockId), headers);
    },
    async read(path) {
      try {
        const { readableStreamBody } = await container.getBlobClient(path).download();
        return readableStreamBody as AsyncIterable<Uint8Array> | undefined;
      } catch (error) {
        if (error instanceof RestError && error.statusCode === 404) return undefined;
        throw error;
      }
    },
    async deleteAll(job) {
      for await (const { name } of container.listBlobsFlat({ prefix: `${job}/` }))
        await container.getBlobClient(name).deleteIfExists();
    },
  };
}

/** The service takes ids in Base64. */
const blockId = (block: string): string => Buffer.from(block).toString('base64');
