import { toJson } from '../../../../src/core/fhir/json-text.js';
import { readJson } from '../../../../src/core/fhir/read-body.js';
import { fromXml } from '../../../../src/core/fhir/xml/from-xml.js';
import { toXml } from '../../../../src/core/fhir/xml/to-xml.js';

/** JSON with its keys in order and without spaces; numbers as they are written. */
export function canonical(text: string): string {
  const read = readJson(text);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const { resource, decimals = {} } = read.value;
  return toJson(sorted(resource) as typeof resource, { decimals });
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([key, each]) => [key, sorted(each)]));
}

/** JSON as XML, with numbers as they are written. */
export function xmlOf(json: string, pretty = false): string {
  const read = readJson(json);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  const { resource, ...numbers } = read.value;
  return toXml(resource, { pretty, ...numbers });
}

/** JSON to XML to JSON. */
export function throughXml(json: string, pretty = false): string {
  const back = fromXml(xmlOf(json, pretty));
  if (!back.ok) throw new Error(JSON.stringify(back.error));
  return toJson(back.value.resource, back.value);
}
