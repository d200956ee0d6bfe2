import type { AuditRule } from './audit.interface.js';
import { COOKIE_OPTION_RULES } from './cookie-rules.js';
import { DUTY_RULES } from './duty-rules.js';
import { ID_RULES } from './id-rules.js';
import { KEY_RULES } from './key-rules.js';
import { LIFE_RULES } from './life-rules.js';
import { STORE_RULES } from './store-rules.js';

/** Every recommendation, theme by theme. `docs/hardening.md` is made from it. */
export const AUDIT_THEMES: Readonly<Record<string, readonly AuditRule[]>> = {
  Keys: KEY_RULES,
  Cookie: COOKIE_OPTION_RULES,
  'Session id': ID_RULES,
  Life: LIFE_RULES,
  'Store and caches': STORE_RULES,
  'Yours to do': DUTY_RULES,
};

export const AUDIT_RULES: readonly AuditRule[] = Object.values(AUDIT_THEMES).flat();
