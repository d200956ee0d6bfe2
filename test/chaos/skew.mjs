// Loaded first in a process whose clock is wrong: SKEW seconds ahead, or behind if it is negative.
const skew = 1000 * Number(process.env.SKEW);
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length ? args : [RealDate.now() + skew]));
  }

  static now() {
    return RealDate.now() + skew;
  }
};
