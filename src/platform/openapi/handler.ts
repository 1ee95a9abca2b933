import manifest from '../../../package.json' with { type: 'json' };
import type { HttpAnswer } from '../http.js';
import { openApiDocument } from './document.js';

let text: string | undefined;

/** `GET /openapi.json`: the same for all, made at the first request. */
export function openApiHandler(): HttpAnswer {
  text ??= JSON.stringify(openApiDocument(manifest.version));
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: text };
}
