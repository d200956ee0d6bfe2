import { All, Controller, Req, Res, UseInterceptors } from '@nestjs/common';
import { AnyFilesInterceptor } from '@nestjs/platform-express';
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { SessionService, type Session, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { fromPhpIni, PHP_SETTINGS } from 'nestjs-session-crypto/php';
import { cleanUp, temporaryFolder, type End } from '../../../support/cleanup.js';
import { SECRET, startApp, type TestApp } from '../../../support/test-app.js';

export type Settings = Readonly<Record<string, string>>;
export type ProbeSession = Session<Record<string, unknown>>;

/** The handler for a request of a case. */
export type Visit = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface Question {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  /** `Name: value`, in order. */
  readonly headers: readonly string[];
}

const visits = new Map<string, Visit>();

@Controller()
class ProbeController {
  @All('{*splat}')
  @UseInterceptors(AnyFilesInterceptor())
  async visit(@Req() request: IncomingMessage, @Res() response: ServerResponse): Promise<void> {
    await visits.get(String(request.headers['x-probe']))!(request, response);
    response.end();
  }
}

/** PHP's compiled defaults, as `ini_get_all('session')` returns them without a php.ini. */
const COMPILED = Object.fromEntries(
  PHP_SETTINGS.filter(({ since }) => !since).map(({ name, defaults }) => [name, defaults['8.2']]),
);

/** An application with the settings of a case and its own folder. */
export class ProbeApp {
  private constructor(
    private readonly app: TestApp,
    readonly folder: string,
  ) {}

  /** `shared` uses PHP's own files. `levels` makes the levels of folders in session.save_path. Rejects with a
   *  SessionConfigError for settings that are refused. */
  static async start(settings: Settings, shared = false, levels = true, until?: End): Promise<ProbeApp> {
    const folder = await temporaryFolder(until);
    if (levels) await makeLevels(settings['session.save_path'] ?? '', folder);
    const session = optionsOf(settings, folder, shared);
    const app = await startApp({ session, controllers: [ProbeController], until });
    return new ProbeApp(app, folder);
  }

  get sessions(): SessionService<Record<string, unknown>> {
    return this.app.app.get(SessionService);
  }

  /** The session of a request, as its handlers see it. */
  sessionOf(request: IncomingMessage): Promise<ProbeSession> {
    return this.sessions.open(request);
  }

  /** Makes a session before the case begins, and returns the value of its cookie. */
  async begin(data: Readonly<Record<string, unknown>>): Promise<{ id: string; token: string }> {
    let id = '';
    const { headers } = await this.ask({}, async (request) => {
      const session = await this.sessionOf(request);
      for (const [key, value] of Object.entries(data)) session.set(key, value);
      id = session.id;
    });
    const told = headers.find((line) => /^(?:set-cookie|x-session-id): /i.test(line))!;
    return { id, token: /^set-cookie/i.test(told) ? /=([^;]*)/.exec(told)![1]! : told.slice(told.indexOf(' ') + 1) };
  }

  /** Sends one request. `visit` is its handler; rejects if the handler does. */
  async ask({ path = '/probe.php', ...question }: Question, visit: Visit): Promise<Answer> {
    const id = randomUUID();
    const headers = { ...question.headers, 'x-probe': id };
    const visited = new Promise<never>((_resolve, reject) =>
      visits.set(id, (request, response) => visit(request, response).catch(reject)),
    );
    const { status, rawHeaders } = await Promise.race([visited, this.app.ask(path, { ...question, headers })]);
    visits.delete(id);
    return { status, headers: linesOf(rawHeaders) };
  }

  /** Closes the application before the test ends. */
  async close(): Promise<void> {
    await this.app.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function optionsOf(settings: Settings, folder: string, sharedUnsealed: boolean): SessionCryptoOptions {
  const ini = { ...COMPILED, 'session.save_path': folder, 'session.gc_probability': '0', ...settings };
  const placed = Object.fromEntries(
    Object.entries(ini).map(([name, value]) => [name, value.replaceAll('{SAVE_PATH}', folder)]),
  );
  return fromPhpIni(placed, { secrets: [SECRET], sharedUnsealed });
}

/** The folders of PHP's mod_files.sh, which `N;` in session.save_path needs, and those for the ids of the cases. */
async function makeLevels(savePath: string, folder: string): Promise<void> {
  const [, depth, below] = /^(?:(\d);(?:\d+;)?)?\{SAVE_PATH\}(.*)$/.exec(savePath) ?? [];
  const levels = Array.from({ length: Number(depth ?? 0) }, (_, i) => `${LEVELS}${'FI'[i]}`);
  let folders = [join(folder, below ?? '')];
  await mkdir(folders[0]!, { recursive: true, mode: 0o700 });
  for (const names of levels) {
    folders = folders.flatMap((one) => [...names].map((name) => join(one, name)));
    for (const one of folders) await mkdir(one, { recursive: true, mode: 0o700 });
  }
}

const LEVELS = '0123456789abcdef';

const OF_THE_PLATFORM = /^(?:x-powered-by|date|connection|keep-alive|transfer-encoding|content-length|vary)$/i;

/** The headers that a session may set. */
function linesOf(raw: readonly string[]): string[] {
  const lines: string[] = [];
  for (let i = 0; i < raw.length; i += 2)
    if (!OF_THE_PLATFORM.test(raw[i]!)) lines.push(`${raw[i]}: ${raw[i + 1]}`);
  return lines;
}

const shared = new Map<string, Promise<ProbeApp>>();

/** Returns one application for all cases with the same settings, if they do not affect each other. It is started anew when it was
 *  closed at the end of another file, which may have run in this process before. */
export function sharedApp(settings: Settings, withPhp = false): Promise<ProbeApp> {
  const key = JSON.stringify([settings, withPhp]);
  const present = shared.get(key);
  if (present) return present;
  const started = ProbeApp.start(settings, withPhp, true, 'file');
  shared.set(key, started);
  cleanUp(() => shared.delete(key), 'file');
  return started;
}
