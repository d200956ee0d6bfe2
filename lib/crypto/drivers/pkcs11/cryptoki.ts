import { CKF_OS_LOCKING_OK, CKR } from './constants.js';
import { CryptokiError } from './cryptoki.error.js';
import {
  NativeMemory,
  type Koffi,
  type NativeArgument,
  type NativeFunction,
  type NativeLibrary,
} from './native.js';

/** CK_ULONG: numbers and handles. */
const U = 'ulong';
/** Any pointer. */
const P = 'void *';
/** CK_BBOOL. */
const FLAG = 'uint8_t';

/** The functions that we call: their places in CK_FUNCTION_LIST, and their arguments (pkcs11f.h, v2.40). */
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
  C_SignInit: { place: 42, args: [U, P, U] },
  C_Sign: { place: 43, args: [U, P, U, P, P] },
  C_GenerateKey: { place: 58, args: [U, P, P, U, P] },
} as const;

type FunctionName = keyof typeof FUNCTIONS;
type Functions = Readonly<Record<FunctionName, NativeFunction>>;

/** The layout of the scratch memory: offsets in bytes of everything that the library reads or writes through a pointer.
 *  Calls are synchronous, so one layout serves all of them. */
export const SCRATCH = {
  /** CK_MECHANISM, 3 words: type, parameter, length of the parameter. */
  mechanism: 0,
  /** A length or a count that a function reads and writes, 1 word. */
  length: 24,
  /** A handle that a function writes, 1 word. */
  handle: 32,
  /** CK_TOKEN_INFO or CK_C_INITIALIZE_ARGS. */
  info: 256,
  /** CK_ATTRIBUTE, 3 words each (type, value, length), at most {@link MAX_ATTRIBUTES}. */
  attributes: 1024,
  /** The values of attributes, {@link MAX_VALUES} bytes. They may hold a key and are wiped after use. */
  values: 1536,
  /** A list of slots, mechanisms or objects, at most {@link MAX_LIST} words. */
  list: 4096,
} as const;
/** Attributes that a template may have. */
export const MAX_ATTRIBUTES = 16;
/** Bytes for the values of a template. */
export const MAX_VALUES = SCRATCH.list - SCRATCH.values;
/** Entries of a list; the driver does not see further ones. */
export const MAX_LIST = 1024;

const SIZE = SCRATCH.list + MAX_LIST * 8;

/** A loaded PKCS#11 library ("Cryptoki"). Its structs have the layout of Unix on 64 bits: each member fills one word of 8
 *  bytes. */
export class Cryptoki {
  readonly memory: NativeMemory;
  private readonly functions: Functions;

  /** Throws koffi's error if `library` cannot be loaded or has no `C_GetFunctionList`, and a CryptokiError if it lacks a
   *  function that we call. */
  constructor(
    koffi: Koffi,
    readonly library: string,
  ) {
    this.memory = new NativeMemory(koffi, SIZE);
    this.functions = functionsOf(koffi, library, this.memory);
  }

  /** Calls a function. Throws a CryptokiError if it returns anything but CKR_OK, which is 0. */
  call(name: FunctionName, ...args: NativeArgument[]): void {
    const value = Number(this.functions[name](...args));
    if (value) throw new CryptokiError(name, value);
  }

  /** Initialises the library for use by threads, unless other code of this process has done so: a library has one state per
   *  process. It is never finalized, since other code may use it. Returns true if this call initialised it; then nobody in
   *  the process has a session. */
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

  /** Returns the list that a function writes, at most {@link MAX_LIST} words. The function is called for the count first:
   *  only that call makes C_GetSlotList look for slots that have appeared or disappeared (PKCS #11 v2.40 §5.5). */
  list(name: 'C_GetSlotList' | 'C_GetMechanismList', first: number | bigint): bigint[] {
    const { memory } = this;
    this.call(name, first, null, memory.at(SCRATCH.length));
    memory.write(SCRATCH.length, MAX_LIST);
    this.call(name, first, memory.at(SCRATCH.list), memory.at(SCRATCH.length));
    const count = Math.min(Number(memory.word(SCRATCH.length)), MAX_LIST);
    return Array.from({ length: count }, (_, i) => memory.word(SCRATCH.list + i * 8));
  }
}

/** Keeps every library loaded. koffi unloads a library that nobody refers to, and the functions that we read from its
 *  function list do not count as references. */
const loaded = new Map<string, NativeLibrary>();

function load(koffi: Koffi, library: string): NativeLibrary {
  const known = loaded.get(library) ?? koffi.load(library);
  loaded.set(library, known);
  return known;
}

/** Binds the functions. CK_FUNCTION_LIST is version(2) ‖ padding(6) ‖ one pointer(8) for each function. */
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
