import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { describeRecordStore } from './record-store.suite.js';

describeRecordStore('in memory', () =>
  Promise.resolve({ store: createMemoryRecordStore(), close: () => Promise.resolve() }),
);
