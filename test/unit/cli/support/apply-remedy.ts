import {
  managedRing,
  memoryKeyStore,
  type AuditEnvironment,
  type SessionCryptoOptions,
  type SessionFormat,
} from 'nestjs-session-crypto';
import { fileStore } from 'nestjs-session-crypto/php';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { run } from '../../../../lib/cli/run.js';
import { capture } from './site.js';

/** Options, and the configuration of another program that they were read from, if any. */
export interface Setup {
  readonly options?: SessionCryptoOptions;
  readonly environment?: AuditEnvironment;
  /** The options of another server that shares the sessions. */
  readonly peer?: SessionCryptoOptions;
  /** The text of a php.ini or of httpd's configuration. */
  readonly text?: string;
}

type Tree = Record<string, unknown>;

/** What a person does who reads a remedy, each with the words that tell him. The first words that fit count. */
const READINGS: readonly (readonly [RegExp, (found: string[], setup: Setup) => Setup | Promise<Setup>])[] = [
  [
    /^(?:make a (?:secret|passphrase) with npx nestjs-session-crypto secret)/,
    (_, setup) => withSecret(setup),
  ],
  [
    /^use \{ passphraseFile: '([^']+)' \}/,
    ([file], setup) => inText(setup, /^SessionCryptoPassphrase .*$/m, `SessionCryptoPassphraseFile ${file}`),
  ],
  [
    /^use (\{ file: '[^']+' \})/,
    (_, setup) => inOptions(setup, 'crypto.secrets', [{ file: '/run/secrets/session' }]),
  ],
  [
    /^run chmod 600 on the file and remove othersMayRead/,
    (_, setup) => inOptions(setup, 'crypto.secrets', [{ file: '/run/secrets/session' }]),
  ],
  [
    /^read secrets from files, programs or functions, and remove (crypto\.reload)/,
    ([path], setup) =>
      inOptions(inOptions(setup, path!, undefined), 'crypto.secrets', [{ file: '/run/secrets/session' }]),
  ],
  [
    /^remove the secrets that were replaced/,
    (_, setup) =>
      inOptions(setup, 'crypto.secrets', (setup.options!.crypto.secrets as unknown[]).slice(0, 1)),
  ],
  [/^use typeOrmStore\(\)/, (_, setup) => inOptions(setup, 'store', typeOrmStore())],
  [/write store\.path: '([^']+)'/, ([path], setup) => inOptions(setup, 'store', fileStore({ path: path! }))],
  [
    /^write (Session\w+ \w+) in httpd/,
    ([line], setup) => inText(setup, new RegExp(`^${line!.split(' ')[0]} .*$`, 'm'), line!),
  ],
  [
    /remove (AuthType form) there and auth here/,
    ([line], setup) => inText(setup, new RegExp(`^${line} *$`, 'mi'), ''),
  ],
  [
    /^add SessionCryptoPassphrase or SessionCryptoPassphraseFile/,
    (_, { text }) => ({ text: `${text}\nSessionCryptoPassphraseFile /run/secrets/httpd` }),
  ],
  [
    /^remove \w+, and (Session\w+|AuthType form) from httpd/,
    ([line], setup) => inText(setup, new RegExp(`^${line} .*$`, 'mi'), ''),
  ],
  [
    /\(httpd: (SessionMaxAge \d+)/,
    ([line], setup) =>
      setup.text?.includes('SessionMaxAge')
        ? inText(setup, /^SessionMaxAge .*$/m, line!)
        : inOptions(setup, 'session.idleTimeout', Number(line!.split(' ')[1])),
  ],
  [
    /^write ((?:session|arg|url)[\w.]+) = (\S*)/,
    ([name, value], setup) =>
      inText(
        setup,
        new RegExp(`^${name!.replaceAll('.', '\\.')}\\s*=.*$|$(?![\\s\\S])`, 'm'),
        `\n${name} = ${value}`,
      ),
  ],
  [
    /^add ((?:;\w+)+)/,
    ([attributes], setup) => inText(setup, /^(Session\w*CookieName .*)$/m, `$1${attributes}`),
  ],
  [
    /^make crypto, cookie, id, store and contexts equal on all servers/,
    (_, { peer }) => ({ options: peer! }),
  ],
  [
    /^redirect all http requests, send HSTS for a year/,
    (_, setup) => inEnvironment(setup, { https: true, hsts: true }),
  ],
  [
    /^call app\.set\('trust proxy', 'loopback'\)/,
    (_, setup) => inEnvironment(setup, { proxyTrust: 'named' }),
  ],
  [
    /^set an earlier until/,
    (_, setup) =>
      inOptions(
        setup,
        'crypto.accept',
        setup.options!.crypto.accept!.map((one) => earlier(one, setup.environment!.now!)),
      ),
  ],
  [
    /migrate its sessions to typeOrmStore\(\) with crypto\.accept/,
    (_, { options }) => ({
      options: {
        crypto: {
          secrets: [{ file: '/run/secrets/session' }],
          accept: [options!.crypto.format as SessionFormat],
        },
        store: typeOrmStore(),
      },
    }),
  ],
  [/^remove it$/, (_, setup) => inText(setup, /^Session(?:DBD)?CookieName2 .*$/m, '')],
  [
    /^set ([a-z]+(?:\.\w+)+)(?:: |=| to )('[^']*'|\d+|true|false)/,
    ([path, value], setup) => inOptions(setup, path!, literal(value!)),
  ],
  [
    /^set (crypto\.ring): managedRing\(\{ store \}\)/,
    ([path], setup) => inOptions(setup, path!, managedRing({ store: memoryKeyStore() })),
  ],
  [/^set (crypto\.audience) to/, ([path], setup) => inOptions(setup, path!, 'shop.example')],
  [
    /^when you next change the secrets, set (crypto\.salt)/,
    ([path], setup) => inOptions(setup, path!, 'shop.example'),
  ],
  [/remove (prune|[a-z]+(?:\.[A-Za-z]+)+)/, ([path], setup) => inOptions(setup, path!, undefined)],
];

