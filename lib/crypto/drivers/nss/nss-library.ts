import type * as Koffi from 'koffi';
import { SessionConfigError } from '../../../errors/session-config.error.js';
import { SessionDriverError } from '../../../errors/session-driver.error.js';
import { loadPeer } from '../../../peers/load-peer.js';

/** The package koffi, which calls native functions. It is an optional peer and loaded only if the driver is chosen. */
export type KoffiModule = typeof Koffi;

type NativeFunction = ReturnType<Koffi.LibraryHandle['func']>;

/** An address in native memory. */
export type Pointer = bigint;

/** SECSuccess in seccomon.h. Any other result is a failure, and `PR_GetError` has its code. */
export const SUCCESS = 0;

/** The C prototypes of the functions that we call, as in nss.h, pk11pub.h and NSPR's prerror.h. */
const PROTOTYPES = {
  NSS_IsInitialized: 'int NSS_IsInitialized()',
  NSS_NoDB_Init: 'int NSS_NoDB_Init(const char *configdir)',
  NSS_Initialize:
    'int NSS_Initialize(const char *configdir, const char *certPrefix, const char *keyPrefix, const char *secmodName, uint32_t flags)',
  PK11_IsFIPS: 'int PK11_IsFIPS()',
  PK11_GetInternalSlot: 'void *PK11_GetInternalSlot()',
  PK11_DoesMechanism: 'int PK11_DoesMechanism(void *slot, ulong type)',
  PK11_KeyGen: 'void *PK11_KeyGen(void *slot, ulong type, void *param, int keySize, void *wincx)',
  PK11_ImportSymKey:
    'void *PK11_ImportSymKey(void *slot, ulong type, int origin, ulong operation, void *key, void *wincx)',
  PK11_FreeSymKey: 'void PK11_FreeSymKey(void *key)',
  PK11_SignWithSymKey:
    'int PK11_SignWithSymKey(void *key, ulong mechanism, void *param, void *sig, void *data)',
  PK11_Encrypt:
    'int PK11_Encrypt(void *key, ulong mechanism, void *param, void *out, void *outLen, uint maxLen, void *data, uint dataLen)',
  PK11_Decrypt:
    'int PK11_Decrypt(void *key, ulong mechanism, void *param, void *out, void *outLen, uint maxLen, void *data, uint dataLen)',
  PK11_CreateContextBySymKey:
    'void *PK11_CreateContextBySymKey(ulong type, ulong operation, void *key, void *param)',
  PK11_CipherOp:
    'int PK11_CipherOp(void *context, void *out, void *outLen, int maxLen, void *data, int dataLen)',
  PK11_DestroyContext: 'void PK11_DestroyContext(void *context, int freeit)',
  PR_GetError: 'int PR_GetError()',
  PR_ErrorToName: 'const char *PR_ErrorToName(int code)',
} as const;

type Crypt = (
  key: Pointer,
  mechanism: number,
  param: Pointer,
  out: Uint8Array | Pointer,
  outLength: Pointer,
  room: number,
  data: Uint8Array,
  length: number,
) => number;

/** The same functions with their JavaScript types. C's PRBool and SECStatus are numbers. */
interface NssCalls {
  NSS_IsInitialized(): number;
  NSS_NoDB_Init(configdir: null): number;
  NSS_Initialize(dir: string, certPrefix: string, keyPrefix: string, secmod: string, flags: number): number;
  PK11_IsFIPS(): number;
  PK11_GetInternalSlot(): Pointer | null;
  PK11_DoesMechanism(slot: Pointer, mechanism: number): number;
  PK11_KeyGen(slot: Pointer, mechanism: number, param: null, length: number, wincx: null): Pointer | null;
  // prettier-ignore
  PK11_ImportSymKey(
    slot: Pointer, mechanism: number, origin: number, operation: number, key: Pointer, wincx: null,
  ): Pointer | null;
  PK11_FreeSymKey(key: Pointer): void;
  PK11_SignWithSymKey(key: Pointer, mechanism: number, param: null, mac: Pointer, data: Pointer): number;
  PK11_Encrypt: Crypt;
  PK11_Decrypt: Crypt;
  PK11_CreateContextBySymKey(
    mechanism: number,
    operation: number,
    key: Pointer,
    param: Pointer,
  ): Pointer | null;
  // prettier-ignore
  PK11_CipherOp(
    context: Pointer, out: Uint8Array | Pointer, outLength: Pointer, room: number, data: Uint8Array | Pointer, length: number,
  ): number;
  PK11_DestroyContext(context: Pointer, freeIt: 1): void;
  PR_GetError(): number;
  PR_ErrorToName(code: number): string | null;
}

/** libnss3, loaded and bound. */
export interface NssLibrary {
  readonly koffi: KoffiModule;
  readonly nss: NssCalls;
}

/** Loads the library and binds its functions; does not initialise it. `name` is `driverParams.library`, if given.
 *
 *  Rejects with a SessionConfigError if koffi or the library is missing, or if it is not NSS. The fault names `path`, the
 *  option `crypto.driver`, or `crypto.driverParams.library` if the operator gave a name. */
export async function loadNss(path: string, name?: string): Promise<NssLibrary> {
  const koffi = await loadPeer<KoffiModule>('koffi', path);
  const file = name ?? 'libnss3.so';
  const at = name ? `${path}Params.library` : path;
  try {
    return { koffi, nss: callsOf(koffi.load(file), at, file) };
  } catch (error) {
    if (error instanceof SessionConfigError) throw error;
    throw fault(at, `the library ${file} cannot be loaded; to install NSS: apt-get install libnss3`);
  }
}

function callsOf(library: Koffi.LibraryHandle, path: string, file: string): NssCalls {
  try {
    const calls = Object.entries(PROTOTYPES).map(([name, prototype]) => [name, library.func(prototype)]);
    return Object.fromEntries(calls) as Record<keyof NssCalls, NativeFunction>;
  } catch {
    throw fault(path, `${file} lacks functions that we need; it is not NSS, or older than NSS 3.52`);
  }
}

/** Returns the name of the error of the last NSS call in this thread, for example `SEC_ERROR_BAD_DATA`. */
export function lastError({ PR_GetError, PR_ErrorToName }: NssCalls): string {
  const code = PR_GetError();
  return PR_ErrorToName(code) ?? String(code);
}

/** Returns `pointer`, or throws a SessionDriverError with the last error if NSS returned a null pointer. */
export function requirePointer(nss: NssCalls, pointer: Pointer | null, operation: string): Pointer {
  if (pointer === null) throw new SessionDriverError(operation, lastError(nss));
  return pointer;
}

const fault = (path: string, message: string) => new SessionConfigError([{ path, message }]);
