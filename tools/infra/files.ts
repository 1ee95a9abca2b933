/** The Bicep files of the project. */
import { readdirSync } from 'node:fs';
import { posix } from 'node:path';

/** Paths of templates and parameter files below `infra`, in order. */
export const bicepFiles = (folder = 'infra'): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.bicep(param)?$/.test(name))
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .sort();

/** One parameter file for each environment. */
export const environments = ['dev', 'test', 'prod'] as const;
export type Environment = (typeof environments)[number];
export const parameterFile = (environment: Environment): string => `infra/main.${environment}.bicepparam`;
