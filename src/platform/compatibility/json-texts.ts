import type { HttpAnswer } from '../http.js';

/** A refusal of the original: a JSON text, or a list of them, which says what was wrong. */
export const textAnswer = (text: string | readonly string[]): HttpAnswer => ({
  status: 400,
  headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  body: JSON.stringify(text),
});
