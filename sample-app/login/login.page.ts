import { html, type Html } from '../pages/html.js';
import { DEMO_USERS } from '../users/demo-users.js';

export function loginPage(next: string, why: unknown): Html {
  return html`<h1>Log in</h1>
    <p class="lead">Then look at what your browser is given to keep.</p>
    ${why === 'left' && html`<p class="notice" role="status">You are logged out. The cookie is gone.</p>`}
    ${why === 'refused' && html`<p class="notice bad" role="alert">That is nobody’s name and password here.</p>`}
    <form class="card stack" method="post" action="/login">
      <input type="hidden" name="next" value="${next}" />
      <label
        >Name <input name="user" autocomplete="username" autocapitalize="none" required autofocus
      /></label>
      <label
        >Password <input name="password" type="password" autocomplete="current-password" required
      /></label>
      <button>Log in</button>
    </form>
    <div class="card demo">
      <h2>Demo users</h2>
      <p class="small">They exist in this sample only, and everybody knows their passwords.</p>
      <table>
        <thead>
          <tr>
            <th>Name</th>
            <th>Password</th>
            <th></th>
          </tr>
        </thead>
        <tbody>
          ${DEMO_USERS.map(
            ({ id, password, admin }) =>
              html`<tr>
                <td><code>${id}</code></td>
                <td><code>${password}</code></td>
                <td>${admin && html`<span class="badge">admin</span>`}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}
