/** Every transform that packs may call, by name. */
import type { TransformFactory } from '../engine/transform.js';
import { address } from './addresses.js';
import { codingBy, concept, conceptBy, conceptIfKnown, reaction } from './coded-values.js';
import { contactPoint } from './contact-points.js';
import { humanName } from './human-names.js';
import {
  entityIdentifier,
  identifier,
  nhsNumber,
  otherIdentifier,
  patientIdentifier,
} from './identifiers.js';
import { annotation, annotationExtension, lines, otherValue, structuredText } from './result-texts.js';
import { attachment, documentLink } from './attachments.js';
import {
  quantity,
  referenceRange,
  structuredQuantity,
  structuredRange,
  structuredRatio,
} from './quantities.js';
import { diagnosis, mergeLink, reference } from './references.js';
import { encounterLocation } from './locations.js';
import { organisation, owner } from './organisations.js';
import { participant, practitioner, practitionerRole } from './staff.js';
import {
  birthTime,
  code,
  codeIfKnown,
  conceptOf,
  constant,
  date,
  dateTime,
  flag,
  instant,
  positiveInt,
  remove,
  text,
  time,
} from './simple-values.js';

export const transforms: ReadonlyMap<string, TransformFactory> = new Map(
  Object.entries({
    address,
    annotation,
    annotationExtension,
    attachment,
    birthTime,
    code,
    codeIfKnown,
    codingBy,
    concept,
    conceptBy,
    conceptIfKnown,
    conceptOf,
    constant,
    contactPoint,
    date,
    dateTime,
    diagnosis,
    documentLink,
    encounterLocation,
    entityIdentifier,
    flag,
    humanName,
    identifier,
    instant,
    lines,
    mergeLink,
    nhsNumber,
    otherIdentifier,
    organisation,
    otherValue,
    owner,
    participant,
    patientIdentifier,
    positiveInt,
    practitioner,
    practitionerRole,
    quantity,
    reaction,
    reference,
    referenceRange,
    remove,
    structuredQuantity,
    structuredRange,
    structuredRatio,
    structuredText,
    text,
    time,
  }),
);
