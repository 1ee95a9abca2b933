import type { TokenService } from './signing-keys.js';

/**
 * What clients need to know to get a token (SMART App Launch 2.2, "Conformance"): backend services alone, who prove who
 * they are by a key of their own.
 */
export const smartConfiguration = ({ issuer, tokenUrl, jwksUrl }: TokenService) => ({
  issuer,
  jwks_uri: jwksUrl,
  token_endpoint: tokenUrl,
  grant_types_supported: ['client_credentials'],
  token_endpoint_auth_methods_supported: ['private_key_jwt'],
  token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
  scopes_supported: ['system/*.cruds', 'system/*.rs'],
  capabilities: ['client-confidential-asymmetric', 'permission-v1', 'permission-v2'],
});
