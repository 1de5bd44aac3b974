"""The report's style: readable in light and dark, on a screen and on a phone."""

STYLE = """\
:root { --ink: #1b2430; --soft: #5a6675; --line: #dfe4ea; --paper: #fff; --wash: #f5f7f9;
  --say: #0b6e4f; --do: #1f4e9c; --get: #a8480f; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf1; --soft: #a3adba; --line: #343c47;
  --paper: #14181d; --wash: #1d232a; --say: #5cc9a0; --do: #86aef5; --get: #f0a06a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", "Helvetica Neue", "DejaVu Sans", sans-serif; }
header, main, footer { max-width: 62rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 2.5rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.25rem; margin: 2.8rem 0 .6rem; }
p { margin: .4rem 0; max-width: 46rem; }
.soft, footer, caption, .none { color: var(--soft); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1rem;
  margin-top: 1.6rem; }
.card { background: var(--wash); border-radius: .5rem; padding: 1rem 1.2rem; min-width: 0; }
.card h2 { font-size: .95rem; font-weight: 600; color: var(--soft); margin: 0; }
.card p { font-size: 1.3rem; font-weight: 650; margin: .2rem 0 .6rem; }
details summary { cursor: pointer; color: var(--soft); font-size: .9rem; }
pre, code { font: .85rem/1.5 ui-monospace, "SFMono-Regular", Menlo, "DejaVu Sans Mono", monospace; }
pre { background: var(--wash); border-radius: .5rem; padding: .8rem 1rem; margin: .5rem 0;
  overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
.card pre { background: var(--paper); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
caption { text-align: left; padding: 0 0 .5rem; }
th, td { text-align: left; padding: .4rem 1rem .4rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { font-weight: 600; color: var(--soft); }
tbody th { color: var(--ink); font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number, .instant { white-space: nowrap; }
.long { min-width: 16rem; }
svg { display: block; width: 100%; min-width: 36rem; height: auto; margin-top: .6rem; }
svg text { font-size: 13px; fill: var(--soft); }
svg .name { font-size: 14px; fill: var(--soft); }
svg tspan { font-weight: 600; fill: var(--ink); }
svg .last { font-weight: 600; fill: var(--ink); }
.line { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
.grid { stroke: var(--line); }
.say { stroke: var(--say); } .do { stroke: var(--do); } .get { stroke: var(--get); }
.dot { stroke: none; } .dot.say { fill: var(--say); } .dot.do { fill: var(--do); }
.dot.get { fill: var(--get); }
.warning { border-left: 4px solid var(--get); padding: .2rem 0 .2rem .9rem; margin: .6rem 0; }
footer { padding-top: 2rem; padding-bottom: 3rem; font-size: .85rem; overflow-wrap: anywhere; }
"""
