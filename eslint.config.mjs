import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';
import { hastyComparisons } from './tools/hasty-comparisons.mjs';

/** Forbids imports that would break the one-way flow of the architecture (docs/adr/0001). */
const mayNotImport = (files, patterns, message) => ({
  files,
  rules: {
    'no-restricted-imports': ['error', { patterns: [{ regex: patterns, message }] }],
  },
});

export default tseslint.config(
  { ignores: ['node_modules', 'dist', '.build', '.local', '.bicep', 'coverage'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.ts', 'functions/**/*.ts', 'cli/**/*.ts', 'local/**/*.ts', 'tools/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 15],
    },
  },
  {
    files: ['src/**/*.ts', 'local/**/*.ts', 'cli/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...hastyComparisons] },
  },
  {
    files: ['src/**/*.ts', 'functions/**/*.ts'],
    ignores: ['src/platform/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Read settings through src/platform/config.ts.' },
      ],
    },
  },
  {
    files: ['src/core/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'fetch', 'setTimeout', 'setInterval', 'performance'],
      'no-restricted-syntax': [
        'error',
        ...hastyComparisons,
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'core has no clock.' },
        {
          selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
          message: 'core has no clock.',
        },
        {
          selector: "CallExpression[callee.property.name='random'][callee.object.name='Math']",
          message: 'core has no randomness.',
        },
      ],
    },
  },
  mayNotImport(
    ['src/core/**/*.ts'],
    '(/(ports|app|adapters|platform|functions|local)/|^@(azure|opentelemetry)/|^(zod|jose)$|^node:(?!crypto$|buffer$))',
    'core is pure: it imports core only (node:crypto for hashes, node:buffer for bytes).',
  ),
  mayNotImport(
    ['src/ports/**/*.ts'],
    '(/(app|adapters|platform|functions|local)/|^@(azure|opentelemetry)/|^node:)',
    'ports import core types only.',
  ),
  mayNotImport(
    ['src/app/**/*.ts'],
    '(/(adapters|platform|functions|local)/|^@(azure|opentelemetry)/|^node:(?!crypto$|buffer$))',
    'app imports core and ports only.',
  ),
  mayNotImport(
    ['src/adapters/**/*.ts'],
    '(/(app|platform|functions|local)/)',
    'adapters import core, ports and SDKs.',
  ),
  mayNotImport(['src/platform/**/*.ts'], '(/(functions|local)/)', 'platform imports src.'),
  mayNotImport(
    ['functions/**/*.ts'],
    '(/(core|adapters|local)/)',
    'functions register a trigger and call one use case: platform and app only.',
  ),
  {
    files: ['test/**/*.ts', 'bench/**/*.ts', 'samples/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  { files: ['**/*.mjs'], ...tseslint.configs.disableTypeChecked },
  {
    files: ['local/**/*.ts', 'samples/**/*.ts', 'bench/**/*.ts', 'tools/**/*.ts', '**/*.mjs'],
    rules: { 'no-console': 'off' },
    languageOptions: {
      globals: { console: 'readonly', process: 'readonly', URL: 'readonly', Buffer: 'readonly' },
    },
  },
  prettier,
);
