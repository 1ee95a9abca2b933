/** How long, or how often, a service that is ordered is carried out (TQ-3, HL7 v2.5.1 section 2.A.81). */
import type { Annotation, Duration, ServiceRequest } from 'fhir/r4.js';
import { trace, wholeText } from '../engine/run.js';
import type { TransformFactory } from '../engine/transform.js';
import { UCUM } from './dosage-parts.js';
import { lastingOf } from './dosage-timings.js';

/** `lastingDuration`: `D7` as seven days; undefined for what is no such time. */
export const lastingDuration: TransformFactory =
  () =>
  (step): Duration | undefined => {
    const lasting = lastingOf(wholeText(step));
    if (lasting === undefined) return undefined;
    const { value, unit, code } = lasting;
    trace(step, 'value');
    return { value, unit, system: UCUM, code };
  };

/** `durationNote`: how long, or how many times (`X3`), in words where no element says it. */
export const durationNote: TransformFactory =
  () =>
  (step): Annotation | undefined => {
    const sent = wholeText(step);
    const { occurrenceTiming } = step.draft.resource as Partial<ServiceRequest>;
    if (sent === '' || occurrenceTiming?.repeat?.boundsDuration !== undefined) return undefined;
    trace(step, 'text');
    return { text: inWords(sent) };
  };

function inWords(sent: string): string {
  const lasting = lastingOf(sent);
  if (lasting !== undefined) return `For ${lasting.words}`;
  const [, times] = /^X0*([1-9]\d{0,5})$/i.exec(sent) ?? [];
  return times === undefined ? `Duration: ${sent}` : `${times} times`;
}
