import type { IncomingHttpHeaders } from 'node:http';
import { badRequest } from '../errors.js';
import type { Value } from '../json.js';
import { isArray, isObject, parseJson } from '../json.js';

/** A request as the routes see it. */
export class ApiRequest {
  /** The decoded parts of the path. */
  readonly segments: readonly string[];

  /** @throws CosmosError 400 when the path is not valid percent-encoding */
  constructor(
    readonly method: string,
    url: string,
    readonly headers: IncomingHttpHeaders,
    readonly body: string,
  ) {
    const [path = ''] = url.split('?');
    try {
      this.segments = path
        .split('/')
        .filter((part) => part !== '')
        .map(decodeURIComponent);
    } catch {
      throw badRequest('Request url is invalid');
    }
  }

  header(name: string): string | undefined {
    const value = this.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  /** A boolean header; the client writes `true` or `True`. */
  flag(name: string): boolean {
    return this.header(name)?.toLowerCase() === 'true';
  }

  /** Whether the body is a query and not a resource. */
  get isQuery(): boolean {
    const type = this.header('content-type') ?? '';
    return this.flag('x-ms-documentdb-isquery') || type.startsWith('application/query+json');
  }

  /** @throws CosmosError 400 when the body is not JSON */
  json(): Value {
    const value = parseJson(this.body);
    if (value === undefined) {
      throw badRequest('The request payload is invalid. Ensure to provide a valid request payload.');
    }
    return value;
  }

  /**
   * The text and the parameters of a query.
   *
   * @throws CosmosError 400
   */
  query(): { readonly sql: string; readonly parameters: ReadonlyMap<string, Value> } {
    const body = this.json();
    const sql = isObject(body) ? body['query'] : undefined;
    if (!isObject(body) || typeof sql !== 'string') throw badRequest('The request body holds no query.');
    const list = body['parameters'] ?? [];
    if (!isArray(list)) throw badRequest('The parameters of a query must be an array.');
    const parameters = new Map<string, Value>();
    for (const parameter of list) {
      const name = isObject(parameter) ? parameter['name'] : undefined;
      if (!isObject(parameter) || typeof name !== 'string' || !/^@[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
        throw badRequest(
          "Parameter names should be in the format of symbol '@' followed by a valid identifier.",
        );
      }
      if (parameters.has(name)) throw badRequest('Specified duplicate parameter name.');
      parameters.set(name, parameter['value']);
    }
    return { sql, parameters };
  }

  /**
   * `x-ms-max-item-count`: -1 leaves the size to the server (infinity).
   *
   * @throws CosmosError 400 when it is no integer
   */
  maxItems(fallback: number): number {
    const text = this.header('x-ms-max-item-count');
    if (text === undefined) return fallback;
    const count = Number(text);
    if (!Number.isInteger(count) || count < -1) {
      throw badRequest(
        'The input PageSize is invalid. It must be a positive integer or -1 for a dynamic page size.',
      );
    }
    if (count === 0) return fallback;
    return count === -1 ? Number.POSITIVE_INFINITY : count;
  }
}
