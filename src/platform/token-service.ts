import type { TokenDependencies } from '../app/smart/issue-token.js';
import type { ReplayStore } from '../ports/replay-store.js';
import type { Config } from './config.js';

/** Opens what issues tokens, as the configuration says. */
export async function openTokenService(
  { tokenService, accessPolicy }: Config,
  openReplays: () => Promise<ReplayStore>,
): Promise<TokenDependencies> {
  if (tokenService === undefined) throw new Error('no token service is configured');
  const { createClientAuthenticator } = await import('../adapters/auth/client-assertions.js');
  const { createTokenSigner } = await import('../adapters/auth/sign-token.js');
  const { tokenUrl, keys } = tokenService;
  const { clients } = accessPolicy;
  return {
    authenticate: createClientAuthenticator({ clients, tokenUrl }, await openReplays()),
    sign: createTokenSigner({ ...tokenService, key: keys[0] }),
  };
}
