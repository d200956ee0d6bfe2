import { Logger } from '@nestjs/common';
import type { SessionEvents } from './persistence/session-events.js';

/** Writes to Nest's log what an operator has to know, once for each change of state; the rest at debug level. */
export function logEvents(events: SessionEvents, logger: Logger): void {
  events
    .on('storeDown', ({ code }) => logger.error(`The session store does not answer (${code})`))
    .on('storeUp', () => logger.warn('The session store answers again'))
    .on('keysFailed', ({ message }) =>
      logger.error(`The keys were not reloaded, the last good ones stay: ${message}`),
    )
    .on('keysReloaded', ({ keys }) => logger.log(`The keys were reloaded: ${keys}`))
    .on('reused', () =>
      logger.warn('An old session id was used after its grace time; its cookie may have been stolen'),
    )
    .on('ambiguous', ({ cookies }) =>
      logger.warn(`${cookies} cookies of one name hold sessions; none was taken`),
    )
    .on('touchFailed', ({ code }) => logger.warn(`A session could not be prolonged (${code})`))
    .on('commitFailed', ({ code, message }) =>
      logger.debug(`A session could not be stored (${code}): ${message}`),
    )
    .on('rejected', ({ reason }) => logger.debug(`A session cookie was not accepted (${reason})`))
    .on('dropped', ({ why }) => logger.debug(`Changes of a session that has ended were dropped (${why})`))
    .on('conflict', ({ keys }) =>
      logger.debug(`Two requests overwrote the same keys of a session (${keys.length})`),
    );
}
