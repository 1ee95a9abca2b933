/** The tables of docs/operations/capacity.md. */
import { readFileSync } from 'node:fs';
import type { Workload } from '../cost/model.js';
import { consumption } from '../cost/page.js';
import { replaceTable } from '../model/markdown.js';
import { type Bought, capacityOf, headroomOf, type Limits } from './model.js';

const read = (name: string): unknown => JSON.parse(readFileSync(`bench/capacity/${name}.json`, 'utf8'));

interface Figure {
  readonly value: number;
  readonly basis: string;
}

const figures = (): readonly (readonly [string, Figure])[] =>
  Object.entries((read('limits') as { limits: Record<string, Figure> }).limits);

export const limits = (): Limits =>
  Object.fromEntries(figures().map(([name, { value }]) => [name, value])) as Limits;

export type Deployment = Workload & { readonly bought: Bought };

export const deployments = (): readonly Deployment[] =>
  (read('deployments') as { deployments: readonly Deployment[] }).deployments;

const number = (value: number): string => Math.round(value).toLocaleString('en-GB');
const share = (used: number): string => (used < 0.01 ? 'under 1 %' : `${Math.round(used * 100)} %`);

function busiestTable(): readonly (readonly string[])[] {
  return [
    [
      'Deployment',
      'People',
      'Messages/s',
      'p50',
      'p95',
      'Workers used',
      'Partitions',
      'Busiest partition',
      'Its busiest second',
    ],
    ...deployments().map((one) => {
      const { observed, partitions } = capacityOf(one, consumption(), limits(), one.bought);
      return [
        one.name,
        number(one.people),
        observed.messagesPerSecond.toFixed(1),
        `${observed.p50.toFixed(2)} s`,
        `${observed.p95.toFixed(2)} s`,
        share(observed.workersUsed),
        `${partitions}`,
        `${number(observed.busiestPartition)} RU/s`,
        `${number(observed.busiestSecond)} RU/s`,
      ];
    }),
  ];
}

function firstTable(): readonly (readonly string[])[] {
  return [
    ['Deployment', 'Takes', 'Then meets', 'What helps'],
    ...deployments().map((one) => {
      const { times, limit, then } = headroomOf(one, consumption(), limits(), one.bought);
      return [one.name, `${times.toFixed(1)} times as much`, limit, then];
    }),
  ];
}

function useTable(): readonly (readonly string[])[] {
  const all = deployments().map((one) => capacityOf(one, consumption(), limits(), one.bought).uses);
  const names = (all.at(-1) ?? []).map(({ limit }) => limit);
  return [
    ['Limit', ...deployments().map(({ name }) => name)],
    ...names.map((name) => [
      name,
      ...all.map((uses) => share(uses.find(({ limit }) => limit === name)?.used ?? 0)),
    ]),
  ];
}

const limitTable = (): readonly (readonly string[])[] => [
  ['Figure', 'Value', 'Basis'],
  ...figures().map(([name, { value, basis }]) => [
    `\`${name}\``,
    number(value) === '0' ? `${value}` : value.toLocaleString('en-GB'),
    basis,
  ]),
];

/** The page with its tables made anew. */
export function capacityPage(page: string): string {
  const tables: readonly (readonly [string, readonly (readonly string[])[]])[] = [
    ['## The busiest time', busiestTable()],
    ['## Which limit comes first', firstTable()],
    ['## How much of each is used', useTable()],
    ['## Limits', limitTable()],
  ];
  return tables.reduce((text, [heading, rows]) => replaceTable(text, heading, rows), page);
}
