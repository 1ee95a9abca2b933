/** How an operation beside `/fhir` is described. */
import type { z } from 'zod';
import type { Role } from '../../core/governance/access.js';

/** A body, by media type; a schema of zod, or none where the media type says all. */
export interface Content {
  readonly type: string;
  readonly schema?: z.ZodType;
  readonly example?: unknown;
}

export interface Answer {
  readonly description: string;
  readonly content?: Content;
}

export interface Operation {
  readonly method: 'get' | 'post';
  /** Route template, as the function registers it. */
  readonly route: string;
  readonly operationId: string;
  readonly summary: string;
  /** The role that a token needs. */
  readonly role?: Role;
  /** What token is needed where that is no matter of a role (`of a patient`); without either the route is open. */
  readonly needs?: string;
  /** Query parameters, one each property. */
  readonly query?: z.ZodObject;
  /** Headers beside those of HTTP itself, and what they mean. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Content;
  readonly answers: Readonly<Record<number, Answer>>;
}

/** A JSON answer. */
export const json = (schema: z.ZodType, description: string): Answer => ({
  description,
  content: { type: 'application/json', schema },
});

/** A JSON body. */
export const body = (schema: z.ZodType): Content => ({ type: 'application/json', schema });
