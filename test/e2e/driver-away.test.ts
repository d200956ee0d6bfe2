import { describe, expect, it } from 'vitest';
import {
  cookieStore,
  OpensslDriver,
  SessionDriverError,
  type CryptoDriver,
  type SessionCryptoOptions,
} from 'nestjs-session-crypto';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp } from '../support/script-app.js';
import { SECRET } from '../support/test-app.js';
import { slowDriver } from '../support/slow-driver.js';

/** Keeps its keys in a token that can be pulled. */
class Distant extends OpensslDriver {
  isAway = false;

  override expand(...args: Parameters<OpensslDriver['expand']>): Buffer {
    if (this.isAway) throw new SessionDriverError('expand', 'token not found');
    return super.expand(...args);
  }
}

const ways: { way: string; of: (driver: Distant) => CryptoDriver }[] = [
  { way: 'throws', of: (driver) => driver },
  { way: 'rejects', of: (driver) => slowDriver(driver) },
];
const rows = ADAPTER_NAMES.flatMap((adapter) => ways.map((one) => ({ ...one, adapter })));

describe.each(rows)('A driver whose keys are away, and that $way, on $adapter', ({ adapter, of }) => {
  async function pulled(session: SessionCryptoOptions['session'] = {}) {
    const driver = new Distant();
    const crypto = { secrets: [SECRET], driver: of(driver), keyCache: 0 };
    const store = cookieStore({ acceptReplay: true });
    const app = await ScriptApp.start({ crypto, session, store }, adapter);
    const client = app.client();
    await client.run((one) => one.set('name', 'Ada'));
    driver.isAway = true;
    return { app, client, driver };
  }

  it('gives 503, takes no cookie away, and serves the session again afterwards', async () => {
    const { client, driver } = await pulled();
    expect(await client.run((one) => one.get('name'))).toMatchObject({ status: 503, cookies: [] });
    driver.isAway = false;
    expect(await client.run((one) => one.get('name'))).toMatchObject({ body: { result: 'Ada' } });
  });

  it('tells the operator once that the keys are away, and once that they are back', async () => {
    const { app, client, driver } = await pulled();
    for (let i = 0; i < 3; i++) await client.run((one) => one.get('name'));
    expect(app.seen('driverDown')).toEqual([{ session: 'default', code: 'token not found' }]);
    driver.isAway = false;
    for (let i = 0; i < 3; i++) await client.run((one) => one.get('name'));
    expect(app.seen('driverUp')).toEqual([{ session: 'default' }]);
    const lines = app.complaints.filter((line) => line.startsWith('The cryptographic'));
    expect(lines).toEqual([
      'The cryptographic driver cannot use its keys (token not found); requests get 503',
      'The cryptographic driver works again',
    ]);
  });

  it("gives a session of nobody with onStoreDown: 'anonymous', and takes no cookie away", async () => {
    const { client, driver } = await pulled({ onStoreDown: 'anonymous' });
    expect(await client.run((one) => one.isNew)).toMatchObject({
      status: 201,
      body: { result: true },
      cookies: [],
    });
    driver.isAway = false;
    expect(await client.run((one) => one.get('name'))).toMatchObject({ body: { result: 'Ada' } });
  });
});

describe.each(ADAPTER_NAMES)('A driver that does not answer, on %s', (adapter) => {
  it.each(['importKey', 'expand', 'seal', 'open'] as const)(
    'costs the requests that wait for %s their time limit, and no later one',
    async (call) => {
      let isSilent = false;
      const driver = slowDriver(new OpensslDriver());
      const answer = driver[call].bind(driver) as (...args: unknown[]) => Promise<never>;
      driver[call] = (...args: unknown[]): Promise<never> =>
        isSilent ? new Promise(() => undefined) : answer(...args);
      const crypto = { secrets: [SECRET], driver, keyCache: 0 };
      const store = cookieStore({ acceptReplay: true });
      const app = await ScriptApp.start({ crypto, store, session: { commitTimeout: 2 } }, adapter);
      const client = app.client();
      await client.run((one) => one.set('name', 'Ada'));
      isSilent = true;
      const act = () => client.copy().run((one) => one.set('name', 'Eve'));
      expect((await Promise.all([act(), act()])).map(({ status }) => status)).toEqual([503, 503]);
      isSilent = false;
      expect(await client.result((one) => one.get('name'))).toBe('Ada');
      expect((await client.run((one) => one.set('name', 'Eve'))).status).toBe(201);
      expect(app.seen('driverDown')).toEqual([{ session: 'default', code: 'timeout' }]);
      expect(app.seen('driverUp')).toHaveLength(1);
    },
  );
});
