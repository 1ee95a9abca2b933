import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { convert } from '../../../../src/core/converter/convert.js';
import { checkResource } from '../../../../src/core/fhir/write/check-resource.js';
import { faultOfNarrative } from '../../../../src/core/fhir/xml/check-narrative.js';
import { toXml } from '../../../../src/core/fhir/xml/to-xml.js';
import { feed } from '../../mapping/support.js';

const xhtml = 'xmlns="http://www.w3.org/1999/xhtml"';
const div = (content: string) => `<div ${xhtml}>${content}</div>`;

const notOneDiv = /^one well-formed div/;
const element = /an element is not allowed/;
const attribute = /an attribute is not allowed/;
const running = /^nothing that runs/;

describe('a narrative', () => {
  test.each([
    ['text', div('x')],
    ['no namespace of its own', '<div>x</div>'],
    ['formatting', div('<h1>A</h1><p class="a" style="color: red">b<br/></p><ul><li>c</li></ul>')],
    ['a table', div('<table border="1"><thead><tr><th colspan="2">a</th></tr></thead></table>')],
    ['links', div('<a href="https://example.org" title="t">x</a><a name="#a">y</a>')],
    ['an image alone', div('<img src="#a" alt="b"/>')],
    ['an image in itself', div('<img src="data:image/png;base64,AAAA" alt="b"/>')],
    ['characters by number', div('&#160;&lt;&amp;x')],
    ['a comment', div('<!-- c -->x')],
    ['a language', div('<p lang="cy" xml:lang="cy">x</p>')],
    ['what looks like a script in its text', div('javascript: &lt;script&gt; onclick=')],
  ])('may have %s', (_, text) => {
    expect(faultOfNarrative(text)).toBeUndefined();
    const resource = { resourceType: 'Basic', text: { status: 'generated', div: text } };
    expect(toXml(resource)).toContain('</div>');
  });

  test.each([
    ['no div', '<p>x</p>', notOneDiv],
    ['a text alone', 'x', notOneDiv],
    ['two of them', '<div>x</div><div>y</div>', notOneDiv],
    ['an end that is missing', '<div><p>x</div>', notOneDiv],
    ['HTML that is no XML', div('a<br>b'), notOneDiv],
    ['an entity of HTML', div('a&nbsp;b'), notOneDiv],
    ['an attribute twice', div('<p id="a" id="b">x</p>'), notOneDiv],
    ['another namespace', '<div xmlns="urn:x">x</div>', notOneDiv],
    ['a document type', `<!DOCTYPE html>${div('x')}`, notOneDiv],
    ['a processing instruction', div('<?php echo 1 ?>x'), notOneDiv],
    ['a declaration of its own', `<?xml version="1.0"?>${div('x')}`, notOneDiv],
    ['an element of another namespace', div('<svg xmlns="http://www.w3.org/2000/svg">x</svg>'), /namespace/],
    ['a prefix', `<h:div xmlns:h="http://www.w3.org/1999/xhtml">x</h:div>`, /without a prefix, as in <div/],
    ['a prefix within', div('<x:p xmlns:x="http://www.w3.org/1999/xhtml">y</x:p>'), /without a prefix/],
    ['a script', div('<script>alert(1)</script>'), element],
    ['a style sheet', div('<style>p {}</style>'), element],
    ['a form', div('<form><input/></form>'), element],
    ['a frame', div('<iframe src="https://example.org"/>'), element],
    ['an object', div('<object data="x"/>'), element],
    ['names in capitals', div('<SCRIPT>x</SCRIPT>'), element],
    ['a deprecated element', div('<font color="red">x</font>'), element],
    ['an event', div('<p onclick="alert(1)">x</p>'), attribute],
    ['an event of the div', `<div ${xhtml} onload="x()">x</div>`, attribute],
    ['a link that runs', div('<a href="javascript:alert(1)">x</a>'), running],
    ['a link that runs, written otherwise', div('<a href=" JAVA&#10;script:alert(1)">x</a>'), running],
    ['a page in a link', div('<a href="data:text/html,x">x</a>'), running],
    ['a drawing that runs', div('<img src="data:image/svg+xml;base64,AAAA"/>'), running],
    ['a style that loads', div('<p style="background: URL (https://example.org)">x</p>'), running],
    ['a style that hides what it loads', div('<p style="background: \\75rl(https://x)">x</p>'), running],
    [
      'a style that loads without url()',
      div('<p style="background: image-set(\'https://x\' 1x)">x</p>'),
      running,
    ],
    ['a comment that HTML ends at once', div('x<!--><img src="x" onerror="alert(1)"/>-->'), /^comments that/],
    ['one with a hyphen more', div('x<!---><img src="x" onerror="alert(1)"/>-->'), /^comments that/],
    ['a section that HTML ends at its first >', div('x<![CDATA[><img src=x onerror=alert(1)>]]>'), /CDATA/],
    ['a text that HTML would hide', div('<p>No known<![CDATA[ longer]]> allergies</p>'), /CDATA/],
    ['nothing in it', div(' <p> </p>'), /says something/],
  ])('may not have %s', (_, text, fault) => {
    expect(faultOfNarrative(text)).toMatch(fault);
    expect(
      checkResource({ resourceType: 'Basic', code: { text: 'x' }, text: { status: 'generated', div: text } }),
    ).toEqual([
      {
        code: 'HDE_RESOURCE_INVALID',
        severity: 'error',
        location: 'Basic.text.div',
        detail: expect.stringMatching(fault),
      },
    ]);
  });
});

test('a narrative of a message may be written, whatever it says', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (sent) => {
      const message = [
        'MSH|^~\\&|PAS|TRUST|HDE|TRUST|20261126090000||ADT^A01|1|P|2.4|||AL|NE||UNICODE UTF-8',
        'PID|1||900001^^^TRUST^MR||TEST^ANN||19800101|2',
        'PV1|1|I|||||||||||||||||V1^^^TRUST^VN',
        `PV2||||||||||||<script>&T&${sent.replace(/[\r\n|^~\\&]/g, ' ')}`,
      ].join('\r');
      const { bundle } = convert(Buffer.from(message), { format: 'hl7v2', feed });
      const encounter = bundle.entry?.find(
        ({ resource }) => resource?.resourceType === 'Encounter',
      )?.resource;
      expect(encounter).toHaveProperty('text.div', expect.stringContaining('&lt;script&gt;'));
      expect(checkResource(encounter)).toEqual([]);
    }),
  );
});
