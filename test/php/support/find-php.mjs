import { spawnSync } from 'node:child_process';

/** The Debian packages that tests and CI must install. */
export const PACKAGES = 'php-cgi php-cli php-redis';

/** The extensions of PHP that keep sessions in Redis, in the order in which they load. */
export const REDIS_EXTENSIONS = ['igbinary', 'redis'];

/** Returns the names of the two programs, or undefined if one is not installed. */
export function findPhp() {
  const page = ['php-cgi', 'php-cgi8.4', 'php-cgi8.2'].find(isPhp);
  const program = ['php', 'php8.4', 'php8.2'].find(isPhp);
  return page && program && { page, program };
}

/** True if {@link REDIS_EXTENSIONS} can be loaded. */
export function hasPhpRedis() {
  const { program } = findPhp() ?? {};
  const load = REDIS_EXTENSIONS.flatMap((name) => ['-d', `extension=${name}`]);
  return (
    program !== undefined && /^redis$/m.test(spawnSync(program, ['-n', ...load, '-m']).stdout.toString())
  );
}

const isPhp = (name) => /^session$/m.test(spawnSync(name, ['-n', '-m']).stdout?.toString() ?? '');
