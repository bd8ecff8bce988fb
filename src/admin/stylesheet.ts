import { staticFile } from './static-file.ts'
import { theme } from './theme.ts'

/** The style of the console: two themes, one column on phones, and nothing that only a mouse can reach. */
export const stylesheet = staticFile(
  'console.css',
  'text/css',
  `${theme}
* { box-sizing: border-box; }
html { background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
body { margin: 0; min-height: 100vh; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 2px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; letter-spacing: -.015em; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 0 0 .75rem; }
h3 { font-size: .95rem; margin: 0 0 .5rem; }
.figure + h3 { margin-top: 1.1rem; }
p { margin: 0 0 .75rem; }
.more { margin: .6rem 0 0; font-size: .86rem; }
code, pre { font: .85em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { background: var(--sunken); border: 1px solid var(--line); border-radius: 8px; padding: .75rem; margin: .5rem 0 0; overflow: auto; max-height: 26rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.muted { color: var(--muted); }
.small { font-size: .86rem; }
.mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .86rem; overflow-wrap: anywhere; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 1rem; top: 1rem; z-index: 2; background: var(--surface); padding: .5rem 1rem; }

.bar { display: flex; align-items: center; flex-wrap: wrap; gap: .25rem 1.25rem; padding: .5rem clamp(1rem, 3vw, 2rem); background: var(--surface); border-bottom: 1px solid var(--line); }
.brand { display: flex; align-items: center; gap: .5rem; font-weight: 650; color: var(--ink); text-decoration: none; padding: .4rem 0; }
.brand svg { color: var(--accent); }
.bar nav { display: flex; gap: .15rem; overflow-x: auto; flex: 1 1 auto; min-width: 0; }
@media (min-width: 62rem) { .bar { flex-wrap: nowrap; } .bar > :not(nav) { flex: none; } }
@media (max-width: 82rem) { .who .muted { display: none; } }
.bar nav a { padding: .45rem .7rem; border-radius: 8px; color: var(--muted); text-decoration: none; white-space: nowrap; font-weight: 500; }
.bar nav a:hover { background: var(--sunken); color: var(--ink); }
.bar nav a[aria-current] { background: var(--accent-soft); color: var(--accent-ink); }
.tenant { display: flex; align-items: center; gap: .4rem; margin: 0; }
.tenant label { color: var(--muted); font-size: .86rem; }
.tenant input[type=search] { width: 8.5rem; }
.tenant input, .tenant select, .tenant button { padding: .3rem .5rem; }
.is-live > button, .is-live .filter-buttons > button { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); padding: 0; border: 0; }
.who { margin: 0; font-size: .86rem; }

main { max-width: 82rem; margin: 0 auto; padding: 1.5rem clamp(1rem, 3vw, 2rem) 4rem; }
.head { display: flex; align-items: flex-start; justify-content: space-between; flex-wrap: wrap; gap: .75rem 1.5rem; margin-bottom: 1.25rem; }
.head p { margin: .25rem 0 0; color: var(--muted); }
.crumbs { font-size: .86rem; margin-bottom: .35rem; }
.title { display: flex; align-items: center; flex-wrap: wrap; gap: .35rem .75rem; }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; padding: 1.1rem 1.25rem; margin-bottom: 1.25rem; box-shadow: var(--shadow); }
.card > .table-frame, .card > .empty { margin: 0 -1.25rem -1.1rem; border-width: 1px 0 0; border-radius: 0 0 12px 12px; box-shadow: none; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 1.25rem; align-items: start; }
@media (min-width: 64rem) { .columns.wide-first { grid-template-columns: 2fr 1fr; } }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 10rem), 1fr)); gap: 1rem; margin-bottom: 1.25rem; }
.tile { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; padding: 1rem 1.25rem; color: inherit; text-decoration: none; box-shadow: var(--shadow); }
a.tile:hover { border-color: var(--accent); }
.tile strong { display: block; font-size: 1.75rem; line-height: 1.2; font-weight: 650; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.tile .name { color: var(--muted); font-size: .86rem; }
.tile.bad strong { color: var(--bad); }
.tile.warn strong { color: var(--warn); }
.tile.good strong { color: var(--good); }

.table-frame { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; overflow-x: auto; box-shadow: var(--shadow); }
table { width: 100%; border-collapse: collapse; }
th { text-align: left; font-size: .8rem; font-weight: 550; color: var(--muted); padding: .6rem .9rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
td { padding: .65rem .9rem; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
tbody tr:last-child td { border-bottom: 0; }
tbody tr:hover { background: var(--sunken); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td > a { font-weight: 550; text-decoration: none; }
td > a:hover { text-decoration: underline; }
td time { white-space: nowrap; }
.sub { display: block; color: var(--muted); font-size: .82rem; }
.empty { background: var(--surface); border: 1px dashed var(--line); border-radius: 12px; padding: 2.25rem 1.25rem; text-align: center; color: var(--muted); }
.empty strong { display: block; color: var(--ink); margin-bottom: .25rem; }
.choices { display: flex; flex-wrap: wrap; justify-content: center; align-items: center; gap: .5rem 1.25rem; margin: 1rem 0 0; }
.pager { display: flex; justify-content: space-between; align-items: center; margin-top: 1rem; }

.badge { display: inline-flex; align-items: center; gap: .4rem; padding: .08rem .55rem; border-radius: 99px; font-size: .8rem; font-weight: 550; white-space: nowrap; background: var(--calm-soft); color: var(--calm); }
.badge::before { content: ""; width: .45rem; height: .45rem; border-radius: 50%; background: currentColor; }
.badge.good { background: var(--good-soft); color: var(--good); }
.badge.bad { background: var(--bad-soft); color: var(--bad); }
.badge.warn { background: var(--warn-soft); color: var(--warn); }
.badge.info { background: var(--accent-soft); color: var(--accent-ink); }
.notice { border-radius: 10px; padding: .7rem 1rem; margin-bottom: 1.25rem; border: 1px solid; overflow-wrap: anywhere; }
.notice.good { background: var(--good-soft); color: var(--good); }
.notice.bad { background: var(--bad-soft); color: var(--bad); }
.notice.info { background: var(--accent-soft); color: var(--accent-ink); }
.notice.warn { background: var(--warn-soft); color: var(--warn); }

label, legend { font-size: .84rem; font-weight: 550; }
input, select, textarea, button, .button { font: inherit; color: inherit; border: 1px solid var(--field-line); border-radius: 8px; background: var(--field); padding: .42rem .7rem; max-width: 100%; }
input[type=search], input[type=text], input[type=password], input[type=number], input[type=url], input[type=email], textarea { width: 100%; }
::placeholder { color: var(--muted); opacity: 1; }
button, .button { cursor: pointer; font-weight: 550; text-decoration: none; color: var(--ink); background: var(--surface); display: inline-block; }
button:hover, .button:hover { background: var(--sunken); }
button.primary, .button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.primary:hover, .button.primary:hover { filter: brightness(.93); }
button.danger { color: var(--bad); border-color: var(--bad); }
button.danger:hover { background: var(--bad-soft); }
input:not([type=checkbox]), select { min-height: 2.4rem; }
.is-live .filter-buttons:not(:has(a)) { position: absolute; }
button[aria-busy] { opacity: .6; cursor: progress; }
.filters { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin-bottom: 1rem; }
.filter { display: grid; gap: .2rem; flex: 0 1 10.5rem; min-width: 8rem; }
.filter:has(input) { flex: 1 1 14rem; max-width: 26rem; }
.filter label { color: var(--muted); }
.filter-buttons { display: flex; align-items: center; gap: .75rem; min-height: 2.4rem; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; align-items: start; }
.action { margin: 0; display: inline-flex; flex-wrap: wrap; gap: .5rem; align-items: end; }
.form { gap: 1.25rem; }
.form .action { flex-direction: column; align-items: flex-start; width: 100%; }
.figure { margin: 0; }
td details .action { display: flex; margin-top: .6rem; }
td details input { width: 9rem; }
.form { display: grid; gap: .9rem; justify-items: start; }
.field { display: grid; gap: .25rem; width: min(100%, 32rem); }
.field .help { color: var(--muted); font-size: .84rem; }
.field .error { color: var(--bad); font-size: .86rem; font-weight: 550; }
.field [aria-invalid] { border-color: var(--bad); }
.check { display: flex; gap: .5rem; align-items: center; }
details { border-top: 1px solid var(--line); padding: .7rem 0; }
details:first-of-type { border-top: 0; }
details summary { cursor: pointer; font-weight: 550; }
details[open] summary { margin-bottom: .75rem; }
td details { border: 0; padding: 0; }
td details summary { font-weight: 400; color: var(--link); }

.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr)); gap: .9rem 1.25rem; margin: 0; }
.facts dt { color: var(--muted); font-size: .82rem; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.chart { display: block; width: 100%; height: auto; }
.chart .ok { fill: var(--chart-ok); }
.chart .failed { fill: var(--bad); }
.chart .other { fill: var(--chart-calm); }
.chart .grid { stroke: var(--line); stroke-width: 1; }
.chart text { fill: var(--muted); font-size: 11px; }
.legend { display: flex; flex-wrap: wrap; gap: .35rem 1.1rem; margin: .6rem 0 0; padding: 0; list-style: none; font-size: .84rem; color: var(--muted); }
.legend li::before { content: ""; display: inline-block; width: .65rem; height: .65rem; border-radius: 3px; margin-right: .4rem; background: var(--chart-calm); }
.legend .ok::before { background: var(--chart-ok); }
.legend .failed::before, .legend .bad::before { background: var(--bad); }
.legend .good::before { background: var(--chart-good); }
.legend .warn::before { background: var(--chart-warn); }
.legend .rate::before { display: none; }
.share { fill: var(--chart-calm); }
.share.good { fill: var(--chart-good); }
.share.warn { fill: var(--chart-warn); }
.share.info { fill: var(--chart-ok); }
.share.bad { fill: var(--bad); }
.share.none { fill: var(--calm-soft); }
.bar-chart { height: 1rem; margin-bottom: .6rem; }
.key::before { content: ""; display: inline-block; width: .65rem; height: .65rem; border-radius: 3px; margin-right: .5rem; background: var(--chart-calm); }
.key.good::before { background: var(--chart-good); }
.key.warn::before { background: var(--chart-warn); }
.key.info::before { background: var(--chart-ok); }
.key.bad::before { background: var(--bad); }
.clamp.mono { word-break: break-all; }
.clamp { display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; }
.all-well { color: var(--muted); margin: 0; }
.list { margin: 0; padding: 0; list-style: none; }
.list li { padding: .5rem 0; border-top: 1px solid var(--line); display: flex; justify-content: space-between; gap: .25rem 1rem; flex-wrap: wrap; }
.list li:first-child { border-top: 0; }
.list li > div { flex: 1 1 12rem; min-width: 0; }
.list li > .badge { align-self: flex-start; }
ol.list + p, .facts + h3 { margin-top: 1.1rem; }
.links { display: flex; flex-wrap: wrap; gap: .35rem 1.25rem; margin: 1rem 0 0; padding-top: .8rem; border-top: 1px solid var(--line); font-size: .9rem; }
.eyebrow { margin: 0; color: var(--muted); font-size: .8rem; font-weight: 550; }
.row-actions { display: flex; flex-wrap: wrap; align-items: baseline; gap: .35rem .9rem; }
h2 > .small, h3 > .small { float: right; font-weight: 450; }
.chips { display: flex; flex-wrap: wrap; gap: .35rem; padding: 0; margin: 0; list-style: none; }
.chips li { background: var(--sunken); border: 1px solid var(--line); border-radius: 6px; padding: .05rem .45rem; font-size: .82rem; overflow-wrap: anywhere; }

@media (max-width: 44rem) {
  .bar { gap: .25rem .75rem; }
  .bar nav { order: 3; flex-basis: 100%; margin: 0 -1rem; padding: 0 1rem .25rem; }
  .tenant { margin-left: auto; }
  .who { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .chart text { font-size: 21px; }
  .chart { overflow: visible; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .75rem; }
  .tile { padding: .8rem 1rem; }
  .facts { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .minor { display: none !important; }
  td:first-child { grid-template-columns: minmax(0, 1fr); padding-bottom: .35rem; }
  td:first-child::before { display: none; }
  td:first-child > * { grid-column: 1; }
  td:first-child > a { font-size: 1.02rem; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody, tbody tr, td { display: block; }
  tbody tr { padding: .6rem 0; border-bottom: 1px solid var(--line); }
  tbody tr:last-child { border-bottom: 0; }
  td, td.number { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: 0 .75rem; border: 0; padding: .25rem 1rem; text-align: left; white-space: normal; }
  td > * { grid-column: 2; justify-self: start; }
  td::before { grid-column: 1; grid-row: 1; content: attr(data-label); color: var(--muted); font-size: .82rem; }
  .filter, .filter:has(input) { flex: 1 1 9rem; max-width: none; }
}
@media (prefers-reduced-motion: no-preference) { a, button, .tile { transition: background-color .12s, border-color .12s; } }
`,
)
