/** What the generator knows about its hospital before any of it becomes HL7. */

/** A code with its meaning and the name of its system as it stands in a message (HL7 table 0396). */
export interface Coded {
  readonly code: string;
  readonly text: string;
  readonly system: string;
}

export interface Practitioner {
  readonly code: string;
  readonly family: string;
  readonly given: string;
  readonly prefix: string;
}

export interface Practice {
  readonly code: string;
  readonly name: string;
  readonly gps: readonly Practitioner[];
}

/** A place with beds or rooms; written as the point of care of a PL. */
export interface Ward {
  readonly code: string;
  readonly name: string;
  /** ODS code of the site. */
  readonly site: string;
  readonly building: string;
  readonly floor: string;
  /** PL.6, HL7 table 0305. */
  readonly kind: 'N' | 'C' | 'D';
  readonly bays: readonly string[];
  readonly bedsPerBay: number;
  /** Treatment function code. */
  readonly specialty: string;
}

export interface Place {
  readonly ward: Ward;
  readonly bay: string;
  readonly bed: string;
}

export interface Address {
  readonly line: string;
  readonly town: string;
  readonly county: string;
  readonly postcode: string;
}

export interface Allergy {
  /** HL7 table 0127: drug, food, miscellaneous, environmental. */
  readonly kind: 'DA' | 'FA' | 'MA' | 'EA';
  readonly substance: Coded;
  readonly severity: 'SV' | 'MO' | 'MI';
  readonly reaction: string;
  /** `2011-06-01`. */
  readonly since: string;
}

/** The same diagnosis in the two systems that hospitals use side by side. */
export interface Diagnosis {
  readonly icd10: Coded;
  readonly snomed: Coded;
}

export interface NextOfKin {
  readonly family: string;
  readonly given: string;
  readonly relationship: Coded;
  readonly phone: string;
}

/** A synthetic person as the patient administration system knows them at one moment. */
export interface Person {
  /** `P001`: names the person in these files only and never stands in a message. */
  readonly id: string;
  /** 999 range, or undefined for a person who has none. */
  readonly nhsNumber: string | undefined;
  /** NHS number status indicator code, sent as `NSTS01` in PID-32. */
  readonly nhsNumberStatus: '01' | '02' | '03' | '07';
  readonly mrn: string;
  readonly prefix: string;
  readonly given: string;
  readonly middle: string | undefined;
  readonly family: string;
  readonly previousFamily: string | undefined;
  readonly knownAs: string | undefined;
  readonly gender: 'M' | 'F' | 'U';
  /** `1955-03-04`. */
  readonly birthDate: string;
  readonly address: Address;
  readonly homePhone: string | undefined;
  readonly mobile: string | undefined;
  readonly workPhone: string | undefined;
  readonly email: string | undefined;
  readonly language: string;
  /** NHS data dictionary person marital status. */
  readonly maritalStatus: string;
  readonly ethnicCategory: Coded;
  readonly practice: Practice;
  readonly gp: Practitioner;
  readonly allergies: readonly Allergy[];
  readonly nextOfKin: NextOfKin | undefined;
  /** Instant of death. */
  readonly diedAt: number | undefined;
}

/** A stay or an attendance at one moment. */
export interface Visit {
  readonly number: string;
  /** HL7 table 0004: emergency, inpatient, outpatient. */
  readonly patientClass: 'E' | 'I' | 'O';
  readonly place: Place;
  readonly priorPlace?: Place;
  /** NHS data dictionary admission method. */
  readonly admissionMethod?: string;
  /** NHS data dictionary source of admission. */
  readonly source?: string;
  readonly consultant: Practitioner;
  readonly admittedAt: number;
  readonly dischargedAt?: number;
  /** NHS data dictionary discharge destination. */
  readonly destination?: string;
}

export type EventType =
  | 'ADT^A01'
  | 'ADT^A02'
  | 'ADT^A03'
  | 'ADT^A04'
  | 'ADT^A08'
  | 'ADT^A11'
  | 'ADT^A13'
  | 'ADT^A28'
  | 'ADT^A31'
  | 'ADT^A40'
  | 'ORU^R01';

export type Hl7Version = '2.3' | '2.4' | '2.5.1';

/** Why a message stands out; each kind has its own paragraph in the README of the trust. */
export type OddityKind =
  | 'duplicate'
  | 'stale'
  | 'no-msh'
  | 'no-patient'
  | 'duplicate-registration'
  | 'merge'
  | 'newly-traced'
  | 'no-nhs-number'
  | 'deletion'
  | 'escaped'
  | 'long-text'
  | 'corrected'
  | 'death';

/** A message before it has its control id. */
export interface PlannedMessage {
  /** The source patient: messages of one lane keep their order. */
  readonly lane: string;
  readonly type: EventType;
  readonly version: Hl7Version;
  /** When the integration engine sends it. */
  readonly sentAt: number;
  /** MSH-7; earlier than `sentAt` for a message that was held up. */
  readonly createdAt: number;
  /** Segments after MSH. */
  readonly body: readonly string[];
  readonly oddity?: OddityKind;
  /** Set for a message that repeats another, byte for byte. */
  readonly copyOf?: PlannedMessage;
}
