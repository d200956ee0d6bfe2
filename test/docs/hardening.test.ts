import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { DOCTOR_USAGE } from '../../lib/cli/doctor.js';
import { SITE_RULES } from '../../lib/cli/site/site-rules.js';
import { auditOptions } from '../../lib/options/audit/audit-options.js';
import type { AuditRow } from '../../lib/options/audit/audit.interface.js';
import { AUDIT_THEMES } from '../../lib/options/audit/audit-rules.js';
import { CONTENDED_COOKIE } from '../../lib/options/audit/contended-cookies.js';
import { COOKIE_SIZE } from '../../lib/options/audit/cookie-rules.js';
import type { RuleText } from '../../lib/options/audit/audit.interface.js';

const PAGE = fileURLToPath(new URL('../../docs/hardening.md', import.meta.url));

const HEAD = `# Hardening

What PHP's page on session security, mod_session_crypto's manual, OWASP ASVS 5 and the OWASP session sheet recommend, as
far as it is about sessions, and how to have it here. The tables are those that \`auditOptions()\` and
\`session-crypto doctor\` judge by; they are made by \`UPDATE_DOCS=1 npx vitest run test/docs\`.

A verdict is **ok**; **weak**: it works and could be safer; **broken**: sessions can be stolen, forged or lost; or
**choose**: no audit can know, it is yours to decide. The column "quick start" judges
\`forRoot({ crypto: { secrets: [process.env.SESSION_SECRET] } })\` in production, with a secret that
\`npx nestjs-session-crypto secret\` made; "–" does not apply there.

## The audit

\`\`\`ts
import { auditOptions, type SessionCryptoOptions } from 'nestjs-session-crypto';

export const sessionOptions: SessionCryptoOptions = {
  crypto: { secrets: [{ file: '/run/secrets/session' }] },
};

export const rows = auditOptions(sessionOptions, { production: true, https: true, proxyTrust: 'named' });
\`\`\`

Each row has \`setting\`, \`value\`, \`recommended\`, \`verdict\`, \`why\`, \`remedy\`, \`source\` and \`code\`; the last is stable. No row
holds a secret: of one it says where it stands, of what kind it is and how long. No file is read and no program is run.
How random a passphrase is, is estimated from its characters: words count little, and what a generator made may, rarely,
be taken for words. A context has rows where it differs from the base. Other forms of sessions, such as \`apache()\`, add
what they say of themselves. Wrong options throw the error that they would stop the start with.

## At start

While developing, a start says what is broken or weak, in at most six lines; with \`NODE_ENV=production\` in one line that
gives the number; with \`NODE_ENV=test\`, and where all is well, nothing.

## At the command line, and in CI

\`\`\`text
${DOCTOR_USAGE}\`\`\`

\`--config\` runs the module that it names. \`--json\` prints \`{ verdicts, rows }\`. \`--url\` visits the address as a new
visitor, once more with a made-up id, and by plain http; it follows redirects of that host, waits ten seconds at most, and
prints no cookie's value. Let \`sessionOptions\` be the object that \`forRoot()\` gets, so that what is judged is what runs.
`;

/** The quick start, with bytes in the place of the secret so that nothing depends on this machine. */
const SECRET = `raw:${Buffer.from(Array.from({ length: 32 }, (_, i) => (i * 97 + 13) % 256)).toString('base64url')}`;
const quickStart = auditOptions(
  { crypto: { secrets: [SECRET] } },
  { production: true, variables: { SESSION_SECRET: SECRET } },
);

const verdictOf = (code: string, rows: readonly AuditRow[]) =>
  rows.find((row) => row.code === code)?.verdict ?? '–';

function tableOf(rules: readonly RuleText[], rows?: readonly AuditRow[]): string {
  const head = [
    'setting',
    'recommended',
    ...(rows ? ['quick start'] : []),
    'why',
    'how to mend',
    'from',
    'code',
  ];
  const lines = rules.map(({ setting, recommended, why, remedy, source, code }) => [
    `\`${setting}\``,
    recommended,
    ...(rows ? [verdictOf(code, rows)] : []),
    why,
    remedy,
    source,
    `\`${code}\``,
  ]);
  const cells = [head, head.map(() => '---'), ...lines];
  return cells.map((line) => `| ${line.map(escaped).join(' | ')} |`).join('\n');
}

/** Angle brackets, underscores and asterisks are text here. */
const escaped = (text: string) =>
  text.startsWith('`') ? text.replaceAll('|', '\\|') : text.replaceAll(/[|<_*]/g, '\\$&');

async function pageOf(): Promise<string> {
  const themes = Object.entries(AUDIT_THEMES).map(([theme, rules]) => {
    const all = theme === 'Cookie' ? [...rules, CONTENDED_COOKIE] : rules;
    return `## ${theme}\n\n${tableOf(all, quickStart)}`;
  });
  const site = `## A running site\n\nBesides the rows of "Cookie", of each session cookie that the site sets.\n\n${tableOf([...SITE_RULES, COOKIE_SIZE])}`;
  return format([HEAD, ...themes, site, ''].join('\n\n'), {
    ...(await resolveConfig(PAGE)),
    parser: 'markdown',
  });
}

describe('docs/hardening.md', () => {
  it('is the table that the audit judges by', async () => {
    const page = await pageOf();
    if (process.env['UPDATE_DOCS']) writeFileSync(PAGE, page);
    expect(readFileSync(PAGE, 'utf8')).toBe(page);
  });

  it('names every code that the audit gives', () => {
    const page = readFileSync(PAGE, 'utf8');
    for (const { code } of quickStart) expect(page).toContain(`\`${code}\``);
  });

  it('finds the quick start weak where sessions wait, and nowhere else', () => {
    const poor = quickStart.filter(({ verdict }) => verdict === 'weak').map(({ code }) => code);
    expect(poor).toEqual(['replayable', 'no-revocation']);
    expect(quickStart.some(({ verdict }) => verdict === 'broken')).toBe(false);
  });
});
