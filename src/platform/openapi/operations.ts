/** Every operation beside `/fhir`, which has a CapabilityStatement of its own: what it takes and what it answers. */
import { z } from 'zod';
import { auditLines, auditSearch } from '../audit-requests.js';
import { ledger, ledgerArchive, reindex, replay, run, takeIn } from '../operations-requests.js';
import {
  addressSearch,
  bodySearch,
  correction,
  dismissal,
  resubmission,
  resubmissions,
} from '../triage-requests.js';
import { accessOperations } from './access-operations.js';
import * as answers from './answers.js';
import { body, json, type Answer, type Content, type Operation } from './operation.js';

const message = [
  'MSH|^~\\&|RZZ_TIE|RZZ|HDE|HDE|20260330101500||ADT^A28|C0001|P|2.4',
  'EVN|A28|20260330101500',
  'PID|1||M1^^^RZZ^MR~9990000018^^^NHS^NH||Okoro^Ada||19800102|F',
  '',
].join('\r');
const hl7 = (type: string): Content => ({ type, example: message });
const acknowledgement = (type: string, description: string): Answer => ({ description, content: { type } });

const intake: readonly Operation[] = [
  {
    method: 'post',
    route: 'ingest/{feed}',
    operationId: 'ingest',
    summary: 'Hands over an HL7 v2 message: archived and queued when the answer is positive',
    role: 'sender',
    body: hl7('application/hl7-v2+er7'),
    answers: {
      200: acknowledgement(
        'application/hl7-v2+er7',
        'AA or CA; x-hde-receipt names the receipt, x-hde-status says accepted or duplicate',
      ),
      204: { description: 'Accepted; the sender wants no acknowledgement (MSH-15)' },
    },
  },
  {
    method: 'get',
    route: 'ingest/receipts/{id}',
    operationId: 'readReceipt',
    summary: 'What became of a message',
    role: 'sender',
    answers: { 200: json(answers.receipt, 'The receipt') },
  },
];

const triage: readonly Operation[] = [
  {
    method: 'get',
    route: 'triage/messages',
    operationId: 'listMessages',
    summary: 'Finds messages by feed, time, type, status, error code, control id and words of their reasons',
    role: 'operator',
    query: addressSearch,
    answers: { 200: json(answers.messagePage, 'A page of messages') },
  },
  {
    method: 'post',
    route: 'triage/search',
    operationId: 'searchMessages',
    summary: 'Finds messages as the list does, and by an identifier of a person',
    role: 'operator',
    body: body(bodySearch),
    answers: { 200: json(answers.messagePage, 'A page of messages') },
  },
  {
    method: 'get',
    route: 'triage/messages/{id}',
    operationId: 'showMessage',
    summary: 'A message as it came, as it was parsed and as it is mapped, side by side',
    role: 'operator',
    answers: { 200: json(answers.shownMessage, 'The message') },
  },
  {
    method: 'post',
    route: 'triage/messages/{id}/resubmit',
    operationId: 'resubmitMessage',
    summary: 'Has a message processed again as it is',
    role: 'operator',
    body: body(resubmission),
    answers: { 202: json(answers.operatorReceipt, 'It is on the queue') },
  },
  {
    method: 'post',
    route: 'triage/messages/{id}/correct',
    operationId: 'correctMessage',
    summary: 'Has an edited copy processed in the place of a message',
    role: 'operator',
    body: body(correction),
    answers: { 201: json(answers.operatorReceipt, 'The copy, which is on the queue') },
  },
  {
    method: 'post',
    route: 'triage/messages/{id}/dismiss',
    operationId: 'dismissMessage',
    summary: 'Decides that a message is not to be processed',
    role: 'operator',
    body: body(dismissal),
    answers: { 200: json(answers.operatorReceipt, 'The message') },
  },
  {
    method: 'post',
    route: 'triage/resubmit',
    operationId: 'resubmitMessages',
    summary: 'Has many messages processed again, a page at a time',
    role: 'operator',
    body: body(resubmissions),
    answers: { 200: json(answers.resubmissionDone, 'What was done') },
  },
];

const operations: readonly Operation[] = [
  {
    method: 'post',
    route: 'replay/preview',
    operationId: 'previewReplay',
    summary: 'What reading messages anew would change; writes nothing',
    role: 'operator',
    body: body(replay),
    answers: { 200: json(answers.replayPage, 'A page of differences') },
  },
  {
    method: 'post',
    route: 'replay/run',
    operationId: 'runReplay',
    summary: 'Reads messages anew and writes what changes; never over newer facts',
    role: 'operator',
    body: body(run),
    answers: { 200: json(answers.replayDone, 'A page of what was done') },
  },
  {
    method: 'post',
    route: 'ledger/receipts',
    operationId: 'balanceReceipts',
    summary: 'The account of the messages of a feed, and whether each is where it should be',
    role: 'operator',
    body: body(ledger),
    answers: { 200: json(answers.ledgerPage, 'A page of the account') },
  },
  {
    method: 'post',
    route: 'ledger/archive',
    operationId: 'balanceArchive',
    summary: 'Whether every archived message of a feed has a receipt',
    role: 'operator',
    body: body(ledgerArchive),
    answers: { 200: json(answers.archivePage, 'A page of the account') },
  },
  {
    method: 'post',
    route: 'ledger/take-in',
    operationId: 'takeInArchived',
    summary: 'Takes messages in again that are archived and have no receipt, or no records, any more',
    role: 'operator',
    body: body(takeIn),
    answers: { 200: json(answers.takenIn, 'What became of each message') },
  },
  {
    method: 'post',
    route: 'reindex/run',
    operationId: 'runReindex',
    summary: 'Writes the search index of records anew after the definitions of parameters have changed',
    role: 'operator',
    body: body(reindex),
    answers: { 200: json(answers.reindexPage, 'A page of what was done') },
  },
];

