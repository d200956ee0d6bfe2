/** The data that the sample keeps in a session. */
export interface ShopSession {
  /** How many of each product, by the product's id. */
  cart: Readonly<Record<string, number>>;
  /** The name of the device, such as "Firefox on Linux". */
  device: string;
  /** A cookie of the demonstration from before a rotation. Nobody is logged in by it. */
  demoCopy: string;
}
