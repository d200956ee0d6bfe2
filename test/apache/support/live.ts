import { findHttpd, PACKAGES } from './httpd.mjs';

/** Whether this run has what the live tests need; `npm run test:apache` sees to it. */
export const live = process.env['APACHE_LIVE'] === '1';

/** Why the live tests are left out of a run, and what to do about it. */
export const leftOut = findHttpd()
  ? 'test/apache is left out: it starts servers, so run `npm run test:apache`'
  : `test/apache is left out: no Apache httpd here, so apt-get install ${PACKAGES} and run \`npm run test:apache\``;