/** Does what a remedy says, and returns the setup after it. Throws if the remedy says nothing that can be done. */
export async function applyRemedy(remedy: string, setup: Setup): Promise<Setup> {
  for (const [words, act] of READINGS) {
    const found = words.exec(remedy);
    if (found) return act(found.slice(1), setup);
  }
  throw new Error(`nobody can do this: ${remedy}`);
}

const literal = (text: string): unknown => (text.startsWith("'") ? text.slice(1, -1) : JSON.parse(text));

const inEnvironment = (setup: Setup, facts: AuditEnvironment): Setup => ({
  ...setup,
  environment: { ...setup.environment, ...facts },
});

const earlier = <F extends { readonly migrationSource?: SessionFormat['migrationSource'] }>(
  format: F,
  now: Date,
): F => ({
  ...format,
  migrationSource: { ...format.migrationSource!, until: new Date(now.getTime() + 30 * 86_400_000) },
});

/** Writes one option, or removes it. */
function inOptions(setup: Setup, path: string, value: unknown): Setup {
  const change = ([head = '', ...rest]: string[], tree: Tree): Tree => {
    const { [head]: old, ...others } = tree;
    if (rest.length) return { ...others, [head]: change(rest, Object(old) as Tree) };
    return value === undefined ? others : { ...others, [head]: value };
  };
  return { options: change(path.split('.'), setup.options as unknown as Tree) as never };
}

function inText(setup: Setup, line: RegExp, by: string): Setup {
  if (setup.text === undefined || !line.test(setup.text)) throw new Error(`there is no ${line} to change`);
  return { text: setup.text.replace(line, by) };
}

async function withSecret(setup: Setup): Promise<Setup> {
  const { said, output } = capture();
  await run(['secret'], output);
  const secret = said.out.trim();
  return setup.text !== undefined && /^SessionCryptoPassphrase /m.test(setup.text)
    ? inText(setup, /^SessionCryptoPassphrase .*$/m, `SessionCryptoPassphrase ${secret}`)
    : inOptions(setup, 'crypto.secrets', [secret]);
}
