import { describe, expect, test } from '@jest/globals';
import type { Resource } from 'fhir/r4.js';
import { fromXml } from '../../../../src/core/fhir/xml/from-xml.js';
import { toXml } from '../../../../src/core/fhir/xml/to-xml.js';

const fhir = 'xmlns="http://hl7.org/fhir"';
const xhtml = 'xmlns="http://www.w3.org/1999/xhtml"';
const prolog = '<?xml version="1.0" encoding="UTF-8"?>';

const resource = (fields: object): Resource => ({ resourceType: 'Patient', ...fields });

/** The JSON of a document; findings where it is refused. */
const read = (text: string): unknown => {
  const result = fromXml(text);
  return result.ok ? result.value.resource : result.error;
};

const findings = (text: string): unknown => {
  const result = fromXml(text);
  return result.ok ? [] : result.error.map(({ code, location, detail }) => [code, location, detail]);
};

describe('the construct', () => {
  test.each([
    ['a value', { id: 'a' }, '<id value="a"/>'],
    ['a boolean', { active: false }, '<active value="false"/>'],
    ['an integer', { multipleBirthInteger: 2 }, '<multipleBirthInteger value="2"/>'],
    [
      'elements in the order of their definition',
      { birthDate: '1980', id: 'a' },
      '<id value="a"/><birthDate value="1980"/>',
    ],
    [
      'a list',
      { name: [{ given: ['A', 'B'] }, { family: 'C' }] },
      '<name><given value="A"/><given value="B"/></name><name><family value="C"/></name>',
    ],
    ['an id of an element', { name: [{ id: 'n', family: 'C' }] }, '<name id="n"><family value="C"/></name>'],
    [
      'an extension of a value',
      { birthDate: '1980', _birthDate: { id: 'b', extension: [{ url: 'u', valueString: 'x' }] } },
      '<birthDate id="b" value="1980"><extension url="u"><valueString value="x"/></extension></birthDate>',
    ],
    [
      'an extension in place of a value',
      { _birthDate: { extension: [{ url: 'u', valueCode: 'unknown' }] } },
      '<birthDate><extension url="u"><valueCode value="unknown"/></extension></birthDate>',
    ],
    [
      'a list with a gap',
      {
        name: [
          {
            given: ['A', null, 'C'],
            _given: [null, { extension: [{ url: 'u', valueCode: 'x' }] }, { id: 'g' }],
          },
        ],
      },
      '<name><given value="A"/><given><extension url="u"><valueCode value="x"/></extension></given><given id="g" value="C"/></name>',
    ],
    [
      'an extension in an extension',
      { extension: [{ url: 'a', extension: [{ url: 'b', valueBoolean: true }] }] },
      '<extension url="a"><extension url="b"><valueBoolean value="true"/></extension></extension>',
    ],
    [
      'a contained resource',
      { contained: [{ resourceType: 'Organization', id: 'o', name: 'X' }] },
      '<contained><Organization><id value="o"/><name value="X"/></Organization></contained>',
    ],
    [
      'a narrative',
      { text: { status: 'generated', div: `<div ${xhtml}><p class='a'>&lt; &#160;<br /></p></div>` } },
      `<text><status value="generated"/><div ${xhtml}><p class='a'>&lt; &#160;<br /></p></div></text>`,
    ],
    [
      'what XML needs escaped',
      { name: [{ text: 'a<b>&"c"\'\t\n\r' }] },
      '<name><text value="a&lt;b&gt;&amp;&quot;c&quot;\'&#9;&#10;&#13;"/></name>',
    ],
    ['characters beyond ASCII', { name: [{ text: 'Zoë 😀' }] }, '<name><text value="Zoë 😀"/></name>'],
  ])('%s is written, and read', (_, fields, content) => {
    const text = `${prolog}<Patient ${fhir}>${content}</Patient>`;
    expect(toXml(resource(fields))).toBe(text);
    expect(read(text)).toEqual(resource(fields));
  });

  test('a Bundle in a Bundle, and Parameters with parts and resources', () => {
    const bundle = {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ fullUrl: 'urn:a', resource: { resourceType: 'Bundle', type: 'collection' } }],
    };
    const parameters = {
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'a',
          part: [{ name: 'b', part: [{ name: 'c', resource: { resourceType: 'Patient', id: 'p' } }] }],
        },
      ],
    };
    for (const each of [bundle, parameters]) expect(read(toXml(each))).toEqual(each);
    expect(toXml(bundle)).toBe(
      `${prolog}<Bundle ${fhir}><type value="collection"/><entry><fullUrl value="urn:a"/><resource><Bundle><type value="collection"/></Bundle></resource></entry></Bundle>`,
    );
  });

  test('an element named resourceType, which one part of R4 has', () => {
    const example = {
      resourceType: 'ExampleScenario',
      instance: [{ resourceId: 'a', resourceType: 'Patient' }],
    };
    expect(read(toXml(example))).toEqual(example);
  });

  test('decimals keep the text that they were written with, inside extensions of values too', () => {
    const text = `<Observation ${fhir}><status value="final"><extension url="u"><valueDecimal value="2.0"/></extension></status><valueQuantity><value value="1.50"/></valueQuantity><referenceRange><low><value value="1.5"/></low></referenceRange></Observation>`;
    const result = fromXml(text);
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    expect(result.value.decimals).toEqual({
      '/_status/extension/0/valueDecimal': '2.0',
      '/valueQuantity/value': '1.50',
    });
    expect(toXml(result.value.resource, result.value)).toBe(prolog + text);
  });

  test('a decimal that was changed since is not written as it was', () => {
    const observation = { resourceType: 'Observation', valueQuantity: { value: 2 } };
    expect(toXml(observation, { decimals: { '/valueQuantity/value': '1.50' } })).toContain('value="2"');
  });

  test('lines are broken for people, and mean the same', () => {
    const patient = resource({
      id: 'a',
      name: [{ family: 'B' }],
      text: { status: 'empty', div: `<div ${xhtml}>a\n b</div>` },
    });
    const text = toXml(patient, { pretty: true });
    expect(text).toContain('\n  <name>\n    <family value="B"/>\n  </name>\n</Patient>\n');
    expect(read(text)).toEqual(patient);
  });
});

