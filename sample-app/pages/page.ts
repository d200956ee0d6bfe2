import type { Html } from './html.js';

export interface PageContent {
  readonly title: string;
  readonly main: Html;
  /** True for a page that needs the whole width; the panel with the cookie is left out. */
  readonly wide?: boolean;
}

/** A handler returns this to have it laid out and sent as HTML. */
export class Page {
  constructor(readonly content: PageContent) {}
}
