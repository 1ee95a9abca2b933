/**
 * A client over one connection that costs as little as it can, so that the server is what is measured: a request is a
 * text made before, and of an answer only the status and the length are looked at.
 */
import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

export interface Connection {
  /** Sends a request and waits for its whole answer; one at a time. */
  ask(request: Buffer): Promise<Answer>;
  close(): void;
}

export interface RequestParts {
  readonly method: string;
  /** Beginning with a slash. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The bytes of a request. */
export function requestText({ method, path, headers = {}, body }: RequestParts): Buffer {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const lines = Object.entries({ host: '127.0.0.1', ...headers, ...length }).map(
    ([k, v]) => `${k}: ${v}\r\n`,
  );
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`);
}

/** Opens a connection to a server on this machine. */
export async function openConnection(port: number): Promise<Connection> {
  const socket = await opened(port);
  let received = Buffer.alloc(0);
  let settle: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const answer = readAnswer(received);
    if (answer === undefined) return;
    received = Buffer.alloc(0);
    settle?.resolve(answer);
  });
  const closed = new Error('the server closed the connection');
  const fail = () => settle?.reject(closed);
  socket.on('error', fail).on('close', fail);
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) throw closed;
        settle = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
}

function opened(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('connect', () => {
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** The answer, when all of it has come: by its length, or in chunks (RFC 9112 section 6). */
function readAnswer(bytes: Buffer): Answer | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const status = Number(head.slice(9, 12));
  const rest = bytes.subarray(end + 4);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined)
    return rest.length < Number(length) ? undefined : { status, body: rest.subarray(0, Number(length)) };
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return { status, body: rest.subarray(0, 0) };
  const isWhole = rest.subarray(-5).equals(Buffer.from('0\r\n\r\n'));
  return isWhole ? { status, body: joinChunks(rest) } : undefined;
}

function joinChunks(bytes: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const line = bytes.indexOf('\r\n', at);
    const size = parseInt(bytes.toString('latin1', at, line), 16);
    if (size === 0) break;
    chunks.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
  return Buffer.concat(chunks);
}
