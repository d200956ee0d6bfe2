import {
  BadRequestException,
  Body,
  Controller,
  Get,
  HttpStatus,
  Post,
  Redirect,
  UseGuards,
} from '@nestjs/common';
import { CsrfToken, CurrentSession, Session, SessionCsrfGuard, SessionGuard } from 'nestjs-session-crypto';
import { Page } from '../pages/page.js';
import type { ShopSession } from '../shop-session.interface.js';
import { cartPage } from './cart.page.js';
import { findProduct, type Product } from './products.js';

type Cart = ShopSession['cart'];

@Controller('cart')
@UseGuards(SessionGuard, SessionCsrfGuard)
export class CartController {
  @Get()
  show(@CurrentSession() session: Session<ShopSession>, @CsrfToken() csrf: string): Page {
    return new Page({ title: 'Cart', main: cartPage(session.get('cart') ?? {}, csrf), csrf });
  }

  /** By `update`, so that two tabs that add at once both count. */
  @Post('add')
  @Redirect('/cart', HttpStatus.SEE_OTHER)
  add(@Body('product') id: unknown, @CurrentSession() session: Session<ShopSession>): void {
    const product = known(id);
    session.update('cart', (cart) => changed(cart, product.id, 1));
    session.flash('notice', `${product.name}: one more in your cart.`);
  }

  @Post('remove')
  @Redirect('/cart', HttpStatus.SEE_OTHER)
  remove(@Body('product') id: unknown, @CurrentSession() session: Session<ShopSession>): void {
    const product = known(id);
    session.update('cart', (cart) => changed(cart, product.id, -1));
    session.flash('notice', `${product.name}: one less in your cart.`);
  }
}

function known(id: unknown): Product {
  const product = findProduct(id);
  if (!product) throw new BadRequestException();
  return product;
}

/** A cart without what there is none of; `undefined` when nothing is left. */
function changed(cart: Cart = {}, id: string, by: number): Cart | undefined {
  const { [id]: before = 0, ...rest } = cart;
  const after = before + by > 0 ? { ...rest, [id]: before + by } : rest;
  return Object.keys(after).length ? after : undefined;
}
