import { describe, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { subsetResource, subsetted } from '../../../src/core/fhir/subset.js';

type Fields = Readonly<Record<string, unknown>>;

const meta = { versionId: '1', tag: [{ ...subsetted }] };

const allergy = {
  resourceType: 'AllergyIntolerance',
  id: 'a',
  meta: { versionId: '1' },
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Penicillin</div>' },
  contained: [{ resourceType: 'Practitioner', id: 'p' }],
  extension: [{ url: 'u', valueCode: 'x' }],
  verificationStatus: { coding: [{ code: 'refuted' }] },
  code: { text: 'Penicillin' },
  patient: { reference: 'Patient/p' },
  _onsetString: { extension: [{ url: 'u', valueCode: 'unknown' }] },
  recordedDate: '2026-01-01',
  asserter: { reference: '#p' },
  reaction: [{ manifestation: [{ text: 'Rash' }], severity: 'severe' }],
};

/** The names of what is left. */
const namesOf = (resource: Resource): string[] => Object.keys(resource);

describe('a part of a resource', () => {
  test('by _elements has them, what is mandatory and what modifies the meaning, and is marked', () => {
    const { resourceType, id, verificationStatus, code, patient } = allergy;
    expect(subsetResource(allergy as Resource, { elements: ['code'] })).toEqual({
      resourceType,
      id,
      meta,
      verificationStatus,
      code,
      patient,
    });
  });

  test('by the name of an element of several types has it, with what stands beside its value', () => {
    const part = subsetResource(allergy, { elements: ['onset'] });
    expect(namesOf(part)).toEqual([
      'resourceType',
      'id',
      'meta',
      'verificationStatus',
      'patient',
      '_onsetString',
    ]);
  });

  test('keeps contained resources that it refers to, and no others', () => {
    expect(namesOf(subsetResource(allergy as Resource, { elements: ['asserter'] }))).toContain('contained');
    expect(namesOf(subsetResource(allergy as Resource, { elements: ['code'] }))).not.toContain('contained');
  });

  test('by _summary=true has the elements of the summary, in parts of the resource too', () => {
    const part = subsetResource(allergy, { summary: 'true' });
    expect(namesOf(part)).toEqual([
      'resourceType',
      'id',
      'meta',
      'verificationStatus',
      'code',
      'patient',
      'asserter',
      'contained',
    ]);
    const observation = {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'a' },
      component: [{ code: { text: 'b' }, valueString: 'c', referenceRange: [{ text: 'd' }] }],
    };
    expect(subsetResource(observation as Resource, { summary: 'true' })).toMatchObject({
      component: [{ code: { text: 'b' }, valueString: 'c' }],
    });
    expect(JSON.stringify(subsetResource(observation as Resource, { summary: 'true' }))).not.toContain(
      'referenceRange',
    );
  });

  test('by _summary=text has the narrative and what is mandatory', () => {
    expect(namesOf(subsetResource(allergy as Resource, { summary: 'text' }))).toEqual([
      'resourceType',
      'id',
      'meta',
      'text',
      'verificationStatus',
      'patient',
    ]);
  });

  test('by _summary=data has all but the narrative', () => {
    const { text: _text, ...rest } = allergy;
    expect(subsetResource(allergy as Resource, { summary: 'data' })).toEqual({ ...rest, meta });
  });

  test('is marked once', () => {
    const once = subsetResource(allergy, { summary: 'data' });
    expect(subsetResource(once, { summary: 'data' })).toEqual(once);
  });

  test('is none of an OperationOutcome, which is the answer itself', () => {
    const outcome = { resourceType: 'OperationOutcome', issue: [], text: { status: 'empty', div: '' } };
    expect(subsetResource(outcome, { summary: 'data' })).toBe(outcome);
  });
});

describe('a Bundle of results', () => {
  const bundle = (fields: Fields = {}) =>
    ({
      resourceType: 'Bundle',
      type: 'searchset',
      total: 1,
      link: [
        { relation: 'self', url: 's' },
        { relation: 'next', url: 'n' },
      ],
      entry: [
        { fullUrl: 'a', resource: allergy, search: { mode: 'match' } },
        {
          fullUrl: 'p',
          resource: { resourceType: 'Patient', id: 'p', birthDate: '1980' },
          search: { mode: 'include' },
        },
        { resource: { resourceType: 'OperationOutcome', issue: [] }, search: { mode: 'outcome' } },
      ],
      ...fields,
    }) as unknown as Resource;
  const resourcesOf = (resource: Resource) =>
    (resource as unknown as { entry: { resource: Resource }[] }).entry.map((each) => each.resource);

  test('has parts of its matches, and included resources whole, by _elements', () => {
    const [match, included, outcome] = resourcesOf(subsetResource(bundle(), { elements: ['code'] }));
    expect(match).toEqual(subsetResource(allergy, { elements: ['code'] }));
    expect([included, outcome]).toEqual(resourcesOf(bundle()).slice(1));
  });

  test('has parts of both by _summary', () => {
    const [match, included] = resourcesOf(subsetResource(bundle(), { summary: 'text' }));
    expect(match?.meta).toEqual(meta);
    expect(included).toEqual({ resourceType: 'Patient', id: 'p', meta: { tag: [{ ...subsetted }] } });
  });

  test('has its total and no entries nor further pages by _summary=count', () => {
    expect(subsetResource(bundle(), { summary: 'count' })).toEqual({
      resourceType: 'Bundle',
      type: 'searchset',
      total: 1,
      link: [{ relation: 'self', url: 's' }],
    });
  });

  test('that is a document is a resource like others', () => {
    const document = bundle({ type: 'document' });
    expect(namesOf(subsetResource(document, { summary: 'true' }))).toContain('entry');
    expect(subsetResource(document, { summary: 'data' }).meta).toEqual({ tag: [{ ...subsetted }] });
  });
});
