import { SessionConfigError } from '../../../errors/session-config.error.js';
import { loadPeer } from '../../../peers/load-peer.js';
import type { KeySource } from '../../key-source.interface.js';
import type { DriverParams } from '../driver-row.interface.js';
import { CKM } from './constants.js';
import { Cryptoki } from './cryptoki.js';
import { CryptokiError } from './cryptoki.error.js';
import type { Koffi } from './native.js';
import { ParamFault } from './param.fault.js';
import { Pkcs11Driver } from './pkcs11.driver.js';
import { testHmac } from './test-hmac.js';
import { TokenConnection } from './token-connection.js';
import { TOKEN_NAMES } from './token-names.js';
import type { TokenChoice } from './tokens.js';

/** Opens the driver over the token that the parameters name, and logs in. The parameters have been checked.
 *
 *  Rejects with a SessionConfigError if this machine, the library, the token or the PIN does not allow it. */
export async function openPkcs11(params: DriverParams, path: string): Promise<Pkcs11Driver> {
  const reason = unsupportedPlatform();
  if (reason) throw fault(path, `"pkcs11" ${reason}`);
  const koffi = await loadPeer<Koffi>('koffi', path);
  const cryptoki = loadLibrary(koffi, params['library'] as string);
  const connection = new TokenConnection(cryptoki, choiceOf(params), params['pin'] as KeySource | undefined);
  await openAndTest(connection);
  return new Pkcs11Driver(connection);
}

/** Returns the reason why this machine cannot run the driver, or `undefined` if it can. */
export async function missingOf(): Promise<string | undefined> {
  const koffi = () => loadPeer('koffi', '').then(() => undefined, messageOf);
  return unsupportedPlatform() ?? koffi();
}

/** Returns the reason why the structs of this platform differ from those of {@link Cryptoki}, which are those of Unix on 64
 *  bits. */
function unsupportedPlatform(): string | undefined {
  if (process.platform === 'win32')
    return 'does not support Windows, where the structs of PKCS#11 are packed';
  if (/^(?:arm|ia32|mips|mipsel|ppc|s390)$/.test(process.arch)) return 'needs a 64-bit machine';
  return undefined;
}

function messageOf(error: unknown): string {
  return error instanceof SessionConfigError ? error.faults[0]!.message : 'needs the package koffi';
}

function loadLibrary(koffi: Koffi, library: string): Cryptoki {
  try {
    return new Cryptoki(koffi, library);
  } catch (error) {
    if (error instanceof CryptokiError)
      throw paramFault('library', `is not a PKCS#11 library of version 2: ${error.message}`);
    throw paramFault('library', `cannot be loaded as a PKCS#11 library: ${Object(error).message}`);
  }
}

function choiceOf(params: DriverParams): TokenChoice {
  const by = TOKEN_NAMES.find((name) => params[name] !== undefined)!;
  return { by, value: String(params[by]) };
}

/** Opens the first session and tests the token's HMAC: the self-test at start runs in Node's OpenSSL and never reaches the
 *  token. Closes the connection if the token cannot serve. */
async function openAndTest(connection: TokenConnection): Promise<void> {
  try {
    const session = await connection.start();
    const mechanisms = connection.cryptoki.list('C_GetMechanismList', session.slot).map(Number);
    if (!mechanisms.includes(CKM.SHA512_HMAC))
      throw paramFault(
        'library',
        'leads to a token without CKM_SHA512_HMAC, which the driver derives all keys with; choose another token',
      );
    const wrong = await testHmac(session);
    if (wrong) throw fault('crypto.driver', `"pkcs11" fails its self-test: ${wrong}`);
  } catch (error) {
    connection.close();
    throw startFault(error);
  }
}

function startFault(error: unknown): unknown {
  if (error instanceof ParamFault) return paramFault(error.param, error.message);
  if (error instanceof CryptokiError)
    return paramFault('library', `cannot be used: ${error.message}${hintOf(error)}`);
  return error;
}

/** SoftHSM returns this code, and no reason, if the user may not read its configuration or its folder of tokens. */
const hintOf = (error: CryptokiError): string =>
  error.call === 'C_Initialize' && error.is('GENERAL_ERROR')
    ? "; may this user read the library's configuration?"
    : '';

const fault = (path: string, message: string) => new SessionConfigError([{ path, message }]);
const paramFault = (param: string, message: string) => fault(`crypto.driverParams.${param}`, message);
