import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { mergeMap, type Observable } from 'rxjs';
import { PageRenderer, type PageRequest } from './page-renderer.js';
import { Page } from './page.js';

/** Lays out the pages that handlers return. Other results pass unchanged. */
@Injectable()
export class PageInterceptor implements NestInterceptor {
  constructor(
    private readonly renderer: PageRenderer,
    private readonly host: HttpAdapterHost,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    return next.handle().pipe(
      mergeMap(async (value: unknown) => {
        if (!(value instanceof Page)) return value;
        const text = await this.renderer.render(http.getRequest<PageRequest>(), value.content);
        this.host.httpAdapter.setHeader(http.getResponse(), 'Content-Type', 'text/html; charset=utf-8');
        return text;
      }),
    );
  }
}
