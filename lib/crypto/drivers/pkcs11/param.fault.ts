/** A parameter leads to no token or no key. The error never leaves the driver, which turns it into a SessionConfigError at
 *  start and into a SessionDriverError later. */
export class ParamFault extends Error {
  constructor(
    /** Name in `crypto.driverParams`, or `key` for an entry of `crypto.secrets` that refers to a key. */
    readonly param: 'library' | 'slot' | 'label' | 'serial' | 'pin' | 'key',
    /** Says what is wrong and how to mend it. For the operator, at start. */
    override readonly message: string,
    /** A code of the library or a few words. For the SessionDriverError, which shows no more than that. */
    readonly reason: string,
    /** True if another try with the same parameters would do harm, as with a PIN that was refused. */
    readonly isFinal = false,
  ) {
    super(message);
  }
}
