import { HttpException, type HttpStatus } from '@nestjs/common';
import type { PageContent } from './page.js';

/** Ends a request with a page of its own, where {@link ErrorFilter} would only explain the status. */
export class PageException extends HttpException {
  constructor(
    status: HttpStatus,
    readonly content: PageContent,
  ) {
    super(content.title, status);
  }
}
