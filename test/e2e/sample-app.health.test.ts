import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSample, type RunningSample } from './support/sample-app.js';
import { Visitor } from './support/sample-visitor.js';

describe.each(['express', 'fastify'])('the health of the sample app on %s', (ADAPTER) => {
  let sample: RunningSample;

  beforeAll(async () => {
    sample = await startSample({ ADAPTER });
  });
  afterAll(() => sample?.close());

  it.each(['/health/live', '/health/ready'])(
    'answers %s to anybody, briefly and without a session',
    async (path) => {
      const { status, text, cookies } = await new Visitor(sample.port).get(path);
      expect([status, cookies]).toEqual([200, []]);
      const result = { session: { status: 'up' } };
      expect(JSON.parse(text)).toEqual({ status: 'ok', info: result, error: {}, details: result });
    },
  );
});
