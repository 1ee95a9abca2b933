/** Descriptor codes of the sections of an AMQP message (AMQP 1.0 part 3, section 3.2). */
export const SECTION = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
  data: 0x75,
  sequence: 0x76,
  value: 0x77,
  footer: 0x78,
} as const;

/** The message format of a transfer that carries several messages as data sections. */
export const BATCH_FORMAT = 0x80013700;
