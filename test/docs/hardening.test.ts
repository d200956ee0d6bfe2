import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { describe, expect, it } from 'vitest';
import { run } from '../../lib/cli/run.js';
import { SITE_RULES } from '../../lib/cli/site/site-rules.js';
import { cookieStore, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { apache, fromApacheDirectives } from 'nestjs-session-crypto/apache';
import { fileStore } from 'nestjs-session-crypto/php';
import { auditOptions } from '../../lib/options/audit/audit-options.js';
import type { AuditRow } from '../../lib/options/audit/audit.interface.js';
import { AUDIT_RULES, AUDIT_THEMES } from '../../lib/options/audit/audit-rules.js';
import { CONTENDED_COOKIE } from '../../lib/options/audit/contended-cookies.js';
import { COOKIE_SIZE } from '../../lib/options/audit/cookie-rules.js';
import type { RuleText } from '../../lib/options/audit/audit.interface.js';
import { capture } from '../unit/cli/support/site.js';

const PAGE = fileURLToPath(new URL('../../docs/hardening.md', import.meta.url));

const { said: DOCTOR, output } = capture();
await run(['doctor', '--help'], output);

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
${DOCTOR.out}\`\`\`

- \`--config\` imports the module, so its code runs. Export the same object that \`forRoot()\` gets, so that the audit judges
  what runs. If the file cannot make the options, as from a php.ini or httpd's directives with a fault, each fault is a row.
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

## What a setting cannot do

**Strict mode** refuses ids that the site did not make; here it is always on. An attacker can still start a session of his own
and plant its cookie on a victim, from a neighbouring host or a plain connection. The prefix \`__Host-\` stops him. So does \`login()\`:
it gives the session a new id, which the attacker does not know. Strict mode does not notice a stolen id, which the site made
itself: the timeouts, the renewal of ids and [the logs](#left-to-you) are for that. It does not stop forged requests either, and
among them a forged login: guard the login form with \`SessionCsrfGuard\` too.

**A referer proves nothing.** A client that is no browser writes what it wants into the header. A page can make the browser leave
it out (\`Referrer-Policy: no-referrer\`), as privacy tools and proxies do. A page of an allowed origin sends it although a
stranger wrote the link there. So \`id.refererCheck\` keeps some planted links away, and no attacker. Read ids from cookies alone,
and let \`SessionCsrfGuard\` judge requests: it reads \`Sec-Fetch-Site\` and \`Origin\`, which no page can set, and tokens.

**A private cache is a cache.** \`@CacheLimiter('private')\` keeps a response out of shared caches, but the browser stores it for
\`cache.expire\` minutes. The next person at the computer sees it by the back button, also after the logout, and nothing that
ends the session on the server removes it. Use it for pages that show nothing of a user. Answer a logout with \`Clear-Site-Data:
"cache"\` if other pages were cached. The default \`nocache\` (\`no-store\`) lets no cache keep anything.

**A database role** decides what a stolen connection can do. [The role of the application](stores.md#the-role-of-the-application) has
the grants that suffice.

## How long an id should be

Our own ids have 256 random bits in every native store, so there is nothing to choose. Only ids that PHP shares have the form that
\`id.length\` and \`id.bitsPerCharacter\` say, and fewer than 128 bits stop the start. The bits of an id are the two numbers
multiplied. An attacker who tries ids at random needs about 2^bits divided by the number of live sessions. With a million sessions
and 100,000 tries a second he finds one among ids of 64 bits within six years, and among ids of 128 bits within 10^20
years. Forms with at least 128 bits:

| \`id.bitsPerCharacter\` | least \`id.length\` | bits | PHP                                                    |
| --- | --- | --- | --- |
| 4 | 32 | 128 | PHP's default |
| 5 | 26 | 130 | php.ini-production |
| 6 | 22 | 132 | the manual recommends 48 characters (288 bits), our default |

A longer id costs a byte for each character in every request, and nothing else. A new length counts for new ids.
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

const PASSPHRASE = '9f86d081884c7d659a2feaa0c55ad015';
const ruleCodes = new Set(AUDIT_RULES.map(({ code }) => code));

/** Options with everything that formats and stores can find. */
function poorOptions(): SessionCryptoOptions[] {
  const httpd = `Session On\nSessionCookieName s Path=/\nSessionCryptoPassphrase ${PASSPHRASE}`;
  const auth = { name: 'realm', trustUserKey: true };
  const format = apache({ secrets: ['short'], cipher: '3des192', header: 'X-Session', auth });
  const sharedUnsealed = { serializer: 'php', subjectKey: 'user' } as const;
  const crypto = { secrets: [SECRET] };
  return [
    { crypto: { format }, store: cookieStore() },
    fromApacheDirectives(httpd),
    { crypto, store: fileStore({ path: '/srv/sessions', sharedUnsealed }) },
    { crypto, store: fileStore({ path: '/tmp' }) },
  ];
}

const poorRows = () => poorOptions().flatMap((options) => auditOptions(options, { production: true }));

/** The texts of the findings of formats and stores, each once. A remedy that depends on what was found is left out. */
function foreignTexts(): RuleText[] {
  const texts = new Map(poorRows().map((row) => [row.code, row]));
  return [...texts.values()].filter(({ code }) => !ruleCodes.has(code)).map(generalized);
}

/** Replaces what depends on this machine or on one directive. */
function generalized(row: AuditRow): RuleText {
  if (row.code === 'apache-directive')
    return {
      ...row,
      setting: 'directives line N',
      why: 'the message says it',
      remedy: 'the message says it',
    };
  if (row.code === 'apache-short-passphrase') return { ...row, why: row.why.replace('5 bytes', 'N bytes') };
  return { ...row, remedy: row.remedy.replace(/-o \d+/, '-o UID') };
}

async function pageOf(): Promise<string> {
  const themes = Object.entries(AUDIT_THEMES).map(([theme, rules]) => {
    const all = theme === 'Cookie' ? [...rules, CONTENDED_COOKIE] : rules;
    return `## ${theme}\n\n${tableOf(all, quickStart)}`;
  });
  const foreign = `## Formats and stores of other programs\n\nThese rows come from \`apache()\`, \`fromApacheDirectives()\` and \`fileStore()\`. The secrets of \`apache()\` have the rows of\n"Secrets" too.\n\n${tableOf(foreignTexts())}`;
  const site = `## A running site\n\nThese rows come in addition to the rows of "Cookie", which judge each session cookie that the site sets.\n\n${tableOf([...SITE_RULES, COOKIE_SIZE])}`;
  return format([HEAD, ...themes, foreign, site, ''].join('\n\n'), {
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

  it('gives each rule and each row a recommended value, a reason, a remedy and a source', () => {
    const rules = [...AUDIT_RULES, ...SITE_RULES, COOKIE_SIZE, CONTENDED_COOKIE, ...foreignTexts()];
    const contended = { path: '/a', crypto: { audience: 'a' } };
    const rows = auditOptions({ crypto: { secrets: [SECRET] }, contexts: [contended] });
    for (const one of [...rules, ...rows, ...quickStart, ...poorRows()]) {
      const { code, setting, recommended, why, remedy, source } = one;
      for (const text of [code, setting, recommended, why, remedy, source])
        expect([code, text]).toEqual([code, expect.stringMatching(/\S/)]);
    }
  });

  it('names every code of the audit', () => {
    const page = readFileSync(PAGE, 'utf8');
    for (const { code } of [...quickStart, ...poorRows()]) expect(page).toContain(`\`${code}\``);
  });

  it('judges only the store of the quick start as weak', () => {
    const poor = quickStart.filter(({ verdict }) => verdict === 'weak').map(({ code }) => code);
    expect(poor).toEqual(['replayable', 'no-revocation']);
    expect(quickStart.some(({ verdict }) => verdict === 'broken')).toBe(false);
  });
});
