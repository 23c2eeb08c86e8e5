/**
 * A target is one thing under watch: a host or a service, told apart by its identity labels
 * (`instance` and `job` unless configured otherwise).
 */
export interface Target {
  /** `<instance>@<job>`, for example `web-1:9100@node`; the values of the identity labels joined by `@`. */
  readonly id: string
  /** Exactly the identity labels, in the order of the configuration. */
  readonly labels: Readonly<Record<string, string>>
}

export const DEFAULT_IDENTITY: readonly string[] = ['instance', 'job']

/** Builds the target of a label set; a missing identity label counts as the empty string, as in PromQL. */
export function targetOf(labels: Readonly<Record<string, string>>, identity: readonly string[]): Target {
  const own: Record<string, string> = Object.create(null)
  for (const name of identity) own[name] = Object.hasOwn(labels, name) ? labels[name] : ''
  return { id: identity.map((name) => own[name]).join('@'), labels: own }
}
