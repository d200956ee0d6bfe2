export interface Product {
  readonly id: string;
  readonly name: string;
  readonly says: string;
  /** In cents. */
  readonly price: number;
}

export const PRODUCTS: readonly Product[] = [
  { id: 'wax', name: 'Sealing wax', says: 'Vermilion, six sticks', price: 1200 },
  { id: 'stamp', name: 'Brass stamp', says: 'With your initial', price: 2850 },
  { id: 'envelopes', name: 'Envelopes', says: 'Opaque, a hundred', price: 990 },
  { id: 'ring', name: 'Key ring', says: 'Old keys still open', price: 640 },
];

/** The name of one of the products. */
export const nameOf = (id: string): string => PRODUCTS.find((product) => product.id === id)!.name;
