import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BrowserLike } from './support/browser-like.js';
import { findSecrets } from './support/secret-search.js';
import { StoryApp } from './support/story-app.js';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { everyPlace } from '../support/places.js';

const PLACES = everyPlace();

let app: StoryApp;
let browser: BrowserLike;

afterEach(() => {
  expect(app.secrets.size).toBeGreaterThan(0);
  expect(findSecrets(app.heard, app.secrets)).toEqual([]);
});

async function logIn(who: BrowserLike): Promise<void> {
  const home = await who.submit(await who.get('/login'));
  expect([home.status, home.url, home.text]).toEqual([
    200,
    'https://shop.example/',
    expect.stringContaining('ada'),
  ]);
}

const shows = async (who: BrowserLike) => /<p>(\w+)<\/p>/.exec((await who.get('/')).text)![1];

/** The id of the session changes where the store renews, and the response that says so gets lost. */
async function loseTheNewCookie(): Promise<void> {
  app.ahead = 905;
  browser.loses = true;
  expect(await shows(browser)).toBe('ada');
  browser.loses = false;
}

const combinations = ADAPTER_NAMES.flatMap((adapter) =>
  PLACES.map((place) => [adapter, place.name, place] as const),
);

describe.each(combinations)('a browser on %s with the %s store', (adapter, _, place) => {
  const { cookie, onServer, renews } = place;

  beforeEach(async () => {
    app = await StoryApp.start(await place.options(), adapter, cookie);
    browser = app.browser();
  });

  it('keeps no id that somebody made up', async () => {
    expect(browser.plant(`${cookie}=PLANTEDbehav0000000000000000000001; Path=/; Secure`)).toBe(true);
    expect(await shows(browser)).toBe('nobody');
    const made = await browser.get('/cart');
    expect([made.status, browser.cookie(cookie)]).toEqual([200, expect.not.stringContaining('PLANTED')]);
    await logIn(browser);
    expect(browser.cookie(cookie)).not.toContain('PLANTED');
  });

  it('is not in the session of the thief who planted a cookie of his own', async () => {
    const thief = app.browser();
    await thief.get('/cart');
    browser.plant(`${cookie}=${thief.cookie(cookie)}; Path=/; Secure`);
    expect((await browser.get('/')).text).toContain('cart 1');
    await logIn(browser);
    expect(browser.cookie(cookie)).not.toBe(thief.cookie(cookie));
    expect(await shows(thief)).toBe('nobody');
    expect(await shows(browser)).toBe('ada');
  });

  it('keeps a form open for an hour and may submit it then', async () => {
    await logIn(browser);
    const form = await browser.get('/order');
    const seen = new Set([browser.cookie(cookie)]);
    for (let quarter = 1; quarter <= 4; quarter++) {
      app.ahead = quarter * 905;
      expect(await shows(browser)).toBe('ada');
      seen.add(browser.cookie(cookie));
    }
    if (renews) expect(seen.size).toBe(5);
    const done = await browser.submit(form, { what: 'tea' });
    expect([done.status, done.text]).toEqual([200, expect.stringContaining('ordered')]);
    expect((await browser.get('/me')).text).toContain('tea');
    expect((await browser.submit(form, { _csrf: 'made up', what: 'all' })).status).toBe(403);
  });

  if (!renews)
    it('needs nobody to lead it on, as its cookie stays good when an answer was lost', async () => {
      await logIn(browser);
      const before = browser.cookie(cookie);
      await loseTheNewCookie();
      app.ahead += 65;
      expect(await shows(browser)).toBe('ada');
      if (onServer) expect(browser.cookie(cookie)).toBe(before);
      expect(app.seen('reused')).toEqual([]);
    });

  if (renews)
    it('is led on when the answer with its new cookie was lost, within the grace time', async () => {
      await logIn(browser);
      const before = browser.cookie(cookie);
      await loseTheNewCookie();
      expect(browser.cookie(cookie)).toBe(before);
      app.ahead += 30;
      expect(await shows(browser)).toBe('ada');
      expect(browser.cookie(cookie)).not.toBe(before);
      app.ahead += 300;
      expect(await shows(browser)).toBe('ada');
      expect(app.seen('reused')).toEqual([]);
    });

  if (renews)
    it('is nobody when the answer with its new cookie was lost, after the grace time', async () => {
      await logIn(browser);
      await loseTheNewCookie();
      app.ahead += 65;
      expect(await shows(browser)).toBe('nobody');
      expect(app.seen('reused')).not.toEqual([]);
      browser.tellsOrigin = true; // what a visitor with a dead cookie begins is not stored, the seed of a form included
      await logIn(browser);
    });

  it(`is ${onServer ? 'nobody' : 'still there, by the nature of the store,'} when the answer to an asked for regeneration was lost`, async () => {
    await logIn(browser);
    browser.loses = true;
    expect((await browser.get('/renew')).status).toBe(200);
    browser.loses = false;
    expect(await shows(browser)).toBe(onServer ? 'nobody' : 'ada');
    browser.tellsOrigin = true;
    await logIn(browser);
  });

  it(`forgets its cookie at the logout, ${onServer ? 'and so does everybody' : 'which a copy outlives by the nature of the store'}`, async () => {
    await logIn(browser);
    const copy = browser.copy();
    const home = await browser.get('/logout');
    expect([home.url, home.text]).toEqual(['https://shop.example/', expect.stringContaining('nobody')]);
    expect(browser.cookieNames).not.toContain(cookie);
    expect(await shows(copy)).toBe(onServer ? 'nobody' : 'ada');
  });

  it('is shown errors that say nothing, and JSON without ids', async () => {
    await logIn(browser);
    expect((await browser.get('/failing')).status).toBe(500);
    expect((await browser.get('/me')).text).toContain('"subject":"ada"');
    const plain = app.browser('http://shop.example');
    await plain.get('/cart');
    expect(plain.cookieNames).toEqual([]);
  });
});

describe('the search for secrets', () => {
  beforeEach(async () => {
    app = await StoryApp.start(await PLACES[1]!.options(), 'express', '__Host-sid');
    browser = app.browser();
    await logIn(browser);
  });

  const token = () => browser.cookie('__Host-sid')!;
  const percent = (text: string) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16)}`).join('');

  it.each<[string, () => string]>([
    ['as it is', () => `<p>${token()}</p>`],
    ['in an address', () => `https://shop.example/?sid=${token()}`],
    ['in base64', () => Buffer.from(token()).toString('base64')],
    ['in hex', () => Buffer.from(token()).toString('hex')],
    ['in percent form', () => percent(token())],
    ['as the hex of its bytes', () => Buffer.from(token(), 'base64url').toString('hex').toUpperCase()],
    ['in half', () => token().slice(0, 40)],
  ])('finds one %s', (_, shown) => {
    const text = shown();
    expect(findSecrets([...app.heard, text], app.secrets)).toEqual([text]);
  });

  it('finds the seed of the forms', () => {
    const [seed] = app.seeds;
    expect(seed).toBeDefined();
    expect(findSecrets([JSON.stringify({ seed })], app.secrets)).toHaveLength(1);
  });

  it('has heard pages, headers, addresses, logs of Nest, the console and events', () => {
    for (const part of [
      '<!doctype html>',
      '"content-type":',
      'https://shop.example/login',
      'logged in',
      'created {',
      'Nest application',
    ])
      expect(
        app.heard.some((text) => text.includes(part)),
        part,
      ).toBe(true);
  });
});
