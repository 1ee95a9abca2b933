import { availableParallelism } from 'node:os';

/** One project per kind of test, so that each can run alone (`npm test -- --selectProjects unit`). */
const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript' },
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.build', '<rootDir>/.local'],
};

const project = (name, folders, extra = {}) => ({
  ...common,
  ...extra,
  displayName: name,
  testMatch: folders.map((folder) => `<rootDir>/test/${folder}/**/*.test.ts`),
});

export default {
  projects: [
    project('unit', ['core', 'app', 'adapters', 'platform', 'cli', 'local', 'samples', 'chaos', 'bench']),
    project('architecture', ['architecture']),
    project('infra', ['infra']),
    project('contract', ['contract']),
    project('e2e', ['e2e'], { globalSetup: '<rootDir>/test/e2e/build-once.mjs' }),
  ],
  // One for each processor, and two at least: end-to-end tests wait for other processes most of their time.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  testTimeout: 30_000,
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts', 'functions/**/*.ts', 'local/**/*.ts'],
};
