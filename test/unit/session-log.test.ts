import { Logger } from '@nestjs/common';
import { describe, expect, it, vi } from 'vitest';
import { SESSION_EVENTS, type SessionEventMap } from 'nestjs-session-crypto';
import { SessionEvents } from '../../lib/persistence/session-events.js';
import { logEvents } from '../../lib/session-log.js';

/** Events that no request can cause as often as it likes: the state of the store, and what the operator does. */
const OWN = new Set(['storeDown', 'storeUp', 'keysFailed', 'keysReloaded', 'keyChanged']);

/** A detail with the members of every event. */
const DETAIL = {
  session: 'default',
  code: 'X',
  message: 'm',
  reason: 'tag',
  why: 'ended',
  keys: ['a'],
  cookies: 2,
  id: 'i',
  subject: 's',
} as unknown as SessionEventMap['reused'];

describe('the log of events', () => {
  it.each(SESSION_EVENTS.filter((name) => !OWN.has(name)))('is not filled by a flood of %s', (name) => {
    const lines: unknown[] = [];
    const logger = new Logger();
    for (const level of ['log', 'warn', 'error', 'debug', 'verbose', 'fatal'] as const)
      vi.spyOn(logger, level).mockImplementation((line: unknown) => void lines.push(line));
    const events = new SessionEvents();
    logEvents(events, logger);
    for (let i = 0; i < 1000; i++) events.emit(name, DETAIL as never);
    expect(lines.length).toBeLessThanOrEqual(10); // five a minute, and a minute may begin meanwhile
  });
});
