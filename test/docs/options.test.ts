import { writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import type { SessionCryptoOptions } from 'nestjs-session-crypto';
import { resolveOptions } from '../../lib/options/resolve-options.js';
import { isPlain, messagesOf, read, ROWS, urlOf, withValue, type Row } from './option-rows.js';

const PAGE = 'docs/options.md';

const HEAD = `# Options

This page lists everything that \`SessionCryptoModule.forRoot()\` takes. Durations are whole seconds unless an option names
another unit. Ranges include both ends. A wrong option stops the start, and the error lists all faults at once.

\`forRoot({ …options, isGlobal, name, mount })\` takes three more options in the same object. \`forRootAsync\` takes them
beside \`useFactory\`, not in the object that the factory returns.

- \`isGlobal\` (default \`true\`): all modules see the session's providers.
- \`name\` (default \`'default'\`): the name of the session. Each of several sessions has its own name, and by default its own
  cookie, \`__Host-sid-NAME\`.
- \`mount\` (default \`true\`): the middleware covers all routes. With \`false\`, apply \`SessionService.middleware\` yourself.

The table is made from the comments in \`lib/options/*-options.interface.ts\` by \`UPDATE_DOCS=1 npx vitest run test/docs\`.
`;

const lineOf = ({ path, meaning, allowed, initial, see }: Row) =>
  `| ${[`\`${path}\``, meaning, allowed, initial, see].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

describe('docs/options.md', () => {
  it('says what the option types say', async () => {
    const head = ['| option | meaning | allowed | default | as in |', '| --- | --- | --- | --- | --- |'];
    const table = [...head, ...ROWS.map(lineOf)].join('\n');
    const page = await format(`${HEAD}\n${table}\n`, { parser: 'markdown', printWidth: 110 });
    if (process.env['UPDATE_DOCS']) writeFileSync(urlOf(PAGE), page);
    expect(ROWS.length).toBeGreaterThan(60);
    expect(read(PAGE)).toBe(page);
  });

  it.each(ROWS)('has the meaning, the allowed values and the default of $path', (row) => {
    const isGroup = row.path === 'id.refererCheck';
    expect(row.meaning).toMatch(/\.$/);
    expect(row.initial).not.toBe('');
    expect(row.allowed === '').toBe(isGroup);
  });

  it.each(ROWS.filter(({ allowed }) => /^\d+ to \d+$/.test(allowed)))(
    'has the range that is checked: $path is $allowed',
    ({ path, allowed }) => {
      const [min, max] = allowed.split(' to ').map(Number) as [number, number];
      for (const value of [min - 1, max + 1])
        expect(messagesOf(withValue(path, value))).toMatch(
          new RegExp(`${path}: is ${value}; allowed is a whole number of \\w+ from ${min} to ${max}`),
        );
    },
  );

  it.each(
    ROWS.filter(({ allowed }) => /^(?:'[\w-]+'|true|false)(?:, (?:'[\w-]+'|true|false))*$/.test(allowed)),
  )('has the choices that are checked: $path is $allowed', ({ path, allowed }) => {
    const choices = allowed.replaceAll("'", '"').split(', ').toSorted();
    const all = messagesOf(withValue(path, 'nothing of the kind'));
    const said = all.split('\n').find((line) => line.includes(`- ${path}: `)) ?? all; // a group may lack another option
    const listed = /(?:allowed are|it has) ([^;\n]*)/.exec(said)?.[1] ?? '';
    expect(listed.split(', ').map(quoted).toSorted()).toEqual(choices);
  });

  it.each(
    ROWS.filter(isPlain).filter(({ initial }) =>
      /^(?:'[\w/-]*'|\d+|true|false|\[.*\]|\{.*\})$/.test(initial),
    ),
  )('has the default that is in force: $path is $initial', ({ path, initial }) => {
    const value = new Function(`return ${initial}`)() as unknown;
    expect(resolvedText(withValue(path, value))).toBe(resolvedText(withValue('cookie', {})));
  });
});

const quoted = (text: string) => (/^(?:"|true|false)/.test(text) ? text : `"${text}"`);

const resolvedText = (options: SessionCryptoOptions) => JSON.stringify(resolveOptions(options));
