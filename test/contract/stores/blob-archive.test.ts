/** The raw archive on Azurite, over the wire with the real SDK. */
import {
  blobContainerOf,
  createBlobRawArchive,
  openBlobService,
  provisionBlobs,
} from '../../../src/adapters/blob/raw-archive.js';
import { startAzurite } from '../../support/azurite.js';
import { describeRawArchive } from './raw-archive.suite.js';

describeRawArchive('Blob Storage', async () => {
  const azurite = await startAzurite();
  const service = await openBlobService({
    kind: 'connection-string',
    connectionString: azurite.connectionString,
  });
  await provisionBlobs(service);
  return {
    archive: createBlobRawArchive(blobContainerOf(service, 'raw-messages')),
    close: () => azurite.close(),
  };
});
