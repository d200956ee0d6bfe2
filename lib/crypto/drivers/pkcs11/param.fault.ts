/** A parameter that does not lead to a token or a key: a start error at start, a driver error later. Never leaves the
 *  driver. */
export class ParamFault extends Error {
  constructor(
    /** Name in `crypto.driverParams`; `key` for the entry that names a key. */
    readonly param: 'library' | 'slot' | 'label' | 'serial' | 'pin' | 'key',
    /** What is wrong and how to mend it. */
    override readonly message: string,
    /** The library's answer, or a word of ours. */
    readonly reason: string,
    /** Asking again would do harm: a PIN that was refused. */
    readonly isFinal = false,
  ) {
    super(message);
  }
}
