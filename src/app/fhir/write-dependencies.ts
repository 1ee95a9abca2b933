import type { Clock } from '../../ports/clock.js';
import type { RequestAccess } from '../access/request-access.js';
import type { Witness } from '../audit/witness.js';
import type { IdentifyDependencies } from '../identify-patient.js';
import type { InTurn } from '../in-turn.js';
import type { FhirDependencies } from './fhir-answer.js';

/** What the use cases that write need. */
export interface WriteDependencies extends FhirDependencies, IdentifyDependencies {
  readonly clock: Clock;
  /** The turns of all who write through this process, by partition. */
  readonly inTurn: InTurn;
}

/** Who writes, in which request. */
export interface Writer {
  /** Subject of the client's token. */
  readonly client: string;
  /** Unique for the request; 64 characters at most of those that a FHIR id may have. */
  readonly requestId: string;
  /** What the access policy lets the request see and change. */
  readonly access: RequestAccess;
  /** Whether the client may read as well: else it is shown nothing that it did not state. */
  readonly mayRead: boolean;
  /** Whether the client may write: asked for each entry of a Bundle. */
  readonly mayWrite: boolean;
  readonly traceparent?: string | undefined;
  /** Sees what the request, or an entry of it, is answered with and changes: for the audit trail. */
  readonly witness?: Witness;
}
