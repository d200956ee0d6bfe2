export type { AuditEnvironment, AuditRow, AuditVerdict, Judgement, RuleText } from './audit.interface.js';
export { rowOf } from './audit.interface.js';
export { auditOptions, auditResolved, type AuditedOptions } from './audit-options.js';
export { AUDIT_RULES, AUDIT_THEMES } from './audit-rules.js';
export { CONTENDED_COOKIE } from './contended-cookies.js';
export { cookieFacts, type CookieFacts } from './cookie-facts.js';
export { COOKIE_RULES, COOKIE_SIZE, type CookieRule } from './cookie-rules.js';
