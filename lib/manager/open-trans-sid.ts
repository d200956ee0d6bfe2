import { tagScanners, type MakeTagScanner, type SaxPackage } from '../http/trans-sid/tag-scanner.js';
import type { TransSidRules } from '../http/trans-sid/page-id.interface.js';
import { loadPeer } from '../peers/load-peer.js';

/** What puts ids into pages. */
export interface TransSid {
  readonly rules: TransSidRules;
  readonly makeScanner: MakeTagScanner;
}

/** Loads the tokenizer where ids are put into pages. Rejects with a SessionConfigError if its package is not
 *  installed. */
export async function openTransSid(rules: TransSidRules | undefined): Promise<TransSid | undefined> {
  if (!rules) return undefined;
  const sax = await loadPeer<SaxPackage>('parse5-sax-parser', 'id.transSid');
  return { rules, makeScanner: tagScanners(sax) };
}
