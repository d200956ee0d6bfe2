import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSample, type RunningSample } from './support/sample-app.js';
import { Visitor } from './support/sample-visitor.js';

const CASES = [
  { ADAPTER: 'express', SESSION_STORE: 'postgres' },
  { ADAPTER: 'fastify', SESSION_STORE: 'cookie' },
];

describe.each(CASES)(
  'the operator’s side of the sample app on $ADAPTER with SESSION_STORE=$SESSION_STORE',
  (env) => {
    let sample: RunningSample;
    let admin: Visitor;
    let customer: Visitor;

    beforeAll(async () => {
      sample = await startSample(env);
      admin = new Visitor(sample.port);
      customer = new Visitor(sample.port);
      await admin.logIn('ada');
      await customer.logIn('grace');
    });
    afterAll(() => sample?.close());

    it.each(['/ops', '/ops/metrics'])('shows %s to an administrator alone', async (path) => {
      expect((await new Visitor(sample.port).get(path)).location).toBe(
        `/login?next=${encodeURIComponent(path)}`,
      );
      expect((await customer.get(path)).status).toBe(403);
      expect((await admin.get(path)).status).toBe(200);
    });

    it('lets nobody but an administrator act', async () => {
      const form = { action: 'revokeSubject', subject: 'ada' };
      expect((await customer.post('/ops', form)).status).toBe(403);
      expect((await new Visitor(sample.port).post('/ops', form)).location).toBe('/login');
      expect((await admin.get('/')).status).toBe(200);
    });

    it('leads from the admin page to the dashboard, and from the log in form', async () => {
      expect((await admin.get('/admin')).text).toContain('href="/ops"');
      expect((await new Visitor(sample.port).get('/login?next=%2Fops')).text).toContain(
        'name="next" value="/ops"',
      );
    });

    it('shows both sessions of the application', async () => {
      const { text } = await admin.get('/ops');
      expect(text).toContain('?session=demo');
      expect((await admin.get('/ops?session=demo')).text).toContain('data-session="demo"');
    });

    it('counts a rejected cookie in the metrics, by its reason', async () => {
      const stranger = new Visitor(sample.port);
      stranger.cookies.set('sid', 'no-cookie-of-ours');
      await stranger.get('/');
      const { text } = await admin.get('/ops/metrics');
      expect(text).toMatch(/cookies_rejected[^\n]*length[^\n]* [1-9]/);
    });
  },
);
