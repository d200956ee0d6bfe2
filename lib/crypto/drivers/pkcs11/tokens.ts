import { CKF_TOKEN } from './constants.js';
import { CryptokiError } from './cryptoki.error.js';
import { SCRATCH, type Cryptoki } from './cryptoki.js';
import { ParamFault } from './param.fault.js';
import type { TOKEN_NAMES } from './token-names.js';

/** A token that is present and set up. */
export interface Token {
  readonly slot: bigint;
  readonly label: string;
  readonly serial: string;
  /** Bits of {@link CKF_TOKEN}. */
  readonly flags: number;
}

/** How the parameters name a token. */
export interface TokenChoice {
  readonly by: (typeof TOKEN_NAMES)[number];
  readonly value: string;
}

/** CK_TOKEN_INFO: label(32) ‖ manufacturer(32) ‖ model(16) ‖ serial(16) ‖ flags(8) ‖ …          blank padded */
const LABEL = { at: 0, length: 32 };
const SERIAL = { at: 80, length: 16 };
const FLAGS_AT = 96;
const TOKENS_PRESENT = 1;

/** The one token that a choice names; throws a ParamFault that lists those there are. */
export function findToken(cryptoki: Cryptoki, { by, value }: TokenChoice): Token {
  const tokens = listTokens(cryptoki);
  const found = tokens.filter((token) => String(token[by]) === value);
  if (found.length === 1) return found[0]!;
  const said = found.length ? `names ${found.length} tokens` : 'names no token that is there';
  throw new ParamFault(by, `${said}; ${describe(tokens)}`, 'token not found');
}

function listTokens(cryptoki: Cryptoki): Token[] {
  return cryptoki.list('C_GetSlotList', TOKENS_PRESENT).flatMap((slot) => readToken(cryptoki, slot) ?? []);
}

/** `undefined` for a token that is not set up, or whose slot does not answer. */
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
  if (!tokens.length) return 'the library shows no token that is set up; has this user the right to see it?';
  const names = tokens.map(({ slot, label, serial }) => `${slot} (label "${label}", serial "${serial}")`);
  return `there are the slots ${names.join(', ')}`;
}
