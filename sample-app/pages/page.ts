import type { Html } from './html.js';

export interface PageContent {
  readonly title: string;
  readonly main: Html;
  /** Token against cross-site requests, for the layout's own form. */
  readonly csrf?: string;
}

/** What a handler gives to have it laid out and sent as HTML. */
export class Page {
  constructor(readonly content: PageContent) {}
}
