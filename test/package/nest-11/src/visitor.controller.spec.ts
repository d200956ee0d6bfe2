import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import * as request from 'supertest';
import type { App } from 'supertest/types';
import { AppModule } from './app.module';

describe('VisitorController', () => {
  let app: INestApplication<App>;

  beforeAll(async () => {
    const tested = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = tested.createNestApplication();
    await app.init();
  });
  afterAll(() => app.close());

  it('lets nobody in without a session', async () => {
    await request(app.getHttpServer()).get('/cart').expect(401);
  });

  it('keeps what a visitor has, from the login to the logout', async () => {
    const browser = request.agent(app.getHttpServer());
    await browser.post('/login').expect(204).expect('Set-Cookie', /^sid=/);
    await browser.get('/cart').expect(200, { subject: 'ada', cart: ['tea'], same: true });
    await browser.post('/logout').expect(204);
    await browser.get('/cart').expect(401);
  });
});
