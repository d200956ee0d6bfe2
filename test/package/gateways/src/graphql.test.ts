// Real GraphQL servers with the packed package: queries, mutations, field resolvers, batches and subscriptions.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { SERVERS, startGraphQL, type GraphQLApplication, type Server } from './graphql-application.js';

interface Fault {
  readonly message: string;
  readonly extensions?: { readonly code?: string; readonly originalError?: Record<string, unknown> };
}
interface Result {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly Fault[];
}

const SAME = { 'sec-fetch-site': 'same-origin' };
const codes = ({ errors }: Result) =>
  errors?.map(({ extensions }) => [extensions?.code, extensions?.originalError?.['code']]);

for (const server of Object.keys(SERVERS) as Server[])
  describe(server, () => {
    let running: GraphQLApplication;
    before(async () => {
      running = await startGraphQL(server);
    });
    after(() => running.app.close());

    async function send(body: unknown, headers: Record<string, string> = {}) {
      const response = await fetch(`${running.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
      const cookie = response.headers.getSetCookie().find((line) => line.startsWith('sid='));
      return {
        status: response.status,
        cookie: cookie?.split(';')[0],
        cache: response.headers.get('cache-control'),
        json: (await response.json()) as Result | Result[],
      };
    }
    const ask = async (query: string, headers: Record<string, string> = {}) =>
      (await send({ query }, headers)).json as Result;
    const login = async () => (await send({ query: 'mutation { login }' })).cookie!;

    it('logs in by a mutation, and has stored the session when the answer comes', async () => {
      const { cookie, status, json, cache } = await send({ query: 'mutation { login }' });
      assert.deepEqual([status, (json as Result).errors, cache], [200, undefined, 'no-store']);
      assert.deepEqual((await ask('{ me }', { cookie: cookie! })).data, { me: 'ada' });
    });

    it('tells who is not admitted by the codes of GraphQL and by ours', async () => {
      const anonymous = await send({ query: '{ me }' });
      assert.equal(anonymous.status, 200); // what both drivers answer to errors of resolvers
      assert.deepEqual(codes(anonymous.json as Result), [['UNAUTHENTICATED', 'ERR_SESSION_REQUIRED']]);
      const lacking = await ask('{ vault }', { cookie: await login() });
      assert.deepEqual(codes(lacking), [['UNAUTHENTICATED', 'ERR_SESSION_INSUFFICIENT']]);
      const foreign = await ask('mutation { buy }', { origin: 'https://evil.example' });
      assert.deepEqual(codes(foreign), [['FORBIDDEN', 'ERR_CSRF_MISSING']]);
      assert.equal(lacking.errors![0]!.extensions!.originalError!['statusCode'], 401);
    });

    it('keeps what admitted fields say beside a refused one', async () => {
      const { data, errors } = await ask('{ visitor { name } }', {});
      assert.deepEqual([data, errors], [{ visitor: { name: 'nobody' } }, undefined]);
    });

    it('shares one session among the field resolvers of an operation', async () => {
      const cookie = await login();
      await ask('mutation { buy }', { cookie, ...SAME });
      const fields = '{ visitor { name cart current a: visits b: visits c: visits } }';
      const { data } = await ask(fields, { cookie });
      const visitor = { name: 'ada', cart: ['tea'], current: true, a: 1, b: 2, c: 3 };
      assert.deepEqual(data, { visitor });
      assert.deepEqual((await ask('{ visitor { visits } }', { cookie })).data, { visitor: { visits: 4 } });
    });

    it('means the session without a name where a field names none', async () => {
      const { headers } = await fetch(`${running.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: 'mutation { shopLogin }' }),
      });
      const cookie = headers.getSetCookie()[0]!.split(';')[0]!;
      assert.deepEqual((await ask('{ shopper }', { cookie })).data, { shopper: 'eve' });
      for (const query of ['{ shopper me }', '{ me shopper }'])
        assert.deepEqual(codes(await ask(query, { cookie })), [['UNAUTHENTICATED', 'ERR_SESSION_REQUIRED']]);
    });

    it('loads the session before the resolver where it is loaded eagerly', async () => {
      const eager = await startGraphQL(server, true, 'eager');
      try {
        const { headers } = await fetch(`${eager.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ query: 'mutation { login }' }),
        });
        const cookie = headers.getSetCookie()[0]!.split(';')[0]!;
        const answer = await fetch(`${eager.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', cookie },
          body: JSON.stringify({ query: '{ me visitor { name } }' }),
        });
        assert.deepEqual(await answer.json(), { data: { me: 'ada', visitor: { name: 'ada' } } });
      } finally {
        await eager.app.close();
      }
    });

    it('loses no change of parallel operations', async () => {
      const cookie = await login();
      await Promise.all(Array.from({ length: 10 }, () => ask('mutation { buy }', { cookie, ...SAME })));
      const { data } = await ask('{ visitor { cart } }', { cookie });
      assert.deepEqual(data, { visitor: { cart: Array.from({ length: 10 }, () => 'tea') } });
    });

    it('shares one session among the operations of a batch', async () => {
      const cookie = await login();
      const query = { query: '{ visitor { name visits } }' };
      const { json } = await send([query, query, { query: '{ vault }' }], { cookie });
      const [first, second, third] = json as Result[];
      const visits = [first, second].map((one) => (one!.data!['visitor'] as { visits: number }).visits);
      assert.deepEqual(visits.toSorted(), [1, 2]);
      assert.deepEqual(codes(third!), [['UNAUTHENTICATED', 'ERR_SESSION_INSUFFICIENT']]);
      assert.deepEqual((await ask('{ visitor { visits } }', { cookie })).data, { visitor: { visits: 3 } });
    });

    it('refuses a change where the resolver only reads', async () => {
      const { errors } = await ask('{ frozen }', { cookie: await login() });
      assert.match(errors![0]!.message, /@ReadonlySession/);
    });

    it('refuses the user after a logout and after a revocation', async () => {
      for (const end of ['mutation { logout }', 'mutation { revoke }']) {
        const cookie = await login();
        await ask(end, { cookie });
        assert.deepEqual(codes(await ask('{ me }', { cookie })), [
          ['UNAUTHENTICATED', 'ERR_SESSION_REQUIRED'],
        ]);
      }
    });

    it('says that the store is down in the way of GraphQL, and with 503 where a change is not stored', async (t) => {
      const cookie = await login();
      const down = () => Promise.reject(new Error('down'));
      const load = t.mock.method(running.store, 'load', down);
      const told = [['SERVICE_UNAVAILABLE', 'ERR_SESSION_STORE']];
      assert.deepEqual(codes(await ask('{ visitor { name } }', { cookie })), told);
      assert.deepEqual(codes(await ask('{ me }', { cookie })), told);
      load.mock.restore();
      t.mock.method(running.store, 'replace', down);
      assert.equal((await send({ query: 'mutation { buy }' }, { cookie, ...SAME })).status, 503);
    });

    describe('its subscriptions', () => {
      interface Socket {
        next(field: string): Promise<Result>;
        close(): unknown;
      }
      /** One socket with the headers of a handshake. */
      function open(headers: Record<string, string>, url = running.url): Socket {
        class Handshake extends WebSocket {
          constructor(address: string, protocols: string) {
            super(address, protocols, { headers });
          }
        }
        const client = createClient({
          url: `${url.replace('http', 'ws')}/graphql`,
          webSocketImpl: Handshake,
          retryAttempts: 0,
          lazy: false,
          onNonLazyError: () => undefined,
        });
        const next = async (field: string) => {
          const results = client.iterate({ query: `subscription { ${field} }` });
          try {
            return ((await results.next()).value ?? {}) as Result;
          } catch (error) {
            return { errors: error as Fault[] };
          }
        };
        return { next, close: () => client.dispose() };
      }

      it('have the session of their handshake', async () => {
        const socket = open({ cookie: await login() });
        assert.deepEqual((await socket.next('greetings')).data, { greetings: 'hello ada' });
        await socket.close();
        const stranger = open({});
        assert.deepEqual(codes(await stranger.next('greetings')), [
          ['UNAUTHENTICATED', 'ERR_SESSION_REQUIRED'],
        ]);
        await stranger.close();
      });

      it('are refused on an open socket when the session has ended', async () => {
        const cookie = await login();
        const socket = open({ cookie });
        assert.deepEqual((await socket.next('greetings')).data, { greetings: 'hello ada' });
        await ask('mutation { revoke }');
        const refused = await socket.next('greetings');
        assert.deepEqual(codes(refused), [['UNAUTHENTICATED', 'ERR_SESSION_REQUIRED']]);
        await socket.close();
      });

      it('store what they save', async () => {
        const cookie = await login();
        const socket = open({ cookie });
        assert.deepEqual((await socket.next('counts')).data, { counts: 1 });
        assert.deepEqual((await socket.next('counts')).data, { counts: 2 });
        await socket.close();
      });

      it('do not take the session of a user to a foreign page', async () => {
        const cookie = await login();
        for (const [origin, name] of [
          ['https://evil.example', 'nobody'],
          ['null', 'nobody'],
          ['https://app.example', 'ada'],
          [running.url, 'ada'],
        ] as const) {
          const socket = open({ cookie, origin });
          assert.deepEqual((await socket.next('names')).data, { names: name }, origin);
          await socket.close();
        }
      });

      it('judge the page by its origin alone where the application names none', async () => {
        const plain = await startGraphQL(server, false);
        try {
          const { headers } = await fetch(`${plain.url}/graphql`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ query: 'mutation { login }' }),
          });
          const cookie = headers.getSetCookie()[0]!.split(';')[0]!;
          for (const [origin, name] of [
            ['https://evil.example', 'nobody'],
            [plain.url, 'ada'],
          ] as const) {
            const socket = open({ cookie, origin }, plain.url);
            assert.deepEqual((await socket.next('names')).data, { names: name }, origin);
            await socket.close();
          }
        } finally {
          await plain.app.close();
        }
      });
    });
  });
