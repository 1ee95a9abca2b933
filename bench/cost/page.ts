/** The tables of docs/operations/cost.md. */
import { readFileSync } from 'node:fs';
import type { Environment } from '../../tools/infra/files.js';
import { replaceTable } from '../model/markdown.js';
import { type Consumption, costOf, requestUnitsToBuy, type Prices, totalOf, type Workload } from './model.js';
import { standingOf } from './standing.js';

const read = (name: string): unknown => JSON.parse(readFileSync(`bench/cost/${name}.json`, 'utf8'));

export type Size = Workload & { readonly environment: Environment };

export const sizes = (): readonly Size[] => (read('sizes') as { sizes: readonly Size[] }).sizes;

interface Figure {
  readonly value: number;
  readonly basis: string;
}

const figures = (): readonly (readonly [string, Figure])[] =>
  Object.entries(read('consumption') as Record<string, Figure | string>).flatMap(([name, figure]) =>
    typeof figure === 'string' ? [] : [[name, figure] as const],
  );

export const consumption = (): Consumption =>
  Object.fromEntries(figures().map(([name, { value }]) => [name, value])) as Consumption;

export const prices = (): Prices => (read('prices') as { prices: Prices }).prices;

const pounds = (amount: number): string => Math.round(amount).toLocaleString('en-GB');

function costTable(): readonly (readonly string[])[] {
  const use = consumption();
  const bills = sizes().map((size) => ({
    size,
    lines: costOf(use, size, standingOf(size.environment), prices()),
  }));
  const parts = [...new Set(bills.flatMap(({ lines }) => lines.map(({ part }) => part)))];
  const row = (part: string) => [
    part,
    ...bills.map(({ lines }) => {
      const line = lines.find((one) => one.part === part);
      return line === undefined ? '' : pounds(line.monthly);
    }),
  ];
  const total = bills.map(({ lines }) => totalOf(lines));
  return [
    ['Part', ...bills.map(({ size }) => `${size.name} (${size.environment})`)],
    ...parts.map(row),
    ['**Together**', ...total.map((sum) => `**${pounds(sum)}**`)],
    [
      'pence a message',
      ...bills.map(({ size }, index) =>
        (((total[index] ?? 0) * 100) / ((size.messagesPerDay * 365) / 12)).toFixed(2),
      ),
    ],
  ];
}

const workloadTable = (): readonly (readonly string[])[] => [
  ['Size', 'People', 'Messages a day', 'Busiest hour', 'Reads a day', 'RU/s to buy'],
  ...sizes().map((size) => [
    size.name,
    pounds(size.people),
    pounds(size.messagesPerDay),
    `${size.peakFactor} times the mean`,
    pounds(size.readsPerDay),
    pounds(requestUnitsToBuy(consumption(), size)),
  ]),
];

const figureTable = (): readonly (readonly string[])[] => [
  ['Figure', 'Value', 'Basis'],
  ...figures().map(([name, { value, basis }]) => [`\`${name}\``, `${value}`, basis]),
];

/** The page with its tables made anew. */
export function costPage(page: string): string {
  const withSizes = replaceTable(page, '## Sizes', workloadTable());
  const withCosts = replaceTable(withSizes, '## Costs', costTable());
  return replaceTable(withCosts, '## What one message uses', figureTable());
}
