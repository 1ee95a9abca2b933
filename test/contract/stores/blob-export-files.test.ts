/** The files of exports on Azurite, over the wire with the real SDK. */
import { createBlobExportFiles } from '../../../src/adapters/blob/export-files.js';
import { blobContainerOf, openBlobService, provisionBlobs } from '../../../src/adapters/blob/raw-archive.js';
import { startAzurite } from '../../support/azurite.js';
import { describeExportFiles } from './export-files.suite.js';

describeExportFiles('Blob Storage', async () => {
  const azurite = await startAzurite();
  const { connectionString } = azurite;
  const service = await openBlobService({ kind: 'connection-string', connectionString });
  await provisionBlobs(service);
  return { files: createBlobExportFiles(blobContainerOf(service, 'exports')), close: () => azurite.close() };
});
