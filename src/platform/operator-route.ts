/** Routes of those who run the exchange and of those who watch over it, and how they answer. */
import { feedsOfOperator } from '../app/triage/operators.js';
import { demandRole, type Principal, type Role } from '../core/governance/access.js';
import { demandRecorded } from './audit-access.js';
import type { HttpAnswer, Route } from './http.js';

/**
 * A route of one role: nothing of a request is read for others, and that they asked is recorded. What is asked for changes
 * much at once, and is not left half done for a moment of trouble.
 */
const routeOf =
  (role: Role, demand: (principal: Principal) => unknown) =>
  (name: string, handle: Route['handle']): Route => ({
    name,
    isPatient: true,
    async handle(exchange) {
      const interaction = name.replaceAll(/[/{}]+/g, '-').replace(/-$/, '');
      await demandRecorded(exchange, { interaction, role }, () => demand(exchange.principal));
      return handle(exchange);
    },
  });

/** A route of operators, who run the exchange: messages, and what becomes of them, of the feeds of their token. */
export const operatorRoute = routeOf('operator', feedsOfOperator);

/**
 * A route of privacy officers, who watch over access: the audit trail, broken glass, and what governs records. Whoever runs
 * the exchange does not, so that nobody watches over themselves.
 */
export const privacyRoute = routeOf('privacy-officer', (principal) => {
  demandRole(principal, 'privacy-officer');
});

/** A JSON answer that nobody keeps. */
export const jsonAnswer = (status: number, body: unknown): HttpAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
});
