import type { KeySource } from '../../key-source.interface.js';
import { CKF_TOKEN, CKU_USER } from './constants.js';
import { CryptokiError } from './cryptoki.error.js';
import { ParamFault } from './param.fault.js';
import { refusedPins } from './refused-pins.js';
import type { TokenSession } from './token-session.js';
import type { Token } from './tokens.js';

/** Logs in where the token asks for it: once, since tokens count wrong PINs and lock. The PIN is read from its source
 *  each time and wiped; throws a ParamFault when it is not taken. */
export async function logIn(session: TokenSession, token: Token, pin: KeySource | undefined): Promise<void> {
  if (!(token.flags & CKF_TOKEN.LOGIN_REQUIRED)) return;
  refuseRisk(token);
  if (pin) return withPin(pin, (bytes) => offer(session, token, bytes));
  if (token.flags & CKF_TOKEN.PROTECTED_AUTHENTICATION_PATH) return ask(session, null);
  throw refused(
    'is missing, and the token asks for one: a text, { file }, "file:name", { exec: [program, …] } or a function',
    'pin missing',
  );
}

/** A program that is started again and again with a wrong PIN must not take the last try. */
function refuseRisk({ flags }: Token): void {
  if (flags & CKF_TOKEN.USER_PIN_LOCKED)
    throw refused('is locked: the security officer has to set it anew', 'CKR_PIN_LOCKED');
  if (flags & CKF_TOKEN.USER_PIN_FINAL_TRY)
    throw refused(
      'was wrong so often that the next wrong one locks the token; log in once by hand with the right one, then start again',
      'last try',
    );
}

function offer(session: TokenSession, { serial }: Token, pin: Uint8Array): void {
  const code = refusedPins.get(serial, pin);
  if (code) throw pinRefused(code);
  ask(session, pin, (answer) => refusedPins.add(serial, pin, answer));
}

function ask(
  session: TokenSession,
  pin: Uint8Array | null,
  wasRefused: (code: string) => void = () => undefined,
): void {
  try {
    session.login(CKU_USER, pin);
  } catch (error) {
    if (!(error instanceof CryptokiError)) throw error;
    if (error.is('USER_ALREADY_LOGGED_IN')) return; // somebody else in this process
    if (!error.isPin) throw error;
    wasRefused(error.code);
    throw pinRefused(error.code);
  }
}

async function withPin(source: KeySource, use: (pin: Buffer) => void): Promise<void> {
  const pins = await source.read();
  try {
    use(pins[0]!.bytes);
  } finally {
    for (const { bytes } of pins) bytes.fill(0);
  }
}

const refused = (message: string, reason: string) => new ParamFault('pin', message, reason, true);
const pinRefused = (code: string) =>
  refused(`was refused by the token (${code}); it was tried once and is not tried again`, code);
