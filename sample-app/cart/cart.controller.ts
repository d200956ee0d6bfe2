import { Body, Controller, Get, HttpStatus, Post, Redirect, UseGuards } from '@nestjs/common';
import { CsrfToken, CurrentSession, Session, SessionCsrfGuard, SessionGuard } from 'nestjs-session-crypto';
import { Page } from '../pages/page.js';
import type { ShopSession } from '../session/shop-session.interface.js';
import { CartItemDto } from './cart-item.dto.js';
import { cartPage } from './cart.page.js';
import { nameOf } from './products.js';

type Cart = ShopSession['cart'];

@Controller('cart')
@UseGuards(SessionGuard, SessionCsrfGuard)
export class CartController {
  @Get()
  show(@CurrentSession() session: Session<ShopSession>, @CsrfToken() csrf: string): Page {
    return new Page({ title: 'Cart', main: cartPage(session.get('cart') ?? {}, csrf) });
  }

  /** Uses `update`, so that two tabs that add at once both count. */
  @Post('add')
  @Redirect('/cart', HttpStatus.SEE_OTHER)
  add(@Body() { product }: CartItemDto, @CurrentSession() session: Session<ShopSession>): void {
    session.update('cart', (cart) => changed(cart, product, 1));
    session.flash('notice', `${nameOf(product)}: one more in your cart.`);
  }

  @Post('remove')
  @Redirect('/cart', HttpStatus.SEE_OTHER)
  remove(@Body() { product }: CartItemDto, @CurrentSession() session: Session<ShopSession>): void {
    session.update('cart', (cart) => changed(cart, product, -1));
    session.flash('notice', `${nameOf(product)}: one less in your cart.`);
  }
}

/** Returns the cart with more or less of one product, or `undefined` when nothing is left in it. */
function changed(cart: Cart = {}, product: string, by: number): Cart | undefined {
  const { [product]: before = 0, ...rest } = cart;
  const after = before + by > 0 ? { ...rest, [product]: before + by } : rest;
  return Object.keys(after).length ? after : undefined;
}
