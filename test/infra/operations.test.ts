/** What the pages of docs/operations name is there: errors, settings and events. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { errors } from '../../src/core/errors.js';
import settings from '../../infra/topology/settings.json' with { type: 'json' };
import { BicepProject } from '../../tools/bicep/project.js';
import { infrastructureOf } from '../../tools/infra/infrastructure.js';

const folder = 'docs/operations';
const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.md'),
);
const textOf = (page: string): string => readFileSync(join(folder, page), 'utf8');

const known = new Set([
  ...Object.keys(errors),
  ...settings.settings.map(({ name }) => name),
  // Variables of a shell, outputs of the templates, and what tests read.
  ...['HDE_URL', 'HDE_APPS', 'HDE_TOKEN', 'HDE_THROTTLE_SECONDS', 'HDE_KEEP_STATE'],
]);

describe.each(pages)('%s', (page) => {
  test('names errors and settings that exist', () => {
    const named = [...textOf(page).matchAll(/\bHDE_[A-Z0-9_]*[A-Z0-9]/g)].map(([name]) =>
      name.replace(/__.*/, ''),
    );
    expect(
      named.filter((name) => !known.has(name) && ![...known].some((one) => one.startsWith(name))),
    ).toEqual([]);
  });
});

test('queries of runbooks wait for events that the code logs', () => {
  const { events } = infrastructureOf(BicepProject.onDisk(), 'dev');
  const queried = pages
    .filter((page) => page.startsWith('runbooks'))
    .flatMap((page) => [...textOf(page).matchAll(/\bevent (?:==|in) \(?((?:"[a-z-]+"(?:, )?)+)/g)])
    .flatMap(([, list = '']) => [...list.matchAll(/"([a-z-]+)"/g)].map(([, name = '']) => name));
  expect(queried.filter((event) => !events.has(event))).toEqual([]);
  expect(queried.length).toBeGreaterThan(20);
});

test('each runbook says what it means, where to look, what mends it, and whom to call', () => {
  const sections = ['## What it means', '## First looks', '## Mends', '## Whom to call'];
  const lacking = pages
    .filter((page) => page.startsWith('runbooks') && !page.endsWith('README.md'))
    .filter((page) => !sections.every((section) => textOf(page).includes(section)));
  expect(lacking).toEqual([]);
});
