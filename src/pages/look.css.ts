/**
 * How all pages of the service look: the fonts of the system, a few variables, light and dark. A page adds what only it
 * needs. Text and its background differ by 4.5:1 or more, edges of controls by 3:1 (WCAG 2.2, 1.4.3 and 1.4.11).
 */
export const LOOK = `:root {
  color-scheme: light dark;
  --paper: #f4f2ee; --sheet: #ffffff; --sunk: #f7f6f3; --line: #ddd9d0; --edge: #878277;
  --ink: #1c1f24; --soft: #575c66;
  --key: #0b5c61; --key-strong: #084448; --on-key: #ffffff; --key-tint: #e2f0ef;
  --good: #1b6a3c; --good-tint: #e3f2e7;
  --warn: #7a4b00; --warn-tint: #fdf1d8;
  --bad: #a8261c; --bad-strong: #86190f; --on-bad: #ffffff; --bad-tint: #fbe9e6;
  --shadow: 0 1px 2px rgb(28 31 36 / .06), 0 6px 20px rgb(28 31 36 / .05);
  --radius: 12px; --radius-small: 8px;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131518; --sheet: #1c1f24; --sunk: #16181c; --line: #343941; --edge: #7c838f;
    --ink: #eceef1; --soft: #a9afba;
    --key: #6ccfd2; --key-strong: #9be3e4; --on-key: #06282a; --key-tint: #173537;
    --good: #86d9a3; --good-tint: #16301f;
    --warn: #f2c46d; --warn-tint: #35290f;
    --bad: #ff9d92; --bad-strong: #ffc0b8; --on-bad: #3d0a05; --bad-tint: #3a1a17;
    --shadow: none;
  }
}
*, *::before, *::after { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100% }
body { margin: 0; min-height: 100vh; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif }
h1, h2, h3 { margin: 0; line-height: 1.25; letter-spacing: -.01em; text-wrap: balance }
h1 { font-size: 1.6rem } h2 { font-size: 1.15rem } h3 { font-size: 1rem }
p { margin: 0 }
a { color: var(--key); text-underline-offset: .2em }
a:hover { color: var(--key-strong) }
code, pre { font-family: var(--mono); font-size: .92em }
[hidden] { display: none !important }
:focus-visible { outline: 3px solid var(--key); outline-offset: 2px }
[tabindex="-1"]:focus { outline: none }

.bar { display: flex; align-items: center; gap: .75rem; padding: .75rem max(1rem, calc(50vw - 22rem)); border-bottom: 1px solid var(--line); background: var(--sheet) }
.bar .brand { display: flex; align-items: center; gap: .6rem; min-width: 0; font-weight: 650; overflow-wrap: anywhere }
.bar .brand svg { flex: none; width: 1.6rem; height: 1.6rem; color: var(--key) }
.bar .end { margin-left: auto }
.narrow, .middle { margin: 0 auto; padding: 1.5rem 1rem 4rem; display: grid; gap: 1.25rem }
.narrow { max-width: 27rem } .middle { max-width: 46rem }
@media (min-width: 40rem) { .narrow, .middle { padding-top: 2.5rem } }

.card { display: grid; gap: 1rem; padding: 1.25rem; background: var(--sheet); border: 1px solid var(--line); border-radius: var(--radius); box-shadow: var(--shadow); min-width: 0 }
@media (min-width: 40rem) { .card { padding: 1.5rem } }
.soft { color: var(--soft) }
.small { font-size: .875rem }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .75rem }
.stack { display: grid; gap: .75rem }

.field { display: grid; gap: .3rem }
.field > label { font-weight: 600; font-size: .925rem }
.field > .hint { color: var(--soft); font-size: .875rem }
.field > .wrong { color: var(--bad); font-size: .875rem }
input, select, textarea { width: 100%; min-height: 2.75rem; padding: .5rem .75rem; border: 1px solid var(--edge); border-radius: var(--radius-small); background: var(--sunk); color: var(--ink); font: inherit }
input[aria-invalid="true"] { border-color: var(--bad); border-width: 2px }
input[type="checkbox"], input[type="radio"] { width: 1.15rem; min-height: 1.15rem; accent-color: var(--key) }
input[type="range"] { padding: 0; border: 0; accent-color: var(--key); background: none }

.button { display: inline-flex; align-items: center; justify-content: center; gap: .5rem; min-height: 2.75rem; padding: .5rem 1rem; border: 1px solid var(--edge); border-radius: var(--radius-small); background: var(--sheet); color: var(--ink); font: inherit; font-weight: 600; text-decoration: none; cursor: pointer }
.button:hover { border-color: var(--ink); color: var(--ink) }
.button.first { background: var(--key); border-color: var(--key); color: var(--on-key) }
.button.first:hover { background: var(--key-strong); border-color: var(--key-strong) }
.button.danger { border-color: var(--bad); color: var(--bad) }
.button.danger:hover { background: var(--bad-tint); color: var(--bad) }
.button.danger.first { background: var(--bad); color: var(--on-bad) }
.button.danger.first:hover { background: var(--bad-strong) }
.button.plain { border-color: transparent; background: none; color: var(--key); padding-inline: .5rem }
.button.plain:hover { text-decoration: underline; text-underline-offset: .2em }
.button.compact { min-height: 2.25rem; padding: .25rem .75rem; font-size: .925rem }
.button[aria-disabled="true"], .button:disabled { opacity: .65; cursor: default }

.notice { padding: .75rem 1rem; border: 1px solid var(--line); border-left: 4px solid var(--key); border-radius: var(--radius-small); background: var(--key-tint); color: var(--ink); overflow-wrap: anywhere }
.notice:empty { display: none }
.notice.good { border-left-color: var(--good); background: var(--good-tint) }
.notice.warn { border-left-color: var(--warn); background: var(--warn-tint) }
.notice.bad { border-left-color: var(--bad); background: var(--bad-tint) }
.tag { display: inline-block; padding: .05rem .55rem; border-radius: 99px; background: var(--key-tint); color: var(--key); font-size: .8125rem; font-weight: 600 }
.tag.good { background: var(--good-tint); color: var(--good) }
.tag.warn { background: var(--warn-tint); color: var(--warn) }
.tag.bad { background: var(--bad-tint); color: var(--bad) }

.list { list-style: none; margin: 0; padding: 0 }
.list > li { padding: .9rem 0; border-top: 1px solid var(--line) }
.list > li:first-child { border-top: 0; padding-top: 0 }
.list > li:last-child { padding-bottom: 0 }

dialog { width: min(26rem, calc(100vw - 2rem)); padding: 1.5rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--sheet); color: var(--ink); box-shadow: 0 20px 60px rgb(0 0 0 / .3) }
dialog::backdrop { background: rgb(10 12 15 / .55) }
.seen-by-readers { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
@media (forced-colors: active) { .button, .card, .tag, .notice { border: 1px solid } }
`;
