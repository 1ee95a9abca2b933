import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadAccessPolicy } from '../../src/platform/access-policy.js';
import { parseFeeds } from '../../src/platform/feeds.js';

const read = (environment: string, file: string): string =>
  readFileSync(join(import.meta.dirname, '../../infra/environments', environment, file), 'utf8');

describe.each(['dev', 'prod'])('the documents that %s is deployed with', (environment) => {
  it('are feeds that the exchange accepts', () => {
    expect(parseFeeds(read(environment, 'feeds.json'))).not.toHaveLength(0);
  });

  it('are an access policy that the exchange accepts', () => {
    const { organisations } = loadAccessPolicy(read(environment, 'access-policy.json'));
    const owners = parseFeeds(read(environment, 'feeds.json')).map(({ organisation }) => organisation);

    expect(organisations.map(({ ods }) => ods)).toEqual(expect.arrayContaining(owners));
  });
});
