import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { SaxesParser } from 'saxes';
import { smartConfigurationRoute, smartJwksRoute, smartTokenRoute } from '../../src/platform/smart.js';

const read = (path: string): string => readFileSync(join(import.meta.dirname, '../../infra', path), 'utf8');
const policy = read('policies/api.xml');

/** The elements of the inbound section, in order, each with its attributes. */
function inbound(): { name: string; attributes: Record<string, string> }[] {
  const found: { name: string; attributes: Record<string, string> }[] = [];
  const parser = new SaxesParser();
  let isInside = false;
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'inbound') isInside = true;
    else if (isInside) found.push({ name, attributes: { ...attributes } });
  });
  parser.on('closetag', ({ name }) => {
    if (name === 'inbound') isInside = false;
  });
  parser.write(policy).close();
  return found;
}

describe('the policy of the gateway', () => {
  const placeOf = (wanted: (element: ReturnType<typeof inbound>[number]) => boolean): number =>
    inbound().findIndex(wanted);

  it('takes away what a client says of its certificate before it says what was shown', () => {
    const headers = inbound().filter(({ name }) => name === 'set-header');
    const said = headers.filter(({ attributes }) => attributes['name'] === '[[certificate-header]]');

    expect(said.map(({ attributes }) => attributes['exists-action'])).toEqual(['delete', 'override']);
    expect(headers.map(({ attributes }) => attributes['name'])).toContain('x-arr-clientcert');
  });

  it('takes only signed tokens that end', () => {
    expect(inbound().find(({ name }) => name === 'validate-jwt')?.attributes).toMatchObject({
      'require-scheme': 'Bearer',
      'require-signed-tokens': 'true',
      'require-expiration-time': 'true',
    });
  });

  it('counts by a token only after it was checked', () => {
    const isClient = ({ name, attributes }: ReturnType<typeof inbound>[number]) =>
      name === 'set-variable' && attributes['name'] === 'client';
    const clients = inbound().filter(isClient);

    expect(clients.map(({ attributes }) => attributes['value']?.includes('Subject'))).toEqual([false, true]);
    expect(inbound().findLastIndex(isClient)).toBeGreaterThan(placeOf(({ name }) => name === 'validate-jwt'));
    expect(placeOf(({ name }) => name === 'rate-limit-by-key')).toBe(inbound().length - 1);
  });

  it('lets through without a token exactly what the exchange answers without one', () => {
    const open = [...policy.matchAll(/path == "([^"]+)"/g)].map(([, path]) => path);
    const routes = [smartConfigurationRoute, smartJwksRoute, smartTokenRoute].map(({ name }) => `/${name}`);
    const health = ['/health', '/health/live', '/health/ready', '/_health'];

    expect(open.toSorted()).toEqual([...routes, ...health, '/fhir/metadata', '/openapi.json'].toSorted());
  });

  it('lets nothing through by a part of its path', () => {
    const [, open = ''] = /<set-variable name="open" value='@\{([^]*?)\}' \/>/.exec(policy) ?? [];
    const left = open
      .replaceAll(/(?:\|\| )?path == "[^"]+"/g, '')
      .replace('var path = context.Request.OriginalUrl.Path;', '')
      .replace('return context.Request.Method == "OPTIONS"', '');

    expect(open).not.toBe('');
    expect(left.trim()).toBe(';');
  });

  it('repeats nothing: the exchange knows what may be done twice', () => {
    expect(policy).not.toContain('<retry');
  });

  it('has every place filled in by its module', () => {
    const places = [...policy.matchAll(/\[\[[a-z-]+\]\]/g)].map(([place]) => place);
    const filled = [...read('modules/api-management.bicep').matchAll(/'(\[\[[a-z-]+\]\])'/g)].map(
      ([, place]) => place,
    );

    expect([...new Set(places)].toSorted()).toEqual(filled.toSorted());
  });
});
