/**
 * Counts characters looked at, instead of measuring time: while the tests of a file run, the ways in which code inspects
 * or copies text are replaced by ones that add up what they touch.
 */
import { afterEach, beforeEach } from '@jest/globals';

/* eslint-disable @typescript-eslint/unbound-method -- the originals are called with their text */
const originals = {
  charCodeAt: String.prototype.charCodeAt,
  charAt: String.prototype.charAt,
  indexOf: String.prototype.indexOf,
  slice: String.prototype.slice,
  trim: String.prototype.trim,
};
/* eslint-enable @typescript-eslint/unbound-method */

let work = 0;

// Plain functions, since a mock would remember every one of millions of calls.
const counting = {
  charCodeAt(this: string, index: number) {
    work += 1;
    return originals.charCodeAt.call(this, index);
  },
  charAt(this: string, index: number) {
    work += 1;
    return originals.charAt.call(this, index);
  },
  indexOf(this: string, sought: string, from = 0) {
    const found = originals.indexOf.call(this, sought, from);
    work += 1 + (found < 0 ? this.length : found) - from;
    return found;
  },
  slice(this: string, start?: number, end?: number) {
    const part = originals.slice.call(this, start, end);
    work += 1 + part.length;
    return part;
  },
  trim(this: string) {
    work += 1 + this.length;
    return originals.trim.call(this);
  },
};

/** Lets every test of a file count. @returns how many characters an action looks at */
export function countCharacters(): (action: () => void) => number {
  beforeEach(() => {
    Object.assign(String.prototype, counting);
  });
  afterEach(() => {
    Object.assign(String.prototype, originals);
  });
  return (action) => {
    work = 0;
    action();
    return work;
  };
}
