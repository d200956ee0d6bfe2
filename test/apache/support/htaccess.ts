import http from 'node:http';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startHttpd, type Httpd } from './httpd.mjs';

/** The value of `${WORD}` on both sides. */
export const WORD = 'two words';

/** The answer to one request. */
export interface Seen {
  /** True if httpd took every line of the `.htaccess` file. */
  readonly accepted: boolean;
  readonly status: number;
  readonly setCookie: string | undefined;
  readonly header: (name: string) => string | undefined;
}

const MODULES = [
  'headers', 'asis', 'mime', 'authn_core', 'authn_file', 'authz_user', 'auth_basic', 'auth_form', 'request',
]; // prettier-ignore

/** An httpd that reads a `.htaccess` file at each request, so that thousands of values need one start. Each of its folders
 *  `/0`, `/1`, … holds one such file at a time. */
export class HtaccessServer {
  static readonly FOLDERS = 8;
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: HtaccessServer.FOLDERS });

  private constructor(readonly httpd: Httpd) {}

  static async start(config: string, modules: readonly string[], users: string): Promise<HtaccessServer> {
    const folders = Array.from({ length: this.FOLDERS }, (_, i) => [`htdocs/${i}/f`, 'x'] as const);
    const httpd = await startHttpd({
      modules: [...MODULES, ...modules],
      files: { ...Object.fromEntries(folders), users },
      config: `
Define WORD "${WORD}"
LogLevel crit mpm_event:notice
TypesConfig /dev/null
MaxKeepAliveRequests 0
AddHandler send-as-is asis
<Directory "\${ROOT}/htdocs">
AllowOverride All
</Directory>
Header always set X-Env "%{HTTP_SESSION}e"
Header always set X-Cookies "expr=%{HTTP_COOKIE}"
${config}`,
    });
    return new HtaccessServer(httpd);
  }

  /** Writes the `.htaccess` file of a folder. The answer to the next request says whether httpd took it. */
  write(folder: number, text: string): void {
    writeFileSync(this.pathOf(folder, '.htaccess'), `Header always set X-Read 1\n${text}`);
  }

  /** Writes a file whose text is a whole response, headers and body. */
  writeResponse(folder: number, text: string): void {
    writeFileSync(this.pathOf(folder, 'f.asis'), text);
  }

  /** Asks for a path in a folder. */
  ask(
    folder: number,
    { path = 'f', headers = {} }: { path?: string; headers?: http.OutgoingHttpHeaders } = {},
  ): Promise<Seen> {
    const options = {
      host: '127.0.0.1',
      port: this.httpd.port,
      path: `/${folder}/${path}`,
      headers,
      agent: this.agent,
    };
    const text = JSON.stringify(readFileSync(this.pathOf(folder, '.htaccess'), 'utf8'));
    return new Promise((resolve, reject) => {
      http
        .get(options, (response) => {
          response.resume();
          response.on('end', () => resolve(seenIn(response)));
        })
        .on('error', (error) => reject(new Error(`${error.message} at ${text}`, { cause: error })));
    });
  }

  async stop(): Promise<void> {
    this.agent.destroy();
    await this.httpd.stop();
  }

  private pathOf(folder: number, name: string): string {
    return join(this.httpd.root, 'htdocs', String(folder), name);
  }
}

function seenIn({ rawHeaders, statusCode }: http.IncomingMessage): Seen {
  /** Of several headers of one name, the first. */
  const header = (name: string) => {
    const at = rawHeaders.findIndex((one, i) => i % 2 === 0 && one.toLowerCase() === name);
    return at < 0 ? undefined : rawHeaders[at + 1];
  };
  return {
    accepted: header('x-read') === '1',
    status: statusCode!,
    setCookie: header('set-cookie'),
    header,
  };
}
