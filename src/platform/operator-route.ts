/** Routes of operators, and how they answer. */
import { feedsOfOperator } from '../app/triage/operators.js';
import type { HttpAnswer, Route } from './http.js';

/** A route that only operators may use: nothing of a request is read for others. */
export const operatorRoute = (name: string, handle: Route['handle']): Route => ({
  name,
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
