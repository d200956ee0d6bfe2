import { ServerResponse, type IncomingMessage } from 'node:http';
import * as sax from 'parse5-sax-parser';
import { PageRewriter } from '../../../../lib/http/trans-sid/page-rewriter.js';
import { rewritesHead } from '../../../../lib/http/trans-sid/rewritten-head.js';
import { tagScanners } from '../../../../lib/http/trans-sid/tag-scanner.js';
import type { TransSidRules } from '../../../../lib/http/trans-sid/page-id.interface.js';
import type { Outcome } from '../php-session.js';
import { TRANS_SID_RULES, type TransSidCase } from './trans-sid-rules.js';

const makeScanner = tagScanners(sax);
const DEFAULT_TAGS = 'a=href,area=href,frame=src,form=';

/** Puts the id into a page, in the chunks and with the settings of the case. */
export function checkTransSid(vector: TransSidCase): Outcome {
  const chunks = chunksOf(vector);
  const page = chunks.join('');
  const theirs = vector.out.replace('@prefix-unchanged+', () => page.slice(0, page.lastIndexOf('<a')));
  const ours = isOn(vector) ? rewritten(vector, chunks) : page;
  if (ours === theirs) return 'same';
  const rule = TRANS_SID_RULES.find((one) => one.covers({ vector, page, ours, theirs }));
  if (rule) return rule;
  throw new Error(`ours is ${ours} in place of ${theirs}`);
}

function chunksOf({ in: given }: TransSidCase): string[] {
  if (typeof given === 'string') return [given];
  const [first, text, times, tail] = given;
  if (first !== '@repeat') return given.map(String);
  return [String(text).repeat(Number(times)), String(tail)];
}

/** Reports whether pages are rewritten at all: the settings ask for it, and the request has no cookie of this name. */
function isOn({ ini, name, request_cookie: cookie, in: given }: TransSidCase): boolean {
  const on = ini['session.use_trans_sid'] === '1' && ini['session.use_only_cookies'] === '0';
  const brings = ini['session.use_cookies'] !== '0' && (cookie ?? '').startsWith(`${name}=`);
  return on && !brings && rewritesHead(headOf(given), []);
}

/** An application sends JSON as JSON; PHP's default type is HTML. */
function headOf(given: TransSidCase['in']): ServerResponse {
  const response = new ServerResponse({ method: 'GET' } as IncomingMessage);
  const type = String(given).startsWith('{') ? 'application/json' : 'text/html; charset=utf-8';
  return response.setHeader('content-type', type);
}

function rewritten({ sid, name, http_host: host, ini }: TransSidCase, chunks: readonly string[]): string {
  const page = new PageRewriter({
    rules: rulesOf(ini),
    id: { name, value: sid },
    page: { secure: false, origin: `http://${host}` },
    makeScanner,
  });
  return Buffer.concat([...chunks.map((chunk) => page.write(Buffer.from(chunk))), page.end()]).toString();
}

function rulesOf(ini: TransSidCase['ini']): TransSidRules {
  const tags = (ini['session.trans_sid_tags'] ?? DEFAULT_TAGS).split(',').filter((one) => one.includes('='));
  const hosts = (ini['session.trans_sid_hosts'] ?? '').split(',').filter(Boolean);
  return {
    tags: new Map(tags.toReversed().map((one) => one.toLowerCase().split('=') as [string, string])),
    hosts: hosts.map((host) => host.toLowerCase()),
    origin: undefined,
  };
}
