import { findPhp, PACKAGES } from './find-php.mjs';

/** Whether this run has what the live tests need; `npm run test:php` sees to it. */
export const live = process.env['PHP_LIVE'] === '1';

/** Why the live tests are left out of a run, and what to do about it. */
export const leftOut = findPhp()
  ? 'test/php is left out: it starts programs, so run `npm run test:php`'
  : `test/php is left out: no PHP here, so apt-get install ${PACKAGES} and run \`npm run test:php\``;
