import { createHash } from 'node:crypto';

/** A user of httpd's; no secret of anybody's. */
export const ALICE = { name: 'alice', password: 'pw with = & ünicode' } as const;
export const BOB = { name: 'bob', password: 'another' } as const;

/** The text of an AuthUserFile. */
export const USER_FILE = [ALICE, BOB]
  .map(({ name, password }) => `${name}:{SHA}${sha1(password)}\n`)
  .join('');

/** What makes httpd ask for a user by Basic authentication. */
export const BASIC = `
AuthType Basic
AuthName "my realm"
AuthUserFile users
Require valid-user
`;

export const BASIC_MODULES = ['authn_core', 'authn_file', 'authz_user', 'auth_basic'] as const;

export const basicHeader = ({ name, password }: typeof ALICE | typeof BOB) =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;

function sha1(password: string): string {
  return createHash('sha1').update(password).digest('base64');
}
