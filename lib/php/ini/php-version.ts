/** The versions of PHP whose rules and compiled defaults the reader knows, oldest first. */
export const PHP_VERSIONS = ['8.2', '8.4', '8.5', '8.6'] as const;
/** A version of PHP that the reader knows. */
export type PhpVersion = (typeof PHP_VERSIONS)[number];

/** Reports whether a version is `since` or a later one. */
export const isSince = (version: PhpVersion, since: PhpVersion): boolean =>
  PHP_VERSIONS.indexOf(version) >= PHP_VERSIONS.indexOf(since);
