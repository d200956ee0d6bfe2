/** A user name that can be the key of a row: 1 to 256 characters without a zero byte. */
export const USER_KEY = /^[^\0]{1,256}$/;

/** Returns the user if it can be the key of a row. Any other value means that nobody is logged in. */
export const userKeyOf = (user: unknown): string | undefined =>
  typeof user === 'string' && USER_KEY.test(user) && !/\p{Surrogate}/u.test(user) ? user : undefined;
