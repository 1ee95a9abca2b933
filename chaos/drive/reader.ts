/** Reads throughout the run, and looks whether any message can be seen in part. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Finding } from '../checker/evidence.js';
import { judgeView } from '../checker/check-view.js';
import { viewOf } from '../checker/view.js';
import type { Expected } from '../expect/expected.js';
import type { HospitalMessage } from '../hospital/model.js';
import type { Random } from '../random.js';
import type { FhirClient } from './fhir-client.js';

export interface Reader {
  /** From now on this person is looked at, too. */
  watch(personId: string): void;
  /** Stops; answers what was seen. */
  stop(): Promise<{ readonly views: number; readonly findings: readonly Finding[] }>;
}

/** People whose messages come now are the interesting ones: so many of the latest. */
const watched = 80;
const pauseMs = 15;

export function startReader(
  client: FhirClient,
  expected: Expected,
  messages: readonly HospitalMessage[],
  random: Random,
  readers: number,
): Reader {
  const people: string[] = [];
  const findings = new Map<string, Finding>();
  let views = 0;
  let stopped = false;
  const look = async (): Promise<void> => {
    const person = expected.people.get(random.pick(people));
    const resources = person === undefined ? undefined : await client.everything(person.person);
    if (person === undefined || resources === undefined) return;
    views += 1;
    const view = viewOf(person.person, resources);
    for (const finding of judgeView(person, view, messages)) findings.set(finding.what, finding);
  };
  const work = async (): Promise<void> => {
    while (!stopped) {
      if (people.length > 0) await look();
      await sleep(pauseMs);
    }
  };
  const running = Array.from({ length: readers }, work);
  return {
    watch(personId) {
      people.push(personId);
      if (people.length > watched) people.shift();
    },
    async stop() {
      stopped = true;
      await Promise.all(running);
      return { views, findings: [...findings.values()] };
    },
  };
}
