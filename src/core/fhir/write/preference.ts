/** What a client wants back from a write (FHIR R4 section 3.1.0.1.5). */
export type ReturnPreference = 'minimal' | 'representation' | 'OperationOutcome';

/** Reads `Prefer: return=...`; the resource is given where nothing else is asked for. */
export function returnPreference(prefer: string | undefined): ReturnPreference {
  const [, wanted = ''] = /(?:^|[,;\s])return\s*=\s*"?(\w+)/i.exec(prefer ?? '') ?? [];
  switch (wanted.toLowerCase()) {
    case 'minimal':
      return 'minimal';
    case 'operationoutcome':
      return 'OperationOutcome';
    default:
      return 'representation';
  }
}
