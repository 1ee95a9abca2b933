/** HL7 v2 as the HL7 v2-to-FHIR implementation guide reads it, without national choices. */
import type { Pack } from '../../engine/pack.js';
import { accountMaps } from './accounts.js';
import { allergyMaps } from './allergies.js';
import { appointmentMaps, ignoredAppointments } from './appointments.js';
import { carePlanMaps, ignoredCarePlans } from './care-plans.js';
import { clinicalMaps } from './clinical.js';
import { documentIgnored, documentMaps } from './documents.js';
import { encounterMaps } from './encounter.js';
import { familyMaps } from './family.js';
import { identifierTypes } from './identifier-types.js';
import { ignored } from './ignored.js';
import { immunizationIgnored, immunizationMaps } from './immunizations.js';
import { insuranceMaps } from './insurance.js';
import { medicationIgnored, medicationMaps } from './medications.js';
import { ignoredMasterFiles, masterFileMaps } from './master-files.js';
import { chargeMaps } from './charges.js';
import { orderMaps } from './orders.js';
import { specimenMaps } from './specimens.js';
import { mergeMaps } from './merges.js';
import { patientMaps } from './patient.js';
import { ignoredPeople } from './ignored-people.js';
import { placeMaps } from './places.js';
import { procedureMaps } from './procedures.js';
import { ignoredReferrals, referralMaps } from './referrals.js';
import { resultMaps } from './results.js';
import { roleMaps } from './roles.js';
import { messages, structure } from './structure.js';
import { tables } from './tables.js';
import { appointmentTables } from './tables/appointments.js';
import { carePlanTables } from './tables/care-plans.js';
import { clinicalTables } from './tables/clinical.js';
import { languages } from './tables/languages.js';
import { medicationTables } from './tables/medications.js';
import { masterFileTables } from './tables/master-files.js';
import { orderTables } from './tables/orders.js';
import { peopleTables } from './tables/people.js';
import { referralTables } from './tables/referrals.js';
import { visitTables } from './tables/visits.js';
import { units } from './units.js';

/** Systems that have a URI of their own, which FHIR asks for in place of the OID (R4, Using Code Systems, 4.3.0.1). */
const byOid: Pack['codeSystems'] = Object.fromEntries(
  Object.entries({
    '2.16.840.1.113883.6.1': 'http://loinc.org',
    '2.16.840.1.113883.6.96': 'http://snomed.info/sct',
    '2.16.840.1.113883.6.3': 'http://hl7.org/fhir/sid/icd-10',
    '2.16.840.1.113883.6.90': 'http://hl7.org/fhir/sid/icd-10-cm',
    '2.16.840.1.113883.6.8': 'http://unitsofmeasure.org',
    '2.16.840.1.113883.6.88': 'http://www.nlm.nih.gov/research/umls/rxnorm',
    '2.16.840.1.113883.6.69': 'http://hl7.org/fhir/sid/ndc',
    '2.16.840.1.113883.12.292': 'http://hl7.org/fhir/sid/cvx',
  }).flatMap(([oid, uri]) => [
    [oid, uri],
    [`URN:OID:${oid}`, uri],
  ]),
);

