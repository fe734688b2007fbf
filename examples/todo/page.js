// The page: one HTML document with its style and a few lines of script.
const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escape = (text) => text.replace(/[&<>"']/g, (character) => entities[character]);

const style = `
  :root {
    color-scheme: light dark;
    --paper: #fbfaf7; --card: #ffffff; --ink: #1f2328; --quiet: #5d646d; --line: #e4e1da;
    --accent: #0b6e5c; --on-accent: #ffffff; --danger: #b3261e;
  }
  @media (prefers-color-scheme: dark) {
    :root {
      --paper: #15181b; --card: #1e2226; --ink: #e8e6e1; --quiet: #a3a9b0; --line: #33383e;
      --accent: #5fd0b5; --on-accent: #06251e; --danger: #ff9a8f;
    }
  }
  * { box-sizing: border-box; }
  body {
    margin: 0; padding: clamp(1.5rem, 8vh, 5rem) 1rem 3rem; background: var(--paper); color: var(--ink);
    font: 1.0625rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  }
  main, footer { max-width: 34rem; margin: 0 auto; }
  h1 { margin: 0; font-size: 2rem; line-height: 1.2; letter-spacing: -0.02em; }
  .count { margin: 0.25rem 0 1.5rem; color: var(--quiet); }
  button, input { font: inherit; color: inherit; }
  button { border: 0; cursor: pointer; }
  :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
  form { display: flex; gap: 0.5rem; margin-bottom: 1.5rem; }
  form input {
    flex: 1; min-width: 0; padding: 0.6rem 0.9rem; background: var(--card);
    border: 1px solid var(--quiet); border-radius: 0.6rem;
  }
  form input::placeholder { color: var(--quiet); opacity: 1; }
  form button {
    padding: 0.6rem 1.2rem; border-radius: 0.6rem;
    background: var(--accent); color: var(--on-accent); font-weight: 600;
  }
  ul {
    list-style: none; margin: 0; padding: 0; background: var(--card);
    border: 1px solid var(--line); border-radius: 0.9rem; overflow: hidden;
  }
  li { display: flex; align-items: center; border-left: 4px solid transparent; }
  li + li { border-top: 1px solid var(--line); }
  li.remember { border-left-color: var(--accent); }
  li small { color: var(--accent); font-weight: 600; }
  label {
    flex: 1; min-width: 0; display: flex; align-items: center; gap: 0.8rem;
    padding: 0.85rem 1rem; overflow-wrap: anywhere; cursor: pointer;
  }
  label input { flex: none; width: 1.2rem; height: 1.2rem; margin: 0; accent-color: var(--accent); }
  label input:checked + span { color: var(--quiet); text-decoration: line-through; }
  li button { padding: 0.85rem 1rem; background: none; color: var(--quiet); font-size: 1.2rem; line-height: 1; }
  li button:hover { color: var(--danger); }
  .empty {
    margin: 0; padding: 2.5rem 1rem; text-align: center; color: var(--quiet);
    border: 1px dashed var(--quiet); border-radius: 0.9rem;
  }
  footer { margin-top: 2rem; color: var(--quiet); font-size: 0.9rem; }
  footer a { color: inherit; }
`;

// Runs in the browser. It sends a change, then takes the list from a new page, so
// that the keyboard focus stays in place.
const script = `
  const byId = (id) => document.getElementById(id);

  async function send(method, path, body) {
    try {
      const answer = await fetch(path, { method, body: body && JSON.stringify(body) });
      if (!answer.ok && answer.status !== 404) throw new Error(answer.statusText);
      const page = await fetch("/");
      if (!page.ok) throw new Error(page.statusText);
      const fresh = new DOMParser().parseFromString(await page.text(), "text/html");
      const focus = document.activeElement.id;
      document.title = fresh.title;
      for (const id of ["count", "list"]) byId(id).innerHTML = fresh.getElementById(id).innerHTML;
      (byId(focus) ?? byId("what")).focus();
      return true;
    } catch {
      byId("count").textContent = "The server does not answer. Try again in a moment.";
      return false;
    }
  }

  const pathOf = (element) => "/todos/" + element.closest("li").dataset.id;

  byId("add").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await send("POST", "/todos", { what: byId("what").value })) event.target.reset();
  });
  byId("list").addEventListener("change", ({ target }) => send("PATCH", pathOf(target), { done: target.checked }));
  byId("list").addEventListener("click", ({ target }) => target.matches("button") && send("DELETE", pathOf(target)));
`;

const item = ({ id, what, done }, remember) => `
        <li data-id="${id}"${remember ? ' class="remember"' : ""}>
          <label>
            <input type="checkbox" id="done-${id}"${done ? " checked" : ""}>
            <span>${escape(what)}</span>${remember ? "\n            <small>do not forget</small>" : ""}
          </label>
          <button id="delete-${id}" aria-label="Delete ${escape(what)}" title="Delete">×</button>
        </li>`;

function count(todos) {
  const open = todos.filter((todo) => !todo.done).length;
  if (todos.length === 0) return "Nothing to do";
  return open === 0 ? "All done" : `${open} to do, ${todos.length - open} done`;
}

const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="15" fill="#0b6e5c"/>' +
    '<path d="m9 16.5 5 5 9.5-10.5" fill="none" stroke="#fff" stroke-width="3.5"/></svg>',
)}`;

/** The page of all todos. It highlights one of them until that one is done. */
export function page(todos, remindOf) {
  const items = todos.map((todo) => item(todo, todo.id === remindOf && !todo.done));
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Todos: ${count(todos).toLowerCase()}</title>
  <link rel="icon" href="${icon}">
  <style>${style}</style>
</head>
<body>
  <main>
    <h1>Todos</h1>
    <p class="count" id="count" role="status">${count(todos)}</p>
    <form id="add">
      <input id="what" required maxlength="200" autocomplete="off"
             aria-label="What is to be done?" placeholder="What is to be done?">
      <button>Add</button>
    </form>
    <div id="list">
      ${items.length > 0 ? `<ul>${items.join("")}\n      </ul>` : '<p class="empty">Nothing here yet. Add the first one above.</p>'}
    </div>
  </main>
  <footer>
    Two applications in Node and a PostgreSQL, run by miniboss. Also as <a href="/todos">JSON</a>.
  </footer>
  <script>${script}</script>
</body>
</html>
`;
}
