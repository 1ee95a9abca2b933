/** The facts that the synthetic hospital puts into messages: what the checker expects to find again. */

export const feedIds = ['chaos-pas', 'chaos-lab', 'chaos-east'] as const;
/** `chaos-pas` and `chaos-lab` belong to one trust and share its numbers; `chaos-east` is another trust. */
export type FeedId = (typeof feedIds)[number];

/** Somebody with a record of their own: a person, or a second registration of one. */
export interface Person {
  /** Ours, never sent: `P0001`, and `P0001-2` for the second registration. */
  readonly id: string;
  /** Hospital number at the first trust. */
  readonly mrn: string;
  /** Hospital number at the other trust, where the person is known there, too. */
  readonly eastMrn?: string;
  readonly nhsNumber?: string;
  /** `YYYYMMDD`. */
  readonly birthDate: string;
  readonly sex: 'M' | 'F';
}

/** What a message of patient administration says about the person. */
export interface PatientStatement {
  readonly family: string;
  readonly given: string;
  /** Stands in the address and in every reaction, so that parts of different messages can be told apart. */
  readonly marker?: number;
  /** `undefined` when nothing is said, an empty text when it is deleted. */
  readonly phone?: string;
}

export interface VisitStatement {
  readonly number: string;
  readonly ward: string;
  readonly bed: string;
  /** Milliseconds since the epoch, whole seconds. */
  readonly admitted: number;
  readonly discharged?: number;
}

export interface Allergy {
  readonly code: string;
  readonly text: string;
}

export type ResultStatus = 'P' | 'F' | 'C';

export interface PanelStatement {
  /** Filler order number. */
  readonly order: string;
  readonly status: ResultStatus;
  /** When the report was issued (OBR-22): different for each of its versions. */
  readonly issued: number;
  readonly results: readonly PanelResult[];
  /** So many bytes of a segment that nobody maps make the message too large to be held in memory on its way in. */
  readonly padding?: number;
}

export interface PanelResult {
  readonly code: string;
  readonly name: string;
  readonly unit: string;
  readonly value: number;
}

/** What one message states, about whom. */
export interface Facts {
  readonly person: Person;
  readonly patient: PatientStatement;
  readonly allergies?: readonly Allergy[];
  readonly visit?: VisitStatement;
  readonly panel?: PanelStatement;
  /** Whom a merge retires in favour of `person`. */
  readonly retired?: Person;
}

/** How a message must end. */
export type Fate = 'normalised' | 'failed';

export interface HospitalMessage {
  /** Position in the plan, from 1. */
  readonly number: number;
  readonly feed: FeedId;
  readonly controlId: string;
  /** `A01`, `R01`, or the name of a poison. */
  readonly event: string;
  /** When it happened, milliseconds since the epoch; Infinity for a clock that is years ahead. */
  readonly time: number;
  readonly text: string;
  readonly fate: Fate;
  /** Absent for messages that must fail. */
  readonly facts?: Facts;
}

/** One thing a sender does. */
export interface Send {
  readonly message: HospitalMessage;
  /**
   * `once`: the ordinary way; `twice`: two copies at the same time; `repeat`: the same bytes as earlier in the lane;
   * `reuse`: other bytes under a control id that was used.
   */
  readonly way: 'once' | 'twice' | 'repeat' | 'reuse';
  /** The bytes in the case of `reuse`. */
  readonly text?: string;
}

/** What one source sends about one patient, in the order in which it sends it: one at a time. */
export interface Lane {
  readonly name: string;
  readonly feed: FeedId;
  readonly sends: readonly Send[];
}

export interface Hospital {
  readonly seed: string;
  readonly people: readonly Person[];
  readonly lanes: readonly Lane[];
  /** All messages once, by number. */
  readonly messages: readonly HospitalMessage[];
}
