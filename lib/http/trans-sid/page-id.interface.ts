/** The id that the links and forms of a page get. */
export interface PageId {
  /** Name of the parameter and of the form field. */
  readonly name: string;
  readonly value: string;
}

/** What of a page is rewritten, and which hosts count as ours. */
export interface TransSidRules {
  /** An attribute for each tag, in lower case, or `''`. A form that is listed gets its field besides.
   *  @see PHP `session.trans_sid_tags` */
  readonly tags: ReadonlyMap<string, string>;
  /** In lower case, without port or with it. Empty: our own host. @see PHP `session.trans_sid_hosts` */
  readonly hosts: readonly string[];
  /** Scheme, host and port of our own host; `undefined`: as the platform says through its proxy trust. */
  readonly origin: string | undefined;
}
