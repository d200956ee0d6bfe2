import type { SecretOption } from '../../crypto/key-source.interface.js';
import type { ResolvedOptions } from '../resolved-options.interface.js';

/** `ok`: as recommended; `weak`: it works and could be safer; `broken`: sessions can be stolen, forged or lost;
 *  `choose`: no audit can know, it is the operator's decision. */
export type AuditVerdict = 'ok' | 'weak' | 'broken' | 'choose';

/** One recommendation, and how the options stand to it. Holds no secret: kinds and lengths at most. */
export interface AuditRow {
  /** Path of the option, such as `cookie.httpOnly` or `contexts[0].store`, or what else is judged. */
  readonly setting: string;
  readonly value: string;
  readonly recommended: string;
  readonly verdict: AuditVerdict;
  readonly why: string;
  /** What to write instead. */
  readonly remedy: string;
  /** Who recommends it, such as `PHP session.cookie_httponly, ASVS 3.3.4`. */
  readonly source: string;
  /** Stable name, such as `script-readable-cookie`. */
  readonly code: string;
}

/** What the options do not say and an operator may know. */
export interface AuditEnvironment {
  /** Judge as for visitors, not as for a developer's machine. @default NODE_ENV is "production" */
  readonly production?: boolean;
  /** Whether visitors come by https alone. @default unknown */
  readonly https?: boolean;
  /** Whose word on a visitor's address and connection the platform takes: nobody's, that of the proxies that are named,
   *  or anybody's. @default unknown */
  readonly proxyTrust?: 'none' | 'named' | 'all';
  /** The parameters' fingerprint on another server that shares the sessions. @default unknown */
  readonly fingerprint?: string;
  /** The process's variables, to tell a secret that came from there from one in the source. @default process.env */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** @default now */
  readonly now?: Date;
}

/** What a recommendation says, without an answer to it. */
export interface RuleText {
  readonly code: string;
  readonly setting: string;
  readonly recommended: string;
  readonly why: string;
  readonly remedy: string;
  /** The remedy where another server shares the sessions in its own form, so that ours alone cannot be changed. */
  readonly sharedRemedy?: string;
  readonly source: string;
}

export interface Judgement {
  readonly value: string;
  readonly verdict: AuditVerdict;
  /** The setting, where it is more exact than the rule's. */
  readonly at?: string;
}

/** One set of options: the base, or a context. */
export interface AuditSubject {
  readonly options: ResolvedOptions;
  /** What was said of `crypto.secrets`; empty where another form has its own. */
  readonly secrets: readonly SecretOption[];
  readonly environment: Required<Pick<AuditEnvironment, 'production' | 'variables' | 'now'>> &
    AuditEnvironment;
}

/** One row of the table. */
export interface AuditRule extends RuleText {
  /** `undefined` where it does not apply; several where it is about each entry of a list. */
  judge(subject: AuditSubject): Judgement | readonly Judgement[] | undefined;
}

export const rowOf = (
  { code, setting, recommended, why, remedy, source }: RuleText,
  found: Judgement,
): AuditRow => ({
  setting: found.at ?? setting,
  value: found.value,
  recommended,
  verdict: found.verdict,
  why,
  remedy,
  source,
  code,
});
