// The page: one HTML document with its style and its few lines of script.
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
  form { margin: 0; }
  button, input { font: inherit; color: inherit; }
  button { cursor: pointer; }
  :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
  .add { display: flex; gap: 0.5rem; margin-bottom: 1.5rem; }
  .add input {
    flex: 1; min-width: 0; padding: 0.6rem 0.9rem; background: var(--card);
    border: 1px solid var(--quiet); border-radius: 0.6rem;
  }
  .add input::placeholder { color: var(--quiet); opacity: 1; }
  .add button {
    padding: 0.6rem 1.2rem; border: 0; border-radius: 0.6rem;
    background: var(--accent); color: var(--on-accent); font-weight: 600;
  }
  ul {
    list-style: none; margin: 0; padding: 0; background: var(--card);
    border: 1px solid var(--line); border-radius: 0.9rem; overflow: hidden;
  }
  li form { display: flex; align-items: center; }
  li + li { border-top: 1px solid var(--line); }
  li button { border: 0; background: none; }
  li button:focus-visible { outline-offset: -4px; border-radius: 0.9rem; }
  .toggle {
    flex: 1; min-width: 0; display: flex; align-items: center; gap: 0.8rem;
    padding: 0.85rem 1rem; text-align: left; overflow-wrap: anywhere;
  }
  .box {
    flex: none; width: 1.35rem; height: 1.35rem; border: 2px solid var(--quiet); border-radius: 50%;
    display: grid; place-items: center; font-size: 0.8rem; font-weight: 700; line-height: 1;
  }
  .toggle:hover .box { border-color: var(--accent); }
  .done .box { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
  .done .what { color: var(--quiet); text-decoration: line-through; }
  .delete { padding: 0.85rem 1rem; color: var(--quiet); font-size: 1.2rem; line-height: 1; }
  .delete:hover { color: var(--danger); }
  .empty {
    margin: 0; padding: 2.5rem 1rem; text-align: center; color: var(--quiet);
    border: 1px dashed var(--quiet); border-radius: 0.9rem;
  }
  footer { margin-top: 2rem; color: var(--quiet); font-size: 0.9rem; }
  footer a { color: inherit; }
`;

// Sends the forms without loading the page anew, so that the keyboard stays
// where it was. Without this script the forms work as forms do.
const script = `
  document.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { target: form, submitter } = event;
    const focus = submitter.name ? submitter.id : "what";
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form, submitter)) });
      if (!answer.ok) throw new Error(answer.statusText);
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.title = fresh.title;
      document.querySelector("#list").replaceWith(fresh.querySelector("#list"));
      document.querySelector("#count").textContent = fresh.querySelector("#count").textContent;
      if (!submitter.name) form.reset();
      (document.getElementById(focus) ?? document.getElementById("what")).focus();
    } catch {
      document.querySelector("#count").textContent = "The server does not answer. Try again in a moment.";
    }
  });
`;

const item = ({ id, what, done }) => `
      <li class="${done ? "done" : "open"}">
        <form method="post" action="/todos/${id}">
          <button class="toggle" id="toggle-${id}" name="change" value="${done ? "reopen" : "finish"}"
                  role="checkbox" aria-checked="${done}">
            <span class="box" aria-hidden="true">${done ? "✓" : ""}</span>
            <span class="what">${escape(what)}</span>
          </button>
          <button class="delete" name="change" value="delete" id="delete-${id}"
                  aria-label="Delete ${escape(what)}" title="Delete">×</button>
        </form>
      </li>`;

const list = (todos) =>
  todos.length === 0
    ? '<p class="empty">Nothing here yet. Add the first one above.</p>'
    : `<ul>${todos.map(item).join("")}
    </ul>`;

function count(todos) {
  const open = todos.filter((todo) => !todo.done).length;
  if (todos.length === 0) return "Nothing to do";
  return open === 0 ? "All done" : `${open} to do, ${todos.length - open} done`;
}

const icon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="15" fill="#0b6e5c"/>' +
    '<path d="m9 16.5 5 5 9.5-10.5" fill="none" stroke="#fff" stroke-width="3.5"/></svg>',
)}`;

module.exports = (todos) => `<!doctype html>
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
    <form class="add" method="post" action="/todos">
      <input id="what" name="what" required maxlength="200" autocomplete="off"
             aria-label="What is to be done?" placeholder="What is to be done?">
      <button>Add</button>
    </form>
    <div id="list">${list(todos)}</div>
  </main>
  <footer>
    Node and PostgreSQL in two containers, started by miniboss. Also as <a href="/todos">JSON</a>.
  </footer>
  <script>${script}</script>
</body>
</html>
`;
