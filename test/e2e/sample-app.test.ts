import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FolderLock } from '../../sample-app/database/folder-lock.js';
import { startSample, startSampleIn, temporaryFolder, type RunningSample } from './support/sample-app.js';
import { Visitor } from './support/sample-visitor.js';

/** No process has it: it is above what Linux gives out. */
const DEAD_PID = 4_194_305;
const SESSION_SECRET = `hex:${'5e'.repeat(32)}`;

describe.each(['express', 'fastify'])('the sample app on %s', (ADAPTER) => {
  let sample: RunningSample;
  let visitor: Visitor;

  beforeAll(async () => {
    sample = await startSample({ ADAPTER });
  });
  afterAll(() => sample?.close());
  beforeEach(() => {
    visitor = new Visitor(sample.port);
  });

  it('leads a stranger to the log in form and back, and begins no session for that', async () => {
    const { status, location, cookies } = await visitor.get('/admin');
    expect([status, location, cookies]).toEqual([303, '/login?next=%2Fadmin', []]);
    const form = await visitor.get(location!);
    expect([form.status, form.cookies]).toEqual([200, []]);
    expect(form.text).toContain('No session cookie came with this page');
    expect((await visitor.logIn('ada', '/admin')).location).toBe('/admin');
    expect((await visitor.get('/admin')).text).toContain('live sessions');
  });

  it('answers stylesheet and icon with their types and without a session', async () => {
    expect((await visitor.get('/style.css')).cookies).toEqual([]);
    expect((await visitor.get('/icon.svg')).text).toContain('<svg');
  });

  it('logs nobody in by a wrong password', async () => {
    const form = { user: 'ada', password: 'nanoseconds', next: '/cart' };
    const { location, cookies } = await visitor.post('/login', form, visitor.ownOrigin);
    expect([location, cookies]).toEqual(['/login?why=refused&next=/cart', []]);
  });

  it('refuses a log in form of another site', async () => {
    const form = { user: 'ada', password: 'analytical-engine' };
    const { status, cookies } = await visitor.post('/login', form, { origin: 'https://elsewhere.example' });
    expect([status, cookies]).toEqual([403, []]);
  });

  it('leads nobody to another site after log in', async () => {
    expect((await visitor.logIn('ada', 'https://elsewhere.example/')).location).toBe('/');
  });

  it('greets once', async () => {
    await visitor.logIn('grace');
    expect((await visitor.get('/')).text).toContain('Welcome, Grace.');
    expect((await visitor.get('/')).text).not.toContain('Welcome, Grace.');
  });

  it('puts into the cart and takes out of it, by the token alone', async () => {
    await visitor.logIn('grace');
    const form = { _csrf: await visitor.csrf('/cart'), product: 'wax' };
    expect((await visitor.post('/cart/add', form)).location).toBe('/cart');
    await visitor.post('/cart/add', form);
    expect((await visitor.get('/cart')).text).toMatch(/id="count-wax">2</);
    await visitor.post('/cart/remove', form);
    expect((await visitor.get('/cart')).text).toMatch(/id="count-wax">1</);
  });

  it('counts what two tabs add at once', async () => {
    await visitor.logIn('grace');
    const form = { _csrf: await visitor.csrf('/cart'), product: 'ring' };
    await Promise.all([visitor.post('/cart/add', form), visitor.post('/cart/add', form)]);
    expect((await visitor.get('/cart')).text).toMatch(/id="count-ring">2</);
  });

  it('refuses a form without a token, and what it does not sell', async () => {
    await visitor.logIn('grace');
    expect((await visitor.post('/cart/add', { product: 'wax' })).status).toBe(403);
    const form = { _csrf: await visitor.csrf('/cart'), product: '<script>' };
    expect((await visitor.post('/cart/add', form)).status).toBe(400);
  });

  it('shows the admin page to an administrator only', async () => {
    await visitor.logIn('grace');
    const { status, text } = await visitor.get('/admin');
    expect(status).toBe(401);
    expect(text).toContain('for an administrator');
  });

  it('lists the devices, marks this one, and logs another one out', async () => {
    const other = new Visitor(sample.port);
    const _csrf = await logInAlone(visitor);
    await other.logIn('ada');
    const { text } = await visitor.get('/devices');
    expect(text.match(/class="badge"/g)).toHaveLength(1);
    const ids = [...text.matchAll(/name="id" value="([^"]+)"/g)].map(([, id]) => id!);
    expect(ids).toHaveLength(1);
    expect((await visitor.post('/devices/revoke', { _csrf, id: ids[0]! })).location).toBe('/devices');
    expect((await other.get('/')).location).toBe('/login?next=%2F');
    expect((await visitor.get('/')).status).toBe(200);
  });

  it('logs out no device of somebody else', async () => {
    await visitor.logIn('ada');
    const id = /<code>([\w-]{43})<\/code>/.exec((await visitor.get('/')).text)![1]!;
    const other = new Visitor(sample.port);
    await other.logIn('grace');
    const form = { _csrf: await other.csrf('/devices'), id };
    expect((await other.post('/devices/revoke', form)).status).toBe(404);
    expect((await visitor.get('/')).status).toBe(200);
  });

  it('logs out, takes the cookie away, and the old cookie opens nothing', async () => {
    await visitor.logIn('ada');
    const old = visitor.cookies.get('sid')!;
    const { location } = await visitor.post('/logout', { _csrf: await visitor.csrf('/') });
    expect(location).toBe('/login?why=left');
    expect(visitor.cookies.has('sid')).toBe(false);
    visitor.cookies.set('sid', old);
    expect((await visitor.get('/')).location).toBe('/login?next=%2F');
  });

  it('describes the cookie, and prints neither the token nor its secret parts', async () => {
    await visitor.logIn('ada');
    const token = visitor.cookies.get('sid')!;
    const { text } = await visitor.get('/');
    expect(text).toContain('<code>0x81</code>');
    expect(text).toContain(`${token.length} characters`);
    expectHidden(text, token, 5);
  });

  it('shows a cookie that it did not make, escaped', async () => {
    visitor.cookies.set('sid', '<b>"\'&');
    const { status, text } = await visitor.get('/login');
    expect(status).toBe(200);
    expect(text).toContain('which this server did not make');
    expect(text).not.toContain('<b>"');
  });
});

