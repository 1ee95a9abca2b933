import { execFileSync } from 'node:child_process';
import { getPriority } from 'node:os';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bundle } from '../functions-host/host-process.js';

let preload: Awaited<ReturnType<typeof bundle>>;

beforeAll(async () => {
  preload = await bundle('local/stack/low-priority.ts');
});

afterAll(() => preload.remove());

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('all threads of a process with low priority give way', () => {
  const print = `
    const { getPriority } = require('node:os');
    const threads = require('node:fs').readdirSync('/proc/self/task');
    console.log(JSON.stringify(threads.map((thread) => getPriority(Number(thread)))));`;
  const args = ['--import', pathToFileURL(preload.file).href, '--eval', print];
  const priorities = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as number[];
  expect(priorities.length).toBeGreaterThan(1);
  expect(Math.min(...priorities)).toBeGreaterThan(getPriority());
});
