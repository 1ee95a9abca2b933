/** The app settings of the local stack: the committed sample, pointed at the ports in use. */
import { readFile, writeFile } from 'node:fs/promises';
import type { StackPorts } from './ports.js';

const azuriteKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Writes `local.settings.json` for the Functions host and answers its values. */
export async function writeLocalSettings(
  sampleFile: string,
  targetFile: string,
  ports: StackPorts,
  connections: { readonly cosmos: string; readonly serviceBus: string },
): Promise<Readonly<Record<string, string>>> {
  const sample = JSON.parse(await readFile(sampleFile, 'utf8')) as { Values: Record<string, string> };
  const values = {
    ...sample.Values,
    HDE_COSMOS: connections.cosmos,
    HDE_SERVICEBUS: connections.serviceBus,
    HDE_STORAGE: storageConnection(ports.blob),
    HDE_TOKEN_JWKS_URI: `http://127.0.0.1:${ports.issuer}/jwks`,
  };
  const settings = { ...sample, Host: { LocalHttpPort: ports.functions }, Values: values };
  await writeFile(targetFile, `${JSON.stringify(settings, null, 2)}\n`);
  return values;
}

const storageConnection = (port: number): string =>
  `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${azuriteKey};` +
  `BlobEndpoint=http://127.0.0.1:${port}/devstoreaccount1;`;
