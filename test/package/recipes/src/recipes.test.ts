// The recipes of docs/with-other-packages.md, run with a real Redis and the packed package.
import 'reflect-metadata';
import { BullModule, getQueueToken } from '@nestjs/bullmq';
import { Controller, Module, Post, UseGuards, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { ThrottlerModule } from '@nestjs/throttler';
import { QueueEvents, type Queue } from 'bullmq';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CurrentSession, Session, SessionService } from 'nestjs-session-crypto';
import { AddressController } from './docs/address.controller.js';
import { ExportController, ExportProcessor } from './docs/export.queue.js';
import { setUp } from './docs/main.setup.js';
import { NotesTimer } from './docs/notes.timer.js';
import { SessionModule } from './docs/session.module.js';
import { SessionThrottlerGuard } from './docs/session-throttler.guard.js';

process.env['SESSION_SECRET'] = 'a passphrase for the recipes';
const connection = { host: '127.0.0.1', port: Number(process.env['REDIS_PORT']) };

@Controller()
class Pages {
  @Post('login')
  async login(@CurrentSession() session: Session) {
    await session.login('ada');
  }

  @Post('all')
  all(@CurrentSession() session: Session) {
    return { ...session.all(), id: session.id };
  }

  @Post('limited')
  @UseGuards(SessionThrottlerGuard)
  limited() {
    return {};
  }
}

@Module({
  imports: [
    SessionModule,
    BullModule.forRoot({ connection }),
    BullModule.registerQueue({ name: 'exports' }),
    ScheduleModule.forRoot(),
    ThrottlerModule.forRoot([{ ttl: 60_000, limit: 2 }]),
  ],
  controllers: [Pages, ExportController, AddressController],
  providers: [ExportProcessor, NotesTimer],
})
class AppModule {}

describe('the recipes', () => {
  let app: NestExpressApplication;
  let url: string;
  let events: QueueEvents;

  before(async () => {
    app = await NestFactory.create<NestExpressApplication>(AppModule, { logger: false });
    setUp(app);
    app.useGlobalPipes(new ValidationPipe({ transform: true }));
    await app.listen(0, '127.0.0.1');
    url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
    events = new QueueEvents('exports', { connection });
    await events.waitUntilReady();
  });
  after(async () => {
    await events.close();
    await app.close();
  });

  const send = (method: string, path: string, cookie = '', body?: object) =>
    fetch(`${url}/${path}`, {
      method,
      headers: { cookie, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
  const login = async () => (await send('POST', 'login')).headers.getSetCookie()[0]!.split(';')[0]!;
  const all = async (cookie: string) =>
    (await (await send('POST', 'all', cookie)).json()) as Record<string, unknown> & { id: string };
  const queue = () => app.get<Queue>(getQueueToken('exports'));

  it('store what the job of a queue has made', async () => {
    const cookie = await login();
    const done = new Promise((resolve) => events.once('completed', resolve));
    assert.equal((await send('POST', 'exports', cookie)).status, 201);
    await done;
    assert.deepEqual(await (await send('GET', 'exports', cookie)).json(), { export: 'ada.pdf' });
  });

  it('give a job up whose session has ended', async () => {
    const { id } = await all(await login());
    await app.get(SessionService).revoke(id);
    const job = await queue().add('export', { sessionId: id }, { attempts: 5 });
    await assert.rejects(job.waitUntilFinished(events), /logged out/);
    assert.equal((await queue().getJob(job.id!))!.attemptsMade, 1);
  });

  it('reach the sessions of a user from a timer', async () => {
    const cookie = await login();
    const jobs = [...app.get(SchedulerRegistry).getCronJobs().values()];
    assert.equal(jobs.length, 2);
    await app.get(NotesTimer).remind();
    assert.equal((await all(cookie))['note'], 'Your invoice is due');
    assert.equal(await app.get(NotesTimer).prune(), 0);
  });

  it('validate before they store', async () => {
    const cookie = await login();
    assert.equal((await send('POST', 'address', cookie, { street: 1 })).status, 400);
    const address = { street: 'Long Lane', code: '10115' };
    assert.equal((await send('POST', 'address', cookie, address)).status, 201);
    assert.deepEqual((await all(cookie))['address'], address);
  });

  it('limit the requests of a user, in all his sessions together', async () => {
    const statuses: number[] = [];
    for (const cookie of [await login(), await login(), await login()])
      statuses.push((await send('POST', 'limited', cookie)).status);
    assert.deepEqual(statuses, [201, 201, 429]);
  });

  it('have the headers of helmet beside the cookie', async () => {
    const { headers } = await send('POST', 'login');
    assert.equal(headers.get('referrer-policy'), 'same-origin');
    assert.match(headers.getSetCookie()[0]!, /^sid=/);
  });
});
