import type { Logger } from '@nestjs/common';
import { LineLimit } from './manager/line-limit.js';
import type { SessionEvents } from './persistence/session-events.js';

/** Writes events to Nest's log: one line for each change of state that concerns the operator, the rest at debug level. Events
 *  that requests cause are limited: strangers can send any number of them. */
export function logEvents(events: SessionEvents, logger: Logger, limit = new LineLimit()): void {
  const warn = (kind: string, message: string) =>
    limit.write(kind, message, (line) => void logger.warn(line));
  const debug = (kind: string, message: string) =>
    limit.write(kind, message, (line) => void logger.debug(line));
  events
    .on('storeDown', ({ code }) => logger.error(`The session store does not respond (${code})`))
    .on('storeUp', () => logger.warn('The session store responds again'))
    .on('keysFailed', ({ message }) =>
      logger.error(`The keys could not be reloaded; the last good keys stay: ${message}`),
    )
    .on('keysReloaded', ({ keys }) => logger.log(`The keys were reloaded: ${keys}`))
    .on('keyChanged', ({ hint, state }) => logger.log(`The key ${hint} of the ring is ${state} now`))
    .on('operatorAction', ({ actor, action, failed }) =>
      logger.log(
        `${actor} has done "${action}" on the dashboard${failed ? `, and it failed (${failed})` : ''}`,
      ),
    )
    .on('reused', () =>
      warn('reused', 'An old session id was used after its grace period; its cookie may have been stolen'),
    )
    .on('ambiguous', ({ cookies }) =>
      warn(
        'ambiguous',
        `A request had ${cookies} cookies of one name, and none was used: they hold different sessions, or are too many. ` +
          'A login ends this; see docs/sessions.md, "Several cookies of one name"',
      ),
    )
    .on('touchFailed', ({ code }) => warn('touchFailed', `A session could not be prolonged (${code})`))
    .on('commitFailed', ({ code, message }) => {
      const report = code === 'ERR_SESSION_HELD_BODY' ? warn : debug;
      report(`commitFailed ${code}`, `A session could not be stored (${code}): ${message}`);
    })
    .on('rejected', ({ reason }) => debug('rejected', `A session cookie was not accepted (${reason})`))
    .on('dropped', ({ why }) => debug('dropped', `Changes of an ended session were dropped (${why})`))
    .on('conflict', ({ keys }) =>
      debug('conflict', `Two requests overwrote the same keys of a session (${keys.length} keys)`),
    );
}
