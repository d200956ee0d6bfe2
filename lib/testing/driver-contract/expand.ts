import assert from 'node:assert/strict';
import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { OpensslDriver } from '../../crypto/drivers/openssl/openssl.driver.js';
import type { DriverContractCase } from './case.interface.js';
import { always, assertBytes, failureOf } from './support.js';

/** Bytes of the longest output (RFC 5869 §2.3). */
const LONGEST = 255 * 64;
/** Bytes of outputs: around the blocks of 64, those that the wire format needs, and the longest. */
const LENGTHS = [1, 4, 32, 63, 64, 65, 76, 128, 129, LONGEST];
const PARALLEL = 1000;
const openssl = new OpensslDriver();

/** The facts about `expand`. */
export const expandContract: readonly DriverContractCase[] = [
  {
    title: 'expands as HKDF-Expand with SHA-512 does, up to 255 × 64 bytes',
    applies: always,
    // Node's hkdfSync runs both steps of HKDF, so the extract step (RFC 5869 §2.2) is done here first.
    async run(driver) {
      const [input, salt] = [randomBytes(32), randomBytes(64)];
      const extracted = createHmac('sha512', salt).update(input).digest();
      const key = await driver.importKey(extracted, 'expand');
      for (const length of LENGTHS)
        for (const info of [Buffer.alloc(0), randomBytes(1), randomBytes(700)]) {
          const expected = Buffer.from(hkdfSync('sha512', input, salt, info, length));
          assertBytes(await driver.expand(key, info, length), expected, `${length} bytes are wrong`);
        }
    },
  },
  {
    // 16 bytes: the subkey of aes128. 64 bytes: a key of a token.
    title: 'expands keys of 16 to 64 bytes, imported for this use or for every use',
    applies: always,
    async run(driver) {
      for (const length of [16, 24, 32, 48, 64]) {
        const [bytes, info] = [randomBytes(length), randomBytes(50)];
        const expected = openssl.expand(openssl.importKey(bytes), info, 76);
        for (const use of ['expand', undefined] as const) {
          const key = await driver.importKey(Buffer.from(bytes), use);
          assertBytes(
            await driver.expand(key, info, 76),
            expected,
            `a key of ${length} bytes expands wrongly`,
          );
        }
      }
    },
  },
  {
    // The counter of RFC 5869 §2.3 is one byte: block 256 would repeat an earlier input.
    title: 'refuses to expand to more than 255 × 64 bytes',
    applies: always,
    async run(driver) {
      const key = await driver.importKey(randomBytes(32), 'expand');
      const failure = await failureOf(() => driver.expand(key, Buffer.alloc(5), LONGEST + 1));
      assert.ok(failure, `expand to ${LONGEST + 1} bytes must throw or reject`);
    },
  },
  {
    // One key for all calls, so that only the infos tell them apart.
    title: `keeps ${PARALLEL} concurrent expansions apart`,
    applies: always,
    async run(driver) {
      const bytes = randomBytes(32);
      const [key, same] = [await driver.importKey(Buffer.from(bytes), 'expand'), openssl.importKey(bytes)];
      const infos = Array.from({ length: PARALLEL }, (_, i) => Buffer.from(`info ${i}`));
      const outputs = await Promise.all(infos.map(async (info) => driver.expand(key, info, 76)));
      for (const [i, info] of infos.entries())
        assertBytes(outputs[i], openssl.expand(same, info, 76), `call ${i} is mixed up`);
    },
  },
];