export const hl7v2Base: Pack = {
  name: 'hl7v2-base',
  version: '1.0.0',
  messages,
  structure,
  extensions: {
    AlternateCodes: 'http://hl7.org/fhir/StructureDefinition/alternate-codes',
    Animal: 'http://hl7.org/fhir/StructureDefinition/patient-animal',
    AssertedDate: 'http://hl7.org/fhir/StructureDefinition/condition-assertedDate',
    BirthPlace: 'http://hl7.org/fhir/StructureDefinition/patient-birthPlace',
    BirthTime: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime',
    CadavericDonor: 'http://hl7.org/fhir/StructureDefinition/patient-cadavericDonor',
    Citizenship: 'http://hl7.org/fhir/StructureDefinition/patient-citizenship',
    Congregation: 'http://hl7.org/fhir/StructureDefinition/patient-congregation',
    Disability: 'http://hl7.org/fhir/StructureDefinition/patient-disability',
    DueTo: 'http://hl7.org/fhir/StructureDefinition/condition-dueTo',
    ModeOfArrival: 'http://hl7.org/fhir/StructureDefinition/encounter-modeOfArrival',
    MothersMaidenName: 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName',
    Nationality: 'http://hl7.org/fhir/StructureDefinition/patient-nationality',
    PlannedEnd: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedEndDate',
    PlannedStart: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedStartDate',
    Religion: 'http://hl7.org/fhir/StructureDefinition/patient-religion',
    AnalysisTime: 'http://hl7.org/fhir/StructureDefinition/observation-analysis-date-time',
    EventLocation: 'http://hl7.org/fhir/StructureDefinition/event-location',
    NatureOfAbnormal: 'http://hl7.org/fhir/StructureDefinition/observation-nature-of-abnormal-test',
    OrderCallback: 'http://hl7.org/fhir/StructureDefinition/servicerequest-order-callback-phone-number',
    OrderStatusReason: 'http://hl7.org/fhir/StructureDefinition/request-statusReason',
    ReportNote: 'http://hl7.org/fhir/5.0/StructureDefinition/extension-DiagnosticReport.note',
    SubId: 'http://hl7.org/fhir/StructureDefinition/observation-v2-subid',
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
    ICD9: 'http://hl7.org/fhir/sid/icd-9-cm',
    'ICD-9': 'http://hl7.org/fhir/sid/icd-9-cm',
    I9C: 'http://hl7.org/fhir/sid/icd-9-cm',
    ICD10CM: 'http://hl7.org/fhir/sid/icd-10-cm',
    ICD9CM: 'http://hl7.org/fhir/sid/icd-9-cm',
    I10C: 'http://hl7.org/fhir/sid/icd-10-cm',
    I10P: 'http://www.cms.gov/Medicare/Coding/ICD10',
    C4: 'http://www.ama-assn.org/go/cpt',
    CPT: 'http://www.ama-assn.org/go/cpt',
    CPT4: 'http://www.ama-assn.org/go/cpt',
    ISO3166_1: 'urn:iso:std:iso:3166',
    UCUM: 'http://unitsofmeasure.org',
    RXNORM: 'http://www.nlm.nih.gov/research/umls/rxnorm',
    CVX: 'http://hl7.org/fhir/sid/cvx',
    MVX: 'http://hl7.org/fhir/sid/mvx',
    NCIT: 'http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl',
    NDC: 'http://hl7.org/fhir/sid/ndc',
    ISO3166: 'urn:iso:std:iso:3166',
    MDC: 'urn:iso:std:iso:11073:10101',
    DCM: 'http://dicom.nema.org/resources/ontology/DCM',
    ATC: 'http://www.whocc.no/atc',
    CDCREC: 'urn:oid:2.16.840.1.113883.6.238',
    ...byOid,
  },
  profiles: {},
  tables: {
    ...tables,
    ...masterFileTables,
    ...orderTables,
    ...peopleTables,
    ...appointmentTables,
    ...carePlanTables,
    ...clinicalTables,
    ...medicationTables,
    ...referralTables,
    ...visitTables,
    HumanLanguage: languages,
    IdentifierType: identifierTypes,
    Units: units,
  },
  maps: [
    ...patientMaps,
    ...familyMaps,
    ...mergeMaps,
    ...accountMaps,
    ...insuranceMaps,
    ...roleMaps,
    ...placeMaps,
    ...encounterMaps,
    ...clinicalMaps,
    ...allergyMaps,
    ...appointmentMaps,
    ...carePlanMaps,
    ...masterFileMaps,
    ...referralMaps,
    ...procedureMaps,
    ...medicationMaps,
    ...immunizationMaps,
    ...documentMaps,
    ...orderMaps,
    ...specimenMaps,
    ...chargeMaps,
    ...resultMaps,
  ],
  ignored: [
    ...ignored,
    ...ignoredPeople,
    ...ignoredAppointments,
    ...ignoredMasterFiles,
    ...ignoredCarePlans,
    ...ignoredReferrals,
    ...documentIgnored,
    ...immunizationIgnored,
    ...medicationIgnored,
  ],
};
