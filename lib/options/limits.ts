/** Ten years in seconds: the longest duration that an option may have. Moments in the sealed frame are 32-bit seconds, so
 *  a duration must stay far below 2^32. */
export const TEN_YEARS = 315_360_000;

/** The most minutes that a cache may keep a page: ten years. */
export const LONGEST_CACHE = TEN_YEARS / 60;

/** The largest number of responses that a probability is counted by. */
export const MOST_RESPONSES = 1_000_000;

/** The longest interval of a timer, in seconds. Node's timers end at 2^31 milliseconds, about 2,147,483 seconds. */
export const MAX_TIMER = 2_000_000;
