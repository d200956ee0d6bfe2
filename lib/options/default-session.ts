/** Name of the session that nobody named. */
export const DEFAULT_SESSION = 'default';
