import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hashPassword, verifyPassword } from '../../sample-app/users/password.js';
import { startSample, type RunningSample } from './support/sample-app.js';
import { Visitor } from './support/sample-visitor.js';

describe.each(['express', 'fastify'])('the login of the sample app on %s', (ADAPTER) => {
  let sample: RunningSample;
  let visitor: Visitor;

  beforeAll(async () => {
    sample = await startSample({ ADAPTER });
  });
  afterAll(() => sample?.close());
  beforeEach(() => {
    visitor = new Visitor(sample.port);
  });

  const logIn = (form: Record<string, string>) => visitor.post('/login', form, visitor.ownOrigin);

  it('answers a wrong password with the form, which keeps name and next page but not the password', async () => {
    const { status, text, cookies } = await logIn({ user: 'ada', password: 'nano"seconds', next: '/cart' });
    expect([status, cookies]).toEqual([401, []]);
    expect(text).toContain('No user has this name and this password.');
    expect(text).toMatch(/name="user"\s+value="ada"/);
    expect(text).toContain('name="next" value="/cart"');
    expect(text).not.toMatch(/nano("|&quot;)seconds/);
  });

  it('answers an unknown name as it answers a wrong password, and escapes it', async () => {
    const { status, text } = await logIn({ user: '"><b>', password: 'nanoseconds' });
    expect(status).toBe(401);
    expect(text).toContain('No user has this name and this password.');
    expect(text).toContain('value="&quot;&gt;&lt;b&gt;"');
  });

  it.each([
    ['no name', { password: 'x' }, 'Enter your name.'],
    ['no password', { user: 'ada' }, 'Enter your password.'],
    ['a control character in the name', { user: 'ada\0', password: 'x' }, 'Enter your name.'],
    ['a list of names', { 'user[]': 'ada', password: 'x' }, 'Enter your name.'],
    ['a name that is too long', { user: 'a'.repeat(65), password: 'x' }, 'The name is too long.'],
    ['a password that is too long', { user: 'a', password: 'x'.repeat(257) }, 'The password is too long.'],
  ] as [string, Record<string, string>, string][])(
    'answers %s with a page that says so',
    async (_, form, message) => {
      const { status, text, cookies } = await logIn(form);
      expect([status, cookies]).toEqual([400, []]);
      expect(text).toContain('<h1>Bad Request</h1>');
      expect(text).toContain(message);
    },
  );

  it('refuses the form of another site', async () => {
    const form = { user: 'ada', password: 'analytical-engine' };
    const { status, text, cookies } = await visitor.post('/login', form, {
      origin: 'https://elsewhere.example',
    });
    expect([status, cookies]).toEqual([403, []]);
    expect(text).toContain('did not come from our own pages');
  });

  it('leads to a page of its own only', async () => {
    expect((await visitor.logIn('ada', 'https://elsewhere.example/')).location).toBe('/');
    expect((await visitor.logIn('ada', '/cart')).location).toBe('/cart');
  });

  it('answers the admin page with 403 to a customer, and says whom it is for', async () => {
    await visitor.logIn('grace');
    const { status, text } = await visitor.get('/admin');
    expect(status).toBe(403);
    expect(text).toContain('Only users with the role admin may see this page.');
    const prune = await visitor.post('/admin/prune', { _csrf: await visitor.csrf('/cart') });
    expect(prune.status).toBe(403);
  });

  it('asks an administrator to log in again after ten minutes, and a customer never', async () => {
    const customer = new Visitor(sample.port);
    await visitor.logIn('ada');
    await customer.logIn('grace');
    sample.advance(601);
    const { status, text } = await visitor.get('/admin');
    expect(status).toBe(401);
    expect(text).toContain('href="/login?next=%2Fadmin">Log in again<');
    expect((await customer.get('/admin')).status).toBe(403);
    await visitor.logIn('ada', '/admin');
    expect((await visitor.get('/admin')).status).toBe(200);
  });
});

describe('passwords', () => {
  it('open their own hash and no other', async () => {
    const hash = await hashPassword('correct horse');
    expect(await verifyPassword('correct horse', hash)).toBe(true);
    expect(await verifyPassword('Correct horse', hash)).toBe(false);
  });

  it('have a new salt in each hash', async () => {
    expect(await hashPassword('same')).not.toBe(await hashPassword('same'));
  });
});
