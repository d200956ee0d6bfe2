import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { SessionGuard } from 'nestjs-session-crypto';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { sendRequest } from '../support/ask.js';
import type { TestApp } from '../support/test-app.js';
import { OPERATOR, PAGE, readable, startDashboard } from './support/dashboard-app.js';

/** A stream of live figures. */
class Stream {
  private text = '';
  readonly ended: Promise<void>;

  private constructor(readonly response: IncomingMessage) {
    response.setEncoding('utf8').on('data', (chunk: string) => (this.text += chunk));
    this.ended = new Promise((resolve) => response.once('close', resolve));
  }

  static open(app: TestApp, headers: Record<string, string> = OPERATOR): Promise<Stream> {
    return new Promise((resolve, reject) => {
      const request = sendRequest(`${app.url}${PAGE}?live=default`, { headers });
      request.on('response', (response) => resolve(new Stream(response))).on('error', reject);
    });
  }

  /** The parts of the first message. */
  async first(): Promise<Record<string, string>> {
    while (!/^data: .*\n\n/m.test(this.text))
      await new Promise((resolve) => this.response.once('data', resolve));
    return JSON.parse(/^data: (.*)$/m.exec(this.text)![1]!) as Record<string, string>;
  }

  close(): void {
    this.response.destroy();
  }
}

describe.each(ADAPTER_NAMES)('live figures on %s', (adapter) => {
  it('begin with all parts of the page as they are now', async () => {
    const app = await startDashboard({}, { adapter });
    await app.visitor().get('/login/ada');
    const stream = await Stream.open(app);
    expect(stream.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
    });
    const parts = await stream.first();
    expect(readable({ text: parts['counts']! })).toMatch(/New sessions 1 1/);
    const page = await app.ask(PAGE, { headers: OPERATOR });
    for (const id of Object.keys(parts)) expect(page.text).toContain(`id="${id}"`);
    stream.close();
  });

  it('end with the application, which does not wait for them', async () => {
    const app = await startDashboard({}, { adapter });
    const streams = await Promise.all([1, 2, 3].map(() => Stream.open(app)));
    await Promise.all(streams.map((one) => one.first()));
    await app.close();
    await Promise.all(streams.map((one) => one.ended));
  });

  it('go to twenty viewers of one process, and to another one when one has left', async () => {
    const app = await startDashboard({}, { adapter });
    const streams = await Promise.all(Array.from({ length: 20 }, () => Stream.open(app)));
    expect(streams.map(({ response }) => response.statusCode)).toEqual(Array(20).fill(200));
    expect((await Stream.open(app)).response.statusCode).toBe(503);
    streams[0]!.close();
    await streams[0]!.ended;
    await expect.poll(async () => (await Stream.open(app)).response.statusCode).toBe(200);
  });

  it('are no answer to HEAD, which ends at once', async () => {
    const app = await startDashboard({}, { adapter });
    const init = { method: 'HEAD', headers: OPERATOR, signal: AbortSignal.timeout(10_000) };
    const { status, headers } = await fetch(`${app.url}${PAGE}?live=default`, init);
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  });

  it('keep no session alive', async () => {
    class SubjectGuard extends SessionGuard {}
    const app = await startDashboard({ guard: SubjectGuard }, { adapter });
    const visitor = app.visitor();
    await visitor.get('/login/ada');
    const before = await app.sessions.list('ada');
    const stream = await Stream.open(app, { cookie: visitor.cookie });
    await stream.first();
    expect(stream.response.headers['set-cookie']).toBeUndefined();
    expect(await app.sessions.list('ada')).toEqual(before);
    stream.close();
  });
});
