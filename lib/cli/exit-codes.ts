/** What the commands end with: the statuses of BSD's `sysexits.h`. A status below 64 is an answer of the command. */
export const EXIT = {
  ok: 0,
  /** The command has worked, and has found nothing, or something that is wrong. */
  findings: 1,
  /** The command line is wrong. */
  usage: 64,
  /** What was read is wrong. */
  data: 65,
  /** A file that should be read is missing. */
  noInput: 66,
  /** The database or another service does not answer. */
  unavailable: 69,
  /** The command itself has failed. */
  software: 70,
  /** Something cannot be created. */
  cannotCreate: 73,
  /** Reading or writing has failed. */
  io: 74,
  /** It may work later. */
  temporary: 75,
  /** This user may not do it. */
  noPermission: 77,
  /** The options are wrong. */
  config: 78,
} as const;
