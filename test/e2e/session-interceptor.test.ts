import {
  Catch,
  Controller,
  Post,
  ServiceUnavailableException,
  type ArgumentsHost,
  type Provider,
} from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, BaseExceptionFilter } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { CurrentSession, SessionInterceptor, SessionStoreError, type Session } from 'nestjs-session-crypto';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { startApp } from '../support/test-app.js';
import { RecordingStore } from './support/gate-store.js';

@Controller()
class CartController {
  @Post('cart')
  add(@CurrentSession() session: Session<{ cart: string[] }>) {
    session.set('cart', ['tea']);
    return { added: 'tea' };
  }
}

/** As in docs/sessions.md. */
@Catch(SessionStoreError)
class StoreDownFilter extends BaseExceptionFilter {
  override catch({ code }: SessionStoreError, host: ArgumentsHost) {
    super.catch(new ServiceUnavailableException({ code, message: 'Please try again' }), host);
  }
}

const FILTER = { provide: APP_FILTER, useClass: StoreDownFilter };
const INTERCEPTOR = { provide: APP_INTERCEPTOR, useClass: SessionInterceptor };

describe.each(ADAPTER_NAMES)('a save that fails on %s', (adapter) => {
  async function answerWith(providers: Provider[]) {
    const store = new RecordingStore();
    const app = await startApp({ adapter, session: { store }, controllers: [CartController], providers });
    expect((await app.ask('/cart', { method: 'POST' })).status).toBe(201);
    store.failing = true;
    const { status, body } = await app.ask('/cart', { method: 'POST' });
    return { status, message: (body as { message?: unknown }).message };
  }

  it("passes through the application's exception filters with SessionInterceptor", async () => {
    const answer = await answerWith([FILTER, INTERCEPTOR]);
    expect(answer).toEqual({ status: 503, message: 'Please try again' });
  });

  it('is answered by the gate, past the filters, without it', async () => {
    const { status, message } = await answerWith([FILTER]);
    expect(status).toBe(503);
    expect(message).not.toBe('Please try again');
  });
});