describe('a narrative', () => {
  const inText = (div: string) => `<Patient ${fhir}><text><status value="empty"/>${div}</text></Patient>`;
  const divOf = (text: string) => (read(text) as { text?: { div?: string } }).text?.div;

  test('is kept as it was written, comments and entities of characters too', () => {
    const div = `<div ${xhtml} lang='en'>\r\n<!-- a --> &#x41; <b>x</b ><![CDATA[<]]></div >`;
    expect(divOf(inText(div))).toBe(div);
  });

  test('gets the namespaces that the document declares around it', () => {
    const text = `<f:Patient xmlns:f="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml" xmlns:u="urn:u"><f:text><f:status value="empty"/><h:div><h:b u:a="1">x</h:b></h:div></f:text></f:Patient>`;
    expect(divOf(text)).toBe(
      '<h:div xmlns:h="http://www.w3.org/1999/xhtml" xmlns:u="urn:u"><h:b u:a="1">x</h:b></h:div>',
    );
  });

  test('that lacks its namespace in JSON gets it in XML', () => {
    expect(toXml(resource({ text: { status: 'empty', div: '<div>a</div>' } }))).toContain(
      `<div ${xhtml}>a</div>`,
    );
  });

  test.each([
    '<div>a<br></div>',
    '<div>a&nbsp;b</div>',
    '<div>a</div><div>b</div>',
    '<div>a</div></text><active value="true"/><text>',
    '<!DOCTYPE div [<!ENTITY a "b">]><div>a</div>',
    '<p>a</p>',
    '<div xmlns="http://hl7.org/fhir">a</div>',
    'a',
    '',
  ])('that would break the document around it is not written: %s', (div) => {
    expect(() => toXml(resource({ text: { status: 'empty', div } }))).toThrow(
      expect.objectContaining({ code: 'HDE_NOT_ACCEPTABLE', location: 'Patient.text.div' }),
    );
  });

  test.each([inText('<div>a</div>'), inText(`<p ${xhtml}>a</p>`)])(
    'of another namespace or name is not read',
    (text) => {
      expect(findings(text)).toEqual([
        ['HDE_RESOURCE_INVALID', 'Patient.text', expect.stringContaining('element')],
      ]);
    },
  );
});

