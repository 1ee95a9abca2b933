/** The one-way flow of docs/adr/0001: which folder may import what. ESLint says the same while one types. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';

/** What each folder may import besides itself; packages are listed by name, `node:` modules by `node:`. */
const mayImport: Readonly<Record<string, readonly RegExp[]>> = {
  // saxes parses XML, rfc6902 patches JSON: both are pure.
  'src/core': [/^node:(crypto|buffer)$/, /^fhir\/r4\.js$/, /^(saxes|rfc6902)$/],
  'src/ports': [/^src\/core\//],
  'src/app': [/^src\/(core|ports)\//, /^node:(crypto|buffer)$/, /^fhir\/r4\.js$/],
  'src/adapters': [
    /^src\/(core|ports)\//,
    /^infra\/topology\//,
    /^@azure\//,
    /^jose$/,
    /^@opentelemetry\//,
    /^node:/,
    /^fhir\/r4\.js$/,
  ],
  'src/platform': [
    /^src\//,
    /^infra\/topology\//,
    /^package\.json$/,
    /^@azure\//,
    /^zod$/,
    /^node:/,
    /^fhir\/r4\.js$/,
  ],
  functions: [/^src\/(platform|app)\//, /^@azure\/functions$/],
};

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));

/** Modules that a file imports: relative ones as paths from the root, others by name. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const found = [...text.matchAll(/(?:^|[\s;}])(?:from|import)\s*\(?\s*'([^']+)'/gm)].map(
    ([, name = '']) => name,
  );
  return found.map((name) => (name.startsWith('.') ? normalize(join(dirname(file), name)) : name));
}

describe.each(Object.entries(mayImport))('%s', (folder, allowed) => {
  test('imports only what the architecture allows', () => {
    const faults = filesBelow(folder).flatMap((file) =>
      importsOf(file)
        .filter((name) => !name.startsWith(`${folder}/`) && !allowed.some((pattern) => pattern.test(name)))
        .map((name) => `${file} imports ${name}`),
    );
    expect(faults).toEqual([]);
  });
});

test('throttling, which all adapters share, knows no technology', () => {
  const faults = filesBelow('src/adapters/throttling').flatMap((file) =>
    importsOf(file).filter((name) => name.startsWith('@azure/')),
  );
  expect(faults).toEqual([]);
});

test('an adapter imports no other technology than its own', () => {
  const faults = filesBelow('src/adapters').flatMap((file) => {
    const [, , technology = ''] = file.split('/');
    return importsOf(file)
      .filter((name) => name.startsWith('src/adapters/') && !name.startsWith(`src/adapters/${technology}/`))
      .filter((name) => !name.startsWith('src/adapters/throttling/'))
      .map((name) => `${file} imports ${name}`);
  });
  expect(faults).toEqual([]);
});

test('entry files stay tiny: they register one trigger and call one handler', () => {
  const long = filesBelow('functions').filter((file) => readFileSync(file, 'utf8').split('\n').length > 41);
  expect(long).toEqual([]);
});

test('core reads no clock, no environment and no randomness', () => {
  const impure = /\bDate\.now\(|new Date\(\)|Math\.random\(|process\.env|randomUUID|randomBytes/;
  const faults = filesBelow('src/core').filter((file) => impure.test(readFileSync(file, 'utf8')));
  expect(faults).toEqual([]);
});

test('only the platform reads the environment', () => {
  const faults = [...filesBelow('src'), ...filesBelow('functions')].filter(
    (file) => !file.startsWith('src/platform/') && readFileSync(file, 'utf8').includes('process.env'),
  );
  expect(faults).toEqual([]);
});
