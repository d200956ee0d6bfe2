/** What the page does with JavaScript: it shows live figures. It leaves a part alone that the keyboard or a selected text is in. */
export const SCRIPT = `(() => {
  const root = document.documentElement, state = document.getElementById('live');
  const feed = new EventSource(location.pathname + '?live=' + encodeURIComponent(root.dataset.session));
  let seen = 0;
  const say = (text, kind) => { if (state.textContent !== text) { state.textContent = text; state.className = kind; } };
  feed.onmessage = ({ data }) => {
    seen = Date.now();
    say('Live', 'up');
    const chosen = getSelection(), inUse = [document.activeElement, chosen.isCollapsed ? null : chosen.anchorNode];
    for (const [id, text] of Object.entries(JSON.parse(data))) {
      const part = document.getElementById(id);
      if (part && !inUse.some((node) => node && part.contains(node))) part.innerHTML = text;
    }
  };
  setInterval(() => {
    if (feed.readyState === 2) say('Live figures have stopped; reload the page', 'down');
    else if (seen && Date.now() - seen > 30000) say('Live figures are late', 'degraded');
  }, 5000);
})();`;
