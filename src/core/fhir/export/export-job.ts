/**
 * A bulk export as it is kept, and how it goes on. Whoever does a part of it again does the same: pages are staged as blocks
 * under names of their own, and only those that the job names become a file.
 */
import type { AccessPrincipal } from '../../governance/access-request.js';
import type { Purpose } from '../../governance/access-vocabulary.js';
import type { ErrorCode } from '../../errors.js';

/** Ended: `done`, `failed` or `cancelled`. */
export type ExportStatus = 'running' | 'done' | 'failed' | 'cancelled';

/** A file: its name is made of its type and its place among those of the type. */
export interface ExportFile {
  readonly type: string;
  /** Resources in it. */
  readonly count: number;
}

/** A file that is being written. */
export interface OpenFile {
  /** In their order. */
  readonly blocks: readonly string[];
  readonly count: number;
  readonly bytes: number;
}

/** Who asked, and what for: by this each record is decided on, under the policy as it is then. */
export interface ExportAsker {
  readonly principal: AccessPrincipal;
  readonly purpose: Purpose | undefined;
  readonly onBehalfOf?: string;
}

export interface ExportJob {
  readonly id: string;
  /** Keyed hash of organisation and subject: only for them it exists. */
  readonly client: string;
  readonly asker: ExportAsker;
  readonly status: ExportStatus;
  /** The address that it was asked for by, below that of the exchange. */
  readonly request: string;
  /** ISO instant: records are given as they were then. */
  readonly transactionTime: string;
  /** Only what was stored after this ISO instant, or not long before it. */
  readonly since?: string;
  readonly types: readonly string[];
  /** How many of the types are finished. */
  readonly typesDone: number;
  /** The place in the type that is not; absent at its beginning. */
  readonly after?: string;
  /** Whether that type was read to its end. */
  readonly isRead?: true;
  readonly open?: OpenFile;
  /** Those of one type follow one another. */
  readonly files: readonly ExportFile[];
  /** ISO instant at which it went on last. */
  readonly touchedAt: string;
  /** How often it was taken up again since. */
  readonly resumed: number;
  /** ISO instant from which it is gone, with its files; absent until it has ended. */
  readonly expiresAt?: string;
  readonly errorCode?: ErrorCode;
}

/** Files are sent as a whole, and held in memory for it: each ends with one of these. */
export const mostOfFile = { count: 10_000, bytes: 8 * 1024 * 1024, blocks: 1_000 };

export const isFull = ({ count, bytes, blocks }: OpenFile): boolean =>
  count >= mostOfFile.count || bytes >= mostOfFile.bytes || blocks.length >= mostOfFile.blocks;

/** What comes next. `page`: read on; `file`: finish the file that is open; `type`: go on to the next type; `end`: nothing is left. */
export function nextStep({ open, isRead, typesDone, types }: ExportJob): 'page' | 'file' | 'type' | 'end' {
  if (typesDone >= types.length) return 'end';
  if (open !== undefined && (isRead === true || isFull(open))) return 'file';
  return isRead === true ? 'type' : 'page';
}

/** A page of records, as far as it was used. */
export interface ExportedPage {
  /** The place of the last record that was looked at; undefined where there was none. */
  readonly after: string | undefined;
  /** Whether no record of the type comes after it. */
  readonly isLast: boolean;
  /** Absent where no record was given. */
  readonly block?: { readonly name: string; readonly count: number; readonly bytes: number };
}

/** @param at ISO instant */
export function withPage(job: ExportJob, { after, isLast, block }: ExportedPage, at: string): ExportJob {
  const { count, bytes, blocks } = job.open ?? { count: 0, bytes: 0, blocks: [] };
  return {
    ...touched(job, at),
    ...(after === undefined ? {} : { after }),
    ...(isLast ? { isRead: true } : {}),
    ...(block === undefined
      ? {}
      : {
          open: {
            blocks: [...blocks, block.name],
            count: count + block.count,
            bytes: bytes + block.bytes,
          },
        }),
  };
}

export function withFile(job: ExportJob, at: string): ExportJob {
  const { open, ...rest } = job;
  const type = typeOf(job);
  if (open === undefined || type === undefined) return job;
  return { ...touched(rest, at), files: [...job.files, { type, count: open.count }] };
}

export function withNextType(job: ExportJob, at: string): ExportJob {
  const { after: _, isRead: __, ...rest } = job;
  return { ...touched(rest, at), typesDone: job.typesDone + 1 };
}

const touched = <J extends Pick<ExportJob, 'touchedAt' | 'resumed'>>(job: J, at: string): J => ({
  ...job,
  touchedAt: at,
  resumed: 0,
});

/** Ends a job. @param hours how long it and its files are kept from now on */
export const withEnd = (
  job: ExportJob,
  status: Exclude<ExportStatus, 'running'>,
  at: Date,
  hours: number,
): ExportJob => ({
  ...job,
  status,
  touchedAt: at.toISOString(),
  expiresAt: new Date(at.getTime() + hours * 3_600_000).toISOString(),
});

/** The type that is being exported. */
export const typeOf = ({ types, typesDone }: ExportJob): string | undefined => types[typesDone];

/** `Observation.2.ndjson`. */
export const fileName = (type: string, number: number): string => `${type}.${number}.ndjson`;

/** The name of the file that is open, or would be next. */
export const openName = (job: ExportJob): string => {
  const type = typeOf(job) ?? '';
  return fileName(type, job.files.filter((file) => file.type === type).length + 1);
};

/** The files with their names. */
export function namedFiles({ files }: Pick<ExportJob, 'files'>): (ExportFile & { readonly name: string })[] {
  const counts = new Map<string, number>();
  return files.map((file) => {
    const number = (counts.get(file.type) ?? 0) + 1;
    counts.set(file.type, number);
    return { ...file, name: fileName(file.type, number) };
  });
}
