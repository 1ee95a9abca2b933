/** A server that reads a request and answers with the body that was put last: what HTTP alone costs. */
import { createServer, type Server } from 'node:http';

export function createEcho(): Server {
  let held = '';
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'PUT') held = Buffer.concat(chunks).toString();
      response.writeHead(request.method === 'PUT' ? 204 : 200, {
        'content-type': 'application/fhir+json; charset=utf-8',
        ...(request.method === 'PUT' ? {} : { 'content-length': Buffer.byteLength(held) }),
      });
      response.end(request.method === 'PUT' ? undefined : held);
    });
  });
}
