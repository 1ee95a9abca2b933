/** Asks a running exchange about somebody, and looks for them in what it answers. */
import { probesAbout, type Probe, type StoredRecord } from './leak-probes.js';
import { findMarkers, markerOf, type Marker } from './leak-scanner.js';
import { markersOf, type MarkedPerson } from './marked-people.js';

/** Who asks, and where. */
export interface Asker {
  readonly url: string;
  readonly token: string;
}

/** What a client gets: the text and the headers. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

export function ask({ url, token }: Asker, { method, path, body, headers = {} }: Probe): Promise<Response> {
  return fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

export async function answerTo(asker: Asker, probe: Probe): Promise<Answer> {
  const response = await ask(asker, probe);
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
  return { status: response.status, text: `${headers}\n${await response.text()}` };
}

/** Without what the question said itself: a link `self` repeats it (FHIR R4 section 3.1.1.3.2). */
export function withoutQuestion(text: string, probe: Probe): string {
  const asked = [...wordsOf(probe)].sort((a, b) => b.length - a.length);
  return asked.reduce((rest, word) => rest.split(word).join(''), text);
}

function wordsOf({ path, body }: Probe): Set<string> {
  const text = `${path} ${body === undefined ? '' : JSON.stringify(body)}`;
  const all = [...text.split(/[?&=/|\s"$,:]+/), ...decodeURIComponent(text).split(/[?&=/|\s"$,:]+/)];
  return new Set(all.filter((word) => word.length > 4));
}

/** Does work for each task, six at a time. */
export async function inParallel<T>(tasks: readonly T[], run: (task: T) => Promise<void>): Promise<void> {
  const queue = [...tasks];
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      for (let task = queue.shift(); task !== undefined; task = queue.shift()) await run(task);
    }),
  );
}

/** The id of the Patient among some records. */
export const patientOf = (records: readonly StoredRecord[]): string =>
  records.find(({ resourceType }) => resourceType === 'Patient')?.id ?? '';

const totalOf = (text: string): number => Number(/"total":(\d+)/.exec(text)?.[1] ?? 0);

/** How many are shown on a page that is the only one; infinite for other pages and for mere counts. */
function shownIn({ path }: Probe, text: string): number {
  if (path.includes('_summary=count') || /"relation":"next"|"type":"batch-response"/.test(text))
    return Infinity;
  return text.split(/"mode":"match"|"request":\{/).length - 1;
}

/**
 * What answers tell of a person.
 *
 * @param step of the questions every how manieth is asked
 */
export async function leaksOf(
  asker: Asker,
  person: MarkedPerson,
  records: readonly StoredRecord[],
  step = 1,
): Promise<{ readonly leaks: readonly string[]; readonly failures: readonly string[] }> {
  const own: Marker[] = [...markersOf(person), ...records.map(({ id }) => id)]
    .filter((text) => text.length > 4)
    .map(markerOf);
  const leaks: string[] = [];
  const failures: string[] = [];
  const probes = probesAbout(person, patientOf(records), records).filter((_, index) => index % step === 0);
  await inParallel(probes, async (probe) => {
    const { status, text } = await answerTo(asker, probe);
    if (status >= 500) failures.push(`${status} ${probe.method} ${probe.path}`);
    const found = findMarkers(own, withoutQuestion(text, probe));
    const total = totalOf(text);
    if (found.length > 0) leaks.push(`${status} ${probe.method} ${probe.path}: ${found.join(', ')}`);
    // Somebody else may be counted where the question does not name anybody, but not without being shown.
    else if (total > (wordsOf(probe).has(patientOf(records)) ? 0 : shownIn(probe, text)))
      leaks.push(`${status} ${probe.method} ${probe.path}: total ${total}`);
  });
  return { leaks, failures };
}
