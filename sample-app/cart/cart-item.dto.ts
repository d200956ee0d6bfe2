import { IsIn } from 'class-validator';
import { PRODUCTS } from './products.js';

export class CartItemDto {
  @IsIn(PRODUCTS.map(({ id }) => id), { message: 'We do not sell this product.' })
  readonly product!: string;
}
