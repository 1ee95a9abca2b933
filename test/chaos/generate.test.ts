/** A seed decides everything. */
import { describe, expect, test } from '@jest/globals';
import { planKills, victims } from '../../chaos/faults/plan.js';
import { generateHospital } from '../../chaos/hospital/generate.js';
import { acceptedOrder } from '../../chaos/expect/expected.js';
import { createRandom } from '../../chaos/random.js';

const size = { messages: 500, patients: 30 };

describe('a hospital', () => {
  test('is the same for the same seed and another for another', () => {
    expect(generateHospital('s', size)).toEqual(generateHospital('s', size));
    expect(generateHospital('s', size)).not.toEqual(generateHospital('t', size));
  });

  test('has as many messages as asked for, each in exactly one lane', () => {
    const { messages, lanes } = generateHospital('s', size);
    const sent = lanes.flatMap((lane) => acceptedOrder(lane).map(({ number }) => number));
    expect(messages.length).toBeGreaterThanOrEqual(size.messages);
    expect(sent.sort((a, b) => a - b)).toEqual(messages.map(({ number }) => number));
  });

  test('gives no two events of a person the same time', () => {
    const { messages } = generateHospital('s', size);
    const times = messages
      .filter(({ time, facts }) => facts !== undefined && time !== Infinity)
      .map(({ time, facts }) => `${facts?.person.id.slice(0, 5)} ${time}`);
    expect(new Set(times).size).toBe(times.length);
  });

  test('sends no message over a merge', () => {
    const { lanes } = generateHospital('s', { messages: 2000, patients: 100 });
    let merges = 0;
    for (const lane of lanes) {
      const order = acceptedOrder(lane).filter(({ facts }) => facts !== undefined);
      const merge = order.findIndex(({ event }) => event === 'A40');
      if (merge < 0) continue;
      merges += 1;
      const number = order[merge]!.number;
      expect(order.slice(0, merge).every((before) => before.number < number)).toBe(true);
      expect(order.slice(merge + 1).every((after) => after.number > number)).toBe(true);
    }
    expect(merges).toBeGreaterThan(0);
  });

  test('uses valid NHS numbers of the 999 range, one a person', () => {
    const numbers = generateHospital('s', size).people.flatMap(({ nhsNumber }) => nhsNumber ?? []);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) {
      expect(number).toMatch(/^999\d{7}$/);
      const sum = Array.from(number).reduce((total, digit, place) => total + Number(digit) * (10 - place), 0);
      expect((sum + Number(number[9]) * 0) % 11).toBe(0);
    }
  });
});

describe('a plan of kills', () => {
  test('meets every process, in order, and is the same for the same seed', () => {
    const plan = planKills(8, createRandom('s'));
    expect(plan).toEqual(planKills(8, createRandom('s')));
    expect(new Set(plan.map(({ victim }) => victim))).toEqual(new Set(victims));
    expect(plan.map(({ after }) => after)).toEqual(plan.map(({ after }) => after).sort((a, b) => a - b));
    expect(plan.every(({ after }) => after > 0 && after < 1)).toBe(true);
  });

  test('has as many kills as asked for', () => {
    expect(planKills(100, createRandom('s'))).toHaveLength(100);
    expect(planKills(0, createRandom('s'))).toEqual([]);
  });
});
