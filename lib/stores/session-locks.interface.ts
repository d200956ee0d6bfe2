/** The locks of a store. Each has a name of 32 bytes and belongs to its holder until it is released, or until its time by the
 *  store's clock is over, whatever becomes of the holder. No method keeps a connection. A rejection means that the store itself
 *  has failed. */
export interface SessionLocks {
  /** Gives the lock to `holder` for so many milliseconds, unless somebody else has it: then it resolves to `false`. A repeated
   *  call of the same holder does no harm. */
  acquire(name: Buffer, holder: Buffer, milliseconds: number): Promise<boolean>;
  /** Lets the lock last for so many milliseconds from now. Resolves to `false` if the holder does not have it any more. */
  renew(name: Buffer, holder: Buffer, milliseconds: number): Promise<boolean>;
  /** Frees the lock, if the holder has it. */
  release(name: Buffer, holder: Buffer): Promise<void>;
}
