type Directives = Readonly<Record<string, readonly string[]>>

/** What our pages may load and do: what this server gives them. */
export const DIRECTIVES = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'"],
  connectSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
} as const satisfies Directives

/** The same with some directives otherwise, as the header says it. */
export function contentSecurityPolicy(changes: Partial<Record<keyof typeof DIRECTIVES, readonly string[]>>): string {
  const all: Directives = { ...DIRECTIVES, ...changes }
  return Object.entries(all)
    .map(([name, values]) => [name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), ...values].join(' '))
    .join(';')
}
