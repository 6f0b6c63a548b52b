/** What only the playground needs, beside the look of all pages. */
export const PLAYGROUND_STYLE = `:root {
  --tab-a: #0b5c61; --tab-b: #6a3fa0; --phone: #2456a6; --thief: #a8261c;
}
@media (prefers-color-scheme: dark) {
  :root { --tab-a: #6ccfd2; --tab-b: #c4a5f2; --phone: #92bbff; --thief: #ff9d92 }
}
.bar { padding-inline: max(1rem, calc(50vw - 42rem)) }
.wide { max-width: 86rem; margin: 0 auto; padding: 1rem 1rem 4rem; display: grid; gap: 1rem }
.grow { flex: 1 }
.block { display: block }
.card { align-content: start; gap: .75rem }
@media (min-width: 40rem) { .card { padding: 1.25rem } }

.tabs { display: flex; gap: .25rem; border-bottom: 1px solid var(--line) }
.tabs [role="tab"] { padding: .5rem .9rem; border: 0; border-bottom: 3px solid transparent; background: none; color: var(--soft); font: inherit; font-weight: 600; cursor: pointer }
.tabs [role="tab"][aria-selected="true"] { border-bottom-color: var(--key); color: var(--ink) }
.board { display: grid; gap: 1rem; align-content: start; grid-template-columns: minmax(0, 1fr) }
@media (min-width: 62rem) {
  .board.play { grid-template-columns: 21rem minmax(0, 1fr) }
  .board.four { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); grid-template-rows: auto auto 1fr }
  #tokens { grid-row: 1 / 4 }
  .all { grid-column: 1 / -1 }
}
@media (max-width: 61.99rem) { #timeline { order: -1 } }

.choices { display: flex; flex-wrap: wrap; gap: .5rem }
.choice[aria-pressed="true"] { background: var(--key-tint); border-color: var(--key); color: var(--key) }
.told { display: grid; gap: .5rem; max-width: 52rem }
.promise { padding: .5rem .75rem; border-radius: var(--radius-small); background: var(--sunk) }
.promise.kept { background: var(--good-tint) }
.policy { color: var(--soft) }
.clock { min-width: 12.5rem; font-weight: 650; font-variant-numeric: tabular-nums }
#clock { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: .5rem 1rem; padding-block: .75rem }

.actors > li { padding-block: .7rem }
.chip { width: .8rem; height: .8rem; border-radius: 99px; background: currentColor }
.actor.tab-a .chip, .names .tab-a { color: var(--tab-a) }
.actor.tab-b .chip, .names .tab-b { color: var(--tab-b) }
.actor.phone .chip, .names .phone { color: var(--phone) }
.actor.thief .chip, .names .thief { color: var(--thief) }
.menu { display: flex; flex-wrap: wrap; gap: .3rem; margin-top: .5rem }
.mini { min-height: 1.75rem; padding: .05rem .55rem; border-color: var(--line); font-size: .8125rem; font-weight: 500 }
.mini[aria-pressed="true"] { background: var(--key-tint); border-color: var(--key); color: var(--key) }
meter { width: 4.5rem; height: .6rem; border: 0; border-radius: 99px; background: var(--line); overflow: hidden }
meter::-webkit-meter-bar { height: .6rem; border: 0; border-radius: 99px; background: var(--line) }
meter::-webkit-meter-optimum-value { border-radius: 99px; background: var(--key) }
meter::-moz-meter-bar { background: var(--key) }
meter.wide { width: 100%; padding: 0; max-width: none; margin: 0; display: block }

.lanes { display: grid; grid-template-columns: 3.5rem minmax(0, 1fr) }
.names { position: relative; padding-top: 34px; font-weight: 650; font-size: .875rem }
.names span { display: block; height: 78px; padding-top: 20px }
.scroll { overflow-x: auto; padding: 0 .25rem .25rem; margin: -.25rem 0 0; padding-top: .25rem }
.plane { position: relative }
.plane svg { position: absolute; inset: 0 }
.rail { stroke: var(--line); stroke-width: 1; fill: none }
.thread { stroke-width: 4; fill: none; stroke: currentColor; stroke-linecap: round }
.thread.tab-a { color: var(--tab-a) } .thread.tab-b { color: var(--tab-b) } .thread.phone { color: var(--phone) } .thread.thief { color: var(--thief) }
.thread.stolen { stroke-dasharray: 1 9 }
.thread.dead { stroke: var(--edge); stroke-width: 2; stroke-dasharray: 2 7 }
.link { fill: none; stroke-width: 2; stroke: var(--edge) }
.link.same { stroke: var(--ink); stroke-width: 7; stroke-linecap: butt; opacity: .25 }
.link.copy { stroke-dasharray: 4 5 }
.link.end { stroke: var(--bad); stroke-width: 2 }
.dot, .mark { position: absolute; display: grid; justify-items: center; align-content: start; gap: 1px; margin: -16px 0 0; padding: 0; border: 0; background: none; color: inherit; font: inherit; text-align: center }
.dot { min-height: 44px; cursor: pointer; border-radius: 8px }
.dot .bead, .mark .bead { display: grid; place-items: center; width: 32px; height: 32px; border-radius: 99px; font-weight: 700; line-height: 1 }
.under { max-width: 100%; padding: 0 2px; background: var(--sheet); color: var(--soft); font-size: .6875rem; line-height: 1.2; overflow-wrap: anywhere }
.dot.tab-a { --lane: var(--tab-a) } .dot.tab-b { --lane: var(--tab-b) } .dot.phone { --lane: var(--phone) } .dot.thief { --lane: var(--thief) }
.dot .bead { background: var(--sheet); border: 3px solid var(--lane); color: var(--lane) }
.dot.turn .bead { background: var(--lane); color: var(--sheet) }
.dot.same .bead { outline: 3px solid var(--lane); outline-offset: 2px; border-width: 2px; width: 26px; height: 26px; margin: 3px }
.dot.lost .bead { border-style: dashed }
.dot.call .bead { width: 14px; height: 14px; margin: 9px; border-width: 3px }
.dot.refused .bead { border-color: var(--bad); background: var(--bad); color: var(--on-bad) }
.dot.refused .under { color: var(--bad); font-weight: 650 }
.dot[aria-expanded="true"] { background: var(--key-tint) }
.dot[aria-expanded="true"] .under { background: none }
.dot:hover .bead { filter: brightness(1.12) }
.mark .bead { width: 24px; height: 24px; margin: 4px; background: var(--sheet); color: var(--soft) }
.mark.copy .bead { border: 2px dashed var(--thief); color: var(--thief) }
.mark.open .bead { border: 2px solid var(--edge); font-weight: 700 }
.mark.end .bead { color: var(--bad); border: 2px solid var(--bad) }
.mark.end .under { color: var(--bad) }
.wait { position: absolute; display: flex; justify-content: center; pointer-events: none }
.wait::before { content: ""; position: absolute; inset: 26px calc(50% - 1px) 8px; border-left: 2px dotted var(--edge) }
.wait span { height: 1.5rem; padding: 0 .5rem; border-radius: 99px; background: var(--sunk); border: 1px solid var(--line); font-size: .75rem; line-height: 1.4rem; white-space: nowrap }

pre { margin: 0; padding: .75rem; max-height: 16rem; overflow: auto; border-radius: var(--radius-small); background: var(--sunk); border: 1px solid var(--line); white-space: pre-wrap; overflow-wrap: anywhere; font-size: .8125rem }
.pair { display: grid; gap: .75rem; grid-template-columns: minmax(0, 1fr) }
.pair > div { display: grid; gap: .35rem; align-content: start }
@media (min-width: 48rem) { .pair { grid-template-columns: repeat(2, minmax(0, 1fr)) } }
.both { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr) }
@media (min-width: 75rem) { .both { grid-template-columns: repeat(2, minmax(0, 1fr)) } }
.both > div { display: grid; gap: .5rem; align-content: start }
.facts { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .1rem .75rem; margin: 0; font-size: .8125rem }
.facts dt { color: var(--soft); font-family: var(--mono) }
.facts dd { margin: 0; overflow-wrap: anywhere; font-family: var(--mono) }
.facts dd.new { color: var(--good); font-weight: 700 }
.facts dd.new::before { content: "● " }
.events { max-height: 24rem; overflow-y: auto; padding-right: .5rem }
.list.events > li { padding: .5rem 0 }

.sliders { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr)); align-items: end }
.slider { display: flex; align-items: center; gap: .75rem }
.slider output { min-width: 2.5rem; font-weight: 700; text-align: right }
.figures { display: grid; gap: .75rem }
table { border-collapse: collapse; width: 100%; font-size: .925rem }
th, td { padding: .4rem .5rem; border-top: 1px solid var(--line); text-align: left; font-weight: 400 }
td { text-align: right; font-weight: 650; white-space: nowrap }
#said:empty, #gone:empty, #detail:empty { display: none }
.caption { min-height: 1.5rem; color: var(--soft) }
.said { color: var(--soft) }
.told-to { margin-top: .35rem; color: var(--bad) }
.narrow-form { max-width: 26rem }
.answers { margin: .25rem 0 0; padding-left: 1.5rem; font-family: var(--mono) }
.answers .refused { color: var(--bad) }
@media (max-width: 39.99rem) { .wide { padding-inline: .75rem } .lanes { grid-template-columns: 2.75rem minmax(0, 1fr) } .names { font-size: .75rem } .clock { min-width: 0; width: 100% } }
`;
