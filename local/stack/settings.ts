/** The app settings of the local stack: the committed sample, pointed at the ports in use. */
import { readFile, writeFile } from 'node:fs/promises';
import { readConfig } from '../../src/platform/config.js';
import type { StackPorts } from './ports.js';

const azuriteKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Where the sample settings look for the keys of issuers and clients. */
const sampleIssuer = 'http://127.0.0.1:7075/';

/**
 * Reads the settings as the app will, of which the environment's win: the host would start with bad ones, and answer
 * every request with an error.
 *
 * @throws Error that names every faulty setting, and the row of a feed or a pack
 */
export async function requireValidSettings(
  sampleFile: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const sample = JSON.parse(await readFile(sampleFile, 'utf8')) as { Values: Record<string, string> };
  readConfig({ ...sample.Values, ...environment });
}

/**
 * Writes `local.settings.json` for the Functions host and answers its values. `overrides` go to the host alone: what it
 * is to meet otherwise than the rest of the stack, such as a connection through a faulty network.
 */
export async function writeLocalSettings(
  sampleFile: string,
  targetFile: string,
  ports: StackPorts,
  connections: { readonly cosmos: string; readonly serviceBus: string; readonly signingKey: string },
  overrides: Readonly<Record<string, string>> = {},
): Promise<Readonly<Record<string, string>>> {
  const sample = JSON.parse(await readFile(sampleFile, 'utf8')) as { Values: Record<string, string> };
  const issuer = `http://127.0.0.1:${ports.issuer}/`;
  const atIssuer = (name: string) => sample.Values[name]?.replaceAll(sampleIssuer, issuer) ?? '';
  const values = {
    ...sample.Values,
    HDE_COSMOS: connections.cosmos,
    HDE_SERVICEBUS: connections.serviceBus,
    HDE_STORAGE: storageConnection(ports.blob),
    HDE_TOKEN_JWKS_URI: atIssuer('HDE_TOKEN_JWKS_URI'),
    HDE_TOKEN_ISSUERS: atIssuer('HDE_TOKEN_ISSUERS'),
    HDE_ACCESS_POLICY: atIssuer('HDE_ACCESS_POLICY'),
    HDE_TOKEN_SIGNING_KEY: connections.signingKey,
    HDE_PUBLIC_URL: `http://127.0.0.1:${ports.functions}`,
  };
  const settings = {
    ...sample,
    Host: { LocalHttpPort: ports.functions },
    Values: { ...values, ...overrides },
  };
  await writeFile(targetFile, `${JSON.stringify(settings, null, 2)}\n`);
  return values;
}

const storageConnection = (port: number): string =>
  `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${azuriteKey};` +
  `BlobEndpoint=http://127.0.0.1:${port}/devstoreaccount1;`;
