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

This page lists what PHP's page on session security, mod_session_crypto's manual, OWASP ASVS 5 and the OWASP session sheet
recommend about sessions, and how to follow it with this package. \`auditOptions()\` and \`session-crypto doctor\` judge by
the same tables.

A verdict is one of four words:

| verdict    | meaning                                                |
| ---------- | ------------------------------------------------------ |
| **ok**     | as recommended                                         |
| **weak**   | it works, and it could be safer                        |
| **broken** | sessions can be stolen, forged or lost                 |
| **choose** | the audit cannot know; the decision is yours           |

The column "quick start" judges \`forRoot({ crypto: { secrets: [process.env.SESSION_SECRET] } })\` in production, with a
secret that \`npx nestjs-session-crypto secret\` made. A "–" means that the rule does not apply there. The tables are made by
\`UPDATE_DOCS=1 npx vitest run test/docs\`.

## The audit

\`\`\`ts
import { auditOptions, type SessionCryptoOptions } from 'nestjs-session-crypto';

export const sessionOptions: SessionCryptoOptions = {
  crypto: { secrets: [{ file: '/run/secrets/session' }] },
};

export const rows = auditOptions(sessionOptions, {
  production: true,
  https: true,
  hsts: true,
  proxyTrust: 'named',
});
\`\`\`

- Each row has \`setting\`, \`value\`, \`recommended\`, \`verdict\`, \`why\`, \`remedy\`, \`source\` and \`code\`. The \`code\` is stable.
- No row contains a secret. A row about a secret names its place, its kind and its length.
- The audit opens no file and runs no program. It looks at the owner and the mode of a folder of sessions that this machine has.
- The strength of a passphrase is an estimate from its characters. Words count little. In rare cases the audit takes the
  output of a generator for words.
- A context adds rows where it differs from the base options.
- A foreign format, such as \`apache()\`, adds its own findings, and its secrets are judged as those of \`crypto.secrets\` are.
- The fingerprint covers all that must be equal on servers that share sessions, except secrets: also the format's cipher and
  realm, accepted formats, and all contexts.
- Options that would stop the start throw the same SessionConfigError here.

## At the start

During development the start logs what is broken or weak, in at most six lines. With \`NODE_ENV=production\` it logs one line
with the number of findings. It logs nothing with \`NODE_ENV=test\`, or if all is well.

## At the command line, and in CI

\`\`\`text
${DOCTOR_USAGE}\`\`\`

- \`--config\` imports the module, so its code runs. Export the same object that \`forRoot()\` gets, so that the audit judges
  what runs.
- \`--url\` visits the page three times: as a new visitor, with an invented id, and over plain http. It follows redirects
  within the host, waits at most ten seconds for each response, and prints no cookie's value.

## What a neighbouring host can do

A page on \`other.example.com\` can set cookies for \`example.com\`, and the browser then sends them to \`app.example.com\` too.

- **It cannot set or read \`__Host-sid\`.** Browsers accept a name with that prefix only from the host itself.
- **It cannot push \`__Host-sid\` out of Chromium.** Chromium keeps at most 180 cookies of a site, over all its hosts. When a host sets
  more, Chromium removes cookies with the attribute \`Priority=Low\` first, then \`Medium\`, which is also the priority of a cookie
  without the attribute, and \`High\` last. Without the attribute, 250 cookies of a neighbour remove the session cookie each time.
  With \`Priority=High\`, the default, the session cookie stays. The neighbour's own cookies can have \`Priority=High\` too, so
  the attribute stops accidents and simple attacks. A separate domain stops them all.
- **It can confuse a name without that prefix.** A cookie of the same name can come from the neighbour. [Several cookies of one
  name](sessions.md#several-cookies-of-one-name) says what happens then.
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
    'how to fix',
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
  const site = `## A running site\n\nThese rows come in addition to the rows of "Cookie", which judge each session cookie that the site sets.\n\n${tableOf([...SITE_RULES, COOKIE_SIZE])}`;
  return format([HEAD, ...themes, site, ''].join('\n\n'), {
    ...(await resolveConfig(PAGE)),
    parser: 'markdown',
  });
}

describe('docs/hardening.md', () => {
  it('has the tables that the audit judges by', async () => {
    const page = await pageOf();
    if (process.env['UPDATE_DOCS']) writeFileSync(PAGE, page);
    expect(readFileSync(PAGE, 'utf8')).toBe(page);
  });

  it('names every code of the audit', () => {
    const page = readFileSync(PAGE, 'utf8');
    for (const { code } of quickStart) expect(page).toContain(`\`${code}\``);
  });

  it('judges only the store of the quick start as weak', () => {
    const poor = quickStart.filter(({ verdict }) => verdict === 'weak').map(({ code }) => code);
    expect(poor).toEqual(['replayable', 'no-revocation']);
    expect(quickStart.some(({ verdict }) => verdict === 'broken')).toBe(false);
  });
});
