import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSample, type RunningSample } from './support/sample-app.js';
import { Visitor } from './support/sample-visitor.js';

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
    const { status, text } = await visitor.post('/cart/add', form);
    expect(status).toBe(400);
    expect(text).toContain('We do not sell this product.');
    expect((await visitor.get('/cart')).text).toContain('id="total" class="price">€ 0.00<');
  });

  it.each(['/', '/cart', '/devices', '/nowhere'])('puts a token into every form of %s', async (path) => {
    await visitor.logIn('grace');
    const forms = (await visitor.get(path)).text.match(/<form.*?<\/form>/gs)!;
    expect(forms.length).toBeGreaterThan(0);
    expect(forms.filter((form) => !/name="_csrf" value="[^"]+"/.test(form))).toEqual([]);
  });

  it('says at an unknown address that there is nothing', async () => {
    const { status, text } = await visitor.get('/nowhere');
    expect(status).toBe(404);
    expect(text).toContain('There is nothing at this address.');
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
    expect(text).toContain('<code>0x11</code>');
    expectHidden(text, token, 61);
  });
});

/** No eight characters in a row of what stands from a byte on, in base64url or hexadecimal, are in the page. */
function expectHidden(page: string, token: string, from: number): void {
  const hex = Buffer.from(token, 'base64url').toString('hex', from);
  const text = token.slice(Math.ceil((from * 4) / 3));
  expect([...windows(hex), ...windows(text)].filter((part) => page.includes(part))).toEqual([]);
}

const windows = (text: string): string[] =>
  Array.from({ length: text.length - 7 }, (_, at) => text.slice(at, at + 8));
