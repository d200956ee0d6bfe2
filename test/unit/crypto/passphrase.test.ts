import { createHook } from 'node:async_hooks';
import { describe, expect, it } from 'vitest';
import { stretchPassphrase } from '../../../lib/crypto/passphrase.js';

const passphrase = Buffer.from('correct horse battery staple');

/** Made with Python 3, hashlib.scrypt(b'correct horse battery staple', n=2**17, r=8, p=1, dklen=32,
 *  maxmem=2**28, salt=hashlib.sha256(b'session-crypto/v1/pass\0default\0').digest()). */
const KNOWN = '3ec86cd635960d9f265d2e97c62b67041fdccf18e9ce6540a1551a5b9804183d';

/** The highest number of concurrent scrypt jobs while `work` ran. */
async function mostJobsAtOnce(work: () => Promise<unknown>): Promise<number> {
  const running = new Set<number>();
  let most = 0;
  const hook = createHook({
    init(id, type) {
      if (type === 'SCRYPTREQUEST') most = Math.max(most, running.add(id).size);
    },
    before: (id) => void running.delete(id),
  }).enable();
  await work().finally(() => hook.disable());
  return most;
}

describe('stretchPassphrase', () => {
  it('computes the result of another implementation, one passphrase at a time', async () => {
    const answers: string[] = [];
    const stretch = async () =>
      void answers.push((await stretchPassphrase(passphrase, 'default', '')).toString('hex'));
    expect(await mostJobsAtOnce(() => Promise.all([stretch(), stretch()]))).toBe(1);
    expect(answers).toEqual([KNOWN, KNOWN]);
  });

  it('does not block the event loop, and depends on ring and salt', async () => {
    let turns = 0;
    let done = false;
    const turn = (): void => void (done || (turns++, setImmediate(turn)));
    turn();
    const answers = await Promise.all([
      stretchPassphrase(passphrase, 'other', ''),
      stretchPassphrase(passphrase, 'default', 'salted'),
    ]);
    done = true;
    expect(turns).toBeGreaterThan(100);
    expect(new Set([...answers.map((answer) => answer.toString('hex')), KNOWN]).size).toBe(3);
  });
});
