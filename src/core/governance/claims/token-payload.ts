/** Claims of a verified token as they come: any value may be of any type. */
export type TokenPayload = Readonly<Record<string, unknown>>;

/** A claim that is a text with something in it; undefined for anything else. */
export function textOf(payload: TokenPayload, name: string): string | undefined {
  const value = payload[name];
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** The texts of a claim that is a list of them; what is no text is left out. */
export function textsOf(payload: TokenPayload, name: string): readonly string[] {
  const value = payload[name];
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}

/** What a thumbprint of a certificate binds a token to (RFC 8705 section 3.1); undefined for one that is bound to nothing. */
export function confirmationOf(payload: TokenPayload): Confirmation | undefined {
  const confirmation = payload['cnf'];
  if (confirmation === undefined) return undefined;
  const members = Object.entries(confirmation ?? {});
  const [[name, value] = []] = members;
  return members.length === 1 && name === 'x5t#S256' && typeof value === 'string'
    ? { kind: 'certificate', thumbprint: Buffer.from(value, 'base64url').toString('hex') }
    : { kind: 'unknown' };
}

/** `unknown` is a bond that cannot be checked here: who ignored it would make a bearer token of a bound one. */
export type Confirmation =
  { readonly kind: 'certificate'; readonly thumbprint: string } | { readonly kind: 'unknown' };
