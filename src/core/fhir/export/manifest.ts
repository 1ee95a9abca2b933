import { namedFiles, type ExportJob } from './export-job.js';

/** What a client is told of an export that is done (FHIR Bulk Data Access 2.0.0, section "Response - Complete Status"). */
export interface ExportManifest {
  readonly transactionTime: string;
  readonly request: string;
  readonly requiresAccessToken: true;
  readonly output: readonly { readonly type: string; readonly url: string; readonly count: number }[];
  readonly error: readonly [];
}

/** @param origin scheme and host of the exchange as clients see it, without a slash at its end */
export const manifestOf = (job: ExportJob, origin: string): ExportManifest => ({
  transactionTime: job.transactionTime,
  request: `${origin}${job.request}`,
  requiresAccessToken: true,
  output: namedFiles(job).map(({ type, count, name }) => ({
    type,
    url: `${origin}/fhir/export/${job.id}/${name}`,
    count,
  })),
  error: [],
});

/** How far an export is: of what is given nothing, since that would tell how much is left out. */
export const progressOf = ({ typesDone, types }: ExportJob): string =>
  `${typesDone} of ${types.length} types of record`;
