import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromApacheDirectives } from '../../lib/apache/index.js';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp } from '../support/script-app.js';
import { Visitor } from '../support/visitor.js';
import { ALICE, USER_FILE } from './support/accounts.js';
import { FORM_MODULES } from './support/form.js';
import { startHttpd, type Httpd } from './support/httpd.mjs';
import { live } from './support/live.js';

/** Each as it stands after `AuthName`. */
const NAMES = [
  String.raw`realm`,
  String.raw`"my realm"`,
  String.raw`"say \"hi\""`,
  String.raw`"back\\slash"`,
  String.raw`"two\\\\slashes"`,
  String.raw`'it\'s'`,
  String.raw`"a tab\\tand \\101"`,
  String.raw`"100% for $5 and $a"`,
  String.raw`"no \\%{HTTP_HOST}"`,
  String.raw`"quoted \\\"again\\\""`,
  'grün',
];

const session = `
Session On
SessionCookieName session path=/
SessionCryptoPassphrase "a passphrase of the realms"
`;
const form = (name: string) => `AuthType Form\nAuthName ${name}\n`;
const login = (name: string, i: number) => `
<Location /${i}>
${form(name)}
SetHandler form-login-handler
AuthFormProvider file
AuthUserFile "\${ROOT}/users"
AuthFormLoginSuccessLocation "/"
Require all granted
</Location>
`;

describe.skipIf(!live)('a user whom httpd admitted', () => {
  let httpd: Httpd;

  beforeAll(async () => {
    httpd = await startHttpd({
      modules: FORM_MODULES,
      files: { users: USER_FILE },
      config: session + NAMES.map(login).join(''),
    });
  });
  afterAll(() => httpd?.stop());

  it.each(NAMES.flatMap((name, i) => ADAPTER_NAMES.map((adapter) => ({ name, i, adapter }))))(
    'under AuthName $name is the subject on $adapter',
    async ({ name, i, adapter }) => {
      const visitor = new Visitor(httpd.url);
      const { status } = await visitor.submit(`/${i}`, {
        httpd_username: ALICE.name,
        httpd_password: ALICE.password,
      });
      expect([status, visitor.jar.size]).toEqual([302, 1]);
      const text = `${session}<Location />\n${form(name)}</Location>\n`;
      const verify = (user: string, password: string) => user === ALICE.name && password === ALICE.password;
      const client = (await ScriptApp.start(fromApacheDirectives(text, { verify }), adapter)).client();
      client.jar.set('session', visitor.jar.get('session')!);
      expect(await client.result(({ subject }) => subject)).toBe(ALICE.name);
    },
  );
});
