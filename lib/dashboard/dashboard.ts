import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { CLOCKS } from '../checkup/process-clocks.js';
import type { SessionManager } from '../manager/session-manager.js';
import type { SessionService } from '../session.service.js';
import type { DashboardRequest } from './dashboard.options.js';
import { FormTokens } from './form-tokens.js';
import { LiveStreams } from './live-streams.js';
import { act, wishOf, type Outcome } from './operator-actions.js';
import { operatorOf } from './operator.js';
import { liveParts, page } from './page/page.js';
import type { ResolvedDashboard } from './resolve-dashboard.js';
import { WatchedSession } from './watched-session.js';

/** A page that is ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One named session of the application. */
export interface Shown {
  readonly manager: SessionManager;
  readonly service: SessionService;
}

const TOO_OLD = 'This page was too old, or another site has sent its form. Nothing was done; try again.';
const UNKNOWN = 'The form asks for nothing that is known here. Nothing was done.';

/** Everything behind the page: what is counted, who watches, and what operators do. */
export class Dashboard {
  private readonly sessions: readonly { watched: WatchedSession; streams: LiveStreams; tokens: FormTokens }[];

  constructor(
    shown: readonly Shown[],
    private readonly options: Pick<ResolvedDashboard, 'actor'>,
  ) {
    this.sessions = shown.map(({ manager, service }) => {
      const watched = new WatchedSession(manager, service, CLOCKS);
      const streams = new LiveStreams(async () => liveParts(await watched.view()));
      return { watched, streams, tokens: new FormTokens(manager) };
    });
  }

  start(): void {
    for (const { watched } of this.sessions) watched.start();
  }

  stop(): void {
    for (const { watched, streams } of this.sessions) {
      streams.close();
      watched.stop();
    }
  }

  /** Resolves to the page of a session; the first one's for a name that is not shown. */
  async show(request: DashboardRequest, name: unknown): Promise<Answer> {
    return this.pageOf(name, await operatorOf(this.options.actor, request), 200);
  }

  /** Does what a form asks for, and resolves to the page that says so. */
  async act(
    request: DashboardRequest,
    name: unknown,
    form: Readonly<Record<string, unknown>>,
  ): Promise<Answer> {
    const { tokens, watched } = this.find(name);
    const actor = await operatorOf(this.options.actor, request);
    if (actor === undefined) return this.pageOf(name, actor, 403);
    if (!tokens.verify(form['token'], actor) || isCrossSite(request))
      return this.pageOf(name, actor, 403, refused(TOO_OLD));
    const wish = wishOf(form);
    if (!wish) return this.pageOf(name, actor, 400, refused(UNKNOWN));
    return this.pageOf(name, actor, 200, await act(watched.service, watched.manager.name, actor, wish));
  }

  /** False if no further viewer of a session gets live figures now. */
  hasRoom(name: unknown): boolean {
    return this.find(name).streams.hasRoom;
  }

  /** Begins to send live figures. */
  stream(name: unknown, response: ServerResponse): Promise<void> {
    return this.find(name).streams.open(response);
  }

  private async pageOf(
    name: unknown,
    actor: string | undefined,
    status: number,
    outcome?: Outcome,
  ): Promise<Answer> {
    const { watched, tokens } = this.find(name);
    const nonce = randomBytes(16).toString('base64');
    const operator = actor === undefined ? undefined : { actor, token: tokens.make(actor) };
    const names = this.sessions.map((one) => one.watched.manager.name);
    const body = page({ view: await watched.view(), names, operator, outcome, nonce });
    return { status, headers: headersOf(nonce), body };
  }

  private find(name: unknown) {
    return this.sessions.find(({ watched }) => watched.manager.name === name) ?? this.sessions[0]!;
  }
}

const refused = (text: string): Outcome => ({
  subject: '',
  devices: undefined,
  remembered: undefined,
  message: { wrong: true, text },
});

/** Browsers that say where a request comes from say it of every form. Others leave it to the token. */
function isCrossSite({ headers }: DashboardRequest): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin';
}

/** The page loads nothing, and no other page can frame it or send its forms elsewhere. */
const headersOf = (nonce: string): Answer['headers'] => ({
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; '),
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
});
