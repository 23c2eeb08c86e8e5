/** A stretch of rows, both ends inside. */
export interface ReportSpan {
  readonly from: number
  readonly to: number
}

export interface ReportAlarm extends ReportSpan {
  /** Features that spoke loudest, strongest first. */
  readonly features: readonly string[]
}

export interface ReportHost {
  readonly name: string
  /** By row, ms since the epoch, ascending. */
  readonly times: ArrayLike<number>
  /** By row, in units of the threshold in force: above 1 is an alarm; NaN where there is none. */
  readonly level: ArrayLike<number>
  readonly alarms: readonly ReportAlarm[]
  /** Known anomalies, where someone labelled them. */
  readonly segments?: readonly ReportSpan[]
  /** Loss by epoch of the training behind the scores. */
  readonly lossCurve?: { readonly train: readonly number[]; readonly validation: readonly number[] }
  /** Figures to print under the name, already formatted. */
  readonly facts?: readonly string[]
}

export interface EvaluateReport {
  readonly title: string
  readonly hosts: readonly ReportHost[]
}
