import { after, type Awaitable } from './crypto/index.js';
import type { FoundSession } from './found-session.interface.js';
import { cookiesOf, findIds, type PlatformRequest } from './http/index.js';
import { openSession, type Found } from './session/index.js';
import type { Channel } from './session-channel.js';
import type { SessionEngine } from './session-engine.js';
import { findOrigin } from './session-origin.js';

export const NONE: Found = { kind: 'none', reason: 'expired', ours: true };
const UNSENDABLE: FoundSession = { found: NONE, clear: false };
const OFF: FoundSession = { found: NONE, clear: false, absence: 'off' };
const NOBODY: FoundSession = { found: NONE, clear: false, absence: 'nobody' };

/** Looks for the session of a request: by its user, by the ids that it brings, or in a form that is led over to ours.
 *  `body`: as the platform has parsed it. */
export function findSession(
  engine: SessionEngine,
  channel: Channel,
  request: PlatformRequest,
  body: unknown,
): Awaitable<FoundSession> {
  if (!engine.contexts.covers(request)) return OFF;
  if (channel.identify) return byUser(channel, channel.identify(request));
  if (channel.unsendable) return UNSENDABLE;
  return engine.cookieOnly ? byCookie(channel, request) : byIds(engine, channel, request, body);
}

function byUser(channel: Channel, user: string | undefined): Awaitable<FoundSession> {
  if (user === undefined) return NOBODY;
  return channel.unsendable ? UNSENDABLE : open(channel, [user]);
}

function byCookie(channel: Channel, request: PlatformRequest): Awaitable<FoundSession> {
  const cookies = cookiesOf(request);
  const values = channel.cookie.values(cookies);
  return values.length || !cookies ? open(channel, values) : byOrigin(channel, cookies);
}

/** Where ids come in the cookie besides, another form's cookie counts when no source brings an id. */
function byIds(
  engine: SessionEngine,
  channel: Channel,
  request: PlatformRequest,
  body: unknown,
): Awaitable<FoundSession> {
  const { values, via } = findIds(engine.options.id, channel.cookie, request, body);
  const cookies = cookiesOf(request);
  const found =
    values.length || !cookies || !engine.sendsCookies ? open(channel, values) : byOrigin(channel, cookies);
  return after(found, (one) => ({ ...one, via }));
}

function byOrigin(channel: Channel, cookies: string): Awaitable<FoundSession> {
  return channel.origins.length ? findOrigin(channel, cookies) : open(channel, []);
}

const open = ({ name, repository, events }: Channel, values: readonly string[]): Awaitable<FoundSession> =>
  openSession(name, repository, values, events);
