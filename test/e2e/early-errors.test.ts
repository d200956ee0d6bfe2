import {
  Body,
  Catch,
  Controller,
  Get,
  Inject,
  Post,
  type ArgumentsHost,
  type ExceptionFilter,
  type HttpException,
} from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { CurrentSession, Session, SessionService } from 'nestjs-session-crypto';
import { describe, expect, it } from 'vitest';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { linesOf, type Answer, type Question } from '../support/ask.js';
import { startApp, type AppPlan } from '../support/test-app.js';

type Platform = ServerResponse & {
  status(code: number): Platform;
  send(body: unknown): unknown;
};

/** Answers every error, and leaves a flash for the next page. */
@Catch()
class Flashing implements ExceptionFilter {
  constructor(@Inject(SessionService) private readonly sessions: SessionService) {}

  async catch(error: HttpException, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const request = http.getRequest<IncomingMessage>();
    const session =
      request.headers['x-way'] === 'open' ? await this.sessions.open(request) : await this.sessions.current();
    session.flash('error', error.message);
    const status = error.getStatus?.() ?? (error as { statusCode?: number }).statusCode ?? 500;
    http.getResponse<Platform>().status(status).send({ status });
  }
}

@Controller()
class Pages {
  constructor(@Inject(SessionService) private readonly sessions: SessionService) {}

  @Post('submit')
  async submit(@Body() body: unknown) {
    return { body, isNew: (await this.sessions.current()).isNew };
  }

  @Get('page')
  page(@CurrentSession() session: Session) {
    return { error: session.flash('error') as unknown };
  }
}

const start = (adapter: AdapterName, more: Partial<AppPlan> = {}) =>
  startApp({
    adapter,
    session: { crypto: { secrets: [`hex:${'22'.repeat(32)}`] } },
    controllers: [Pages],
    providers: [{ provide: APP_FILTER, useClass: Flashing }],
    ...more,
  });

const json = (body: string | Buffer, headers = {}): Question => ({
  method: 'POST',
  body,
  headers: { 'content-type': 'application/json', ...headers },
});

/** Bodies that no parser takes. */
const REFUSED: Record<string, Question> = {
  'broken JSON': json('{"a":'),
  'too large': json(JSON.stringify('x'.repeat(2 ** 21))),
};

const TABLE = ADAPTER_NAMES.flatMap((adapter) => ['current', 'open'].map((way) => ({ adapter, way })));

describe.each(TABLE)('a filter that answers an error of a body parser on $adapter, by $way()', (row) => {
  it.each(Object.keys(REFUSED))('leaves a flash and sends cache headers: %s', async (name) => {
    const app = await start(row.adapter);
    const { headers, ...question } = REFUSED[name]!;
    const answer = await app.ask('/submit', { ...question, headers: { ...headers, 'x-way': row.way } });
    expect(answer.status).toBe(name === 'too large' ? 413 : 400);
    expect(linesOf(answer)).toHaveLength(1);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers.vary).toContain('Cookie');
    const next = await app.ask('/page', { headers: { cookie: linesOf(answer)[0]!.split(';')[0] } });
    expect(next.body).toEqual({ error: expect.any(String) as string });
  });
});

describe.each(ADAPTER_NAMES)('the session on %s', (adapter) => {
  it('is known to a handler whose body comes slowly', async () => {
    const app = await start(adapter);
    const answer = await slowly(app.url, ['{"a"', ':[1', ',2]', '}']);
    expect(answer).toEqual({ body: { a: [1, 2] }, isNew: true });
  });

  it('is committed for a middleware of app.use() that answers itself', async () => {
    const app = await start(adapter, {
      prepare: (nest) =>
        nest.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
          if (request.url !== '/static') return next();
          void nest
            .get(SessionService)
            .open(request)
            .then((session) => {
              session.set('seen', true);
              response.writeHead(200, { 'content-type': 'text/plain' }).end('file');
            });
        }),
    });
    const answer: Answer = await app.ask('/static');
    expect([answer.status, answer.text, linesOf(answer).length]).toEqual([200, 'file', 1]);
  });

  it('is known to the filter of an error that app.use() has thrown', async () => {
    const app = await start(adapter, {
      prepare: (nest) =>
        nest.use((request: IncomingMessage, _response: unknown, next: (error?: unknown) => void) =>
          next(request.url === '/broken' ? new Error('broken') : undefined),
        ),
    });
    const answer = await app.ask('/broken');
    expect([answer.status, linesOf(answer).length]).toEqual([500, 1]);
  });
});

/** Sends a JSON body in pieces, each in a packet of its own, and returns the response's JSON. */
async function slowly(url: string, pieces: readonly string[]): Promise<unknown> {
  const body = new ReadableStream({
    async start(controller) {
      for (const piece of pieces) {
        for (let turn = 0; turn < 20; turn++) await setImmediate();
        controller.enqueue(Buffer.from(piece));
      }
      controller.close();
    },
  });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/submit`, { method: 'POST', body, headers, duplex: 'half' } as never);
  return response.json();
}
