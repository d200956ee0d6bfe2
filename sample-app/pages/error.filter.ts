import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { SessionService } from 'nestjs-session-crypto';
import { html } from './html.js';
import { PageRenderer, pathOf, type PageRequest } from './page-renderer.js';

const REASONS: Readonly<Record<number, string>> = {
  400: 'The form holds something that this page does not know.',
  401: 'This page is for an administrator who logged in a few minutes ago.',
  403: 'This form did not come from our own pages, so nothing was changed.',
  404: 'There is nothing at this address.',
};

/** Leads strangers to the log in form, and shows everybody else a page that says what is wrong. */
@Catch(HttpException)
export class ErrorFilter implements ExceptionFilter<HttpException> {
  constructor(
    private readonly renderer: PageRenderer,
    private readonly host: HttpAdapterHost,
    private readonly sessions: SessionService,
  ) {}

  async catch(exception: HttpException, host: ArgumentsHost): Promise<void> {
    const { httpAdapter } = this.host;
    const request = host.switchToHttp().getRequest<PageRequest>();
    const response = host.switchToHttp().getResponse<unknown>();
    const status = exception.getStatus();
    if (status === 401 && (await this.sessions.current()).subject === undefined)
      return httpAdapter.redirect(response, 303, loginFor(request)) as void;
    const text = await this.renderer.render(request, errorPage(status));
    httpAdapter.setHeader(response, 'Content-Type', 'text/html; charset=utf-8');
    httpAdapter.reply(response, text, status);
  }
}

const loginFor = ({ method, url }: PageRequest): string =>
  method === 'GET' ? `/login?next=${encodeURIComponent(pathOf(url))}` : '/login';

function errorPage(status: number) {
  const main = html`<h1>${status}</h1>
    <p class="lead">${REASONS[status] ?? 'That did not work.'}</p>
    <p>
      <a class="button" href="/">To the first page</a>
      ${status === 401 && html`<a class="button quiet" href="/login?next=/admin">Log in again</a>`}
    </p>`;
  return { title: String(status), main };
}
