import { tagScanners, type MakeTagScanner, type SaxPackage, type TransSidRules } from './http/index.js';
import { loadPeer } from './peers/index.js';

/** How ids come into pages. */
export interface TransSid {
  readonly rules: TransSidRules;
  readonly makeScanner: MakeTagScanner;
}

/** Loads the tokenizer where ids are put into pages. Rejects with a SessionConfigError where it is not installed. */
export async function openTransSid(rules: TransSidRules | undefined): Promise<TransSid | undefined> {
  if (!rules) return undefined;
  const sax = await loadPeer<SaxPackage>('parse5-sax-parser', 'id.transSid');
  return { rules, makeScanner: tagScanners(sax) };
}
