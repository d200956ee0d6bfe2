import { expect, it } from 'vitest';
import { devices } from '../../../../lib/dashboard/page/devices.js';

const operator = { actor: 'grace', token: 'token' };
const at = new Date(0);
const one = { createdAt: at, lastSeenAt: at, browser: undefined, system: undefined, network: undefined };

it('shows fifty devices of a subject that has more, and says so', () => {
  const found = Array.from({ length: 60 }, (_, i) => ({ ...one, id: String(i) }));
  const { text } = devices(
    operator,
    { subject: 'ada', devices: found, remembered: undefined, message: undefined },
    0,
  );
  expect(text.match(/name="id"/g)).toHaveLength(50);
  expect(text).toContain('The 50 last seen of 60.');
});

it('sends the subject back as it came, also with a character that the page does not show', () => {
  const subject = 'sara\u200cbanu "1"';
  const { text } = devices(
    operator,
    { subject, devices: [{ ...one, id: 'a' }], remembered: undefined, message: undefined },
    0,
  );
  const fields = [...text.matchAll(/name="subject"[^>]*value="([^"]*)"/g)].map(([, value]) => value);
  expect(fields).toEqual(Array(3).fill('sara\u200cbanu &quot;1&quot;'));
  expect(text).toContain('End all sessions of sara\ufffdbanu &quot;1&quot;');
});
