import { describe, expect, it } from 'vitest';
import type { Connections, Lease } from '../../../../lib/stores/sql/connection.interface.js';
import { PrimaryCheck } from '../../../../lib/stores/sql/primary-check.js';

/** New connections to a server whose answers come when the test says so. */
class Server {
  isReplica = true;
  /** Connections so far. */
  opened = 0;
  private answers: (() => void)[] = [];

  readonly connections = {
    lease: (_until, done) => {
      this.opened++;
      done(undefined, this.lease());
    },
  } as Connections;

  answer(): void {
    for (const answer of this.answers.splice(0)) answer();
  }

  private lease(): Lease {
    const query: Lease['query'] = (_query, done) =>
      this.answers.push(() => done(undefined, { rows: [{ replica: Number(this.isReplica) }], rowCount: 1 }));
    return { connection: {}, query, release: () => undefined };
  }
}

/** What ten statements at once get. */
function ask(check: PrimaryCheck, { connections }: Server): string[] {
  const results: string[] = [];
  for (let i = 0; i < 10; i++)
    check.lease(connections, performance.now() + 60_000, (error) =>
      results.push(error ? (error as { code: string }).code : 'primary'),
    );
  return results;
}

describe('PrimaryCheck', () => {
  it('opens one connection for all statements while only a replica answers', () => {
    const [check, server] = [new PrimaryCheck(false), new Server()];
    ask(check, server);
    server.answer();
    server.opened = 0;
    for (let i = 0; i < 3; i++) {
      const results = ask(check, server);
      server.answer();
      expect(results).toEqual(Array(10).fill('replica'));
    }
    expect(server.opened).toBe(3);
  });

  it('lets all statements go on that wait when the primary answers', () => {
    const [check, server] = [new PrimaryCheck(false), new Server()];
    ask(check, server);
    server.answer();
    server.isReplica = false;
    const results = ask(check, server);
    server.answer();
    server.answer();
    expect(results).toEqual(Array(10).fill('primary'));
  });

  it('lets the next statement try after one whose connection failed', () => {
    const [check, server] = [new PrimaryCheck(false), new Server()];
    ask(check, server);
    server.answer();
    const broken = {
      lease: () => {
        throw Object.assign(new Error('broken'), { code: 'broken' });
      },
    };
    let failure: unknown;
    check.lease(broken as unknown as Connections, performance.now() + 60_000, (error) => (failure = error));
    expect(failure).toMatchObject({ code: 'broken' });
    server.isReplica = false;
    const results = ask(check, server);
    server.answer();
    expect(results).toEqual(Array(10).fill('primary'));
  });
});
