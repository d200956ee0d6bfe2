import { USER_FILE, ALICE } from './accounts.js';
import { OTHER_FILES, type ConfFile, type Visit } from './conf-files.js';
import { startHttpd, type Httpd } from './httpd.mjs';
import { Visitor } from '../../support/visitor.js';

/** What httpd answered to one visit. */
export interface SeenAtHttpd {
  readonly host: string;
  readonly path: string;
  readonly status: number;
  /** Each cookie that was set: its name and attributes without its value. */
  readonly cookies: readonly string[];
  /** The session that the backend sees at the next visit. */
  readonly session: string;
}

/** What httpd did with a configuration: it started, or why it did not. */
export type Recorded = { readonly refused: string } | { readonly visits: readonly SeenAtHttpd[] };

const PATHS = ['ready', '', 'app', 'app/admin', 'app/static', 'admin', 'private'];

/** Answers with the session that httpd shows, and writes what is posted into it by each name of SessionHeader in use. */
const SCRIPT = `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n'
if [ "$REQUEST_METHOD" = POST ]; then
  IFS= read -r text
  printf 'X-Replace-Session: %s\\r\\nX-Told: %s\\r\\n' "$text" "$text"
fi
printf '\\r\\n%s' "$HTTP_SESSION"
`;

/** Starts httpd with one configuration. Rejects with httpd's own words if it refuses the file. */
export async function startWith({ text, modules, htaccess }: ConfFile, connection: string): Promise<Httpd> {
  const scripts = Object.fromEntries(PATHS.map((path) => [`htdocs/${path}${path && '/'}echo`, SCRIPT]));
  const place = htaccess === undefined ? 'site.conf' : `htdocs${htaccess === '/' ? '' : htaccess}/.htaccess`;
  const httpd = await startHttpd({
    modules: ['cgid', 'version', ...modules],
    files: { ...OTHER_FILES, ...scripts, users: USER_FILE, [place]: text },
    config: `
Define DBD "${connection}"
<Directory "\${ROOT}/htdocs">
Options +ExecCGI
AllowOverride All
<Files echo>
SetHandler cgi-script
</Files>
</Directory>
SessionEnv On
SessionHeader X-Replace-Session
${htaccess === undefined ? 'Include "${ROOT}/site.conf"' : ''}`,
  });
  await scriptsRun(httpd);
  return httpd;
}

/** Waits for the daemon that runs scripts. Until then httpd answers by errors, but sets cookies. */
async function scriptsRun({ url }: Httpd): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    const { status } = await new Visitor(url).get('/ready/echo');
    if (status < 500) return;
  }
}

/** Begins a session at httpd, by a login or by what a backend tells. */
export async function beginAt(httpd: Httpd, visit: Visit): Promise<{ visitor: Visitor; seen: SeenAtHttpd }> {
  const { host, path, login } = visit;
  const visitor = new Visitor(httpd.url, new Map(), { host });
  const form = { httpd_username: ALICE.name, httpd_password: ALICE.password };
  const { status, cookies } = login
    ? await visitor.submit(login, form)
    : await visitor.post(`${path}/echo`, 'at=httpd');
  const session = (await visitor.get(`${path}/echo`)).text;
  const shown = cookies.map((line) => line.replace(/=[^;]*/, '').replace(/expires=[^;]*/i, 'expires'));
  const shape = { host, path: path || '/', status, cookies: [...new Set(shown)] };
  return { visitor, seen: { ...shape, session: status < 400 ? masked(session) : '' } };
}

const masked = (session: string) =>
  session.startsWith('<') ? '' : session.replace(/expiry=\d+/, 'expiry=…');

/** Returns httpd's own words without what differs from run to run and from machine to machine. */
export function wordsOf(error: unknown): string {
  const text = (error as Error).message
    .replace(/^httpd does not run: /, '')
    .replace(/\[[A-Z][a-z]{2} [^\]]*\] |\[pid \d+:tid \d+\] /g, '')
    .replace(/\/tmp\/session-crypto-httpd-\w+/g, '${ROOT}')
    .replace(/\/\S+\/(?=apr_crypto_)/g, '')
    .replace(/(?:AH00526: |\S+: )?Syntax error on line \d+ of \$\{ROOT\}\/httpd\.conf: /g, '')
    .replace(/(?:AH00526: )?Syntax error on (line \d+) of \$\{ROOT\}\/site\.conf:\s*/g, '$1: ');
  const lines = text
    .split('\n')
    .filter((line) => line && !/AH00016|AH00111|already loaded|:(?:notice|warn)\]/.test(line));
  return lines.join('; ');
}
