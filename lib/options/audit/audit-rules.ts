import type { AuditRule } from './audit.interface.js';
import { COOKIE_OPTION_RULES } from './cookie-rules.js';
import { CRYPTO_RULES } from './crypto-rules.js';
import { DUTY_RULES } from './duty-rules.js';
import { ID_RULES } from './id-rules.js';
import { LIFETIME_RULES } from './lifetime-rules.js';
import { SECRET_RULES } from './secret-rules.js';
import { STORE_RULES } from './store-rules.js';

/** All recommendations, by theme. `docs/hardening.md` is made from this table. */
export const AUDIT_THEMES: Readonly<Record<string, readonly AuditRule[]>> = {
  Secrets: SECRET_RULES,
  Cryptography: CRYPTO_RULES,
  Cookie: COOKIE_OPTION_RULES,
  'Session id': ID_RULES,
  Lifetime: LIFETIME_RULES,
  'Store and caches': STORE_RULES,
  'Left to you': DUTY_RULES,
};

/** All recommendations in one list. */
export const AUDIT_RULES: readonly AuditRule[] = Object.values(AUDIT_THEMES).flat();
