import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AttemptDto } from '../../sample-app/sealing/attempt.dto.js';
import { findDemoCookie } from '../../sample-app/sealing/demo-cookie.js';
import { viewEnvelope } from '../../sample-app/sealing/envelope.js';
import { startSample, type RunningSample } from './support/sample-app.js';
import { Visitor, type Sight } from './support/sample-visitor.js';

const CASES = [
  { ADAPTER: 'express', SESSION_STORE: 'postgres' },
  { ADAPTER: 'fastify', SESSION_STORE: 'cookie' },
];

describe.each(CASES)(
  'the sealing pages of the sample app on $ADAPTER with SESSION_STORE=$SESSION_STORE',
  (env) => {
    let sample: RunningSample;
    let visitor: Visitor;
    let _csrf: string;
    /** The cookie of a login, which costs as much as all else here. */
    let login: string;

    beforeAll(async () => {
      sample = await startSample(env);
      visitor = new Visitor(sample.port);
      await visitor.logIn('grace', '/sealing/opened');
      _csrf = await visitor.csrf('/sealing');
      login = visitor.cookies.get('sid')!;
    });
    afterAll(() => sample?.close());
    beforeEach(() => {
      visitor = loggedIn();
    });

    /** A browser with the login, and with no session of the demonstration. */
    function loggedIn(): Visitor {
      const visitor = new Visitor(sample.port);
      visitor.cookies.set('sid', login);
      return visitor;
    }

    const seal = (note: string) => visitor.post('/sealing/note', { _csrf, note });
    const token = () => visitor.cookies.get('sid-demo')!;
    const partsOf = (text: string) => viewEnvelope(text)!.fields.map(({ value }) => value.toString('hex'));

    async function attempt(change: string, field = 'ciphertext'): Promise<Sight> {
      const { status, location } = await visitor.post('/sealing/attempt', { _csrf, change, field });
      expect([status, location]).toEqual([303, '/sealing/refused']);
      return visitor.get('/sealing/refused');
    }

    async function rotate(step: string): Promise<string> {
      await visitor.post('/sealing/rotation', { _csrf, step });
      return (await visitor.get('/sealing/rotated')).text;
    }

    it.each(['/sealing', '/sealing/opened', '/sealing/refused', '/sealing/rotated'])(
      'lead a stranger from %s to the log in form',
      async (path) => {
        const { status, location } = await new Visitor(sample.port).get(path);
        expect([status, location]).toEqual([303, `/login?next=${encodeURIComponent(path)}`]);
        expect((await new Visitor(sample.port).get(location!)).text).toContain(`name="next" value="${path}"`);
      },
    );

    it.each(['/sealing', '/sealing/opened', '/sealing/refused', '/sealing/rotated'])(
      'offer at %s to seal a note while there is none, and begin no session for that',
      async (path) => {
        const { text, cookies } = await visitor.get(path);
        expect(text).toContain('name="note"');
        expect(text).not.toContain('What your browser holds');
        expect(cookies.filter((line) => line.startsWith('sid-demo'))).toEqual([]);
      },
    );

    it('show the bytes that the browser holds, field by field', async () => {
      await seal('Six sticks');
      const { text } = await visitor.get('/sealing');
      expect(text).toContain(`<samp>${token()}</samp>`);
      const shown = samples(text);
      for (const part of partsOf(token())) expect(shown).toContain(part);
      expect(text).toContain('derived the commitment again: it is the one in the cookie');
    });

    it('seal again with another nonce in the same epoch', async () => {
      await seal('Six sticks');
      const first = partsOf(token());
      await seal('Six sticks');
      const second = partsOf(token());
      const same = first.map((part, i) => part === second[i]);
      // version, key hint, epoch, nonce, commitment, ciphertext, tag
      expect(same).toEqual([true, true, true, false, true, false, false]);
    });

    it('show what the handler gets', async () => {
      await seal('<b>"wax"</b>');
      const { text } = await visitor.get('/sealing/opened');
      expect(text).toContain('&lt;b&gt;&quot;wax&quot;&lt;/b&gt;');
      expect(text.match(/class="passed"/g)).toHaveLength(9);
      expect(text).not.toContain('class="failed"');
    });

    it.each([
      ['flip', 'version', 'version', 3],
      ['flip', 'key hint', 'unknown-key', 4],
      ['flip', 'epoch', 'commitment', 5],
      ['flip', 'nonce', 'tag', 6],
      ['flip', 'commitment', 'commitment', 5],
      ['flip', 'ciphertext', 'tag', 6],
      ['flip', 'tag', 'tag', 6],
      ['move', 'ciphertext', 'tag', 6],
      ['cut', 'ciphertext', 'length', 1],
      ['spell', 'ciphertext', 'encoding', 2],
      ['stranger', 'ciphertext', 'unknown-key', 4],
      ['forge', 'ciphertext', 'commitment', 5],
    ] as const)(
      'refuse what %s of %s makes, and say %s to the operator',
      async (change, field, reason, check) => {
        await seal('Six sticks');
        const { text } = await attempt(change, field);
        expect(text).toContain('<p class="answer" role="status">No session.</p>');
        expect(text).toContain(`&quot;reason&quot;:&quot;${reason}&quot;`);
        expect(text).toContain(`Check ${check} of 9 failed.`);
        expect(text.match(/class="passed"/g) ?? []).toHaveLength(check - 1);
        expect(text.match(/class="not-reached"/g) ?? []).toHaveLength(9 - check);
      },
    );

    it('say the same to the visitor whatever is wrong', async () => {
      await seal('Six sticks');
      const answers = new Set<string>();
      for (const change of ['flip', 'move', 'cut', 'spell', 'stranger', 'forge'])
        answers.add(/<p class="answer".*?<\/p>.*?<\/p>/s.exec((await attempt(change)).text)![0]);
      expect(answers.size).toBe(1);
    });

    it('open what was not changed', async () => {
      await seal('Six sticks');
      const { text } = await attempt('nothing');
      expect(text).toContain('<p class="answer" role="status">A session.</p>');
      expect(text).not.toContain('What the operator sees');
      expect(text).not.toContain('<mark>');
    });

    it('mark the byte with the flipped bit, and no other', async () => {
      await seal('Six sticks');
      const nonce = partsOf(token())[3]!;
      const { text } = await attempt('flip', 'nonce');
      const marked = [...text.matchAll(/<mark>(..)<\/mark>/g)].map(([, byte]) => Number.parseInt(byte!, 16));
      expect(marked).toEqual([Number.parseInt(nonce.slice(0, 2), 16) ^ 1]);
    });

    it('show a result once', async () => {
      await seal('Six sticks');
      await attempt('cut');
      expect((await visitor.get('/sealing/refused')).text).not.toContain('What the operator sees');
    });

    // A session in the cookie is a copy for each of them, so that no result is another's.
    it.runIf(env.SESSION_STORE === 'cookie')('tell attempts at the same time apart', async () => {
      const reasons = await Promise.all(
        ['cut', 'spell', 'flip', 'stranger'].map(async (change) => {
          const other = loggedIn();
          await other.post('/sealing/note', { _csrf, note: change });
          await other.post('/sealing/attempt', { _csrf, change, field: 'tag' });
          return /&quot;reason&quot;:&quot;([\w-]+)/.exec((await other.get('/sealing/refused')).text)![1];
        }),
      );
      expect(reasons).toEqual(['length', 'encoding', 'tag', 'unknown-key']);
    });

    it('print no byte of the shop’s cookie, also where somebody puts it in the place of the other', async () => {
      await seal('Six sticks');
      const secret = visitor.cookies.get('sid')!;
      const pages = ['/sealing', '/sealing/opened', '/sealing/refused', '/sealing/rotated'];
      for (const path of pages) expect((await visitor.get(path)).text).not.toContain(secret.slice(8, 20));
      visitor.cookies.set('sid-demo', secret);
      for (const path of pages) {
        visitor.cookies.set('sid-demo', secret);
        const { text } = await visitor.get(path);
        expect(text).not.toContain(secret.slice(8, 20));
        expect(text).toContain('name="note"');
      }
    });

    it('change a key without losing the session, and refuse the copy when its key is gone', async () => {
      await seal('Six sticks');
      const copy = token();
      const hint = partsOf(copy)[1]!;
      const appended = await rotate('append');
      expect(outcomes(appended)).toEqual(['opened', 'opened']);
      const promoted = await rotate('promote');
      expect(outcomes(promoted)).toEqual(['opened', 'opened']);
      expect(promoted).toContain('this answer has sealed it anew by key');
      expect(token()).not.toBe(copy);
      expect(partsOf(token())[1]).not.toBe(hint);
      const dropped = await rotate('drop');
      expect(outcomes(dropped)).toEqual(['opened', 'refused']);
      expect(dropped).toContain('No session. The operator sees: unknown-key.');
      expect(dropped).not.toContain('another visitor');
      expect((await visitor.get('/sealing/opened')).text).toContain('Six sticks');
    });

    it('take no step of a rotation out of turn', async () => {
      await seal('Six sticks');
      for (const step of ['promote', 'drop'])
        expect(await rotate(step)).toContain('Another visitor has changed the ring meanwhile.');
      expect(outcomes(await rotate('append'))).toEqual(['opened', 'opened']);
      expect(await rotate('append')).toContain('Another visitor has changed the ring meanwhile.');
      await rotate('promote');
      await rotate('drop');
    });

    it('forget the session and its copy', async () => {
      await seal('Six sticks');
      const { location } = await visitor.post('/sealing/forget', { _csrf });
      expect(location).toBe('/sealing');
      expect(visitor.cookies.has('sid-demo')).toBe(false);
      expect((await visitor.get('/sealing')).text).toContain('name="note"');
      expect((await visitor.get('/')).status).toBe(200);
    });

    it.each([
      ['note', { note: '' }, 'Write a note to seal.'],
      ['note', { note: 'a\0b' }, 'Write a note to seal.'],
      ['note', { note: 'x'.repeat(61) }, 'The note is too long'],
      ['attempt', { change: 'toString' }, 'The form names no change that can be tried.'],
      ['attempt', { change: 'flip', field: '<b>' }, 'An envelope has no such field.'],
      ['rotation', { step: 'explode' }, 'A rotation has no such step.'],
    ])('answer the form %s with %o by a page that says what is wrong', async (form, fields, message) => {
      const { status, text } = await visitor.post(`/sealing/${form}`, { _csrf, ...fields } as Record<
        string,
        string
      >);
      expect(status).toBe(400);
      expect(text).toContain(message);
    });

    it.each(['note', 'forget', 'attempt', 'rotation'])('refuse the form %s without a token', async (form) => {
      const fields = { note: 'x', change: 'cut', step: 'append' };
      expect((await visitor.post(`/sealing/${form}`, fields)).status).toBe(403);
    });

    it('put a token into every form', async () => {
      await seal('Six sticks');
      await attempt('cut');
      for (const path of ['/sealing', '/sealing/refused', '/sealing/rotated']) {
        const forms = (await visitor.get(path)).text.match(/<form.*?<\/form>/gs)!;
        expect(forms.length).toBeGreaterThan(1);
        expect(forms.filter((form) => !/name="_csrf" value="[^"]+"/.test(form))).toEqual([]);
      }
    });
  },
);

describe('the demonstration’s cookie', () => {
  it('is found under its name alone, and not where there are several', () => {
    expect(findDemoCookie('sid=a; sid-demo=b')).toEqual({ name: 'sid-demo', text: 'b' });
    expect(findDemoCookie('__Host-sid-demo=b')).toEqual({ name: '__Host-sid-demo', text: 'b' });
    expect(findDemoCookie('sid-demo=a; sid-demo=b')).toBeUndefined();
    expect(findDemoCookie('sid=a; xsid-demo=b')).toBeUndefined();
    expect(findDemoCookie()).toBeUndefined();
  });

  it('is flipped in the ciphertext unless a form says where', () => {
    expect(new AttemptDto().field).toBe('ciphertext');
  });
});

/** The bytes in hexadecimal that a page shows. */
const samples = (page: string): string[] =>
  [...page.matchAll(/<samp>([^<]*)<\/samp>/g)].map(([, text]) => text!.replaceAll(/\s/g, ''));

/** What became of the two cookies of the rotation. */
const outcomes = (page: string): string[] =>
  [...page.matchAll(/class="badge (opened|refused)"/g)].map(([, outcome]) => outcome!);
