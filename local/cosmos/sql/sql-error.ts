/** A query that the engine refuses, with the service's error code and the place in the query text. */
export class SqlError extends Error {
  constructor(
    message: string,
    readonly code = 'SC1001',
    readonly location?: { readonly start: number; readonly end: number },
  ) {
    super(message);
    this.name = 'SqlError';
  }

  /** The `message` of the answer: JSON text inside JSON, as the service sends it. */
  toServiceMessage(): string {
    const location = this.location === undefined ? {} : { location: this.location };
    return JSON.stringify({
      errors: [{ severity: 'Error', ...location, code: this.code, message: this.message }],
    });
  }
}
