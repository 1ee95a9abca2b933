import { describe, expect, test } from '@jest/globals';
import { checkRules, elementFault } from '../../cli/check-rules.js';
import { elementsOf } from '../../src/core/fhir/elements.js';
import { builtInPacks } from '../../src/core/mapping/packs/built-in-packs.js';
import type { Pack, Rule } from '../../src/core/mapping/engine/pack.js';

const ukPack = builtInPacks.complete('hl7v2-uk');
const idsOf = ({ maps }: Pack): Set<string> =>
  new Set(maps.flatMap(({ rules }) => rules.map(({ id }) => id)));

/** The faults of the UK pack with one more rule in a map. */
function faultsOf(map: string, rule: Rule): string[] {
  const maps = ukPack.maps.map((each) =>
    each.id === map ? { ...each, rules: [...each.rules, rule] } : each,
  );
  return checkRules({ ...ukPack, maps }, new Set([rule.id]));
}

test('the packs that come with the exchange have no faults', () => {
  expect(checkRules(ukPack, idsOf(ukPack))).toEqual([]);
});

describe('the element of a rule', () => {
  test.each([
    ['Patient', 'birthDate'],
    ['Patient', 'name[+]'],
    ['Patient', 'contact[0].name.given[+]'],
    ['Patient', '_birthDate.extension(BirthTime).valueDateTime'],
    ['Encounter', 'hospitalization.extension(AdmissionMethod).valueCodeableConcept'],
  ])('%s.%s is one of FHIR R4', (resource, path) => {
    expect(elementFault(resource, path)).toBeUndefined();
  });

  test.each([
    ['Patients', 'name', 'FHIR R4 has no resource Patients'],
    ['Patient', 'birthdate', 'Patient has no element "birthdate", but "birthDate"'],
    ['Patient', 'nonsense', 'Patient has no element "nonsense"'],
    ['Patient', 'name.family', 'Patient.name repeats: name[0] is one of them'],
    ['Patient', 'gender[+]', 'Patient.gender does not repeat, so it is no gender[+]'],
    ['Patient', 'birthDate.year', '"year" stands below a value, which has no elements'],
    ['Patient', 'extension(Religion).value', 'Extension has no element "value", but "valueBase64Binary"'],
  ])('%s.%s is refused: %s', (resource, path, fault) => {
    expect(elementFault(resource, path)).toBe(fault);
  });
});

describe('the source of a rule', () => {
  const rule = (from: string): Rule => ({ id: 'own', from, to: 'birthDate', using: 'date' });

  test.each(['PID-7', 'PID-7.9', 'MSH-7', 'EVN-2', 'NK1(*)-3', 'NTE(*)-3', 'ZZZ(*)-1'])(
    '%s can be reached',
    (from) => {
      expect(faultsOf('pid-patient', rule(from))).toEqual([]);
    },
  );

  test.each([
    ['OBX-5', 'PID can reach no OBX: the structure puts it neither above PID nor beside it as context'],
    ['ZZZ-1', 'PID can reach no ZZZ: the structure puts it neither above PID nor beside it as context'],
    ['RXR(*)-1', /^no RXR stands under PID; in the structure it is under /],
  ])('%s can not, and the row is named', (from, fault) => {
    const [first = '', ...more] = faultsOf('pid-patient', rule(from));
    expect(more).toEqual([]);
    const place = 'map pid-patient, rule own: from: ';
    expect(first.slice(0, place.length)).toBe(place);
    expect(first.slice(place.length)).toMatch(fault);
  });
});

test('the table of elements holds every resource type that the packs write', () => {
  for (const { resource } of ukPack.maps) expect(elementsOf(resource)).toBeDefined();
});
