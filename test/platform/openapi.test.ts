/** The OpenAPI document describes exactly the HTTP functions that are registered, save for `/fhir`. */
import { expect, jest, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import manifest from '../../package.json' with { type: 'json' };
import { openApiDocument } from '../../src/platform/openapi/document.js';
import { allOperations } from '../../src/platform/openapi/operations.js';

interface HttpOptions {
  readonly route: string;
  readonly methods: readonly string[];
}

const registered: string[] = [];
const others = {
  serviceBusQueue: jest.fn(),
  cosmosDB: jest.fn(),
  timer: jest.fn(),
  hook: { appTerminate: jest.fn() },
};
jest.unstable_mockModule('@azure/functions', () => ({
  app: {
    ...others,
    http: (_name: string, { route, methods }: HttpOptions) => {
      registered.push(...methods.filter((method) => method !== 'HEAD').map((method) => `${method} ${route}`));
    },
  },
}));

/** The CapabilityStatement and the guides describe it. */
const withCapabilityStatement =
  /^\S+ fhir\/(\{\*path\}|(Patient\/|Group\/\{id\}\/)?\$export|export\/|AuditEvent\/)/;
const anythingElse = '{*path}';

test('each registered operation is described, and nothing else', async () => {
  for (const file of readdirSync('functions')) await import(`../../functions/${file.replace('.ts', '.js')}`);
  const expected = registered.filter(
    (operation) => !withCapabilityStatement.test(operation) && !operation.endsWith(` ${anythingElse}`),
  );
  const described = allOperations.map(({ method, route }) => `${method.toUpperCase()} ${route}`);
  expect(described.sort()).toEqual(expected.sort());
});

test('docs/reference/openapi.json is what the server answers', () => {
  const text = readFileSync('docs/reference/openapi.json', 'utf8');
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(openApiDocument(manifest.version))));
});

test('operation ids are unique, and parameters of an address are declared', () => {
  const ids = allOperations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const paths = openApiDocument('1')['paths'] as Record<
    string,
    Record<string, { parameters?: { name: string; in: string }[] }>
  >;
  for (const [path, methods] of Object.entries(paths)) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const { parameters = [] } of Object.values(methods)) {
      expect(parameters.filter((each) => each.in === 'path').map(({ name }) => name)).toEqual(named);
    }
  }
});
