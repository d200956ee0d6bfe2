import { Catch, HttpException, HttpStatus, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { SessionService } from 'nestjs-session-crypto';
import { errorPage } from './error.page.js';
import { PageException } from './page.exception.js';
import { PageRenderer, pathOf, type PageRequest } from './page-renderer.js';
import type { PageContent } from './page.js';

/** Leads strangers to the login form, and shows everybody else a page that says what is wrong. */
@Catch(HttpException)
export class ErrorFilter implements ExceptionFilter<HttpException> {
  constructor(
    private readonly renderer: PageRenderer,
    private readonly host: HttpAdapterHost,
    private readonly sessions: SessionService,
  ) {}

  async catch(exception: HttpException, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<PageRequest>();
    const response = host.switchToHttp().getResponse<unknown>();
    const loginPath = loginPathFor(request);
    if (exception instanceof PageException)
      return this.send(request, response, exception.getStatus(), exception.content);
    if (exception.getStatus() === HttpStatus.UNAUTHORIZED && !(await this.isLoggedIn()))
      return this.host.httpAdapter.redirect(response, HttpStatus.SEE_OTHER, loginPath) as void;
    return this.send(request, response, exception.getStatus(), errorPage(exception, loginPath));
  }

  private async send(
    request: PageRequest,
    response: unknown,
    status: HttpStatus,
    content: PageContent,
  ): Promise<void> {
    const text = await this.renderer.render(request, content);
    this.host.httpAdapter.setHeader(response, 'Content-Type', 'text/html; charset=utf-8');
    this.host.httpAdapter.reply(response, text, status);
  }

  private async isLoggedIn(): Promise<boolean> {
    return (await this.sessions.current()).subject !== undefined;
  }
}

const loginPathFor = ({ method, url }: PageRequest): string =>
  method === 'GET' ? `/login?next=${encodeURIComponent(pathOf(url))}` : '/login';
