/** Configuration as JSON, which must not say anything twice: `JSON.parse` would keep the last and say nothing. */
import { faultTexts, findJsonFaults, type JsonFault } from '../core/scan-json.js';

/** @throws Error that says what is wrong and where */
export function readJson(text: string): unknown {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error('is not JSON');
  }
  for (const fault of findJsonFaults(text)) throw new Error(describeFault(fault));
  return json;
}

/** A fault of a configuration, with its place and the key that it is about. */
export function describeFault(fault: JsonFault, prefix = ''): string {
  const place = `line ${fault.line}, column ${fault.column}: ${prefix}`;
  const key = 'key' in fault ? JSON.stringify(fault.key) : '';
  if (fault.kind === 'repeated-key') return `${place}the key ${key} occurs twice`;
  return place + (fault.kind === 'reserved-key' ? `the key ${key} is not taken` : faultTexts[fault.kind]);
}
