import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  BlobServiceClient,
  newPipeline,
  RestError,
  type BlockBlobClient,
  type BlockBlobUploadStreamOptions,
  type ContainerClient,
  type ContainerListBlobFlatSegmentResponse,
} from '@azure/storage-blob';
import topology from '../../../infra/topology/storage.json' with { type: 'json' };
import { ExchangeError } from '../../core/errors.js';
import type { ArchivePage, ArchivePageRequest, RawArchive, UnnamedBlob } from '../../ports/raw-archive.js';
import { dependencyNames } from '../throttling/dependencies.js';
import { createGuard, type Guard } from '../throttling/guard.js';
import { throttlingPolicy } from './throttling.js';

/** Where the storage account is: a connection string locally, a managed identity in Azure. */
export type BlobConnection =
  | { readonly kind: 'connection-string'; readonly connectionString: string }
  | { readonly kind: 'identity'; readonly blobServiceUri: string; readonly clientId?: string };

/** The client repeats nothing by itself: its guard does. */
const retryOptions = { maxTries: 1, tryTimeoutInMs: 30_000 };

/**
 * Opens a client for the blob service.
 *
 * @param guard what all requests of the client go through
 */
export async function openBlobService(
  connection: BlobConnection,
  guard: Guard = createGuard(dependencyNames.blob),
): Promise<BlobServiceClient> {
  const { url, credential } = await locate(connection);
  const pipeline = newPipeline(credential, { retryOptions });
  pipeline.factories.push(throttlingPolicy(guard));
  return new BlobServiceClient(url, pipeline);
}

async function locate(connection: BlobConnection): Promise<Pick<BlobServiceClient, 'url' | 'credential'>> {
  if (connection.kind === 'connection-string')
    return BlobServiceClient.fromConnectionString(connection.connectionString);
  const { ManagedIdentityCredential } = await import('@azure/identity');
  const credential =
    connection.clientId === undefined
      ? new ManagedIdentityCredential()
      : new ManagedIdentityCredential({ clientId: connection.clientId });
  return { url: connection.blobServiceUri, credential };
}

export type BlobContainerName = 'raw-messages' | 'exports';

export function blobContainerOf(service: BlobServiceClient, name: BlobContainerName): ContainerClient {
  return service.getContainerClient(name);
}

/** Creates the containers of the topology where they are absent; for the local stack and tests only. */
export async function provisionBlobs(service: BlobServiceClient): Promise<void> {
  for (const { name } of topology.containers) await service.getContainerClient(name).createIfNotExists();
}

/** The raw archive as block blobs that are written once. */
export function createBlobRawArchive(container: ContainerClient): RawArchive {
  return {
    async put(path, bytes, contentType) {
      await unlessThere(() =>
        container.getBlockBlobClient(path).uploadData(bytes, onlyIfAbsent(contentType)),
      );
    },
    async putUnnamed(chunks, contentType) {
      const waiting = container.getBlockBlobClient(`${unnamedPrefix}${randomUUID()}`);
      const headers = { blobHTTPHeaders: { blobContentType: contentType } };
      await uploadStream(waiting, chunks, headers);
      return unnamedBlob(container, waiting, contentType);
    },
    async get(path) {
      try {
        // One request; `downloadToBuffer` would ask for the size first.
        const { readableStreamBody } = await container.getBlobClient(path).download();
        return readableStreamBody === undefined ? undefined : await bytesOf(readableStreamBody);
      } catch (error) {
        if (error instanceof RestError && error.statusCode === 404) return undefined;
        throw error;
      }
    },
    list: (prefix, page) => list(container, prefix, page),
  };
}

/**
 * Where bytes wait for their name; no feed can be called so. Only a process that dies between two requests leaves one
 * here: docs/adr/0011.
 */
const unnamedPrefix = '.unnamed/';
/** So many bytes of a large blob are under way at once: two blocks of one megabyte. */
const blockBytes = 1_048_576;
const blocksAtOnce = 2;

const onlyIfAbsent = (contentType: string) => ({
  blobHTTPHeaders: { blobContentType: contentType },
  conditions: { ifNoneMatch: '*' },
});

/** Commits the blob when the stream has come to its end, and not at all when it breaks off. */
async function uploadStream(
  blob: BlockBlobClient,
  chunks: AsyncIterable<Uint8Array>,
  options: BlockBlobUploadStreamOptions,
): Promise<void> {
  await blob.uploadStream(Readable.from(buffersOf(chunks)), blockBytes, blocksAtOnce, options);
}

/** The SDK copies with a method that only buffers have. */
async function* buffersOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

/**
 * Gives the bytes their name by writing them again: a copy by the service itself would need its own authorisation for
 * the source, and only large messages come this way.
 */
function unnamedBlob(container: ContainerClient, waiting: BlockBlobClient, contentType: string): UnnamedBlob {
  return {
    async putAt(path) {
      await unlessThere(async () => {
        const { readableStreamBody } = await waiting.download();
        if (readableStreamBody === undefined) throw new Error('a blob has no content');
        const content = readableStreamBody as AsyncIterable<Buffer>;
        await uploadStream(container.getBlockBlobClient(path), content, onlyIfAbsent(contentType));
      });
    },
    async discard() {
      await waiting.deleteIfExists();
    },
  };
}

/** The path holds the hash of the content, so what is there already is the same. */
async function unlessThere(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof RestError && error.code === 'BlobAlreadyExists')) throw error;
  }
}

async function list(
  container: ContainerClient,
  prefix: string,
  { limit, continuation }: ArchivePageRequest,
): Promise<ArchivePage> {
  const pages = container.listBlobsFlat({ prefix }).byPage({
    maxPageSize: limit,
    ...(continuation === undefined ? {} : { continuationToken: continuation }),
  });
  const next = (await pages.next().catch((error: unknown) => {
    // The service refuses a place that it did not name itself.
    if (continuation !== undefined && error instanceof RestError && error.statusCode === 400)
      throw new ExchangeError('HDE_SEARCH_PARAMETER', { location: 'continuation' });
    throw error;
  })) as IteratorResult<ContainerListBlobFlatSegmentResponse, undefined>;
  const answer = next.value;
  const entries = (answer?.segment.blobItems ?? []).map(({ name, properties }) => ({
    path: name,
    storedAt: (properties.createdOn ?? properties.lastModified).toISOString(),
  }));
  const token = answer?.continuationToken ?? '';
  return token === '' ? { entries } : { entries, continuation: token };
}

/** @throws ExchangeError HDE_DEPENDENCY_UNAVAILABLE when the answer breaks off, which the client does not notice */
async function bytesOf(stream: NodeJS.ReadableStream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of stream) chunks.push(chunk as unknown as Uint8Array);
  } catch (cause) {
    throw new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE', { cause, detail: dependencyNames.blob });
  }
  return Buffer.concat(chunks);
}
