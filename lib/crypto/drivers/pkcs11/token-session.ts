import { CKF_SERIAL_SESSION, CKM, CKR } from './constants.js';
import { MAX_LIST, SCRATCH, type Cryptoki } from './cryptoki.js';
import { CryptokiError } from './cryptoki.error.js';
import { readValue, wipeValues, writeRequest, writeTemplate, type Attribute } from './template.js';

const HMAC_LENGTH = 64;
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
    this.setMechanism(CKM.SHA512_HMAC);
    this.cryptoki.call('C_SignInit', this.handle, this.cryptoki.memory.at(SCRATCH.mechanism), key);
    return this.sign(message);
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
    this.setMechanism(type);
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

  /** Writes a mechanism without parameter: type, address, length. */
  private setMechanism(type: number): void {
    this.cryptoki.memory.write(SCRATCH.mechanism, type, 0, 0);
  }

  /** Ends the operation over `message` and returns the MAC, in a buffer of its own. Throws a CryptokiError if the token
   *  claims more bytes than a MAC has. */
  private sign(message: Uint8Array): Buffer {
    const { memory } = this.cryptoki;
    const output = Buffer.allocUnsafeSlow(HMAC_LENGTH);
    memory.write(SCRATCH.length, HMAC_LENGTH);
    const lengthAt = memory.at(SCRATCH.length);
    this.cryptoki.call('C_Sign', this.handle, message, message.length, output, lengthAt);
    const length = Number(memory.word(SCRATCH.length));
    if (length > HMAC_LENGTH) throw new CryptokiError('C_Sign', CKR.BUFFER_TOO_SMALL);
    return output.subarray(0, length);
  }
}
