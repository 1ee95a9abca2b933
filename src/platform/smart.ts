/** `/smart/...`: tokens for SMART backend services, and where clients learn of them. */
import { randomUUID } from 'node:crypto';
import { recordAccess } from '../app/audit/audited.js';
import { ExchangeError, type ErrorCode } from '../core/errors.js';
import { subjectOf } from '../core/governance/claims/subjects.js';
import { issueToken, type TokenDependencies } from '../app/smart/issue-token.js';
import { auditDependencies } from './audit-access.js';
import { container } from './container.js';
import { certificateOf, readBody, type EdgeRequest, type HttpAnswer, type Route } from './http.js';
import { publishedKeys, type TokenService } from './signing-keys.js';
import { smartConfiguration } from './smart-configuration.js';

/** An assertion, some scopes and the rest. */
const maxBytes = 32_768;

const formType = 'application/x-www-form-urlencoded';

/** Error codes of RFC 6749 section 5.2; what else goes wrong is a fault of the request or of ours. */
const oauthErrors: Partial<Record<ErrorCode, string>> = {
  HDE_CLIENT_REFUSED: 'invalid_client',
  HDE_CERTIFICATE_NEEDED: 'invalid_client',
  HDE_GRANT_UNSUPPORTED: 'unsupported_grant_type',
  HDE_SCOPE_REFUSED: 'invalid_scope',
};

/** Clients get tokens: `POST /smart/token`. They prove who they are by what they send, not by a token. */
export const smartTokenRoute: Route<EdgeRequest> = {
  name: 'smart/token',
  isOpen: () => true,
  async handle({ request, logger, traceparent }) {
    requireService();
    const form = await readTokenForm(request);
    const { token, client } = await issueToken(await tokenDependencies(), form, certificateOf(request));
    const subject = subjectOf('smart', client.id);
    await recordIssue(subject, client.organisation, traceparent);
    logger.info('token-issued', { actor: subject });
    return answerJson(200, token);
  },
  renderError: (_, error) => Promise.resolve(renderOAuthError(error)),
};

/** The keys by which others verify our tokens: `GET /smart/jwks`. */
export const smartJwksRoute: Route<EdgeRequest> = {
  name: 'smart/jwks',
  isOpen: () => true,
  handle: () => Promise.resolve(publish(publishedKeys(requireService().keys))),
};

/** How clients authenticate: `GET /fhir/.well-known/smart-configuration`. */
export const smartConfigurationRoute: Route<EdgeRequest> = {
  name: 'fhir/.well-known/smart-configuration',
  isOpen: () => true,
  handle: () => Promise.resolve(publish(smartConfiguration(requireService()))),
};

/** Whoever takes a key that is not theirs is seen at the first token that they get by it, not at the first record. */
const recordIssue = async (
  subject: string,
  organisation: string | undefined,
  traceparent: string | undefined,
): Promise<void> =>
  recordAccess(
    await auditDependencies(),
    {
      ...{ interaction: 'token-issue', request: randomUUID(), reason: 'client-assertion', subject },
      ...{ organisation, onBehalfOf: undefined, purpose: undefined, trace: traceparent?.split('-')[1] },
    },
    'done',
    { records: [], patients: [] },
  );

/** @throws ExchangeError HDE_ROUTE_NOT_FOUND where no tokens are issued */
function requireService(): TokenService {
  const { tokenService } = container().config;
  if (tokenService === undefined) throw new ExchangeError('HDE_ROUTE_NOT_FOUND');
  return tokenService;
}

const tokenDependencies = (): Promise<TokenDependencies> => container().tokenDependencies();

async function readTokenForm(request: EdgeRequest): Promise<URLSearchParams> {
  const [type = ''] = (request.headers.get('content-type') ?? '').split(';');
  if (type.trim().toLowerCase() !== formType)
    throw new ExchangeError('HDE_CONTENT_TYPE', { detail: formType });
  return new URLSearchParams(new TextDecoder().decode(await readBody(request, maxBytes)));
}

function renderOAuthError(error: ExchangeError): HttpAnswer {
  const { http: status, text } = error.definition;
  const fallback = status >= 500 ? 'temporarily_unavailable' : 'invalid_request';
  const place = [error.location, error.detail].filter((each) => each !== undefined).join(' ');
  return answerJson(status, {
    error: oauthErrors[error.code] ?? fallback,
    error_description: place === '' ? text : `${text} ${place}`,
  });
}

const answerJson = (status: number, body: object): HttpAnswer => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store', pragma: 'no-cache' },
  body: JSON.stringify(body),
});

const publish = (body: object): HttpAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json', 'cache-control': 'max-age=300' },
  body: JSON.stringify(body),
});
