import { cookieStore, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { RING } from './demo-key.js';
import type { DemoRing } from './demo-ring.js';

/** The name of the demonstration's session in `forRoot`. Nobody is ever logged in to it, so its cookie may be printed. */
export const DEMO = 'demo';
export const AUDIENCE = 'sealed-goods';

/** The data of the demonstration's session. */
export interface DemoSession {
  readonly note: string;
}

/** A request below this path looks for the session in a cookie of another name. No handler is there. */
export const OTHER_PLACE = { path: '/sealing/other-cookie', cookie: 'sid-other' };

/** The demonstration's session is in the cookie whatever the shop uses, so that the browser holds the envelope itself. */
export function demoOptions(ring: DemoRing): SessionCryptoOptions {
  return {
    crypto: { secrets: [() => ring.secrets], ring: RING, audience: AUDIENCE, reload: { interval: 0 } },
    store: cookieStore({ acceptReplay: true }),
    contexts: [{ path: OTHER_PLACE.path, cookie: { name: OTHER_PLACE.cookie } }],
  };
}
