/** The versions of PHP whose rules and compiled defaults are known here, oldest first. */
export const PHP_VERSIONS = ['8.2', '8.4', '8.5', '8.6'] as const;
export type PhpVersion = (typeof PHP_VERSIONS)[number];

/** Whether a version is `since` or later. */
export const isSince = (version: PhpVersion, since: PhpVersion): boolean =>
  PHP_VERSIONS.indexOf(version) >= PHP_VERSIONS.indexOf(since);
