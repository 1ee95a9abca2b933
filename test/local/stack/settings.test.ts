import { expect, test } from '@jest/globals';
import { requireValidSettings } from '../../../local/stack/settings.js';

const SAMPLE = 'local.settings.sample.json';
const pack = (rule: object): string =>
  JSON.stringify([
    { name: 'site', version: '1.0.0', extends: 'hl7v2-uk', maps: [{ id: 'pid-patient', rules: [rule] }] },
  ]);

test('the sample settings are valid', async () => {
  await expect(requireValidSettings(SAMPLE, {})).resolves.toBeUndefined();
});

test.each([
  [
    'HDE_PACKS',
    pack({ id: 'own-religion', from: 'PID-17', to: 'gender', using: 'nothing' }),
    'rule own-religion',
  ],
  ['HDE_PACKS', '[{"name":"site","name":"site"}]', 'line 1, column 17'],
  ['HDE_PACKS', 'no-such-folder', 'HDE_PACKS'],
  ['HDE_FEEDS', '[{"id":"a","id":"b"}]', 'line 1, column 12: the key "id" occurs twice'],
  ['HDE_FEEDS', '[]', 'HDE_FEEDS'],
])('the stack does not start with %s=%s', async (name, value, fault) => {
  await expect(requireValidSettings(SAMPLE, { [name]: value })).rejects.toThrow(fault);
});
