import { spawnSync } from 'node:child_process';

/** The Debian packages that tests and CI must install. */
export const PACKAGES = 'php-cgi php-cli';

/** Returns the names of the two programs, or undefined if one is not installed. */
export function findPhp() {
  const page = ['php-cgi', 'php-cgi8.4', 'php-cgi8.2'].find(isPhp);
  const program = ['php', 'php8.4', 'php8.2'].find(isPhp);
  return page && program && { page, program };
}

const isPhp = (name) => /^session$/m.test(spawnSync(name, ['-n', '-m']).stdout?.toString() ?? '');
