// Checks that a page shows a text. A suite runs it in a container next to the
// application: node check.js URL TEXT
const [url, text] = process.argv.slice(2);

const answer = await fetch(url);
if (!answer.ok) throw new Error(`${url} gave ${answer.status}`);
const html = await answer.text();
if (!html.includes(text)) throw new Error(`${url} does not show ${text}:\n${html}`);
console.log(`${url} shows ${text}`);
