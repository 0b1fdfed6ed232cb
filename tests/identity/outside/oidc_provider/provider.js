// npm oidc-provider as a province or a ministry would run it: one client (this platform) and one person who is always there.
// Prints "ready" when it listens. Each start has a new signing key: a restart is a rotation.
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const { ISSUER, PORT, REDIRECT, BACKCHANNEL } = process.env;
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

const provider = new Provider(ISSUER, {
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
  clients: [{
    client_id: 'mat-tran-so', client_secret: 'bi mat: 100% rieng', redirect_uris: [REDIRECT], response_types: ['code'],
    grant_types: ['authorization_code'], backchannel_logout_uri: BACKCHANNEL, backchannel_logout_session_required: true,
    token_endpoint_auth_method: 'client_secret_basic',
  }],
  claims: { openid: ['sub', 'acr', 'amr'], profile: ['name'], citizen_id: ['citizen_id'] },
  scopes: ['openid', 'citizen_id'],
  acrValues: ['level1', 'level2'],
  cookies: { keys: ['only for tests'] },
  features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  async findAccount(_ctx, id) {
    return { accountId: id, claims: async () => ({ sub: id, name: 'Nguyễn Thị Minh', citizen_id: '001190123456' }) };
  },
});

const answer = provider.callback();
createServer(async (request, response) => {
  try {
    if (!request.url.startsWith('/interaction/')) return await answer(request, response);
    const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
    if (prompt.name === 'login') {
      const login = { accountId: 'nguoi-1', acr: 'level2', amr: ['face'] };
      return await provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
    }
    const grant = grantId ? await provider.Grant.find(grantId) : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    return await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
}).listen(Number(PORT), '127.0.0.1', () => console.log('ready'));
