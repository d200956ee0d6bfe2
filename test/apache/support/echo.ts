import { startHttpd, type Httpd } from './httpd.mjs';

/** The backend behind httpd, as CGI: answers with the session that httpd shows it, and writes what is posted into the
 *  session by way of `SessionHeader`. No process but the shell is started. */
const SCRIPT = `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n'
if [ "$REQUEST_METHOD" = POST ]; then
  IFS= read -r text
  printf 'X-Replace-Session: %s\\r\\n' "$text"
fi
printf '\\r\\n%s' "$HTTP_SESSION"
`;

/** What {@link startHttpd} takes for a backend at every path that ends in `/echo`. */
export const echo = {
  modules: ['cgid'],
  files: { 'cgi/echo.sh': SCRIPT },
  config: `
ScriptAliasMatch "/echo$" "\${ROOT}/cgi/echo.sh"
SessionEnv On
SessionHeader X-Replace-Session
`,
} as const;

/** An httpd with that backend and sessions in the cookie "session", under one passphrase. */
export function startEcho(passphrase: string): Promise<Httpd> {
  const session = `Session On\nSessionCookieName session path=/\nSessionCryptoPassphrase "${passphrase}"`;
  return startHttpd({ ...echo, config: `${echo.config}${session}` });
}
