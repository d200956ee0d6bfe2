import { SessionConfigError } from '../../../errors/session-config.error.js';
import { SessionDriverError } from '../../../errors/session-driver.error.js';
import { loadPeer } from '../../../peers/load-peer.js';
import type { KeySource } from '../../key-source.interface.js';
import { testExpand } from '../../self-test.js';
import type { DriverParams } from '../driver-row.interface.js';
import { Cryptoki } from './cryptoki.js';
import { CryptokiError } from './cryptoki.error.js';
import { EpochDriver } from './epoch.driver.js';
import type { Koffi } from './native.js';
import { ParamFault } from './param.fault.js';
import { NEEDED_MECHANISM, Pkcs11Driver } from './pkcs11.driver.js';
import { TokenConnection } from './token-connection.js';
import { TOKEN_NAMES } from './token-names.js';
import type { TokenChoice } from './tokens.js';

/** The driver over the token that the parameters name, logged in. Rejects with a SessionConfigError. */
export async function openPkcs11(params: DriverParams, path: string): Promise<Pkcs11Driver | EpochDriver> {
  const why = unfit();
  if (why) throw fault(path, `"pkcs11" ${why}`);
  const koffi = await loadPeer<Koffi>('koffi', path);
  const cryptoki = loadLibrary(koffi, params['library'] as string);
  const connection = new TokenConnection(cryptoki, choiceOf(params), params['pin'] as KeySource | undefined);
  const driver = new Pkcs11Driver(connection, await mechanismsOf(connection));
  if (params['epoch'] === undefined) return driver;
  await testToken(driver);
  return new EpochDriver(driver, params['epoch'] as number);
}

/** What this machine lacks, or `undefined`. */
export async function missingOf(): Promise<string | undefined> {
  const koffi = () => loadPeer('koffi', '').then(() => undefined, messageOf);
  return unfit() ?? koffi();
}

/** The structures are laid out as Unix does on 64 bits; on Windows they are packed. */
function unfit(): string | undefined {
  if (process.platform === 'win32')
    return 'has not been tried on Windows, where PKCS#11 packs its structures';
  if (/^(?:arm|ia32|mips|mipsel|ppc|s390)$/.test(process.arch)) return 'needs a machine of 64 bits';
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
      throw paramFault('library', `is no PKCS#11 library of version 2: ${error.message}`);
    throw paramFault('library', `cannot be loaded as a PKCS#11 library: ${Object(error).message}`);
  }
}

function choiceOf(params: DriverParams): TokenChoice {
  const by = TOKEN_NAMES.find((name) => params[name] !== undefined)!;
  return { by, value: String(params[by]) };
}

async function mechanismsOf(connection: TokenConnection): Promise<ReadonlySet<number>> {
  try {
    const { slot } = await connection.start();
    const mechanisms = new Set(connection.cryptoki.list('C_GetMechanismList', slot).map(Number));
    if (mechanisms.has(NEEDED_MECHANISM)) return mechanisms;
    throw paramFault('library', 'leads to a token without CKM_SHA512_HMAC, which all keys are derived with');
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

/** SoftHSM answers so, and says no more, when its configuration or its folder of tokens is closed to the user. */
const hintOf = (error: CryptokiError): string =>
  error.call === 'C_Initialize' && error.is('GENERAL_ERROR')
    ? "; may this user read the library's configuration?"
    : '';

/** Known answers go through the token only where messages do; elsewhere its HMAC is asked for one here. */
async function testToken(driver: Pkcs11Driver): Promise<void> {
  try {
    const wrong = await testExpand(driver);
    if (wrong) throw fault('crypto.driver', `"pkcs11" fails its self-test: ${wrong}`);
  } catch (error) {
    if (error instanceof SessionDriverError) return; // a token that takes no keys from outside
    driver.close();
    throw error;
  }
}

const fault = (path: string, message: string) => new SessionConfigError([{ path, message }]);
const paramFault = (param: string, message: string) => fault(`crypto.driverParams.${param}`, message);
