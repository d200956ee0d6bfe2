import type { KeySource } from '../../key-source.interface.js';
import { CKF_TOKEN, CKU_USER } from './constants.js';
import { CryptokiError } from './cryptoki.error.js';
import { ParamFault } from './param.fault.js';
import { refusedPins } from './refused-pins.js';
import type { TokenSession } from './token-session.js';
import type { Token } from './tokens.js';

/** Logs in to the token, if it requires a login. The PIN is offered once, since tokens count wrong PINs and lock. It is read
 *  from its source for each login and wiped afterwards. A token with a PIN pad is asked without a PIN.
 *
 *  Throws a ParamFault if the PIN is missing or refused, and rejects with whatever the source rejects with. */
export async function logIn(session: TokenSession, token: Token, pin: KeySource | undefined): Promise<void> {
  if (!(token.flags & CKF_TOKEN.LOGIN_REQUIRED)) return;
  refuseLockRisk(token);
  if (pin) return usePin(pin, (bytes) => offerPin(session, token, bytes));
  if (token.flags & CKF_TOKEN.PROTECTED_AUTHENTICATION_PATH) return login(session, null);
  throw pinFault(
    'is missing, and the token requires one; allowed are a text, { file }, "file:name", { exec: [program, …] } or a function',
    'pin missing',
  );
}

/** Throws if the PIN is locked, or if one more wrong PIN would lock it: a service manager that restarts the process again
 *  and again must not use up the last try. Nothing is offered, so a later call may look again. */
function refuseLockRisk({ flags }: Token): void {
  if (flags & CKF_TOKEN.USER_PIN_LOCKED)
    throw new ParamFault('pin', 'is locked; the security officer has to set a new one', 'CKR_PIN_LOCKED');
  if (flags & CKF_TOKEN.USER_PIN_FINAL_TRY)
    throw new ParamFault(
      'pin',
      'was wrong so often that the next wrong one locks the token; log in once by hand with the right one, then start again',
      'last try',
    );
}

/** Logs in with a PIN, unless this token has already refused it in this process. */
function offerPin(session: TokenSession, { serial }: Token, pin: Uint8Array): void {
  const code = refusedPins.get(serial, pin);
  if (code) throw pinRefused(code);
  if (refusedPins.areTooMany(serial)) throw pinFault(TOO_MANY, 'PINs refused');
  login(session, pin, (refusal) => refusedPins.add(serial, pin, refusal));
  refusedPins.accepted(serial);
}

/** `onRefused` gets the token's code if it refuses the PIN. */
function login(
  session: TokenSession,
  pin: Uint8Array | null,
  onRefused: (code: string) => void = () => undefined,
): void {
  try {
    session.login(CKU_USER, pin);
  } catch (error) {
    if (!(error instanceof CryptokiError)) throw error;
    if (error.is('USER_ALREADY_LOGGED_IN')) return; // a login counts for all sessions of the process with this token
    if (error.is('PIN_LOCKED') || error.is('USER_PIN_NOT_INITIALIZED'))
      throw new ParamFault(
        'pin',
        'is locked or was never set; the security officer has to set one',
        error.code,
      );
    if (!error.isPinRefusal) throw error;
    onRefused(error.code);
    throw pinRefused(error.code);
  }
}

async function usePin(source: KeySource, use: (pin: Buffer) => void): Promise<void> {
  const pins = await source.read();
  try {
    use(pins[0]!.bytes);
  } finally {
    for (const { bytes } of pins) bytes.fill(0);
  }
}

/** A final fault: no later call tries again with this PIN. */
const pinFault = (message: string, reason: string) => new ParamFault('pin', message, reason, true);
const pinRefused = (code: string) =>
  pinFault(`was refused by the token (${code}); it was tried once and is not tried again`, code);
const TOO_MANY =
  'was refused twice since the last login, each time another one; correct its source, then start again, so that no try locks the token';
