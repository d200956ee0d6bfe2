import { beforeAll, describe, expect, it } from 'vitest';
import { memoryStore } from 'nestjs-session-crypto';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp, type Client } from '../support/script-app.js';

// Fastify sends handshakes through its routes, as Mercurius asks it to. Nobody here upgrades, so the route answers.
describe.each(ADAPTER_NAMES)('a handshake that comes through the middleware on %s', (adapter) => {
  let app: ScriptApp;
  let client: Client;

  beforeAll(async () => {
    app = await ScriptApp.start({ store: memoryStore() }, adapter);
    client = app.client();
    await client.result((session) => session.login('ada'));
  });

  const subjectFor = async (origin: string | undefined, upgrade = 'websocket') => {
    const headers = { connection: 'Upgrade', upgrade, ...(origin && { origin }) };
    const answer = await client.run((session) => session.subject ?? null, { headers });
    return (answer.body as { result: unknown }).result;
  };

  it('has the session of its user, unless a page of another origin has opened it', async () => {
    expect(await subjectFor(undefined)).toBe('ada');
    expect(await subjectFor(app.url)).toBe('ada');
    for (const origin of ['https://evil.example', 'null']) expect(await subjectFor(origin)).toBeNull();
    expect(await subjectFor('https://evil.example', 'WebSocket')).toBeNull();
    expect(app.complaints.filter((line) => line.includes('has opened a socket'))).toHaveLength(1);
  });

  it('takes no login, since its cookie could not be sent', async () => {
    const headers = { connection: 'Upgrade', upgrade: 'websocket' };
    const script = (session: { login(subject: string): Promise<void> }) =>
      session.login('eve').catch((error: { code: string }) => error.code);
    const answer = await client.run(script, { headers });
    expect(answer.body).toEqual({ result: 'ERR_SESSION_HEAD_SENT' });
    expect(await client.result((session) => session.subject)).toBe('ada');
  });
});