describe('what R4 does not define is not written', () => {
  test.each([
    ['an unknown element', { nmae: 'x' }, 'Patient'],
    ['an unknown element below', { name: [{ family: 'a' }, { nmae: 'x' }] }, 'Patient.name[1]'],
    ['what stands beside an element that is no value', { _name: [{ id: 'a' }] }, 'Patient'],
    ['a list where there is one', { birthDate: ['1980'] }, 'Patient.birthDate'],
    ['one where there is a list', { name: { family: 'a' } }, 'Patient.name'],
    ['a value where there are elements', { name: ['a'] }, 'Patient.name[0]'],
    ['elements where there is a value', { birthDate: {} }, 'Patient.birthDate'],
    ['nothing in a list', { name: [{ given: [null] }] }, 'Patient.name[0].given[0]'],
    ['a control character', { name: [{ text: 'a\u0000' }] }, 'Patient.name[0].text'],
    ['half a character', { name: [{ text: 'a\ud800' }] }, 'Patient.name[0].text'],
    ['an unknown resource', { contained: [{ resourceType: 'Thing' }] }, 'Patient.contained[0]'],
    ['an abstract type', { contained: [{ resourceType: 'DomainResource' }] }, 'Patient.contained[0]'],
    ['an unknown element beside a value', { _birthDate: { nmae: 1 } }, 'Patient._birthDate'],
  ])('%s', (_, fields, location) => {
    const written = () => toXml(resource(fields));
    expect(written).toThrow(
      expect.objectContaining({ code: 'HDE_NOT_ACCEPTABLE', location: location.replace('_', '') }),
    );
  });

  test('a resource type that is none', () => {
    expect(() => toXml({ resourceType: 'constructor' })).toThrow(
      expect.objectContaining({ code: 'HDE_NOT_ACCEPTABLE', location: undefined }),
    );
  });
});

