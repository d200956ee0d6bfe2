import { describe, expect, it } from 'vitest';
import { ApacheExchange } from '../../../lib/apache/apache.exchange.js';
import { readData, type OriginalSession } from '../../../lib/apache/text/session-entries.js';
import { parseSessionText } from '../../../lib/apache/text/session-text.js';
import type { RecordDraft, SessionRecord } from '../../../lib/record/session-record.js';

const exchange = (rules: '2.4' | 'trunk' = '2.4') =>
  new ApacheExchange({ header: 'X-Told', env: true, cookieRemove: false, rules, userKey: 'r-user' });

function draftOf(text: string, more: Partial<SessionRecord> = {}, json: string[] = []): RecordDraft {
  const { data, original } = readData(parseSessionText(text), new Set(json));
  return { data, foreign: original, subject: undefined, deadline: 0, ...more } as RecordDraft;
}
const merged = (text: string, header: string, more: Partial<SessionRecord> = {}) => {
  const draft = draftOf(text, more);
  exchange().merge(draft, header);
  return draft;
};

describe('a header that a backend sends', () => {
  it('is merged by the rules of session text, into places and spellings that were there', () => {
    const draft = merged('Zeta=1&%ff=raw&b=2', 'zeta=9&c=3&b=&bad=%zz&d=%00');
    expect(draft.data).toEqual({ Zeta: '9', c: '3' });
    expect(exchange().textOf(draft)).toBe('Zeta=9&%ff=raw&c=3');
  });

  it('has characters that are bytes', () => {
    expect(merged('', Buffer.from('a=ü').toString('latin1')).data).toEqual({ a: 'ü' });
    expect(exchange().textOf(merged('', 'a=\xff'))).toBe('a=%ff');
  });

  it('removes entries that are not text too, by their bytes and not by an escape, as httpd does', () => {
    expect(exchange().textOf(merged('%ff=raw&a=1', '\xff='))).toBe('a=1');
    expect(exchange().textOf(merged('%ff=raw&a=1', '%ff='))).toBe('%ff=raw&a=1');
  });

  it('does not change the native entry', () => {
    const draft = merged('a=1', '_nsc=forged&_NSC=forged');
    expect([draft.data, exchange().textOf(draft)]).toEqual([{ a: '1' }, 'a=1']);
  });

  it('sets the end, to the microsecond', () => {
    const draft = merged('a=1&expiry=5', 'expiry=1800000000000001', { deadline: 7 });
    expect((draft.foreign as OriginalSession).fixedExpiry).toBe(1800000000000001n);
    expect(draft.deadline).toBe(0);
    expect(exchange().textOf(draft)).toBe('a=1&expiry=1800000000000001');
  });

  it('keeps the end if it names none', () => {
    const draft = merged('a=1&expiry=5', 'a=2', { deadline: 7 });
    expect([(draft.foreign as OriginalSession).fixedExpiry, draft.deadline]).toEqual([undefined, 7]);
  });

  it('ends a login by another name of the user, or none, and begins none', () => {
    const login = 'r-user=ada&r-pw=x';
    expect(merged(login, 'r-user=&r-pw=', { subject: 'ada' }).subject).toBeUndefined();
    expect(merged(login, 'r-user=root', { subject: 'ada' }).subject).toBeUndefined();
    expect(merged('a=1', 'r-user=root').subject).toBeUndefined();
    expect(merged(login, 'a=1&r-user=ada', { subject: 'ada' }).subject).toBe('ada');
  });

  it('is read by the rules of trunk if the options say so', () => {
    const draft = draftOf('');
    exchange('trunk').merge(draft, 'a=b=c');
    expect(draft.data).toEqual({ a: 'b' });
  });

  it('keeps the types of other values', () => {
    const draft = draftOf('n=5&list=%5b1%5d', {}, ['n', 'list']);
    exchange().merge(draft, 'n=6&new=7');
    expect(draft.data).toEqual({ n: 6, list: [1], new: '7' });
  });

  it('gives the same session when it is merged twice, as in a save that is repeated', () => {
    const draft = draftOf('a=1');
    for (let i = 0; i < 2; i++) exchange().merge(draft, 'b=2&a=');
    expect(exchange().textOf(draft)).toBe('b=2');
  });
});

describe('the text for a backend', () => {
  it('is empty for an empty session', () => {
    expect(exchange().textOf(draftOf(''))).toBe('');
    expect(exchange().textOf(draftOf('_nsc=abc'))).toBe('');
  });
});
