import { nearestName } from '../../errors/nearest-name.js';
import { DIRECTIVES, rowsOf, type Arguments, type Directive } from './directive-table.js';

/** Directives of mod_dbd and mod_auth_form that do not concern sessions: contexts, arguments, names. Their values are
 *  checked, because httpd does not start with a wrong one, and not kept. */
const OTHER_DIRECTIVES: readonly (readonly [contexts: string, Arguments, names: string])[] = [
  ['SV', 'digits', 'DBDExptime DBDKeep DBDMax DBDMin'],
  ['SV', 'flag', 'DBDPersist'],
  ['SV', 'word', 'DBDInitSQL'],
  ['DH', 'flag', 'AuthFormAuthoritative AuthFormDisableNoStore AuthFormFakeBasicAuth'],
  [
    'DH',
    'field',
    'AuthFormBody AuthFormLocation AuthFormMethod AuthFormMimetype AuthFormPassword AuthFormUsername',
  ],
  [
    'DH',
    'expressionOfRequest',
    'AuthFormLoginRequiredLocation AuthFormLoginSuccessLocation AuthFormLogoutLocation',
  ],
  ['DH', 'words', 'AuthFormProvider'],
  ['D', 'size', 'AuthFormSize'],
];

const OTHERS = OTHER_DIRECTIVES.flatMap(([contexts, args, names]) =>
  rowsOf(
    'other',
    names.split(' ').map((name) => [name, args, undefined, '', contexts, 'none', '', ''] as const),
  ),
);

const KNOWN = [...DIRECTIVES, ...OTHERS];
const BY_NAME = new Map(KNOWN.map((one) => [one.name.toLowerCase(), one]));
const NAMES = KNOWN.map(({ name }) => name);

/** Names for which a near miss is taken as a misspelling. No directive of another module is near one of these. */
const DISTINCT_NAMES = NAMES.filter((name) => /^(?:Session|DBD)/.test(name));
/** Maximum number of characters of a name that a message shows. */
const LONGEST = 40;

/** Names from guides on the web that httpd does not have, with what to write instead. */
const INVENTED = new Map([
  ['sessioncrypto', 'write Session On and SessionCryptoPassphrase'],
  ['sessioncryptodigest', 'the digest is fixed; SessionCryptoCipher sets the cipher'],
  ['sessioncryptohash', 'the digest is fixed; SessionCryptoCipher sets the cipher'],
  ['sessioncryptoiv', 'the IV is random; SessionCryptoPassphrase sets the key'],
]);

/** Returns the row of a directive. The case of the name does not matter. */
export const directiveOf = (name: string): Directive | undefined => BY_NAME.get(name.toLowerCase());

/** True if the directive's value is only checked. */
export const isOnlyChecked = ({ module }: Directive): boolean => module === 'other';

/** True if the directive makes or changes a session, so that it must not be lost. */
export const isAboutSessions = ({ module }: Directive): boolean => module.startsWith('mod_session');

/** True if a name seems to belong to one of the modules that are read here. */
export const looksLikeOurs = (name: string): boolean => /^(?:Session|AuthForm|DBD)/i.test(name);

/** Returns the fault of a name that is in no table, or `undefined` if another module may have that directive. */
export function unknownNameFault(name: string): string | undefined {
  const short = name.slice(0, LONGEST);
  const invented = INVENTED.get(name.toLowerCase());
  if (invented) return `${short} does not exist in httpd: ${invented}`;
  const candidates = looksLikeOurs(name) ? NAMES : DISTINCT_NAMES;
  const near = name.length <= LONGEST ? nearestName(name, candidates) : undefined;
  if (near) return `${short} is unknown; is ${near} meant?`;
  return looksLikeOurs(name) ? `${short} is unknown; known are ${NAMES.join(', ')}` : undefined;
}

/** Returns the name of the directive that makes a setting, for a message. */
export const nameOf = (key: Directive['key']): string => DIRECTIVES.find((one) => one.key === key)!.name;
