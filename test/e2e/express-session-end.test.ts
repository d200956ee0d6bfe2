import { inspect } from 'node:util';
import { memoryStore } from 'nestjs-session-crypto';
import { expect, it } from 'vitest';
import { ExpressApp, type ExpressPlan } from './support/express-app.js';

const start = (express: ExpressPlan['express'] = {}) =>
  ExpressApp.start({ session: { store: memoryStore() }, express });

it('shows no value of req.session where a request is written to a log', async () => {
  const client = (await start()).client();
  await client.run(({ session }) => void (session['word'] = 'sesame'));
  const shown = await client.result((request) => {
    void request.session['word'];
    return inspect(request, { depth: 12, showHidden: true, maxStringLength: 100_000 });
  });
  expect(shown).not.toContain('sesame');
});
