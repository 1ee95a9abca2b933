/** One configured source of messages. Feeds are data: `HDE_FEEDS` holds them locally, the `config` container later. */
export interface Feed {
  /** Lower-case letters, digits and hyphens; stands in `POST /ingest/{feed}` and in every receipt. */
  readonly id: string;
  readonly name: string;
  /** ODS code of the organisation that owns the feed and is the custodian of what it sends. */
  readonly organisation: string;
  readonly format: 'hl7v2';
  /** Mapping pack: `hl7v2-uk` means its newest version, `hl7v2-uk@1.0.0` that one. */
  readonly pack: string;
  /** IANA zone of local times without an offset (HL7 v2.5.1 section 2.A.22). */
  readonly timeZone: string;
  /** FHIR identifier system by assigning authority (CX-4.1). */
  readonly assigningAuthorities: Readonly<Record<string, string>>;
  /** FHIR identifier system of identifiers without a known assigning authority, by their purpose. */
  readonly localSystems: {
    readonly patient: string;
    readonly visit: string;
    readonly order: string;
    readonly staff: string;
    readonly location: string;
    readonly code: string;
  };
  /**
   * Trigger events, such as `A31`, whose PID and PV1 state all that the sender holds: what they leave out is deleted as
   * if it were `""`. Without the property, what a message leaves out stays (HL7 v2.5.1 section 2.5.3).
   */
  readonly snapshotEvents?: readonly string[];
  /**
   * Name of the source in the header `source-domain` of `POST /$ingest` (docs/reference/compatibility.md); unique among
   * the feeds of an organisation. Without it, that address takes nothing for the feed.
   */
  readonly sourceDomain?: string;
  /** Largest body accepted, in bytes. */
  readonly maxBytes: number;
}
