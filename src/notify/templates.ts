import { Liquid, type Template } from 'liquidjs'
import { bold, code, harmless, link } from './markup.ts'

/** What is written for a user's templates in the configuration; what is undefined is the built-in one. */
export interface TemplateTexts {
  readonly title?: string
  readonly text?: string
}

export interface Templates {
  /** Plain text with the marks of `markup.ts`. @throws when a template cannot be rendered within its bounds */
  render(values: Readonly<Record<string, unknown>>): { readonly title: string; readonly text: string }
}

/** Letters that a template may have, and that it may make; ms that it may take. */
const MOST_LETTERS = 20_000
const MOST_OUTPUT = 1_000_000
const MOST_MS = 200

export const DEFAULT_TEMPLATES = {
  title:
    '{% if target %}{{ target }}: {{ cause }} ({{ severity }}, {{ state }})' +
    '{% if more > 0 %} and {{ more }} more{% endif %}{% else %}{% if kind == "suspended" %}suspended: {% endif %}{{ event }}{% endif %}',
  text: `{% if target %}{{ event }}{% endif %}
{%- for incident in incidents -%}
{%- if more > 0 %}

{{ incident.target | bold }} {{ incident.severity }}, {{ incident.state }}
{%- endif %}
detected {{ incident.detected_at | clock }}
{%- if incident.acting_at %} → acting {{ incident.acting_at | clock }}{% endif %}
{%- if incident.recovered_at %} → recovered {{ incident.recovered_at | clock }}{% endif %} UTC
{%- unless incident.cause == 'unknown' %}
Cause: {{ incident.cause }} ({{ incident.confidence | percent }})
{%- endunless %}
{%- for one in incident.features %}
• {{ one.feature }} {{ one.actual | number | code }}{% if one.expected != null %}, expected {{ one.expected | number | code }}{% endif %}
{%- endfor %}
{%- for alert in incident.alerts %}
Alert {{ alert.name | bold }}{% if alert.summary != '' %}: {{ alert.summary }}{% endif %}
{%- endfor %}
{%- for action in incident.actions %}
{{ action.text }}{% if action.call != '' %}: {{ action.call | code }}{% endif %}
{%- endfor %}
{%- if incident.acknowledged_by %}
Acknowledged by {{ incident.acknowledged_by }}
{%- endif %}
{%- endfor %}
{%- if unseen > 0 %}

… and {{ unseen }} more
{%- endif %}
{%- if links.size > 0 %}

{% for one in links %}{% unless forloop.first %} · {% endunless %}{{ one.label | link: one.url }}{% endfor %}
{%- endif %}`,
}

/**
 * Reads templates. They can neither read files nor call code: only the values given, and Liquid's filters.
 *
 * @param strict whether a name that is not known is an error, as for a check; it is empty otherwise
 * @throws an error whose message says what is wrong, and where
 */
export function readTemplates(written: TemplateTexts, strict = false): Templates {
  const engine = createEngine(strict)
  const title = parsed(engine, written.title ?? DEFAULT_TEMPLATES.title)
  const text = parsed(engine, written.text ?? DEFAULT_TEMPLATES.text)
  const render = (template: Template[], values: object) => String(engine.renderSync(template, values))
  return {
    render(values) {
      const safe = harmlessDeep(values) as object
      return { title: render(title, safe), text: render(text, safe) }
    },
  }
}

function parsed(engine: Liquid, text: string): Template[] {
  return engine.parse(harmless(text))
}

function createEngine(strict: boolean): Liquid {
  const engine = new Liquid({
    strictFilters: true,
    strictVariables: strict,
    lenientIf: true,
    ownPropertyOnly: true,
    dynamicPartials: false,
    relativeReference: false,
    // Instead of files.
    templates: {},
    parseLimit: MOST_LETTERS,
    renderLimit: MOST_MS,
    memoryLimit: MOST_OUTPUT,
  })
  for (const tag of ['include', 'render', 'layout', 'block']) delete engine.tags[tag]
  engine.registerFilter('bold', (value) => bold(textOf(value)))
  engine.registerFilter('code', (value) => code(textOf(value)))
  engine.registerFilter('link', (label, url) => link(textOf(label), textOf(url)))
  engine.registerFilter('number', formatNumber)
  engine.registerFilter('percent', (value) => `${Math.round(Number(value) * 100)} %`)
  engine.registerFilter('clock', (value) => new Date(Number(value)).toISOString().slice(11, 19))
  return engine
}

const textOf = (value: unknown): string => (value === null || value === undefined ? '' : String(value))

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P'] as const

/** Three digits: `0.973`, `412`, `1.5M`. */
export function formatNumber(value: unknown): string {
  if (value === null || value === undefined || !Number.isFinite(Number(value))) return '–'
  let rest = Number(value)
  let prefix = 0
  while (Math.abs(rest) >= (prefix === 0 ? 9_999.5 : 999.5) && prefix < PREFIXES.length - 1) {
    rest /= 1000
    prefix++
  }
  return `${Number(rest.toPrecision(Math.abs(rest) >= 1000 ? 4 : 3))}${PREFIXES[prefix]}`
}

function harmlessDeep(value: unknown): unknown {
  if (typeof value === 'string') return harmless(value)
  if (Array.isArray(value)) return value.map(harmlessDeep)
  if (typeof value !== 'object' || value === null) return value
  const safe: Record<string, unknown> = Object.create(null)
  for (const [key, below] of Object.entries(value)) safe[harmless(key)] = harmlessDeep(below)
  return safe
}
