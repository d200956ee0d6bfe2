/** The id that the links and forms of a page get. */
export interface PageId {
  /** Name of the query parameter and of the form field. */
  readonly name: string;
  readonly value: string;
}

/** The tags that are rewritten and the hosts that count as our own. */
export interface TransSidRules {
  /** The attribute to rewrite for each tag, both in lower case; `''` for none. A listed form also gets a hidden field.
   *  @see PHP `session.trans_sid_tags` */
  readonly tags: ReadonlyMap<string, string>;
  /** Our own hosts, in lower case, with or without a port. Empty: the page's own origin.
   *  @see PHP `session.trans_sid_hosts` */
  readonly hosts: readonly string[];
  /** The page's own origin (scheme, host and port). `undefined`: the one that a trusted proxy reports. */
  readonly origin: string | undefined;
}
