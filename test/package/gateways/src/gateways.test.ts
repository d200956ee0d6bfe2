// Real gateways of ws and socket.io with the packed package. `npm run test:gateways` runs it, because the packages are not in our own node_modules.
import type { INestApplication } from '@nestjs/common';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { start, type Platform, type Sockets } from './application.js';
import { connect, type Client, type Told } from './clients.js';

const rejections: unknown[] = [];
process.on('unhandledRejection', (error) => rejections.push(error));

const LOGGED_IN = { event: 'me', data: 'ada' };
const codeOf = ({ event, data }: Told) => [event, (data as { code?: string }).code];

for (const platform of ['express', 'fastify'] satisfies Platform[])
  for (const sockets of ['ws', 'socket.io', 'socket.io by polling'] satisfies Sockets[])
    describe(`a ${sockets} gateway on ${platform}`, () => {
      let app: INestApplication;
      let url: string;
      const clients: Client[] = [];

      before(async () => {
        app = await start(platform, sockets);
        url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
      });
      after(() => app.close());

      const post = async (path: string, cookie = '') => {
        const { headers } = await fetch(`${url}/${path}`, { method: 'POST', headers: { cookie } });
        return headers.getSetCookie()[0]?.split(';')[0] ?? '';
      };
      async function open(headers: Record<string, string>): Promise<Client> {
        const client = await connect(sockets)(url, headers);
        clients.push(client);
        return client;
      }
      after(() => clients.forEach((client) => client.close()));

      it('shows the user of the handshake', async () => {
        const client = await open({ cookie: await post('login') });
        assert.deepEqual(await client.ask('me'), LOGGED_IN);
      });

      it('tells an anonymous client to log in, by a WsException', async () => {
        const client = await open({});
        const told = await client.ask('me');
        assert.deepEqual(told, {
          event: 'exception',
          data: {
            status: 'error',
            statusCode: 401,
            error: 'Unauthorized',
            code: 'ERR_SESSION_REQUIRED',
            message: 'Log in first',
          },
        });
      });

      it('tells a client whose login is too long ago', async () => {
        const client = await open({ cookie: await post('login') });
        assert.deepEqual(codeOf(await client.ask('fresh')), ['exception', 'ERR_SESSION_NOT_FRESH']);
      });

      for (const end of ['logout', 'revoke'])
        it(`refuses the next guarded message after ${end}`, async () => {
          const cookie = await post('login');
          const client = await open({ cookie });
          assert.deepEqual(await client.ask('me'), LOGGED_IN);
          await post(end, cookie);
          assert.deepEqual(codeOf(await client.ask('me')), ['exception', 'ERR_SESSION_REQUIRED']);
          assert.deepEqual(codeOf(await client.ask('me')), ['exception', 'ERR_SESSION_REQUIRED']);
          assert.deepEqual(await client.ask('open'), { event: 'open', data: null });
        });

      it('stores what a message saves, for the other sockets and requests of the session', async () => {
        const cookie = await post('login');
        const [first, second] = [await open({ cookie }), await open({ cookie })];
        const twice = async (one: Client) => [(await one.ask('count')).data, (await one.ask('count')).data];
        const counts = await Promise.all([first, second].map(twice));
        assert.deepEqual(counts.flat().toSorted(), [1, 2, 3, 4]);
        assert.deepEqual(await first.ask('note'), { event: 'note', data: 'kept' });
        assert.deepEqual(await second.ask('read'), { event: 'read', data: ['kept', 4] });
        const third = await open({ cookie });
        assert.deepEqual(await third.ask('read'), { event: 'read', data: ['kept', 4] });
      });

      it('stores nothing in a session that has ended since the handshake', async () => {
        const cookie = await post('login');
        const client = await open({ cookie });
        assert.deepEqual(await client.ask('me'), LOGGED_IN);
        await post('logout', cookie);
        assert.deepEqual(codeOf(await client.ask('note')), ['exception', 'ERR_SESSION_REQUIRED']);
        assert.equal((await client.ask('count')).event, 'exception');
      });

      it('cannot log in, since the cookie of its handshake is sent', async () => {
        const client = await open({ cookie: await post('login') });
        assert.deepEqual(await client.ask('login'), { event: 'login', data: 'ERR_SESSION_HEAD_SENT' });
        assert.deepEqual(await client.ask('me'), LOGGED_IN);
      });

      it('does not reuse the session of a handshake for a foreign page', async () => {
        const cookie = await post('login');
        for (const origin of [
          'https://evil.example',
          'null',
          `${url}.evil.example`,
          'https://app.example.evil',
        ]) {
          const client = await open({ cookie, origin });
          assert.deepEqual(await client.ask('open'), { event: 'open', data: null }, origin);
          assert.deepEqual(codeOf(await client.ask('me')), ['exception', 'ERR_SESSION_REQUIRED']);
          assert.deepEqual(codeOf(await client.ask('change')), ['exception', 'ERR_CSRF_CROSS_SITE']);
        }
      });

      it('admits pages of ours, of the list, and programs', async () => {
        const cookie = await post('login');
        for (const origin of [url, 'https://app.example', undefined]) {
          const client = await open({ cookie, ...(origin && { origin }) });
          assert.deepEqual(await client.ask('me'), LOGGED_IN, origin);
          assert.deepEqual(await client.ask('change'), { event: 'change', data: true }, origin);
        }
      });

      it('asks Sec-Fetch-Site first', async () => {
        const headers = { cookie: await post('login'), origin: url, 'sec-fetch-site': 'cross-site' };
        const client = await open(headers);
        assert.deepEqual(await client.ask('open'), { event: 'open', data: null });
      });

      it('causes no unhandled rejection', () => {
        assert.deepEqual(rejections, []);
      });
    });
