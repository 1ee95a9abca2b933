/** What governs access, and who broke the glass: `/access/...`. */
import * as requests from '../access-requests.js';
import * as answers from './access-answers.js';
import { body, json, type Operation } from './operation.js';

export const accessOperations: readonly Operation[] = [
  {
    method: 'post',
    route: 'access/opt-outs',
    operationId: 'keepOptOuts',
    summary: 'Keeps what the national service answered: whoever is not in the answer has opted out',
    role: 'operator',
    body: body(requests.optOuts),
    answers: { 200: json(answers.optOutsKept, 'How many were kept; nothing lists who opted out') },
  },
  {
    method: 'post',
    route: 'access/relationships',
    operationId: 'registerRelationship',
    summary: 'Registers that an organisation, or one of its staff, cares for a patient',
    role: 'operator',
    body: body(requests.relationship),
    answers: { 201: json(answers.relationship, 'The relationship') },
  },
  {
    method: 'post',
    route: 'access/relationships/end',
    operationId: 'endRelationship',
    summary: 'Ends a relationship; nothing is deleted',
    role: 'operator',
    body: body(requests.ending),
    answers: { 200: json(answers.relationship, 'The relationship') },
  },
  {
    method: 'post',
    route: 'access/proxies',
    operationId: 'registerProxy',
    summary: 'Registers that somebody acts for a patient',
    role: 'operator',
    body: body(requests.proxy),
    answers: { 201: json(answers.proxy, 'The proxy') },
  },
  {
    method: 'post',
    route: 'access/proxies/end',
    operationId: 'endProxy',
    summary: 'Ends that somebody acts for a patient; nothing is deleted',
    role: 'operator',
    body: body(requests.ending),
    answers: { 200: json(answers.proxy, 'The proxy') },
  },
  {
    method: 'post',
    route: 'access/break-glass',
    operationId: 'breakGlass',
    summary: 'Opens the record of a patient for a limited time, with a reason that the patient can read',
    needs: 'a role of staff that may break the glass',
    body: body(requests.brokenGlass),
    answers: { 201: json(answers.openGlass, 'Until when; whether there is such a patient is not told') },
  },
  {
    method: 'post',
    route: 'access/break-glass/search',
    operationId: 'searchGlass',
    summary: 'Who broke the glass, for whom and why, the latest first',
    role: 'operator',
    body: body(requests.glassSearch),
    answers: { 200: json(answers.glassPage, 'A page of broken glass') },
  },
  {
    method: 'post',
    route: 'access/break-glass/review',
    operationId: 'reviewGlass',
    summary: 'Keeps what a privacy officer found',
    role: 'operator',
    body: body(requests.glassReview),
    answers: { 200: json(answers.glass, 'The broken glass with its review') },
  },
];
