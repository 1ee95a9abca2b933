/** What the processes of a local stack use, as Linux counts it (`/proc`). */
import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One process at one moment. */
export interface Usage {
  /** Changes when the part was started again. */
  readonly pid: number;
  /** Seconds of processor time since it was started, all threads. */
  readonly cpuSeconds: number;
  /** Memory that is resident, in bytes. */
  readonly residentBytes: number;
  /** Open files and sockets. */
  readonly handles: number;
}

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** What each part of a stack uses now, by its name; a part that is just being started again is left out. */
export async function measureParts(stateDir: string): Promise<Readonly<Record<string, Usage>>> {
  const text = await readFile(join(stateDir, 'pids.json'), 'utf8');
  const pids = Object.entries(JSON.parse(text) as Record<string, number>);
  const measured = await Promise.all(
    pids.map(async ([name, pid]) => {
      const usage = await measureProcess(pid).catch(() => undefined);
      return usage === undefined ? [] : [[name, usage] as const];
    }),
  );
  return Object.fromEntries(measured.flat());
}

async function measureProcess(pid: number): Promise<Usage> {
  const [stat, status, handles] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
    readdir(`/proc/${pid}/fd`),
  ]);
  // proc(5): the name in parentheses may hold blanks; what comes after it begins with the third field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return {
    pid,
    cpuSeconds: (user + system) / ticksPerSecond,
    residentBytes: Number(resident ?? 0) * 1024,
    handles: handles.length,
  };
}

/** Milliseconds of processor time a message, by part, between two moments. */
export function cpuPerMessage(
  before: Readonly<Record<string, Usage>>,
  after: Readonly<Record<string, Usage>>,
  messages: number,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(after).map(([name, { cpuSeconds }]) => {
      const used = cpuSeconds - (before[name]?.cpuSeconds ?? 0);
      return [name, Number(((used * 1000) / messages).toFixed(1))];
    }),
  );
}
