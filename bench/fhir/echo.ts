/** A server that reads a request and answers with the body that was put last: what HTTP alone costs. */
import { createServer, type IncomingMessage, type Server } from 'node:http';

/** Whether a contender is one of these, which answer every request alike. */
export const isEcho = (name: string): boolean => name === 'echo' || name === 'guarded';

/** @param admit done before each answer */
export function createEcho(admit?: (request: IncomingMessage) => Promise<void>): Server {
  let held = '';
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    const answer = () => {
      response.writeHead(200, {
        'content-type': 'application/fhir+json; charset=utf-8',
        'content-length': Buffer.byteLength(held),
      });
      response.end(held);
    };
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'PUT') {
        held = Buffer.concat(chunks).toString();
        response.writeHead(204).end();
      } else if (admit === undefined) answer();
      else admit(request).then(answer, () => response.writeHead(500).end());
    });
  });
}
