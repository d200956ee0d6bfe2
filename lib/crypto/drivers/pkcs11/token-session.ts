import { CKF_SERIAL_SESSION, CKM, CKR } from './constants.js';
import { MAX_LIST, SCRATCH, type Cryptoki } from './cryptoki.js';
import { CryptokiError } from './cryptoki.error.js';
import { readValue, wipeValues, writeRequest, writeTemplate, type Attribute } from './template.js';

const HMAC_LENGTH = 64;
/** Bytes that a ciphertext may be longer than its plaintext: a tag or padding, and some to spare. */
const BLOCK_ROOM = 32;

/** A mechanism whose parameter is already in the scratch memory. */
export interface Mechanism {
  /** CKM_… */
  readonly type: number;
  /** Offset of the parameter in the scratch memory. */
  readonly parameter: number;
  /** Bytes of the parameter; 0 for none. */
  readonly length: number;
}

/** HMAC-SHA-512, which takes no parameter. */
export const HMAC: Mechanism = { type: CKM.SHA512_HMAC, parameter: 0, length: 0 };

/** One open session with a token. A session runs one operation at a time; each method is synchronous and runs its operation
 *  to the end, so that operations never mix. Every method throws a CryptokiError if a call fails. Object handles are valid
 *  in this session only. */
export class TokenSession {
  private constructor(
    readonly cryptoki: Cryptoki,
    readonly slot: bigint,
    private readonly handle: bigint,
  ) {}

  /** Opens a session with the token in a slot. `flags` are added to CKF_SERIAL_SESSION. */
  static open(cryptoki: Cryptoki, slot: bigint, flags = 0): TokenSession {
    const { memory } = cryptoki;
    const handleAt = memory.at(SCRATCH.handle);
    cryptoki.call('C_OpenSession', slot, CKF_SERIAL_SESSION | flags, null, null, handleAt);
    return new TokenSession(cryptoki, slot, memory.word(SCRATCH.handle));
  }

  /** Logs a user in; `null` asks a token with a PIN pad to get the PIN itself. */
  login(user: number, pin: Uint8Array | null): void {
    this.cryptoki.call('C_Login', this.handle, user, pin, pin?.length ?? 0);
  }

  close(): void {
    this.cryptoki.call('C_CloseSession', this.handle);
  }

  /** Returns the HMAC-SHA-512 of a message: 64 bytes, unless the token misbehaves. */
  hmac(key: bigint, message: Uint8Array): Buffer {
    this.begin('C_SignInit', HMAC, key);
    return this.finish('C_Sign', message, HMAC_LENGTH);
  }

  /** Encrypts a text. With an AEAD mechanism the tag follows the ciphertext. */
  encrypt(mechanism: Mechanism, key: bigint, text: Uint8Array): Buffer {
    this.begin('C_EncryptInit', mechanism, key);
    return this.finish('C_Encrypt', text, text.length + BLOCK_ROOM);
  }

  /** Prepares {@link decrypt}. The two are separate, since an error here says nothing about the ciphertext. */
  beginDecrypt(mechanism: Mechanism, key: bigint): void {
    this.begin('C_DecryptInit', mechanism, key);
  }

  /** Decrypts a ciphertext, with its tag if the mechanism is AEAD. The output buffer is wiped if the token reports an error. */
  decrypt(ciphertext: Uint8Array): Buffer {
    return this.finish('C_Decrypt', ciphertext, ciphertext.length);
  }

  /** Creates an object and returns its handle. The template may hold a key, so the scratch memory is wiped. */
  create(template: readonly Attribute[]): bigint {
    const { memory } = this.cryptoki;
    try {
      writeTemplate(memory, template);
      this.cryptoki.call(
        'C_CreateObject',
        this.handle,
        ...this.template(template),
        memory.at(SCRATCH.handle),
      );
      return memory.word(SCRATCH.handle);
    } finally {
      wipeValues(memory);
    }
  }

  /** Destroys an object. */
  destroy(object: bigint): void {
    this.cryptoki.call('C_DestroyObject', this.handle, object);
  }

  /** Generates a key from the token's own random bytes and returns its handle. */
  generate(type: number, template: readonly Attribute[]): bigint {
    const { memory } = this.cryptoki;
    writeTemplate(memory, template);
    this.setMechanism({ type, parameter: 0, length: 0 });
    const mechanism = memory.at(SCRATCH.mechanism);
    const handleAt = memory.at(SCRATCH.handle);
    this.cryptoki.call('C_GenerateKey', this.handle, mechanism, ...this.template(template), handleAt);
    return memory.word(SCRATCH.handle);
  }

  /** Returns the handles of the objects that match a template, at most {@link MAX_LIST}. */
  find(template: readonly Attribute[]): bigint[] {
    const { memory } = this.cryptoki;
    writeTemplate(memory, template);
    this.cryptoki.call('C_FindObjectsInit', this.handle, ...this.template(template));
    try {
      this.cryptoki.call(
        'C_FindObjects',
        this.handle,
        memory.at(SCRATCH.list),
        MAX_LIST,
        memory.at(SCRATCH.length),
      );
      const count = Math.min(Number(memory.word(SCRATCH.length)), MAX_LIST);
      return Array.from({ length: count }, (_, i) => memory.word(SCRATCH.list + i * 8));
    } finally {
      this.cryptoki.call('C_FindObjectsFinal', this.handle);
    }
  }

  /** Returns the values of attributes. Each request has a type and the bytes that its value may have. */
  attributes(object: bigint, requests: readonly (readonly [type: number, size: number])[]): Buffer[] {
    const { memory } = this.cryptoki;
    writeRequest(memory, requests);
    this.cryptoki.call('C_GetAttributeValue', this.handle, object, ...this.template(requests));
    return requests.map((_, i) => readValue(memory, i));
  }

  private template(template: readonly unknown[]): [bigint, number] {
    return [this.cryptoki.memory.at(SCRATCH.attributes), template.length];
  }

  private setMechanism({ type, parameter, length }: Mechanism): void {
    const { memory } = this.cryptoki;
    memory.write(SCRATCH.mechanism, type, length ? memory.at(parameter) : 0, length);
  }

  private begin(
    name: 'C_SignInit' | 'C_EncryptInit' | 'C_DecryptInit',
    mechanism: Mechanism,
    key: bigint,
  ): void {
    this.setMechanism(mechanism);
    this.cryptoki.call(name, this.handle, this.cryptoki.memory.at(SCRATCH.mechanism), key);
  }

  /** Ends the operation over `input` and returns its output, in a buffer of its own. Throws a CryptokiError if the token
   *  claims more bytes than the `room` that it was given. */
  private finish(name: 'C_Sign' | 'C_Encrypt' | 'C_Decrypt', input: Uint8Array, room: number): Buffer {
    const { memory } = this.cryptoki;
    const output = Buffer.allocUnsafeSlow(room);
    const from = input.length ? input : memory.at(SCRATCH.iv); // some libraries refuse a null pointer, even for no bytes
    memory.write(SCRATCH.length, room);
    try {
      this.cryptoki.call(name, this.handle, from, input.length, output, memory.at(SCRATCH.length));
    } catch (error) {
      output.fill(0);
      throw error;
    }
    const length = Number(memory.word(SCRATCH.length));
    if (length > room) throw new CryptokiError(name, CKR.BUFFER_TOO_SMALL);
    return output.subarray(0, length);
  }
}
