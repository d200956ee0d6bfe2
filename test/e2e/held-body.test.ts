import { Controller, Get, Query, Res } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { CurrentSession, Session } from 'nestjs-session-crypto';
import { describe, expect, it } from 'vitest';
import { HeldCalls } from '../../lib/http/gate/held-calls.js';
import { RecordingStore } from './support/gate-store.js';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { linesOf } from '../support/ask.js';
import { startApp } from '../support/test-app.js';

const LIMIT = 65_536;
const UNAVAILABLE = { statusCode: 503, message: 'Service Unavailable' };

/** Bodies whose length and number of bytes differ, with the bytes that each has. */
const CHUNKS: Record<
  string,
  [chunk: string | Uint8Array, encoding: BufferEncoding | undefined, bytes: number]
> = {
  'letters of two bytes': ['é'.repeat(40_000), undefined, 80_000],
  'letters of four bytes': ['😀'.repeat(20_000), 'utf8', 80_000],
  'UTF-16': ['a'.repeat(40_000), 'utf16le', 80_000],
  bytes: [new Uint8Array(80_000), undefined, 80_000],
  'hexadecimal digits': ['61'.repeat(60_000), 'hex', 60_000],
  'a small text': ['a'.repeat(60_000), undefined, 60_000],
};

@Controller()
class Bodies {
  @Get('body')
  body(
    @CurrentSession() session: Session,
    @Query() { chunk, how, times = '1' }: Record<string, string>,
    @Res() reply: ServerResponse & { hijack?(): void; raw?: ServerResponse },
  ) {
    session.set('changed', true);
    reply.hijack?.();
    const response = reply.raw ?? reply;
    const [body, encoding] = CHUNKS[chunk!]!;
    if (how === 'end') return void response.end(body, encoding as never);
    for (let i = 0; i < Number(times); i++) response.write(body, encoding as never);
    response.end();
  }
}

const start = (adapter: AdapterName, store: RecordingStore, heldBodyTotal: number) =>
  startApp({
    adapter,
    session: { store, session: { heldBody: LIMIT, heldBodyTotal } },
    controllers: [Bodies],
  });

const pathOf = (chunk: string, how: 'write' | 'end', times = 1) =>
  `/body?${String(new URLSearchParams({ chunk, how, times: String(times) }))}`;

describe.each(ADAPTER_NAMES)('the body that a response holds on %s', (adapter) => {
  it.each(Object.entries(CHUNKS))('is counted in bytes: %s', async (name, [, , bytes]) => {
    const app = await start(adapter, new RecordingStore(), 10 * LIMIT);
    const answer = await app.ask(pathOf(name, 'write'));
    if (bytes > LIMIT) expect([answer.status, answer.body, linesOf(answer)]).toEqual([503, UNAVAILABLE, []]);
    else expect([answer.status, answer.bytes.length, linesOf(answer).length]).toEqual([200, bytes, 1]);
  });

  it('may be longer if end() passes it, which no back-pressure could have held back', async () => {
    const app = await start(adapter, new RecordingStore(), 10 * LIMIT);
    const answer = await app.ask(pathOf('bytes', 'end'));
    expect([answer.status, answer.bytes.length, linesOf(answer).length]).toEqual([200, 80_000, 1]);
  });

  it('is counted over several writes, and the event says which option', async () => {
    const app = await start(adapter, new RecordingStore(), 10 * LIMIT);
    const failed = app.nextEvent('commitFailed');
    expect((await app.ask(pathOf('a small text', 'write', 2))).body).toEqual(UNAVAILABLE);
    expect(await failed).toMatchObject({
      code: 'ERR_SESSION_HELD_BODY',
      message: expect.stringMatching(/more than 65536 bytes .* raise session\.heldBody$/) as string,
    });
    expect(app.seen('storeDown')).toEqual([]);
  });

  it.each(['write', 'end'] as const)('has a total for the process, with %s', async (how) => {
    const store = new RecordingStore();
    const app = await start(adapter, store, 4 * 60_000);
    const release = store.hold();
    const path = pathOf('a small text', how);
    const waiting = Array.from({ length: 4 }, () => app.ask(path));
    while (HeldCalls.totalBytes < 4 * 60_000) await setImmediate();
    expect((await app.ask(path)).body).toEqual(UNAVAILABLE);
    expect(HeldCalls.totalBytes).toBe(4 * 60_000);
    release();
    const answers = await Promise.all(waiting);
    expect(answers.map(({ status, bytes }) => [status, bytes.length])).toEqual(
      Array.from({ length: 4 }, () => [200, 60_000]),
    );
    expect(HeldCalls.totalBytes).toBe(0);
    expect((await app.ask(path)).status).toBe(200);
  });

  it('is given back when saving fails', async () => {
    const store = new RecordingStore();
    store.failing = true;
    const app = await start(adapter, store, 4 * 60_000);
    expect((await app.ask(pathOf('a small text', 'end'))).body).toEqual(UNAVAILABLE);
    expect(HeldCalls.totalBytes).toBe(0);
  });
});