describe.each(['express', 'fastify'])('the sample app with SESSION_STORE=cookie on %s', (ADAPTER) => {
  let sample: RunningSample;
  let visitor: Visitor;

  beforeAll(async () => {
    sample = await startSample({ ADAPTER, SESSION_STORE: 'cookie' });
    visitor = new Visitor(sample.port);
    await visitor.logIn('ada');
  });
  afterAll(() => sample?.close());

  it('keeps the cart in the cookie', async () => {
    await visitor.post('/cart/add', { _csrf: await visitor.csrf('/cart'), product: 'stamp' });
    expect((await visitor.get('/cart')).text).toMatch(/id="count-stamp">1</);
  });

  it('says why it lists no devices and counts no sessions', async () => {
    expect((await visitor.get('/devices')).text).toContain('There is no list to show');
    expect((await visitor.get('/admin')).text).toContain('none to count');
  });

  it('describes the sealed session, and prints neither ciphertext nor tag', async () => {
    const token = visitor.cookies.get('sid')!;
    const { text } = await visitor.get('/');
    expect(text).toContain('<code>0x01</code>');
    expectHidden(text, token, 61);
  });
});

describe('the data folder', () => {
  let folder: string;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    ({ folder, remove } = await temporaryFolder());
  });
  afterEach(() => remove());

  it('is refused to a second application, and survives the first', async () => {
    const DATA_DIR = join(folder, 'data');
    const first = await startSampleIn(DATA_DIR);
    const visitor = new Visitor(first.port);
    await visitor.logIn('ada');
    await expect(startSampleIn(DATA_DIR, { SESSION_SECRET })).rejects.toThrow(
      `is in use by process ${process.pid}`,
    );
    expect((await stat(DATA_DIR)).mode & 0o777).toBe(0o700);
    expect((await stat(join(DATA_DIR, 'session-secret'))).mode & 0o777).toBe(0o600);
    await first.close();
    await expect(stat(join(DATA_DIR, 'lock'))).rejects.toThrow('ENOENT');
    const second = await startSampleIn(DATA_DIR);
    const returned = new Visitor(second.port);
    returned.cookies.set('sid', visitor.cookies.get('sid')!);
    expect((await returned.get('/')).text).toContain('Hello, Ada.');
    await second.close();
  });

  it.each([
    ['a dead process', `${DEAD_PID}\n`],
    ['an earlier process with our number', `${process.pid}\n`],
    ['a process that died while it wrote', ''],
  ])('is taken over from %s', async (_, left) => {
    await writeFile(join(folder, 'lock'), left);
    FolderLock.take(folder).release();
  });

  it('is refused while a living process has it', async () => {
    await writeFile(join(folder, 'lock'), `${process.ppid}\n`);
    expect(() => FolderLock.take(folder)).toThrow(`is in use by process ${process.ppid}`);
  });
});

/** Logs ada in and all her other devices out; gives the token for more. */
async function logInAlone(visitor: Visitor): Promise<string> {
  await visitor.logIn('ada');
  const _csrf = await visitor.csrf('/devices');
  await visitor.post('/devices/revoke-others', { _csrf });
  return _csrf;
}

/** No eight characters in a row of what stands from a byte on, in base64url or hexadecimal, are in the page. */
function expectHidden(page: string, token: string, from: number): void {
  const hex = Buffer.from(token, 'base64url').toString('hex', from);
  const text = token.slice(Math.ceil((from * 4) / 3));
  expect([...windows(hex), ...windows(text)].filter((part) => page.includes(part))).toEqual([]);
}

const windows = (text: string): string[] =>
  Array.from({ length: text.length - 7 }, (_, at) => text.slice(at, at + 8));
