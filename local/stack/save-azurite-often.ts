/**
 * Preloaded into Azurite: it keeps the index of its blobs in memory and writes it every five seconds, so that
 * `kill -9` loses the blobs of the last seconds. Once a second narrows that gap; Azure has none.
 */
import { createRequire } from 'node:module';

interface Loki {
  autosaveInterval: number;
  autosaveEnable(...args: unknown[]): void;
}

const resolveFrom = createRequire(import.meta.url);
const loki = createRequire(resolveFrom.resolve('azurite/dist/src/blob/main.js'))('lokijs') as {
  prototype: Loki;
};
const saveIntervalMs = 1000;

const { prototype } = loki;
// eslint-disable-next-line @typescript-eslint/unbound-method -- called with its object below
const original = prototype.autosaveEnable;
prototype.autosaveEnable = function autosaveOften(this: Loki, ...args: unknown[]) {
  this.autosaveInterval = saveIntervalMs;
  original.apply(this, args);
};
