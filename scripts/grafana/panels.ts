import { COLORS, LEVEL_STEPS, PLAIN, type Steps } from './scale.ts'

export interface Query {
  readonly expr: string
  /** Name of the series, such as `{{instance}}`. */
  readonly legend?: string
}

/** What all panels say of themselves. */
interface Said {
  readonly title: string
  /** What it shows and how to read it: one or two sentences. */
  readonly description: string
  /** Of Grafana's units. */
  readonly unit: string
  readonly queries: readonly Query[]
  /** Of 24. */
  readonly width?: number
  readonly height?: number
}

/** A panel without its id and place. */
export interface Panel {
  readonly width: number
  readonly height: number
  readonly json: Readonly<Record<string, unknown>>
}

/** A heading over the panels that follow. */
export interface Heading {
  readonly heading: string
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
export const SOURCE = { type: 'prometheus', uid: '${datasource}' } as const

export const heading = (text: string): Heading => ({ heading: text })

interface Curves extends Said {
  /** Colours the lines by their values. */
  readonly scale?: Steps
  readonly steps?: Steps
  /** Draws the steps as lines: where the threshold is. */
  readonly line?: boolean
  readonly max?: number
  readonly stacked?: boolean
  readonly bars?: boolean
  /** Series of these names are drawn as a dashed line of that colour. */
  readonly dashed?: Readonly<Record<string, string>>
}

/** Series over time. */
export function curves({
  scale,
  steps = scale ?? PLAIN,
  line,
  max,
  stacked,
  bars,
  dashed = {},
  ...said
}: Curves): Panel {
  const custom = {
    drawStyle: bars ? 'bars' : 'line',
    lineWidth: 1,
    gradientMode: scale ? 'scheme' : 'none',
    fillOpacity: stacked || bars ? 40 : 0,
    showPoints: 'never',
    spanNulls: false,
    stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
    thresholdsStyle: { mode: line ? 'dashed' : 'off' },
    axisSoftMin: 0,
  }
  return panelOf('timeseries', said, {
    defaults: {
      custom,
      thresholds: absolute(steps),
      color: { mode: scale ? 'thresholds' : 'palette-classic' },
      ...(max && { max }),
    },
    overrides: Object.entries(dashed).map(([name, color]) => ({
      matcher: { id: 'byName', options: name },
      properties: [
        { id: 'color', value: { mode: 'fixed', fixedColor: color } },
        { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } },
      ],
    })),
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  })
}

/** Levels over time in the colours of the scale, and the threshold at 1. */
export function levels(said: Omit<Said, 'unit'>): Panel {
  return curves({
    ...said,
    unit: 'none',
    scale: LEVEL_STEPS,
    queries: [...said.queries, { expr: 'vector(1)', legend: 'threshold' }],
    dashed: { threshold: COLORS.threshold },
  })
}

interface Number_ extends Said {
  readonly steps?: Steps
  readonly decimals?: number
  /** Words for values. */
  readonly words?: Readonly<Record<string, string>>
  /** Shows the series' names instead of values. */
  readonly names?: boolean
}

/** The newest value, large. */
export function number({ steps = PLAIN, decimals, words, names, ...said }: Number_): Panel {
  const mappings = words && [
    { type: 'value', options: Object.fromEntries(Object.entries(words).map(([value, text]) => [value, { text }])) },
  ]
  return panelOf(
    'stat',
    { width: 4, height: 4, ...said },
    {
      defaults: {
        thresholds: absolute(steps),
        color: { mode: 'thresholds' },
        ...(decimals !== undefined && { decimals }),
        ...(mappings && { mappings }),
      },
      options: {
        colorMode: 'value',
        graphMode: 'none',
        justifyMode: 'auto',
        textMode: names ? 'name' : 'auto',
        reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      },
      instant: true,
    },
  )
}

