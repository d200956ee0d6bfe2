import { createCipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSealer, OpensslDriver } from 'nestjs-session-crypto';
import { ApacheEnvelope } from 'nestjs-session-crypto/apache';
import { startCounter } from '../../support/count-app.js';
import { optionsWith } from '../../support/engines/engine-options.js';
import { buildEngine, pathOf, whyNot } from '../../support/engines/engines.js';

const engine = buildEngine('right');
const used = () => process.env['TEST_ENGINE_USED'] === 'yes';

describe.skipIf('missing' in engine)(`an engine that answers rightly${whyNot(engine)}`, () => {
  it('is asked for the sessions of the Apache format, which httpd would open', async () => {
    expect(used()).toBe(false);
    const app = await startCounter(optionsWith(pathOf(engine)));
    expect(used()).toBe(true);
    delete process.env['TEST_ENGINE_USED'];
    const visitor = app.visitor();
    expect([(await visitor.get('/')).text, used()]).toEqual(['1', true]);
    const sealed = visitor.jar.get('session')!;
    expect((await visitor.get('/')).text).toBe('2');
    const opened = await new ApacheEnvelope({ secrets: ['secret of the engine'] }).open(sealed);
    expect(opened!.plaintext.toString()).toContain('count=1');
  });

  it('lasts as long as the process: also others get it, and it answers as AES does', () => {
    delete process.env['TEST_ENGINE_USED'];
    const cipher = createCipheriv('aes-256-cbc', Buffer.alloc(32, 1), Buffer.alloc(16, 2));
    const sealed = Buffer.concat([cipher.update('hello world hello world'), cipher.final()]);
    expect([sealed.toString('hex'), used()]).toEqual([
      'edf25f9a89d675120c54529bff0d0da6d40b73b9ead9ea89020f60291a83a626',
      true,
    ]);
  });

  it('is taken a second time, and no other beside it', async () => {
    await (await startCounter(optionsWith(pathOf(engine)))).close();
    await expect(startCounter(optionsWith('gost'))).rejects.toMatchObject({
      faults: [
        {
          path: 'crypto.driverParams.engine',
          message: expect.stringMatching(/^"gost": this process has the engine ".*right\.so"/),
        },
      ],
    });
  });

  it('is not asked by our own form, which another part of the process may seal in', async () => {
    delete process.env['TEST_ENGINE_USED'];
    const sealer = await createSealer({ secrets: [`hex:${'22'.repeat(32)}`], driver: new OpensslDriver() });
    expect((await sealer.open(await sealer.seal('text'))).toString()).toBe('text');
    await sealer.close();
    expect(used()).toBe(false);
  });
});
