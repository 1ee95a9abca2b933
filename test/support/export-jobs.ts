import type { ExportJob } from '../../src/core/fhir/export/export-job.js';
import { system } from '../core/governance/access-cases.js';

/** An export that was just asked for. */
export const anExportJob = (others: Partial<ExportJob> = {}): ExportJob => {
  const { ownRecord: _, patientInContext: __, ...principal } = system;
  return {
    ...{ id: 'job-1', client: 'client-1', status: 'running', request: '/fhir/$export' },
    asker: { principal: principal as ExportJob['asker']['principal'], purpose: 'direct-care' },
    ...{ transactionTime: '2026-06-15T12:00:00.000Z', touchedAt: '2026-06-15T12:00:00.000Z' },
    ...{ types: ['Patient', 'Observation'], typesDone: 0, files: [], resumed: 0 },
    ...others,
  };
};
