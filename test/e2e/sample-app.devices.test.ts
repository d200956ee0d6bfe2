import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deviceName } from '../../sample-app/devices/device-name.js';
import { startSample, type RunningSample } from './support/sample-app.js';
import { Visitor } from './support/sample-visitor.js';

const LINUX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';
const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0';

describe.each(['express', 'fastify'])('the devices of the sample app on %s', (ADAPTER) => {
  let sample: RunningSample;
  let visitor: Visitor;
  let other: Visitor;
  /** The token for forms of the visitor, who is ada on a Linux machine and has no other device. */
  let _csrf: string;

  beforeAll(async () => {
    sample = await startSample({ ADAPTER });
  });
  afterAll(() => sample?.close());
  beforeEach(async () => {
    visitor = new Visitor(sample.port, LINUX);
    other = new Visitor(sample.port, IPHONE);
    await visitor.logIn('ada');
    _csrf = await visitor.csrf('/devices');
    await visitor.post('/devices/revoke-others', { _csrf });
  });

  it('are listed with browser and system, and this one is marked', async () => {
    await other.logIn('ada');
    const devices = devicesOf((await visitor.get('/devices')).text);
    expect(devices.map(({ name }) => name).toSorted()).toEqual(['Firefox on Linux', 'Safari on iPhone']);
    expect(devices.filter(({ current }) => current).map(({ name }) => name)).toEqual(['Firefox on Linux']);
  });

  it('are logged out one by one', async () => {
    await other.logIn('ada');
    const [id, ...more] = idsOf((await visitor.get('/devices')).text);
    expect(more).toEqual([]);
    expect((await visitor.post('/devices/revoke', { _csrf, id: id! })).location).toBe('/devices');
    expect((await other.get('/')).location).toBe('/login?next=%2F');
    expect((await visitor.get('/')).status).toBe(200);
  });

  it('of somebody else stay logged in', async () => {
    const id = /<code>([\w-]{43})<\/code>/.exec((await visitor.get('/')).text)![1]!;
    await other.logIn('grace');
    const form = { _csrf: await other.csrf('/devices'), id };
    expect((await other.post('/devices/revoke', form)).status).toBe(404);
    expect((await visitor.get('/')).status).toBe(200);
  });

  it('are not looked for by an id that is none', async () => {
    const { status, text } = await visitor.post('/devices/revoke', { _csrf, id: '<b>' });
    expect(status).toBe(400);
    expect(text).toContain('The form names no device.');
  });

  it('keep their names when their sessions get new ids', async () => {
    await other.logIn('ada');
    const before = other.cookies.get('sid');
    sample.advance(1000);
    await other.get('/');
    expect(other.cookies.get('sid')).not.toBe(before);
    const devices = devicesOf((await visitor.get('/devices')).text);
    expect(devices.map(({ name }) => name).toSorted()).toEqual(['Firefox on Linux', 'Safari on iPhone']);
  });
});

describe('the name of a device', () => {
  it.each([
    [LINUX, 'Firefox on Linux'],
    [IPHONE, 'Safari on iPhone'],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36`, 'Chrome on Windows'],
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Safari/537.36 Edg/142.0.0.0`, 'Edge on Windows'],
    [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${CHROME} Safari/537.36`, 'Chrome on ChromeOS'],
    [`Mozilla/5.0 (X11; Linux x86_64) ${CHROME} Safari/537.36 OPR/124.0.0.0`, 'Opera on Linux'],
    [`Mozilla/5.0 (Linux; Android 10; K) ${CHROME} Mobile Safari/537.36`, 'Chrome on Android'],
    [
      'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36',
      'Samsung Internet on Android',
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15',
      'Safari on macOS',
    ],
    [
      'Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile/15E148 Safari/604.1',
      'Chrome on iPad',
    ],
    ['curl/8.5.0', 'curl'],
    ['<script>alert(1)</script>', 'Unknown browser'],
    ['', 'Unknown browser'],
  ])('is read from %s', (userAgent, name) => {
    expect(deviceName(userAgent)).toBe(name);
  });

  it('is unknown without the header', () => {
    expect(deviceName()).toBe('Unknown browser');
  });
});

/** The rows of the list. */
function devicesOf(page: string): { name: string; current: boolean }[] {
  const rows = [...page.matchAll(/<div class="device">\s*<div><b>([^<]*)<\/b>(.*?)<\/div>/gs)];
  return rows.map(([, name, rest]) => ({ name: name!, current: rest!.includes('this one') }));
}

/** The ids in the forms that log a device out. */
const idsOf = (page: string): string[] =>
  [...page.matchAll(/name="id" value="([^"]+)"/g)].map(([, id]) => id!);
