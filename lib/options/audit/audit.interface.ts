import type { SecretOption } from '../../crypto/key-source.interface.js';
import type { ResolvedOptions } from '../resolved-options.interface.js';

/** The result of one recommendation. `ok`: as recommended. `weak`: it works, and it could be safer. `broken`: sessions
 *  can be stolen, forged or lost. `choose`: the audit cannot know; the operator decides. */
export type AuditVerdict = 'ok' | 'weak' | 'broken' | 'choose';

/** One recommendation, and how the options compare with it. A row contains no secret, only its kind and length. */
export interface AuditRow {
  /** The option path, such as `cookie.httpOnly` or `contexts[0].store`, or the name of another subject. */
  readonly setting: string;
  /** The present value, in a few words. */
  readonly value: string;
  readonly recommended: string;
  readonly verdict: AuditVerdict;
  /** The reason for the recommendation. */
  readonly why: string;
  /** The change that makes the verdict `ok`. */
  readonly remedy: string;
  /** The documents that recommend it, such as `PHP session.cookie_httponly, ASVS 3.3.4`. */
  readonly source: string;
  /** The rule's stable name, such as `script-readable-cookie`. */
  readonly code: string;
}

/** Facts that the options do not contain and an operator may know. */
export interface AuditEnvironment {
  /** Judge a production site, not a developer's machine. @default true if NODE_ENV is "production" */
  readonly production?: boolean;
  /** True if visitors reach the site over https only. @default unknown */
  readonly https?: boolean;
  /** True if every response of the site has Strict-Transport-Security for at least a year. @default unknown */
  readonly hsts?: boolean;
  /** The senders that the platform believes about a visitor's address and connection: nobody (`none`), proxies that are
   *  configured by address (`named`), or everybody (`all`). @default unknown */
  readonly proxyTrust?: 'none' | 'named' | 'all';
  /** The fingerprint that the audit shows on another server that shares the sessions. @default unknown */
  readonly fingerprint?: string;
  /** The environment variables. A secret that equals one came from there, and not from the source code.
   *  @default process.env */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** The moment for which migrations and cookies are judged. @default the current time */
  readonly now?: Date;
}

/** The text of a recommendation, without a result. */
export interface RuleText {
  readonly code: string;
  readonly setting: string;
  readonly recommended: string;
  readonly why: string;
  readonly remedy: string;
  /** The remedy if another program shares the sessions, so that we alone cannot change their format. */
  readonly sharedRemedy?: string;
  readonly source: string;
}

/** The result of a rule for certain options. */
export interface Judgement {
  readonly value: string;
  readonly verdict: AuditVerdict;
  /** The option path, if it is more exact than the rule's `setting`. */
  readonly at?: string;
}

/** One set of options to judge: the base options, or those of a context. */
export interface AuditSubject {
  readonly options: ResolvedOptions;
  /** The entries of `crypto.secrets`; empty with a foreign format, which has its own secrets. */
  readonly secrets: readonly SecretOption[];
  readonly environment: Required<Pick<AuditEnvironment, 'production' | 'variables' | 'now'>> &
    AuditEnvironment;
}

/** One recommendation for options. */
export interface AuditRule extends RuleText {
  /** Returns the result, `undefined` if the rule does not apply, or a list if it is about each entry of a list. */
  judge(subject: AuditSubject): Judgement | readonly Judgement[] | undefined;
}

/** Joins the text of a rule and its result to a row. */
export const rowOf = (
  { code, setting, recommended, why, remedy, source }: RuleText,
  judgement: Judgement,
): AuditRow => ({
  setting: judgement.at ?? setting,
  value: judgement.value,
  recommended,
  verdict: judgement.verdict,
  why,
  remedy,
  source,
  code,
});

/** Returns a judgement about the rule's own setting. */
export const judged = (value: string, verdict: AuditVerdict): Judgement => ({ value, verdict });
