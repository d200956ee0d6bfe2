import type { SecretOption } from '../../crypto/key-source.interface.js';
import type { AuditFacts } from '../../persistence/session-format.interface.js';
import type { AuditFinding } from '../../stores/audit-finding.interface.js';
import type { AuditVerdict } from './audit.interface.js';
import { SECRET_SUBJECT_RULES } from './secret-rules.js';

const LEVELS: Readonly<Record<AuditVerdict, AuditFinding['level']>> = {
  ok: 'ok',
  choose: 'info',
  weak: 'warning',
  broken: 'danger',
};

/** Returns the findings about the secrets of a foreign format, by the rules of `crypto.secrets`. `path` is the option path of
 *  the format. `remedies` replaces the remedy of a rule, by its code, where the other program must do something too. */
export function secretFindings(
  path: string,
  secrets: readonly SecretOption[],
  facts: AuditFacts,
  remedies: Readonly<Record<string, string>>,
): AuditFinding[] {
  const at = (setting: string) => setting.replace(/^crypto\.secrets/, `${path}.secrets`);
  return SECRET_SUBJECT_RULES.flatMap((rule) => {
    const judgements = [rule.judgeSecrets({ ...facts, secrets, salt: undefined }) ?? []].flat();
    return judgements.map(({ value, verdict, at: exact }): AuditFinding => ({
      level: LEVELS[verdict],
      code: rule.code,
      path: at(exact ?? rule.setting),
      value,
      message: rule.why,
      recommended: rule.recommended,
      remedy: remedies[rule.code] ?? rule.remedy,
      source: rule.source,
    }));
  });
}
