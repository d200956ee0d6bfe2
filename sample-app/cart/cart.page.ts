import { postButton } from '../pages/form.js';
import { html, type Html } from '../pages/html.js';
import type { ShopSession } from '../shop-session.interface.js';
import { PRODUCTS, type Product } from './products.js';

export function cartPage(cart: ShopSession['cart'], csrf: string): Html {
  const total = PRODUCTS.reduce((sum, { id, price }) => sum + price * (cart[id] ?? 0), 0);
  return html`<h1>Cart</h1>
    <p class="lead">It is kept in your session, and two tabs that add at once both count.</p>
    <ul class="card rows">
      ${PRODUCTS.map((product) => row(product, cart[product.id] ?? 0, csrf))}
    </ul>
    <p class="total"><span>Total</span> <b id="total">${money(total)}</b></p>`;
}

const row = ({ id, name, says, price }: Product, count: number, csrf: string) =>
  html`<li>
    <div><b>${name}</b><span class="small">${says}, ${money(price)}</span></div>
    <div class="stepper">
      ${count > 0 && postButton('/cart/remove', csrf, { product: id }, '−', 'round')}
      <output id="count-${id}">${count}</output>
      ${postButton('/cart/add', csrf, { product: id }, '+', 'round')}
    </div>
  </li>`;

const money = (cents: number): string => `€ ${(cents / 100).toFixed(2)}`;
