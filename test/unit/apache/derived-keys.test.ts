import { describe, expect, it } from 'vitest';
import { ApacheRingMaker } from '../../../lib/apache/apache-ring.js';
import { DerivedKeys } from '../../../lib/apache/derived-keys.js';

const SALT = Buffer.alloc(16, 1);
const secrets = (...texts: string[]) =>
  texts.map((text) => ({ kind: 'passphrase', bytes: Buffer.from(text) }) as const);

describe('DerivedKeys', () => {
  it('gives a key at once after it was added, and not before', async () => {
    const ring = await new ApacheRingMaker('secrets').make(secrets('a'));
    const keys = new DerivedKeys(10, 16);
    const derived = await keys.get(ring.first, SALT);
    expect(keys.get(ring.first, SALT)).toBeInstanceOf(Promise);
    keys.add(ring.first, SALT, derived);
    expect(keys.get(ring.first, SALT)).toBe(derived);
  });

  it('keeps passphrases and salts apart', async () => {
    const ring = await new ApacheRingMaker('secrets').make(secrets('a', 'b'));
    const keys = new DerivedKeys(10, 16);
    keys.add(ring.first, SALT, await keys.get(ring.first, SALT));
    expect(keys.get(ring.keys[1]!.key, SALT)).toBeInstanceOf(Promise);
    expect(keys.get(ring.first, Buffer.alloc(16, 2))).toBeInstanceOf(Promise);
  });

  it('forgets at a ring change what came from a passphrase that has gone, and that alone', async () => {
    const maker = new ApacheRingMaker('secrets');
    const ring = await maker.make(secrets('stays', 'goes'));
    const [stays, goes] = ring.keys.map(({ key }) => key);
    const keys = new DerivedKeys(10, 16);
    keys.enter(ring);
    for (const from of [stays!, goes!]) keys.add(from, SALT, await keys.get(from, SALT));
    keys.enter(await maker.make(secrets('comes', 'stays')));
    expect(keys.get(stays!, SALT)).not.toBeInstanceOf(Promise);
    expect(keys.get(goes!, SALT)).toBeInstanceOf(Promise);
  });
});
