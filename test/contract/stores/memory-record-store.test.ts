import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { describeRecordGoverning } from './record-governing.suite.js';
import { describeRecordHistory } from './record-history.suite.js';
import { describeRecordStore } from './record-store.suite.js';

const open = () => Promise.resolve({ store: createMemoryRecordStore(), close: () => Promise.resolve() });

describeRecordStore('in memory', open);
describeRecordHistory('in memory', open);
describeRecordGoverning('in memory', open);
