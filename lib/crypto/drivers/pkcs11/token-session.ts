import { CKF_SERIAL_SESSION, CKM, CKR } from './constants.js';
import { MAX_LIST, SCRATCH, type Cryptoki } from './cryptoki.js';
import { CryptokiError } from './cryptoki.error.js';
import { readValue, wipeValues, writeRequest, writeTemplate, type Attribute } from './template.js';

const HMAC_LENGTH = 64;
const BLOCK_ROOM = 32;

/** A mechanism with its parameter already in the scratch memory. */
export interface Mechanism {
  readonly type: number;
  /** Offset in the scratch memory, and bytes; 0 for none. */
  readonly parameter: number;
  readonly length: number;
}

export const HMAC: Mechanism = { type: CKM.SHA512_HMAC, parameter: 0, length: 0 };

/** One open session with a token. Each method runs to its end before another begins, so that the operations of a
 *  session never mix; all throw a CryptokiError. Handles of objects are good for this session only. */
export class TokenSession {
  private constructor(
    readonly cryptoki: Cryptoki,
    readonly slot: bigint,
    private readonly handle: bigint,
  ) {}

  static open(cryptoki: Cryptoki, slot: bigint, flags = 0): TokenSession {
    const { memory } = cryptoki;
    const answer = memory.at(SCRATCH.handle);
    cryptoki.call('C_OpenSession', slot, CKF_SERIAL_SESSION | flags, null, null, answer);
    return new TokenSession(cryptoki, slot, memory.word(SCRATCH.handle));
  }

  login(user: number, pin: Uint8Array | null): void {
    this.cryptoki.call('C_Login', this.handle, user, pin, pin?.length ?? 0);
  }

  close(): void {
    this.cryptoki.call('C_CloseSession', this.handle);
  }

  /** HMAC-SHA-512, 64 bytes. */
  hmac(key: bigint, message: Uint8Array): Buffer {
    this.begin('C_SignInit', HMAC, key);
    return this.finish('C_Sign', message, HMAC_LENGTH);
  }

  encrypt(mechanism: Mechanism, key: bigint, text: Uint8Array): Buffer {
    this.begin('C_EncryptInit', mechanism, key);
    return this.finish('C_Encrypt', text, text.length + BLOCK_ROOM);
  }

  /** Prepares {@link decrypt}; apart from it, since an error here says nothing of the bytes. */
  beginDecrypt(mechanism: Mechanism, key: bigint): void {
    this.begin('C_DecryptInit', mechanism, key);
  }

  decrypt(ciphertext: Uint8Array): Buffer {
    return this.finish('C_Decrypt', ciphertext, ciphertext.length);
  }

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

  destroy(object: bigint): void {
    this.cryptoki.call('C_DestroyObject', this.handle, object);
  }

  /** A key that the token makes of its own random bytes. */
  generate(type: number, template: readonly Attribute[]): bigint {
    const { memory } = this.cryptoki;
    writeTemplate(memory, template);
    this.setMechanism({ type, parameter: 0, length: 0 });
    const mechanism = memory.at(SCRATCH.mechanism);
    const answer = memory.at(SCRATCH.handle);
    this.cryptoki.call('C_GenerateKey', this.handle, mechanism, ...this.template(template), answer);
    return memory.word(SCRATCH.handle);
  }

  /** The objects that a template describes, at most {@link MAX_LIST}. */
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

  /** The values of attributes, each with the most bytes that it may have. */
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

  /** What a function makes of `input`, in a buffer of its own with room for `room` bytes. */
  private finish(name: 'C_Sign' | 'C_Encrypt' | 'C_Decrypt', input: Uint8Array, room: number): Buffer {
    const { memory } = this.cryptoki;
    const output = Buffer.allocUnsafeSlow(room);
    const from = input.length ? input : memory.at(SCRATCH.iv); // no pointer may be null
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
