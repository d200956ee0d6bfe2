import { Injectable } from '@nestjs/common';
import { SessionService } from 'nestjs-session-crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { findSessionCookie } from '../cookie/browser-cookie.js';
import { layout } from './layout.js';
import type { PageContent } from './page.js';

/** The part that the requests of Express and Fastify have in common. */
export interface PageRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

@Injectable()
export class PageRenderer {
  constructor(private readonly sessions: SessionService) {}

  /** Resolves to the document around a page's content. A notice that waits in the session is shown once. */
  async render({ url, headers }: PageRequest, content: PageContent): Promise<string> {
    const session = await this.sessions.current();
    return layout({
      ...content,
      path: pathOf(url),
      subject: session.subject,
      notice: session.flash('notice') as string | undefined,
      csrf: await this.sessions.csrfToken(),
      cookie: findSessionCookie(headers.cookie),
    }).text;
  }
}

export const pathOf = (url: string): string => url.split('?', 1)[0]!;
