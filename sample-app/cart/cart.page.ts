import { postButton } from '../pages/form.js';
import { html, type Html } from '../pages/html.js';
import type { ShopSession } from '../session/shop-session.interface.js';
import { PRODUCTS, type Product } from './products.js';

export function cartPage(cart: ShopSession['cart'], csrf: string): Html {
  const total = PRODUCTS.reduce((sum, { id, price }) => sum + price * (cart[id] ?? 0), 0);
  return html`<h1>Cart</h1>
    <p class="lead">Your session keeps it. When two tabs add at the same time, both count.</p>
    <ul class="card rows">
      ${PRODUCTS.map((product) => row(product, cart[product.id] ?? 0, csrf))}
    </ul>
    <p class="total"><span>Total</span> <b id="total" class="price">${money(total)}</b></p>`;
}

const row = ({ id, name, says, price }: Product, count: number, csrf: string) =>
  html`<li>
    <div>
      <b>${name}</b><span class="small">${says}</span><span class="small price">${money(price)}</span>
    </div>
    <div class="stepper">
      ${count > 0 && stepButton('/cart/remove', '−', `−1 ${name}`, id, csrf)}
      <output id="count-${id}">${count}</output>
      ${stepButton('/cart/add', '+', `+1 ${name}`, id, csrf)}
    </div>
  </li>`;

const stepButton = (action: string, label: string, ariaLabel: string, product: string, csrf: string) =>
  postButton(action, { label, ariaLabel, csrf, fields: { product }, look: 'round' });

const money = (cents: number): string => `€ ${(cents / 100).toFixed(2)}`;