const audit: readonly Operation[] = [
  {
    method: 'post',
    route: 'audit/search',
    operationId: 'searchAudit',
    summary: 'Who saw or changed what, and why: by patient, subject, time and outcome',
    role: 'privacy-officer',
    body: body(auditSearch),
    answers: { 200: json(answers.auditPage, 'A page of accesses and changes, the newest first') },
  },
  {
    method: 'post',
    route: 'audit/lines',
    operationId: 'readAudit',
    summary: 'The audit trail with its chains, for exports and for whoever verifies it',
    role: 'privacy-officer',
    body: body(auditLines),
    answers: { 200: json(answers.auditLinesPage, 'A page of lines') },
  },
];

const open: readonly Operation[] = [
  {
    method: 'get',
    route: 'health/{kind?}',
    operationId: 'health',
    summary: 'Whether the exchange works: health/live asks the process alone, health/ready its dependencies',
    answers: {
      200: json(answers.health, 'It works'),
      503: json(answers.health, 'A dependency is down'),
    },
  },
  {
    method: 'get',
    route: 'openapi.json',
    operationId: 'openapi',
    summary: 'This document',
    answers: { 200: json(answers.openApiDocument, 'OpenAPI 3.1') },
  },
];

const tokenRequest = z.object({
  grant_type: z.literal('client_credentials'),
  scope: z.string().describe('SMART scopes, separated by spaces'),
  client_assertion_type: z.literal('urn:ietf:params:oauth:client-assertion-type:jwt-bearer'),
  client_assertion: z.string().describe('A JWT that the client signed with its own key'),
});

/** Open: a client proves who it is by an assertion. */
const smart: readonly Operation[] = [
  {
    method: 'post',
    route: 'smart/token',
    operationId: 'issueToken',
    summary: 'A token for a registered backend service (SMART Backend Services)',
    body: { type: 'application/x-www-form-urlencoded', schema: tokenRequest },
    answers: {
      200: json(answers.issuedToken, 'The token'),
      400: json(answers.oauthError, 'Why there is none (RFC 6749 section 5.2)'),
    },
  },
  {
    method: 'get',
    route: 'smart/jwks',
    operationId: 'tokenKeys',
    summary: 'The public keys of the tokens that the exchange issues',
    answers: { 200: json(answers.publicKeys, 'A JWK set') },
  },
  {
    method: 'get',
    route: 'fhir/.well-known/smart-configuration',
    operationId: 'smartConfiguration',
    summary: 'Where and how backend services get tokens',
    answers: { 200: json(answers.smartConfiguration, 'The configuration (SMART App Launch 2)') },
  },
];

const flag = z.enum(['true', 'false']).optional();
const text = z.string().min(1).optional();
/** At least one of those without an underscore. */
const patientSearch = z.object({
  family: text,
  given: text,
  gender: text,
  'address-postalcode': text,
  birthdate: text,
  'death-date': text,
  'general-practitioner': text.describe('ODS code'),
  email: text,
  phone: text,
  identifier: text,
  '_fuzzy-match': flag,
  '_exact-match': flag,
  _history: flag,
});

const compatibility: readonly Operation[] = [
  {
    method: 'post',
    route: '$ingest',
    operationId: 'ingestFace',
    summary: 'As ingest, for senders of the exchange before (docs/reference/compatibility.md)',
    role: 'sender',
    headers: {
      'organisation-code': 'ODS code of the organisation of the feed',
      'source-domain': 'sourceDomain of the feed',
      'data-type': 'HL7v2 or 0',
    },
    body: hl7('text/plain'),
    answers: { 200: acknowledgement('text/plain', 'AA') },
  },
  {
    method: 'get',
    route: 'Patient/{nhsNumber}',
    operationId: 'patientFace',
    summary: 'The patient with an NHS number, for readers of the exchange before',
    role: 'reader',
    answers: {
      200: {
        description: 'The patient',
        content: { type: 'application/fhir+json', schema: answers.patient },
      },
    },
  },
  {
    method: 'get',
    route: 'Patient',
    operationId: 'patientSearchFace',
    summary: 'The one patient who matches, for readers of the exchange before',
    role: 'reader',
    query: patientSearch,
    answers: {
      200: {
        description: 'The patient',
        content: { type: 'application/fhir+json', schema: answers.patient },
      },
    },
  },
  {
    method: 'get',
    route: '_health',
    operationId: 'healthFace',
    summary: 'Health as HealthChecks.UI reads it',
    answers: {
      200: json(answers.healthReport, 'Every dependency is up'),
      503: json(answers.healthReport, 'A dependency is down'),
    },
  },
];

/** In the order of the document. */
export const allOperations: readonly Operation[] = [
  ...intake,
  ...triage,
  ...operations,
  ...audit,
  ...accessOperations,
  ...compatibility,
  ...smart,
  ...open,
];
