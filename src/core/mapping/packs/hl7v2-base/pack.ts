/** HL7 v2 as the HL7 v2-to-FHIR implementation guide reads it, without national choices. */
import type { Pack } from '../../engine/pack.js';
import { clinicalMaps } from './clinical.js';
import { encounterMaps } from './encounter.js';
import { identifierTypes } from './identifier-types.js';
import { ignored } from './ignored.js';
import { patientMaps } from './patient.js';
import { resultMaps } from './results.js';
import { messages, structure } from './structure.js';
import { tables } from './tables.js';
import { units } from './units.js';

export const hl7v2Base: Pack = {
  name: 'hl7v2-base',
  version: '1.0.0',
  messages,
  structure,
  extensions: {
    BirthTime: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime',
    ReportNote: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-DiagnosticReport.note',
  },
  codeSystems: {
    LN: 'http://loinc.org',
    LOINC: 'http://loinc.org',
    SCT: 'http://snomed.info/sct',
    SCT2: 'http://snomed.info/sct',
    SNM: 'http://snomed.info/sct',
    SNM3: 'http://snomed.info/sct',
    SNOMED: 'http://snomed.info/sct',
    'SNOMED-CT': 'http://snomed.info/sct',
    SNOMEDCT: 'http://snomed.info/sct',
    I10: 'http://hl7.org/fhir/sid/icd-10',
    ICD10: 'http://hl7.org/fhir/sid/icd-10',
    'ICD-10': 'http://hl7.org/fhir/sid/icd-10',
    I9: 'http://hl7.org/fhir/sid/icd-9-cm',
    I9C: 'http://hl7.org/fhir/sid/icd-9-cm',
    UCUM: 'http://unitsofmeasure.org',
    RXNORM: 'http://www.nlm.nih.gov/research/umls/rxnorm',
    CVX: 'http://hl7.org/fhir/sid/cvx',
    ISO3166: 'urn:iso:std:iso:3166',
  },
  profiles: {},
  tables: { ...tables, IdentifierType: identifierTypes, Units: units },
  maps: [...patientMaps, ...encounterMaps, ...clinicalMaps, ...resultMaps],
  ignored,
};
