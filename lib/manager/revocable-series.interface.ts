/** The series of a feature on top, by which it logs visitors in without a session. Whoever revokes their sessions ends these too. */
export interface RevocableSeries {
  /** Ends all series of a subject. Resolves to their number. Rejects with a SessionStoreError if their store fails. */
  endSubject(subject: string): Promise<number>;
  /** Resolves to the number of a subject's series. Rejects with a SessionStoreError if their store fails. */
  countSubject(subject: string): Promise<number>;
  /** Ends all series that began until now. Absent if their store cannot be read as a whole. */
  readonly endAll?: (() => Promise<number>) | undefined;
}

/** What became of the two halves of the end of a subject. Each is tried also if the other fails. */
export interface EndedSubject {
  /** The number of series; `undefined` where no feature has any. */
  readonly series: PromiseSettledResult<number | undefined>;
  /** The number of sessions. Those in cookies count as 0. */
  readonly sessions: PromiseSettledResult<number>;
}
