import { SessionConfigError } from '../errors/session-config.error.js';
import { SessionStateError } from '../errors/session-state.error.js';

export const notOpen = () =>
  new SessionStateError(
    'ERR_SESSION_CLOSED',
    'The keys of the managed ring are not read yet: they are read when the application starts',
  );

export const noKeys = () =>
  new SessionConfigError([
    {
      path: 'crypto.ring',
      message:
        'the store of keys is empty; check that it is the right database. Only a start of the application makes the first key, and a command that looks makes none',
    },
  ]);

export const closed = () =>
  new SessionStateError(
    'ERR_SESSION_CLOSED',
    'The keys cannot be read again, because the application is closing',
  );
