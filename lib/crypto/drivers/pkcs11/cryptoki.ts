import { CKF_OS_LOCKING_OK, CKR } from './constants.js';
import { CryptokiError } from './cryptoki.error.js';
import {
  NativeMemory,
  type Koffi,
  type NativeArgument,
  type NativeFunction,
  type NativeLibrary,
} from './native.js';

const U = 'ulong';
const P = 'void *';
const FLAG = 'uint8_t';

/** The functions that we call: place in CK_FUNCTION_LIST and arguments (pkcs11f.h, v2.40). */
const FUNCTIONS = {
  C_Initialize: { place: 0, args: [P] },
  C_GetSlotList: { place: 4, args: [FLAG, P, P] },
  C_GetTokenInfo: { place: 6, args: [U, P] },
  C_GetMechanismList: { place: 7, args: [U, P, P] },
  C_OpenSession: { place: 12, args: [U, U, P, P, P] },
  C_CloseSession: { place: 13, args: [U] },
  C_Login: { place: 18, args: [U, U, P, U] },
  C_CreateObject: { place: 20, args: [U, P, U, P] },
  C_DestroyObject: { place: 22, args: [U, U] },
  C_GetAttributeValue: { place: 24, args: [U, U, P, U] },
  C_FindObjectsInit: { place: 26, args: [U, P, U] },
  C_FindObjects: { place: 27, args: [U, P, U, P] },
  C_FindObjectsFinal: { place: 28, args: [U] },
  C_EncryptInit: { place: 29, args: [U, P, U] },
  C_Encrypt: { place: 30, args: [U, P, U, P, P] },
  C_DecryptInit: { place: 33, args: [U, P, U] },
  C_Decrypt: { place: 34, args: [U, P, U, P, P] },
  C_SignInit: { place: 42, args: [U, P, U] },
  C_Sign: { place: 43, args: [U, P, U, P, P] },
  C_GenerateKey: { place: 58, args: [U, P, P, U, P] },
} as const;

type FunctionName = keyof typeof FUNCTIONS;
type Functions = Readonly<Record<FunctionName, NativeFunction>>;

/** Where in the scratch memory what stands. */
export const SCRATCH = {
  /** CK_MECHANISM: type, parameter, length. */
  mechanism: 0,
  /** A length or number that a function reads and writes. */
  length: 24,
  /** A handle that a function writes. */
  handle: 32,
  /** Parameters of the mechanism, six words. */
  parameter: 64,
  /** IV or nonce, at most 16 bytes. */
  iv: 128,
  /** CK_TOKEN_INFO, CK_C_INITIALIZE_ARGS. */
  info: 256,
  /** CK_ATTRIBUTE: type, value, length; at most {@link MAX_ATTRIBUTES}. */
  attributes: 1024,
  /** Values of attributes. */
  values: 1536,
  /** Lists of slots, mechanisms and objects, at most {@link MAX_LIST} words. */
  list: 4096,
} as const;
export const MAX_ATTRIBUTES = 16;
export const MAX_VALUES = SCRATCH.list - SCRATCH.values;
export const MAX_LIST = 1024;

const SIZE = SCRATCH.list + MAX_LIST * 8;

/** A PKCS#11 library, loaded. Its structures are those of Unix on 64 bits: every member takes a word of its own. */
export class Cryptoki {
  readonly memory: NativeMemory;
  private readonly functions: Functions;

  /** Throws what koffi throws when `library` cannot be loaded or has no `C_GetFunctionList`. */
  constructor(
    koffi: Koffi,
    readonly library: string,
  ) {
    this.memory = new NativeMemory(koffi, SIZE);
    this.functions = functionsOf(koffi, library, this.memory);
  }

  /** Calls a function; throws a CryptokiError when it answers anything but CKR_OK. */
  call(name: FunctionName, ...args: NativeArgument[]): void {
    const value = Number(this.functions[name](...args));
    if (value) throw new CryptokiError(name, value);
  }

  /** Sets the library up for threads, unless somebody in this process has done it: the state is the process's. It is
   *  never taken down again, since others may use it. Whether it had to be set up: then nobody has a session. */
  initialize(): boolean {
    this.memory.write(SCRATCH.info, 0, 0, 0, 0, CKF_OS_LOCKING_OK, 0);
    try {
      this.call('C_Initialize', this.memory.at(SCRATCH.info));
      return true;
    } catch (error) {
      if (!(error instanceof CryptokiError && error.value === CKR.CRYPTOKI_ALREADY_INITIALIZED)) throw error;
      return false;
    }
  }

  /** The words that a function with a trailing list and number gives, at most {@link MAX_LIST}. It is asked for their
   *  number first, since slots that have come or gone show only after that (PKCS#11 v2.40 §5.5, C_GetSlotList). */
  list(name: 'C_GetSlotList' | 'C_GetMechanismList', first: number | bigint): bigint[] {
    const { memory } = this;
    this.call(name, first, null, memory.at(SCRATCH.length));
    memory.write(SCRATCH.length, MAX_LIST);
    this.call(name, first, memory.at(SCRATCH.list), memory.at(SCRATCH.length));
    const count = Math.min(Number(memory.word(SCRATCH.length)), MAX_LIST);
    return Array.from({ length: count }, (_, i) => memory.word(SCRATCH.list + i * 8));
  }
}

/** Kept for ever: koffi unloads a library when nobody holds it, and functions that were read out of a list do not. */
const loaded = new Map<string, NativeLibrary>();

function load(koffi: Koffi, library: string): NativeLibrary {
  const known = loaded.get(library) ?? koffi.load(library);
  loaded.set(library, known);
  return known;
}

/** CK_FUNCTION_LIST: version(2), padding(6), then one pointer a function. */
function functionsOf(koffi: Koffi, library: string, memory: NativeMemory): Functions {
  const getList = load(koffi, library).func('C_GetFunctionList', U, [P]);
  const value = Number(getList(memory.at(SCRATCH.list)));
  const list = memory.word(SCRATCH.list);
  if (value || !list) throw new CryptokiError('C_GetFunctionList', value);
  const read = ([name, { place, args }]: [string, { place: number; args: readonly string[] }]) => {
    const address = koffi.decode(list + BigInt(8 + place * 8), P);
    if (typeof address !== 'bigint' || !address) throw new CryptokiError(name, CKR.FUNCTION_NOT_SUPPORTED);
    return [name, koffi.decode(address, koffi.proto(U, args))];
  };
  return Object.fromEntries(Object.entries(FUNCTIONS).map(read)) as Functions;
}
