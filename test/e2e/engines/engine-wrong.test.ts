import { describe, expect, it } from 'vitest';
import { startCounter } from '../../support/count-app.js';
import { optionsWith } from '../../support/engines/engine-options.js';
import { buildEngine, pathOf, whyNot } from '../../support/engines/engines.js';

const engine = buildEngine('wrong');

describe.skipIf('missing' in engine)(`an engine that answers by XOR${whyNot(engine)}`, () => {
  it.each(['the first', 'the second'])('stops the start, %s time', async () => {
    await expect(startCounter(optionsWith(pathOf(engine)))).rejects.toMatchObject({
      faults: [
        {
          path: 'crypto.driverParams.engine',
          message: expect.stringMatching(
            /^".*wrong\.so" computes wrong results: aes256-cbc encrypts wrongly; restart/,
          ),
        },
      ],
    });
  });

  it('stays set, so that later starts without a name for it fail by the self-test of the driver', async () => {
    await expect(startCounter(optionsWith('openssl'))).rejects.toMatchObject({
      faults: [
        {
          path: 'crypto.driver',
          message: '"openssl" fails its self-test: aes256-cbc encrypts wrongly',
        },
      ],
    });
  });
});
