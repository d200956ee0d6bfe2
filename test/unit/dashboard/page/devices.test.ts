import { expect, it } from 'vitest';
import { devices } from '../../../../lib/dashboard/page/devices.js';

it('shows fifty devices of a subject that has more, and says so', () => {
  const at = new Date(0);
  const one = { createdAt: at, lastSeenAt: at, browser: undefined, system: undefined, network: undefined };
  const found = Array.from({ length: 60 }, (_, i) => ({ ...one, id: String(i) }));
  const operator = { actor: 'grace', token: 'token' };
  const { text } = devices(operator, { subject: 'ada', devices: found, message: undefined }, 0);
  expect(text.match(/name="id"/g)).toHaveLength(50);
  expect(text).toContain('The 50 last seen of 60.');
});