describe('what R4 does not define is not read', () => {
  const patient = (content: string) => `<Patient ${fhir}>\n${content}\n</Patient>`;
  test.each([
    [
      '<nmae value="x"/>',
      'Patient',
      'Line 2, column 6: There is an element here that FHIR R4 does not define.',
    ],
    [
      '<name><family value="a"/></name><name><x/></name>',
      'Patient.name[1]',
      expect.stringContaining('element'),
    ],
    ['<name family="a"><text value="a"/></name>', 'Patient.name[0]', expect.stringContaining('attribute')],
    ['<name url="a"><text value="a"/></name>', 'Patient.name[0]', expect.stringContaining('attribute')],
    ['<id value="a" xml:id="b"/>', 'Patient.id', expect.stringContaining('attribute')],
    ['<id xmlns="urn:other" value="a"/>', 'Patient', expect.stringContaining('element')],
    ['<id value="a"/><id value="b"/>', 'Patient.id', expect.stringContaining('does not repeat')],
    ['<id>a</id>', 'Patient.id', expect.stringContaining('text')],
    ['<![CDATA[a]]>', 'Patient', expect.stringContaining('text')],
    ['<active value="yes"/>', 'Patient.active', expect.stringContaining('no boolean')],
    [
      '<multipleBirthInteger value="1.0"/>',
      'Patient.multipleBirthInteger',
      expect.stringContaining('no integer'),
    ],
    ['<id value=""/>', 'Patient.id', expect.stringContaining('no string')],
    ['<name/>', 'Patient.name[0]', expect.stringContaining('empty')],
    ['<name id="a"/>', 'Patient.name[0]', expect.stringContaining('empty')],
    ['<contained/>', 'Patient.contained[0]', expect.stringContaining('empty')],
    ['<contained><Thing/></contained>', 'Patient.contained[0]', expect.stringContaining('resource type')],
    [
      '<contained><Basic/><Basic/></contained>',
      'Patient.contained[0]',
      expect.stringContaining('more than one'),
    ],
  ])('%s', (content, location, detail) => {
    expect((findings(patient(content)) as unknown[])[0]).toEqual(['HDE_RESOURCE_INVALID', location, detail]);
  });

  test.each([['+1.0'], ['01'], ['.5'], ['1.'], ['NaN'], ['1e999']])('the decimal %s', (value) => {
    const text = `<Observation ${fhir}><valueQuantity><value value="${value}"/></valueQuantity></Observation>`;
    expect(findings(text)).toEqual([
      ['HDE_RESOURCE_INVALID', 'Observation.valueQuantity.value', expect.stringContaining('no decimal')],
    ]);
  });

  test('another root, or none', () => {
    for (const text of ['<Thing xmlns="http://hl7.org/fhir"/>', '<Patient/>', `<Resource ${fhir}/>`]) {
      expect(findings(text)).toEqual([
        ['HDE_RESOURCE_INVALID', undefined, expect.stringContaining('resource type')],
      ]);
    }
  });

  test('no value of the input appears in a finding', () => {
    const secret = 'Grabowski';
    const text = patient(
      `<${secret} a="${secret}">${secret}</${secret}><active value="${secret}"/><name ${secret}="a"/>${secret}`,
    );
    expect(JSON.stringify(findings(text))).not.toContain(secret);
    expect(JSON.stringify(findings(`<a>${secret}</b>`))).not.toContain(secret);
  });

  test('of a text full of faults the first twenty are told', () => {
    expect(findings(patient('<x/>'.repeat(100_000)))).toHaveLength(20);
  });
});

describe('a hostile text is refused', () => {
  const refusal = (detail: string) => [['HDE_REQUEST_INVALID', undefined, expect.stringContaining(detail)]];
  test.each([
    [
      'an entity that reads a file',
      `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Patient ${fhir}><id value="&x;"/></Patient>`,
      'document type',
    ],
    ['a document type without entities', `<!DOCTYPE html><Patient ${fhir}/>`, 'document type'],
    ['an entity without a document type', `<Patient ${fhir}><id value="&x;"/></Patient>`, 'well-formed'],
    ['a control character by its number', `<Patient ${fhir}><id value="&#0;"/></Patient>`, 'well-formed'],
    ['XML 1.1', `<?xml version="1.1"?><Patient ${fhir}><id value="&#1;"/></Patient>`, 'XML 1.0'],
    ['another encoding', `<?xml version="1.0" encoding="utf-16"?><Patient ${fhir}/>`, 'UTF-8'],
    ['deep nesting', `<Patient ${fhir}>${'<contact>'.repeat(1e5)}`, 'deep'],
    ['deep nesting in a narrative', `<Patient ${fhir}><text><div ${xhtml}>${'<b>'.repeat(1e5)}`, 'deep'],
    ['a text that breaks off', `<Patient ${fhir}><id value="a"/>`, 'well-formed'],
    ['two roots', `<Patient ${fhir}/><Patient ${fhir}/>`, 'well-formed'],
    ['an undeclared prefix', '<f:Patient/>', 'well-formed'],
    ['no text at all', '', 'well-formed'],
  ])('%s', (_, text, detail) => {
    const told = findings(text) as unknown[];
    expect(told.slice(-1)).toEqual(refusal(detail));
  });

  test('comments, instructions for programs and hints for validators are dropped', () => {
    const text = `<?xml-stylesheet href="a"?><!-- a --><Patient ${fhir} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"><!-- b --><id value="a"/></Patient>`;
    expect(read(text)).toEqual(resource({ id: 'a' }));
  });
});
