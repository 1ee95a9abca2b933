import { describe, expect, test } from '@jest/globals';
import { toLoadedFunction } from '../../../local/functions-host/bindings.js';
import type { BindingInfo } from '../../../local/functions-host/core-types.js';
import { createSettings } from '../../../local/functions-host/settings.js';

const load = (bindings: Record<string, BindingInfo>, name = 'f') =>
  toLoadedFunction(
    { id: name, name, bindings, callback: () => undefined },
    createSettings({ QUEUE: 'inbound' }),
  );

const queueTrigger = { type: 'serviceBusTrigger', direction: 'in', queueName: '%QUEUE%', connection: 'C' };

describe('bindings', () => {
  test('are told apart and have their settings resolved', () => {
    const loaded = load({
      in: queueTrigger,
      $return: { type: 'serviceBus', direction: 'out', queueName: 'out' },
    });
    expect(loaded.trigger).toMatchObject({
      name: 'in',
      type: 'servicebustrigger',
      options: { queueName: 'inbound' },
    });
    expect([...loaded.outputs.keys()]).toEqual(['$return']);
  });

  test('a percent sign in a route is no setting', () => {
    const { trigger } = load({ r: { type: 'httpTrigger', direction: 'in', route: 'a%b%c' } });
    expect(trigger.options['route']).toBe('a%b%c');
  });

  test.each<[string, Record<string, BindingInfo>, RegExp]>([
    [
      'an unknown trigger',
      { b: { type: 'blobTrigger', direction: 'in' } },
      /Function 'f': trigger type 'blobTrigger' is not supported/,
    ],
    [
      'an unknown output',
      { in: queueTrigger, o: { type: 'table', direction: 'out' } },
      /Function 'f': output type 'table' is not supported/,
    ],
    [
      'an input binding',
      { in: queueTrigger, i: { type: 'cosmosDB', direction: 'in' } },
      /input bindings are not supported/,
    ],
    ['no trigger', { o: { type: 'http', direction: 'out' } }, /exactly one trigger/],
    ['SDK types', { in: { ...queueTrigger, sdkBinding: true } }, /sdkBinding is not supported/],
    [
      'a missing setting',
      { in: { ...queueTrigger, queueName: '%NOPE%' } },
      /Function 'f', serviceBusTrigger\.queueName: the app setting 'NOPE'/,
    ],
  ])('%s is refused', (_, bindings, message) => {
    expect(() => load(bindings)).toThrow(message);
  });

  test('a name that Azure refuses is refused', () => {
    expect(() => load({ in: queueTrigger }, '1st')).toThrow(/must begin with a letter/);
  });
});
