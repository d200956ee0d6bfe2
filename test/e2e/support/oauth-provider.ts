import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { cleanUp } from '../../support/cleanup.js';

/** A provider of OAuth 2: it says yes at once, hands out codes, and checks the verifier of PKCE. */
export class OauthProvider {
  private readonly challenges = new Map<string, string | undefined>();

  private constructor(readonly url: string) {}

  static async start(): Promise<OauthProvider> {
    let provider: OauthProvider | undefined;
    const server = http.createServer((request, response) => void provider!.serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUp(() => new Promise<void>((resolve) => server.close(() => resolve())));
    provider = new OauthProvider(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return provider;
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = new URL(request.url!, this.url);
    if (url.pathname === '/authorize') return this.authorize(url.searchParams, response);
    let body = '';
    for await (const chunk of request) body += String(chunk);
    this.token(new URLSearchParams(body), response);
  }

  private authorize(query: URLSearchParams, response: http.ServerResponse): void {
    const code = randomBytes(8).toString('hex');
    this.challenges.set(code, query.get('code_challenge') ?? undefined);
    const back = new URL(query.get('redirect_uri')!);
    back.searchParams.set('code', code);
    if (query.has('state')) back.searchParams.set('state', query.get('state')!);
    response.writeHead(302, { location: String(back) }).end();
  }

  private token(form: URLSearchParams, response: http.ServerResponse): void {
    const code = form.get('code') ?? '';
    const challenge = this.challenges.get(code);
    const verifier = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const isKnown = this.challenges.delete(code) && (challenge === undefined || challenge === verifier);
    response.writeHead(isKnown ? 200 : 400, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isKnown ? { access_token: 'token-of-ada' } : { error: 'invalid_grant' }));
  }
}
