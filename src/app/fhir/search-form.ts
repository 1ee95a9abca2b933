import { ExchangeError } from '../../core/errors.js';
import type { ParameterPair } from '../../core/fhir/bundle.js';

/** The media type of a form. */
export const formType = 'application/x-www-form-urlencoded';

/**
 * The parameters in the body of a search by POST (FHIR R4 section 3.1.0.11), so that what they say of a person stands in
 * no address.
 *
 * @throws ExchangeError HDE_CONTENT_TYPE for a body that is no form
 */
export function readForm(contentType: string | undefined, bytes: Uint8Array): ParameterPair[] {
  if (bytes.byteLength === 0) return [];
  const [type = ''] = (contentType ?? '').split(';');
  if (type.trim().toLowerCase() !== formType)
    throw new ExchangeError('HDE_CONTENT_TYPE', { detail: formType });
  return [...new URLSearchParams(new TextDecoder().decode(bytes))];
}
