import { escapeXml, formatTime, levelChart, lossChart } from './evaluate-report-chart.ts'
import type { EvaluateReport, ReportAlarm, ReportHost, ReportSpan } from './evaluate-report-data.ts'

/** Rows of the table of alarms; a page of thousands helps nobody. */
const MOST_ALARMS = 40

/**
 * One HTML page that needs nothing else: styles and pictures are inside, no script, no link to anywhere; dark or light as
 * the reader's system is.
 */
export function renderEvaluateReport({ title, hosts }: EvaluateReport): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeXml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escapeXml(title)}</h1>
<p class="legend"><span class="key line-key"></span>level, in units of its threshold
<span class="key threshold-key"></span>threshold, 1
<span class="key alarm-key"></span>alarm
<span class="key truth-key"></span>known anomaly. Levels are drawn as log₂(1 + level). Times are UTC.</p>
${hosts.map(renderHost).join('\n')}
</body>
</html>
`
}

function renderHost(host: ReportHost): string {
  const facts = [...(host.facts ?? []), `${host.alarms.length} alarms`]
  return `<section>
<h2>${escapeXml(host.name)}</h2>
<p class="facts">${facts.map(escapeXml).join(' · ')}</p>
${host.times.length > 0 ? `<div class="wide">${levelChart(host)}</div>` : '<p>No rows.</p>'}
${alarmTable(host)}
${lossSection(host)}
</section>`
}

function alarmTable(host: ReportHost): string {
  if (host.alarms.length === 0) return ''
  const peaks = host.alarms.map((alarm) => ({ alarm, peak: peakLevel(host.level, alarm) }))
  const strongest = peaks.toSorted((a, b) => (b.peak || 0) - (a.peak || 0)).slice(0, MOST_ALARMS)
  const rows = strongest
    .toSorted((a, b) => a.alarm.from - b.alarm.from)
    .map(({ alarm, peak }) => alarmRow(host, alarm, peak))
  const left = host.alarms.length - rows.length
  return `<details${rows.length <= 12 ? ' open' : ''}><summary>Alarms and the features that spoke</summary>
<table><thead><tr><th>from</th><th class="number">minutes</th><th class="number">highest level</th>${
    host.segments === undefined ? '' : '<th>known</th>'
  }<th>features, strongest first</th></tr></thead>
<tbody>${rows.join('')}</tbody></table>${left > 0 ? `<p class="facts">${left} weaker alarms are left out.</p>` : ''}</details>`
}

function alarmRow({ times, segments }: ReportHost, { from, to, features }: ReportAlarm, peak: number): string {
  // The last row lasts until the next one.
  const minutes = ((to + 1 < times.length ? times[to + 1] : times[to]) - times[from]) / 60_000
  const known = segments?.some((segment) => segment.from <= to && segment.to >= from) ? 'yes' : ''
  return `<tr><td>${formatTime(times[from])}</td><td class="number">${Math.round(minutes)}</td><td class="number">${
    Number.isFinite(peak) ? peak.toFixed(peak < 100 ? 2 : 0) : '–'
  }</td>${segments === undefined ? '' : `<td>${known}</td>`}<td>${features.map(escapeXml).join(', ')}</td></tr>`
}

function peakLevel(level: ArrayLike<number>, { from, to }: ReportSpan): number {
  let peak = Number.NaN
  for (let row = from; row <= to; row++) if (!(level[row] <= peak) && !Number.isNaN(level[row])) peak = level[row]
  return peak
}

function lossSection({ lossCurve }: ReportHost): string {
  if (lossCurve === undefined) return ''
  return `<h3>Training</h3>
<p class="legend"><span class="key line-key"></span>training loss <span class="key validation-key"></span>validation loss</p>
${lossChart(lossCurve.train, lossCurve.validation)}`
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5b6570; --ground: #fbfbfa; --rule: #e1e4e8;
  --line: #2f6db5; --limit: #8a5a00; --alarm: #c4291c; --truth: #6b7f2a; --shade: #6b7f2a26; --validation: #b5562f }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --soft: #98a2ad; --ground: #14171a; --rule: #2b3138;
  --line: #6ba6e8; --limit: #d9a441; --alarm: #ff6b5e; --truth: #a9c052; --shade: #a9c0522e; --validation: #e89a6b } }
body { margin: 0 auto; max-width: 1100px; padding: 24px 16px 64px; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif }
h1 { font-size: 24px; margin: 0 0 4px } h2 { font-size: 18px; margin: 32px 0 0; overflow-wrap: anywhere } h3 { font-size: 15px; margin: 16px 0 0 }
.legend, .facts { color: var(--soft); margin: 2px 0 8px; font-size: 13px }
.key { display: inline-block; width: 16px; height: 3px; margin: 0 5px 3px 10px; vertical-align: middle }
.key:first-child { margin-left: 0 }
.line-key { background: var(--line) } .validation-key { background: var(--validation) }
.threshold-key { background: repeating-linear-gradient(90deg, var(--limit) 0 5px, transparent 5px 8px) }
.alarm-key { height: 9px; background: var(--alarm) } .truth-key { height: 9px; background: var(--truth) }
svg { display: block; width: 100%; height: auto } .wide { overflow-x: auto } .wide svg { min-width: 720px } svg.loss { max-width: 520px }
.line, .validation { fill: none; stroke: var(--line); stroke-width: 1.1; stroke-linejoin: round } .validation { stroke: var(--validation) }
.threshold { stroke: var(--limit); stroke-width: 1.2; stroke-dasharray: 5 3 }
.grid { stroke: var(--rule); stroke-width: 1 } .segment { fill: var(--shade) } .truth { fill: var(--truth) } .alarm { fill: var(--alarm) }
.tick { fill: var(--soft); font-size: 11px; text-anchor: end } .middle { text-anchor: middle } .start { text-anchor: start } .end { text-anchor: end }
details { margin-top: 8px } summary { cursor: pointer; color: var(--soft); font-size: 13px }
table { border-collapse: collapse; width: 100%; font-size: 13px; margin-top: 6px; font-variant-numeric: tabular-nums }
th { text-align: left; color: var(--soft); font-weight: 500 } th, td { padding: 3px 24px 3px 0; border-bottom: 1px solid var(--rule);
  vertical-align: top } td:last-child { overflow-wrap: anywhere } td:first-child { white-space: nowrap } .number { text-align: right }
`
