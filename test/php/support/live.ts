import { findPhp, PACKAGES } from './find-php.mjs';

/** True if this run has a PHP for the live tests, as `npm run test:php` ensures. */
export const live = process.env['PHP_LIVE'] === '1';

/** The message that says why a run leaves the live tests out, and how to run them. */
export const leftOut = findPhp()
  ? 'test/php is left out: it starts programs, so run `npm run test:php`'
  : `test/php is left out: no PHP here, so apt-get install ${PACKAGES} and run \`npm run test:php\``;
