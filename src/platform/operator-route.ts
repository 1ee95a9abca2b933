/** Routes of operators, and how they answer. */
import { feedsOfOperator } from '../app/triage/operators.js';
import type { HttpAnswer, Route } from './http.js';

/**
 * A route that only operators may use: nothing of a request is read for others. What they ask for changes many messages
 * at once, and is not left half done for a moment of trouble.
 */
export const operatorRoute = (name: string, handle: Route['handle']): Route => ({
  name,
  isPatient: true,
  handle(exchange) {
    feedsOfOperator(exchange.principal);
    return handle(exchange);
  },
});

/** A JSON answer that nobody keeps. */
export const jsonAnswer = (status: number, body: unknown): HttpAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: JSON.stringify(body),
});
