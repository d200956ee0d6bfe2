import * as sax from 'parse5-sax-parser';

import { PageRewriter } from '../../../../lib/http/trans-sid/page-rewriter.js';
import { tagScanners } from '../../../../lib/http/trans-sid/tag-scanner.js';
import type { PageAddress } from '../../../../lib/http/trans-sid/own-hosts.js';
import type { TransSidRules } from '../../../../lib/http/trans-sid/page-id.interface.js';

export const ID = { name: 'sid', value: 'TOKEN' };
export const FIELD = '<input type="hidden" name="sid" value="TOKEN" />';

export const makeScanner = tagScanners(sax);

export const RULES: TransSidRules = {
  tags: new Map([
    ['a', 'href'],
    ['area', 'href'],
    ['frame', 'src'],
    ['form', ''],
  ]),
  hosts: [],
  origin: undefined,
};

export interface PageSetup {
  readonly tags?: Readonly<Record<string, string>>;
  readonly hosts?: readonly string[];
  readonly page?: PageAddress;
}

/** Returns a rewriter for a page of https://shop.example. */
export const rewriterOf = ({ tags, hosts = [], page }: PageSetup = {}): PageRewriter =>
  new PageRewriter({
    rules: { ...RULES, ...(tags && { tags: new Map(Object.entries(tags)) }), hosts },
    id: ID,
    page: page ?? { secure: true, origin: 'https://shop.example' },
    makeScanner,
  });

/** Returns a page that came in chunks, rewritten. */
export function rewriteChunks(chunks: readonly Buffer[], setup?: PageSetup): Buffer {
  const rewriter = rewriterOf(setup);
  return Buffer.concat([...chunks.map((chunk) => rewriter.write(chunk)), rewriter.end()]);
}

export const rewrite = (page: string, setup?: PageSetup): string =>
  rewriteChunks([Buffer.from(page)], setup).toString();
