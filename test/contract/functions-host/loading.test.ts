import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { bundle, rootDir, startHostProcess } from './host-process.js';

/** Below the repository, so that the apps find @azure/functions. */
const folder = join(rootDir, '.build', `test-apps-${process.pid}`);
let built: Awaited<ReturnType<typeof bundle>>;
let count = 0;
let appDir = '';

beforeAll(async () => {
  built = await bundle('local/functions-host/main.ts');
});

beforeEach(() => {
  count += 1;
  appDir = join(folder, String(count));
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await built.remove();
});

function writeApp(files: Readonly<Record<string, unknown>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(appDir, name)), { recursive: true });
    writeFileSync(join(appDir, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
}

const register = (code: string) => `import { app, output, input } from '@azure/functions';\n${code}\n`;
const esm = (code: string) => {
  writeApp({ 'package.json': { type: 'module', main: 'app.js' }, 'app.js': register(code) });
};
const hello =
  "app.http('hello', { authLevel: 'anonymous', handler: async () => ({ body: process.env.WORD ?? 'none' }) });";

describe('an app', () => {
  test('may be CommonJS', async () => {
    writeApp({
      'package.json': { main: 'src/*.js' },
      'src/app.js': `const { app } = require('@azure/functions');\n${hello}`,
    });
    const host = await startHostProcess(built.file, { appDir });
    expect(await (await fetch(`${host.url}/api/hello`)).text()).toBe('none');
    await host.stop();
  });

  test('may await at its top level, and finds its settings and its folder', async () => {
    esm(`await Promise.resolve();\n${hello}\nconsole.log(JSON.stringify(['folder', process.cwd()]));`);
    writeApp({ 'local.settings.json': { Values: { WORD: 'from the file' } } });
    const host = await startHostProcess(built.file, { appDir });
    expect(host.events).toContainEqual(['folder', appDir]);
    expect(await (await fetch(`${host.url}/api/hello`)).text()).toBe('from the file');
    await host.stop();
  });

  test('takes settings from another file, and from the environment before any file', async () => {
    esm(hello);
    writeApp({ 'other.json': { Values: { WORD: 'from the other file' } } });
    const args = ['--settings', join(appDir, 'other.json')];
    const host = await startHostProcess(built.file, { appDir, args });
    expect(await (await fetch(`${host.url}/api/hello`)).text()).toBe('from the other file');
    await host.stop();
    const other = await startHostProcess(built.file, { appDir, args, env: { WORD: 'from the environment' } });
    expect(await (await fetch(`${other.url}/api/hello`)).text()).toBe('from the environment');
    await other.stop();
  });

  test('is served in part by a process of one scale group', async () => {
    const tick =
      "app.timer('tick', { schedule: '0 0 0 1 1 *', runOnStartup: true, handler: () => ticked() });";
    esm(`const ticked = () => { console.log(JSON.stringify(['tick'])); };\n${hello}\n${tick}`);
    const http = await startHostProcess(built.file, { appDir, args: ['--group', 'http'] });
    const background = await startHostProcess(built.file, { appDir, args: ['--group', 'background'] });
    expect([http.functions, background.functions]).toEqual([['hello'], ['tick']]);
    expect((await fetch(`${http.url}/api/hello`)).status).toBe(200);
    expect(background.url).toBeUndefined();
    await background.untilEvents((events) => events.length > 0);
    expect(http.events).toEqual([]);
    expect([await http.stop(), await background.stop()]).toEqual([0, 0]);
  });

  test('refuses a scale group that it does not know', async () => {
    esm(hello);
    await expect(startHostProcess(built.file, { appDir, args: ['--group', 'queue'] })).rejects.toThrow(
      '--group must be http or background',
    );
  });

  test('may have a function taken out of service', async () => {
    esm(hello);
    const env = { 'AzureWebJobs.hello.Disabled': 'true' };
    const host = await startHostProcess(built.file, { appDir, env });
    expect((await fetch(`${host.url}/api/hello`)).status).toBe(404);
    await host.stop();
  });

  test.each([
    [
      'a trigger that is not known here',
      "app.storageQueue('f', { connection: 'C', queueName: 'q', handler: async () => {} });",
      /Function 'f': trigger type 'queueTrigger' is not supported/,
    ],
    [
      'a connection that is missing',
      "app.serviceBusQueue('f', { connection: 'SB', queueName: 'q', handler: async () => {} });",
      /Function 'f': the connection setting 'SB' is not defined/,
    ],
    [
      'a connection string of another kind',
      "process.env.SB = 'AccountEndpoint=x';app.serviceBusQueue('f', { connection: 'SB', queueName: 'q', handler: async () => {} });",
      /the setting 'SB' is no Service Bus connection string/,
    ],
    [
      'code that throws',
      "throw new Error('broken at start');",
      /Loading app\.js failed: Error: broken at start/,
    ],
    ['no functions', '', /registers no function/],
    ['two functions of one name', `${hello}${hello}`, /"hello" has already been registered/],
  ])('that has %s does not start, and says so', async (_, code, message) => {
    esm(code);
    await expect(startHostProcess(built.file, { appDir })).rejects.toThrow(message);
  });
});
