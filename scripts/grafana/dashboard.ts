import { type Heading, type Panel, SOURCE } from './panels.ts'

/** A choice at the top of a dashboard, filled from the values of a label. */
export interface Variable {
  readonly name: string
  readonly label: string
  /** Series whose label of this name has the choices. */
  readonly series: string
  /** One alone is chosen; otherwise several, all to begin with. */
  readonly single?: boolean
  /** What is chosen to begin with, where that is not all. */
  readonly chosen?: string
}

/** Marks on the time axis of every panel. */
export interface Annotation {
  readonly name: string
  readonly color: string
  readonly expr: string
  readonly title: string
}

export interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly variables: readonly Variable[]
  readonly annotations: readonly Annotation[]
  readonly panels: readonly (Panel | Heading)[]
}

const COLUMNS = 24

/** The dashboard as Grafana reads it from a file. Ids count from 1 in the order of the panels. */
export function dashboardJson({ uid, title, description, variables, annotations, panels }: Dashboard): object {
  return {
    uid,
    title,
    description,
    tags: ['homeostat'],
    editable: false,
    graphTooltip: 1,
    schemaVersion: 39,
    version: 1,
    refresh: '5s',
    time: { from: 'now-1h', to: 'now' },
    timepicker: { refresh_intervals: ['5s', '15s', '1m', '5m'] },
    links: [
      {
        type: 'dashboards',
        title: 'Homeostat',
        icon: 'external link',
        tooltip: '',
        tags: ['homeostat'],
        asDropdown: true,
        includeVars: true,
        keepTime: true,
        targetBlank: false,
      },
    ],
    templating: { list: [SOURCE_VARIABLE, ...variables.map(variableJson)] },
    annotations: { list: annotations.map(annotationJson) },
    panels: placed(panels),
  }
}

const SOURCE_VARIABLE = {
  name: 'datasource',
  label: 'Data source',
  type: 'datasource',
  query: 'prometheus',
  hide: 0,
  refresh: 1,
  current: {},
}

function variableJson({ name, label, series, single = false, chosen }: Variable): object {
  const query = `label_values(${series}, ${name})`
  const several = chosen === undefined ? { text: ['All'], value: ['$__all'] } : { text: [chosen], value: [chosen] }
  return {
    name,
    label,
    type: 'query',
    datasource: SOURCE,
    definition: query,
    query: { query, refId: name },
    // When the time range changes: hosts come and go.
    refresh: 2,
    sort: 1,
    multi: !single,
    includeAll: !single,
    ...(single ? {} : { allValue: '.*' }),
    // Of one alone the first that there is.
    current: single ? {} : several,
  }
}

function annotationJson({ name, color, expr, title }: Annotation): object {
  return {
    name,
    datasource: SOURCE,
    enable: true,
    iconColor: color,
    expr,
    step: '15s',
    titleFormat: title,
    target: { expr, interval: '15s', refId: 'Anno' },
  }
}

/** Panels side by side as long as there is room, below each other then; a heading begins anew. */
function placed(panels: readonly (Panel | Heading)[]): object[] {
  let [x, y, height] = [0, 0, 0]
  return panels.map((panel, index) => {
    const id = index + 1
    const [w, h] = 'heading' in panel ? [COLUMNS, 1] : [panel.width, panel.height]
    if (x + w > COLUMNS) [x, y, height] = [0, y + height, 0]
    const gridPos = { x, y, w, h }
    x += w
    height = Math.max(height, h)
    return 'heading' in panel
      ? { id, type: 'row', title: panel.heading, collapsed: false, gridPos, panels: [] }
      : { id, ...panel.json, gridPos }
  })
}
