/**
 * One file that needs nothing else: style and script stand in it, and its policy lets the browser run exactly these two
 * and fetch nothing. Without the script, everything is there but the filter.
 */
import { createHash } from 'node:crypto';
import { type Html, html } from './html.ts';

/** Bounds the file for any fleet: a browser still opens it at once. */
export const longestPage = 4_000_000;

/** `main` may hold sections; rows of their tables can be filtered. */
export function page(title: string, head: Html, main: Html): string {
  const { markup } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${{ markup: style }}</style>
</head>
<body>
<header>
${head}</header>
<form role="search" hidden>
<label for="filter">Filter rows <kbd>/</kbd></label>
<input id="filter" type="search" autocomplete="off" spellcheck="false" placeholder="device, account, policy, guard …">
<output for="filter" aria-live="polite"></output>
</form>
<main>
${main}</main>
<script>${{ markup: script }}</script>
</body>
</html>
`;
  return markup;
}

/** What stands behind `#filter=` in the address is the first filter, so that a view can be passed on. */
const script = `
'use strict';
const form = document.querySelector('form');
const input = document.querySelector('#filter');
const output = document.querySelector('output');
const rows = [...document.querySelectorAll('tbody tr')].map((row) => ({
  row,
  text: row.textContent.toLowerCase(),
  lists: [...row.querySelectorAll('.names')].map((list) => ({ list, names: list.textContent.split('\\n') })),
}));
function filter() {
  const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let found = 0;
  for (const { row, text, lists } of rows) {
    row.hidden = !words.every((word) => text.includes(word));
    if (!row.hidden) found += 1;
    for (const { list, names } of lists) {
      const hits = names.filter((name) => words.some((word) => name.toLowerCase().includes(word)));
      list.textContent = (hits.length > 0 ? hits : names).join('\\n');
      list.closest('details').open = hits.length > 0 && !row.hidden;
    }
  }
  for (const section of document.querySelectorAll('section:has(tbody)')) {
    section.hidden = section.querySelector('tbody tr:not([hidden])') === null;
  }
  output.textContent = words.length === 0 ? '' : found + ' of ' + rows.length + ' rows';
}
function filterByAddress() {
  const asked = /^#filter=(.*)$/.exec(location.hash);
  if (asked) {
    try { input.value = decodeURIComponent(asked[1]); } catch { input.value = asked[1]; }
  } else if (location.hash !== '') input.value = '';
  filter();
  if (!asked && location.hash !== '') document.getElementById(location.hash.slice(1))?.scrollIntoView();
}
input.addEventListener('input', filter);
form.addEventListener('submit', (event) => event.preventDefault());
addEventListener('hashchange', filterByAddress);
addEventListener('keydown', (event) => {
  if (event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && document.activeElement !== input) {
    event.preventDefault();
    input.focus();
  } else if (event.key === 'Escape' && document.activeElement === input) {
    input.value = '';
    filter();
  }
});
form.hidden = false;
filterByAddress();
`;

/** Every colour on every ground of its theme is told apart at 4.5 to 1 or better. */
const style = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#ffffff, #14171c);
  --raised: light-dark(#f3f5f8, #1e232b);
  --line: light-dark(#d3d9e2, #363e4a);
  --ink: light-dark(#1a2029, #e7eaef);
  --faint: light-dark(#535d6b, #a5afbd);
  --link: light-dark(#0b57b0, #82b6ff);
  --add: light-dark(#176639, #6fd695);
  --remove: light-dark(#ab1a26, #ff9a9a);
  --change: light-dark(#7c4d00, #f0c169);
  --alarm: light-dark(#fdeceb, #3a1d20);
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0 auto; padding: 0 1.25rem 3rem; max-width: 84rem;
  background: var(--ground); color: var(--ink);
  font: 0.9375rem/1.5 system-ui, sans-serif;
}
header { padding-top: 1.5rem; }
h1 { margin: 0; font-size: 1.375rem; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.0625rem; }
a { color: var(--link); }
bdi, code, kbd, .names { font-family: ui-monospace, 'Cascadia Mono', Consolas, monospace; font-size: 0.92em; }
bdi, .names { overflow-wrap: anywhere; white-space: pre-wrap; }
code, .sign { white-space: nowrap; }
.said { font: inherit; }
kbd { padding: 0 0.35em; border: 1px solid var(--line); border-radius: 0.25rem; color: var(--faint); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.verdict { margin: 0.25rem 0; font-size: 1.125rem; font-weight: 600; }
.inputs, .below { margin: 0.25rem 0; color: var(--faint); }
.below { font-size: 0.92em; }
.refusal, .note { margin: 0.75rem 0; padding: 0.6rem 0.9rem; border-left: 4px solid var(--line); background: var(--raised); }
.refusal { border-color: var(--remove); background: var(--alarm); }
form {
  position: sticky; top: 0; display: flex; flex-wrap: wrap; gap: 0.6rem; align-items: center;
  padding: 0.75rem 0; background: var(--ground);
}
:target { scroll-margin-top: 5rem; }
input {
  flex: 1 1 14rem; max-width: 28rem; padding: 0.4rem 0.6rem; font: inherit;
  color: inherit; background: var(--ground); border: 1px solid var(--faint); border-radius: 0.375rem;
}
input::placeholder { color: var(--faint); }
.wide { overflow-x: auto; }
table { width: 100%; min-width: 44rem; border-collapse: collapse; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { padding: 0.4rem 0.75rem 0.4rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--faint); font-size: 0.86em; font-weight: 600; }
.right { text-align: right; white-space: nowrap; }
td { min-width: 8rem; }
td:first-child, th:first-child { padding-left: 0.5rem; }
tr:target { background: var(--raised); }
.sign { font-weight: 700; }
.add .sign { color: var(--add); }
.remove .sign, .over { color: var(--remove); }
.change .sign, .consequence { color: var(--change); }
.over { font-weight: 700; }
.quiet { color: var(--faint); }
details { text-align: left; }
summary { cursor: pointer; }
header ul { margin: 0.5rem 0; padding-left: 1.25rem; }
.names { columns: 16rem; unicode-bidi: plaintext; white-space: pre-line; }
@media print { form { display: none; } }
@media (max-width: 48rem) {
  table { min-width: 0; }
  table, thead, tbody, tr, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { padding: 0.4rem 0; border-bottom: 1px solid var(--line); }
  td, td:first-child { min-width: 0; padding: 0.1rem 0; border: 0; }
  td:first-child { font-weight: 600; }
  td:empty { display: none; }
  td .below { margin: 0; }
  td.right { text-align: left; color: var(--faint); }
  td.right::before { content: attr(data-of) ': '; }
}
`;

/** Nothing but these two texts, by their hashes. */
const policy = [
  "default-src 'none'",
  `script-src '${hashOf(script)}'`,
  `style-src '${hashOf(style)}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
