import type { Html } from './html.js';

export interface PageContent {
  readonly title: string;
  readonly main: Html;
}

/** A handler returns this to have it laid out and sent as HTML. */
export class Page {
  constructor(readonly content: PageContent) {}
}
