/** The name of the session when `forRoot()` gets no `name`. */
export const DEFAULT_SESSION = 'default';
