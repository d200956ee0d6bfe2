import type { Logger } from '@nestjs/common';
import type { SessionEvents } from './persistence/session-events.js';

/** Writes events to Nest's log: one line for each change of state that concerns the operator, the rest at debug level. */
export function logEvents(events: SessionEvents, logger: Logger): void {
  events
    .on('storeDown', ({ code }) => logger.error(`The session store does not respond (${code})`))
    .on('storeUp', () => logger.warn('The session store responds again'))
    .on('keysFailed', ({ message }) =>
      logger.error(`The keys could not be reloaded; the last good keys stay: ${message}`),
    )
    .on('keysReloaded', ({ keys }) => logger.log(`The keys were reloaded: ${keys}`))
    .on('reused', () =>
      logger.warn('An old session id was used after its grace period; its cookie may have been stolen'),
    )
    .on('ambiguous', ({ cookies }) =>
      logger.warn(
        `A request had ${cookies} cookies of one name, and none was used: they hold different sessions, or are too many. ` +
          'A login ends this; see docs/sessions.md, "Several cookies of one name"',
      ),
    )
    .on('touchFailed', ({ code }) => logger.warn(`A session could not be prolonged (${code})`))
    .on('commitFailed', ({ code, message }) =>
      logger.debug(`A session could not be stored (${code}): ${message}`),
    )
    .on('rejected', ({ reason }) => logger.debug(`A session cookie was not accepted (${reason})`))
    .on('dropped', ({ why }) => logger.debug(`Changes of an ended session were dropped (${why})`))
    .on('conflict', ({ keys }) =>
      logger.debug(`Two requests overwrote the same keys of a session (${keys.length} keys)`),
    );
}
