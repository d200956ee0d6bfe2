import { CKF_TOKEN } from './constants.js';
import { CryptokiError } from './cryptoki.error.js';
import { SCRATCH, type Cryptoki } from './cryptoki.js';
import { ParamFault } from './param.fault.js';
import type { TOKEN_NAMES } from './token-names.js';

/** A token that is present and initialised. */
export interface Token {
  readonly slot: bigint;
  readonly label: string;
  readonly serial: string;
  /** Bits of {@link CKF_TOKEN}. */
  readonly flags: number;
}

/** The name of the token in the parameters. */
export interface TokenChoice {
  readonly by: (typeof TOKEN_NAMES)[number];
  readonly value: string;
}

/** Fields of CK_TOKEN_INFO. Texts are padded with blanks:
 *
 *      label(32) ‖ manufacturer(32) ‖ model(16) ‖ serial(16) ‖ flags(8) ‖ … */
const LABEL = { at: 0, length: 32 };
const SERIAL = { at: 80, length: 16 };
const FLAGS_AT = 96;
/** Argument of C_GetSlotList: only slots with a token. */
const TOKENS_PRESENT = 1;

/** Returns the one token that a choice names. Throws a ParamFault, which lists all tokens, if there is none or more than
 *  one. */
export function findToken(cryptoki: Cryptoki, { by, value }: TokenChoice): Token {
  const tokens = listTokens(cryptoki);
  const found = tokens.filter((token) => String(token[by]) === value);
  if (found.length === 1) return found[0]!;
  const count = found.length ? `names ${found.length} tokens` : 'names no token that is present';
  throw new ParamFault(by, `${count}; ${describe(tokens)}`, 'token not found');
}

function listTokens(cryptoki: Cryptoki): Token[] {
  return cryptoki.list('C_GetSlotList', TOKENS_PRESENT).flatMap((slot) => readToken(cryptoki, slot) ?? []);
}

/** Returns the token in a slot, or `undefined` if it is not initialised or its slot reports an error. */
function readToken(cryptoki: Cryptoki, slot: bigint): Token | undefined {
  const { memory } = cryptoki;
  try {
    cryptoki.call('C_GetTokenInfo', slot, memory.at(SCRATCH.info));
  } catch (error) {
    if (error instanceof CryptokiError) return undefined;
    throw error;
  }
  const text = ({ at, length }: typeof LABEL) =>
    memory.bytes.toString('utf8', SCRATCH.info + at, SCRATCH.info + at + length).trimEnd();
  const flags = Number(memory.word(SCRATCH.info + FLAGS_AT));
  const isReady = flags & CKF_TOKEN.TOKEN_INITIALIZED;
  return isReady ? { slot, label: text(LABEL), serial: text(SERIAL), flags } : undefined;
}

function describe(tokens: readonly Token[]): string {
  if (!tokens.length) return 'the library shows no initialised token; may this user access it?';
  const names = tokens.map(({ slot, label, serial }) => `${slot} (label "${label}", serial "${serial}")`);
  return `the library shows the slots ${names.join(', ')}`;
}
