import { html, type Html } from '../pages/html.js';
import { DEMO_USERS } from '../users/demo-users.js';

export interface LoginPageContent {
  /** The page to show after the login. */
  readonly next: string;
  /** Whether somebody has just logged out. */
  readonly left?: boolean;
  /** The name that was refused, to be corrected rather than typed again. The password never comes back. */
  readonly refused?: string;
}

export function loginPage({ next, left, refused }: LoginPageContent): Html {
  return html`<h1>Log in</h1>
    <p class="lead">Then see which cookie your browser gets.</p>
    ${left && html`<p class="notice" role="status">You are logged out. The cookie is gone.</p>`}
    ${refused !== undefined && REFUSED} ${loginForm(next, refused)} ${DEMO}`;
}

const REFUSED = html`<p class="notice bad" role="alert" id="refused">
  No user has this name and this password.
</p>`;

function loginForm(next: string, refused: string | undefined): Html {
  const again = refused !== undefined;
  return html`<form class="card stack" method="post" action="/login">
    <input type="hidden" name="next" value="${next}" />
    <label
      >Name
      <input
        name="user"
        value="${refused}"
        autocomplete="username"
        autocapitalize="none"
        spellcheck="false"
        maxlength="64"
        required
        ${again ? DESCRIBED : AUTOFOCUS}
    /></label>
    <label
      >Password
      <input
        name="password"
        type="password"
        autocomplete="current-password"
        maxlength="256"
        required
        ${again && DESCRIBED}
        ${again && AUTOFOCUS}
    /></label>
    <button>Log in</button>
  </form>`;
}

const AUTOFOCUS = html`autofocus`;
const DESCRIBED = html`aria-invalid="true" aria-describedby="refused"`;

const DEMO = html`<section class="card" aria-labelledby="demo">
  <h2 id="demo">Demo users</h2>
  <p class="small">They exist in this sample only, and everybody knows their passwords.</p>
  <table>
    <thead>
      <tr>
        <th scope="col">Name</th>
        <th scope="col">Password</th>
        <th scope="col">Role</th>
      </tr>
    </thead>
    <tbody>
      ${DEMO_USERS.map(
        ({ id, password, role }) =>
          html`<tr>
            <td><code>${id}</code></td>
            <td><code>${password}</code></td>
            <td>${role}</td>
          </tr>`,
      )}
    </tbody>
  </table>
</section>`;
