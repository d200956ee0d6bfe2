import { randomBytes } from 'node:crypto';

/** The variable that has the secret. */
export const SECRET_NAME = 'SESSION_SECRET';

/** Returns the text of `.env` with a new secret at its end, or `undefined` if it has one. What is there stays as it is. */
export function withSecret(env: string): string | undefined {
  if (new RegExp(`^[ \\t]*(?:export[ \\t]+)?${SECRET_NAME}[ \\t]*=`, 'm').test(env)) return undefined;
  const eol = env.includes('\r\n') ? '\r\n' : '\n';
  const start = env === '' || env.endsWith('\n') ? env : `${env}${eol}`;
  return `${start}${SECRET_NAME}=raw:${randomBytes(32).toString('base64url')}${eol}`;
}

/** Patterns of a .gitignore that fit `.env`. */
const PATTERNS = ['.env', '/.env', '**/.env', '.env*', '/.env*', '*.env'];

/** Returns whether the .gitignore of the project keeps `.env` out of the repository. The last pattern that fits decides, see
 *  gitignore(5). A rare pattern that is not in our list costs a needless warning. */
export function ignoresEnv(gitignore: string): boolean {
  const lines = gitignore.split(/\r?\n/).map((line) => line.trimEnd());
  const last = lines.findLast((line) => PATTERNS.includes(line.replace(/^!/, '')));
  return last !== undefined && !last.startsWith('!');
}
