import { nearestName } from '../../options/nearest-name.js';
import { DIRECTIVES, rowsOf, type Directive } from './directive-table.js';

/** Directives of mod_dbd and mod_auth_form that say nothing about sessions, by the places where they may stand. */
const LEFT: Readonly<Record<string, string>> = {
  SV: 'DBDExptime DBDInitSQL DBDKeep DBDMax DBDMin DBDPersist',
  DH:
    'AuthFormAuthoritative AuthFormBody AuthFormDisableNoStore AuthFormFakeBasicAuth AuthFormLocation ' +
    'AuthFormLoginRequiredLocation AuthFormLoginSuccessLocation AuthFormLogoutLocation AuthFormMethod ' +
    'AuthFormMimetype AuthFormPassword AuthFormProvider AuthFormUsername',
  D: 'AuthFormSize',
};

const OTHERS = Object.entries(LEFT).flatMap(([contexts, names]) =>
  rowsOf(
    'left',
    names.split(' ').map((name) => [name, 'left', undefined, '', contexts, 'none', '', ''] as const),
  ),
);

const KNOWN = [...DIRECTIVES, ...OTHERS];
const BY_NAME = new Map(KNOWN.map((one) => [one.name.toLowerCase(), one]));
const NAMES = KNOWN.map(({ name }) => name);
/** No other directive of httpd is near to one of these. */
const MISSPELT = NAMES.filter((name) => /^(?:Session|DBD)/.test(name));
const LONGEST = 40;

/** Names that guides on the web give, and what is meant. */
const INVENTED = new Map([
  ['sessioncrypto', 'write Session On and SessionCryptoPassphrase'],
  ['sessioncryptodigest', 'the digest is fixed; SessionCryptoCipher sets the cipher'],
  ['sessioncryptohash', 'the digest is fixed; SessionCryptoCipher sets the cipher'],
  ['sessioncryptoiv', 'the iv is random; SessionCryptoPassphrase sets the key'],
]);

/** The row of a directive in any case of letters. */
export const directiveOf = (name: string): Directive | undefined => BY_NAME.get(name.toLowerCase());

/** Whether it makes a session or changes one, and so must not be lost. */
export const isAboutSessions = ({ module }: Directive): boolean => module.startsWith('mod_session');

/** Whether a name looks as if it belonged to the modules that are read here. */
export const looksLikeOurs = (name: string): boolean => /^(?:Session|AuthForm|DBD)/i.test(name);

/** Why a name that is in no table can't be skipped; `undefined` when it is somebody else's. */
export function unknownName(name: string): string | undefined {
  const short = name.slice(0, LONGEST);
  const invented = INVENTED.get(name.toLowerCase());
  if (invented) return `${short} does not exist in httpd: ${invented}`;
  const near = name.length <= LONGEST ? nearestName(name, looksLikeOurs(name) ? NAMES : MISSPELT) : undefined;
  if (near) return `${short} is unknown; is ${near} meant?`;
  return looksLikeOurs(name) ? `${short} is unknown; known are ${NAMES.join(', ')}` : undefined;
}

/** The directive that makes a setting, for a message. */
export const nameOf = (key: Directive['key']): string => DIRECTIVES.find((one) => one.key === key)!.name;
