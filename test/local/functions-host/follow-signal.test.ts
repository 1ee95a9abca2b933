import { getEventListeners } from 'node:events';
import { expect, test } from '@jest/globals';
import { followSignal } from '../../../local/functions-host/service-bus-sessions.js';

test('a session hears of the end of its host, and leaves nothing there when it is over', () => {
  const host = new AbortController();
  const [first, second] = [followSignal(host.signal), followSignal(host.signal)];
  first.forget();
  // Whatever an SDK leaves at the signal of a session goes with it.
  second.signal.addEventListener('abort', () => undefined);
  expect(getEventListeners(host.signal, 'abort')).toHaveLength(1);
  host.abort('over');
  expect([first.signal.aborted, second.signal.aborted, second.signal.reason]).toEqual([false, true, 'over']);
  expect(followSignal(host.signal).signal.aborted).toBe(true);
});
