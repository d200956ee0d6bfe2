import { describe, expect, it } from 'vitest';
import { Html, html } from '../../../../lib/dashboard/page/html.js';

describe('html', () => {
  it('escapes every value, in text and in attributes with quotes', () => {
    const evil = `"><script>alert('1')</script>&`;
    expect(html`<p title="${evil}">${evil}</p>`.text).not.toMatch(/<script|title=""/);
    expect(html`${evil}`.text).toBe('&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;');
  });

  it('takes markup as it is, in lists too, and leaves out undefined and false', () => {
    expect(html`${[html`<b>1</b>`, 2, undefined, false, '<']}`.text).toBe('<b>1</b>2&lt;');
    expect(html`${new Html('<i>')}`.text).toBe('<i>');
  });

  it('shows characters that would hide, end or turn a text', () => {
    expect(html`${'a\u0000b\u001b[31mc\u202ed\u200be\u2028f'}`.text).toBe(
      'a\ufffdb\ufffd[31mc\ufffdd\ufffde\ufffdf',
    );
    expect(html`${'Ünïcode 🦊 ü'}`.text).toBe('Ünïcode 🦊 ü');
  });
});
