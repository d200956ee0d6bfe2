import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { SUITES, suiteByCipher } from '../../../../../lib/crypto/suites.js';
import { Cryptoki } from '../../../../../lib/crypto/drivers/pkcs11/cryptoki.js';
import { Pkcs11Driver } from '../../../../../lib/crypto/drivers/pkcs11/pkcs11.driver.js';
import { TokenConnection } from '../../../../../lib/crypto/drivers/pkcs11/token-connection.js';
import { TokenSession } from '../../../../../lib/crypto/drivers/pkcs11/token-session.js';
import { Envelope } from '../../../../../lib/envelope/envelope.js';
import { NO_ROW } from '../../../../../lib/envelope/envelope-context.js';
import { SessionDriverError } from '../../../../../lib/errors/session-driver.error.js';
import koffi from 'koffi';
import { rawSecret, ringMaker, sidContext as context } from '../../rings.js';
import { LIBRARY, MISSING, PIN, pinOf, SoftHsm, type CountedPin } from '../../../../support/soft-hsm.js';

const aes256 = suiteByCipher.get('aes256')!;
const TEXT = Buffer.from('a session');
const opened = { plaintext: TEXT, stale: false };

describe.skipIf(MISSING)('A token that is lost', () => {
  let hsm: SoftHsm;
  let pin: CountedPin;
  let connection: TokenConnection;
  let driver: Pkcs11Driver;
  let now: number;

  beforeEach(async () => {
    hsm = new SoftHsm();
    [pin, now] = [pinOf(), 0];
    const cryptoki = new Cryptoki(koffi, LIBRARY);
    connection = new TokenConnection(cryptoki, { by: 'label', value: 'app' }, pin, () => now);
    await connection.start();
    driver = new Pkcs11Driver(connection);
    await driver.generateKey('sessions');
  });
  afterEach(() => {
    driver.close();
    hsm.call('C_Finalize', null);
    hsm.close();
  });

  async function envelope(...secrets: Parameters<ReturnType<typeof ringMaker>['make']>[0]) {
    const ring = await ringMaker(driver).make(secrets);
    return new Envelope(driver, { ring }, { suite: aes256, accepted: SUITES, cacheSize: 10 });
  }
  const tokenKey = () => ({ kind: 'token' as const, bytes: Buffer.from('label=sessions') });
  const losses = [
    { what: 'the session was closed', lose: () => hsm.call('C_CloseAllSessions', hsm.slot()) },
    { what: 'the library was taken down', lose: () => hsm.call('C_Finalize', null) },
  ];

  describe.each(losses)('because $what', ({ lose }) => {
    it('opens an epoch that it has not seen, and begins a new one, at once', async () => {
      const sealer = await envelope(tokenKey());
      const sealed = await sealer.seal(TEXT, context, NO_ROW);
      const reader = await envelope(tokenKey());
      lose();
      expect(await reader.open(sealed, context, NO_ROW)).toEqual(opened);
      const again = await reader.seal(TEXT, context, NO_ROW);
      expect(await sealer.open(again, context, NO_ROW)).toEqual(opened);
      expect(pin.reads).toBe(2);
    });

    it('needs no token for an epoch that it knows, nor for a key from outside', async () => {
      const known = await envelope(tokenKey());
      const sealed = await known.seal(TEXT, context, NO_ROW);
      const outside = await envelope(rawSecret(4));
      lose();
      expect(known.open(sealed, context, NO_ROW)).toEqual(opened);
      expect(outside.open((await outside.seal(TEXT, context, NO_ROW)) as Buffer, context, NO_ROW)).toEqual(
        opened,
      );
      expect(pin.reads).toBe(1);
    });

    it('logs in once and derives once for many concurrent calls', async () => {
      const sealer = await envelope(tokenKey());
      lose();
      const all = Array.from({ length: 50 }, async () => sealer.seal(TEXT, context, NO_ROW));
      for (const sealed of await Promise.all(all))
        expect(await sealer.open(sealed, context, NO_ROW)).toEqual(opened);
      expect(pin.reads).toBe(2);
      const epochs = (await Promise.all(all)).map((sealed) => sealed.toString('hex', 0, 17));
      expect(new Set(epochs).size).toBe(1);
    });
  });

  it('gives a typed error while it is away, refuses nothing that it sealed, and works again when it is back', async () => {
    const sealer = await envelope(tokenKey());
    const sealed = await sealer.seal(TEXT, context, NO_ROW);
    const uncached = await envelope(tokenKey());
    const away = { code: 'ERR_SESSION_DRIVER', statusCode: 503, reason: 'token not found' };
    hsm.pull();
    await expect((async () => uncached.open(sealed, context, NO_ROW))()).rejects.toMatchObject(away);
    hsm.putBack();
    await expect((async () => uncached.open(sealed, context, NO_ROW))()).rejects.toMatchObject(away);
    now += 1000;
    expect(await uncached.open(sealed, context, NO_ROW)).toEqual(opened);
  });

  it('is looked for at most once a second while it is away', async () => {
    const sealer = await envelope(tokenKey());
    hsm.pull();
    const seal = async () => sealer.seal(TEXT, context, NO_ROW);
    await expect(seal()).rejects.toThrow(SessionDriverError);
    hsm.putBack();
    for (now = 0; now < 1000; now += 100)
      await expect(seal()).rejects.toMatchObject({ reason: 'token not found' });
    expect(await seal()).toBeInstanceOf(Buffer);
  });

  it('is never offered a refused PIN again', async () => {
    const sealer = await envelope(tokenKey());
    pin.pin = 'changed meanwhile';
    hsm.call('C_Finalize', null);
    for (let i = 0; i < 5; i++, now += 10_000)
      await expect((async () => sealer.seal(TEXT, context, NO_ROW))()).rejects.toMatchObject({
        reason: 'CKR_PIN_INCORRECT',
        statusCode: 503,
      });
    expect(pin.reads).toBe(2);
  });

  it('is offered the PIN that a file has by then, once a second at most, and the refused one once', async () => {
    const login = vi.spyOn(TokenSession.prototype, 'login');
    onTestFinished(() => login.mockRestore());
    const sealer = await envelope(tokenKey());
    const seal = async () => sealer.seal(TEXT, context, NO_ROW);
    [pin.reloads, pin.pin] = [true, 'the PIN of yesterday'];
    hsm.call('C_Finalize', null);
    for (let i = 0; i < 4; i++, now += 500)
      await expect(seal()).rejects.toMatchObject({ reason: 'CKR_PIN_INCORRECT', statusCode: 503 });
    expect([pin.reads, login.mock.calls.length]).toEqual([3, 1]);
    pin.pin = PIN;
    expect(await seal()).toBeInstanceOf(Buffer);
    expect([pin.reads, login.mock.calls.length]).toEqual([4, 2]);
  });

  it('is offered two wrong PINs at most, however many a source makes', async () => {
    const login = vi.spyOn(TokenSession.prototype, 'login');
    onTestFinished(() => login.mockRestore());
    const sealer = await envelope(tokenKey());
    pin.reloads = true;
    hsm.call('C_Finalize', null);
    const reasons: string[] = [];
    for (let i = 0; i < 4; i++, now += 1000) {
      pin.pin = `error ${i}`;
      const seal = async () => sealer.seal(TEXT, context, NO_ROW);
      await seal().catch(({ reason }: SessionDriverError) => reasons.push(reason));
    }
    const refused = 'CKR_PIN_INCORRECT';
    expect(reasons).toEqual([refused, refused, 'PINs refused', 'PINs refused']);
    expect(login).toHaveBeenCalledTimes(2);
  });

  it('is refused if another key has the label of ours by then', async () => {
    const sealer = await envelope(tokenKey());
    const sealed = await sealer.seal(TEXT, context, NO_ROW);
    const uncached = await envelope(tokenKey());
    hsm.removeKey('sessions');
    await driver.generateKey('sessions');
    hsm.call('C_CloseAllSessions', hsm.slot());
    const another = { code: 'ERR_SESSION_DRIVER', reason: 'another key' };
    await expect((async () => uncached.open(sealed, context, NO_ROW))()).rejects.toMatchObject(another);
    await expect((async () => uncached.seal(TEXT, context, NO_ROW))()).rejects.toMatchObject(another);
  });

  it('gives no driver the key handles of another driver that reconnected first', async () => {
    const sealed = await (await envelope(tokenKey())).seal(TEXT, context, NO_ROW);
    const uncached = await envelope(tokenKey());
    hsm.call('C_Finalize', null); // the library gives out the same handles again
    const other = await hsm.driver();
    for (let i = 0; i < 30; i++) await other.generateKey(`other ${i}`);
    for (let i = 0; i < 30; i++) await other.openKey(`label=other ${i}`, 'path');
    expect(await uncached.open(sealed, context, NO_ROW)).toEqual(opened);
    other.close();
  });

  it('stays closed when the driver is closed while another session is opened', async () => {
    const sealer = await envelope(tokenKey());
    hsm.call('C_CloseAllSessions', hsm.slot());
    const sealing = (async () => sealer.seal(TEXT, context, NO_ROW))();
    driver.close();
    await expect(sealing).rejects.toMatchObject({ reason: 'closed' });
    await expect((async () => sealer.seal(TEXT, context, NO_ROW))()).rejects.toMatchObject({
      reason: 'closed',
    });
  });

  it('refuses every call after the driver was closed', async () => {
    const sealer = await envelope(tokenKey());
    driver.close();
    await expect((async () => sealer.seal(TEXT, context, NO_ROW))()).rejects.toMatchObject({
      reason: 'closed',
    });
  });
});