/** A ribbon for each series: colours tell the value, from left to right. */
export function ribbons({ steps = PLAIN, words, ...said }: Said & Pick<Number_, 'steps' | 'words'>): Panel {
  const mappings = words && [
    { type: 'value', options: Object.fromEntries(Object.entries(words).map(([value, text]) => [value, { text }])) },
  ]
  return panelOf('state-timeline', said, {
    defaults: {
      custom: { lineWidth: 0, fillOpacity: 80 },
      thresholds: absolute(steps),
      color: { mode: 'thresholds' },
      decimals: 1,
      ...(mappings && { mappings }),
    },
    options: {
      mergeValues: true,
      showValue: 'never',
      alignValue: 'left',
      rowHeight: 0.85,
      legend: { displayMode: 'list', placement: 'bottom', showLegend: false },
      tooltip: { mode: 'single', sort: 'none' },
    },
  })
}

interface Column {
  /** What the table calls it. */
  readonly name: string
  readonly unit?: string
  readonly steps?: Steps
  readonly words?: Readonly<Record<string, string>>
  /** Addresses behind the value. */
  readonly links?: readonly { readonly title: string; readonly url: string }[]
}

interface Table extends Said {
  /** By the name that Grafana gives the field: a label, or `Value #A` for the first query, and so on. */
  readonly columns: Readonly<Record<string, Column>>
  /** Column that comes first, and from which value on. */
  readonly sort: { readonly by: string; readonly descending: boolean }
}

/** One row for each set of labels that all queries share; columns that are not named are left out. */
export function table({ columns, sort, ...said }: Table): Panel {
  const names = Object.keys(columns)
  return panelOf('table', said, {
    defaults: {
      custom: { align: 'auto', cellOptions: { type: 'auto' }, filterable: true },
      thresholds: absolute(PLAIN),
      color: { mode: 'thresholds' },
    },
    overrides: Object.values(columns).map((column) => ({
      matcher: { id: 'byName', options: column.name },
      properties: propertiesOf(column),
    })),
    options: { showHeader: true, cellHeight: 'sm', sortBy: [{ displayName: sort.by, desc: sort.descending }] },
    transformations: [
      { id: 'merge', options: {} },
      { id: 'filterFieldsByName', options: { include: { names } } },
      {
        id: 'organize',
        options: {
          indexByName: Object.fromEntries(names.map((name, index) => [name, index])),
          renameByName: Object.fromEntries(names.map((name) => [name, columns[name].name])),
        },
      },
    ],
    instant: true,
    format: 'table',
  })
}

function propertiesOf({ unit, steps, words, links }: Column): object[] {
  return [
    ...(unit === undefined ? [] : [{ id: 'unit', value: unit }]),
    ...(steps === undefined
      ? []
      : [
          { id: 'thresholds', value: absolute(steps) },
          { id: 'custom.cellOptions', value: { type: 'color-text' } },
        ]),
    ...(words === undefined
      ? []
      : [
          {
            id: 'mappings',
            value: [
              { type: 'value', options: Object.fromEntries(Object.entries(words).map(([k, text]) => [k, { text }])) },
            ],
          },
        ]),
    ...(links === undefined ? [] : [{ id: 'links', value: links }]),
  ]
}

interface Drawing {
  readonly defaults: object
  readonly overrides?: readonly object[]
  readonly options: object
  readonly transformations?: readonly object[]
  /** Asks for now alone, not for the whole range. */
  readonly instant?: boolean
  readonly format?: 'time_series' | 'table'
}

function panelOf(type: string, said: Said, drawing: Drawing): Panel {
  const { title, description, unit, queries, width = 12, height = 8 } = said
  const { defaults, overrides = [], options, transformations, instant = false, format = 'time_series' } = drawing
  return {
    width,
    height,
    json: {
      type,
      title,
      description,
      datasource: SOURCE,
      fieldConfig: { defaults: { unit, ...defaults }, overrides },
      options,
      ...(transformations && { transformations }),
      targets: queries.map(({ expr, legend }, i) => ({
        refId: String.fromCharCode(65 + i),
        datasource: SOURCE,
        editorMode: 'code',
        expr,
        legendFormat: legend ?? '__auto',
        instant,
        range: !instant,
        format,
      })),
    },
  }
}

function absolute(steps: Steps): object {
  return { mode: 'absolute', steps }
}
